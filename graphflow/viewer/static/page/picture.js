// The picture: boxes, clusters and edges as SVG under one camera; pan, zoom, pinch, minimap; selection and traces are classes.

import { clean, elide, wordsOf } from "../dot.js";
import { paint } from "./colors.js";
import { amount, byId, h, s } from "./dom.js";

const COMFORTABLE = 0.75;         // a picture that fits at this scale is shown whole after a change
const ABOVE = 40;                // px of the buttons over the picture,
const BELOW = 34;                // and of the legend under it
const READABLE = 9.2 / 14;      // of the first picture: labels of 14 px are at least 9 px high

const SHOWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-size", "font-weight", "text-anchor"];

/** Makes the picture in `host`. handlers: select(id|null, event), toggle(id), moved(camera). */
export function makePicture(host, handlers) {
  const world = s("g", {});
  const svg = s("svg", { class: "picture" }, world);
  // moved in place of the picture itself, whose texts the browser would lay out anew in each frame
  const stage = h("div", { class: "stage" }, svg);
  host.replaceChildren(stage);
  const picture = { view: null, layout: null, camera: { x: 0, y: 0, k: 1 }, elements: new Map(), edges: [] };

  let far = false;
  let behind = 0;     // the minimap follows a little behind, so that frames of a zoom stay free for the picture
  let waiting = 0;
  const apply = () => {
    cancelAnimationFrame(waiting);
    waiting = 0;
    const { x, y, k } = picture.camera;
    stage.style.transform = `translate(${x}px,${y}px) scale(${k})`;
    if (far !== k < 0.35) svg.classList.toggle("far", (far = !far));
    if (!behind) behind = setTimeout(moveMinimap, 60);
    handlers.moved(picture.camera);
  };
  // asked for in every frame of a zoom: looking at the element itself would make the browser lay the page out each time
  let room = null;
  new ResizeObserver(() => (room = null)).observe(host);
  const size = () => {
    if (!room) {
      const { left, top } = host.getBoundingClientRect();
      room = { w: host.clientWidth || 800, h: host.clientHeight || 600, left, top };
    }
    return room;
  };

  picture.setCamera = (camera) => {
    picture.camera = { ...camera };
    picture.fitted = false;
    apply();
  };
  /** The picture as a file: what styles say is written to the elements. */
  picture.asSvg = () => {
    const { width, height } = picture.layout;
    const copy = svg.cloneNode(true);
    const [from, to] = [svg.querySelectorAll("*"), copy.querySelectorAll("*")];
    from.forEach((element, i) => {
      const style = getComputedStyle(element);
      if (style.display === "none") to[i].setAttribute("display", "none");
      for (const name of SHOWN) if (style[name] && style[name] !== "none" && element.tagName !== "g") to[i].setAttribute(name, style[name]);
      if (style.fill === "none" && element.tagName !== "g") to[i].setAttribute("fill", "none");
    });
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("viewBox", `-10 -10 ${width + 20} ${height + 20}`);
    copy.setAttribute("width", width + 20);
    copy.setAttribute("height", height + 20);
    copy.setAttribute("font-family", "system-ui, Helvetica, Arial, sans-serif");
    return new XMLSerializer().serializeToString(copy);
  };
  // the point of the picture that stands in the middle of the window: the same in a window of another size
  picture.looksAt = () => {
    const { w, h } = size();
    const { x, y, k } = picture.camera;
    return { x: (w / 2 - x) / k, y: (h / 2 - y) / k, k };
  };
  picture.lookAt = ({ x, y, k }) => {
    const { w, h } = size();
    picture.setCamera({ k, x: w / 2 - x * k, y: h / 2 - y * k });
  };
  // Many pointer events may come in one frame.
  const steer = (camera) => {
    picture.camera = camera;
    picture.fitted = false;
    if (!waiting) waiting = requestAnimationFrame(apply);
  };
  picture.fit = (readable = false) => {
    if (!picture.layout) return;
    const { w, h } = size();
    const { width, height } = picture.layout;
    const within = (over) => Math.min(1.1, (w - 40) / width, (h - over) / height);
    let k = within(ABOVE + BELOW); // clear of the buttons and of the legend, where the letters stay large enough
    if (readable && k < READABLE) k = Math.max(within(40), READABLE);
    const x = (w - width * k) / 2;
    const room = h - ABOVE - BELOW - height * k;
    picture.setCamera({ k, x: width * k > w ? Math.max(x, w - 20 - width * k) : x, y: height * k > h ? 16 : room >= 0 ? ABOVE + room / 2 : (h - height * k) / 2 });
    picture.fitted = readable || k >= READABLE;
  };
  /** The window changed: a picture that was fitted is fitted again. (Observers of sizes are told later than this.) */
  picture.resized = () => {
    room = null;
    if (picture.fitted) picture.fit(true);
  };
  picture.zoom = (factor, at) => {
    const { x, y, k } = picture.camera;
    const to = Math.min(6, Math.max(0.03, k * factor));
    steer({ k: to, x: at.x - ((at.x - x) / k) * to, y: at.y - ((at.y - y) / k) * to });
  };
  picture.placeOf = (id) => (picture.layout ? picture.layout.boxes.get(id) || picture.layout.clusters.get(id) || null : null);
  picture.centre = (id) => {
    const place = picture.placeOf(id);
    if (!place) return;
    const { w, h } = size();
    const k = Math.max(picture.camera.k, READABLE);
    picture.setCamera({ k, x: w / 2 - place.x * k, y: h / 2 - place.y * k });
  };
  picture.isVisible = (id) => {
    const place = picture.placeOf(id);
    const { w, h } = size();
    const { x, y, k } = picture.camera;
    return place !== null && place.x * k + x > 0 && place.x * k + x < w && place.y * k + y > 0 && place.y * k + y < h;
  };

  // Pans as little as needed to bring an opened group into the window.
  picture.reveal = (id) => {
    const place = picture.placeOf(id);
    if (!place) return;
    const { w, h } = size();
    const { x, y, k } = picture.camera;
    const shift = (low, high, room) => (high - low > room - 40 ? 20 - low : low < 20 ? 20 - low : high > room - 20 ? room - 20 - high : 0);
    const dx = shift((place.x - place.w / 2) * k + x, (place.x + place.w / 2) * k + x, w);
    const dy = shift((place.y - place.h / 2) * k + y, (place.y + place.h / 2) * k + y, h);
    if (dx || dy) picture.setCamera({ k, x: x + dx, y: y + dy });
  };

  /** Draws a view with its layout; the item `anchor` stays where it is on the screen. */
  picture.draw = (view, layout, color, anchor = null) => {
    const before = anchor === null ? null : picture.placeOf(anchor);
    picture.view = view;
    picture.layout = layout;
    svg.setAttribute("width", layout.width);
    svg.setAttribute("height", layout.height);
    drawMinimap();
    picture.color(color);
    const after = before && picture.placeOf(anchor);
    const { w, h } = size();
    if (after && Math.min((w - 40) / layout.width, (h - 40) / layout.height) >= COMFORTABLE) {
      picture.fit();
    } else if (after) {
      const { x, y, k } = picture.camera;
      picture.setCamera({ k, x: x + (before.x - after.x) * k, y: y + (before.y - after.y) * k });
      picture.reveal(anchor);
    }
  };
  /** {words: [[word, fill]], control: are there control edges} of what is on the screen. */
  picture.legend = () => {
    const { view, mode, most } = picture;
    const seen = view.boxes.filter((b) => !b.open && picture.isVisible(b.id));
    const words = new Map(seen.map((b) => [paint(b, mode, most), b]).filter(([p]) => p.word).map(([p]) => [p.word, p.fill]));
    const scale = (mode === "time" || mode === "memory") && most > 0 ? [0, most].map((v) => [amount(v, mode === "time" ? "us" : "B"), paint({ [mode]: v }, mode, most).fill]) : [];
    const ids = new Set(seen.map((b) => b.id));
    return { words: [...scale, ...words], control: view.edges.some((e) => e.control && (ids.has(e.from) || ids.has(e.to))) };
  };
  picture.color = (color) => {
    const { view, layout } = picture;
    if (!view) return;
    const most = Math.max(0, ...view.boxes.filter((b) => !b.open).map((b) => b[color] || 0).filter(Number.isFinite));
    Object.assign(picture, { mode: color, most });
    picture.elements = new Map();
    const clusters = view.boxes.filter((b) => b.open && layout.clusters.has(b.id)).map((b) => cluster(b, layout.clusters.get(b.id)));
    picture.edges = view.edges.map((e) => ({ edge: e, element: edgeElement(e, layout.edges.get(`${e.from}>${e.to}`)) }));
    const boxes = view.boxes.filter((b) => !b.open && layout.boxes.has(b.id)).map((b) => {
      const { fill } = paint(b, color, most);
      return boxElement(b, layout.boxes.get(b.id), fill);
    });
    world.replaceChildren(...clusters, ...picture.edges.map((e) => e.element), ...boxes);
    apply();
  };
  picture.mark = (selected, traced) => {
    const boxes = traced ? new Set(traced.boxes) : null;
    for (const [id, element] of picture.elements) {
      element.classList.toggle("selected", id === selected);
      element.classList.toggle("traced", Boolean(boxes && boxes.has(id)));
      element.classList.toggle("faded", Boolean(boxes && !boxes.has(id) && element.classList.contains("box")));
    }
    const lines = traced ? new Set(traced.edges.map(([a, b]) => `${a}>${b}`)) : null;
    for (const { edge, element } of picture.edges) {
      const on = Boolean(lines && lines.has(`${edge.from}>${edge.to}`));
      element.classList.toggle("traced", on);
      element.classList.toggle("faded", Boolean(lines && !on));
      element.classList.toggle("near", edge.from === selected || edge.to === selected);
    }
  };

  function remember(id, element) {
    picture.elements.set(id, element);
    return element;
  }

  function boxElement(box, place, fill) {
    const many = box.kind === "series" || (box.kind === "block" && box.count > 1);
    const x = place.x - place.w / 2;
    const y = place.y - place.h / 2;
    const round = box.kind === "op" ? 3 : 9;
    const rect = (dx, dy, main) => s("rect", { x: x + dx, y: y + dy, width: place.w, height: place.h, rx: round, fill, class: main ? "main" : null });
    const label = clean(elide(box.label));
    return remember(box.id, s("g", { class: `box ${box.kind}${box.diff ? " diff-" + box.diff.state : ""}`, "data-id": box.id },
      s("title", {}, clean(`${box.path}${box.op ? "\n" + box.op : ""}\n${box.detail}`)),
      many ? rect(5, 5, false) : null, many ? rect(2.5, 2.5, false) : null, rect(0, 0, true),
      s("text", { x: place.x, y: place.y + (box.detail ? -2 : 5), "data-label": box.label }, label),
      box.detail ? s("text", { x: place.x, y: place.y + 13, class: "detail" }, clean(box.detail)) : null));
  }

  function cluster(box, place) {
    return remember(box.id, s("g", { class: `cluster${box.path.split("/").length % 2 ? " odd" : ""}`, "data-id": box.id },
      s("title", {}, clean(box.path)),
      s("rect", { x: place.x - place.w / 2, y: place.y - place.h / 2, width: place.w, height: place.h, rx: 8 }),
      s("text", { x: place.x, y: place.y - place.h / 2 + 18, "data-label": box.label }, clean(elide(box.label)))));
  }

  function edgeElement(edge, shape) {
    const width = Math.min(5, 1 + Math.log2(1 + (edge.bytes || 1) * edge.count) / 8);
    const group = s("g", { class: `edge${edge.control ? " control" : ""}${edge.diff ? " " + edge.diff : ""}` });
    if (!shape) return group;
    group.append(s("path", { d: shape.path, "stroke-width": width.toFixed(2) }));
    if (shape.head) group.append(s("polygon", { points: shape.head }));
    if (shape.label) group.append(s("text", { x: shape.label[0], y: shape.label[1] + 3 }, wordsOf(edge)));
    return group;
  }

  // pointer

  const pointers = new Map();
  let moved = 0;
  const spot = (event) => {
    const { left, top } = size();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const itemAt = (event) => {
    const element = event.target.closest ? event.target.closest("[data-id]") : null;
    return element ? Number(element.getAttribute("data-id")) : null;
  };
  host.addEventListener("pointerdown", (event) => {
    pointers.set(event.pointerId, spot(event));
    moved = 0;
  });
  window.addEventListener("pointermove", (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const now = spot(event);
    if (pointers.size === 2) {
      const other = [...pointers].find(([id]) => id !== event.pointerId)[1];
      const span = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
      picture.zoom(span(now) / span(last), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
    } else {
      moved += Math.abs(now.x - last.x) + Math.abs(now.y - last.y);
      if (moved > 3) {
        host.classList.add("dragging");
        const { x, y, k } = picture.camera;
        steer({ k, x: x + now.x - last.x, y: y + now.y - last.y });
      }
    }
    pointers.set(event.pointerId, now);
  });
  const up = (event) => {
    pointers.delete(event.pointerId);
    host.classList.remove("dragging");
  };
  window.addEventListener("pointerup", up);
  window.addEventListener("pointercancel", up);
  host.addEventListener("click", (event) => {
    if (moved <= 3) handlers.select(itemAt(event), event);
  });
  host.addEventListener("dblclick", (event) => {
    const id = itemAt(event);
    if (id !== null) handlers.toggle(id);
  });
  host.addEventListener("wheel", (event) => {
    event.preventDefault();
    picture.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0018)), spot(event));
  }, { passive: false });

  // minimap

  const minimap = byId("minimap");
  let frame = null;
  function drawMinimap() {
    const { layout } = picture;
    minimap.setAttribute("viewBox", `0 0 ${layout.width} ${layout.height}`);
    frame = s("rect", { id: "minimap-frame", fill: "none", stroke: "var(--accent)", "stroke-width": Math.max(layout.width / 170, layout.height / 110) * 2 });
    minimap.replaceChildren(...[...layout.boxes.values()].map((b) => s("rect", { x: b.x - b.w / 2, y: b.y - b.h / 2, width: b.w, height: b.h, fill: "var(--edge)" })), frame);
  }
  function moveMinimap() {
    behind = 0;
    if (!frame) return;
    const { w, h } = size();
    const { x, y, k } = picture.camera;
    for (const [name, value] of [["x", -x / k], ["y", -y / k], ["width", w / k], ["height", h / k]]) frame.setAttribute(name, value);
  }
  minimap.addEventListener("pointerdown", (event) => {
    const { layout } = picture;
    if (!layout) return;
    const place = minimap.getBoundingClientRect();
    const scale = Math.max(layout.width / place.width, layout.height / place.height);
    const cx = (event.clientX - place.left - place.width / 2) * scale + layout.width / 2;
    const cy = (event.clientY - place.top - place.height / 2) * scale + layout.height / 2;
    const { w, h } = size();
    const { k } = picture.camera;
    picture.setCamera({ k, x: w / 2 - cx * k, y: h / 2 - cy * k });
  });
  return picture;
}
