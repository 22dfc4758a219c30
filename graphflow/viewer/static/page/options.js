// What a reader chose on the pages of a log: kept over reloads of this page, and carried by its links.

const KEPT = "graphflow.options:" + location.pathname;
export const DEFAULTS = { smoothing: 0.6, axis: "step", logX: false, logY: false, outliers: false, filter: "", pins: [], closed: [], zooms: {}, height: 210, steps: "offset", bins: "even", size: 1, contrast: 1, brightness: 1, actual: false };
const LINKED = { smoothing: "sm", axis: "ax", logX: "lx", logY: "ly", outliers: "ol", filter: "tq" };

function recall() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) || "{}");
  } catch {
    return {}; // a sandboxed frame has no storage
  }
}

export const options = { ...DEFAULTS, ...recall() };

/** Remembers the options. */
export function keepOptions() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(options));
  } catch {
    // nothing is kept where nothing can be
  }
}

/** The options that differ from the usual ones, as parts of a link. */
export function linkOptions() {
  const out = {};
  for (const [name, short] of Object.entries(LINKED)) if (options[name] !== DEFAULTS[name]) out[short] = String(options[name]);
  out.pin = options.pins;
  return out;
}

/** Takes over what a link says; what it does not say stays. */
export function followOptions(parts) {
  for (const [name, short] of Object.entries(LINKED)) {
    if (!parts[short]) continue;
    const usual = DEFAULTS[name];
    options[name] = typeof usual === "number" ? Number(parts[short]) || 0 : typeof usual === "boolean" ? parts[short] === "true" : parts[short];
  }
  if (parts.pin && parts.pin.length) options.pins = parts.pin;
}
