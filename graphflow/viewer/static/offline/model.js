// A graph's tree from the blob of an offline page (graphflow/viewer/offline.py writes it): typed arrays, as graph_tree.py holds them.

export const KINDS = ["op", "scope", "series", "block", "aside", "function"];
const OP = 0;
const SCOPE = 1;
const FUNCTION = 5;

function sums(deltas) {
  let at = 0;
  return Int32Array.from(deltas, (d) => (at += d));
}

/** The tree of one graph's blob. */
export function openModel(blob) {
  const n = blob.kind.length;
  const tree = {
    n, kind: Uint8Array.from(blob.kind), end: Int32Array.from(blob.size, (s, i) => s + i), op: new Int32Array(n).fill(-1),
    device: new Int32Array(n).fill(-1), aside: Uint8Array.from(blob.aside), count: new Int32Array(n).fill(1),
    parent: new Int32Array(n).fill(-1), leaves: new Int32Array(n), types: new Int32Array(n).fill(-1), attrs: new Int32Array(n).fill(-1),
    source: new Int32Array(n).fill(-1), ops: blob.ops, devices: blob.devices, codes: blob.codes, reasons: blob.reasons, free: blob.free,
    lookOf: Int32Array.from(blob.looks), looks: blob.lookTable, w: Uint8Array.from(blob.w), height: blob.height, limits: blob.limits,
    parameters: new Map(), kindNotes: blob.kindNotes,
    typeTable: blob.typeTable, attrTable: blob.attrTable, sourceTable: blob.sourceTable, stats: blob.stats, stamp: blob.stamp,
    path: new Array(n), label: new Array(n),
  };
  let at = 0;
  let groups = 0;
  for (let i = 0; i < n; i++) {
    if (tree.kind[i] !== OP) {
      tree.parameters.set(i, blob.parameters[groups++]);
      continue;
    }
    tree.op[i] = blob.op[at];
    tree.device[i] = blob.device.length ? blob.device[at] : 0;
    tree.types[i] = blob.types[at];
    tree.attrs[i] = blob.attrs[at];
    if (blob.source.length) tree.source[i] = blob.source[at];
    at++;
  }
  for (const [item, count] of blob.count) tree.count[item] = count;
  parents(tree);
  names(tree, blob);
  tree.meets = sums(blob.meets);
  tree.dst = Int32Array.from(blob.dst, (d, i) => d + tree.meets[i]);
  tree.src = Int32Array.from(blob.src, (s, i) => tree.dst[i] - s);
  tree.port = Int32Array.from(blob.port);
  tree.slot = Int32Array.from(blob.slot);
  tree.diff = blob.diff || null; // of a union of two graphs: the state of each item, those of edges, and what is told of items
  tree.edgeDiff = new Map(blob.edgeDiff || []);
  tree.notes = new Map(blob.notes || []);
  return tree;
}

function parents(tree) {
  const open = [];
  for (let i = 0; i < tree.n; i++) {
    while (open.length && tree.end[open[open.length - 1]] <= i) open.pop();
    if (open.length) tree.parent[i] = open[open.length - 1];
    if (tree.end[i] > i + 1 || tree.kind[i] !== OP) open.push(i);
  }
  for (let i = tree.n - 1; i >= 0; i--) {
    if (tree.kind[i] === OP) tree.leaves[i] = 1;
    if (i) tree.leaves[tree.parent[i]] += tree.leaves[i];
  }
}

// A path is that of the nearest scope around the item (or the start of it, see `cut`) and the item's own tail.
function names(tree, blob) {
  const scope = new Array(tree.n).fill("");
  const [at, keep] = blob.cut;
  const cut = new Map(Array.from(sums(at), (item, i) => [item, keep[i]]));
  for (let i = 0; i < tree.n; i++) {
    const above = i ? scope[tree.parent[i]] : "";
    const start = cut.has(i) ? above.slice(0, cut.get(i)) : above;
    const tail = blob.tail[i];
    tree.path[i] = start + tail;
    scope[i] = tree.kind[i] === SCOPE || tree.kind[i] === FUNCTION ? tree.path[i] : above;
    tree.label[i] = tree.kind[i] === OP ? tail : bare(tail);
  }
}

function bare(tail) {
  let text = tail.endsWith("/") ? tail.slice(0, -1) : tail;
  if (text.startsWith("{")) text = text.slice(1);
  return text.endsWith("}") ? text.slice(0, -1) : text;
}

/** The children of an item. */
export function children(tree, item) {
  const out = [];
  for (let at = item + 1; at < tree.end[item]; at = tree.end[at]) out.push(at);
  return out;
}

/** The groups over an item, outermost first, without the root. */
export function ancestors(tree, item) {
  const out = [];
  for (let at = tree.parent[item]; at > 0; at = tree.parent[at]) out.unshift(at);
  return out;
}

/** The item of a path, or null. */
export function find(tree, path) {
  if (!tree.byPath) {
    tree.byPath = new Map();
    for (let i = tree.n - 1; i >= 0; i--) tree.byPath.set(tree.path[i], i);
  }
  return tree.byPath.has(path) ? tree.byPath.get(path) : null;
}

/** [{dtype, shape, text, label, bytes}, ...] of an op's outputs. */
export function typesOf(tree, item) {
  return tree.types[item] >= 0 ? tree.typeTable[tree.types[item]] : [];
}
