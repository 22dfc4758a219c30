// The visible part of a model for a state of the page: what graphflow/viewer/visible.py computes, for pages without a server.

import { KINDS, ancestors, children, find, typesOf } from "./model.js";

const INFERRED = new Set(["series", "block"]);

/** The view for a state (see source_http.js for its fields). gone: null, or numbers of the items that a query hides. */
export function viewOf(tree, state = {}, gone = null) {
  const root = state.root || 0;
  const { expanded, missing } = resolve(tree, state);
  const now = settings(tree, state);
  if (gone) Object.assign(now, leftOf(tree, gone));
  if (state.first) for (const item of first(tree, root, now)) expanded.add(item);
  now.leftOut = state.flat ? leftOut(tree, root, expanded) : new Set();
  const { boxes, shelf, opened } = visible(tree, root, expanded, now);
  const drawn = boxes.filter((item) => !opened.has(item));
  const ends = [...drawn, ...shelf].sort((a, b) => a - b);
  const pairs = bundles(tree, new Set([...opened, ...now.leftOut, root]), ends, now, now.gone);
  const onShelf = new Set(shelf);
  const main = pairs.filter((p) => !onShelf.has(p.from) && !onShelf.has(p.to));
  const result = {
    root, expanded: [...opened].sort((a, b) => a - b), missing,
    paths: [...new Set([...opened, ...now.out, ...now.back, ...now.hide, root])].filter((i) => i).sort((a, b) => a - b).map((i) => [i, tree.path[i]]),
    boxes: boxes.map((item) => box(tree, item, opened.has(item), now)),
    edges: main.map((p) => edge(tree, p)),
    aside: shelf.map((item) => box(tree, item, false, now)),
    asideEdges: pairs.filter((p) => onShelf.has(p.from) !== onShelf.has(p.to)).map((p) => edge(tree, p)),
  };
  result.direction = direction(tree.limits, result, drawn, state.dir || "auto");
  result.total = { ops: tree.leaves[root], boxes: drawn.length, edges: main.length, aside: shelf.length };
  return result;
}

/** The boxes of the children of a group, closed. */
export function outlineOf(tree, item) {
  return children(tree, item).map((child) => box(tree, child, false, settings(tree, {})));
}

function resolve(tree, state) {
  const expanded = new Set((state.expanded || []).filter((i) => i > 0 && i < tree.n));
  const missing = [];
  for (const path of state.expandedPaths || []) {
    const item = find(tree, path);
    if (item === null) missing.push(path);
    else expanded.add(item);
  }
  for (const item of expanded) if (tree.kind[item] === 0) expanded.delete(item);
  return { expanded, missing };
}

function settings(tree, state) {
  const out = new Set(state.out || []);
  const back = new Set(state.back || []);
  const hide = new Set(state.hide || []);
  if (!out.size && !back.size) return { aside: tree.aside, out, back, hide };
  const aside = tree.aside.slice();
  const user = tree.codes.indexOf("user");
  const sorted = (set) => [...set].sort((a, b) => a - b);
  for (const item of sorted(back)) aside.fill(0, item, tree.end[item]);
  for (const item of sorted(out)) aside.fill(user, item, tree.end[item]);
  for (const item of sorted(back)) for (const above of ancestors(tree, item)) aside[above] = 0;
  return { aside, out, back, hide };
}

function leftOf(tree, items) {
  const gone = new Uint8Array(tree.n);
  for (const item of items) gone[item] = 1;
  const left = new Int32Array(tree.n + 1);
  for (let i = 0; i < tree.n; i++) left[i + 1] = left[i] + (tree.kind[i] === 0 && !gone[i] ? 1 : 0);
  return { gone, left };
}

// the inferred groups on screen that are replaced by what is in them: all of a level, or none where that would be too much
function leftOut(tree, root, expanded) {
  const found = new Set();
  const inferred = (item) => INFERRED.has(KINDS[tree.kind[item]]);
  for (const level of [root, ...[...expanded].filter((group) => !inferred(group))]) {
    const here = [];
    let count = 0;
    for (let at = level + 1; at < tree.end[level] && count <= tree.limits.flat; ) {
      if (inferred(at) && !tree.aside[at]) {
        here.push(at);
        at += 1;
      } else {
        count += 1;
        at = tree.end[at];
      }
    }
    if (count <= tree.limits.flat) for (const item of here) found.add(item);
  }
  return found;
}

function visible(tree, root, expanded, now) {
  const boxes = [];
  const shelf = [];
  const opened = new Set();
  for (let at = root + 1; at < tree.end[root]; ) {
    if (now.hide.has(at) || (now.left && now.left[tree.end[at]] === now.left[at])) {
      at = tree.end[at];
    } else if (now.leftOut.has(at)) {
      at += 1;
    } else if (expanded.has(at)) {
      opened.add(at);
      boxes.push(at);
      at += 1;
    } else {
      (now.aside[at] && !now.back.has(at) ? shelf : boxes).push(at);
      at = tree.end[at];
    }
  }
  return { boxes, shelf, opened };
}

function lowerBound(values, wanted) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bundles(tree, opened, ends, now, gone = null) {
  const count = ends.length;
  const at = (item) => {
    const i = lowerBound(ends, item + 1) - 1;
    return i >= 0 && item < tree.end[ends[i]] ? i : -1;
  };
  const found = new Map();
  for (const group of [...opened].sort((a, b) => a - b)) {
    const stop = lowerBound(tree.meets, group + 1);
    for (let row = lowerBound(tree.meets, group); row < stop; row++) {
      const src = tree.src[row];
      const dst = tree.dst[row];
      const a = at(src);
      const b = at(dst);
      if (a < 0 || b < 0 || (a === b && src !== dst)) continue;
      if ((now.aside[src] && !now.aside[ends[a]]) || (now.aside[dst] && !now.aside[ends[b]])) continue;
      if (gone && (gone[src] || gone[dst])) continue;
      const key = a * count + b;
      let bundle = found.get(key);
      if (!bundle) found.set(key, (bundle = { key, from: ends[a], to: ends[b], count: 0, control: true, rows: [] }));
      bundle.count += 1;
      bundle.control = bundle.control && tree.port[row] < 0;
      if (bundle.rows.length < 8) bundle.rows.push(row);
    }
  }
  return [...found.values()].sort((a, b) => a.key - b.key);
}

