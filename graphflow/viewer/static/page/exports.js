// The picture on screen as a file.

import { h, put } from "./dom.js";

/** The links that save the picture: drawn by the server where there is one, and what the page itself shows. */
export function exportsOf(host, source, state) {
  const shown = { expandedPaths: [...state.expanded].map((id) => state.paths.get(id)).filter(Boolean), root: state.root, out: [...state.out], back: [...state.back], hide: [...state.hide], hideQuery: state.hideQuery, flat: state.flat };
  const link = (kind) => {
    const href = source.exportURL(kind, { gid: state.gid, state: shown, color: state.color });
    return href && h("a", { class: "link", href, download: `graph.${kind}` }, kind.toUpperCase());
  };
  const own = h("button", { class: "link", onclick: () => {
    const url = URL.createObjectURL(new Blob([state.picture.asSvg()], { type: "image/svg+xml" }));
    h("a", { href: url, download: "graph.svg" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } }, "SVG, as on screen");
  put(host, own, source.live ? ["dot", "mmd", "json", "svg", "png", "pdf"].map(link) : null);
}
