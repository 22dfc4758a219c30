// Custom scalars: the charts that a log's layout asks for; lines of all tags that fit, or a value with its margin.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { lookOf } from "./looks.js";
import { keepOptions, options } from "./options.js";
import { matcher } from "./run_list.js";
import { curve, nearest, valueRange, short } from "./series.js";
import { hideTip, showTip } from "./tip.js";
import { charts, lineChart, placeText } from "./uplot.js";

const MOST_LINES = 60;

/** Builds the page of custom scalars. context: {source, shown(): runs, runs(): runs, name(id), remember()}. */
export function customPage(host, context) {
  let made = [];
  const build = async () => {
    const { layouts } = await context.source.layouts();
    made.forEach((one) => one.leave());
    made = [];
    const seen = new Set();
    const sections = layouts.flatMap((layout) => layout.categories).filter((c) => !seen.has(JSON.stringify(c)) && seen.add(JSON.stringify(c)));
    put(host, sections.map((category) => h("details", { open: true, class: "group" }, h("summary", {}, clean(category.title)), h("div", { class: "charts" }, category.charts.map((chart) => {
      const card = customChart(chart, context);
      made.push(card);
      return card.element;
    })))), sections.length ? null : h("p", { class: "muted" }, "No layout of custom scalars in these logs."));
    await Promise.all(made.map((card) => card.load()));
  };
  const refresh = () => made.forEach((card) => card.load());
  return { update: () => made.length || build().catch((e) => put(host, h("p", {}, clean(e.message)))), refresh, repaint: refresh, leave: () => (hideTip(), made.forEach((card) => card.leave())) };
}

const readable = (pattern) => {
  try {
    return Boolean(new RegExp(pattern, "u"));
  } catch {
    return false;
  }
};

function customChart(asked, context) {
  let chart = null;
  const plot = h("div", { class: "plot", onpointerleave: () => hideTip() });
  const note = h("div", { class: "muted" });
  const element = h("figure", { class: "chart", "data-tag": asked.title }, h("div", { class: "head" }, h("h3", {}, clean(asked.title))), plot, note);

  async function load() {
    const runs = context.shown();
    const fits = (asked.tags || []).map((pattern) => matcher(`^(?:${pattern})$`));
    const broken = (asked.tags || []).filter((pattern) => !readable(pattern)).map(clean);
    const wanted = asked.bands ? asked.bands.flatMap((b) => [b.value, b.lower, b.upper]) : [...new Set(runs.flatMap((r) => r.tags.scalars))].filter((tag) => fits.some((fit) => fit(tag)));
    const [uPlot, found] = await Promise.all([charts(), wanted.length && runs.length ? context.source.scalars({ runs: runs.map((r) => r.id), tags: wanted, max: plot.clientWidth || 400, axis: options.axis }) : { series: [] }]);
    const of = (run, tag) => found.series.find((one) => one.run === run && one.tag === tag);
    const several = runs.length > 1;
    const label = (run, tag) => (several ? `${context.name(run)}: ${tag}` : tag);
    const lines = asked.bands ? runs.flatMap((run) => asked.bands.flatMap((band) => {
      const value = of(run.id, band.value);
      if (!value) return [];
      const c = { ...curve(value, { ...options, smoothing: 0 }), run: label(run.id, band.value) };
      const at = (tag) => { const one = of(run.id, tag); return one ? curve(one, { ...options, smoothing: 0 }) : null; };
      const [lower, upper] = [at(band.lower), at(band.upper)];
      if (lower && upper && !c.low) Object.assign(c, { low: pick(lower, c.x), high: pick(upper, c.x), band: true });
      return [c];
    })) : found.series.map((one) => ({ ...curve(one, options), run: label(one.run, one.tag) }));
    note.textContent = lines.length > MOST_LINES ? `${MOST_LINES} of ${lines.length} lines are drawn` : lines.length ? "" : broken.length ? `${broken.join(", ")}: no regular expression` : "No tag of the ticked runs fits.";
    const curves = lines.slice(0, MOST_LINES);
    if (chart) chart.destroy();
    plot.replaceChildren();
    const settings = asked.bands ? { ...options, smoothing: 0 } : options;
    chart = curves.length ? lineChart(uPlot, plot, curves, settings, { look: (id) => lookOf(id), range: valueRange(curves, null, settings), told: (x, y, left, top) => tell(curves, x, y, left, top), zoomed: () => keepOptions() }) : null;
    element.setAttribute("data-drawn", "true");
  }

  function tell(curves, x, y, left, top) {
    if (x === null || x === undefined) return hideTip();
    const rows = curves.flatMap((c) => { const i = nearest(c, x); return i < 0 ? [] : [{ c, i, gap: Math.abs(c.line[i] - y) }]; });
    if (!rows.length) return hideTip();
    const best = rows.reduce((a, b) => (b.gap < a.gap ? b : a));
    const frame = chart.over.getBoundingClientRect();
    return showTip(placeText(best.c.x[best.i], options.axis), ["value"], rows.map(({ c, i }) => ({ run: c.run, near: c === best.c, value: c.line[i], cells: [short(c.line[i]) + (c.low ? ` [${short(c.low[i])}, ${short(c.high[i])}]` : "")] })), { x: frame.left + left, y: frame.top + top });
  }

  return { element, load: () => load().catch((e) => (note.textContent = clean(e.message))), leave: () => chart && chart.destroy() };
}

const pick = (c, xs) => Float64Array.from(xs, (x) => { const i = nearest(c, x); return i < 0 ? NaN : c.line[i]; });
