// Cards, traces and search for pages without a server: the same answers as graphflow/viewer/cards.py, trace.py and search.py.

import { KINDS, ancestors, children, find, typesOf } from "./model.js";

const MOST = 50;

const ref = (tree, item) => ({ id: item, path: tree.path[item] });

/** The card of an item (a number, or a name). */
export function cardOf(tree, wanted) {
  const item = typeof wanted === "string" ? (find(tree, wanted) ?? find(tree, wanted + "/")) : wanted;
  if (item === null) throw new Error(`the graph holds nothing called ${wanted}`);
  const kind = KINDS[tree.kind[item]];
  const code = tree.codes[tree.aside[item]];
  const path = tree.path[item];
  const common = {
    id: item, path, name: kind === "op" ? path : path.replace(/\/+$/, ""), label: tree.label[item], kind,
    parents: ancestors(tree, item).map((up) => ({ ...ref(tree, up), label: tree.label[up] })), aside: code || null,
    reason: tree.reasons[code] || null, profile: [], summary: [], diff: tree.diff ? { state: tree.diff[item] } : null, note: tree.notes.get(item) || "", more: 0, op: "", device: "", inputs: [],
    controls: [], outputs: [], controlOutputs: [], attrs: [], source: null, partners: [], dead: false, ops: tree.leaves[item], children: 0,
    histogram: [], parameters: null, members: [],
  };
  return Object.assign(common, kind === "op" ? opCard(tree, item) : groupCard(tree, item));
}

function tensor(tree, src, port) {
  const type = typesOf(tree, src)[port];
  return { ...ref(tree, src), tensor: `${tree.path[src]}:${port}`, port, type: type ? type.text : "" };
}

function rowsWhere(tree, test) {
  const out = [];
  for (let row = 0; row < tree.src.length; row++) if (test(row)) out.push(row);
  return out;
}

function opCard(tree, item) {
  const incoming = rowsWhere(tree, (r) => tree.dst[r] === item).sort((a, b) => tree.slot[a] - tree.slot[b]);
  const outgoing = rowsWhere(tree, (r) => tree.src[r] === item);
  const data = incoming.filter((r) => tree.port[r] >= 0);
  const op = tree.ops[tree.op[item]];
  return {
    op, device: tree.devices[tree.device[item]],
    inputs: data.slice(0, MOST).map((r) => tensor(tree, tree.src[r], tree.port[r])),
    controls: incoming.filter((r) => tree.port[r] < 0).slice(0, MOST).map((r) => ref(tree, tree.src[r])),
    outputs: outputs(tree, item, outgoing),
    controlOutputs: outgoing.filter((r) => tree.port[r] < 0).slice(0, MOST).map((r) => ref(tree, tree.dst[r])),
    attrs: tree.attrs[item] >= 0 ? tree.attrTable[tree.attrs[item]] : [],
    source: tree.source[item] >= 0 ? tree.sourceTable[tree.source[item]] : null, partners: partners(tree, tree.path[item]),
    dead: tree.free[tree.op[item]] && !outgoing.length, more: Math.max(0, data.length - MOST),
  };
}

function reader(tree, row) {
  return { ...ref(tree, tree.dst[row]), slot: tree.slot[row] };
}

function outputs(tree, item, rows) {
  const types = typesOf(tree, item);
  const count = Math.min(MOST, Math.max(types.length, ...rows.map((r) => tree.port[r] + 1), 0));
  return Array.from({ length: count }, (_, port) => {
    const readers = rows.filter((r) => tree.port[r] === port);
    return { tensor: `${tree.path[item]}:${port}`, port, type: types[port] ? types[port].text : "",
      consumers: readers.slice(0, MOST).map((r) => reader(tree, r)), more: Math.max(0, readers.length - MOST) };
  });
}

function partners(tree, name) {
  const match = /^(?:.*\/)?gradients(?:_\d+)?\/(.+)_grad\//.exec(name);
  if (match) {
    const item = find(tree, match[1]);
    return item === null ? [] : [ref(tree, item)];
  }
  if (name.includes("_grad/")) return [];
  for (const scope of ["gradients", "gradients_1"]) {
    const prefix = `${scope}/${name}_grad/`;
    const group = find(tree, prefix);
    if (group === null) {      // a scope of one op is no group
      const only = tree.path.filter((path) => path.startsWith(prefix)).sort()[0];
      if (only === undefined) continue;
      return [ref(tree, find(tree, only))];
    }
    const ops = [];
    for (let i = group + 1; i < tree.end[group] && ops.length < 8; i++) if (tree.kind[i] === 0) ops.push(ref(tree, i));
    return ops;
  }
  return [];
}

