// Histograms: a chart per tag, runs over one another; steps one behind the other (offset), on one line (overlay), or one step alone.

import { clean } from "../dot.js";
import { bucketsOf, deviation, evenBins, limitsOf, mean, onLimits, rangeOf, thinned } from "./buckets.js";
import { amount, h, put, s } from "./dom.js";
import { makeGrid } from "./grid.js";
import { lookOf } from "./looks.js";
import { keepOptions, options } from "./options.js";
import { number, short, ticks } from "./series.js";

const W = 460;
const H = 260;
const LEFT = 14;
const RIGHT = 50;
const BOTTOM = 24;
const PEAK = 56;
const BINS = 60;
const STEPS = 10;
const MOST_ROWS = 120;

/** Builds the page of histograms in host. context: {source, shown(): runs, name(id), remember()}. */
export function histogramsPage(host, context) {
  const keep = () => (keepOptions(), context.remember());
  const grid = makeGrid(h("div", {}), { kind: "histograms", make: (tag, card) => histogramCard(tag, card, context), options, keep });
  const choose = (key, text, values) => h("label", {}, text, " ", h("select", { "aria-label": text, onchange: (e) => ((options[key] = e.target.value), keep(), grid.each((card) => card.draw())) },
    values.map(([value, words]) => h("option", { value, selected: value === options[key] }, words))));
  put(host, h("div", { class: "bar" }, h("label", {}, grid.field), choose("steps", "Steps", [["offset", "one behind the other"], ["overlay", "over one another"], ["single", "one step"]]),
    choose("bins", "Bins", [["even", "even"], ["tensorflow", "TensorFlow's buckets"]])), ...grid.elements());
  return { update: (tags) => grid.update(tags), refresh: (test) => grid.refresh(test), repaint: () => grid.each((card) => card.draw()), leave: () => grid.leave() };
}

/** One tag: the drawn steps, and a slider that reaches every one. */
function histogramCard(tag, card, context) {
  let series = [];
  let single = null; // [{run, entry}] of the step that the slider stands at
  let at = -1;       // place of the slider among the steps of the run that has most; -1: the last
  const told = h("div", { class: "under muted" });
  const picture = h("div", {});
  const slider = h("input", { type: "range", min: 0, "aria-label": `Step of ${clean(tag)}`, oninput: (e) => pick(Number(e.target.value)) });
  const where = h("output", {});
  const row = h("label", { class: "slide" }, "Step ", slider, where);
  const table = h("div", {});
  const details = h("details", { ontoggle: () => details.open && fill() }, h("summary", {}, "Buckets"), table);
  const name = (id) => context.name(id);
  card.body.append(picture, told, row, details);

  async function load() {
    const runs = context.shown().filter((run) => run.tags.histograms.includes(tag));
    series = runs.length ? (await context.source.histograms({ runs: runs.map((r) => r.id), tags: [tag], most: STEPS })).series : [];
    const longest = most();
    slider.max = String(Math.max(0, longest.steps.length - 1));
    row.hidden = longest.steps.length < 2;
    if (at < 0 || at >= longest.steps.length) slider.value = slider.max;
    where.textContent = longest.steps.length ? String(longest.steps[Number(slider.value)]) : "";
    if (at >= 0 && options.steps === "single") await pick(at);
    else single = null;
    draw();
  }

  const most = () => series.reduce((a, b) => (b.steps.length > a.steps.length ? b : a), { steps: [] });

  async function pick(index) {
    at = index;
    const step = most().steps[index];
    where.textContent = String(step);
    const found = await Promise.all(series.map(async (one) => {
      const i = one.steps.indexOf(step);
      return i < 0 ? null : { run: one.run, entry: (await context.source.histograms({ runs: [one.run], tags: [tag], index: i })).series[0].entries[0] };
    }));
    if (at !== index) return;
    single = found.filter((one) => one && !one.entry.error);
    options.steps = "single";
    draw();
  }

  function draw() {
    const alone = options.steps === "single";
    const last = series.flatMap((one) => (one.entries.length ? [{ run: one.run, entry: one.entries[one.entries.length - 1] }] : [])).filter(({ entry }) => !entry.error);
    const chosen = alone ? single || last : null;
    const steps = alone ? [...new Set(chosen.map((r) => r.entry.step))].sort((a, b) => a - b) : thinned([...new Set(series.flatMap((one) => one.entries.map((e) => e.step)))].sort((a, b) => a - b), STEPS);
    const rows = alone ? chosen.map((r) => ({ ...r, step: r.entry.step, k: steps.indexOf(r.entry.step) }))
      : steps.flatMap((step, k) => series.flatMap((one) => one.entries.filter((e) => e.step === step && !e.error).map((entry) => ({ step, k, entry, run: one.run }))));
    const all = most().steps.length;
    const words = alone ? `step ${steps.join(", ")} of ${all}` : steps.length < all ? `${steps.length} of ${all} steps are drawn; the slider reaches each` : `${all} step${all === 1 ? "" : "s"}`;
    const failed = series.flatMap((one) => one.entries.filter((e) => e.error).map((e) => clean(e.error)));
    told.textContent = failed[0] || words;
    put(picture, rows.length ? drawn(tag, rows, steps, name, (row) => (told.textContent = row ? line(row, name) : words), alone ? "overlay" : options.steps) : null);
    if (details.open) fill();
  }

  function fill() {
    put(table, series.map((one) => lastTable(one, name)));
  }

  return { load, draw, resize: () => {}, leave: () => {} };
}

