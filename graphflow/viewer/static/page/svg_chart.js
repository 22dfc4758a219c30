// A chart of curves as an SVG file: what the page shows, for papers and slides.

import { clean } from "../dot.js";
import { s } from "./dom.js";
import { lookOf, short, summary, ticks } from "./series.js";

const W = 640;
const H = 360;
const LEFT = 64;
const TOP = 34;
const RIGHT = 16;

/** The text of an SVG file. words(x): a place on the horizontal axis; tint(name): the colour behind a CSS variable. */
export function svgChart(title, curves, options, { at, name, words, tint, zoom = null }) {
  const sx = options.logX ? Math.log10 : (v) => v;
  const sy = options.logY ? Math.log10 : (v) => v;
  const inside = (x) => !zoom || (x >= zoom[0] && x <= zoom[1]);
  const xs = zoom ? zoom.map(sx) : curves.flatMap((c) => c.x.map(sx));
  const ys = curves.flatMap((c) => c.raw.filter((v, i) => v !== null && inside(c.x[i])).map(sy));
  const ends = (values, room) => {
    const low = values.reduce((a, b) => Math.min(a, b), Infinity);
    const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
    return !Number.isFinite(low) ? [0, 1] : low === high ? [low - 0.5, high + 0.5] : [low - room * (high - low), high + room * (high - low)];
  };
  const [x0, x1] = ends(xs, 0);
  const [y0, y1] = ends(ys, 0.04);
  const legend = Math.ceil(curves.length / 3) * 18;
  const height = H + legend;
  const bottom = H - 28;
  const px = (v) => LEFT + ((v - x0) / (x1 - x0)) * (W - LEFT - RIGHT);
  const py = (v) => TOP + (1 - (v - y0) / (y1 - y0)) * (bottom - TOP);
  const svg = s("svg", { xmlns: "http://www.w3.org/2000/svg", viewBox: `0 0 ${W} ${height}`, width: W, height, "font-family": "system-ui, Helvetica, Arial, sans-serif", "font-size": 12 },
    s("title", {}, clean(title)), s("desc", {}, clean(summary(curves, name))), s("rect", { width: W, height, fill: "#ffffff" }),
    s("text", { x: LEFT, y: 20, "font-size": 15, "font-weight": 600, fill: "#16202e" }, clean(title)),
    s("clipPath", { id: "inside" }, s("rect", { x: LEFT, y: TOP, width: W - LEFT - RIGHT, height: bottom - TOP })));
  const grey = { fill: "#5a6575" };
  for (const t of ticks(y0, y1, 6)) svg.append(s("line", { x1: LEFT, x2: W - RIGHT, y1: py(t), y2: py(t), stroke: "#d5dae2" }), s("text", { x: LEFT - 6, y: py(t) + 4, "text-anchor": "end", ...grey }, short(options.logY ? 10 ** t : t)));
  for (const t of ticks(x0, x1, 6)) svg.append(s("text", { x: px(t), y: bottom + 18, "text-anchor": "middle", ...grey }, words(options.logX ? 10 ** t : t)));
  const world = s("g", { "clip-path": "url(#inside)", fill: "none", "stroke-linejoin": "round" });
  svg.append(world);
  curves.forEach((c, k) => {
    const look = lookOf(at(c.run));
    const stroke = tint(look.color);
    const dash = look.dash.join(" ") || null;
    for (const [a, b] of c.gaps) world.append(s("rect", { x: px(sx(a)), y: TOP, width: Math.max(1, px(sx(b)) - px(sx(a))), height: bottom - TOP, fill: stroke, "fill-opacity": 0.1 }));
    const line = (values) => {
      let pen = "M";
      return values.map((v, i) => {
        if (v === null) return ((pen = "M"), "");
        const step = `${pen}${px(sx(c.x[i])).toFixed(2)},${py(sy(v)).toFixed(2)}`;
        pen = "L";
        return step;
      }).join("");
    };
    if (options.smoothing > 0) world.append(s("path", { d: line(c.raw), stroke, "stroke-opacity": 0.3 }));
    world.append(s("path", { d: line(c.line), stroke, "stroke-width": 2, "stroke-dasharray": dash, "stroke-linecap": c.x.length === 1 ? "round" : null }));
    let free = -Infinity;
    for (const [x, word] of c.marks.filter(([x]) => inside(x))) {
      const where = px(sx(x));
      if (where > free) svg.append(s("text", { x: where, y: TOP + 12, "text-anchor": "middle", fill: stroke, "font-size": 11 }, word));
      if (where > free) free = where + 34;
    }
    const [lx, ly] = [LEFT + (k % 3) * 186, H + 10 + Math.floor(k / 3) * 18];
    svg.append(s("line", { x1: lx, x2: lx + 24, y1: ly - 4, y2: ly - 4, stroke, "stroke-width": 2, "stroke-dasharray": dash }), s("text", { x: lx + 30, y: ly, fill: "#16202e" }, clean(name(c.run)).slice(0, 24)));
  });
  return '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(svg);
}
