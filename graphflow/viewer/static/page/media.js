// Images and sounds: every step by a slider, every item of a batch, runs beside one another.

import { clean } from "../dot.js";
import { amount, h, put } from "./dom.js";
import { makeGrid } from "./grid.js";
import { swatch } from "./looks.js";
import { keepOptions, options } from "./options.js";
import { moment } from "./uplot.js";

const [WIDEST, TALLEST] = [480, 360]; // px of a picture
const MOST_RUNS = 24; // of one tag at once

/** Builds the page of images, or of sounds (kind "audio"). context: {source, shown(): runs, name(id), remember()}. */
export function mediaPage(host, context, kind) {
  const keep = () => (keepOptions(), context.remember());
  const make = (tag, card) => mediaCard(tag, card, context, kind);
  const grid = makeGrid(h("div", {}), { kind, make, options, keep });
  const look = () => {
    host.style.setProperty("--contrast", options.contrast);
    host.style.setProperty("--brightness", options.brightness);
    keep();
  };
  const slide = (key, text) => {
    const output = h("output", {});
    const input = h("input", { type: "range", min: 0, max: 3, step: 0.1, "aria-label": text, oninput: (e) => ((options[key] = Number(e.target.value)), tell(), look()) });
    const tell = () => ((input.value = options[key]), (output.textContent = Number(options[key]).toFixed(1)));
    tell();
    return { tell, element: h("label", {}, text, " ", input, output) };
  };
  const slides = [slide("contrast", "Contrast"), slide("brightness", "Brightness")];
  const reset = h("button", { class: "link", onclick: () => { options.contrast = options.brightness = 1; slides.forEach((one) => one.tell()); look(); } }, "Reset");
  look();
  put(host, h("div", { class: "bar" }, h("label", {}, grid.field), kind === "images" ? [slides.map((one) => one.element), reset,
    h("label", {}, h("input", { type: "checkbox", checked: options.actual, onchange: (e) => ((options.actual = e.target.checked), keep(), grid.each((card) => card.show())) }), " actual size")] : null), ...grid.elements());
  return { update: (tags) => grid.update(tags), refresh: (test) => grid.refresh(test), repaint: () => {}, leave: () => grid.leave() };
}

function mediaCard(tag, card, context, kind) {
  let series = [];
  let at = null; // the step that the slider stands at; null: the last
  const bodies = h("div", { class: "runs-of-tag" });
  const slider = h("input", { type: "range", min: 0, "aria-label": `Step of ${clean(tag)}`, oninput: (e) => pick(Number(e.target.value)) });
  const where = h("output", {});
  const row = h("label", { class: "slide" }, "Step ", slider, where);
  const note = h("div", { class: "muted" });
  card.body.append(row, bodies, note);
  const longest = () => series.reduce((a, b) => (b.steps.length > a.steps.length ? b : a), { steps: [] });

  async function load() {
    const runs = context.shown().filter((run) => run.tags[kind].includes(tag));
    const some = runs.slice(0, MOST_RUNS);
    series = some.length ? (await context.source[kind]({ runs: some.map((r) => r.id), tags: [tag], index: -1 })).series : [];
    note.textContent = some.length < runs.length ? `${some.length} of ${runs.length} runs are shown` : "";
    const steps = longest().steps;
    slider.max = String(Math.max(0, steps.length - 1));
    row.hidden = steps.length < 2;
    if (at === null) slider.value = slider.max;
    if (at !== null && steps.includes(at)) await pick(steps.indexOf(at));
    else show();
  }

  async function pick(index) {
    const steps = longest().steps;
    const step = steps[index];
    at = index === steps.length - 1 ? null : step;
    where.textContent = String(step);
    const found = await Promise.all(series.map(async (one) => {
      const i = nearestStep(one.steps, step);
      return i === (one.entries[0] || {}).index ? one.entries : (await context.source[kind]({ runs: [one.run], tags: [tag], index: i })).series[0].entries;
    }));
    if ((at === null ? steps[steps.length - 1] : at) !== step) return; // the slider went on meanwhile
    series.forEach((one, k) => (one.entries = found[k]));
    show();
  }

  function show() {
    const steps = longest().steps;
    where.textContent = `${at === null ? steps[steps.length - 1] : at} (${Number(slider.value) + 1} of ${steps.length})`;
    put(bodies, series.map((one) => {
      const entry = one.entries[0];
      if (!entry) return null;
      const items = entry.error ? h("p", { class: "muted" }, clean(entry.error)) : entry.items.map((item, i) => (kind === "images" ? image(one, entry, item, i) : sound(one, entry, item, i)));
      return h("div", { class: "of-run" }, h("div", { class: "muted" }, swatch(context.name(one.run)), " ", clean(context.name(one.run)), `, step ${entry.step}, ${moment(Number(entry.wall))}`), h("div", { class: "items" }, items));
    }));
  }

  function image(one, entry, item, i) {
    const size = item.width && item.height ? `${item.width} × ${item.height}` : "";
    const img = h("img", { alt: clean(`${tag}, image ${i + 1} of ${entry.items.length} at step ${entry.step}`), loading: "lazy", width: options.actual ? item.width || null : widthOf(item, entry.items.length > 1 ? 120 : 220) });
    context.source.imageURL(one.run, tag, entry.index, i).then((url) => img.setAttribute("src", url));
    return h("figure", { class: `item${options.actual ? " actual" : ""}` }, img, h("figcaption", { class: "muted" }, `${entry.items.length > 1 ? `${i + 1}: ` : ""}${size}`));
  }

  function sound(one, entry, item, i) {
    const audio = h("audio", { controls: true, preload: "none", "aria-label": clean(`${tag}, sound ${i + 1} of ${entry.items.length} at step ${entry.step}`) });
    context.source.audioURL(one.run, tag, entry.index, i).then((url) => audio.setAttribute("src", url));
    return h("figure", { class: "item" }, audio, h("figcaption", { class: "muted" }, `${entry.items.length > 1 ? `${i + 1} of ${entry.items.length}, ` : ""}${amount(item.bytes, "B")}${item.rate ? `, ${amount(Number(item.rate))} Hz` : ""}`, item.label ? h("pre", {}, clean(item.label)) : null));
  }

  return { load, show, resize: () => {}, leave: () => {} };
}

// small pictures are enlarged, large ones made to fit, tall ones kept below a height
function widthOf({ width, height }, least) {
  const wide = Math.min(WIDEST, Math.max(least, Math.min(width || least, WIDEST)));
  return width && height ? Math.max(8, Math.round(Math.min(wide, (TALLEST * width) / height))) : wide;
}

/** The place of the last step at or before one; the first where there is none. */
export function nearestStep(steps, step) {
  let best = 0;
  steps.forEach((s, i) => {
    if (s <= step) best = i;
  });
  return best;
}
