// Asks the worker for layouts and turns Graphviz's JSON into numbers in the picture's coordinates (y downwards).

import { assetBytes, assetURL } from "../assets.js";
import { dotOf } from "../dot.js";

let starting = null;
let next = 0;
const waiting = new Map();

// the worker that start.js makes, or one of what an offline page carries
async function start() {
  const worker = self.startGraphviz ? self.startGraphviz() : await carriedWorker();
  worker.onmessage = (event) => {
    const { id, layout, error } = event.data;
    const [resolve, reject] = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(error));
    else resolve(layout);
  };
  return worker;
}

async function carriedWorker() {
  const made = new Worker(await assetURL("layout_worker.js"));
  made.postMessage({ module: await WebAssembly.compile(await assetBytes("vendor/viz.wasm")) });
  return made;
}

/** The layout of a view: {width, height, boxes: Map id -> {x, y, w, h}, clusters: Map, edges: [{path, head, label}] in the view's order}. */
export async function layoutOf(view) {
  const id = next++;
  const dot = dotOf(view);
  const worker = await (starting = starting || start());
  const text = await new Promise((resolve, reject) => {
    waiting.set(id, [resolve, reject]);
    worker.postMessage({ id, dot });
  });
  return read(JSON.parse(text));
}

function read(json) {
  const [, , width, height] = (json.bb || "0,0,1,1").split(",").map(Number);
  const boxes = new Map();
  const clusters = new Map();
  for (const object of json.objects || []) {
    if (object.name.startsWith("cluster_")) {
      const [x1, y1, x2, y2] = object.bb.split(",").map(Number);
      clusters.set(Number(object.name.slice(8)), { x: (x1 + x2) / 2, y: height - (y1 + y2) / 2, w: x2 - x1, h: y2 - y1 });
    } else if (object.pos) {
      const [x, y] = object.pos.split(",").map(Number);
      boxes.set(Number(object.name.slice(1)), { x, y: height - y, w: object.width * 72, h: object.height * 72 });
    }
  }
  const names = (json.objects || []).map((o) => o.name);
  const edges = new Map();
  for (const edge of json.edges || []) edges.set(`${names[edge.tail].slice(1)}>${names[edge.head].slice(1)}`, spline(edge.pos, edge.lp, height));
  return { width, height, boxes, clusters, edges };
}

function spline(pos, label, height) {
  let end = null;
  const points = [];
  for (const part of (pos || "").split(" ")) {
    const numbers = part.replace(/^[es],/, "").split(",").map(Number);
    const point = [numbers[0], height - numbers[1]];
    if (part.startsWith("e,")) end = point;
    else if (!part.startsWith("s,")) points.push(point);
  }
  if (!points.length) return null;
  let path = `M${points[0][0]},${points[0][1]}`;
  for (let i = 1; i + 2 < points.length; i += 3) path += `C${points[i]} ${points[i + 1]} ${points[i + 2]}`;
  const last = points[points.length - 1];
  return { path, head: end ? arrow(last, end) : "", label: label ? place(label, height) : null };
}

function place(pos, height) {
  const [x, y] = pos.split(",").map(Number);
  return [x, height - y];
}

function arrow(from, to) {
  const dx = to[0] - from[0];
  const dy = to[1] - from[1];
  const length = Math.hypot(dx, dy) || 1;
  const nx = (-dy / length) * 3;
  const ny = (dx / length) * 3;
  return `${to[0]},${to[1]} ${from[0] + nx},${from[1] + ny} ${from[0] - nx},${from[1] - ny}`;
}
