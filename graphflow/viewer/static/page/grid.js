// A page of cards, one a tag: grouped by the first part of the tag, found by regular expression, pinned, wide or as large as the window.
// A card asks for its data when it comes into sight and again when something of it changed; what is out of sight is not asked for.

import { clean } from "../dot.js";
import { h, icon, put } from "./dom.js";
import { matcher } from "./run_list.js";

const AT_ONCE = 4; // cards that ask for data at the same time
const OPEN = 300; // cards in groups that are open at first

/**
 * kind: what it shows ("scalars"); make(tag, api): what a card shows in card.body: {load(): promise, resize(), leave()}; options: {filter, pins, closed}, kept by the
 * page; keep(): they changed. Returns {update(tags), refresh(test), each(f)}.
 */
export function makeGrid(host, { kind, make, options, keep, wide = false }) {
  const cards = new Map();
  const waiting = [];
  let running = 0;
  let tags = [];
  let built = "";
  const bodies = h("div", {});
  const empty = h("p", { class: "muted" });
  const field = h("input", { type: "search", value: options.filter, placeholder: "Tags: regular expression", "aria-label": "Find tags by regular expression", spellcheck: "false", oninput: (e) => ((options.filter = e.target.value), keep(), build()) });
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      const card = cards.get(entry.target.getAttribute("data-key"));
      if (!card) continue;
      card.seen = entry.isIntersecting;
      if (card.seen && !card.made) dress(card);
      if (card.seen && card.stale) ask(card);
    }
  }, { rootMargin: "300px" });
  const sizes = new ResizeObserver((entries) => entries.forEach((entry) => {
    const card = cards.get(entry.target.getAttribute("data-key"));
    const width = Math.round(entry.contentRect.width);
    if (card && card.width !== width && (card.width = width)) card.resize?.();
  }));

  function ask(card) {
    if (card.asking || card.queued) return;
    card.queued = true;
    waiting.push(card);
    run();
  }

  async function run() {
    while (running < AT_ONCE && waiting.length) {
      const card = waiting.shift();
      card.queued = false;
      if (!card.seen || !cards.has(card.key)) continue;
      running += 1;
      card.asking = true;
      card.stale = false;
      card.load().then(() => card.element.setAttribute("data-drawn", "true"), (error) => card.fail(error)).finally(() => {
        running -= 1;
        card.asking = false;
        if (card.stale && card.seen) ask(card);
        run();
      });
    }
  }

  // a card out of sight is a frame with a heading
  function makeCard(key, tag) {
    const element = h("figure", { class: `chart${wide ? " broad" : ""}`, "data-tag": tag, "data-key": key }, h("div", { class: "head" }, h("h3", { title: clean(tag) }, clean(tag))));
    return { key, tag, element, seen: false, stale: true, asking: false, queued: false, width: 0, full: false, made: null, load: null, resize: null, fail: () => {} };
  }

  function dress(card) {
    const { tag, element } = card;
    const pinned = () => options.pins.includes(tag);
    const told = h("div", { class: "muted failed", role: "status" });
    const pin = h("button", { class: "icon", "aria-pressed": String(pinned()), title: "Pin to the top", "aria-label": `Pin ${clean(tag)}`, onclick: () => { options.pins = pinned() ? options.pins.filter((t) => t !== tag) : [...options.pins, tag]; keep(); build(); } }, icon("pin"));
    const broad = h("button", { class: "icon", title: "Wider", "aria-label": `Make ${clean(tag)} wider`, onclick: () => element.classList.toggle("broad") }, icon("broad"));
    const full = h("button", { class: "icon", title: "As large as the window (Esc leaves)", "aria-label": `Show ${clean(tag)} as large as the window`, onclick: () => fill() }, icon("full"));
    card.body = h("div", { class: "body" });
    card.acts = h("span", { class: "acts" });
    card.fail = (error) => (told.textContent = clean(error.message));
    element.firstChild.append(card.acts, h("span", { class: "icons" }, pin, broad, full));
    element.append(card.body, told);
    function fill() {
      card.full = element.classList.toggle("full");
      document.body.classList.toggle("has-full", card.full);
      if (card.full) addEventListener("keydown", leave, true);
      else removeEventListener("keydown", leave, true);
      card.resize?.();
    }
    function leave(event) {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      fill();
    }
    card.made = make(tag, card);
    card.load = async () => {
      await card.made.load();
      told.textContent = "";
    };
    card.resize = card.made.resize;
  }

  function build() {
    const fits = matcher(options.filter);
    const found = tags.filter((tag) => fits(tag));
    empty.textContent = found.length ? "" : tags.length ? "No tag fits this expression." : "";
    const pinned = options.pins.filter((tag) => tags.includes(tag));
    const key = JSON.stringify([found, pinned]);
    if (key === built) return;
    built = key;
    const groups = new Map();
    for (const tag of found) {
      const group = tag.includes("/") ? tag.slice(0, tag.indexOf("/")) : "";
      if (!groups.has(group)) groups.set(group, []);
      groups.get(group).push(tag);
    }
    const wanted = new Set();
    const cardOf = (key, tag) => {
      wanted.add(key);
      if (!cards.has(key)) cards.set(key, makeCard(key, tag));
      const card = cards.get(key);
      watcher.observe(card.element);
      sizes.observe(card.element);
      return card.element;
    };
    const section = (title, list, prefix, open) => {
      const grid = h("div", { class: "charts" });
      const fill = () => grid.childElementCount || grid.append(...list.map((tag) => cardOf(prefix + tag, tag)));
      if (open) fill();
      else list.forEach((tag) => wanted.add(prefix + tag));
      return h("details", { open, class: "group", ontoggle: (e) => { if (e.target.open) fill(); options.closed = e.target.open ? options.closed.filter((g) => g !== title) : [...new Set([...options.closed, title])]; keep(); } }, h("summary", {}, `${title} · ${list.length}`), grid);
    };
    let open = 0;
    const sections = [...groups].map(([group, list]) => {
      const title = clean(group) || "others";
      const is = !options.closed.includes(title) && (open < OPEN || list.length < 4);
      open += list.length;
      return [title, list, is];
    });
    const flat = sections.length === 1 || (found.length <= 6 && !options.closed.length);
    put(bodies, pinned.length ? section("Pinned", pinned, "pin:", true) : null, flat ? h("div", { class: "charts" }, found.map((tag) => cardOf(tag, tag))) : sections.map(([title, list, is]) => section(title, list, "", is)));
    for (const [key, card] of cards) {
      if (wanted.has(key)) continue;
      watcher.unobserve(card.element);
      card.made?.leave?.();
      cards.delete(key);
    }
    for (const card of cards.values()) card.element.querySelector(".icons button")?.setAttribute("aria-pressed", String(options.pins.includes(card.tag)));
  }

  put(host, bodies, empty);
  return {
    field,
    elements: () => [bodies, empty],
    update(next) {
      tags = next;
      build();
    },
    /** Asks anew for what is in sight, and for the rest when it comes there. */
    refresh(test = () => true) {
      for (const card of cards.values()) {
        if (!test(card.tag)) continue;
        card.stale = true;
        if (card.seen) ask(card);
      }
    },
    each(act) {
      for (const card of cards.values()) if (card.made) act(card.made, card);
    },
    leave() {
      watcher.disconnect();
      sizes.disconnect();
      document.body.classList.remove("has-full");
      for (const card of cards.values()) card.made?.leave?.();
      cards.clear();
    },
    kind,
  };
}
