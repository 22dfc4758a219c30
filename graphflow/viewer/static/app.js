// The page: one state, shown as a picture, an outline, a card and an address; every change goes through `show`.

import { isOffline } from "./assets.js";
import { clean } from "./dot.js";
import { openOffline } from "./offline/source.js";
import { showCard } from "./page/card.js";
import { MODES } from "./page/colors.js";
import { diffPage } from "./page/compare.js";
import { amount, byId, h, put } from "./page/dom.js";
import { makeSearch } from "./page/find.js";
import { histogramsPage } from "./page/histograms.js";
import { layoutOf, startLayout } from "./page/layout.js";
import { drawOutline } from "./page/outline.js";
import { mediaPage, textPage } from "./page/media.js";
import { makePicture } from "./page/picture.js";
import { profilePage } from "./page/profile.js";
import { scalarsPage } from "./page/scalars.js";
import { openHttp } from "./source_http.js";

const KEYS = [["/", "search"], ["arrows", "walk along edges"], ["Tab", "next box"], ["Enter", "open or close a group"], ["Backspace", "up"], ["f", "fit"], ["0", "start again"],
  ["t", "trace inputs, outputs, both, none"], ["h", "hide"], ["p", "put aside or bring back"], ["i", "show only this group"], ["u / U", "undo / redo"], ["c", "next colour"], ["d", "compare graphs"], ["n / N", "next / previous change"], ["[ ]", "other run"], ["+ −", "zoom"], ["?", "this help"]];
const VIEWS = ["graph", "scalars", "histograms", "images", "text", "profile", "diff"];

const state = { gid: null, view: "graph", expanded: new Set(), root: 0, out: new Set(), back: new Set(), hide: new Set(), sel: null, color: "op", profile: null, q: "", first: true };
let source = null;
let runs = { runs: [] };
let shown = null;
let traced = null;
let traceMode = 0;
let picture = null;
let changes = [];
let changeAt = -1;
const undone = [];
const done = [];

const status = (text) => (byId("status").textContent = text);
const boxOf = (id) => (shown ? [...shown.boxes, ...shown.aside].find((b) => b.id === id) || null : null);
const graphs = () => runs.runs.flatMap((run) => run.graphs.map((g) => ({ ...g, run: run.id, title: `${run.name}: ${g.name}` })));
const runOf = () => runs.runs.find((run) => state.gid && state.gid.startsWith(run.id + ".")) || runs.runs[0];

function request() {
  return { expanded: [...state.expanded], expandedPaths: state.paths || [], root: state.root, out: [...state.out], back: [...state.back], hide: [...state.hide], profile: state.profile, first: state.first };
}

async function show(anchor = null, fit = false) {
  const view = await source.view(state.gid, request());
  state.first = false;
  state.paths = [];
  state.expanded = new Set(view.expanded);
  const layout = await layoutOf(view);
  shown = view;
  const words = picture.draw(view, layout, state.color, anchor);
  if (fit) picture.fit(true);
  if (traced) await retrace();
  mark();
  drawLegend(words);
  outline();
  crumbs();
  shelf();
  remember();
  if (!document.body.hasAttribute("data-graph-ready")) performance.mark("graph-ready");
  document.body.setAttribute("data-graph-ready", "true");
  if (view.missing.length) status(`This graph has no ${view.missing.map(clean).join(", ")} any more.`);
  else status(`${amount(view.total.ops)} ops; ${view.total.boxes} boxes, ${view.total.edges} edges shown` + (view.total.aside ? `, ${view.total.aside} put aside` : ""));
}

function outline() {
  drawOutline(byId("outline"), shown, state.sel, { select, toggle });
}

function mark() {
  picture.mark(state.sel, traced);
}

function legend() {
  drawLegend(picture.color(state.color));
  mark();
}

function drawLegend(words) {
  put(byId("legend"), ...words.slice(0, 14).map(([word, fill]) => {
    const swatch = h("i", {});
    swatch.style.background = fill;
    return h("span", {}, swatch, clean(word));
  }), shown.edges.some((e) => e.control) ? h("span", {}, "- - control") : "");
}

function shelf() {
  const host = byId("shelf");
  if (!shown.aside.length) return host.replaceChildren();
  const details = h("details", { open: shown.aside.length <= 6 && innerWidth > 800 }, h("summary", {}, `${shown.aside.length} put aside`),
    shown.aside.map((b) => h("div", {}, h("button", { title: clean(`${b.path}\n${b.reason}`), onclick: () => select(b.id) }, `${clean(b.label)} · ${b.aside}`))));
  return host.replaceChildren(details);
}

