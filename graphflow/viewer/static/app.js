// The page: views, pickers, keys, the address and live updates; page/graph.js holds what the graph shows.

import { assetURL, isOffline } from "./assets.js";
import { clean } from "./dot.js";
import { openOffline } from "./offline/client.js";
import { addressOf, graphPartsOf, logPartsOf, partsOf } from "./page/address.js";
import { MODES } from "./page/colors.js";
import { diffPage } from "./page/compare.js";
import { amount, byId, h, icon, put } from "./page/dom.js";
import { exportsOf } from "./page/exports.js";
import { makeSearch } from "./page/find.js";
import * as graph from "./page/graph.js";
import { moveInOutline } from "./page/outline.js";
import { profilePage } from "./page/profile.js";
import { openHttp } from "./source_http.js";

const KEYS = [["/", "search"], ["arrows", "walk along edges"], [". ,", "next / previous box of this group"], ["Enter", "open or close a group"], ["Backspace", "up"], ["f", "fit"], ["0", "start again"],
  ["t", "trace inputs, outputs, both, none"], ["b", "path to the item clicked next (or Shift and click)"], ["h", "hide"], ["g", "groups that names do not make: shown, or what is in them"], ["a", "put aside or bring back"], ["i", "only this, or only what is traced"], ["u / U", "undo / redo"], ["c", "next colour"],
  ["d", "compare graphs"], ["n / p", "next / previous change"], ["[ ]", "other run"], ["+ −", "zoom"], ["Esc", "leave the path, the trace, the selection"], ["?", "this help"]];
// pages of a log: [view, title, kinds of data]; log.js builds them and is loaded with the first one
const LOG_VIEWS = [["scalars", "Scalars", ["scalars"]], ["custom", "Custom", ["custom_scalars"]], ["histograms", "Histograms", ["histograms"]], ["images", "Images", ["images"]], ["audio", "Audio", ["audio"]],
  ["text", "Text", ["text"]], ["pr", "PR curves", ["pr_curves"]], ["hparams", "HParams", ["hparams"]], ["other", "Other", ["tensors", "mesh"]]];
const VIEWS = ["graph", ...LOG_VIEWS.map(([view]) => view), "profile", "diff"];
const TITLES = { graph: "Graph", profile: "Profile", diff: "Diff", ...Object.fromEntries(LOG_VIEWS.map(([view, title]) => [view, title])) };

const { state } = graph;
let view = "graph";
let source = null;
let runs = { runs: [], notes: [] };
let log = null; // what log.js made
let kept = null; // what a link says about the graph, until its picture is asked for
let logParts = {}; // what a link says about the pages of a log, until they are there
let turn = 0; // of opening views: an answer that comes late belongs to an earlier turn
let changes = [];
let changeAt = -1;
let following = false;
let query = "";

const status = (text) => (byId("status").textContent = text);
const graphs = () => runs.runs.flatMap((run) => run.graphs.map((g) => ({ ...g, run: run.id, title: runs.runs.length > 1 && run.name !== g.name ? `${run.name}: ${g.name}` : g.name })));
const runOf = () => runs.runs.find((run) => state.gid && state.gid.startsWith(run.id + ".")) || runs.runs[0];
const isOfLog = (name) => LOG_VIEWS.some(([one]) => one === name);
const isDiff = () => (state.gid || "").startsWith("diff:");

// the address

function remember(push) {
  if (following) return;
  const text = addressOf({ view, q: query, ...(kept || graph.partsOfGraph()), ...(log ? log.parts() : logParts) });
  try {
    if (text !== location.hash) history[push && location.hash ? "pushState" : "replaceState"](null, "", text);
  } catch {
    // a page inside another one, such as a notebook's cell, has no address of its own
  }
}

