// node chart_calls.mjs STATIC_FOLDER IN.json OUT.json: the answers of functions of page/series.js, page/buckets.js and page/colors.js.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [folder, from, to] = process.argv.slice(2);
const load = (name) => import(pathToFileURL(join(folder, name)));
const all = { ...(await load("page/series.js")), ...(await load("page/buckets.js")), ...(await load("page/colors.js")) };
const plain = (v) => (typeof v === "number" && !Number.isFinite(v) ? String(v) : v === undefined ? "undefined" : v);
const full = (v) => (Array.isArray(v) ? Array.from(v, full) : v && typeof v === "object" ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, full(x)])) : plain(v));
const calls = JSON.parse(readFileSync(from, "utf8"));
writeFileSync(to, JSON.stringify(calls.map(([name, ...args]) => full(all[name](...args)))));
