// Precision against recall: a chart per tag, the ticked runs at one step.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { makeGrid } from "./grid.js";
import { lookOf } from "./looks.js";
import { nearestStep } from "./media.js";
import { keepOptions, options } from "./options.js";
import { number, short } from "./series.js";
import { hideTip, showTip } from "./tip.js";
import { charts, lineChart } from "./uplot.js";

/** Builds the page of PR curves. context: {source, shown(): runs, name(id), remember()}. */
export function prPage(host, context) {
  const keep = () => (keepOptions(), context.remember());
  const grid = makeGrid(h("div", {}), { kind: "pr_curves", make: (tag, card) => prCard(tag, card, context), options, keep });
  put(host, h("div", { class: "bar" }, h("label", {}, grid.field)), ...grid.elements());
  return { update: (tags) => grid.update(tags), refresh: (test) => grid.refresh(test), repaint: () => grid.each((card) => card.repaint()), leave: () => (hideTip(), grid.leave()) };
}

function prCard(tag, card, context) {
  let series = [];
  let at = null;
  let chart = null;
  const plot = h("div", { class: "plot", onpointerleave: () => (hideTip(), chart && chart.strong(null)) });
  const slider = h("input", { type: "range", min: 0, "aria-label": `Step of ${clean(tag)}`, oninput: (e) => pick(Number(e.target.value)) });
  const where = h("output", {});
  const row = h("label", { class: "slide" }, "Step ", slider, where);
  card.body.append(plot, h("div", { class: "muted" }, "across: recall; upward: precision"), row);
  const longest = () => series.reduce((a, b) => (b.steps.length > a.steps.length ? b : a), { steps: [] });

  async function load() {
    const runs = context.shown().filter((run) => run.tags.pr_curves.includes(tag));
    series = runs.length ? (await context.source.pr_curves({ runs: runs.map((r) => r.id), tags: [tag], index: -1 })).series : [];
    const steps = longest().steps;
    slider.max = String(Math.max(0, steps.length - 1));
    row.hidden = steps.length < 2;
    if (at === null) slider.value = slider.max;
    await (at !== null && steps.includes(at) ? pick(steps.indexOf(at)) : draw());
  }

  async function pick(index) {
    const steps = longest().steps;
    const step = steps[index];
    at = index === steps.length - 1 ? null : step;
    const found = await Promise.all(series.map(async (one) => (await context.source.pr_curves({ runs: [one.run], tags: [tag], index: nearestStep(one.steps, step) })).series[0].entries));
    if ((at === null ? steps[steps.length - 1] : at) !== step) return;
    series.forEach((one, k) => (one.entries = found[k]));
    await draw();
  }

  async function draw() {
    const uPlot = await charts();
    const steps = longest().steps;
    where.textContent = `${at === null ? steps[steps.length - 1] : at} (${Number(slider.value) + 1} of ${steps.length})`;
    const curves = series.filter((one) => one.entries[0] && !one.entries[0].error).map((one) => {
      const e = one.entries[0];
      const rows = e.recall.map((r, i) => [number(r), number(e.precision[i]), i]).filter(([, , i]) => number(e.tp[i]) + number(e.fp[i]) > 0).sort((a, b) => a[0] - b[0] || b[2] - a[2]);
      const x = Float64Array.from(rows, (r) => r[0]);
      const line = Float64Array.from(rows, (r) => r[1]);
      return { run: one.run, x, line, value: line, low: null, high: null, marks: [], gaps: [], rows, entry: e };
    });
    if (chart) chart.destroy();
    plot.replaceChildren();
    const look = (id) => lookOf(context.name(id));
    plot.setAttribute("aria-label", clean(`${tag}: ${curves.map((c) => `${context.name(c.run)} at step ${c.entry.step}`).join(", ")}`));
    chart = curves.length ? lineChart(uPlot, plot, curves, { smoothing: 0, plain: true }, { look, window: [0, 1], range: [0, 1], height: card.full ? innerHeight - 190 : 240, told: (x, y, left, top) => tell(curves, x, y, left, top) }) : null;
  }

  function tell(curves, x, y, left, top) {
    if (x === null || x === undefined) return hideTip();
    const near = (c) => c.rows.reduce((best, r) => (Math.hypot(r[0] - x, r[1] - y) < Math.hypot(best[0] - x, best[1] - y) ? r : best), c.rows[0]);
    const rows = curves.map((c) => ({ c, r: near(c) }));
    const best = rows.reduce((a, b) => (Math.hypot(b.r[0] - x, b.r[1] - y) < Math.hypot(a.r[0] - x, a.r[1] - y) ? b : a));
    const frame = chart.over.getBoundingClientRect();
    chart.strong(curves.length > 1 ? best.c.run : null);
    return showTip("", ["precision", "recall", "threshold", "TP", "FP", "TN", "FN"], rows.map(({ c, r }) => ({ run: context.name(c.run), near: c === best.c, value: r[1],
      cells: [short(r[1]), short(r[0]), short(c.entry.thresholds[r[2]]), ...["tp", "fp", "tn", "fn"].map((k) => short(number(c.entry[k][r[2]])))] })), { x: frame.left + left, y: frame.top + top });
  }

  return { load, repaint: () => chart && chart.redraw(), resize: () => chart && chart.resize(card.full ? innerHeight - 190 : 240), leave: () => chart && chart.destroy() };
}
