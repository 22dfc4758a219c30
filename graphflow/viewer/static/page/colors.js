// Fills of boxes by colour mode. The boxes bring them (graphflow/viewer/colors.py); times and memory depend on what is on the screen.

export const MODES = ["op", "structure", "device", "scope", "grad", "dtype", "time", "memory"];
const NOT_MEASURED = "#e6e8ec";

function heat(share) {
  const mix = (a, b) => Math.round(a + (b - a) * share);
  return `rgb(${mix(236, 240)},${mix(240, 120)},${mix(246, 70)})`;
}

function wordOf(box, mode) {
  if (mode === "op") return box.word;
  if (mode === "structure") return null;
  if (mode === "grad") return box.grad ? "gradient" : "forward";
  return (mode === "scope" ? box.path.split("/")[0] : box[mode]) || `no ${mode}`;
}

/** {fill, word} of a box; the word goes into the legend. most: the largest time or memory on screen. */
export function paint(box, mode, most) {
  if (mode === "time" || mode === "memory") {
    const value = box[mode];
    return value === null ? { fill: NOT_MEASURED, word: "not measured" } : { fill: heat(Math.sqrt(value / Math.max(most, 1e-9))), word: null };
  }
  return { fill: box.fills[mode], word: wordOf(box, mode) };
}
