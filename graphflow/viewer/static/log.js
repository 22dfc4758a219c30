// The pages of a log: the list of runs, and a page per kind of data; loaded when the first of them is opened.

import { customPage } from "./page/custom.js";
import { put } from "./page/dom.js";
import { histogramsPage } from "./page/histograms.js";
import { hparamsPage } from "./page/hparams.js";
import { mediaPage } from "./page/media.js";
import { followOptions, linkOptions } from "./page/options.js";
import { otherPage } from "./page/other.js";
import { prPage } from "./page/pr_curves.js";
import { makeChoice, makeRunList, shownRuns } from "./page/run_list.js";
import { scalarsPage } from "./page/scalars.js";
import { textPage } from "./page/text.js";

const BUILDERS = { scalars: scalarsPage, custom: customPage, histograms: histogramsPage, images: (host, context) => mediaPage(host, context, "images"), audio: (host, context) => mediaPage(host, context, "audio"),
  text: textPage, pr: prPage, hparams: hparamsPage, other: otherPage };
const MOST_LINKED = 60; // runs that a link names
const naturally = new Intl.Collator("en", { numeric: true }).compare;

/** host: where pages stand; list: where the runs do; remember(): the state changed; parts: what the link says. */
export function makeLog({ source, host, list, remember }, parts) {
  const choice = makeChoice({});
  let runs = [];
  let byRun = new Map();
  let page = null; // {name, update, refresh, repaint, leave}
  follow(parts);
  const chosen = () => {
    runList.redraw();
    remember();
    if (page) page.refresh();
  };
  const runList = makeRunList(list, choice, { changed: chosen, painted: () => page && page.repaint() });
  const context = {
    source, remember,
    runs: () => runs,
    shown: () => shownRuns(choice, runs),
    name: (id) => (byRun.get(id) || { name: id }).name,
    only: (name) => {
      choice.all = false;
      choice.on = new Set([name]);
      choice.off.clear();
      chosen();
    },
  };

  function follow(said) {
    followOptions(said);
    const off = said.off || [];
    Object.assign(choice, makeChoice({ on: said.on || [], off: off.filter((name) => name !== "*"), filter: said.rq || "" }));
    choice.all = off.includes("*") ? false : undefined;
  }

  function leave() {
    if (page) page.leave();
    page = null;
  }

  return {
    leave,
    follow(said) {
      follow(said);
      runList.update([...runs]);
    },
    parts: () => ({ ...linkOptions(), rq: choice.filter, on: [...choice.on].slice(0, MOST_LINKED), off: choice.all === false ? ["*"] : [...choice.off].slice(0, MOST_LINKED) }),
    update(next) {
      runs = next;
      byRun = new Map(runs.map((run) => [run.id, run]));
      runList.update(runs);
    },
    open(name, kind) {
      if (page && page.name !== name) leave();
      const held = name === "custom" ? "scalars" : kind;
      if (!page) runList.dim((run) => run.tags[held].length > 0);
      if (!page) page = { name, ...BUILDERS[name](put(host), context) };
      const lists = new Set(runs.map((run) => run.tags[kind])); // runs that have the same tags share the list
      page.update([...new Set([...lists].flat())].sort(naturally));
    },
    /** Asks anew for what may have changed: the tags of some runs (ids), or everything (null). */
    refresh(ids) {
      if (!page) return;
      const tags = ids && new Set([...ids].filter((id) => byRun.has(id)).flatMap((id) => Object.values(byRun.get(id).tags).flat()));
      page.refresh(tags ? (tag) => tags.has(tag) : undefined);
    },
  };
}
