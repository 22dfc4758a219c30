// Hyperparameters: a table of sessions, parallel coordinates, and scatter plots of each parameter against each metric.

import { clean } from "../dot.js";
import { h, put, s } from "./dom.js";
import { lookOf, swatch } from "./looks.js";
import { matcher } from "./run_list.js";
import { short } from "./series.js";

const VIEWS = [["table", "Table"], ["parallel", "Parallel coordinates"], ["scatter", "Scatter plots"]];
const state = { view: "table", sort: null, down: true, color: "", query: "", hidden: new Set(), near: null };
const MOST_ROWS = 500;

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
    const H = 420;
    const top = 46;
    const scales = cols.map((c) => scale(rows.map(c.of), H - 30, top));
    const px = (k) => 70 + (k * (W - 140)) / Math.max(1, cols.length - 1);
    const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, width: W, height: H, role: "img", "aria-label": `${rows.length} sessions over ${cols.length} columns` });
    const told = h("p", { class: "muted", role: "status" }, "A line is a session; the pointer on a line names it.");
    for (const one of rows) {
      const points = cols.map((c, k) => [px(k), scales[k].place(c.of(one))]).filter(([, y]) => y !== null);
      svg.append(s("path", { class: "line", d: points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)},${y.toFixed(1)}`).join(""), fill: "none", stroke: tint(one), "stroke-width": 1.6, "stroke-opacity": 0.75,
        onpointerenter: () => (told.textContent = describe(one, cols)), onclick: () => context.only(one.name) }, s("title", {}, describe(one, cols))));
    }
    cols.forEach((c, k) => {
      svg.append(s("line", { x1: px(k), x2: px(k), y1: top, y2: H - 30, stroke: "var(--edge)" }), s("text", { x: px(k), y: 18 + (k % 2) * 14, "text-anchor": "middle", class: c.metric ? "metric" : null }, clean(c.title).slice(0, 26)));
      for (const [y, word] of scales[k].ticks) svg.append(s("line", { x1: px(k) - 4, x2: px(k), y1: y, y2: y, stroke: "var(--edge)" }), s("text", { x: px(k) - 7, y: y + 4, "text-anchor": "end" }, word.slice(0, 14)));
    });
    return [h("div", { class: "chart wide" }, svg), told];
  }

  function scatter(rows, cols, tint) {
    const parameters = cols.filter((c) => !c.metric);
    const metrics = cols.filter((c) => c.metric);
    const told = h("p", { class: "muted", role: "status" }, "A dot is a session; the pointer on a dot names it.");
    const S = 190;
    const plot = (px, py) => {
      const [across, upward] = [scale(rows.map(px.of), S - 14, 44), scale(rows.map(py.of), S - 26, 10)];
      const svg = s("svg", { viewBox: `0 0 ${S} ${S}`, role: "img", "aria-label": clean(`${py.title} over ${px.title}`) });
      svg.append(s("rect", { x: 44, y: 6, width: S - 54, height: S - 28, fill: "none", stroke: "var(--line)" }));
      for (const [x, word] of across.ticks.slice(0, 3)) svg.append(s("text", { x: S - 14 + 44 - x, y: S - 8, "text-anchor": "middle" }, word.slice(0, 7)));
      for (const [y, word] of upward.ticks.slice(0, 4)) svg.append(s("text", { x: 40, y: y + 3, "text-anchor": "end" }, word.slice(0, 7)));
      for (const one of rows) {
        const [a, y] = [across.place(px.of(one)), upward.place(py.of(one))];
        if (a !== null && y !== null) svg.append(s("circle", { cx: S - 14 + 44 - a, cy: y, r: 3.5, fill: tint(one), "fill-opacity": 0.85, onpointerenter: () => (told.textContent = describe(one, cols)), onclick: () => context.only(one.name) }, s("title", {}, describe(one, cols))));
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

/** Places of values between two heights, numbers by size and words by name: {place(v), ticks: [[y, word]]}. */
export function scale(values, bottom, top) {
  const known = values.filter((v) => v !== null && v !== undefined);
  if (known.length && known.every((v) => typeof v === "number")) {
    const low = Math.min(...known);
    const high = Math.max(...known);
    const place = (v) => (typeof v !== "number" ? null : high > low ? bottom - ((v - low) / (high - low)) * (bottom - top) : (bottom + top) / 2);
    const stops = high > low ? [low, low + (high - low) / 2, high] : [low];
    return { place, ticks: stops.map((v) => [place(v), short(v)]) };
  }
  const words = [...new Set(known.map(String))].sort();
  const place = (v) => (v === null || v === undefined ? null : words.length > 1 ? bottom - (words.indexOf(String(v)) / (words.length - 1)) * (bottom - top) : (bottom + top) / 2);
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
  const cell = (v) => { const t = v === null ? "" : typeof v === "string" && /^[=+\-@\t\r]/.test(v) ? `'${v}` : String(v); return /[",\r\n]/.test(t) ? `"${t.replaceAll('"', '""')}"` : t; };
  const lines = [["session", ...cols.map((c) => c.title), "status"], ...rows.map((one) => [one.name, ...cols.map((c) => c.of(one)), one.status])].map((r) => r.map(cell).join(","));
  const url = URL.createObjectURL(new Blob([lines.join("\r\n") + "\r\n"], { type: "text/csv" }));
  h("a", { href: url, download: "hparams.csv" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
