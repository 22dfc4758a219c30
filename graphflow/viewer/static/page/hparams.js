// Hyperparameters: a table of sessions, parallel coordinates, and scatter plots of each parameter against each metric.

import { clean } from "../dot.js";
import { h, put, s } from "./dom.js";
import { csvOf, download } from "./files.js";
import { lookOf, swatch } from "./looks.js";
import { matcher } from "./run_list.js";
import { short } from "./series.js";

const VIEWS = [["table", "Table"], ["parallel", "Parallel coordinates"], ["scatter", "Scatter plots"]];
const state = { view: "table", sort: null, down: true, color: "", query: "", hidden: new Set(), scale: "auto" };
const SCALES = [["auto", "automatic"], ["linear", "linear"], ["log", "logarithmic"], ["rank", "by rank"]];
const MOST_ROWS = 500;
const WIDE_RANGE = 50; // times the least value from which numbers stand on a logarithmic scale, unless another one is chosen
const [PLOT, HIGH, LEFT] = [230, 196, 62]; // of a scatter plot

/** Builds the page. context: {source, shown(): runs, name(id), only(name)}. */
export function hparamsPage(host, context) {
  let data = { names: [], metrics: [], sessions: [] };
  const load = async () => {
    data = await context.source.hparams();
    draw();
  };

  function columns() {
    const metric = (m, k) => ({ key: `m:${k}`, title: m.title || (m.group ? `${m.group}/${m.tag}` : m.tag), of: (one) => (one.metrics[k] ? one.metrics[k].value : null), metric: true });
    return [...data.names.map(({ name, title }) => ({ key: `p:${name}`, title: title || name, of: (one) => one.values[name] ?? null, metric: false })), ...data.metrics.map(metric)];
  }

  function draw() {
    const all = columns();
    const cols = all.filter((c) => !state.hidden.has(c.key));
    const shown = new Set(context.shown().map((run) => run.id));
    const fits = matcher(state.query);
    let rows = data.sessions.filter((one) => shown.has(one.run) && fits(`${one.name} ${one.group} ${all.map((c) => `${c.title}=${text(c.of(one))}`).join(" ")}`));
    const by = all.find((c) => c.key === state.sort);
    if (by) rows = [...rows].sort((a, b) => order(by.of(a), by.of(b)) * (state.down ? -1 : 1));
    const color = all.find((c) => c.key === state.color) || all.find((c) => c.metric) || all[0];
    const tint = color ? painter(rows, color) : () => "var(--accent)";
    const bar = h("div", { class: "bar" },
      h("div", { class: "tabs", role: "tablist", "aria-label": "View of the sessions" }, VIEWS.map(([name, title]) => h("button", { role: "tab", "aria-selected": String(state.view === name), onclick: () => ((state.view = name), draw()) }, title))),
      h("label", {}, "Find ", h("input", { type: "search", value: state.query, placeholder: "e.g. optimizer=adam", "aria-label": "Find sessions by regular expression", onchange: (e) => ((state.query = e.target.value), draw()) })),
      h("label", {}, "Colour ", h("select", { "aria-label": "Colour by", onchange: (e) => ((state.color = e.target.value), draw()) }, all.map((c) => h("option", { value: c.key, selected: c === color }, clean(c.title))))),
      state.view === "table" ? null : h("label", {}, "Scale ", h("select", { "aria-label": "Scale of numbers", onchange: (e) => ((state.scale = e.target.value), draw()) }, SCALES.map(([name, title]) => h("option", { value: name, selected: name === state.scale }, title)))),
      h("details", { class: "menu" }, h("summary", {}, "Columns"), h("div", {}, all.map((c) => h("label", {}, h("input", { type: "checkbox", checked: !state.hidden.has(c.key), onchange: (e) => (state.hidden[e.target.checked ? "delete" : "add"](c.key), draw()) }), " ", clean(c.title))))),
      h("span", { class: "grow" }), h("button", { class: "link", onclick: () => save(rows, cols) }, "CSV"), h("span", { class: "muted" }, `${rows.length} of ${data.sessions.length} sessions`));
    const body = !rows.length ? h("p", { class: "muted" }, "No session fits.") : state.view === "table" ? table(rows, cols, tint) : state.view === "parallel" ? parallel(rows, cols, tint) : scatter(rows, cols, tint);
    put(host, bar, h("div", { class: `hparams ${state.view}` }, body));
  }

  function table(rows, cols, tint) {
    const head = (c) => h("th", { class: c.metric ? "n metric" : null, "aria-sort": state.sort === c.key ? (state.down ? "descending" : "ascending") : null },
      h("button", { class: "sort", onclick: () => { state.down = state.sort === c.key ? !state.down : true; state.sort = c.key; draw(); } }, clean(c.title), state.sort === c.key ? (state.down ? " ▾" : " ▴") : ""));
    const numeric = new Set(cols.filter((c) => rows.every((one) => c.of(one) === null || typeof c.of(one) === "number")).map((c) => c.key));
    return h("div", { class: "wide" }, h("table", { class: "data" }, h("thead", {}, h("tr", {}, h("th", {}, "session"), cols.map(head), h("th", {}, "status"))),
      h("tbody", {}, rows.slice(0, MOST_ROWS).map((one) => h("tr", {}, h("td", {}, s("svg", { class: "dot", viewBox: "0 0 10 10" }, s("circle", { cx: 5, cy: 5, r: 5, fill: tint(one) })), swatch(one.name), clean(one.name)),
        cols.map((c) => h("td", { class: numeric.has(c.key) ? "n" : null, title: c.metric && one.metrics ? stepOf(one, c) : null }, text(c.of(one)))), h("td", {}, one.status))))), rows.length > MOST_ROWS ? h("p", { class: "muted" }, `the first ${MOST_ROWS} of ${rows.length}`) : null);
  }

  function parallel(rows, cols, tint) {
    const W = Math.max(500, (host.clientWidth || 900) - 20);
    const H = Math.max(420, Math.min(760, innerHeight - 230));
    const top = 46;
    const scales = cols.map((c) => scale(rows.map(c.of), H - 30, top, state.scale));
    const px = (k) => 70 + (k * (W - 140)) / Math.max(1, cols.length - 1);
    const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, width: W, height: H, role: "img", "aria-label": `${rows.length} sessions over ${cols.length} columns` });
    const told = h("p", { class: "muted", role: "status" }, "A line is a session; the pointer on a line names it.");
    for (const one of rows) {
      const points = cols.map((c, k) => [px(k), scales[k].place(c.of(one))]).filter(([, y]) => y !== null);
      svg.append(s("path", { class: "line", d: points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join(""), fill: "none", stroke: tint(one), "stroke-width": 1.6, "stroke-opacity": 0.75,
        onpointerenter: () => (told.textContent = describe(one, cols)), onclick: () => context.only(one.name) }, s("title", {}, describe(one, cols))));
    }
    cols.forEach((c, k) => {
      svg.append(s("line", { x1: px(k), x2: px(k), y1: top, y2: H - 30, stroke: "var(--edge)" }), s("text", { x: px(k), y: 18 + (k % 2) * 14, "text-anchor": "middle", class: c.metric ? "metric" : null }, shortened(clean(c.title), 26)));
      for (const [y, word] of scales[k].ticks) svg.append(s("line", { x1: px(k) - 4, x2: px(k), y1: y, y2: y, stroke: "var(--edge)" }), s("text", { x: px(k) - 7, y: y + 4, "text-anchor": "end", class: "halo" }, shortened(word, 14)));
    });
    return [h("div", { class: "chart wide" }, svg), told];
  }

  function scatter(rows, cols, tint) {
    const parameters = cols.filter((c) => !c.metric);
    const metrics = cols.filter((c) => c.metric);
    const told = h("p", { class: "muted", role: "status" }, "A dot is a session; the pointer on a dot names it.");
    const plot = (px, py) => {
      // heights run upwards; across runs the other way round
      const [across, upward] = [scale(rows.map(px.of), PLOT - 12, LEFT, state.scale), scale(rows.map(py.of), HIGH - 26, 12, state.scale)];
      const at = (x) => PLOT - 12 + LEFT - x;
      const svg = s("svg", { viewBox: `0 0 ${PLOT} ${HIGH}`, role: "img", "aria-label": clean(`${py.title} over ${px.title}`) });
      svg.append(s("rect", { x: LEFT - 6, y: 6, width: PLOT - LEFT, height: HIGH - 26, fill: "none", stroke: "var(--line)" }));
      const stops = spread(across.ticks, 3);
      stops.forEach(([x, word], k) => svg.append(s("text", { x: at(x), y: HIGH - 6, "text-anchor": stops.length > 1 && k === 0 ? "start" : stops.length > 1 && k === stops.length - 1 ? "end" : "middle" }, shortened(word, 10), s("title", {}, word))));
      for (const [y, word] of spread(upward.ticks, 5)) svg.append(s("text", { x: LEFT - 10, y: y + 4, "text-anchor": "end" }, shortened(word, 9), s("title", {}, word)));
      for (const one of rows) {
        const [a, y] = [across.place(px.of(one)), upward.place(py.of(one))];
        if (a !== null && y !== null) svg.append(s("circle", { cx: at(a), cy: y, r: 3.5, fill: tint(one), "fill-opacity": 0.85, onpointerenter: () => (told.textContent = describe(one, cols)), onclick: () => context.only(one.name) }, s("title", {}, describe(one, cols))));
      }
      return h("figure", {}, svg, h("figcaption", { class: "muted" }, clean(px.title)));
    };
    return [told, metrics.map((m) => h("section", {}, h("h3", {}, clean(m.title)), h("div", { class: "plots" }, parameters.map((p) => plot(p, m)))))];
  }

  return { update: () => load().catch((e) => put(host, h("p", {}, clean(e.message)))), refresh: () => load().catch(() => {}), repaint: () => draw(), leave: () => {} };
}

