// The page's end of the offline Source: each method is a question to the worker (offline/worker.js).

import { assetURL, packedData } from "../assets.js";

const METHODS = ["runs", "view", "node", "resolve", "search", "trace", "outline", "stats", "scalars", "histograms", "images", "audio", "text", "pr_curves", "tensors", "mesh", "hparams", "layouts", "imageURL", "audioURL", "profile", "diff", "compared"];

/** Opens the page's own data. */
export async function openOffline() {
  const waiting = new Map();
  const worker = new Worker(await assetURL("built/offline_worker.js"));
  worker.onmessage = (event) => {
    const { id, value, error } = event.data;
    const [resolve, reject] = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(value);
    else reject(new Error(error));
  };
  let asked = 0;
  const ask = (method) => (...args) => new Promise((resolve, reject) => {
    waiting.set(asked, [resolve, reject]);
    worker.postMessage({ id: asked++, method, args });
  });
  worker.postMessage({ packed: packedData() });
  const pair = await ask("compared")();
  return { live: false, compares: () => pair !== null, pair, exportURL: () => null, listen: () => () => {}, ...Object.fromEntries(METHODS.map((method) => [method, ask(method)])) };
}