function groupCard(tree, item) {
  const end = tree.end[item];
  const inside = (i) => i >= item && i < end;
  const entering = rowsWhere(tree, (r) => inside(tree.dst[r]) && !inside(tree.src[r]));
  const leaving = rowsWhere(tree, (r) => inside(tree.src[r]) && !inside(tree.dst[r]));
  const members = children(tree, item);
  const kind = KINDS[tree.kind[item]];
  return {
    children: members.length, histogram: tally(tree, item, end), parameters: tree.parameters.get(item),
    inputs: crossing(tree, entering), outputs: leavingTensors(tree, leaving),
    controls: [...new Set(entering.filter((r) => tree.port[r] < 0).map((r) => tree.src[r]))].sort((a, b) => a - b).slice(0, MOST)
      .map((i) => ref(tree, i)),
    members: members.slice(0, MOST).map((i) => ({ ...ref(tree, i), label: tree.label[i] })), more: Math.max(0, members.length - MOST),
    note: tree.kindNotes[kind] || "",
  };
}

function tally(tree, item, end) {
  const counts = new Map();
  for (let i = item; i < end; i++) if (tree.kind[i] === 0) counts.set(tree.op[i], (counts.get(tree.op[i]) || 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([op, count]) => [tree.ops[op], count]);
}

function tensors(tree, rows) {
  const found = new Map();
  for (const r of rows) {
    if (tree.port[r] < 0) continue;
    const key = tree.src[r] * 65536 + tree.port[r];
    if (!found.has(key)) found.set(key, []);
    found.get(key).push(r);
  }
  return [...found].sort((a, b) => a[0] - b[0]).slice(0, MOST).map(([, list]) => list);
}

function crossing(tree, rows) {
  return tensors(tree, rows).map(([r]) => tensor(tree, tree.src[r], tree.port[r]));
}

function leavingTensors(tree, rows) {
  return tensors(tree, rows).map((list) => ({ ...tensor(tree, tree.src[list[0]], tree.port[list[0]]),
    consumers: list.slice(0, MOST).map((r) => reader(tree, r)), more: Math.max(0, list.length - MOST) }));
}

function neighbours(tree, forward) {
  const key = forward ? "forward" : "backward";
  if (!tree[key]) {
    const [from, to] = forward ? [tree.src, tree.dst] : [tree.dst, tree.src];
    const starts = new Int32Array(tree.n + 1);
    for (const i of from) starts[i + 1] += 1;
    for (let i = 0; i < tree.n; i++) starts[i + 1] += starts[i];
    const fill = starts.slice();
    const list = new Int32Array(from.length);
    from.forEach((i, row) => (list[fill[i]++] = to[row]));
    tree[key] = { starts, list };
  }
  return tree[key];
}

function reach(tree, item, forward) {
  const { starts, list } = neighbours(tree, forward);
  const seen = new Uint8Array(tree.n);
  const stack = [];
  for (let i = item; i < tree.end[item]; i++) if (tree.kind[i] === 0) stack.push(i);
  for (const i of stack) seen[i] = 1;
  while (stack.length) {
    const at = stack.pop();
    for (let k = starts[at]; k < starts[at + 1]; k++) {
      if (!seen[list[k]]) {
        seen[list[k]] = 1;
        stack.push(list[k]);
      }
    }
  }
  return seen;
}

/** What a view shows of the ops that `from` depends on (dir "in"), that depend on it ("out"), or between it and `to`. */
export function traceOf(tree, view, { from, to = null, dir = "in" }) {
  const flags = new Uint8Array(tree.n);
  const both = (a, b) => a.forEach((f, i) => (flags[i] |= f & b[i]));
  if (to !== null) {
    both(reach(tree, from, true), reach(tree, to, false));
    both(reach(tree, from, false), reach(tree, to, true));
  } else {
    if (dir !== "out") reach(tree, from, false).forEach((f, i) => (flags[i] |= f));
    if (dir !== "in") reach(tree, from, true).forEach((f, i) => (flags[i] |= f));
  }
  const sums = new Int32Array(tree.n + 1);
  flags.forEach((f, i) => (sums[i + 1] = sums[i] + f));
  const boxes = [...view.boxes, ...view.aside].map((b) => b.id).filter((id) => sums[tree.end[id]] > sums[id]);
  const known = new Set(boxes);
  const edges = [...view.edges, ...view.asideEdges].filter((e) => known.has(e.from) && known.has(e.to)).map((e) => [e.from, e.to]);
  return { ops: sums[tree.n], boxes: boxes.sort((a, b) => a - b), edges, found: sums[tree.n] > 0 };
}

const FIELDS = new Set(["op", "scope", "shape", "dtype", "device", "dead", "is"]);

/** Numbers of all items that a query finds, in the graph's order. */
export function matching(tree, query) {
  return candidates(tree, parse(query));
}

function candidates(tree, { words, filters }) {
  let hits = [];
  const opsOnly = filters.length > 0 && !filters.some(([name]) => name === "is");
  const tests = filters.map(([name, value]) => filter(tree, name, value));
  for (let i = 1; i < tree.n; i++) if ((!opsOnly || tree.kind[i] === 0) && tests.every((test) => test(i))) hits.push(i);
  for (const word of words) hits = fuzzy(tree, hits, word);
  return hits;
}

/** Ranked hits of a query, as search.py gives them. */
export function searchOf(tree, query, { limit = 50, offset = 0 } = {}) {
  const began = performance.now();
  const { words, filters, unknown } = parse(query);
  const hits = candidates(tree, { words, filters });
  const total = hits.length;
  let ranked = hits.map((id) => ({ id, score: 0, ranges: [] }));
  if (words.length) {
    for (const hit of ranked) {
      for (const word of words) {
        const [score, ranges] = scoreWord(lower(tree)[hit.id], word);
        hit.score += score;
        hit.ranges.push(...ranges);
      }
      hit.ranges.sort((a, b) => a[0] - b[0]);
    }
    ranked.sort((a, b) => b.score - a.score || a.id - b.id);
  }
  ranked = ranked.slice(offset, offset + limit).map(({ id, score, ranges }) => ({
    id, path: tree.path[id], op: tree.kind[id] === 0 ? tree.ops[tree.op[id]] : "", kind: KINDS[tree.kind[id]],
    score: Math.round(score * 100) / 100, ranges, parents: ancestors(tree, id) }));
  return { query, total, ms: performance.now() - began, unknown, hits: ranked };
}

function parse(query) {
  const words = [];
  const filters = [];
  const unknown = [];
  for (const part of query.split(/\s+/).filter(Boolean)) {
    const colon = part.indexOf(":");
    const name = colon < 0 ? "" : part.slice(0, colon);
    const value = part.slice(colon + 1);
    if (FIELDS.has(name.toLowerCase())) filters.push([name.toLowerCase(), value.toLowerCase()]);
    else if (/^\p{L}+$/u.test(name) && value && !/^\d+$/.test(value)) unknown.push(name + ":");
    else words.push(part.toLowerCase());
  }
  return { words, filters, unknown };
}

function lower(tree) {
  if (!tree.lower) tree.lower = tree.path.map((p) => p.toLowerCase());
  return tree.lower;
}

function filter(tree, name, value) {
  if (name === "op") {
    const ops = tree.ops.map((op) => op.toLowerCase());
    const exact = ops.includes(value);
    const wanted = ops.map((op) => (exact ? op === value : op.includes(value)));
    return (i) => tree.kind[i] === 0 && wanted[tree.op[i]];
  }
  if (name === "device") return (i) => tree.kind[i] === 0 && (value ? tree.devices[tree.device[i]].toLowerCase().includes(value) : !tree.devices[tree.device[i]]);
  if (name === "scope") return (i) => lower(tree)[i].startsWith(value) || lower(tree)[i].includes("/" + value);
  if (name === "is") return { aside: (i) => tree.aside[i] > 0, group: (i) => tree.kind[i] !== 0, op: (i) => tree.kind[i] === 0 }[value] || (() => false);
  if (name === "dead") {
    const { starts } = neighbours(tree, true);
    const dead = (i) => tree.kind[i] === 0 && tree.free[tree.op[i]] && starts[i + 1] === starts[i];
    return ["yes", "true", "1", ""].includes(value) ? dead : (i) => tree.kind[i] === 0 && !dead(i);
  }
  const shape = value.replace(/^[[\]]+|[[\]]+$/g, "").replaceAll(", ", "x").replaceAll(",", "x");
  return (i) => typesOf(tree, i).some((type) => (name === "dtype" ? type.dtype === value : type.shape === value || type.shape === shape));
}

function fuzzy(tree, hits, word) {
  const names = lower(tree);
  // as on the server: letters in order count only when no name at all holds the word
  if (names.some((name) => name.includes(word))) return hits.filter((i) => names[i].includes(word));
  return hits.filter((i) => {
    let at = 0;
    for (const letter of word) {
      at = names[i].indexOf(letter, at) + 1;
      if (!at) return false;
    }
    return true;
  });
}

function scoreWord(path, word) {
  const bare = path.replace(/\/+$/, "");
  const label = bare.slice(bare.lastIndexOf("/") + 1);
  let at = label.includes(word) ? path.lastIndexOf(word) : path.indexOf(word);
  if (at >= 0) {
    const start = at === 0 || !/[\p{L}\p{N}]/u.test(path[at - 1]);
    const score = label === word ? 100 : label.startsWith(word) ? 80 : start ? 60 : 40;
    return [score - Math.min(path.length, 200) * 0.05, [[at, at + word.length]]];
  }
  const ranges = [];
  at = 0;
  for (const letter of word) {
    at = path.indexOf(letter, at);
    if (at < 0) return [0, []];
    if (ranges.length && ranges[ranges.length - 1][1] === at) ranges[ranges.length - 1][1] = at + 1;
    else ranges.push([at, at + 1]);
    at += 1;
  }
  return [20 - ranges.length - Math.min(path.length, 200) * 0.05, ranges];
}
