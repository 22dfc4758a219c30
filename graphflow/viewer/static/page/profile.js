// The profile of chosen steps: totals, timeline with live memory, tables by group, type and operation; the picture stands beside it.

import { clean } from "../dot.js";
import { amount as exact, h, put, s } from "./dom.js";
import { ticks } from "./series.js";

const COLORS = 8; // CSS variables --run0 to --run7
const LEFT = 58;
const RIGHT = 10;
const LANE = 22;
const MEMORY = 64;
const MOST_BARS = 3000; // of their own; more are drawn a pixel wide each, as one shape per type of operation
const GROUPS = 40;

const amount = (value, unit) => (value === 0 ? "0" : exact(value, unit));

const chosen = { run: null, off: [], shown: null, sort: { rows: ["time", -1], byOp: ["time", -1] } };

/** Shows the profile in host. runs: of the page; act: {go(id): shows an op in the graph, paint(run, tags): colours the picture}. */
export async function profilePage(host, runs, source, act) {
  const measured = runs.filter((run) => run.tags.profiles.length);
  const run = measured.find((r) => r.id === chosen.run) || measured[0];
  const tags = run.tags.profiles;
  const on = tags.filter((tag) => !chosen.off.includes(tag));
  const used = on.length ? on : tags;
  const shown = used.includes(chosen.shown) ? chosen.shown : used[used.length - 1];
  const data = await source.profile(run.id, used, shown);
  if (!act.current()) return null; // somebody went on while this was measured
  const again = (changes) => {
    Object.assign(chosen, { run: run.id }, changes);
    return profilePage(host, runs, source, act);
  };
  const trace = source.exportURL("trace.json", { run: run.id, tag: used });
  const colors = colorsOf(data);
  put(host, h("div", { class: "profile" },
    heading(data, measured, run, tags, used, again, trace),
    timeline(data, colors, used, shown, again, act),
    groups(data, act),
    types(data, colors, () => again({})),
    operations(data, act, () => again({}))));
  return act.paint(run.id, used);
}

/** A colour per type of operation, the ones that take longest first. */
function colorsOf(data) {
  return new Map(data.byOp.map((row, i) => [row.op, i < COLORS ? `var(--run${i})` : "var(--edge)"]));
}

// the bars that are no elements of their own, as one path for each type of operation
function thin(data, longest, px, colors) {
  const paths = new Map();
  for (const bar of data.timeline) {
    if (longest.has(bar)) continue;
    const { op } = data.rows[bar.row];
    const wide = Math.max(0.5, px(bar.end) - px(bar.start));
    paths.set(op, `${paths.get(op) || ""}M${px(bar.start).toFixed(1)},${bar.lane * LANE + 2}h${wide.toFixed(1)}v${LANE - 4}h${(-wide).toFixed(1)}Z`);
  }
  return [...paths].map(([op, d]) => s("path", { d, fill: colors.get(op) || "var(--edge)" }));
}

function heading(data, measured, run, tags, used, again, trace) {
  const pick = measured.length < 2 ? null : h("label", {}, "Run ", h("select", { "aria-label": "Run", onchange: (e) => again({ run: e.target.value, off: [], shown: null }) }, measured.map((r) => h("option", { value: r.id, selected: r.id === run.id }, clean(r.name)))));
  const steps = tags.length < 2 ? null : h("details", { class: "menu" }, h("summary", {}, `${used.length} of ${tags.length} steps`),
    h("div", {}, tags.map((tag) => h("label", {}, h("input", { type: "checkbox", checked: used.includes(tag), onchange: (e) =>
      again({ off: e.target.checked ? chosen.off.filter((t) => t !== tag) : [...tags.filter((t) => !used.includes(t)), tag] }) }), clean(tag)))));
  const fact = (words, value) => h("div", { class: "fact" }, h("b", {}, value), h("span", {}, words));
  return [h("div", { class: "bar" }, pick, steps, used.length === 1 ? clean(used[0]) : null, h("span", { class: "grow" }), trace ? h("a", { class: "link", href: trace, download: "trace.json" }, "Chrome trace") : null),
    h("div", { class: "facts" }, fact("of work" + (data.count > 1 ? `, average of ${data.count} steps` : ""), amount(data.total.time, "us")), fact("from first to last", amount(data.total.span, "us")),
      fact("operations ran", amount(data.total.ops)), fact("allocated", amount(data.total.memory, "B")), fact("live at most", amount(data.memory.peak, "B")))];
}

