// The look of a run: a colour and a dash that depend on its name alone, so that they stay while runs come and go, in every browser; and
// the colours that somebody chose instead.

import { s } from "./dom.js";

const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
const HUES = 24;
const SHADES = 2;
const KEPT = "graphflow.colours";

/** A number in [0, 2^32) from a text (FNV-1a, then mixed). The start was chosen so that usual pairs, such as train and validation, are far apart. */
export function hash(text) {
  let h = 0xa63282dd;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** {hue, shade, dash} of a name. */
export function lookOfName(name) {
  const h = hash(name);
  return { hue: ((h % HUES) * 360) / HUES, shade: Math.floor(h / HUES) % SHADES, dash: DASHES[Math.floor(h / (HUES * SHADES)) % DASHES.length] };
}

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) || "{}");
  } catch {
    return {}; // a sandboxed frame has no storage
  }
}

const chosen = new Map(Object.entries(recall()));

/** Gives a run a colour of its own (#rrggbb), or takes it back (null). */
export function choose(name, color) {
  if (color) chosen.set(name, color);
  else chosen.delete(name);
  try {
    localStorage.setItem(KEPT, JSON.stringify(Object.fromEntries(chosen)));
  } catch {
    // nothing is kept where nothing can be
  }
}

/** Whether the page is dark now. */
export function isDark() {
  const theme = document.documentElement.dataset.theme;
  return theme ? theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

// OKLCH to #rrggbb, so that files and colour fields understand it; what no screen shows is brought to its edge
function hex(light, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const [l, m, s2] = [light + 0.3963377774 * a + 0.2158037573 * b, light - 0.1055613458 * a - 0.0638541728 * b, light - 0.0894841775 * a - 1.291485548 * b].map((v) => v ** 3);
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s2, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s2, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s2];
  return "#" + linear.map((v) => Math.round(255 * Math.min(1, Math.max(0, v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055))).toString(16).padStart(2, "0")).join("");
}

/** The colour of a run as CSS, and its dash. */
export function lookOf(name, dark = isDark()) {
  const { hue, shade, dash } = lookOfName(name);
  const color = chosen.get(name) || hex(dark ? 0.68 + 0.14 * shade : 0.46 + 0.14 * shade, dark ? 0.15 : 0.17, hue);
  return { color, dash: chosen.has(name) ? [] : dash };
}

/** A line in a run's colour and dash. */
export function swatch(name) {
  const { color, dash } = lookOf(name);
  return s("svg", { width: 22, height: 8, viewBox: "0 0 22 8", class: "swatch", "aria-hidden": "true" },
    s("line", { x1: 1, x2: 21, y1: 4, y2: 4, stroke: color, "stroke-width": 2.5, "stroke-dasharray": dash.join(" ") || null }));
}
