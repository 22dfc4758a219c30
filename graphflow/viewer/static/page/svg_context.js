// A drawing context that writes SVG: what uPlot draws on a canvas, as a file for papers and slides. Only what uPlot and the curves use.

const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, "");
const n = (v) => (Math.round(v * 100) / 100).toString();

/** A context for a picture of width x height; `text(title)` is the file. */
export function svgContext(width, height) {
  let state = { fillStyle: "#000", strokeStyle: "#000", lineWidth: 1, globalAlpha: 1, font: "12px sans-serif", textAlign: "start", textBaseline: "alphabetic", lineCap: "butt", lineJoin: "miter", dash: [], clip: null, move: "" };
  const stack = [];
  const out = [];
  const clips = [];
  let path = "";
  const style = () => (state.clip === null ? "" : ` clip-path="url(#c${state.clip})"`) + (state.globalAlpha < 1 ? ` opacity="${n(state.globalAlpha)}"` : "") + (state.move ? ` transform="${state.move}"` : "");
  const anchors = { center: "middle", right: "end", end: "end", left: "start", start: "start" };
  const baselines = { middle: "central", top: "hanging", bottom: "text-after-edge", alphabetic: "alphabetic" };
  const ctx = {
    save: () => stack.push({ ...state }),
    restore: () => (state = stack.pop() || state),
    beginPath: () => (path = ""),
    closePath: () => (path += "Z"),
    moveTo: (x, y) => (path += `M${n(x)},${n(y)}`),
    lineTo: (x, y) => (path += `L${n(x)},${n(y)}`),
    rect: (x, y, w, h) => (path += `M${n(x)},${n(y)}h${n(w)}v${n(h)}h${n(-w)}Z`),
    arc: (x, y, r) => (path += `M${n(x - r)},${n(y)}a${n(r)},${n(r)} 0 1 0 ${n(2 * r)},0a${n(r)},${n(r)} 0 1 0 ${n(-2 * r)},0`),
    clip: () => (clips.push(path), (state.clip = clips.length - 1)),
    stroke: () => path && out.push(`<path d="${path}" fill="none" stroke="${escape(state.strokeStyle)}" stroke-width="${n(state.lineWidth)}"${state.dash.length ? ` stroke-dasharray="${state.dash.map(n).join(" ")}"` : ""} stroke-linecap="${state.lineCap}" stroke-linejoin="${state.lineJoin}"${style()}/>`),
    fill: () => path && out.push(`<path d="${path}" fill="${escape(state.fillStyle)}"${style()}/>`),
    fillRect: (x, y, w, h) => out.push(`<rect x="${n(x)}" y="${n(y)}" width="${n(w)}" height="${n(h)}" fill="${escape(state.fillStyle)}"${style()}/>`),
    fillText: (text, x, y) => {
      const [, bold, size] = /^(bold |600 )?([\d.]+)px/.exec(state.font) || [null, "", 12];
      out.push(`<text x="${n(x)}" y="${n(y)}" font-size="${n(Number(size))}"${bold ? ' font-weight="600"' : ""} text-anchor="${anchors[state.textAlign] || "start"}" dominant-baseline="${baselines[state.textBaseline] || "alphabetic"}" fill="${escape(state.fillStyle)}"${style()}>${escape(text)}</text>`);
    },
    strokeText: () => {},
    clearRect: () => {},
    setLineDash: (dash) => (state.dash = dash),
    translate: (x, y) => (state.move += `translate(${n(x)} ${n(y)})`),
    rotate: (a) => (state.move += `rotate(${n((a * 180) / Math.PI)})`),
    scale: () => {},
    setTransform: () => {},
    measureText: (text) => ({ width: String(text).length * 6.2 }),
    text: (title, under = "") => `<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${n(width)} ${n(height)}" width="${n(width)}" height="${n(height)}" font-family="system-ui, Helvetica, Arial, sans-serif"><title>${escape(title)}</title><defs>${clips.map((d, i) => `<clipPath id="c${i}"><path d="${d}"/></clipPath>`).join("")}</defs><rect width="100%" height="100%" fill="#ffffff"/>${out.join("\n")}${under}</svg>\n`,
  };
  for (const name of Object.keys(state)) if (!(name in ctx)) Object.defineProperty(ctx, name, { get: () => state[name], set: (v) => (state[name] = v) });
  return ctx;
}
