// Histograms: a chart per tag, runs over one another; steps one behind the other (offset) or on one line (overlay).

import { clean } from "../dot.js";
import { bucketsOf, deviation, evenBins, limitsOf, mean, onLimits, rangeOf, thinned } from "./buckets.js";
import { amount, h, put, s } from "./dom.js";
import { lookOf, number, short, ticks } from "./series.js";
import { swatch } from "./scalars.js";

const W = 460;
const H = 260;
const LEFT = 14;
const RIGHT = 50;
const BOTTOM = 24;
const PEAK = 56;
const BINS = 60;
const STEPS = 10;
const MOST_ROWS = 120;

const options = { mode: "offset", bins: "even", off: [] };

/** Shows the histograms in host. runs: [{id, name}]. */
export function histogramsPage(host, data, runs) {
  const known = runs.filter((run) => data.series.some((one) => one.run === run.id));
  const at = (id) => Math.max(0, known.findIndex((r) => r.id === id));
  const name = (id) => (known.find((r) => r.id === id) || { name: id }).name;
  const again = () => histogramsPage(host, data, runs);
  const choose = (key, text, values) => h("label", {}, text, " ", h("select", { "aria-label": text, onchange: (e) => ((options[key] = e.target.value), again()) },
    values.map(([value, words]) => h("option", { value, selected: value === options[key] }, words))));
  const tags = [...new Set(data.series.map((one) => one.tag))];
  put(host, h("div", { class: "bar" }, choose("mode", "Steps", [["offset", "one behind the other"], ["overlay", "over one another"]]),
    choose("bins", "Bins", [["even", "even"], ["tensorflow", "TensorFlow's buckets"]])),
  known.length > 1 ? h("div", { class: "keys", role: "group", "aria-label": "Runs" }, known.map((run, i) => h("label", { class: "run" },
    h("input", { type: "checkbox", checked: !options.off.includes(run.id), onchange: (e) => ((options.off = e.target.checked ? options.off.filter((id) => id !== run.id) : [...options.off, run.id]), again()) }), swatch(i), clean(run.name)))) : null,
  h("div", { class: "charts" }, tags.map((tag) => card(tag, data.series.filter((one) => one.tag === tag && !options.off.includes(one.run)), at, name))),
  tags.length ? null : h("p", { class: "muted" }, "No histograms in these logs."));
}

function card(tag, series, at, name) {
  const steps = thinned([...new Set(series.flatMap((one) => one.entries.map((e) => e.step)))].sort((a, b) => a - b), STEPS);
  const told = h("div", { class: "under muted" }, hint(series, steps));
  const rows = steps.flatMap((step, k) => series.flatMap((one) => {
    const entry = one.entries.find((e) => e.step === step);
    return entry ? [{ step, k, entry, run: one.run }] : [];
  }));
  const table = h("div", {});
  const details = h("details", { ontoggle: () => details.open && put(table, series.map((one) => lastTable(one, name))) }, h("summary", {}, "Values of the last step"), table);
  return h("figure", { class: "chart", "data-tag": tag }, h("h3", {}, clean(tag)), drawn(tag, rows, steps, at, name, (row) => (told.textContent = row ? line(row, name) : hint(series, steps))), told, details);
}

const hint = (series, steps) => {
  const all = Math.max(0, ...series.map((one) => one.entries.length));
  return steps.length < all ? `${steps.length} of ${all} steps are drawn` : `${all} step${all === 1 ? "" : "s"}`;
};

const line = ({ step, entry, run }, name) => `${clean(name(run))}, step ${step}: ${amount(number(entry.num))} values, ${short(number(entry.min))} to ${short(number(entry.max))}, mean ${short(mean(entry))} ± ${short(deviation(entry))}`;

