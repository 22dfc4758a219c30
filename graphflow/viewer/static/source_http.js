// The Source of a page with a server: every method asks one route under api/v1.

const BASE = "api/v1/";

async function ask(path, params) {
  const query = params ? "?" + params : "";
  const answer = await fetch(BASE + path + query);
  const value = await answer.json().catch(() => ({ error: `${answer.status} ${answer.statusText}` }));
  if (!answer.ok) throw new Error(value.error || `${answer.status}`);
  return value;
}

/** The parameters of a state: {expanded, expandedPaths, root, out, back, hide, hideQuery, profile, dir, first}. */
export function stateParams(state = {}) {
  const params = new URLSearchParams();
  const add = (name, values) => (values || []).forEach((v) => params.append(name, v));
  add("x", state.expanded);
  add("xp", state.expandedPaths);
  add("out", state.out);
  add("back", state.back);
  add("hide", state.hide);
  if (state.hideQuery) params.set("hq", state.hideQuery);
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

const series = (kind) => ({ runs, tags, max } = {}) => ask(kind, many({ run: runs, tag: tags, max }));

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
    runs: async () => take("runs") || ask("runs"),
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
    scalars: series("scalars"),
    histograms: series("histograms"),
    images: series("images"),
    audio: series("audio"),
    text: series("text"),
    imageURL: async (run, tag, index) => BASE + "image?" + many({ run, tag, index }),
    audioURL: async (run, tag, index) => BASE + "sound?" + many({ run, tag, index }),
    profile: (run, tags, timeline) => ask("profile", many({ run, tag: tags, timeline })),
    diff: (a, b) => ask("diff", many({ a, b })),
    exportURL: (kind, { gid = null, state = null, ...params } = {}) => {
      if (!gid) return BASE + "export/" + kind + "?" + many(params);
      const query = stateParams(state || {});
      for (const [name, value] of many(params)) query.append(name, value);
      return BASE + graph(gid) + "export." + kind + "?" + query;
    },
    listen: (handler) => {
      let events = null;
      const start = () => {
        events = new EventSource(BASE + "events");
        events.addEventListener("message", (event) => handler(JSON.parse(event.data)));
        events.addEventListener("error", () => handler({ type: "lost" }));
      };
      // a page that waits in the back-forward cache would keep one of the six connections that a browser has to a server
      window.addEventListener("pagehide", () => events.close());
      window.addEventListener("pageshow", (event) => event.persisted && start());
      start();
    },
  };
}
