// Calls methods of the offline Source and writes their answers; tests compare them with Python's.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

globalThis.document = { getElementById: () => null };
const [root, input, output] = process.argv.slice(2);
const { dotOf } = await import(pathToFileURL(`${root}/dot.js`));
const { sourceOf } = await import(pathToFileURL(`${root}/offline/source.js`));
const { data, calls } = JSON.parse(readFileSync(input, "utf8"));
const source = sourceOf(data);
const answers = [];
for (const [method, ...rest] of calls) {
  const value = await source[method](...rest);
  if (method === "view") value.dot = dotOf(value);
  delete value.ms;
  answers.push(value);
}
writeFileSync(output, JSON.stringify(answers));
