// The graph page: what is open, hidden, selected and traced; every change goes through `change`, so that it can be undone,
// drawn, linked to and walked back to.

import { clean } from "../dot.js";
import { cameraOf, cameraText } from "./address.js";
import { showCard } from "./card.js";
import { MODES } from "./colors.js";
import { amount, byId, h, put } from "./dom.js";
import { layoutOf } from "./layout.js";
import { drawOutline, markOutline } from "./outline.js";
import { makePicture } from "./picture.js";
import { siblingOf, stepOf } from "./walk.js";

const SETS = ["expanded", "out", "back", "hide"];
const WAYS = ["", "in", "out", "both"];
const TOLD = { in: "lead here", out: "depend on this", both: "are connected with this", path: "lie between the two" };

/** shown: the view on screen; traced: its traced part; trace: {mode, from, to} or null; picking: where a path is to start, or null. */
export const state = {
  gid: null, expanded: new Set(), root: 0, out: new Set(), back: new Set(), hide: new Set(), hideQuery: "", flat: false, sel: null, color: "op", profile: null,
  first: true, shown: null, traced: null, trace: null, picking: null, picture: null, paths: new Map(),
};
const page = { source: null, status: () => {}, remember: () => {}, lastProfile: () => null, openGraph: async () => {} };
const done = [];
const undone = [];
let showing = 0;

/** Joins the page: source, status(text), remember(push), lastProfile(), openGraph(). */
export function connect(parts) {
  Object.assign(page, parts);
  let settled = 0;
  state.picture = makePicture(byId("canvas"), {
    select: (id, event) => (state.picking !== null || (event && event.shiftKey && state.sel !== null) ? pick(id) : select(id)),
    toggle,
    moved: () => {
      clearTimeout(settled);
      settled = setTimeout(() => { if (state.shown) drawLegend(); page.remember(false); }, 150);
    },
  });
}

export const boxOf = (id) => (state.shown ? state.shown.boxes.find((b) => b.id === id) || state.shown.aside.find((b) => b.id === id) || null : null);
// what takes long is done in pieces: keys and frames get their turn in between
const pause = () => new Promise((go) => { const { port1, port2 } = new MessageChannel(); port1.onmessage = go; port2.postMessage(0); });

function request() {
  return { expanded: [...state.expanded], root: state.root, out: [...state.out], back: [...state.back], hide: [...state.hide], hideQuery: state.hideQuery, flat: state.flat, profile: state.profile, first: state.first };
}

/** Draws the state. anchor: an item that stays where it is; fit: show it all; push: a step to which Back leads. */
export async function show(anchor = null, fit = false, push = false) {
  const number = ++showing;
  const view = await page.source.view(state.gid, request());
  if (number !== showing) return;
  const layout = await layoutOf(view);
  await pause();
  if (number !== showing) return;
  state.first = false;
  for (const button of document.querySelectorAll("[data-act=regroup]")) button.setAttribute("aria-pressed", String(!state.flat));
  state.expanded = new Set(view.expanded);
  state.shown = view;
  for (const [id, path] of view.paths) state.paths.set(id, path);
  for (const box of view.boxes) state.paths.set(box.id, box.path);
  for (const box of view.aside) state.paths.set(box.id, box.path);
  state.picture.draw(view, layout, state.color, anchor);
  if (fit) state.picture.fit(true);
  mark();
  if (!document.body.hasAttribute("data-graph-ready")) performance.mark("graph-ready");
  document.body.setAttribute("data-graph-ready", "true");
  page.status(`${amount(view.total.ops)} ops; ${view.total.boxes} boxes, ${view.total.edges} edges shown` + (view.total.aside ? `, ${view.total.aside} put aside` : ""));
  page.remember(push);
  await pause();
  if (number !== showing) return;
  outline();
  await pause();
  if (number !== showing) return;
  drawLegend();
  shelf();
  crumbs(null);
  if (state.trace) await retrace();
}

function outline() {
  drawOutline(byId("outline"), state.shown, state.sel, { select, toggle });
}

function mark() {
  state.picture.mark(state.sel, state.traced);
}

function drawLegend() {
  const { words, control } = state.picture.legend();
  put(byId("legend"), words.slice(0, 14).map(([word, fill]) => {
    const swatch = h("i", {});
    swatch.style.background = fill;
    return h("span", {}, swatch, clean(word));
  }), ["added", "removed", "changed", "rewired", "renamed"].filter((kind) => state.shown.boxes.some((b) => b.diff && b.diff.state === kind)).map((kind) => h("span", { class: `outlined diff-${kind}` }, kind)), control ? h("span", {}, "- - control") : "");
}

