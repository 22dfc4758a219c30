// The Source of an offline page: everything comes from the data inside it.

import { unpack } from "../page/packed.js";
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
  for (const run of data.runs.runs) run.tags = data.runs.sets[run.set];
  const scalars = data.scalars ? unpack(Uint8Array.from(atob(data.scalars), (c) => c.charCodeAt(0)).buffer) : { series: [] };
  const fits = (one, { runs, tags }) => (!runs || runs.includes(one.run)) && (!tags || tags.includes(one.tag));
  const entries = (kind) => async ({ runs, tags, most = 1, index } = {}) => ({
    series: ((data.series || {})[kind] || []).filter((one) => fits(one, { runs, tags })).map((one) => ({ ...one, entries: index === undefined ? spread(one.entries, most) : one.entries.slice(index, index === -1 ? undefined : index + 1) })),
  });
  const media = (kind) => async (run, tag, index, item) => {
    const found = ((data.media || {})[kind] || {})[[run, tag, index, item].join("\n")];
    if (!found) throw new Error("this file does not hold that picture or sound");
    return found;
  };
  const times = (gid, tags) => {
    const found = (data.profiles || {})[gid.split(".")[0]];
    return found && tags && tags.length ? found.times[tags.join("\n")] || null : null;
  };
  return {
    live: false,
    runs: async () => data.runs,
    view: async (gid, state) => ({ graph: gid, stamp: model(gid).stamp, ...timed(model(gid), shown(gid, state), times(gid, state.profile ? [state.profile].flat() : null)) }),
    node: async (gid, id) => cardOf(model(gid), id),
    resolve: async (gid, paths) => ({ items: paths.map((path) => find(model(gid), path)) }),
    search: async (gid, query, options) => searchOf(model(gid), query, options),
    trace: async (gid, state, options) => traceOf(model(gid), shown(gid, state), options),
    outline: async (gid, id) => ({ id, children: outlineOf(model(gid), id) }),
    stats: async (gid) => model(gid).stats,
    scalars: async (wanted) => ({ series: scalars.series.filter((one) => fits(one, wanted)) }),
    ...Object.fromEntries(["histograms", "images", "audio", "text", "pr_curves", "tensors", "mesh"].map((kind) => [kind, entries(kind)])),
    hparams: async () => data.hparams,
    layouts: async () => data.layouts,
    imageURL: media("images"),
    audioURL: media("audio"),
    profile: async (run, tags, shownTag) => {
      const found = (data.profiles || {})[run];
      const answer = found && found.answers[tags.join("\n")];
      if (!answer) throw new Error("this file holds the profile of each step and of all of them together");
      return { ...answer, shown: tags.includes(shownTag) && tags.length === 1 ? shownTag : answer.shown };
    },
    diff: async (a, b) => {
      if (!data.diff || data.diff.a !== a || data.diff.b !== b) throw new Error("this file holds another comparison; `graphflow view` compares any two graphs");
      return data.diff.found;
    },
    compared: async () => (data.diff ? [data.diff.a, data.diff.b] : null),
    exportURL: () => null,
    listen: () => () => {},
  };
}

// at most `most` of a list, evenly, the last one among them
function spread(list, most) {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.round(((i + 1) * list.length) / most) - 1]);
}

// a view with time and memory on its boxes: rows [op, time, memory]
function timed(tree, view, rows) {
  if (!rows) return view;
  const time = new Float64Array(tree.n + 1);
  const memory = new Float64Array(tree.n + 1);
  for (const [item, t, m] of rows) {
    time[item + 1] += t;
    memory[item + 1] += m;
  }
  for (let i = 1; i <= tree.n; i++) {
    time[i] += time[i - 1];
    memory[i] += memory[i - 1];
  }
  const put = (box) => ({ ...box, time: time[tree.end[box.id]] - time[box.id], memory: memory[tree.end[box.id]] - memory[box.id] });
  return { ...view, boxes: view.boxes.map(put), aside: view.aside.map(put) };
}