async function follow() {
  const parts = partsOf(location.hash);
  const all = graphs();
  const known = parts.graph.startsWith("diff:") || all.some((g) => g.id === parts.graph);
  const gid = known ? parts.graph : all.length ? (all.find((g) => g.newest) || all[0]).id : null;
  following = true;
  try {
    const wanted = view = VIEWS.includes(parts.view) ? parts.view : gid ? "graph" : firstOfLog();
    logParts = logPartsOf(parts);
    if (log) log.follow(logParts);
    const missing = parts.graph && !known ? ["the graph of this link"] : [];
    keep(gid, parts);
    if (!isOfLog(wanted)) missing.push(...(await drawKept()));
    // what somebody typed or opened while the picture was made is kept
    query = parts.q || (document.activeElement === byId("search") ? byId("search").value : "");
    byId("search").value = query;
    if (query) byId("search").dispatchEvent(new Event("input"));
    if (view === wanted) await open(wanted);
    tellMissing(missing);
  } finally {
    following = false;
  }
  remember(false);
}

function tellMissing(names) {
  if (names.length) status(`This log has no ${names.slice(0, 5).map(clean).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""} any more; the rest of the link is shown.`);
}

// a graph is drawn when its page is opened, not while somebody waits for charts
function keep(gid, parts) {
  kept = gid ? { ...graphPartsOf(parts), graph: gid } : null;
  if (gid && gid !== state.gid) Object.assign(state, { gid, shown: null });
}

async function drawKept() {
  const parts = kept;
  kept = null;
  try {
    return parts ? await graph.followLink(parts.graph, parts) : [];
  } catch (error) {
    fail(error); // the other pages do not need it
    return [];
  }
}

function useGraph(gid, push = true) {
  kept = null;
  return graph.useGraph(gid, push);
}

// views

const firstOfLog = () => (LOG_VIEWS.find(([, , kinds]) => kinds.some(has)) || ["scalars"])[0];

async function open(name, push = false) {
  const mine = (turn += 1);
  view = name;
  for (const button of byId("views").children) {
    const on = button.getAttribute("data-view") === name;
    button.setAttribute("aria-selected", String(on));
    button.setAttribute("tabindex", on ? "0" : "-1");
  }
  document.body.setAttribute("data-view", name);
  const was = document.body.hasAttribute("data-beside");
  const beside = (name === "profile" || name === "diff") && innerWidth >= 1100 && graphs().length > 0;
  document.body.toggleAttribute("data-beside", beside);
  byId("graph-view").hidden = name !== "graph" && !beside;
  byId("data-view").hidden = name === "graph";
  const ofLog = LOG_VIEWS.find(([one]) => one === name);
  byId("runs").hidden = !ofLog;
  if (name !== "graph") byId("card").hidden = true;
  remember(push);
  const host = byId("data-view");
  if (log && !ofLog) log.leave();
  host.setAttribute("aria-label", TITLES[name]);
  try {
    if (kept && (name === "graph" || beside)) tellMissing(await drawKept());
    if (name === "graph") {
      if (!state.gid) status(runs.advice || "There is no graph in these logs.");
      else if (!state.shown) await graph.show(null, true);
      else if (was) state.picture.fit(true);
    } else if (ofLog) await openLog(ofLog, host, () => mine === turn);
    else if (name === "profile") {
      if (!has("profiles")) return put(host, h("p", {}, "No run metadata in these logs: pass options and run_metadata to Session.run, and writer.add_run_metadata(run_metadata, 'step_1')."));
      await profilePage(host, runs.runs.filter((run) => run.tags.profiles.length || run.graphs.length), source, { go: graph.go, paint, current: () => mine === turn });
    } else await compare(null, () => mine === turn);
  } catch (error) {
    if (mine === turn) put(host, h("p", {}, clean(error.message)));
  }
}

async function openLog([name, title, kinds], host, current) {
  if (!kinds.some(has)) {
    if (log) log.leave();
    const others = LOG_VIEWS.filter(([, , some]) => some.some(has)).map(([, other]) => other);
    const busy = runs.reading && runs.reading.busy;
    put(host, h("p", { class: "muted" }, busy ? `Nothing for ${title} has been read yet.` : `Nothing for ${title} in these logs${others.length ? `; they hold ${others.join(", ")}` : ""}.`));
    return;
  }
  if (!log) {
    const { makeLog } = await logCode();
    log = log || makeLog({ source, host, list: byId("runs"), remember: () => remember(false) }, logParts);
    log.update(runs.runs);
  }
  if (!current()) return;
  status("");
  log.open(name, kinds[0]);
}

