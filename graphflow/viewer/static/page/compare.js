// The comparison of two graphs as a list; what changed can be filtered by kind.

import { clean } from "../dot.js";
import { amount, h, put } from "./dom.js";

const SIGNS = { added: "+", removed: "−", changed: "~", rewired: "⇄", renamed: "→" };
const MOST = 1000;
const LONGEST = 110; // letters of a detail; the rest is in its title

const hidden = new Set();

const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text);

/** The comparison: pickers, counts, changes. compare([old, new]) asks for another one; open(graph, id) shows an op in the union. */
export function diffPage(host, graphs, chosen, found, compare, open) {
  const pick = (side) => h("select", { "aria-label": side ? "New graph" : "Old graph", onchange: (e) => compare(side ? [chosen[0], e.target.value] : [e.target.value, chosen[1]]) },
    graphs.map((g) => h("option", { value: g.id, selected: g.id === chosen[side] }, clean(g.title))));
  const bar = h("div", { class: "bar" }, h("label", {}, "From ", pick(0)), h("label", {}, "to ", pick(1)), found ? h("button", { onclick: () => open(found.graph, null) }, "Show both as one graph") : h("span", {}, "comparing …"));
  if (!found) return put(host, bar);
  const again = () => diffPage(host, graphs, chosen, found, compare, open);
  const counts = Object.entries(found.summary).filter(([state, n]) => n && state !== "same").map(([state, n]) => h("button", {
    class: `chip state-${state}`, "aria-pressed": String(!hidden.has(state)), title: hidden.has(state) ? "Show these" : "Leave these out",
    onclick: () => ((hidden.has(state) ? hidden.delete(state) : hidden.add(state)), again()) }, `${SIGNS[state]} ${amount(n)} ${state}`));
  const changes = found.changes.filter((c) => !hidden.has(c.kind));
  const more = changes.length - MOST + (found.more || 0);
  return put(host, bar, h("div", { class: "chips", role: "group", "aria-label": "Kinds of change" }, counts, h("span", { class: "muted" }, counts.length ? `${amount(found.summary.same || 0)} the same` : `No difference: all ${amount(found.summary.same || 0)} operations are the same.`)),
    changes.length ? h("div", { class: "wide" }, h("table", { class: "data changes" }, h("thead", {}, h("tr", {}, ["change", "operation", "what"].map((t) => h("th", {}, t)))), h("tbody", {}, changes.slice(0, MOST).map((c) => row(c, found, open))))) : "",
    more > 0 ? h("p", { class: "muted" }, `and ${amount(more)} more`) : "");
}

function row(change, found, open) {
  const told = [change.was ? `was ${change.was}` : "", ...change.detail].filter(Boolean).map(clean);
  return h("tr", {}, h("td", { class: `state-${change.kind}` }, `${SIGNS[change.kind] || ""} ${change.kind}`),
    h("td", {}, h("button", { class: "link", onclick: () => open(found.graph, change.id) }, clean(change.path))),
    h("td", {}, told.map((text) => h("div", { title: text.length > LONGEST ? text : null }, cut(text)))));
}
