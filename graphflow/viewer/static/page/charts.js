// Charts of series: lines of scalars, histograms over steps, pictures, text, tables of a profile, lists of differences.

import { clean } from "../dot.js";
import { amount, h, put, s } from "./dom.js";

const COLORS = ["#2563eb", "#d97706", "#059669", "#c026d3", "#dc2626", "#0891b2", "#65a30d", "#7c3aed"];
const DASHES = ["", "6 3", "2 3", "8 3 2 3"];
const W = 460;
const H = 220;
const LEFT = 56;
const BOTTOM = 26;

const number = (v) => (typeof v === "number" ? v : v === "NaN" ? NaN : v === "Infinity" ? Infinity : -Infinity);

function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const base = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((m) => m * base).find((v) => v >= raw);
  const out = [];
  for (let v = Math.ceil(low / step) * step; v <= high + step * 1e-9; v += step) out.push(Math.abs(v) < step * 1e-9 ? 0 : v);
  return out;
}

const short = (v) => (v !== 0 && (Math.abs(v) >= 1e5 || Math.abs(v) < 1e-3) ? v.toExponential(1) : String(Number(v.toPrecision(4))));

/** Exponential smoothing without the bias of the first value; what is not finite is passed over. */
export function smooth(values, weight) {
  let mean = 0;
  let total = 0;
  return values.map((v) => {
    if (!Number.isFinite(v)) return v;
    mean = mean * weight + v * (1 - weight);
    total = total * weight + (1 - weight);
    return mean / total;
  });
}

