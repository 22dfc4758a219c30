// What a log holds that this page has no picture for: tensors of other plugins, meshes, embeddings; said plainly, with what opens them.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";

const WORDS = { mesh: "Meshes and point clouds: TensorBoard's mesh page draws them (tensorboard --logdir PATH).", tensors: "Tensors without a page of their own; the first elements of the last step:" };

/** Builds the page. context: {source, shown(): runs, name(id)}. */
export function otherPage(host, context) {
  async function load() {
    const runs = context.shown();
    const parts = [];
    for (const kind of ["tensors", "mesh"]) {
      const some = runs.filter((run) => run.tags[kind].length);
      if (!some.length) continue;
      const { series } = await context.source[kind]({ runs: some.map((r) => r.id), index: -1 });
      parts.push(h("section", {}, h("p", {}, WORDS[kind]), h("table", { class: "data plainly" }, h("thead", {}, h("tr", {}, ["run", "tag", "steps", "type", "shape", "first elements"].map((t) => h("th", {}, t)))),
        h("tbody", {}, series.map((one) => { const e = one.entries[0] || {}; return h("tr", {}, h("td", {}, clean(context.name(one.run))), h("td", {}, clean(one.tag)), h("td", { class: "n" }, String(one.total)), h("td", {}, e.dtype || ""), h("td", {}, `[${(e.shape || []).join(", ")}]`), h("td", {}, clean(e.error || (e.values || []).slice(0, 12).join(", ")))); })))));
    }
    put(host, parts.length ? parts : h("p", {}, "Nothing of the kind in the ticked runs."));
  }
  const again = () => load().catch((e) => put(host, h("p", {}, clean(e.message))));
  return { update: again, refresh: again, repaint: () => {}, leave: () => {} };
}
