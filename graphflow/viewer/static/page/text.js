// Texts: as Markdown or as they stand, every step by a slider.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";
import { makeGrid } from "./grid.js";
import { swatch } from "./looks.js";
import { markdown } from "./markdown.js";
import { nearestStep } from "./media.js";
import { keepOptions, options } from "./options.js";

const MOST_RUNS = 24;

/** Builds the page of texts. context: {source, shown(): runs, name(id), remember()}. */
export function textPage(host, context) {
  const keep = () => (keepOptions(), context.remember());
  const grid = makeGrid(h("div", {}), { kind: "text", make: (tag, card) => textCard(tag, card, context), options, keep, wide: true });
  put(host, h("div", { class: "bar" }, h("label", {}, grid.field), h("label", {}, h("input", { type: "checkbox", checked: options.raw, onchange: (e) => ((options.raw = e.target.checked), keep(), grid.each((card) => card.show())) }), " as it stands")), ...grid.elements());
  return { update: (tags) => grid.update(tags), refresh: (test) => grid.refresh(test), repaint: () => {}, leave: () => grid.leave() };
}

function textCard(tag, card, context) {
  let series = [];
  let at = null;
  let turn = 0;
  const bodies = h("div", { class: "runs-of-tag" });
  const slider = h("input", { type: "range", min: 0, "aria-label": `Step of ${clean(tag)}`, oninput: (e) => pick(Number(e.target.value)) });
  const where = h("output", {});
  const row = h("label", { class: "slide" }, "Step ", slider, where);
  card.body.append(row, bodies);
  const longest = () => series.reduce((a, b) => (b.steps.length > a.steps.length ? b : a), { steps: [] });

  async function load() {
    const runs = context.shown().filter((run) => run.tags.text.includes(tag)).slice(0, MOST_RUNS);
    series = runs.length ? (await context.source.text({ runs: runs.map((r) => r.id), tags: [tag], index: -1 })).series : [];
    const steps = longest().steps;
    slider.max = String(Math.max(0, steps.length - 1));
    row.hidden = steps.length < 2;
    if (at === null) slider.value = slider.max;
    if (at !== null && steps.includes(at)) await pick(steps.indexOf(at));
    else await show();
  }

  async function pick(index) {
    const steps = longest().steps;
    const step = steps[index];
    at = index === steps.length - 1 ? null : step;
    const found = await Promise.all(series.map(async (one) => (await context.source.text({ runs: [one.run], tags: [tag], index: nearestStep(one.steps, step) })).series[0].entries));
    if ((at === null ? steps[steps.length - 1] : at) !== step) return;
    series.forEach((one, k) => (one.entries = found[k]));
    await show();
  }

  async function show() {
    const steps = longest().steps;
    const mine = (turn += 1);
    where.textContent = `${at === null ? steps[steps.length - 1] : at} (${Number(slider.value) + 1} of ${steps.length})`;
    const rows = await Promise.all(series.map(async (one) => {
      const entry = one.entries[0];
      if (!entry) return null;
      const body = entry.error ? h("p", { class: "muted" }, clean(entry.error)) : await written(entry);
      return h("div", { class: "of-run" }, h("div", { class: "muted" }, swatch(context.name(one.run)), " ", clean(context.name(one.run)), `, step ${entry.step}`, entry.cut ? ", cut short here" : ""), body);
    }));
    if (mine === turn) put(bodies, rows);
  }

  return { load, show, resize: () => {}, leave: () => {} };
}

// a configuration that was logged as JSON keeps its lines
function isJson(text) {
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

// a text, or a table of texts of rank 1 and 2
async function written(entry) {
  const one = async (text) => (options.raw || isJson(text) ? h("pre", { class: "raw" }, text) : markdown(text));
  const cells = await Promise.all(entry.values.map(one));
  if (entry.shape.length === 0 || (entry.shape.length === 1 && entry.shape[0] === 1)) return cells[0] || h("p", {});
  const columns = entry.shape.length === 1 ? 1 : entry.shape.slice(1).reduce((a, b) => a * b, 1);
  const rows = [];
  for (let i = 0; i < cells.length; i += columns) rows.push(h("tr", {}, cells.slice(i, i + columns).map((cell) => h("td", {}, cell))));
  return h("table", { class: "data texts" }, h("tbody", {}, rows));
}
