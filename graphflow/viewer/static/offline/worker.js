// The Source of an offline page, in a worker: unpacking the data, views, cards and search never hold up the page.

import { unpacked } from "../assets.js";
import { sourceOf } from "./source.js";

let opened = null;

self.onmessage = async (event) => {
  const { id, packed, method, args } = event.data;
  try {
    if (packed) {
      opened = unpacked(packed).then((bytes) => sourceOf(JSON.parse(new TextDecoder().decode(bytes))));
      return;
    }
    const source = await opened;
    self.postMessage({ id, value: await source[method](...args) });
  } catch (error) {
    self.postMessage({ id, error: String(error && error.message ? error.message : error) });
  }
};
