// Fills of boxes by colour mode, from the table and by the rules of graphflow/viewer/colors.py. Words on the boxes say the same.

import table from "../colors.json" with { type: "json" };

const FAMILIES = new Map(table.families.flatMap(([word, fill, ops]) => ops.map((op) => [op, { fill, word }])));

export const MODES = ["op", "structure", "device", "scope", "grad", "dtype", "time", "memory"];

/** The colour of a text: FNV-1a over its code points. */
export function hashed(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return table.palette[(value >>> 0) % table.palette.length];
}

function heat(share) {
  const mix = (a, b) => Math.round(a + (b - a) * share);
  return `rgb(${mix(236, 240)},${mix(240, 120)},${mix(246, 70)})`;
}

/** The fill of a place of a plan's value; null for a device. */
export function placeFill(place) {
  const buffer = /^buffer b([0-9]{1,9}) /.exec(place);
  return Object.hasOwn(table.places, place) ? table.places[place] : buffer ? table.buffers[Number(buffer[1]) % table.buffers.length] : null;
}

/** {fill, word} of a box; the word goes into the legend. most: the largest time or memory on screen. */
export function paint(box, mode, most) {
  if (mode === "time" || mode === "memory") {
    const value = box[mode];
    return value === null ? { fill: table.none, word: "not measured" } : { fill: heat(Math.sqrt(value / Math.max(most, 1e-9))), word: null };
  }
  if (mode === "op") {
    if (box.kind !== "op") return { fill: box.kind === "scope" ? table.scope : table.group, word: box.kind };
    const place = placeFill(box.device);
    if (place) return { fill: place, word: box.device === "in place" ? "written in place" : box.device };
    return FAMILIES.get(box.op) || { fill: hashed(box.op), word: box.op };
  }
  if (mode === "grad") return box.grad ? { fill: table.gradient, word: "gradient" } : { fill: table.forward, word: "forward" };
  const value = mode === "scope" ? box.path.split("/")[0] : String(box[mode]);
  return value ? { fill: hashed(value), word: mode === "structure" ? null : value } : { fill: table.none, word: `no ${mode}` };
}