async function crumbs() {
  const host = byId("crumbs");
  const id = state.sel;
  const up = id === null ? [] : (await source.node(state.gid, id)).parents;
  const step = (ref, text) => h("button", { onclick: () => (ref ? isolate(ref.id) : isolate(0)) }, clean(text));
  const box = boxOf(id);
  put(host, step(null, "graph"), ...up.flatMap((ref) => [" / ", step(ref, ref.label)]), box ? ` / ${clean(box.label)}` : "");
}

async function select(id) {
  if (id !== null && state.sel === id) id = byId("card").hidden ? id : state.sel;
  state.sel = id;
  mark();
  outline();
  remember();
  crumbs();
  if (id === null) {
    byId("card").hidden = true;
    return;
  }
  const card = await source.node(state.gid, id);
  if (state.sel !== id) return;
  const actions = [["Trace", trace], ["Hide", hide], [state.out.has(id) || (card.aside && !state.back.has(id)) ? "Bring back" : "Put aside", pull]];
  if (card.kind !== "op") actions.unshift([state.expanded.has(id) ? "Close" : "Open", () => toggle(id)], ["Only this", () => isolate(id)]);
  showCard(byId("card"), card, go, actions, () => select(null));
  status(`${card.label}, ${card.kind === "op" ? card.op : card.kind}, ${card.inputs.length} inputs, ${card.outputs.reduce((n, o) => n + o.consumers.length, 0)} readers`);
}

function snapshot() {
  return { expanded: [...state.expanded], root: state.root, out: [...state.out], back: [...state.back], hide: [...state.hide] };
}

function restore(saved) {
  for (const name of ["expanded", "out", "back", "hide"]) state[name] = new Set(saved[name]);
  state.root = saved.root;
}

async function change(edit, anchor = null, fit = false) {
  done.push(snapshot());
  undone.length = 0;
  edit();
  await show(anchor, fit);
}

async function step(from, to) {
  if (!from.length) return;
  to.push(snapshot());
  restore(from.pop());
  await show(state.sel);
}

async function toggle(id) {
  const box = boxOf(id);
  if (!box || box.kind === "op") return;
  await change(() => (state.expanded.has(id) ? state.expanded.delete(id) : state.expanded.add(id)), id);
}

const isolate = (id) => change(() => { state.root = id; state.first = id !== 0 && ![...state.expanded].some((g) => g > id); }, null, true);

async function go(id) {
  const card = await source.node(state.gid, id);
  const closed = card.parents.filter((p) => !state.expanded.has(p.id));
  if (byId("graph-view").hidden) await open("graph");
  if (closed.length || !boxOf(id)) {
    await change(() => {
      closed.forEach((p) => state.expanded.add(p.id));
      state.root = 0;
      state.hide.clear();
      if (card.aside) state.back.add(id);
    });
  }
  await select(id);
  if (!picture.isVisible(id)) picture.centre(id);
}

async function retrace() {
  if (state.sel === null || !traceMode) {
    traced = null;
    return;
  }
  traced = await source.trace(state.gid, request(), { from: state.sel, dir: ["", "in", "out", "both"][traceMode] });
}

async function trace() {
  traceMode = (traceMode + 1) % 4;
  await retrace();
  mark();
  status(traced ? `${amount(traced.ops)} ops ${["", "lead here", "depend on this", "are connected with this"][traceMode]}` : "Trace off");
}

const hide = () => state.sel !== null && change(() => { state.hide.add(state.sel); state.sel = null; byId("card").hidden = true; });

function pull() {
  const id = state.sel;
  if (id === null) return;
  const box = boxOf(id);
  change(() => {
    if (box && box.aside) {
      state.out.delete(id);
      if (box.aside !== "user") state.back.add(id);
    } else {
      state.back.delete(id);
      state.out.add(id);
    }
  }).then(() => select(id));
}

const startAgain = () => change(() => { restore({ expanded: [], root: 0, out: [], back: [], hide: [] }); state.first = true; traced = null; traceMode = 0; }, null, true);
const up = () => (state.root ? isolate(0) : closeParent());