let loading = null;

function logCode() {
  return (loading = loading || assetURL("built/log.js").then((src) => new Promise((resolve, reject) =>
    document.head.append(h("script", { src, onload: () => resolve(globalThis.graphflowLog), onerror: () => reject(new Error("the pages of the log could not be loaded")) })))));
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
  await graph.show(null, true);
}

async function compare(chosen = null, current = () => view === "diff") {
  const all = graphs();
  const host = byId("data-view");
  if (!source.compares(all.length)) return put(host, h("p", {}, "A comparison needs two graphs in the logs."));
  const pair = chosen || source.pair || usualPair(all);
  diffPage(host, all, pair, null, compare, openDiff);
  const found = await source.diff(...pair);
  if (!current()) return null;
  changes = found.changes;
  changeAt = -1;
  diffPage(host, all, pair, found, compare, openDiff);
  if (!byId("graph-view").hidden && state.gid !== found.graph) await useGraph(found.graph);
  return null;
}

// the newest graphs of the first and of the last run; of one run alone, the newest graph and the one before it
function usualPair(all) {
  const newest = all.filter((g) => g.newest).sort((a, b) => a.wall - b.wall);
  if (newest.length > 1) return [newest[0].id, newest[newest.length - 1].id];
  const alike = all.filter((g) => g.kind === all[0].kind);
  return alike.length > 1 ? [alike[1].id, alike[0].id] : [all[1].id, all[0].id];
}

async function openDiff(gid, id) {
  if (state.gid !== gid || !state.shown) await useGraph(gid);
  if (byId("graph-view").hidden || id === null) await open("graph", true);
  if (id !== null) await graph.go(id);
}

async function nextChange(delta) {
  if (!isDiff()) return status("Changes are in a comparison of two graphs (d).");
  if (!changes.length) changes = (await source.diff(...state.gid.slice(5).split(":"))).changes;
  if (!changes.length) return status("The two graphs are equal.");
  changeAt = changeAt < 0 ? (delta > 0 ? 0 : changes.length - 1) : (changeAt + delta + changes.length) % changes.length;
  await graph.go(changes[changeAt].id);
  return status(`change ${changeAt + 1} of ${changes.length}: ${changes[changeAt].kind} ${clean(changes[changeAt].path)}`);
}

function pickers() {
  const options = graphs().map((g) => h("option", { value: g.id, selected: g.id === state.gid }, clean(g.title)));
  if (isDiff()) options.push(h("option", { value: state.gid, selected: true }, "comparison"));
  byId("graph-picker").replaceChildren(...options);
  byId("color-picker").replaceChildren(...MODES.map((m) => h("option", { value: m, selected: m === state.color }, m)));
  const useful = { graph: graphs().length, profile: has("profiles"), diff: source.compares(graphs().length), ...Object.fromEntries(LOG_VIEWS.map(([v, , kinds]) => [v, kinds.some(has)])) };
  const tabs = VIEWS.filter((v) => useful[v] || v === view);
  const stand = [...byId("views").children].map((tab) => tab.getAttribute("data-view"));
  // tabs that stand already are left alone: somebody may be about to press one
  if (tabs.join() !== stand.join()) byId("views").replaceChildren(...VIEWS.filter((v) => useful[v] || v === view).map((v) => h("button", { role: "tab", id: `tab-${v}`, "data-view": v, "aria-selected": String(v === view), tabindex: v === view ? 0 : -1, "aria-controls": v === "graph" ? "graph-view" : "data-view", onclick: () => open(v, true) }, TITLES[v])));
  if (log) log.update(runs.runs);
  notes();
}