const text = (v) => (v === null || v === undefined ? "–" : typeof v === "number" ? short(v) : clean(String(v)));
const order = (a, b) => (a === b ? 0 : a === null ? -1 : b === null ? 1 : typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1);
const describe = (one, cols) => clean(`${one.name}: ${cols.map((c) => `${c.title} ${text(c.of(one))}`).join(", ")}`);
const stepOf = (one, c) => { const m = one.metrics[Number(c.key.slice(2))]; return m ? `step ${m.step}` : null; };

const shortened = (word, most) => (word.length > most ? `${word.slice(0, most - 1)}…` : word);

// at most `most` of a list, its ends among them
const spread = (list, most) => (list.length <= most ? list : Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]));

/**
 * Places of values between two heights, numbers by size and words by name: {place(v), ticks: [[y, word]]}. how: linear, log (where all are
 * above zero), rank, or auto (log for a wide range).
 */
export function scale(values, bottom, top, how = "linear") {
  const known = values.filter((v) => v !== null && v !== undefined);
  const between = (share) => bottom - share * (bottom - top);
  if (known.length && known.every((v) => typeof v === "number")) {
    const sorted = [...new Set(known)].sort((a, b) => a - b);
    const [low, high] = [sorted[0], sorted[sorted.length - 1]];
    if (!(high > low)) return { place: (v) => (typeof v === "number" ? between(0.5) : null), ticks: [[between(0.5), short(low)]] };
    const log = low > 0 && (how === "log" || (how === "auto" && high > WIDE_RANGE * low));
    const share = how === "rank" ? (v) => sorted.indexOf(v) / (sorted.length - 1) : log ? (v) => Math.log(v / low) / Math.log(high / low) : (v) => (v - low) / (high - low);
    const place = (v) => (typeof v === "number" ? between(share(v)) : null);
    const middle = how === "rank" ? sorted[(sorted.length - 1) >> 1] : log ? Math.sqrt(low) * Math.sqrt(high) : low + (high - low) / 2;
    return { place, ticks: [low, middle, high].map((v) => [place(v), short(v)]) };
  }
  const words = [...new Set(known.map(String))].sort();
  const place = (v) => (v === null || v === undefined ? null : words.length > 1 ? between(words.indexOf(String(v)) / (words.length - 1)) : between(0.5));
  return { place, ticks: words.slice(0, 20).map((w) => [place(w), clean(w)]) };
}

// from blue to orange by size; words get colours of their own
function painter(rows, column) {
  const values = rows.map(column.of);
  const { place } = scale(values, 1, 0);
  const numbers = values.every((v) => v === null || typeof v === "number");
  return (one) => {
    const v = column.of(one);
    return v === null ? "var(--edge)" : numbers ? `hsl(${225 - 195 * (1 - place(v))} 70% 48%)` : lookOf(String(v)).color;
  };
}

function save(rows, cols) {
  download("hparams.csv", "text/csv", csvOf([["session", ...cols.map((c) => c.title), "status"], ...rows.map((one) => [one.name, ...cols.map((c) => c.of(one)), one.status])]));
}