function timeline(data, colors, used, shown, again, act) {
  const end = Math.max(1e-9, ...data.timeline.map((b) => b.end));
  const W = Math.max(320, Math.min(1100, document.getElementById("data-view").clientWidth - 70)); // letters keep their size on any screen
  const px = (t) => LEFT + (t / end) * (W - LEFT - RIGHT);
  const floor = data.lanes.length * LANE + 6;
  const height = floor + MEMORY + 24;
  const svg = s("svg", { viewBox: `0 0 ${W} ${height}`, role: "img", "aria-label": `Timeline of ${data.timeline.length} operations on ${data.lanes.length} threads, ${amount(end, "us")} long; live memory below it, at most ${amount(data.memory.peak, "B")} after ${amount(data.memory.peakAt, "us")}` });
  const told = h("div", { class: "under muted" });
  const rest = `${data.timeline.length} operations on ${data.lanes.length} thread${data.lanes.length === 1 ? "" : "s"}` + (data.timeline.length > MOST_BARS ? `; the ${MOST_BARS} longest can be pointed at` : "");
  told.textContent = rest;
  for (const t of ticks(0, end, Math.round(W / 130))) svg.append(s("line", { x1: px(t), x2: px(t), y1: 0, y2: floor + MEMORY, stroke: "var(--line)" }), s("text", { x: px(t), y: height - 6, "text-anchor": "middle" }, amount(t, "us")));
  data.lanes.forEach((lane, i) => svg.append(s("text", { x: LEFT - 8, y: i * LANE + 15, "text-anchor": "end" }, data.lanes.length === 1 ? "thread" : `thread ${i + 1}`)));
  const longest = data.timeline.length > MOST_BARS ? new Set([...data.timeline].sort((a, b) => b.end - b.start - (a.end - a.start)).slice(0, MOST_BARS)) : null;
  if (longest) svg.append(...thin(data, longest, px, colors));
  for (const bar of longest || data.timeline) {
    const row = data.rows[bar.row];
    const wide = Math.max(1, px(bar.end) - px(bar.start));
    const words = `${clean(row.name)} · ${clean(row.op)} · ${amount(bar.end - bar.start, "us")}`;
    svg.append(s("g", { class: "span", onpointerenter: () => (told.textContent = words), onpointerleave: () => (told.textContent = rest), onclick: () => row.id !== null && act.go(row.id) },
      s("rect", { x: px(bar.start), y: bar.lane * LANE + 2, width: wide, height: LANE - 4, rx: Math.min(2, wide / 3), fill: colors.get(row.op) || "var(--edge)" }, s("title", {}, words)),
      wide > row.op.length * 6.5 + 8 ? s("text", { x: px(bar.start) + wide / 2, y: bar.lane * LANE + 15, "text-anchor": "middle", class: "on" }, clean(row.op)) : null));
  }
  svg.append(memory(data, px, floor, end));
  const pick = used.length < 2 ? null : h("label", { class: "muted" }, "of ", h("select", { "aria-label": "Step of the timeline", onchange: (e) => again({ shown: e.target.value }) }, used.map((tag) => h("option", { value: tag, selected: tag === shown }, clean(tag)))));
  return h("div", { class: "chart" }, h("div", { class: "head" }, h("h3", {}, "Timeline"), pick), svg, told);
}

function memory(data, px, floor, end) {
  const { live, peak, peakAt } = data.memory;
  const group = s("g", { class: "memory" });
  if (!peak) return group;
  const y = (bytes) => floor + MEMORY - (bytes / peak) * (MEMORY - 16);
  let d = `M${px(0)},${floor + MEMORY}`;
  let now = 0;
  for (const [at, bytes] of live) {
    d += `L${px(at).toFixed(1)},${y(now).toFixed(1)}L${px(at).toFixed(1)},${y(bytes).toFixed(1)}`;
    now = bytes;
  }
  d += `L${px(end)},${y(now).toFixed(1)}L${px(end)},${floor + MEMORY}Z`;
  const side = peakAt > end / 2 ? "end" : "start";
  group.append(s("path", { d, fill: "var(--accent)", "fill-opacity": 0.18, stroke: "var(--accent)" }), s("circle", { cx: px(peakAt), cy: y(peak), r: 3, fill: "var(--accent)" }),
    s("text", { x: px(peakAt) + (side === "end" ? -7 : 7), y: floor + 14, "text-anchor": side }, `${amount(peak, "B")} live`), s("text", { x: LEFT - 8, y: floor + MEMORY - 2, "text-anchor": "end" }, "memory"));
  return group;
}