function notes() {
  const { bad = 0, notes: told } = runs;
  const reading = runs.reading && runs.reading.busy && runs.reading.total ? runs.reading : null;
  byId("progress").hidden = !reading;
  if (reading) {
    byId("progress").value = reading.done / reading.total;
    byId("progress").title = `${amount(reading.done, "B")} of ${amount(reading.total, "B")} read`;
  }
  const words = [reading ? `reading: ${amount(reading.done, "B")} of ${amount(reading.total, "B")}` : "", bad ? `${bad} bad record${bad > 1 ? "s" : ""}` : "", told.length ? `${runs.noted ?? told.length} note${(runs.noted ?? told.length) > 1 ? "s" : ""}: ${clean(told[told.length - 1].text)}` : ""].filter(Boolean);
  put(byId("notes"), words.length ? h("button", { class: "link", title: told.map((n) => clean(n.text)).join("\n"), onclick: () => dialog("Notes on the files", told.map((n) => h("p", {}, clean(n.text)))) }, words.join("; ")) : null);
}

// notices of the server: what changed is asked for, once at a time, however many notices come meanwhile
let told = { runs: new Set(), all: false, what: new Set(), asked: false };

async function live(message) {
  byId("lost").hidden = message.type !== "lost";
  if (message.type === "lost") return;
  if (message.reading) runs.reading = message.reading;
  if (message.type === "hello" && message.stamp === runs.stamp && message.boot === runs.boot) return notes();
  if (message.type === "hello" || !message.runs) told.all = true;
  (message.runs || []).forEach((id) => told.runs.add(id));
  (message.what || []).forEach((kind) => told.what.add(kind));
  if (!message.what || !message.what.length) told.first = true; // the first reading ended
  if (told.asked) return;
  told.asked = true;
  while (told.all || told.what.size || told.first) {
    const now = told;
    told = { runs: new Set(), all: false, what: new Set(), first: false, asked: true };
    try {
      await bring(now);
    } catch (error) {
      status(clean(error.message));
    }
    await new Promise((done) => setTimeout(done, 150));
  }
  told.asked = false;
}

async function bring(now) {
  const before = graphs().length;
  const boot = runs.boot;
  runs = await source.runs();
  if (!state.gid && graphs().length) keep(graphs()[0].id, partsOf(""));
  if (!isOfLog(view)) await drawKept();
  pickers();
  if (before && graphs().length > before) status("A new graph has come; the picker above has it.");
  if (isOfLog(view)) {
    await open(view);
    if (log) log.refresh(now.all || runs.boot !== boot ? null : now.runs);
  } else if (view === "profile" && now.what.has("profiles")) await open(view);
}

// keys

function keyboard(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) || byId("help").open) return;
  const onGraph = view === "graph" && state.shown;
  const inOutline = byId("outline").contains(event.target);
  const free = event.target === document.body || byId("canvas").contains(event.target) || inOutline;
  const keys = { "/": () => (isOfLog(view) ? byId("data-view").querySelector("input[type=search]") : byId("search"))?.focus(), "?": help, d: () => open("diff", true), n: () => nextChange(1), "[": () => otherRun(-1), "]": () => otherRun(1) };
  const onPicture = {
    Enter: free && (() => state.sel !== null && graph.toggle(state.sel)), Backspace: graph.up, f: () => state.picture.fit(), 0: graph.startAgain, t: graph.trace, b: graph.startPath,
    h: graph.hide, g: graph.regroup, ".": () => graph.nextBox(1), ",": () => graph.nextBox(-1), a: graph.pull, i: graph.isolate, u: graph.undo, U: graph.redo, c: graph.nextColor, Escape: graph.escape, p: isDiff() ? () => nextChange(-1) : graph.pull,
    "+": () => state.picture.zoom(1.25, middle()), "-": () => state.picture.zoom(0.8, middle()),
  };
  let act = keys[event.key] || (onGraph ? onPicture[event.key] : null);
  if (onGraph && free && event.key.startsWith("Arrow")) act = () => (inOutline ? moveInOutline(byId("outline"), state.shown, state.sel, event.key, graph) : graph.walk(event.key));
  if (!act) return;
  event.preventDefault();
  act();
}

