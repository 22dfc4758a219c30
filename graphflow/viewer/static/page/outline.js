// The outline: the same groups as in the picture, as a tree for keyboards and screen readers.

import { clean } from "../dot.js";
import { h } from "./dom.js";

/** Draws the outline of a view. handlers: select(id), toggle(id). */
export function drawOutline(host, view, selected, handlers) {
  const depth = new Map([[view.root, 0]]);
  const rows = view.boxes.map((box) => {
    const level = (depth.get(box.parent) || 0) + 1;
    depth.set(box.id, level);
    const group = box.kind !== "op";
    const twist = h("span", { class: "twist", "aria-hidden": "true", onclick: (e) => { e.stopPropagation(); if (group) handlers.toggle(box.id); } }, group ? (box.open ? "▾" : "▸") : "");
    const row = h("div", { class: "row", role: "treeitem", "aria-level": level, "aria-expanded": group ? String(box.open) : null, "aria-selected": String(box.id === selected), "data-row": box.id,
      onclick: () => handlers.select(box.id), ondblclick: () => group && handlers.toggle(box.id) }, twist, h("span", { class: "name" }, clean(box.label)), h("small", {}, clean(box.detail)));
    row.style.paddingLeft = `${6 + (level - 1) * 12}px`;
    return row;
  });
  host.replaceChildren(...rows);
}

/** Moves the mark of the selection in an outline that is drawn. */
export function markOutline(host, selected) {
  for (const row of host.querySelectorAll('[aria-selected="true"]')) row.setAttribute("aria-selected", "false");
  const row = host.querySelector(`[data-row="${selected}"]`);
  if (row) row.setAttribute("aria-selected", "true");
}

/** Arrow keys in the outline: up and down through the rows; right opens a group or enters it, left closes it or leaves it. */
export function moveInOutline(host, view, selected, key, handlers) {
  const at = view.boxes.findIndex((b) => b.id === selected);
  const box = view.boxes[at];
  const to = (next) => {
    if (!next) return;
    handlers.select(next.id);
    const row = host.querySelector(`[data-row="${next.id}"]`);
    if (row) row.scrollIntoView({ block: "nearest" });
  };
  if (key === "ArrowDown") to(view.boxes[at + 1]);
  else if (key === "ArrowUp") to(view.boxes[Math.max(0, at - 1)]);
  else if (key === "ArrowRight" && box && box.kind !== "op") box.open ? to(view.boxes[at + 1]) : handlers.toggle(box.id);
  else if (key === "ArrowLeft" && box) box.open ? handlers.toggle(box.id) : to(view.boxes.find((b) => b.id === box.parent));
}
