// The list of runs beside charts: which are shown, found by regular expression, each with its colour. Only the rows in sight are elements,
// so that ten thousand runs scroll.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { choose, lookOf, swatch } from "./looks.js";

export const AT_FIRST = 50; // runs that are ticked when a log with more of them is opened
const ROW = 26;

/** A test of texts by a regular expression (case matters only where it has capitals); what is none is looked for as it stands. */
export function matcher(pattern) {
  if (!pattern) return () => true;
  try {
    const regex = new RegExp(pattern, /[A-Z]/.test(pattern) ? "u" : "iu");
    return (text) => regex.test(text);
  } catch {
    return (text) => text.toLowerCase().includes(pattern.toLowerCase());
  }
}

/** Which runs are shown: all of the first AT_FIRST, or what was ticked. Names, so that links and reloads keep them. */
export function makeChoice({ on = [], off = [], filter = "" }) {
  return { on: new Set(on), off: new Set(off), filter, many: false };
}

/** The runs that a choice shows, of those that have something to show. */
export function shownRuns(choice, runs) {
  const fits = matcher(choice.filter);
  const out = [];
  runs.forEach((run, i) => {
    const ticked = choice.on.has(run.name) || (!choice.off.has(run.name) && (choice.all ?? i < AT_FIRST));
    if (ticked && fits(run.name)) out.push(run);
  });
  return out;
}

/** Builds the list in host. changed(): the choice changed; painted(): a colour did. Returns {update(runs), dim(test)}. */
export function makeRunList(host, choice, { changed, painted }) {
  let runs = [];
  let rows = [];
  let holds = () => true;
  const field = h("input", { type: "search", value: choice.filter, placeholder: "Runs: regular expression", "aria-label": "Find runs by regular expression", spellcheck: "false", autocomplete: "off", oninput: (e) => ((choice.filter = e.target.value), filter(), changed()) });
  const count = h("div", { class: "muted count", role: "status" });
  const inner = h("div", { class: "rows" });
  const list = h("div", { class: "run-rows", tabindex: 0, role: "group", "aria-label": "Runs", onscroll: () => draw() }, inner);
  const all = (on) => () => {
    const fits = matcher(choice.filter);
    if (!choice.filter) {
      choice.all = on;
      choice.on.clear();
      choice.off.clear();
    } else runs.filter((run) => fits(run.name)).forEach((run) => tick(run, on));
    draw();
    changed();
  };
  put(host, h("div", { class: "run-head" }, field, h("div", { class: "run-acts" }, h("button", { class: "link", onclick: all(true) }, "All"), h("button", { class: "link", onclick: all(false) }, "None"),
    h("button", { class: "link", title: "Tick what is not, and the other way round", onclick: () => { const now = new Set(shownRuns(choice, runs)); runs.filter((r) => matcher(choice.filter)(r.name)).forEach((r) => tick(r, !now.has(r))); draw(); changed(); } }, "Invert"), h("span", { class: "grow" }), count)), list);

  const ticked = (run, i) => choice.on.has(run.name) || (!choice.off.has(run.name) && (choice.all ?? i < AT_FIRST));
  function tick(run, on) {
    choice[on ? "on" : "off"].add(run.name);
    choice[on ? "off" : "on"].delete(run.name);
  }

  function filter() {
    const fits = matcher(choice.filter);
    rows = runs.map((run, i) => ({ run, i })).filter(({ run }) => fits(run.name));
    inner.style.height = `${rows.length * ROW}px`;
    draw();
  }

  function draw() {
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
    const to = Math.min(rows.length, from + Math.ceil((list.clientHeight || 600) / ROW) + 8);
    const shown = shownRuns(choice, runs).length;
    count.textContent = `${shown} of ${runs.length}`;
    count.title = `${shown} of ${runs.length} runs are shown`;
    inner.replaceChildren(...rows.slice(from, to).map(({ run, i }, k) => row(run, i, from + k)));
  }

  function row(run, i, at) {
    const look = lookOf(run.name);
    const pick = h("input", { type: "color", value: look.color, class: "pick", "aria-label": `Colour of ${clean(run.name)}`, title: "Another colour for this run", onchange: (e) => (choose(run.name, e.target.value), draw(), painted()) });
    const element = h("div", { class: holds(run) ? "run" : "run none" }, h("label", { title: holds(run) ? clean(run.name) : `${clean(run.name)}: nothing of it is on this page` },
      h("input", { type: "checkbox", checked: ticked(run, i), onchange: (e) => (tick(run, e.target.checked), draw(), changed()) }), swatch(run.name), h("span", { class: "name" }, h("bdi", {}, clean(run.name)))), pick,
    h("button", { class: "link only", title: "This run alone", onclick: () => { choice.all = false; choice.on = new Set([run.name]); choice.off.clear(); draw(); changed(); } }, "only"));
    element.style.top = `${at * ROW}px`;
    return element;
  }

  new ResizeObserver(() => draw()).observe(list);
  return {
    redraw: draw,
    /** Which runs have something to show on the page that stands beside; the others are dimmed. */
    dim(test) {
      holds = test;
      draw();
    },
    update(next) {
      const same = next.length === runs.length && next.every((run, i) => run === runs[i]);
      runs = next;
      if (!same || !rows.length) filter();
    },
  };
}