function shelf() {
  const host = byId("shelf");
  const { aside } = state.shown;
  const hidden = [...state.hide].map((id) => h("div", {}, h("button", { title: "Show again", onclick: () => change(() => state.hide.delete(id), null) }, `${clean(state.paths.get(id) || String(id))} · hidden`)));
  if (state.hideQuery) hidden.unshift(h("div", {}, h("button", { title: "Show again", onclick: () => change(() => (state.hideQuery = "")) }, `${clean(state.hideQuery)} · hidden`)));
  const rows = [...hidden, ...aside.map((b) => h("div", {}, h("button", { title: clean(`${b.path}\n${b.reason}`), onclick: () => select(b.id) }, `${clean(b.label)} · ${b.aside}`)))];
  if (!rows.length) return host.replaceChildren();
  const title = [aside.length ? `${aside.length} put aside` : "", hidden.length ? `${hidden.length} hidden` : ""].filter(Boolean).join(", ");
  return host.replaceChildren(h("details", { open: rows.length <= 6 && innerWidth > 800 }, h("summary", {}, title), rows));
}

// the way to the selection, or to the group that is shown alone
async function crumbs(card) {
  const id = state.sel ?? (state.root || null);
  const found = id === null ? null : card || (await page.source.node(state.gid, id));
  if (id !== (state.sel ?? (state.root || null))) return;
  const step = (ref, text) => h("button", { onclick: () => alone(ref ? ref.id : 0), "aria-current": (ref ? ref.id : 0) === state.root ? "location" : null }, clean(text));
  put(byId("crumbs"), step(null, "graph"), ...(found ? found.parents.flatMap((ref) => [" / ", step(ref, ref.label)]) : []), found ? [" / ", id === state.root ? step(found, found.label) : clean(found.label)] : "");
}

/** Selects an item (null: nothing) and shows its card. */
export async function select(id, push = false) {
  const { trace: before } = state;
  state.sel = id;
  mark();
  page.remember(push);
  await pause();
  if (state.sel !== id) return;
  markOutline(byId("outline"), id);
  if (id === null) {
    byId("card").hidden = true;
    return crumbs(null);
  }
  const card = await page.source.node(state.gid, id);
  if (state.sel !== id) return;
  if (!state.paths.has(id)) {
    state.paths.set(id, card.path);
    page.remember(false);
  }
  crumbs(card);
  const actions = [["Trace", trace], ["Path to…", startPath], ["Only this", isolate], ["Hide", hide], [isAside(id, card) ? "Bring back" : "Put aside", pull]];
  if (card.kind !== "op") actions.unshift([state.expanded.has(id) ? "Close" : "Open", () => toggle(id)]);
  showCard(byId("card"), card, go, actions, () => select(null));
  if (state.trace === before) page.status(`${card.label}, ${card.kind === "op" ? card.op : card.kind}, ${card.inputs.length} inputs, ${card.outputs.reduce((n, o) => n + o.consumers.length, 0)} readers`);
}

const isAside = (id, card) => state.out.has(id) || Boolean(card.aside && !state.back.has(id));

// changes

function snapshot() {
  return { root: state.root, hideQuery: state.hideQuery, flat: state.flat, ...Object.fromEntries(SETS.map((name) => [name, [...state[name]]])) };
}

function restore(saved) {
  for (const name of SETS) state[name] = new Set(saved[name]);
  state.root = saved.root;
  state.hideQuery = saved.hideQuery;
  state.flat = Boolean(saved.flat);
}

/** Makes a change that can be undone, and draws it. */
export async function change(edit, anchor = null, fit = false) {
  done.push(snapshot());
  undone.length = 0;
  edit();
  await show(anchor, fit, true);
}

async function step(from, to) {
  if (!from.length) return page.status("There is nothing more to " + (from === done ? "undo" : "redo"));
  to.push(snapshot());
  restore(from.pop());
  await show(state.sel, false, true);
}

export const undo = () => step(done, undone);
export const redo = () => step(undone, done);

export async function toggle(id) {
  const box = boxOf(id);
  if (box && box.kind !== "op") await change(() => (state.expanded.has(id) ? state.expanded.delete(id) : state.expanded.add(id)), id);
}

// one group alone, or with 0 the whole graph
function alone(id) {
  return change(() => { state.root = id; state.first = id !== 0 && ![...state.expanded].some((g) => g > id); }, null, true);
}