async function closeParent() {
  const box = boxOf(state.sel);
  if (box && box.parent > 0) {
    await select(box.parent);
    await toggle(box.parent);
  }
}

// walking along edges: right and down to a reader, left and up to a source; the nearest one in that direction
function walk(key) {
  const here = picture.placeOf(state.sel);
  if (!here) {
    const first = shown.boxes.find((b) => !b.open);
    return first && select(first.id);
  }
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[key];
  const near = new Set(shown.edges.flatMap((e) => (e.from === state.sel ? [e.to] : e.to === state.sel ? [e.from] : [])));
  const rate = (id) => {
    const p = picture.placeOf(id);
    const along = (p.x - here.x) * dx + (p.y - here.y) * dy;
    const aside = Math.abs((p.x - here.x) * dy) + Math.abs((p.y - here.y) * dx);
    return along > 1 ? along + 2 * aside : Infinity;
  };
  const best = (ids) => ids.map((id) => [rate(id), id]).filter(([r]) => Number.isFinite(r)).sort((a, b) => a[0] - b[0])[0];
  const found = best([...near]) || best(shown.boxes.filter((b) => !b.open && b.id !== state.sel).map((b) => b.id));
  if (found) {
    select(found[1]);
    if (!picture.isVisible(found[1])) picture.centre(found[1]);
  }
}

function nextBox(delta) {
  const list = shown.boxes;
  const at = list.findIndex((b) => b.id === state.sel);
  const box = list[at + delta];
  if (!box) return false;
  select(box.id);
  if (!picture.isVisible(box.id)) picture.centre(box.id);
  return true;
}

async function nextChange(delta) {
  if (!changes.length) return;
  changeAt = (changeAt + delta + changes.length) % changes.length;
  await go(changes[changeAt].id);
  status(`change ${changeAt + 1} of ${changes.length}: ${changes[changeAt].kind} ${clean(changes[changeAt].path)}`);
}

function setColor(mode) {
  state.color = mode;
  byId("color-picker").value = mode;
  if ((mode === "time" || mode === "memory") && !state.profile && runOf()) state.profile = runOf().tags.profiles.slice(-1)[0] || null;
  return mode === "time" || mode === "memory" ? show() : legend();
}

// the address

let writing = false;
function remember() {
  if (writing) return;
  const path = (id) => (boxOf(id) || { path: null }).path;
  const params = new URLSearchParams();
  params.set("view", state.view);
  if (state.gid) params.set("graph", state.gid);
  if (shown) for (const box of shown.boxes) if (box.open) params.append("x", box.path);
  if (state.sel !== null && path(state.sel)) params.set("sel", path(state.sel));
  for (const name of ["hide", "out", "back"]) for (const id of state[name]) if (pathsById.has(id) || path(id)) params.append(name, pathsById.get(id) || path(id));
  if (state.root) params.set("root", pathsById.get(state.root) || String(state.root));
  if (state.color !== "op") params.set("color", state.color);
  if (shown) for (const box of [...shown.boxes, ...shown.aside]) pathsById.set(box.id, box.path);
  const text = "#" + params;
  try {
    if (text !== location.hash) history.replaceState(null, "", text);
  } catch {
    // a page inside another one, such as a notebook's cell, has no address of its own
  }
}
const pathsById = new Map();

async function fromAddress() {
  const params = new URLSearchParams(location.hash.slice(1));
  const all = graphs();
  const wanted = params.get("graph");
  state.gid = wanted && (wanted.startsWith("diff:") || all.some((g) => g.id === wanted)) ? wanted : all.length ? (all.find((g) => g.newest) || all[0]).id : null;
  state.view = VIEWS.includes(params.get("view")) ? params.get("view") : state.gid ? "graph" : "scalars";
  state.paths = params.getAll("x");
  state.first = !state.paths.length;
  state.color = MODES.includes(params.get("color")) ? params.get("color") : "op";
  const names = ["sel", "root"].map((n) => params.get(n) || "").concat(params.getAll("hide"), params.getAll("out"), params.getAll("back"));
  const ids = state.gid && names.some(Boolean) ? (await source.resolve(state.gid, names)).items : [];
  const of = (name, from) => new Set(ids.slice(from, from + params.getAll(name).length).filter((i) => i !== null));
  state.sel = ids[0] || null;
  state.root = ids[1] || 0;
  state.hide = of("hide", 2);
  state.out = of("out", 2 + params.getAll("hide").length);
  state.back = of("back", 2 + params.getAll("hide").length + params.getAll("out").length);
}

