// Loads uPlot when the first chart is asked for, and draws curves with it: zoom by dragging, marks for what is no number.

import { assetBytes, assetURL } from "../assets.js";
import { h } from "./dom.js";
import { aligned, lookOf, short } from "./series.js";

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

function clock(seconds, step) {
  const t = new Date(seconds * 1000);
  const day = `${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
  if (step >= 86400) return day;
  const time = `${pad(t.getHours())}:${pad(t.getMinutes())}`;
  if (step >= 60) return time;
  return `${time}:${pad(t.getSeconds())}` + (step < 1 ? `.${Math.floor(t.getMilliseconds() / 100)}` : "");
}

/** Seconds as people say them. */
export function span(seconds) {
  if (Math.abs(seconds) < 120) return `${short(seconds)} s`;
  return Math.abs(seconds) < 7200 ? `${short(seconds / 60)} min` : `${short(seconds / 3600)} h`;
}

/** A place on the horizontal axis in words. */
export function placeText(x, axis) {
  if (axis === "step") return `step ${short(x)}`;
  return axis === "relative" ? span(x) : new Date(x * 1000).toLocaleString();
}

const powers = (splits) => splits.map((v) => (v === null || Math.abs(Math.log10(v) - Math.round(Math.log10(v))) > 1e-9 ? "" : short(v)));

function axes(options) {
  const look = { stroke: () => tint("--soft"), font: "11px system-ui, sans-serif", grid: { stroke: () => tint("--line"), width: 1 }, ticks: { stroke: () => tint("--line"), width: 1, size: 4 } };
  const words = options.axis === "step" ? (u, splits) => splits.map((v) => (v === null ? "" : short(v)))
    : options.axis === "relative" ? (u, splits) => splits.map(span) : (u, splits, i, space, step) => splits.map((v) => clock(v, step));
  return [
    { ...look, size: 26, gap: 3, space: 64, values: options.logX ? (u, splits) => powers(splits) : words },
    { ...look, size: 54, gap: 4, space: 30, values: options.logY ? (u, splits) => (Math.log10(u.scales.y.max / u.scales.y.min) < 1.5 ? splits.map((v) => (v === null ? "" : short(v))) : powers(splits)) : (u, splits) => splits.map(short) },
  ];
}

function lines(curves, at, options) {
  const both = options.smoothing > 0;
  return curves.flatMap((c) => {
    const look = lookOf(at(c.run));
    return [
      { show: both, stroke: () => tint(look.color), alpha: 0.28, width: 1.25, points: { show: false } },
      { stroke: () => tint(look.color), width: 2, dash: look.dash, points: { size: 5, width: 1, fill: () => tint(look.color) } },
    ];
  });
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

/** Light bands where a curve has no value, and what stood there. */
function drawGaps(u, curves, at) {
  const { ctx } = u;
  const { left, top, width, height } = u.bbox;
  const px = (x) => u.valToPos(x, "x", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
  ctx.textAlign = "center";
  curves.forEach((c) => {
    const color = tint(lookOf(at(c.run)).color);
    ctx.fillStyle = color;
    ctx.globalAlpha = 0.1;
    for (const [a, b] of c.gaps) ctx.fillRect(px(a), top, Math.max(1, px(b) - px(a)), height);
    ctx.globalAlpha = 1;
    for (const { from, to, word } of clusters(c.marks.map(([x, word]) => [px(x), word]), 34 * devicePixelRatio)) {
      ctx.fillRect(from - devicePixelRatio / 2, top, to - from + devicePixelRatio, 4 * devicePixelRatio);
      ctx.fillText(word, Math.min(Math.max((from + to) / 2, left + 14 * devicePixelRatio), left + width - 14 * devicePixelRatio), top + 15 * devicePixelRatio);
    }
  });
  ctx.restore();
}

/**
 * A chart of curves inside host. at(run): the run's place in the list of runs; zoom: [from, to] or null; told(index or null): the
 * cursor moved; zoomed([from, to] or null). Returns {update(curves), zoom(range), redraw, move, destroy, xs}.
 */
export function lineChart(uPlot, host, curves, options, { at, zoom, told, zoomed }) {
  let shown = curves;
  let data = aligned(curves);
  let range = zoom;
  const whole = () => [data[0][0], data[0][data[0].length - 1]];
  // one value makes no axis: a little room on both sides
  const room = (u, min, max) => (range ? range : min === null ? [0, 1] : min === max ? (options.logX ? [min / 2, max * 2] : [min - 0.5, max + 0.5]) : [min, max]);
  const settings = {
    width: Math.max(200, host.clientWidth), height: 210, padding: [8, 10, 0, 0], legend: { show: false },
    scales: { x: { time: false, distr: options.logX ? 3 : 1, range: room }, y: { distr: options.logY ? 3 : 1 } },
    axes: axes(options),
    series: [{}, ...lines(curves, at, options)],
    cursor: { y: false, drag: { x: true, y: false, setScale: false, dist: 4 }, points: { size: 7 }, bind: { dblclick: () => () => (go(null), null) } },
    hooks: {
      drawClear: [(u) => drawGaps(u, shown, at)],
      setCursor: [(u) => told(u.cursor.left < 0 ? null : u.cursor.idx)],
      setSelect: [(u) => {
        const { left, width } = u.select;
        if (width > 3) go([u.posToVal(left, "x"), u.posToVal(left + width, "x")]);
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };
  const plot = new uPlot(settings, data, host);
  function go(next) {
    range = next;
    plot.setData(data, true);
    zoomed(next);
  }
  return {
    get xs() { return data[0]; },
    whole,
    zoom: go,
    update(next) {
      shown = next;
      data = aligned(next);
      plot.setData(data, true);
    },
    move(index) {
      plot.setCursor({ left: plot.valToPos(data[0][index], "x"), top: 20 });
    },
    resize: () => plot.setSize({ width: Math.max(200, host.clientWidth), height: 210 }),
    redraw: () => plot.redraw(false, true),
    destroy: () => plot.destroy(),
  };
}