/** Only what is traced; else only the selected group; else only the selected op and what it is joined with. */
export function isolate() {
  const box = boxOf(state.sel);
  if (!state.traced && (!box || box.kind !== "op")) return state.sel === null ? null : alone(state.sel);
  const keep = new Set(state.traced ? state.traced.boxes : [state.sel]);
  if (!state.traced) for (const e of state.shown.edges) if (e.from === state.sel || e.to === state.sel) keep.add(e.from).add(e.to);
  return change(() => state.shown.boxes.forEach((b) => b.open || keep.has(b.id) || state.hide.add(b.id)), null, true);
}

export const hide = () => state.sel !== null && change(() => { state.hide.add(state.sel); state.sel = null; byId("card").hidden = true; });

/** Shows the graph with the groups that the viewer infers, or with those of its names only. */
export const regroup = () => change(() => { state.flat = !state.flat; }, null, true);

/** Hides all that a query finds. */
export const hideFound = (query) => change(() => { state.hideQuery = query; });

/** Puts the selection aside, or brings it back. */
export async function pull() {
  const id = state.sel;
  if (id === null) return;
  const card = await page.source.node(state.gid, id);
  await change(() => {
    if (isAside(id, card)) {
      state.out.delete(id);
      if (card.aside) state.back.add(id);
    } else {
      state.back.delete(id);
      if (!card.aside) state.out.add(id);
    }
  });
  if (state.sel === id) await select(id);
}

/** The state of a graph that was just opened. */
export function startAgain() {
  Object.assign(state, { trace: null, traced: null, picking: null });
  return change(() => { restore({ root: 0, hideQuery: "", flat: state.flat, expanded: [], out: [], back: [], hide: [] }); state.first = true; }, null, true);
}

export async function up() {
  if (state.root) {
    const parents = (await page.source.node(state.gid, state.root)).parents;
    return alone(parents.length ? parents[parents.length - 1].id : 0);
  }
  const box = boxOf(state.sel);
  if (!box || box.parent <= 0) return null;
  await select(box.parent);
  return toggle(box.parent);
}

/** Selects an item wherever it is: opens the groups over it, brings it back, moves the camera there. */
export async function go(id) {
  const card = await page.source.node(state.gid, id);
  await page.openGraph();
  const closed = card.parents.filter((p) => !state.expanded.has(p.id));
  if (closed.length || !boxOf(id)) {
    await change(() => {
      closed.forEach((p) => state.expanded.add(p.id));
      if (state.root && !card.parents.some((p) => p.id === state.root)) state.root = 0;
      for (const over of [...card.parents.map((p) => p.id), id]) { state.hide.delete(over); state.out.delete(over); }
      if (card.aside) state.back.add(id);
    });
    if (!boxOf(id) && state.hideQuery) await change(() => { state.hideQuery = ""; });
  }
  await select(id, true);
  if (!state.picture.isVisible(id)) state.picture.centre(id);
}

// traces

async function retrace() {
  const asked = state.trace;
  const { mode, from, to } = asked;
  const found = await page.source.trace(state.gid, request(), { from, to: mode === "path" ? to : null, dir: mode === "path" ? "in" : mode });
  if (state.trace !== asked) return;
  state.traced = found;
  mark();
  page.status(mode === "path" && !found.found ? "No way leads from one to the other." : `${amount(found.ops)} ops ${TOLD[mode]}`);
}

async function traceAs(wanted) {
  state.trace = wanted;
  if (!wanted) {
    state.traced = null;
    mark();
    page.status("Trace off");
  } else await retrace();
  page.remember(true);
}

/** What leads to the selection; then what depends on it; then both; then nothing. */
export async function trace() {
  const again = state.trace && state.trace.from === state.sel && state.trace.mode !== "path";
  const mode = WAYS[((again ? WAYS.indexOf(state.trace.mode) : 0) + 1) % WAYS.length];
  if (state.sel === null && !state.trace) return page.status("Select something to trace.");
  await traceAs(mode && state.sel !== null ? { mode, from: state.sel, to: null } : null);
}

/** The next item that is clicked is the other end of a path. */
export function startPath() {
  if (state.sel === null) return page.status("Select where the path is to start.");
  state.picking = state.sel;
  byId("canvas").classList.add("picking");
  return page.status("Click the other end of the path (Escape: none)");
}

export async function pick(id) {
  const from = state.picking ?? state.sel;
  endPick();
  if (id === null || id === from) return;
  await traceAs({ mode: "path", from, to: id });
}

