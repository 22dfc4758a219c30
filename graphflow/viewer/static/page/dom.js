// Elements made of tags, attributes and text nodes only: no name from a file is ever taken for markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) if (child !== null && child !== undefined) element.append(child);
  return element;
}

/** An HTML element; attributes named on... are listeners; strings among the children become text. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** Replaces what an element holds; null among the children is left out. */
export function put(host, ...children) {
  host.replaceChildren();
  return fill(host, null, children);
}

export function byId(id) {
  return document.getElementById(id);
}

// 1,234.568; the browser's own way takes 20 ms at its first call, in the middle of the first picture
function grouped(value) {
  const [whole, part] = String(Math.round(value * 1000) / 1000).split(".");
  return /^-?\d+$/.test(whole) ? whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? "." + part : "") : String(value);
}

/** Numbers as people read them. */
export function amount(value, unit = "") {
  if (value === null || value === undefined) return "";
  const units = unit === "B" ? ["B", "kB", "MB", "GB", "TB"] : unit === "us" ? ["µs", "ms", "s"] : null;
  if (!units) return grouped(Number(value));
  let at = 0;
  let v = Number(value);
  while (v >= 1000 && at < units.length - 1) {
    v /= 1000;
    at += 1;
  }
  return `${v >= 100 ? v.toFixed(0) : v.toPrecision(3)} ${units[at]}`;
}

const ICONS = {
  pin: "M9.5 1.5l5 5-3 1-3 3 .5 3-1.5 1.5-3-3-3.5 3 3-3.5-3-3L3.5 7l3 .5 3-3z",
  broad: "M1 8h14M4 5L1 8l3 3M12 5l3 3-3 3",
  full: "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4",
  link: "M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5L7.5 13A3 3 0 0 1 3 8.5L4.500 7",
};

/** A small picture on a button. */
export function icon(name) {
  return s("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": 1.5, "stroke-linecap": "round", "stroke-linejoin": "round" }, s("path", { d: ICONS[name] }));
}
