// Images with a slider over steps, sounds, texts.

import { clean } from "../dot.js";
import { h, put } from "./dom.js";

/** Images (with a slider over steps), sounds, texts. */
export async function mediaPage(host, images, audio, runs, source) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  const cards = images.series.map((one) => {
    const img = h("img", { alt: clean(`${one.tag}`) });
    const caption = h("span", { class: "muted" });
    const show = async (i) => {
      const entry = one.entries[i];
      img.setAttribute("src", await source.imageURL(one.run, one.tag, entry.index));
      img.setAttribute("width", Math.min(480, Math.max(196, entry.width)));
      caption.textContent = `step ${entry.step}, ${entry.width} x ${entry.height}`;
    };
    const last = one.entries.length - 1;
    if (last >= 0) show(last);
    return h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("div", { class: "muted" }, clean(title(one.run))), img,
      last > 0 ? h("input", { type: "range", min: 0, max: last, value: last, "aria-label": "Step", oninput: (e) => show(Number(e.target.value)) }) : null, h("div", {}, caption));
  });
  const sounds = await Promise.all(audio.series.map(async (one) => {
    const last = one.entries[one.entries.length - 1];
    return h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("audio", { controls: true, src: await source.audioURL(one.run, one.tag, last.index) }), h("div", { class: "muted" }, `step ${last.step}`));
  }));
  put(host, h("div", { class: `charts${images.series.every((one) => one.entries.every((e) => e.width <= 224)) ? " small" : ""}` }, cards, sounds), cards.length + sounds.length ? "" : h("p", {}, "No images or sounds in these logs."));
}

export function textPage(host, data, runs) {
  const title = (id) => (runs.find((r) => r.id === id) || { name: id }).name;
  put(host, h("div", { class: "charts" }, data.series.map((one) => h("figure", { class: "chart" }, h("h3", {}, clean(one.tag)), h("div", { class: "muted" }, clean(title(one.run))),
    one.entries.slice(-10).reverse().map((e) => [h("div", { class: "muted" }, `step ${e.step}`), h("pre", {}, e.values.map(clean).join("\n"))])))), data.series.length ? "" : h("p", {}, "No text in these logs."));
}