function endPick() {
  state.picking = null;
  byId("canvas").classList.remove("picking");
}

/** Leaves, one after another: picking, the trace, the selection. */
export function escape() {
  if (state.picking !== null) return endPick();
  return state.trace ? traceAs(null) : select(null);
}

// keys

export function walk(key) {
  const id = stepOf(state.shown, state.picture.placeOf, state.sel, key);
  if (id !== null) reach(id);
}

/** To the next box of the same group; false at its end. */
export function nextBox(delta) {
  const id = siblingOf(state.shown, state.sel, delta);
  if (id !== null) reach(id);
}

function reach(id) {
  select(id);
  if (!state.picture.isVisible(id)) state.picture.centre(id);
}

export function setColor(mode) {
  const measured = mode === "time" || mode === "memory";
  state.color = mode;
  byId("color-picker").value = mode;
  if (measured && !state.profile) state.profile = page.lastProfile();
  if (measured) return show(null, false, true);
  state.picture.color(mode);
  mark();
  drawLegend();
  return page.remember(true);
}

export const nextColor = () => setColor(MODES[(MODES.indexOf(state.color) + 1) % MODES.length]);

// graphs and links

/** Shows a graph from its start. */
export async function useGraph(gid, push = true) {
  begin(gid);
  await show(null, true, push);
}

function begin(gid) {
  restore({ expanded: [], root: 0, out: [], back: [], hide: [], hideQuery: "" });
  Object.assign(state, { gid, first: true, sel: null, profile: null, shown: null, traced: null, trace: null });
  endPick();
  byId("card").hidden = true;
  done.length = undone.length = 0;
  state.paths.clear();
  byId("graph-picker").value = gid;
}

/** The parts of the address that tell about the graph (address.js). */
export function partsOfGraph() {
  const name = (id) => state.paths.get(id);
  const names = (ids) => [...ids].map(name).filter(Boolean);
  const { picture, trace: traced } = state;
  const parts = { graph: state.gid, color: state.color === "op" ? "" : state.color, hq: state.hideQuery, flat: state.flat ? "1" : "", sel: state.sel === null ? "" : name(state.sel), root: state.root ? name(state.root) : "" };
  if (state.shown) Object.assign(parts, { x: names(state.shown.expanded), hide: names(state.hide), out: names(state.out), back: names(state.back) });
  if (traced) Object.assign(parts, { trace: traced.mode, from: name(traced.from), to: traced.to === null ? "" : name(traced.to) });
  if (state.shown && !picture.fitted) parts.cam = cameraText(picture.looksAt());
  return parts;
}

/** Takes the state from a link's parts and draws it; the names that this graph has not. */
export async function followLink(gid, parts) {
  begin(gid);
  const names = { x: parts.x || [], hide: parts.hide, out: parts.out, back: parts.back, root: parts.root ? [parts.root] : [], sel: parts.sel ? [parts.sel] : [], from: parts.from ? [parts.from] : [], to: parts.to ? [parts.to] : [] };
  const flat = Object.values(names).flat();
  const items = flat.length ? (await page.source.resolve(gid, flat)).items : [];
  const missing = [...new Set(flat.filter((_, i) => items[i] === null))];
  let at = 0;
  const ids = Object.fromEntries(Object.entries(names).map(([name, list]) => [name, list.map(() => items[at++]).filter((id) => id !== null)]));
  flat.forEach((path, i) => items[i] !== null && state.paths.set(items[i], path));
  Object.assign(state, { expanded: new Set(ids.x), hide: new Set(ids.hide), out: new Set(ids.out), back: new Set(ids.back), root: ids.root[0] || 0, sel: ids.sel[0] ?? null, hideQuery: parts.hq, flat: Boolean(parts.flat) });
  state.first = parts.x === null && !state.root;
  state.color = MODES.includes(parts.color) ? parts.color : "op";
  byId("color-picker").value = state.color;
  if (state.color === "time" || state.color === "memory") state.profile = page.lastProfile();
  if (parts.trace && ids.from.length && (parts.trace !== "path" || ids.to.length)) state.trace = { mode: WAYS.includes(parts.trace) ? parts.trace : "path", from: ids.from[0], to: ids.to[0] ?? null };
  await show(null, true);
  const camera = missing.length ? null : cameraOf(parts.cam);
  if (camera) state.picture.lookAt(camera);
  if (state.sel !== null) {
    await select(state.sel);
    if (!camera && !state.picture.isVisible(state.sel)) state.picture.centre(state.sel);
  }
  return missing;
}
