// The Source of an offline page: everything comes from the data inside it.

import { cardOf, matching, searchOf, traceOf } from "./cards.js";
import { find, openModel } from "./model.js";
import { outlineOf, viewOf } from "./view.js";

/** A Source over the data that graphflow/viewer/offline.py wrote. */
export function sourceOf(data) {
  const models = new Map();
  const model = (gid) => {
    if (!models.has(gid)) {
      if (!(gid in data.graphs)) throw new Error(`this file holds no graph ${gid}`);
      const held = data.graphs[gid]; // or the id of the same graph in another run
      models.set(gid, typeof held === "string" ? model(held) : openModel(held));
    }
    return models.get(gid);
  };
  const shown = (gid, state) => viewOf(model(gid), state, state.hideQuery ? matching(model(gid), state.hideQuery) : null);
  const series = (kind) => async ({ runs, tags } = {}) => ({
    series: ((data.series || {})[kind] || []).filter((s) => (!runs || runs.includes(s.run)) && (!tags || tags.includes(s.tag))),
  });
  const media = (kind) => async (run, tag, index) => {
    const entry = ((data.media || {})[kind] || {})[JSON.stringify([run, tag, index])];
    if (!entry) throw new Error("this file does not hold that picture or sound");
    return entry;
  };
  return {
    live: false,
    runs: async () => data.runs,
    view: async (gid, state) => ({ graph: gid, stamp: model(gid).stamp, ...shown(gid, state) }),
    node: async (gid, id) => cardOf(model(gid), id),
    resolve: async (gid, paths) => ({ items: paths.map((path) => find(model(gid), path)) }),
    search: async (gid, query, options) => searchOf(model(gid), query, options),
    trace: async (gid, state, options) => traceOf(model(gid), shown(gid, state), options),
    outline: async (gid, id) => ({ id, children: outlineOf(model(gid), id) }),
    stats: async (gid) => model(gid).stats,
    scalars: series("scalars"),
    histograms: series("histograms"),
    images: series("images"),
    audio: series("audio"),
    text: series("text"),
    imageURL: media("image"),
    audioURL: media("audio"),
    profile: async (run) => {
      const found = (data.profiles || {})[run];
      if (!found) throw new Error("this file holds no run metadata");
      return found;
    },
    diff: async () => {
      throw new Error("this file holds no comparison; `graphflow view` compares graphs");
    },
    exportURL: () => null,
    listen: () => () => {},
  };
}