function lineChart(title, series, names, options) {
  const axis = (one) => one[options.axis === "step" ? "steps" : "wall"].map((v) => (options.axis === "relative" ? v - one.wall[0] : v));
  const prepared = series.map((one) => ({ one, x: axis(one), y: one.values.map(number) }));
  const scale = options.log ? (v) => (v > 0 ? Math.log10(v) : NaN) : (v) => v;
  const finite = prepared.flatMap((p) => p.y.map(scale).filter(Number.isFinite));
  const xs = prepared.flatMap((p) => p.x);
  let [low, high] = [finite.reduce((a, b) => Math.min(a, b), Infinity), finite.reduce((a, b) => Math.max(a, b), -Infinity)];
  if (!Number.isFinite(low)) [low, high] = [0, 1];
  if (low === high) [low, high] = [low - 0.5, high + 0.5];
  const x0 = xs.reduce((a, b) => Math.min(a, b), Infinity);
  const x1 = Math.max(xs.reduce((a, b) => Math.max(a, b), -Infinity), x0 + 1e-9);
  const px = (v) => LEFT + ((v - x0) / (x1 - x0)) * (W - LEFT - 10);
  const py = (v) => 8 + (1 - (v - low) / (high - low)) * (H - BOTTOM - 8);
  const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${clean(title)}: ${describe(prepared, names)}` });
  for (const t of ticks(low, high, 5)) svg.append(s("line", { x1: LEFT, x2: W - 10, y1: py(t), y2: py(t), stroke: "var(--line)" }), s("text", { x: LEFT - 6, y: py(t) + 4, "text-anchor": "end" }, short(options.log ? 10 ** t : t)));
  for (const t of ticks(x0, x1, 5)) svg.append(s("text", { x: px(t), y: H - 8, "text-anchor": "middle" }, options.axis === "wall" ? new Date(t * 1000).toLocaleTimeString() : short(t)));
  prepared.forEach(({ one, x, y }) => {
    const at = names.indexOf(one.run);
    const line = (values, opacity, width) => {
      let pen = false;
      let d = "";
      values.forEach((v, i) => {
        const value = scale(v);
        if (!Number.isFinite(value)) {
          pen = false;
          return;
        }
        d += `${pen ? "L" : "M"}${px(x[i]).toFixed(1)},${py(value).toFixed(1)}`;
        pen = true;
      });
      return s("path", { d, fill: "none", stroke: COLORS[at % COLORS.length], "stroke-width": width, opacity, "stroke-dasharray": DASHES[Math.floor(at / 2) % 4] || null, "stroke-linejoin": "round" });
    };
    if (options.smoothing > 0) svg.append(line(y, 0.3, 1));
    svg.append(line(options.smoothing > 0 ? smooth(y, options.smoothing) : y, 1, 1.8));
    y.forEach((v, i) => {
      if (!Number.isFinite(v)) svg.append(s("text", { x: px(x[i]), y: 18, "text-anchor": "middle" }, Number.isNaN(v) ? "NaN" : v > 0 ? "+∞" : "−∞"));
      else if (y.length === 1) svg.append(s("circle", { cx: px(x[i]), cy: py(scale(v)), r: 3, fill: COLORS[at % COLORS.length] }));
    });
  });
  return svg;
}

function describe(prepared, names) {
  return prepared.map(({ y }, i) => {
    const fine = y.filter(Number.isFinite);
    return fine.length ? `series ${i + 1} of ${names.length}: ${y.length} points, from ${short(fine[0])} to ${short(fine[fine.length - 1])}, least ${short(Math.min(...fine))}, most ${short(Math.max(...fine))}` : "no finite values";
  }).join("; ");
}

function keys(series, names, title) {
  return h("div", { class: "keys" }, series.map((one) => {
    const at = names.indexOf(one.run);
    return h("span", {}, s("svg", { width: 22, height: 8, viewBox: "0 0 22 8" }, s("line", { x1: 0, x2: 22, y1: 4, y2: 4, stroke: COLORS[at % COLORS.length], "stroke-width": 2, "stroke-dasharray": DASHES[Math.floor(at / 2) % 4] || null })), " ", clean(title(one.run)));
  }));
}

/** The scalars' page. options: {smoothing, axis, log}; change(options) redraws. */
export function scalarsPage(host, data, runs, options, change, exportURL) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  const names = runs.map((r) => r.id);
  const tags = [...new Set(data.series.map((one) => one.tag))];
  const slider = h("input", { type: "range", min: 0, max: 0.99, step: 0.01, value: options.smoothing, "aria-label": "Smoothing", oninput: (e) => change({ ...options, smoothing: Number(e.target.value) }) });
  const axes = h("select", { "aria-label": "Horizontal axis", onchange: (e) => change({ ...options, axis: e.target.value }) }, ["step", "relative", "wall"].map((a) => h("option", { value: a, selected: a === options.axis }, a)));
  const log = h("input", { type: "checkbox", checked: options.log, onchange: (e) => change({ ...options, log: e.target.checked }) });
  const links = ["scalars.csv", "scalars.json"].map((kind) => [kind, exportURL(kind, {})]).filter(([, url]) => url).map(([kind, url]) => h("a", { class: "link", href: url, download: kind }, kind));
  put(host, h("div", { class: "bar" }, h("label", {}, "Smoothing ", slider), h("label", {}, "Axis ", axes), h("label", {}, log, " log"), links),
    h("div", { class: "charts" }, tags.map((tag) => {
      const series = data.series.filter((one) => one.tag === tag);
      return h("figure", { class: "chart" }, h("h3", {}, clean(tag)), keys(series, names, title), lineChart(tag, series, names, options),
        h("details", {}, h("summary", {}, "Values"), h("table", { class: "data" }, h("tbody", {}, series.flatMap((one) => one.steps.slice(-50).map((step, i, list) =>
          h("tr", {}, h("td", {}, clean(title(one.run))), h("td", { class: "n" }, String(step)), h("td", { class: "n" }, String(one.values[one.values.length - list.length + i])))))))));
    })), tags.length ? null : h("p", {}, "No scalars in these logs."));
}

/** Histograms: one row of bars per step, the newest in front. */
export function histogramsPage(host, data, runs) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  put(host, h("div", { class: "charts" }, data.series.map((one) => {
    const rows = one.entries.slice(-12);
    // a histogram of no values has a least value above its greatest
    const edges = rows.flatMap((e) => (number(e.num) > 0 ? [e.min, e.max] : [])).map(number).filter((v) => Math.abs(v) < 1e300);
    const low = edges.length ? Math.min(...edges) : 0;
    const high = edges.length ? Math.max(...edges, low + Math.abs(low) * 1e-9 + 1e-12) : 1;
    const svg = s("svg", { viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": `${clean(one.tag)}: ${rows.length} histograms from ${short(low)} to ${short(high)}` });
    const px = (v) => LEFT + ((v - low) / (high - low)) * (W - LEFT - 10);
    rows.forEach((entry, k) => {
      const base = rows.length === 1 ? H - BOTTOM : 60 + ((H - BOTTOM - 60) * k) / (rows.length - 1);
      svg.append(s("path", { d: ridge(entry, px, base, low, high), fill: "#2563eb", "fill-opacity": 0.15 + (0.5 * (k + 1)) / rows.length, stroke: "#2563eb" }),
        s("text", { x: LEFT - 6, y: base, "text-anchor": "end" }, String(entry.step)));
    });
    for (const t of ticks(low, high, 5)) svg.append(s("text", { x: px(t), y: H - 8, "text-anchor": "middle" }, short(t)));
    const last = rows[rows.length - 1];
    return h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("div", { class: "muted" }, clean(title(one.run))), svg,
      h("details", {}, h("summary", {}, "Last values"), last ? `step ${last.step}: ${last.num} values, from ${last.min} to ${last.max}, mean ${short(number(last.sum) / Math.max(1, number(last.num)))}` : ""));
  })), data.series.length ? null : h("p", {}, "No histograms in these logs."));
}

function ridge(entry, px, base, low, high) {
  const bins = new Array(40).fill(0);
  entry.counts.map(number).forEach((count, i) => {
    if (!(count > 0)) return;
    const right = Math.min(high, number(entry.limits[i]));
    const left = Math.max(low, i ? number(entry.limits[i - 1]) : low);
    const a = Math.max(0, Math.min(39, Math.floor(((left - low) / (high - low)) * 40)));
    const b = Math.max(a, Math.min(39, Math.ceil(((right - low) / (high - low)) * 40) - 1));
    for (let k = a; k <= b; k++) bins[k] += count / (b - a + 1);
  });
  const most = Math.max(...bins, 1e-12);
  const at = (k) => px(low + ((high - low) * k) / 40);
  return `M${at(0)},${base}` + bins.map((v, k) => `L${at(k)},${base - (v / most) * 50}L${at(k + 1)},${base - (v / most) * 50}`).join("") + `L${at(40)},${base}Z`;
}

/** Images (with a slider over steps), sounds, texts. */
export async function mediaPage(host, images, audio, runs, source) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  const cards = images.series.map((one) => {
    const img = h("img", { alt: clean(`${one.tag}`) });
    const caption = h("span", { class: "muted" });
    const show = async (i) => {
      const entry = one.entries[i];
      img.setAttribute("src", await source.imageURL(one.run, one.tag, entry.index));
      img.setAttribute("width", Math.min(400, Math.max(96, entry.width)));
      caption.textContent = `step ${entry.step}, ${entry.width} x ${entry.height}`;
    };
    const last = one.entries.length - 1;
    if (last >= 0) show(last);
    return h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("div", { class: "muted" }, clean(title(one.run))), img,
      last > 0 ? h("input", { type: "range", min: 0, max: last, value: last, "aria-label": "Step", oninput: (e) => show(Number(e.target.value)) }) : null, h("div", {}, caption));
  });
  const sounds = await Promise.all(audio.series.map(async (one) => {
    const last = one.entries[one.entries.length - 1];
    return h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("audio", { controls: true, src: await source.audioURL(one.run, one.tag, last.index) }), h("div", { class: "muted" }, `step ${last.step}`));
  }));
  put(host, h("div", { class: "charts" }, cards, sounds), cards.length + sounds.length ? "" : h("p", {}, "No images or sounds in these logs."));
}

export function textPage(host, data, runs) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  put(host, h("div", { class: "charts" }, data.series.map((one) => h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("div", { class: "muted" }, clean(title(one.run))),
    one.entries.slice(-10).reverse().map((e) => [h("div", { class: "muted" }, `step ${e.step}`), h("pre", {}, e.values.map(clean).join("\n"))])))), data.series.length ? "" : h("p", {}, "No text in these logs."));
}

/** The profile: totals, timeline, tables. go(id) shows an op in the graph. */
export function profilePage(host, data, go, traceURL) {
  const end = Math.max(1e-9, ...data.timeline.map((b) => b.end));
  const rowHeight = 16;
  const height = data.lanes.length * rowHeight + 24;
  const svg = s("svg", { viewBox: `0 0 900 ${height}`, role: "img", "aria-label": `Timeline of ${data.timeline.length} operations on ${data.lanes.length} threads` });
  for (const bar of data.timeline.slice(0, 3000)) {
    const row = data.rows[bar.row];
    svg.append(s("rect", { x: 90 + (bar.start / end) * 800, y: bar.lane * rowHeight + 2, width: Math.max(0.8, ((bar.end - bar.start) / end) * 800), height: rowHeight - 4, fill: COLORS[bar.row % COLORS.length], rx: 1 },
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

/** The comparison of two graphs: pickers, counts, changes. */
export function diffPage(host, graphs, chosen, found, compare, open) {
  const pick = (side) => h("select", { "aria-label": side ? "New graph" : "Old graph", onchange: (e) => compare(side ? [chosen[0], e.target.value] : [e.target.value, chosen[1]]) },
    graphs.map((g) => h("option", { value: g.id, selected: g.id === chosen[side] }, clean(g.title))));
  const counts = found ? Object.entries(found.summary).map(([state, n]) => h("span", { class: "state-" + state }, `${amount(n)} ${state}`)) : [];
  put(host, h("div", { class: "bar" }, pick(0), " to ", pick(1), counts, found ? h("button", { onclick: () => open(found.graph, null) }, "Show both as one graph") : null),
    found ? h("table", { class: "data" }, h("tbody", {}, found.changes.slice(0, 1000).map((c) => h("tr", {}, h("td", { class: "state-" + c.kind }, c.kind), h("td", {}, h("button", { class: "link", onclick: () => open(found.graph, c.id) }, clean(c.path)), c.was ? ` (was ${clean(c.was)})` : ""), h("td", {}, clean(c.detail.join("; "))))))) : "");
}
