// The page of scalars: a chart per tag, the runs over one another. What the reader chose (smoothing, axes, zoom, runs) is kept over
// reloads and live updates; charts are drawn when they come into sight.

import { clean } from "../dot.js";
import { h, put, s } from "./dom.js";
import { csv, curve, lookOf, rowsOf, short, summary } from "./series.js";
import { svgChart } from "./svg_chart.js";
import { charts, lineChart, placeText, tint } from "./uplot.js";

const KEPT = "graphflow.scalars:" + location.pathname + ":" + document.title;
const DEFAULTS = { smoothing: 0.6, axis: "step", logX: false, logY: false, off: [], zooms: {}, filter: "" };
const MOST_ROWS = 200;

function recall() {
  try {
    return { ...DEFAULTS, ...JSON.parse(sessionStorage.getItem(KEPT) || "{}") };
  } catch {
    return { ...DEFAULTS }; // a sandboxed frame has no storage
  }
}

function keep(options) {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(options));
  } catch {
    // nothing is kept where nothing can be
  }
}

let page = null;

/** Shows (or brings up to date) the scalars in host. runs: [{id, name}]; exportURL(kind, params): an address, or null offline. */
export function scalarsPage(host, data, runs, exportURL) {
  if (!page || page.host !== host || !page.root.isConnected) page = makePage(host, exportURL);
  page.update(data, runs);
}

/** A line in a run's colour and dash. */
export function swatch(at) {
  const look = lookOf(at);
  return s("svg", { width: 26, height: 10, viewBox: "0 0 26 10", class: "swatch", "aria-hidden": "true" },
    s("line", { x1: 1, x2: 25, y1: 5, y2: 5, stroke: `var(${look.color})`, "stroke-width": 2.5, "stroke-dasharray": look.dash.join(" ") || null }));
}

function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const fileName = (tag) => tag.replace(/[^\w.-]+/g, "_").slice(0, 60) || "scalars";

