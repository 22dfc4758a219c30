// Loads uPlot when the first chart is asked for, and draws curves with it: uPlot does axes, grid, pointer and zoom; the curves, with a
// pixel's least and greatest value, are painted here.

import { assetBytes, assetURL } from "../assets.js";
import { h } from "./dom.js";
import { roomy, short } from "./series.js";
import { svgContext } from "./svg_context.js";

let loading = null;

async function load() {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(new TextDecoder().decode(await assetBytes("vendor/uplot.css")));
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const src = await assetURL("vendor/uplot.js");
  await new Promise((resolve, reject) => document.head.append(h("script", { src, onload: resolve, onerror: () => reject(new Error("the chart library could not be loaded")) })));
  return window.uPlot;
}

/** uPlot, loaded once. */
export function charts() {
  return (loading = loading || load());
}

/** The value of a CSS variable of the page, so that canvases follow light and dark. */
export const tint = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const pad = (v) => String(v).padStart(2, "0");

// the day stands where it changes, and at the first tick
function clocks(splits, step) {
  let before = "";
  return splits.map((v) => {
    if (v === null) return "";
    const t = new Date(v * 1000);
    const day = `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
    if (step >= 86400) return day;
    const time = `${pad(t.getHours())}:${pad(t.getMinutes())}` + (step < 60 ? `:${pad(t.getSeconds())}` : "") + (step < 1 ? `.${Math.floor(t.getMilliseconds() / 100)}` : "");
    const out = day === before ? time : `${time}\n${day}`;
    before = day;
    return out;
  });
}

/** Seconds as people say them. */
export function span(seconds) {
  if (Math.abs(seconds) < 120) return `${short(seconds)} s`;
  return Math.abs(seconds) < 7200 ? `${short(seconds / 60)} min` : `${short(seconds / 3600)} h`;
}

/** A time as date and clock. */
export function moment(seconds) {
  if (!Number.isFinite(seconds)) return "no time";
  const t = new Date(seconds * 1000);
  return `${t.getFullYear()}-${pad(t.getMonth() + 1)}-${pad(t.getDate())} ${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())}`;
}

/** A place on the horizontal axis in words. */
export function placeText(x, axis) {
  if (axis === "step") return `step ${Math.abs(x) < 1e15 && Number.isInteger(x) ? x : short(x)}`;
  return axis === "relative" ? span(x) : moment(x);
}

const powers = (splits) => splits.map((v) => (v === null || Math.abs(Math.log10(v) - Math.round(Math.log10(v))) > 1e-9 ? "" : short(v)));
const plain = (splits) => splits.map((v) => (v === null ? "" : short(v)));

function axes(options, ink) {
  const look = { stroke: () => ink("--soft"), font: "11px system-ui, sans-serif", grid: { stroke: () => ink("--line"), width: 1 }, ticks: { stroke: () => ink("--line"), width: 1, size: 4 } };
  const words = options.axis === "step" || !options.axis ? (u, splits) => plain(splits)
    : options.axis === "relative" ? (u, splits) => splits.map((v) => (v === null ? "" : span(v))) : (u, splits, i, space, step) => clocks(splits, step);
  return [
    { ...look, size: options.axis === "wall" ? 38 : 26, gap: 3, space: options.axis === "wall" ? 78 : 64, values: options.logX ? (u, splits) => powers(splits) : words },
    { ...look, size: 54, gap: 4, space: 30, values: options.logY ? (u, splits) => (Math.log10(u.scales.y.max / u.scales.y.min) < 1.5 ? plain(splits) : powers(splits)) : (u, splits) => plain(splits) },
  ];
}

/** Marks [place, word] that stand closer than `room` as one: {from, to, word}; different words side by side are joined. */
export function clusters(marks, room) {
  const out = [];
  for (const [at, word] of marks) {
    const last = out[out.length - 1];
    if (!last || at - last.to > room) out.push({ from: at, to: at, word });
    else {
      last.to = at;
      if (!last.word.split(", ").includes(word)) last.word += ", " + word;
    }
  }
  return out;
}

function paintGaps(ctx, c, color, { px, left, top, width, height, ratio }) {
  ctx.fillStyle = color;
  ctx.globalAlpha = 0.1;
  for (const [a, b] of c.gaps) ctx.fillRect(px(a), top, Math.max(1, px(b) - px(a)), height);
  ctx.globalAlpha = 1;
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  ctx.textBaseline = "alphabetic";
  for (const { from, to, word } of clusters(c.marks.map(([x, word]) => [px(x), word]), 34 * ratio)) {
    ctx.fillRect(from - ratio / 2, top, to - from + ratio, 4 * ratio);
    ctx.fillText(word, Math.min(Math.max((from + to) / 2, left + 14 * ratio), left + width - 14 * ratio), top + 15 * ratio);
  }
}

// a line that breaks where there is no value; a lone point is a dot
function paintLine(ctx, c, values, { px, py, ratio }, [from, to]) {
  ctx.beginPath();
  let pen = false;
  for (let i = from; i < to; i++) {
    const v = values[i];
    if (Number.isNaN(v)) {
      pen = false;
      continue;
    }
    if (pen) ctx.lineTo(px(c.x[i]), py(v));
    else ctx.moveTo(px(c.x[i]), py(v));
    pen = true;
  }
  ctx.stroke();
  ctx.beginPath();
  for (let i = from; i < to; i++) {
    if (Number.isNaN(values[i]) || (i > 0 && !Number.isNaN(values[i - 1])) || (i < values.length - 1 && !Number.isNaN(values[i + 1]))) continue;
    ctx.moveTo(px(c.x[i]) + 2.5 * ratio, py(values[i]));
    ctx.arc(px(c.x[i]), py(values[i]), 2.5 * ratio, 0, 2 * Math.PI);
  }
  ctx.fill();
}

function paintSpans(ctx, c, { px, py }, [from, to]) {
  if (!c.low) return;
  ctx.beginPath();
  if (c.band) {
    for (let i = from; i < to; i++) ctx[i > from ? "lineTo" : "moveTo"](px(c.x[i]), py(c.high[i]));
    for (let i = to - 1; i >= from; i--) ctx.lineTo(px(c.x[i]), py(c.low[i]));
    ctx.globalAlpha = 0.22;
    ctx.fill();
    return;
  }
  for (let i = from; i < to; i++) {
    if (!(c.high[i] > c.low[i])) continue;
    ctx.moveTo(px(c.x[i]), py(c.low[i]));
    ctx.lineTo(px(c.x[i]), py(c.high[i]));
  }
  ctx.stroke();
}

/** Paints curves. look(run): {color, dash}; strong: the run that stands out, or null. */
function paint(ctx, curves, options, look, area, window, strong = null) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.left, area.top, area.width, area.height);
  ctx.clip();
  ctx.lineJoin = "round";
  const inside = (c) => {
    let from = 0;
    let to = c.x.length;
    while (from < to && c.x[from + 1] < window[0]) from++;
    while (to > from && c.x[to - 2] > window[1]) to--;
    return [from, to];
  };
  const ordered = strong === null ? curves : [...curves.filter((c) => c.run !== strong), ...curves.filter((c) => c.run === strong)];
  for (const c of ordered) {
    const { color, dash } = look(c.run);
    paintGaps(ctx, c, color, area);
    const rows = inside(c);
    ctx.strokeStyle = ctx.fillStyle = color;
    const dim = strong === null || strong === c.run ? 1 : 0.3;
    ctx.setLineDash([]);
    const smoothed = options.smoothing > 0 && !options.plain;
    ctx.globalAlpha = (smoothed ? 0.22 : c.low ? 0.55 : 1) * dim;
    ctx.lineWidth = 1.25 * area.ratio;
    paintSpans(ctx, c, area, rows);
    if (smoothed) paintLine(ctx, c, c.value, area, rows);
    ctx.globalAlpha = dim;
    ctx.lineWidth = (strong === c.run ? 3 : 2) * area.ratio;
    ctx.setLineDash(dash.map((v) => v * area.ratio));
    paintLine(ctx, c, c.line, area, rows);
  }
  ctx.restore();
}

/**
 * A chart of curves inside host. options: {axis, smoothing, logX, logY}; look(run): {color, dash}; window: [from, to] or null; range:
 * [low, high] of the values; told(x, y, left, top) or told(null): the pointer moved; zoomed([from, to] or null).
 */
export function lineChart(uPlot, host, curves, options, { look, window = null, range, told = () => {}, zoomed = () => {}, height = 210 }) {
  let shown = curves;
  let strong = null;
  let frame = { window, range };
  const whole = () => {
    let low = Infinity;
    let high = -Infinity;
    for (const c of shown) if (c.x.length) [low, high] = [Math.min(low, c.x[0]), Math.max(high, c.x[c.x.length - 1])];
    return low > high ? [0, 1] : [low, high];
  };
  // one value makes no axis: a little room on both sides
  const across = () => {
    const [low, high] = frame.window || whole();
    return low === high ? (options.logX && low > 0 ? [low / 2, high * 2] : [low - 0.5, high + 0.5]) : [low, high];
  };
  const upward = () => roomy(frame.range || (options.logY ? [0.1, 1] : [0, 1]), options.logY);
  const settings = (ink, more = {}) => ({
    width: Math.max(200, host.clientWidth), height, padding: [8, 10, 0, 0], legend: { show: false },
    scales: { x: { time: false, distr: options.logX ? 3 : 1, range: across }, y: { distr: options.logY ? 3 : 1, range: upward } },
    axes: axes(options, ink),
    series: [{}, { paths: () => null, points: { show: false } }],
    cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: 4 }, points: { show: false }, bind: { dblclick: () => () => (zoomed(null), null) } },
    hooks: {
      drawAxes: [(u) => {
        const { left, top, width, height } = u.bbox;
        const place = (scale, v) => u.valToPos(v, scale, true);
        paint(u.ctx, shown, options, look, { left, top, width, height, ratio: more.ratio || devicePixelRatio, px: (v) => place("x", v), py: (v) => place("y", v) }, across(), strong);
      }],
      setCursor: [(u) => {
        const { left, top } = u.cursor;
        if (left < 0) told(null);
        else told(u.posToVal(left, "x"), u.posToVal(top, "y"), left, top);
      }],
      setSelect: [(u) => {
        const { left, width } = u.select;
        if (width > 3) zoomed([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
    ...more.settings,
  });
  const data = () => [across(), upward()];
  const plot = new uPlot(settings(tint), data(), host);
  return {
    whole,
    across,
    over: plot.over,
    update(next, nextFrame) {
      shown = next;
      frame = nextFrame;
      plot.setData(data(), true);
    },
    strong(run) {
      if (run === strong) return;
      strong = run;
      plot.redraw(false, false);
    },
    move: (x) => plot.setCursor({ left: plot.valToPos(x, "x"), top: plot.over.clientHeight / 2 }),
    resize: (next) => plot.setSize({ width: Math.max(200, host.clientWidth), height: next }),
    redraw: () => plot.redraw(false, true),
    destroy: () => plot.destroy(),
    /** The chart as an SVG file: uPlot draws once more, into a context that writes. */
    async svg(title, names) {
      const width = 720;
      const tall = 380;
      const context = svgContext(width, tall + 22 * Math.ceil(names.length / 3));
      const real = HTMLCanvasElement.prototype.getContext;
      const aside = h("div", {});
      const ink = (name) => ({ "--soft": "#5a6575", "--line": "#d5dae2" })[name];
      const ratio = devicePixelRatio;
      let copy;
      HTMLCanvasElement.prototype.getContext = () => context;
      try {
        copy = new uPlot({ ...settings(ink, { ratio }), width: width / ratio, height: tall / ratio, cursor: { show: false }, padding: [28 / ratio, 10, 0, 0] }, data(), aside);
      } finally {
        HTMLCanvasElement.prototype.getContext = real;
      }
      await new Promise((done) => setTimeout(done, 0)); // uPlot draws at the end of the turn
      copy.destroy();
      context.restore();
      Object.assign(context, { fillStyle: "#16202e", font: "600 15px sans-serif", textAlign: "start", textBaseline: "alphabetic", globalAlpha: 1 });
      context.fillText(title, 54, 18);
      names.forEach(({ name, color, dash }, k) => {
        const [x, y] = [54 + (k % 3) * 220, tall + 14 + Math.floor(k / 3) * 22];
        Object.assign(context, { strokeStyle: color, lineWidth: 2, fillStyle: "#16202e", font: "12px sans-serif" });
        context.setLineDash(dash);
        context.beginPath();
        context.moveTo(x, y - 4);
        context.lineTo(x + 24, y - 4);
        context.stroke();
        context.fillText(name.length > 28 ? `…${name.slice(-27)}` : name, x + 30, y);
      });
      return context.text(title);
    },
  };
}
