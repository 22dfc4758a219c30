// node chart_calls.mjs STATIC_FOLDER IN.json OUT.json: the answers of functions of the page's modules; {"$": [...]} among the arguments is an array of numbers.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, from, to] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const all = Object.assign({}, ...(await Promise.all(["series", "buckets", "colors", "looks", "hparams", "svg_context", "run_list", "files"].map((name) => load(`page/${name}.js`)))));
const given = (key, v) => (v && v.$ ? Float64Array.from(v.$, (x) => (typeof x === "string" ? Number(x.replace("inf", "Infinity")) : x)) : v);
all.shownByPattern = (choice, filter, runs) => all.shownRuns({ ...choice, on: new Set(choice.on), off: new Set(choice.off), filter }, runs);
all.savedSeries = (kind, series, names) => all.fileOfSeries(kind, series, (id) => names[id]);
all.placed = (values, how) => {
  const { place, ticks } = all.scale(values, 100, 0, how);
  return [values.map(place), ticks];
};
all.drawn = (calls) => {
  const context = all.svgContext(100, 100);
  for (const [name, ...args] of calls) context[name](...args);
  return context.text("a drawing");
};
const plain = (v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v === undefined ? "undefined" : v);
const full = (v) => (Array.isArray(v) || ArrayBuffer.isView(v) ? Array.from(v, full) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, full(x)])) : plain(v));
const calls = JSON.parse(readFileSync(from, "utf8"), given);
writeFileSync(to, JSON.stringify(calls.map(([name, ...args]) => full(all[name](...args)))));