function drawn(tag, rows, steps, at, name, point) {
  const entries = rows.map((r) => r.entry);
  const plain = options.bins === "even";
  const [low, high] = rangeOf(entries);
  const limits = plain ? [] : limitsOf(entries);
  const px = (v) => LEFT + v * (W - LEFT - RIGHT);
  const shape = (entry) => (plain ? evenBins(entry, low, high, BINS).map((c, i) => [i / BINS, (i + 1) / BINS, c])
    : onLimits(entry, limits).map(([a, b, c]) => [a / Math.max(1, limits.length - 1), b / Math.max(1, limits.length - 1), c]));
  const shapes = rows.map((row) => ({ ...row, bars: shape(row.entry).filter(([, , count]) => count > 0) }));
  const offset = options.mode === "offset" && steps.length > 1;
  const peak = offset ? PEAK : H - BOTTOM - 20;
  // a step's rows share one scale, so that runs can be compared; over one another, all rows do
  const highest = (some) => some.reduce((m, r) => r.bars.reduce((a, [, , c]) => Math.max(a, c), m), 1e-12);
  const common = highest(shapes);
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": clean(`${tag}: ${rows.slice(-3).map((r) => line(r, name)).join("; ")}`) });
  const base = (k) => (offset ? PEAK + 8 + ((H - BOTTOM - PEAK - 8) * k) / (steps.length - 1) : H - BOTTOM);
  axis(svg, plain, low, high, limits, px);
  steps.forEach((step, k) => {
    const mine = shapes.filter((r) => r.k === k);
    const scale = offset ? highest(mine) : common;
    if (offset) svg.append(s("line", { x1: LEFT, x2: W - RIGHT, y1: base(k), y2: base(k), stroke: "var(--line)" }), k === 0 || k === steps.length - 1 || (steps.length - 1 - k) % 3 === 0 ? s("text", { x: W - RIGHT + 5, y: base(k) + 4 }, short(step)) : "");
    const age = steps.length === 1 ? 1 : k / (steps.length - 1);
    for (const row of mine) {
      const look = lookOf(at(row.run));
      svg.append(s("path", { class: "ridge", d: outline(row.bars, px, base(k), peak / scale), fill: `var(${look.color})`, stroke: `var(${look.color})`, "stroke-dasharray": look.dash.join(" ") || null,
        "fill-opacity": offset ? (0.25 + 0.35 * age).toFixed(2) : (0.03 + 0.3 * age ** 3).toFixed(2), "stroke-opacity": (0.45 + 0.55 * age).toFixed(2), "stroke-width": 0.9,
        onpointerenter: () => point(row), onpointerleave: () => point(null) }, s("title", {}, line(row, name))));
    }
  });
  return svg;
}

function axis(svg, plain, low, high, limits, px) {
  const text = (x, words) => svg.append(s("line", { x1: px(x), x2: px(x), y1: H - BOTTOM, y2: H - BOTTOM + 4, stroke: "var(--edge)" }), s("text", { x: px(x), y: H - 7, "text-anchor": "middle" }, words));
  svg.append(s("line", { x1: LEFT, x2: W - RIGHT, y1: H - BOTTOM, y2: H - BOTTOM, stroke: "var(--edge)" }));
  if (plain) for (const t of ticks(low, high, 6)) text((t - low) / (high - low), short(t));
  else for (const i of thinned([...limits.keys()], 5)) text(i / Math.max(1, limits.length - 1), short(limits[i]));
}

/** Bars [from, to, count] (from and to in 0..1) as one outline above a base line. */
function outline(bars, px, base, scale) {
  let d = "";
  let right = null;
  for (const [a, b, count] of bars) {
    if (right === null || Math.abs(right - a) > 1e-9) d += `${right === null ? "" : `L${px(right).toFixed(1)},${base.toFixed(1)}Z`}M${px(a).toFixed(1)},${base.toFixed(1)}`;
    const y = (base - count * scale).toFixed(1);
    d += `L${px(a).toFixed(1)},${y}L${px(b).toFixed(1)},${y}`;
    right = b;
  }
  return right === null ? "" : d + `L${px(right).toFixed(1)},${base.toFixed(1)}Z`;
}

function lastTable(one, name) {
  const entry = one.entries[one.entries.length - 1];
  if (!entry) return null;
  const buckets = bucketsOf(entry);
  return h("table", { class: "data" }, h("caption", {}, `${line({ ...entry, entry, run: one.run, step: entry.step }, name)}; ${buckets.length} buckets of TensorFlow's hold any`),
    h("thead", {}, h("tr", {}, ["from", "to", "values"].map((t) => h("th", { class: "n" }, t)))),
    h("tbody", {}, buckets.slice(0, MOST_ROWS).map(([a, b, n]) => h("tr", {}, [short(a), short(b), amount(n)].map((t) => h("td", { class: "n" }, t))))));
}