function makePage(host, exportURL) {
  const options = recall();
  const root = h("div", { class: "scalars" });
  const cards = new Map();
  let data = { series: [] };
  let runs = [];
  let built = "";
  const at = (id) => Math.max(0, runs.findIndex((r) => r.id === id));
  const name = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  const context = { options, at, name, exportURL, saved: () => keep(options) };
  put(host, root);

  const redrawAll = () => {
    keep(options);
    for (const card of cards.values()) card.restyle();
  };
  const bodies = h("div", {});
  const empty = h("p", { class: "muted" });
  const runRow = h("div", { class: "keys", role: "group", "aria-label": "Runs" });

  function bar() {
    const output = h("output", {}, options.smoothing.toFixed(2));
    let waiting = 0;
    const slide = (e) => {
      options.smoothing = Number(e.target.value);
      output.textContent = options.smoothing.toFixed(2);
      cancelAnimationFrame(waiting);
      waiting = requestAnimationFrame(redrawAll);
    };
    const check = (key, text) => h("label", {}, h("input", { type: "checkbox", checked: options[key], onchange: (e) => ((options[key] = e.target.checked), redrawAll()) }), " ", text);
    const links = ["csv", "json"].map((kind) => h("button", { class: "link", onclick: () => save(kind, data.series.filter((one) => !options.off.includes(one.run)), null) }, kind.toUpperCase()));
    return h("div", { class: "bar" },
      h("label", {}, "Filter ", h("input", { type: "search", value: options.filter, placeholder: "part of a tag", "aria-label": "Filter tags", oninput: (e) => ((options.filter = e.target.value), keep(options), build(true)) })),
      h("label", {}, "Smoothing ", h("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: options.smoothing, "aria-label": "Smoothing", oninput: slide }), output),
      h("label", {}, "Axis ", h("select", { "aria-label": "Horizontal axis", onchange: (e) => ((options.axis = e.target.value), (options.zooms = {}), redrawAll()) },
        ["step", "relative", "wall"].map((a) => h("option", { value: a, selected: a === options.axis }, a)))),
      check("logX", "log x"), check("logY", "log y"), h("span", { class: "grow" }), h("span", {}, "All: ", links[0], " ", links[1]));
  }

  function save(kind, series, tag) {
    const file = tag === null ? "scalars" : fileName(tag);
    const url = exportURL(`scalars.${kind}`, { tag, run: [...new Set(series.map((one) => one.run))] });
    if (url) h("a", { href: url, download: `${file}.${kind}` }).click(); // every point, from the server
    else if (kind === "csv") download(`${file}.csv`, "text/csv", csv(series, name));
    else download(`${file}.json`, "application/json", JSON.stringify({ series }));
  }
  context.save = save;

  function build(force) {
    const tags = [...new Set(data.series.map((one) => one.tag))].filter((tag) => tag.toLowerCase().includes(options.filter.toLowerCase()));
    const key = JSON.stringify([tags, runs.map((r) => r.id)]);
    empty.textContent = tags.length ? "" : data.series.length ? "No tag holds these letters." : "No scalars in these logs.";
    if (!force && key === built) return;
    built = key;
    for (const [tag, card] of cards) {
      card.leave();
      if (!tags.includes(tag)) cards.delete(tag);
    }
    const groups = new Map();
    for (const tag of tags) {
      if (!cards.has(tag)) cards.set(tag, makeCard(tag, context));
      const group = tag.includes("/") ? tag.slice(0, tag.indexOf("/")) : "";
      groups.set(group, [...(groups.get(group) || []), cards.get(tag).element]);
    }
    const flat = tags.length <= 6 || groups.size === 1;
    put(bodies, flat ? h("div", { class: "charts" }, [...groups.values()]) : [...groups].map(([group, elements]) =>
      h("details", { open: true, class: "group" }, h("summary", {}, `${clean(group) || "others"} · ${elements.length}`), h("div", { class: "charts" }, elements))));
    put(runRow, runs.length > 1 ? runs.map((run, i) => h("label", { class: "run" },
      h("input", { type: "checkbox", checked: !options.off.includes(run.id), onchange: (e) => {
        options.off = e.target.checked ? options.off.filter((id) => id !== run.id) : [...options.off, run.id];
        keep(options);
        fill();
      } }), swatch(i), clean(run.name))) : null);
    for (const card of cards.values()) card.enter();
  }

  function fill() {
    for (const [tag, card] of cards) card.update(data.series.filter((one) => one.tag === tag && !options.off.includes(one.run)));
  }

  put(root, bar(), runRow, bodies, empty);
  const repaint = () => root.isConnected && cards.forEach((card) => card.repaint());
  new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  return {
    host, root,
    update(next, nextRuns) {
      data = next;
      runs = nextRuns.filter((run) => next.series.some((one) => one.run === run.id));
      build(false);
      fill();
    },
  };
}

/** One tag: heading, chart, keys that follow the cursor, table. */
function makeCard(tag, { options, at, name, save, saved }) {
  const kept = `tag ${tag}`; // a tag may have the name of something that every object has
  let series = [];
  let curves = [];
  let chart = null;
  let cursor = null;
  let seen = false;
  const plot = h("div", { class: "plot", tabindex: 0, role: "img", onkeydown: (e) => keyed(e) });
  const keys = h("div", { class: "keys" });
  const where = h("span", { class: "muted where" });
  const reset = h("button", { class: "link", hidden: true, onclick: () => chart && chart.zoom(null) }, "Whole range");
  const table = h("div", {});
  const details = h("details", { ontoggle: () => details.open && fillTable() }, h("summary", {}, "Values"), table);
  const exports = h("span", { class: "exports" }, ["CSV", "JSON"].map((kind) => h("button", { class: "link", title: `Every point of ${clean(tag)} as ${kind}`, onclick: () => save(kind.toLowerCase(), series, tag) }, kind)),
    h("button", { class: "link", title: "The chart as a picture", onclick: () => download(`${fileName(tag)}.svg`, "image/svg+xml", svgChart(tag, curves, options, { at, name, tint, zoom: zoomOf(), words: (x) => placeText(x, options.axis).replace("step ", "") })) }, "SVG"));
  const note = h("div", { class: "muted" });
  const element = h("figure", { class: "chart", "data-tag": tag }, h("div", { class: "head" }, h("h3", {}, clean(tag)), reset, exports), plot, h("div", { class: "under" }, where, keys), note, details);
  const zoomOf = () => options.zooms[kept] || null;

  function compute() {
    curves = series.map((one) => curve(one, options));
    plot.setAttribute("aria-label", clean(`${tag}: ${summary(curves, name)}`));
    const sampled = series.some((one) => one.sampled) ? "a sample of the points is drawn, the files hold all" : "";
    const left = curves.reduce((n, c) => n + c.left, 0);
    note.textContent = [sampled, left ? `${left} points at or below 0 are left out of the log axis` : ""].filter(Boolean).join("; ");
    reset.hidden = !zoomOf();
    tell(cursor);
    if (details.open) fillTable();
  }

  // the keys under a chart: the last values, or those under the cursor
  function tell(index) {
    cursor = index;
    const x = index === null || !chart ? null : chart.xs[index];
    where.textContent = x === null || x === undefined ? "" : placeText(x, options.axis);
    put(keys, curves.map((c) => {
      const here = x !== null && x !== undefined;
      const i = here ? nearest(c, x) : lastOf(c);
      const odd = here ? c.marks.find(([place]) => place === x) : null;
      const value = odd ? odd[1] : i < 0 ? "–" : short(c.line[i]) + (options.smoothing > 0 && here ? ` (${short(c.raw[i])})` : "");
      return h("span", {}, swatch(at(c.run)), clean(name(c.run)), " ", h("b", {}, value));
    }));
  }

  async function draw() {
    const uPlot = await charts();
    if (chart) chart.destroy();
    plot.replaceChildren();
    chart = curves.some((c) => c.x.length) ? lineChart(uPlot, plot, curves, options, {
      at, zoom: zoomOf(), told: tell,
      zoomed: (range) => {
        if (range) options.zooms[kept] = range;
        else delete options.zooms[kept];
        reset.hidden = !range;
        saved();
      },
    }) : null;
    element.setAttribute("data-drawn", "true");
  }

  function keyed(event) {
    if (!chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = chart.xs.length - 1;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -Math.ceil(last / 10), PageDown: Math.ceil(last / 10), Home: -Infinity, End: Infinity };
    if (event.key in moves) {
      const from = cursor === null ? (moves[event.key] > 0 ? -1 : last + 1) : cursor;
      chart.move(Math.max(0, Math.min(last, from + moves[event.key])));
      plot.setAttribute("aria-label", clean(`${tag}, ${where.textContent}: ${keys.textContent}`));
    } else if (event.key === "+" || event.key === "-") {
      const [a, b] = zoomOf() || chart.whole();
      const middle = cursor === null ? (a + b) / 2 : chart.xs[cursor];
      const k = event.key === "+" ? 0.5 : 2;
      const next = [middle - (middle - a) * k, middle + (b - middle) * k];
      const [low, high] = chart.whole();
      chart.zoom(next[0] <= low && next[1] >= high ? null : [Math.max(low, next[0]), Math.min(high, next[1])]);
    } else if (event.key === "0" || event.key === "Escape") chart.zoom(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function fillTable() {
    const rows = rowsOf(series, name);
    put(table, h("table", { class: "data" }, h("caption", {}, `${clean(tag)}: ${rows.length} points` + (rows.length > MOST_ROWS ? `, the last ${MOST_ROWS} here` : "")),
      h("thead", {}, h("tr", {}, ["run", "step", "time", "value"].map((t, i) => h("th", { class: i ? "n" : null }, t)))),
      h("tbody", {}, rows.slice(-MOST_ROWS).map(([run, step, wall, value]) => h("tr", {}, h("td", {}, clean(run)), h("td", { class: "n" }, String(step)), h("td", { class: "n" }, new Date(wall * 1000).toLocaleTimeString()), h("td", { class: "n" }, String(value)))))));
  }

  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((e) => e.isIntersecting) || seen) return;
    seen = true;
    draw();
  }, { rootMargin: "200px" });
  let width = 0;
  const sizes = new ResizeObserver(() => {
    if (chart && plot.clientWidth !== width) chart.resize();
    width = plot.clientWidth;
  });
  return {
    element,
    enter: () => (watcher.observe(element), sizes.observe(plot)),
    leave: () => (watcher.disconnect(), sizes.disconnect()),
    repaint: () => chart && chart.redraw(),
    restyle: () => (compute(), seen && draw()),
    update(next) {
      const same = next.length === series.length && next.every((one, i) => one.run === series[i].run);
      series = next;
      compute();
      if (!seen) return;
      if (chart && same) chart.update(curves);
      else draw();
    },
  };
}

function lastOf(c) {
  for (let i = c.line.length - 1; i >= 0; i--) if (c.line[i] !== null) return i;
  return -1;
}

function nearest(c, x) {
  let best = -1;
  c.x.forEach((v, i) => {
    if (c.line[i] !== null && (best < 0 || Math.abs(v - x) < Math.abs(c.x[best] - x))) best = i;
  });
  return best;
}