// views

async function open(name, redraw = true) {
  state.view = name;
  for (const button of byId("views").children) button.setAttribute("aria-selected", String(button.getAttribute("data-view") === name));
  document.body.setAttribute("data-view", name);
  const was = document.body.hasAttribute("data-beside");
  const beside = name === "profile" && innerWidth >= 1100 && graphs().length > 0;
  document.body.toggleAttribute("data-beside", beside);
  byId("graph-view").hidden = name !== "graph" && !beside;
  byId("data-view").hidden = name === "graph";
  if (name !== "graph") byId("card").hidden = true;
  remember();
  const host = byId("data-view");
  try {
    if (name === "graph") {
      if (!state.gid) status(runs.advice || "There is no graph in these logs.");
      else if (redraw && !shown) await show(null, true);
      else if (was) picture.fit(true);
    } else if (name === "scalars") scalarsPage(host, await source.scalars({ max: 1000 }), runs.runs, source.exportURL);
    else if (name === "histograms") histogramsPage(host, await source.histograms(), runs.runs);
    else if (name === "images") await mediaPage(host, await source.images(), await source.audio(), runs.runs, source);
    else if (name === "text") textPage(host, await source.text(), runs.runs);
    else if (name === "profile") {
      if (!has("profiles")) return put(host, h("p", {}, "No run metadata in these logs: pass options and run_metadata to Session.run, and writer.add_run_metadata(run_metadata, 'step_1')."));
      await profilePage(host, runs.runs, source, { go, paint });
    } else await compare();
  } catch (error) {
    put(host, h("p", {}, clean(error.message)));
  }
}

const has = (kind) => runs.runs.some((run) => run.tags[kind].length);

// the picture beside a profile: the graph of its run, coloured by the times of the chosen steps
async function paint(run, tags) {
  if (byId("graph-view").hidden) return;
  const own = runs.runs.find((r) => r.id === run).graphs;
  if (own.length && !(state.gid || "").startsWith(run + ".")) await useGraph((own.find((g) => g.newest) || own[0]).id);
  state.profile = tags;
  if (state.color !== "memory") state.color = "time";
  byId("color-picker").value = state.color;
  await show(null, true);
}

async function compare(chosen = null) {
  const all = graphs();
  const host = byId("data-view");
  if (!source.live || all.length < 2) return put(host, h("p", {}, "A comparison needs two graphs in the logs."));
  const pair = chosen || [all[all.length - 1].id, all[0].id];
  diffPage(host, all, pair, null, compare, openDiff);
  const found = await source.diff(...pair);
  changes = found.changes;
  changeAt = -1;
  diffPage(host, all, pair, found, compare, openDiff);
}

async function openDiff(gid, id) {
  await useGraph(gid);
  await open("graph");
  if (id !== null) await go(id);
}

async function useGraph(gid) {
  state.gid = gid;
  restore({ expanded: [], root: 0, out: [], back: [], hide: [] });
  Object.assign(state, { first: true, sel: null, profile: null });
  shown = traced = null;
  byId("card").hidden = true;
  done.length = undone.length = 0;
  pathsById.clear();
  byId("graph-picker").value = gid;
  await show(null, true);
}

function pickers() {
  byId("graph-picker").replaceChildren(...graphs().map((g) => h("option", { value: g.id, selected: g.id === state.gid }, clean(g.title))));
  byId("color-picker").replaceChildren(...MODES.map((m) => h("option", { value: m, selected: m === state.color }, m)));
  const useful = { graph: graphs().length, scalars: has("scalars"), histograms: has("histograms"), images: has("images") || has("audio"), text: has("text"), profile: has("profiles"), diff: source.live && graphs().length > 1 };
  byId("views").replaceChildren(...VIEWS.filter((v) => useful[v] || v === state.view).map((v) => h("button", { role: "tab", "data-view": v, "aria-selected": String(v === state.view), onclick: () => open(v) }, v[0].toUpperCase() + v.slice(1))));
  byId("notes").textContent = runs.notes.length ? `${runs.notes.length} note${runs.notes.length > 1 ? "s" : ""}: ${clean(runs.notes[runs.notes.length - 1].text)}` : "";
}

