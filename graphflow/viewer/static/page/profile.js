// The profile of steps: totals, timeline, tables.

import { clean } from "../dot.js";
import { amount, h, put, s } from "./dom.js";
import { COLORS, ticks } from "./series.js";

/** The profile: totals, timeline, tables. go(id) shows an op in the graph. */
export function profilePage(host, data, go, traceURL) {
  const end = Math.max(1e-9, ...data.timeline.map((b) => b.end));
  const rowHeight = 16;
  const height = data.lanes.length * rowHeight + 24;
  const svg = s("svg", { viewBox: `0 0 900 ${height}`, role: "img", "aria-label": `Timeline of ${data.timeline.length} operations on ${data.lanes.length} threads` });
  for (const bar of data.timeline.slice(0, 3000)) {
    const row = data.rows[bar.row];
    svg.append(s("rect", { x: 90 + (bar.start / end) * 800, y: bar.lane * rowHeight + 2, width: Math.max(0.8, ((bar.end - bar.start) / end) * 800), height: rowHeight - 4, fill: `var(--run${bar.row % COLORS})`, rx: 1 },
      s("title", {}, clean(`${row.name}\n${row.op} ${amount(bar.end - bar.start, "us")}`))));
  }
  data.lanes.forEach((lane, i) => svg.append(s("text", { x: 84, y: i * rowHeight + 12, "text-anchor": "end" }, lane.name)));
  for (const t of ticks(0, end, 8)) svg.append(s("text", { x: 90 + (t / end) * 800, y: height - 4, "text-anchor": "middle" }, amount(t, "us")));
  const total = data.total.time || 1;
  const table = (head, rows) => h("table", { class: "data" }, h("thead", {}, h("tr", {}, head.map((t, i) => h("th", { class: i ? "n" : null }, t)))), h("tbody", {}, rows));
  put(host, 
    h("div", { class: "bar" }, `${data.tags.join(", ")}: ${amount(data.total.time, "us")} of work in ${amount(data.total.span, "us")}, ${amount(data.total.memory, "B")} allocated, at most ${amount(data.memory.peak, "B")} live`,
      data.count > 1 ? ` (average of ${data.count} steps)` : "", traceURL ? h("a", { class: "link", href: traceURL, download: "trace.json" }, "Chrome trace") : null),
    h("div", { class: "chart" }, h("h3", {}, "Timeline"), svg), h("p", {}),
    h("div", { class: "charts" },
      h("div", { class: "chart" }, h("h3", {}, "By operation type"), table(["op", "calls", "time", "share", "memory"], data.byOp.slice(0, 40).map((r) => h("tr", {}, h("td", {}, clean(r.op)), h("td", { class: "n" }, amount(r.calls)), h("td", { class: "n" }, amount(r.time, "us")), h("td", { class: "n" }, `${((100 * r.time) / total).toFixed(1)} %`), h("td", { class: "n" }, amount(r.memory, "B")))))),
      h("div", { class: "chart" }, h("h3", {}, "By operation"), table(["name", "time", "self", "wait", "memory"], data.rows.slice(0, 100).map((r) => h("tr", {}, h("td", {}, r.id === null ? clean(r.name) : h("button", { class: "link", onclick: () => go(r.id) }, clean(r.name))), h("td", { class: "n" }, amount(r.time, "us")), h("td", { class: "n" }, amount(r.self, "us")), h("td", { class: "n" }, amount(r.wait, "us")), h("td", { class: "n" }, amount(r.memory, "B"))))))));
}
