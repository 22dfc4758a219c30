// The state of the page as the fragment of its address, in names: so a link fits another build of the graph as far as that has them.

const LISTS = ["x", "hide", "out", "back", "on", "off", "pin"];       // open groups, hidden items, items put aside and brought back; runs ticked or not; pinned tags
const WORDS = ["view", "graph", "root", "sel", "color", "hq", "flat", "trace", "from", "to", "q", "cam", "rq", "tq", "sm", "ax", "lx", "ly", "ol"];

/** The fragment of {view, graph, x: [], hide: [], ...}; what is empty is left out. x is [] when every group is closed. */
export function addressOf(parts) {
  const params = new URLSearchParams();
  for (const name of WORDS) if (parts[name]) params.set(name, parts[name]);
  for (const name of LISTS) for (const path of parts[name] || []) params.append(name, path);
  if (parts.x && !parts.x.length) params.set("x", "");
  return "#" + params;
}

/** The parts of a fragment. x is null when the link says nothing about open groups. */
export function partsOf(fragment) {
  const params = new URLSearchParams(fragment.replace(/^#/, ""));
  const parts = {};
  for (const name of WORDS) parts[name] = params.get(name) || "";
  for (const name of LISTS) parts[name] = params.getAll(name).filter(Boolean);
  if (!params.has("x")) parts.x = null;
  return parts;
}

/** "x,y,scale" of a camera that looks at a point of the picture. */
export function cameraText({ x, y, k }) {
  return [x.toFixed(1), y.toFixed(1), k.toFixed(3)].join(",");
}

/** The camera in such a text, or null. */
export function cameraOf(text) {
  const [x, y, k] = text.split(",").map(Number);
  return text && [x, y, k].every(Number.isFinite) && k > 0 ? { x, y, k } : null;
}

const GRAPH = ["graph", "root", "sel", "color", "hq", "flat", "trace", "from", "to", "cam", "x", "hide", "out", "back"];
const LOG = ["rq", "tq", "sm", "ax", "lx", "ly", "ol", "on", "off", "pin"];

/** The parts that belong to the pages of a log. */
export function logPartsOf(parts) {
  return Object.fromEntries(LOG.map((name) => [name, parts[name]]));
}

/** The parts that belong to the graph. */
export function graphPartsOf(parts) {
  return Object.fromEntries(GRAPH.map((name) => [name, parts[name]]));
}