const middle = () => ({ x: byId("canvas").clientWidth / 2, y: byId("canvas").clientHeight / 2 });

function otherRun(delta) {
  const withGraph = runs.runs.filter((run) => run.graphs.length);
  const run = withGraph[(withGraph.indexOf(runOf()) + delta + withGraph.length) % withGraph.length];
  if (run) useGraph(run.graphs[0].id);
}

function dialog(title, rows) {
  const element = byId("help");
  element.replaceChildren(h("h2", {}, title), ...rows, h("p", {}, h("button", { onclick: () => element.close() }, "Close")));
  element.showModal();
}

const help = () => dialog("Keys", [h("table", {}, h("tbody", {}, KEYS.map(([key, what]) => h("tr", {}, h("td", {}, h("kbd", {}, key)), h("td", {}, what)))))]);

async function copyLink() {
  remember(false);
  try {
    await navigator.clipboard.writeText(location.href);
    status("The link to this view is copied.");
  } catch {
    dialog("Link to this view", [h("p", {}, h("input", { readonly: true, value: location.href, "aria-label": "Link", style: null, class: "wide-field" }))]);
  }
}

function theme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}

function listen() {
  byId("graph-picker").addEventListener("change", (e) => useGraph(e.target.value).then(() => open("graph", true)));
  byId("color-picker").addEventListener("change", (e) => graph.setColor(e.target.value));
  byId("theme").addEventListener("click", theme);
  byId("help-button").addEventListener("click", help);
  byId("link-button").append(icon("link"));
  byId("link-button").addEventListener("click", copyLink);
  byId("views").addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const tabs = [...byId("views").children];
    const to = tabs[(tabs.indexOf(document.activeElement) + (step || 0) + tabs.length) % tabs.length];
    if (!step || !to) return;
    event.preventDefault();
    event.stopPropagation();
    to.focus();
    to.click();
  });
  addEventListener("resize", () => { if (!byId("graph-view").hidden && state.shown) state.picture.resized(); });
  const acts = { fit: () => state.picture.fit(), up: graph.up, trace: graph.trace, hide: graph.hide, regroup: graph.regroup, undo: graph.undo, redo: graph.redo, start: graph.startAgain };
  byId("tools").addEventListener("click", (e) => acts[e.target.getAttribute("data-act")]?.());
  byId("export").addEventListener("toggle", () => byId("export").open && exportsOf(byId("export").lastElementChild, source, state));
  document.addEventListener("keydown", keyboard);
  window.addEventListener("popstate", () => follow().catch(fail));
  makeSearch(byId("search"), byId("hits"), {
    ask: (q) => source.search(state.gid, q, { limit: 50 }),
    asked: (q) => { query = q; remember(false); },
    preview: (hit) => {
      const at = [hit.id, ...[...hit.parents].reverse()].find((id) => state.picture.placeOf(id));
      if (at !== undefined) { state.picture.mark(at, null); if (!state.picture.isVisible(at)) state.picture.centre(at); }
    },
    go: (hit) => graph.go(hit.id).then(() => byId("canvas").focus()),
    hide: graph.hideFound,
  });
}

async function main() {
  source = isOffline() ? await openOffline() : openHttp();
  graph.connect({ source, status, remember, lastProfile: () => (runOf() ? runOf().tags.profiles.slice(-1)[0] || null : null), openGraph: async () => { if (byId("graph-view").hidden) await open("graph"); } });
  runs = await source.runs();
  document.title = `${clean(runs.title)} – graphflow`;
  listen();
  const ready = follow();
  pickers();
  await ready;
  pickers();
  source.listen(live);
}

function fail(error) {
  status(clean(error.message));
  document.body.setAttribute("data-failed", clean(error.message));
}

main().catch(fail);