async function live(message) {
  if (message.type === "progress") status(message.text);
  else if (message.type === "gone" || message.type === "note") byId("notes").textContent = clean(message.text || `${message.file} vanished`);
  else if (message.type === "change") {
    runs = await source.runs();
    if (!state.gid && graphs().length) await useGraph(graphs()[0].id);
    pickers();
    if (state.view !== "graph" && state.view !== "diff") await open(state.view);
  }
}

function keyboard(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const onGraph = state.view === "graph" && shown;
  const keys = {
    "/": () => byId("search").focus(), "?": help, d: () => open("diff"), n: () => nextChange(1), N: () => nextChange(-1),
    "[": () => otherRun(-1), "]": () => otherRun(1),
  };
  const onPicture = {
    Enter: () => state.sel !== null && toggle(state.sel), Backspace: up, f: () => picture.fit(), 0: startAgain, t: trace, h: hide, p: pull, i: () => state.sel !== null && isolate(state.sel),
    u: () => step(done, undone), U: () => step(undone, done), c: () => setColor(MODES[(MODES.indexOf(state.color) + 1) % MODES.length]), Escape: () => select(null),
    "+": () => picture.zoom(1.25, middle()), "-": () => picture.zoom(0.8, middle()),
  };
  let act = keys[event.key] || (onGraph ? onPicture[event.key] : null);
  const free = event.target === document.body || byId("canvas").contains(event.target) || byId("outline").contains(event.target);
  if (event.key === "Enter" && !free) act = null;
  if (onGraph && free && event.key.startsWith("Arrow")) act = () => walk(event.key);
  if (onGraph && event.key === "Tab" && event.target === byId("canvas")) {
    if (nextBox(event.shiftKey ? -1 : 1)) event.preventDefault();
    return;
  }
  if (act) {
    event.preventDefault();
    act();
  }
}

const middle = () => ({ x: byId("canvas").clientWidth / 2, y: byId("canvas").clientHeight / 2 });

function otherRun(delta) {
  const withGraph = runs.runs.filter((run) => run.graphs.length);
  const at = withGraph.indexOf(runOf());
  const run = withGraph[(at + delta + withGraph.length) % withGraph.length];
  if (run) useGraph(run.graphs[0].id);
}

function help() {
  const dialog = byId("help");
  dialog.replaceChildren(h("h2", {}, "Keys"), h("table", {}, h("tbody", {}, KEYS.map(([key, what]) => h("tr", {}, h("td", {}, h("kbd", {}, key)), h("td", {}, what))))), h("p", {}, h("button", { onclick: () => dialog.close() }, "Close")));
  dialog.showModal();
}

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

async function main() {
  source = isOffline() ? await openOffline() : openHttp();
  const graphviz = startLayout();
  picture = makePicture(byId("canvas"), { select, toggle, moved: () => {} });
  runs = await source.runs();
  document.title = `${clean(runs.title)} – graphflow`;
  await fromAddress();
  pickers();
  await graphviz;
  byId("graph-picker").addEventListener("change", (e) => useGraph(e.target.value).then(() => open("graph")));
  byId("color-picker").addEventListener("change", (e) => setColor(e.target.value));
  byId("theme").addEventListener("click", theme);
  byId("help-button").addEventListener("click", help);
  const acts = { fit: () => picture.fit(), up, trace, hide, undo: () => step(done, undone), redo: () => step(undone, done), start: startAgain };
  byId("tools").addEventListener("click", (e) => acts[e.target.getAttribute("data-act")]?.());
  document.addEventListener("keydown", keyboard);
  makeSearch(byId("search"), byId("hits"), {
    ask: (q) => source.search(state.gid, q, { limit: 50 }),
    preview: (hit) => {
      const at = [hit.id, ...[...hit.parents].reverse()].find((id) => picture.placeOf(id));
      if (at !== undefined) { picture.mark(at, null); if (!picture.isVisible(at)) picture.centre(at); }
    },
    go: (hit) => go(hit.id).then(() => byId("canvas").focus()),
  });
  window.addEventListener("hashchange", async () => { writing = true; await fromAddress(); writing = false; shown = null; await open(state.view); if (state.gid && state.view === "graph") await show(null, true); if (state.sel !== null) await select(state.sel); });
  if (state.gid) await show(null, true);
  await open(state.view, false);
  if (state.sel !== null) await select(state.sel);
  source.listen(live);
}

main().catch((error) => {
  status(clean(error.message));
  document.body.setAttribute("data-failed", clean(error.message));
});
