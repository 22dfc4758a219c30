// Text as Markdown: marked reads it, DOMPurify lets nothing through but text, lists, tables and the like; no address is ever asked for.

import { assetURL } from "../assets.js";
import { h } from "./dom.js";

const TAGS = ["a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "li", "ol", "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul"];
let loading = null;

async function load() {
  for (const name of ["marked", "purify"]) {
    const src = await assetURL(`vendor/${name}.js`);
    await new Promise((resolve, reject) => document.head.append(h("script", { src, onload: resolve, onerror: () => reject(new Error("the Markdown library could not be loaded")) })));
  }
  marked.use({ renderer: { html: ({ text }) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`) } }); // HTML stays text
  DOMPurify.addHook("afterSanitizeAttributes", (node) => {
    if (node.tagName !== "A") return;
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer nofollow");
  });
}

/** An element with a text's Markdown in it. */
export async function markdown(text) {
  await (loading = loading || load());
  const page = marked.parse(text, { gfm: true, breaks: false, async: false });
  const clean = DOMPurify.sanitize(page, { ALLOWED_TAGS: TAGS, ALLOWED_ATTR: ["href", "align", "start"], ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i, ALLOW_DATA_ATTR: false, RETURN_DOM_FRAGMENT: true });
  return h("div", { class: "markdown" }, clean);
}