const line = ({ step, entry, run }, name) => `${clean(name(run))}, step ${step}: ${amount(number(entry.num))} values, ${short(number(entry.min))} to ${short(number(entry.max))}, mean ${short(mean(entry))} ± ${short(deviation(entry))}`;

function drawn(tag, rows, steps, name, point, mode) {
  const entries = rows.map((r) => r.entry);
  const plain = options.bins === "even";
  const [low, high] = rangeOf(entries);
  const limits = plain ? [] : limitsOf(entries);
  const px = (v) => LEFT + v * (W - LEFT - RIGHT);
  const shape = (entry) => (plain ? evenBins(entry, low, high, BINS).map((c, i) => [i / BINS, (i + 1) / BINS, c])
    : onLimits(entry, limits).map(([a, b, c]) => [a / Math.max(1, limits.length - 1), b / Math.max(1, limits.length - 1), c]));
  const shapes = rows.map((row) => ({ ...row, bars: shape(row.entry).filter(([, , count]) => count > 0) }));
  const offset = mode === "offset" && steps.length > 1;
  const peak = offset ? PEAK : H - BOTTOM - 20;
  // a step's rows share one scale, so that runs can be compared; over one another, all rows do
  const highest = (some) => some.reduce((m, r) => r.bars.reduce((a, [, , c]) => Math.max(a, c), m), 1e-12);
  const common = highest(shapes);
  const several = new Set(rows.map((r) => r.run)).size > 1; // dashes tell runs apart
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": clean(`${tag}: ${rows.slice(-3).map((r) => line(r, name)).join("; ")}`) });
  const base = (k) => (offset ? PEAK + 8 + ((H - BOTTOM - PEAK - 8) * k) / (steps.length - 1) : H - BOTTOM);
  axis(svg, plain, low, high, limits, px);
  steps.forEach((step, k) => {
    const mine = shapes.filter((r) => r.k === k);
    const scale = offset ? highest(mine) : common;
    if (offset) svg.append(s("line", { x1: LEFT, x2: W - RIGHT, y1: base(k), y2: base(k), stroke: "var(--line)" }), k === 0 || k === steps.length - 1 || (steps.length - 1 - k) % 3 === 0 ? s("text", { x: W - RIGHT + 5, y: base(k) + 4 }, short(step)) : "");
    const age = steps.length === 1 ? 1 : k / (steps.length - 1);
    for (const row of mine) {
      const look = lookOf(name(row.run));
      svg.append(s("path", { class: "ridge", d: outline(row.bars, px, base(k), peak, scale), fill: look.color, stroke: look.color, "stroke-dasharray": (several && look.dash.join(" ")) || null,
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

/** Bars [from, to, count] (from and to in 0..1) as one outline above a base line, `peak` high where a count is the highest, or infinite. */
function outline(bars, px, base, peak, highest) {
  let d = "";
  let right = null;
  for (const [a, b, count] of bars) {
    if (right === null || Math.abs(right - a) > 1e-9) d += `${right === null ? "" : `L${px(right).toFixed(1)},${base.toFixed(1)}Z`}M${px(a).toFixed(1)},${base.toFixed(1)}`;
    const part = count / highest;
    const y = (base - (Number.isFinite(part) ? part : 1) * peak).toFixed(1);
    d += `L${px(a).toFixed(1)},${y}L${px(b).toFixed(1)},${y}`;
    right = b;
  }
  return right === null ? "" : d + `L${px(right).toFixed(1)},${base.toFixed(1)}Z`;
}

function lastTable(one, name) {
  const entry = one.entries[one.entries.length - 1];
  if (!entry) return null;
  if (entry.error) return h("p", { class: "muted" }, `${clean(name(one.run))}: ${clean(entry.error)}`);
  const buckets = bucketsOf(entry);
  return h("table", { class: "data" }, h("caption", {}, `${line({ ...entry, entry, run: one.run, step: entry.step }, name)}; ${buckets.length} buckets of TensorFlow's hold any`),
    h("thead", {}, h("tr", {}, ["from", "to", "values"].map((t) => h("th", { class: "n" }, t)))),
    h("tbody", {}, buckets.slice(0, MOST_ROWS).map(([a, b, n]) => h("tr", {}, [short(a), short(b), amount(n)].map((t) => h("td", { class: "n" }, t))))));
}
