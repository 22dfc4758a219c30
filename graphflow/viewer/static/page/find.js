// The search box: hits as you type, arrows move a preview, Enter goes there.

import { clean } from "../dot.js";
import { amount, h } from "./dom.js";

/** Wires the search box. handlers: ask(query) -> Found, asked(query), preview(hit), go(hit), hide(query). */
export function makeSearch(input, list, handlers) {
  let hits = [];
  let at = -1;
  let asked = 0;
  const mark = (index) => {
    at = Math.max(-1, Math.min(hits.length - 1, index));
    [...list.querySelectorAll(".hit")].forEach((row, i) => {
      row.setAttribute("aria-selected", String(i === at));
      if (i === at) row.scrollIntoView({ block: "nearest" });
    });
    if (at >= 0) input.setAttribute("aria-activedescendant", `hit-${at}`);
    else input.removeAttribute("aria-activedescendant");
    if (at >= 0) handlers.preview(hits[at]);
  };
  const run = async () => {
    const number = ++asked;
    const query = input.value.trim();
    handlers.asked(query);
    input.setAttribute("aria-expanded", String(Boolean(query)));
    if (!query) {
      input.removeAttribute("aria-activedescendant");
      hits = [];
      list.replaceChildren();
      return;
    }
    const found = await handlers.ask(query);
    if (number !== asked) return;
    hits = found.hits;
    at = -1;
    input.removeAttribute("aria-activedescendant");
    list.replaceChildren(h("div", { class: "found muted", role: "status" }, `${amount(found.total)} found` + (found.unknown.length ? `; there is no field ${found.unknown.join(", ")}` : ""), " ",
      found.total ? h("button", { class: "link", title: "Hide all of these in the picture", onclick: () => handlers.hide(input.value.trim()) }, "hide these") : null),
      ...hits.map((hit, i) => h("button", { class: "hit", id: `hit-${i}`, role: "option", tabindex: -1, onclick: () => { mark(i); handlers.go(hit); } }, marked(hit), " ", h("small", {}, clean(hit.op || hit.kind)))));
  };
  input.addEventListener("input", run);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") mark(at + 1);
    else if (event.key === "ArrowUp") mark(at - 1);
    else if (event.key === "Enter" && hits.length) handlers.go(hits[Math.max(0, at)]);
    else if (event.key === "Escape") { input.value = ""; run(); input.blur(); }
    else return;
    event.preventDefault();
  });
  return { run };
}

function marked(hit) {
  const out = [];
  let from = 0;
  for (const [a, b] of hit.ranges) {
    if (a < from) continue;
    out.push(clean(hit.path.slice(from, a)), h("mark", {}, clean(hit.path.slice(a, b))));
    from = b;
  }
  return [...out, clean(hit.path.slice(from))];
}