function first(tree, root, now) {
  const opened = new Set();
  let shown = children(tree, root).filter((c) => !now.aside[c]);
  while (shown.length < tree.limits.few) {
    const room = tree.limits.first - shown.length + 1;
    const groups = shown.filter((c) => tree.kind[c] !== 0).sort((a, b) => tree.leaves[b] - tree.leaves[a] || a - b);
    const chosen = groups.find((group) => {
      const inside = children(tree, group).filter((c) => !now.aside[c]);
      return inside.length && inside.length <= room && readable(tree, new Set([...opened, root, group]), now, shown, inside, group);
    });
    if (chosen === undefined) break;
    opened.add(chosen);
    shown = [...shown.filter((c) => c !== chosen), ...children(tree, chosen).filter((c) => !now.aside[c])];
  }
  return opened;
}

function readable(tree, opened, now, shown, inside, group) {
  const ends = [...shown.filter((c) => c !== group), ...inside].sort((a, b) => a - b);
  const { deep, wide } = extent(ends, bundles(tree, opened, ends, now).filter((p) => p.from !== p.to));
  const { ranks, wide: most } = tree.limits;
  return (deep <= ranks - 2 && wide <= most - 2) || (deep <= Math.floor(most / 2) && wide <= ranks + 2);
}

function extent(ends, pairs) {
  const place = new Map(ends.map((item, i) => [item, i]));
  const ranks = layers(ends.length, pairs.map((p) => place.get(p.from)), pairs.map((p) => place.get(p.to)));
  const rows = [];
  for (const rank of ranks) rows[rank] = (rows[rank] || 0) + 1;
  return { deep: rows.length, wide: Math.max(0, ...rows.map((r) => r || 0)) };
}

// The layer of each of n nodes: the longest way to it, edges that would close a cycle left out.
function layers(n, a, b) {
  const out = Array.from({ length: n }, () => []);
  const waits = new Array(n).fill(0);
  a.forEach((x, i) => {
    out[x].push(b[i]);
    waits[b[i]] += 1;
  });
  const rank = new Array(n).fill(0);
  const done = new Array(n).fill(false);
  const ready = [];
  for (let i = 0; i < n; i++) if (!waits[i]) ready.push(i);
  for (let left = n, low = 0; left; ) {
    if (!ready.length) {
      while (done[low]) low += 1;
      ready.push(low);
    }
    const i = ready.pop();
    if (done[i]) continue;
    done[i] = true;
    left -= 1;
    for (const j of out[i]) {
      if (done[j]) continue;
      rank[j] = Math.max(rank[j], rank[i] + 1);
      waits[j] -= 1;
      if (!waits[j]) ready.push(j);
    }
  }
  return rank;
}

function direction(limits, result, drawn, wanted) {
  if (wanted === "TB" || wanted === "LR") return wanted;
  if (!drawn.length) return "TB";
  const { deep, wide } = extent(drawn, result.edges.filter((e) => e.from !== e.to));
  const width = result.boxes.reduce((sum, b) => sum + b.w, 0) / Math.max(1, result.boxes.length);
  const down = Math.min(limits.window / (wide * (width + limits.down[0])), 1 / (deep * limits.down[1]));
  const across = Math.min(limits.window / (deep * (width + limits.across[0])), 1 / (wide * limits.across[1]));
  return across > limits.clearly * down ? "LR" : "TB";
}

// what does not depend on the state stands in the file, computed by boxes.py
function box(tree, item, open, now) {
  const kind = KINDS[tree.kind[item]];
  const code = tree.codes[now.out.has(item) ? tree.codes.indexOf("user") : now.back.has(item) ? 0 : tree.aside[item]];
  let above = tree.parent[item];
  while (now.leftOut && now.leftOut.has(above)) above = tree.parent[above];
  return {
    id: item, parent: above, path: tree.path[item], label: tree.label[item], kind, open, ops: tree.leaves[item],
    children: kind === "op" ? 0 : children(tree, item).length, ...tree.looks[tree.lookOf[item]], w: tree.w[item], h: tree.height, count: tree.count[item], aside: code || null, reason: tree.reasons[code] || null, time: null, memory: null,
    diff: tree.diff ? { state: tree.diff[item] } : null,
  };
}

function edge(tree, { from, to, count, control, rows }) {
  const slots = rows.map((r) => [tree.src[r], tree.port[r], tree.dst[r], tree.slot[r]]);
  const labels = new Set();
  let total = 0;
  let dtype = "";
  for (const [src, port] of slots) {
    const type = port >= 0 ? typesOf(tree, src)[port] : undefined;
    if (!type) continue;
    dtype = type.dtype;
    if (type.label !== null) labels.add(type.label);
    total += type.bytes;
  }
  return { from, to, count, control, label: labels.size === 1 ? [...labels][0] : "", dtype, bytes: total, slots, diff: tree.diff ? edgeState(tree, rows) : null };
}

function edgeState(tree, rows) {
  const states = new Set(rows.map((row) => tree.edgeDiff.get(row) || null));
  return states.size === 1 ? [...states][0] : "changed";
}
