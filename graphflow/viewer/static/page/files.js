// Files that the page itself makes and gives the browser to save.

import { h } from "./dom.js";

/** Gives the browser a file to save. */
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const SIGNED = new Set(["-inf"]);

// a text that a spreadsheet takes for a formula gets an apostrophe
function cell(value) {
  if (value === null || value === undefined) return "";
  const safe = typeof value === "string" && !SIGNED.has(value) && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Rows of values as CSV. */
export function csvOf(rows) {
  return rows.map((row) => row.map(cell).join(",") + "\r\n").join("");
}

const WORDS = new Map([["NaN", "nan"], ["Infinity", "inf"], ["-Infinity", "-inf"]]);

/** Series of scalars as a file in the form that the server gives (log_routes.py). kind: csv or json; name(run): its name. */
export function fileOfSeries(kind, series, name) {
  if (kind === "json") {
    const plain = (values) => Array.from(values, (v) => (Number.isFinite(v) ? v : String(v)));
    return JSON.stringify({ series: series.map((one) => ({ run: name(one.run), tag: one.tag, wall: plain(one.wall), values: plain(one.value), steps: Array.from(one.step) })) }) + "\n";
  }
  const number = (v) => (Number.isFinite(v) ? v : WORDS.get(String(v)));
  const rows = series.flatMap((one) => Array.from(one.step, (step, i) => [name(one.run), one.tag, step, number(one.wall[i]), number(one.value[i])]));
  return csvOf([["run", "tag", "step", "wall_time", "value"], ...rows]);
}
