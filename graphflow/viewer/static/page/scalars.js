// The page of scalars: a chart per tag, the ticked runs over one another.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { download, fileOfSeries } from "./files.js";
import { makeGrid } from "./grid.js";
import { lookOf } from "./looks.js";
import { keepOptions, options } from "./options.js";
import { curve, nearest, valueRange, short, summary } from "./series.js";
import { hideTip, showTip } from "./tip.js";
import { charts, lineChart, moment, placeText, span } from "./uplot.js";

const MOST_ROWS = 200;
const MOST_DASHED = 10; // curves of a chart beyond which dashes only blur it
const POINTS = 40_000; // pixels of all runs of a chart together

const fileName = (tag) => tag.replace(/[^\w.-]+/g, "_").slice(0, 60) || "scalars";

/** Builds the page in host. context: {source, shown(): runs, name(id), remember()}. */
export function scalarsPage(host, context) {
  const keep = () => (keepOptions(), context.remember());
  const grid = makeGrid(h("div", {}), { kind: "scalars", make: (tag, card) => scalarCard(tag, card, context, keep), options, keep });
  const redraw = () => (keep(), grid.each((card) => card.restyle()));
  const anew = () => (keep(), grid.each((card) => card.reset()), grid.refresh());
  const output = h("output", {}, options.smoothing.toFixed(2));
  let frame = 0;
  const check = (key, text, act, title = null) => h("label", { title }, h("input", { type: "checkbox", checked: options[key], "data-option": key, onchange: (e) => ((options[key] = e.target.checked), act()) }), " ", text);
  const bar = h("div", { class: "bar" }, h("label", {}, grid.field),
    h("label", {}, "Smoothing ", h("input", { type: "range", min: 0, max: 0.999, step: 0.001, value: options.smoothing, "aria-label": "Smoothing", oninput: (e) => {
      options.smoothing = Number(e.target.value);
      output.textContent = options.smoothing.toFixed(2);
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(redraw);
    } }), output),
    h("label", {}, "Axis ", h("select", { "aria-label": "Horizontal axis", onchange: (e) => ((options.axis = e.target.value), (options.zooms = {}), anew()) }, ["step", "relative", "wall"].map((a) => h("option", { value: a, selected: a === options.axis }, a)))),
    check("logX", "log x", anew), check("logY", "log y", redraw), check("outliers", "ignore outliers", redraw, "The vertical axis leaves out the extreme twentieth at either end"),
    h("span", { class: "grow" }), h("span", {}, "All: ", ["csv", "json"].map((kind) => [h("button", { class: "link", onclick: () => save(kind, null) }, kind.toUpperCase()), " "])));
  const save = (kind, tag) => {
    const runs = context.shown();
    const url = context.source.exportURL(`scalars.${kind}`, { tag, run: runs.length === context.runs().length ? [] : runs.map((r) => r.id) });
    const name = `${tag === null ? "scalars" : fileName(tag)}.${kind}`;
    if (url) h("a", { href: url, download: name }).click(); // every point, from the server
    else context.source.scalars({ runs: runs.map((r) => r.id), tags: tag === null ? null : [tag] }).then(({ series }) => download(name, "text/plain", fileOfSeries(kind, series, context.name)));
  };
  context.save = save;
  put(host, h("div", { class: "scalars" }, bar, ...grid.elements()));
  const repaint = () => grid.each((card) => card.repaint());
  const light = new MutationObserver(repaint);
  light.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  return {
    update: (tags) => grid.update(tags),
    refresh: (test) => grid.refresh(test),
    repaint,
    leave: () => (light.disconnect(), hideTip(), grid.leave()),
  };
}

