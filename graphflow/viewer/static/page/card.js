// The card of the selection.

import { clean } from "../dot.js";
import { amount, h, put } from "./dom.js";

/** Fills `host` with a card. go(id): selects another item; actions: [[word, function]]. */
export function showCard(host, card, go, actions, close) {
  const link = (ref, text) => h("button", { class: "link", onclick: () => go(ref.id), title: clean(ref.path) }, clean(text || ref.path));
  const list = (title, rows) => (rows.length ? [h("h3", {}, title), h("ul", {}, rows.map((row) => h("li", {}, row)))] : []);
  const tensor = (t) => [link(t, t.tensor), " ", h("span", { class: "muted" }, t.type)];
  const more = card.more ? [h("p", { class: "muted" }, `and ${amount(card.more)} more`)] : [];
  const copy = (text, word = "copy") => h("button", { onclick: () => navigator.clipboard && navigator.clipboard.writeText(text), title: clean(text) }, word);
  put(host, [
    h("button", { class: "close", onclick: close, "aria-label": "Close the card" }, "×"),
    h("div", { class: "muted" }, card.kind === "op" ? card.op : card.kind),
    h("h2", {}, clean(card.label)),
    h("div", { class: "muted" }, clean(card.path), " ", copy(card.name), card.kind === "op" ? [" ", copy(`graph.get_operation_by_name(${JSON.stringify(card.path)})`, "copy call")] : null),
    h("p", {}, actions.map(([word, act]) => [h("button", { onclick: act }, word), " "])),
    card.reason ? h("p", {}, "Put aside: " + card.reason) : null,
    card.dead ? h("p", {}, "Nothing reads it.") : null,
    card.note ? h("p", { class: "muted" }, clean(card.note)) : null,
    card.diff ? h("p", { class: "state-" + card.diff.state }, card.diff.state) : null,
    card.source ? h("div", {}, h("h3", {}, `${clean(card.source.file)}:${card.source.line}`), card.source.text ? h("pre", {}, clean(card.source.text)) : null) : null,
    card.kind !== "op" ? h("p", {}, `${amount(card.ops)} ops` + (card.parameters ? `, ${amount(card.parameters)} parameters` : "")) : null,
    card.device ? h("p", {}, "Device ", clean(card.device)) : null,
    ...list("Inputs", card.inputs.map(tensor)),
    ...list("Control inputs", card.controls.map((c) => link(c))),
    ...list("Outputs", card.outputs.map((o) => [h("div", {}, clean(o.tensor), " ", h("span", { class: "muted" }, o.type)),
      h("ul", {}, o.consumers.map((c) => h("li", {}, "→ ", link(c)))), o.more ? h("span", { class: "muted" }, `and ${amount(o.more)} more`) : null])),
    ...list("Control outputs", card.controlOutputs.map((c) => link(c))),
    ...list(card.path.includes("_grad/") ? "Gradient of" : "Gradient", card.partners.map((p) => link(p))),
    ...list("Measured", card.profile.map((p) => `${p.tag}: ${amount(p.time, "us")}, ${amount(p.memory, "B")}`)),
    ...list("Summaries", card.summary.map((t) => `${clean(t.tag)} (${t.plugin})` + (t.value === undefined ? "" : `: ${typeof t.value === "number" ? amount(t.value) : t.value} at step ${amount(t.step)}`))),
    card.attrs.length ? h("h3", {}, "Attributes") : null,
    card.attrs.length ? h("table", {}, h("tbody", {}, card.attrs.map((a) => h("tr", {}, h("td", {}, clean(a.name)), h("td", {}, clean(a.value)))))) : null,
    card.histogram.length ? h("h3", {}, "Operations inside") : null,
    card.histogram.length ? h("table", {}, h("tbody", {}, card.histogram.slice(0, 30).map(([op, n]) => h("tr", {}, h("td", {}, clean(op)), h("td", {}, amount(n)))))) : null,
    ...list("Members", card.members.map((m) => link(m, m.label))), ...more,
  ]);
  host.hidden = false;
}