const cell = (text) => h("td", { class: "n" }, text);

/** A share of the whole as a bar with its number. */
function share(part, whole) {
  const percent = (100 * part) / (whole || 1);
  return h("td", { class: "share" }, s("svg", { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" }, s("rect", { width: 100, height: 10, fill: "var(--line)" }), s("rect", { width: percent, height: 10, fill: "var(--accent)" })), h("span", {}, `${percent.toFixed(1)} %`));
}

/** A table whose columns sort it: [title, key] each, no key for one that does not sort. */
function table(name, columns, rows, redraw, draw) {
  const [by, way] = chosen.sort[name];
  const sorted = [...rows].sort((a, b) => way * (typeof a[by] === "string" ? a[by].localeCompare(b[by]) : a[by] - b[by]));
  const head = columns.map(([title, key], i) => h("th", { class: i ? "n" : null, "aria-sort": key === by ? (way < 0 ? "descending" : "ascending") : null },
    key ? h("button", { class: "sort", onclick: () => ((chosen.sort[name] = [key, key === by ? -way : typeof rows[0][key] === "string" ? 1 : -1]), redraw()) }, title, key === by ? (way < 0 ? " ▾" : " ▴") : "") : title));
  return h("table", { class: "data" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, sorted.slice(0, 200).map(draw)),
    rows.length > 200 ? h("caption", {}, `the first 200 of ${amount(rows.length)}`) : null);
}

const link = (row, words, act) => (row.id === null || row.id === undefined ? clean(words) : h("button", { class: "link", onclick: () => act.go(row.id) }, clean(words)));

/** Groups as a tree: total and own time. The graph's own row is the whole. */
function groups(data, act) {
  const below = new Map();
  for (const g of data.groups) below.set(g.parent, [...(below.get(g.parent) || []), g]);
  for (const list of below.values()) list.sort((a, b) => b.time - a.time);
  const rows = [];
  const walk = (id, depth) => {
    for (const g of below.get(id) || []) {
      if (rows.length < GROUPS && (depth < 2 || g.time > data.total.time / 50)) {
        rows.push([g, depth]);
        walk(g.id, depth + 1);
      }
    }
  };
  walk(null, 0);
  if (data.groups.length < 2) return null;
  return h("div", { class: "chart wide" }, h("h3", {}, "By group"), h("table", { class: "data" },
    h("thead", {}, h("tr", {}, ["group", "total", "share", "own", "memory", "ops"].map((t, i) => h("th", { class: i ? "n" : null }, t)))),
    h("tbody", {}, rows.map(([g, depth]) => {
      const name = g.id ? g.path.replace(/\/$/, "").split("/").pop() || g.path : "whole graph";
      return h("tr", {}, h("td", { class: `deep${Math.min(depth, 6)}` }, g.id ? link(g, name, act) : name), cell(amount(g.time, "us")), share(g.time, data.total.time), cell(amount(g.self, "us")), cell(amount(g.memory, "B")), cell(amount(g.ops)));
    }))));
}

function types(data, colors, redraw) {
  return h("div", { class: "chart wide" }, h("h3", {}, "By operation type"), table("byOp", [["op", "op"], ["calls", "calls"], ["time", "time"], ["share", null], ["memory", "memory"]], data.byOp, redraw,
    (r) => h("tr", {}, h("td", {}, dot(colors.get(r.op)), clean(r.op)), cell(amount(r.calls)), cell(amount(r.time, "us")), share(r.time, data.total.time), cell(amount(r.memory, "B")))));
}

const dot = (color) => s("svg", { class: "dot", viewBox: "0 0 10 10", "aria-hidden": "true" }, s("rect", { width: 10, height: 10, rx: 2, fill: color }));

function operations(data, act, redraw) {
  return h("div", { class: "chart wide" }, h("h3", {}, "By operation"), table("rows", [["name", "name"], ["time", "time"], ["self", "self"], ["wait", "wait"], ["memory", "memory"], ["largest", "peak"]], data.rows, redraw,
    (r) => h("tr", {}, h("td", {}, link(r, r.name, act), h("small", { class: "muted" }, ` ${clean(r.op)} ${clean(r.type || "")}`)), cell(amount(r.time, "us")), cell(amount(r.self, "us")), cell(amount(r.wait, "us")), cell(amount(r.memory, "B")), cell(amount(r.peak, "B")))));
}
