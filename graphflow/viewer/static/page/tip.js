// The table beside the pointer: the values of the curves there, sorted, the nearest one marked. It floats, so that nothing moves under it.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { swatch } from "./looks.js";

const MOST = 14;
let box = null;

/** Shows rows [{run, cells, value, near}] under a heading, at a place of the window. columns: heads of the cells. */
export function showTip(title, columns, rows, at) {
  if (!box || !box.isConnected) document.body.append((box = h("div", { class: "tip", role: "presentation" })));
  const sorted = [...rows].sort((a, b) => (Number.isFinite(b.value) ? b.value : -Infinity) - (Number.isFinite(a.value) ? a.value : -Infinity));
  const near = Math.max(0, sorted.findIndex((r) => r.near));
  const from = Math.max(0, Math.min(near - Math.floor(MOST / 2), sorted.length - MOST));
  const some = sorted.slice(from, from + MOST);
  put(box, h("table", {}, h("thead", {}, h("tr", {}, h("th", { colspan: 2 }, title), columns.map((c) => h("th", { class: "n" }, c)))),
    h("tbody", {}, some.map((r) => h("tr", { class: r.near ? "near" : null }, h("td", {}, swatch(r.run)), h("td", { class: "name" }, clean(r.run)), r.cells.map((c) => h("td", { class: "n" }, c)))))),
  sorted.length > some.length ? h("div", { class: "muted" }, `${sorted.length - some.length} more`) : null);
  box.hidden = false;
  const { offsetWidth: w, offsetHeight: tall } = box;
  const left = at.x + 18 + w > innerWidth ? at.x - 18 - w : at.x + 18;
  box.style.left = `${Math.max(4, left)}px`;
  box.style.top = `${Math.max(4, Math.min(at.y - tall / 2, innerHeight - tall - 4))}px`;
}

export function hideTip() {
  if (box) box.hidden = true;
}
