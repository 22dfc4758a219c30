// The comparison of two graphs as a list.

import { clean } from "../dot.js";
import { amount, h, put } from "./dom.js";

/** The comparison of two graphs: pickers, counts, changes. */
export function diffPage(host, graphs, chosen, found, compare, open) {
  const pick = (side) => h("select", { "aria-label": side ? "New graph" : "Old graph", onchange: (e) => compare(side ? [chosen[0], e.target.value] : [e.target.value, chosen[1]]) },
    graphs.map((g) => h("option", { value: g.id, selected: g.id === chosen[side] }, clean(g.title))));
  const counts = found ? Object.entries(found.summary).map(([state, n]) => h("span", { class: "state-" + state }, `${amount(n)} ${state}`)) : [];
  put(host, h("div", { class: "bar" }, pick(0), " to ", pick(1), counts, found ? h("button", { onclick: () => open(found.graph, null) }, "Show both as one graph") : null),
    found ? h("table", { class: "data" }, h("tbody", {}, found.changes.slice(0, 1000).map((c) => h("tr", {}, h("td", { class: "state-" + c.kind }, c.kind), h("td", {}, h("button", { class: "link", onclick: () => open(found.graph, c.id) }, clean(c.path)), c.was ? ` (was ${clean(c.was)})` : ""), h("td", {}, clean(c.detail.join("; "))))))) : "");
}