/** One tag: chart, what is left out, table. */
function scalarCard(tag, card, context, keep) {
  const kept = `tag ${tag}`; // a tag may have the name of something that every object has
  let series = [];
  let curves = [];
  let chart = null;
  let cursor = null;
  let looks = "";
  let asked = 0;
  const zoomOf = () => options.zooms[kept] || null;
  const name = (id) => context.name(id);
  const look = (id) => (curves.length > MOST_DASHED ? { ...lookOf(name(id)), dash: [] } : lookOf(name(id)));
  const plot = h("div", { class: "plot", tabindex: 0, role: "img", onkeydown: (e) => keyed(e), onpointerleave: () => tell(null) });
  const note = h("div", { class: "muted note" });
  const reset = h("button", { class: "link", hidden: true, onclick: () => zoomed(null) }, "Whole range");
  const table = h("div", {});
  const details = h("details", { ontoggle: () => details.open && fillTable() }, h("summary", {}, "Values"), table);
  const saves = ["CSV", "JSON"].map((kind) => h("button", { class: "link", title: context.source.live ? `Every point of ${clean(tag)} as ${kind}` : `The points of ${clean(tag)} that this file holds, as ${kind}`, onclick: () => context.save(kind.toLowerCase(), tag) }, kind));
  const picture = h("button", { class: "link", title: "The chart as a picture", onclick: async () => {
    const shown = curves.map((c) => ({ name: clean(name(c.run)), ...look(c.run) }));
    if (chart) download(`${fileName(tag)}.svg`, "image/svg+xml", await chart.svg(clean(tag), shown));
  } }, "SVG");
  card.acts.append(reset, h("span", { class: "exports" }, saves, picture));
  card.body.append(plot, note, details);

  const tall = () => (card.full ? Math.max(240, innerHeight - 190) : options.height);

  async function load() {
    const runs = context.shown().filter((run) => run.tags.scalars.includes(tag));
    const width = Math.max(200, plot.clientWidth || 400);
    const zoom = zoomOf();
    const mine = (asked += 1);
    const [uPlot, found] = await Promise.all([charts(), runs.length ? context.source.scalars({ tags: [tag], runs: runs.map((r) => r.id), max: Math.max(20, Math.min(width, Math.floor(POINTS / runs.length))), axis: options.axis, from: zoom && zoom[0], to: zoom && zoom[1], log: options.logX ? 1 : null }) : { series: [] }]);
    if (mine !== asked) return;
    const order = new Map(runs.map((r, i) => [r.id, i]));
    series = found.series.sort((a, b) => order.get(a.run) - order.get(b.run));
    draw(uPlot);
  }

  function draw(uPlot) {
    curves = series.map((one) => curve(one, options));
    tellNotes();
    const zoom = zoomOf();
    const frame = { window: zoom, range: valueRange(curves, zoom, options) };
    const key = JSON.stringify([options.axis, options.logX, options.logY, card.full]);
    reset.hidden = !zoom;
    if (!curves.some((c) => c.x.length)) {
      if (chart) chart.destroy();
      chart = null;
      plot.replaceChildren();
    } else if (chart && key === looks) chart.update(curves, frame);
    else if (uPlot || window.uPlot) {
      if (chart) chart.destroy();
      plot.replaceChildren();
      chart = lineChart(uPlot || window.uPlot, plot, curves, options, { look, ...frame, told: tell, zoomed, height: tall() });
    }
    looks = key;
    if (details.open) fillTable();
  }

  function zoomed(range) {
    if (range) options.zooms[kept] = range;
    else delete options.zooms[kept];
    reset.hidden = !range;
    keep();
    draw();
    load().catch(card.fail);
  }

  function tellNotes() {
    plot.setAttribute("aria-label", clean(`${tag}: ${summary(curves, name)}`));
    const left = curves.reduce((n, c) => n + c.left, 0);
    const thin = curves.filter((c) => c.low);
    const points = thin.reduce((n, c) => n + c.total, 0);
    note.textContent = [thin.length ? `${points.toLocaleString("en")} points; each pixel shows the least, the greatest and the last of its own` : "", left ? `${left} points have no place on this axis` : "", context.hidden ? context.hidden(tag) : ""].filter(Boolean).join("; ");
  }

  const rowsAt = (x, y) => curves.flatMap((c) => {
    const i = nearest(c, x);
    return i < 0 ? [] : [{ c, i, y: c.line[i], gap: Number.isNaN(c.line[i]) ? Infinity : Math.abs(c.line[i] - y) }];
  });

  // the table beside the pointer
  function tell(x, y, left, top) {
    cursor = x;
    if (x === null || x === undefined || !chart) {
      hideTip();
      if (chart) chart.strong(null);
      return;
    }
    const rows = rowsAt(x, y);
    if (!rows.length) return hideTip();
    const best = rows.reduce((a, b) => (b.gap < a.gap ? b : a));
    chart.strong(curves.length > 1 ? best.c.run : null);
    const smoothed = options.smoothing > 0;
    const heads = [...(smoothed ? ["smoothed"] : []), "value", "step", "relative"];
    const frame = chart.over.getBoundingClientRect();
    showTip(placeText(best.c.x[best.i], options.axis), heads, rows.map(({ c, i }) => {
      const odd = c.marks.find(([place]) => place === c.x[i]);
      const spread = c.low && c.high[i] > c.low[i] ? ` [${short(c.low[i])}, ${short(c.high[i])}]` : "";
      const value = Number.isNaN(c.value[i]) && odd ? odd[1] : short(c.value[i]) + spread;
      return { run: name(c.run), near: c === best.c, value: c.line[i], cells: [...(smoothed ? [short(c.line[i])] : []), value, String(c.step[i]), span(c.wall[i] - c.start)] };
    }), { x: frame.left + left, y: frame.top + top });
  }

  function keyed(event) {
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const c = curves.reduce((a, b) => (b.x.length > a.x.length ? b : a));
    const last = c.x.length - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -Math.ceil(last / 10), PageDown: Math.ceil(last / 10), Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      const from = cursor === null ? (moves[event.key] > 0 ? -1 : last + 1) : nearest(c, cursor);
      const x = c.x[Math.max(0, Math.min(last, from + moves[event.key]))];
      chart.move(x);
      cursor = x;
      plot.setAttribute("aria-label", clean(`${tag}, ${placeText(x, options.axis)}: ${rowsAt(x, 0).map(({ c: one, i }) => `${name(one.run)} ${short(one.line[i])}`).join(", ")}`));
    } else if (event.key === "+" || event.key === "-") {
      const [a, b] = zoomOf() || chart.whole();
      const middle = cursor === null ? (a + b) / 2 : cursor;
      const k = event.key === "+" ? 0.5 : 2;
      const next = [middle - (middle - a) * k, middle + (b - middle) * k];
      const [low, high] = chart.whole();
      zoomed(next[0] <= low && next[1] >= high ? null : [Math.max(low, next[0]), Math.min(high, next[1])]);
    } else if (event.key === "0" || (event.key === "Escape" && !card.full)) zoomed(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function fillTable() {
    const points = curves.reduce((n, c) => n + c.total, 0);
    const rows = curves.flatMap((c) => Array.from(c.x, (_, i) => [name(c.run), c, i]));
    put(table, h("table", { class: "data" }, h("caption", {}, `${clean(tag)}: ${points} points` + (rows.length > MOST_ROWS ? `, the last ${MOST_ROWS} here` : rows.length < points ? "; the last of each pixel here" : "")),
      h("thead", {}, h("tr", {}, ["run", "step", "time", "value"].map((t, i) => h("th", { class: i ? "n" : null }, t)))),
      h("tbody", {}, rows.slice(-MOST_ROWS).map(([run, c, i]) => h("tr", {}, h("td", {}, clean(run)), h("td", { class: "n" }, String(c.step[i])), h("td", { class: "n" }, moment(c.wall[i])), h("td", { class: "n" }, Number.isNaN(c.value[i]) ? (c.marks.find(([x]) => x === c.x[i]) || ["", "–"])[1] : String(c.value[i])))))));
  }

  return {
    load,
    restyle: () => chart && draw(),
    reset: () => (looks = ""),
    repaint: () => chart && chart.redraw(),
    resize: () => {
      if (!chart) return;
      chart.resize(tall());
      if (card.seen) load().catch(card.fail);
    },
    leave: () => chart && chart.destroy(),
  };
}
