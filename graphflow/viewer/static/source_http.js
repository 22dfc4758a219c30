// The Source of a page with a server: every method asks one route under api/v1.

import { unpack } from "./page/packed.js";

const BASE = "api/v1/";

async function ask(path, params) {
  const query = params ? "?" + params : "";
  const answer = await fetch(BASE + path + query);
  const value = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw new Error(value.error || `${answer.status}`);
  return value;
}

async function askArrays(path, params) {
  const answer = await fetch(BASE + path + "?" + params);
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error || `${answer.status} ${answer.statusText}`);
  return unpack(await answer.arrayBuffer());
}

/** The parameters of a state: {expanded, expandedPaths, root, out, back, hide, hideQuery, flat, profile, dir, first}. */
export function stateParams(state = {}) {
  const params = new URLSearchParams();
  const add = (name, values) => (values || []).forEach((v) => params.append(name, v));
  add("x", state.expanded);
  add("xp", state.expandedPaths);
  add("out", state.out);
  add("back", state.back);
  add("hide", state.hide);
  if (state.hideQuery) params.set("hq", state.hideQuery);
  if (state.flat) params.set("flat", "1");
  if (state.root) params.set("root", state.root);
  add("profile", state.profile ? [state.profile].flat() : []);
  if (state.dir && state.dir !== "auto") params.set("dir", state.dir);
  if (state.first) params.set("first", "1");
  return params;
}

function many(params) {
  const out = new URLSearchParams();
  for (const [name, value] of Object.entries(params || {})) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) out.append(name, one);
  }
  return out;
}

const series = (kind) => ({ runs, tags, most, index } = {}) => ask(kind, many({ run: runs, tag: tags, most, index }));

// the list of runs, brought up to date by what changed since; a run's tags stand once for all runs that have the same ones
function runList(first) {
  const known = new Map();
  let last = null;
  return async () => {
    const got = (!last && first()) || (await ask("runs", last ? many({ since: last.stamp, boot: last.boot }) : ""));
    if (!got.since) known.clear();
    let fresh = false;
    for (const run of got.runs) {
      run.tags = got.sets[run.set];
      fresh = fresh || !known.has(run.id);
      known.set(run.id, { ...(known.get(run.id) || {}), ...run });
    }
    const order = new Intl.Collator("en", { numeric: true });
    const runs = fresh || !last ? [...known.values()].sort((a, b) => order.compare(a.name, b.name)) : last.runs.map((run) => known.get(run.id));
    return (last = { ...got, runs });
  };
}

// What the document brought along (graphflow/viewer/first_page.py); each piece is used once.
function brought() {
  const element = document.getElementById("gf-first");
  const held = element ? JSON.parse(element.textContent) : {};
  return (name, fits = () => true) => {
    const value = held[name];
    if (!value || !fits(value)) return null;
    held[name] = null;
    return value;
  };
}

/** Opens the server's Source. */
export function openHttp() {
  const take = brought();
  const graph = (gid) => "graph/" + encodeURIComponent(gid) + "/";
  return {
    live: true,
    compares: (graphs) => graphs > 1,
    runs: runList(() => take("runs")),
    view: async (gid, state) => {
      const params = stateParams(state).toString();
      return (params === "first=1" && take("view", (view) => view.graph === gid)) || ask(graph(gid) + "view", params);
    },
    node: (gid, id) => ask(graph(gid) + "node", many(typeof id === "string" ? { name: id } : { id })),
    resolve: (gid, paths) => ask(graph(gid) + "resolve", many({ path: paths })),
    search: (gid, q, { limit = 50, offset = 0 } = {}) => ask(graph(gid) + "search", many({ q, limit, offset })),
    trace: (gid, state, { from, to = null, dir = "in" }) => {
      const params = stateParams(state);
      params.set("from", from);
      if (to !== null) params.set("to", to);
      params.set("tracedir", dir);
      return ask(graph(gid) + "trace", params);
    },
    outline: (gid, id) => ask(graph(gid) + "outline", many({ id })),
    stats: (gid) => ask(graph(gid) + "stats"),
    scalars: ({ runs, tags, ...rest }) => askArrays("scalars", many({ run: runs, tag: tags, ...rest })),
    ...Object.fromEntries(["histograms", "images", "audio", "text", "pr_curves", "tensors", "mesh"].map((kind) => [kind, series(kind)])),
    hparams: () => ask("hparams"),
    layouts: () => ask("layouts"),
    imageURL: async (run, tag, index, item) => BASE + "image?" + many({ run, tag, index, item }),
    audioURL: async (run, tag, index, item) => BASE + "sound?" + many({ run, tag, index, item }),
    profile: (run, tags, timeline) => ask("profile", many({ run, tag: tags, timeline })),
    diff: (a, b) => ask("diff", many({ a, b })),
    exportURL: (kind, { gid = null, state = null, ...params } = {}) => {
      if (!gid) return BASE + "export/" + kind + "?" + many(params);
      const query = stateParams(state || {});
      for (const [name, value] of many(params)) query.append(name, value);
      return BASE + graph(gid) + "export." + kind + "?" + query;
    },
    listen,
  };
}

// notices of changes: through a worker that all tabs share, or by a stream of this tab's own where a browser has no such workers
function listen(handler) {
  if (typeof SharedWorker === "undefined") return listenAlone(handler);
  const worker = new SharedWorker("static/stream_worker.js");
  worker.port.onmessage = (event) => handler(event.data);
  worker.onerror = () => listenAlone(handler);
  window.addEventListener("pagehide", () => worker.port.postMessage("leave"));
  window.addEventListener("pageshow", (event) => event.persisted && listen(handler));
  return null;
}

function listenAlone(handler) {
  let events = null;
  const start = () => {
    events = new EventSource(BASE + "events");
    events.addEventListener("message", (event) => handler(JSON.parse(event.data)));
    events.addEventListener("error", () => {
      handler({ type: "lost" });
      if (events.readyState === EventSource.CLOSED) setTimeout(start, 2000);
    });
  };
  window.addEventListener("pagehide", () => events.close());
  window.addEventListener("pageshow", (event) => event.persisted && start());
  start();
}
