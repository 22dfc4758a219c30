// Fills of boxes by colour mode; the same idea as graphflow/viewer/colors.py. Words on the boxes say the same.

const PALETTE = ["#cfe3fb", "#d5efd0", "#fde3c4", "#e6d8f5", "#fbd3dc", "#cdeeea", "#f5ebb8", "#e3ddd3", "#d3dcf7", "#e0efc1", "#f7d7c9", "#d6e4e8"];
const VARIABLES = new Set(["Variable", "VariableV2", "VarHandleOp", "Assign", "AssignVariableOp", "ReadVariableOp"]);
const PLAIN_OPS = new Set(["Const", "NoOp", "Identity", "Shape", "Reshape"]);
const INPUTS = new Set(["Placeholder", "PlaceholderV2", "PlaceholderWithDefault", "_Arg"]);

export const MODES = ["op", "structure", "device", "scope", "grad", "dtype", "time", "memory"];

function hash(text) {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0), 16777619);
  return PALETTE[(value >>> 0) % PALETTE.length];
}

function heat(share) {
  const mix = (a, b) => Math.round(a + (b - a) * share);
  return `rgb(${mix(236, 240)},${mix(240, 120)},${mix(246, 70)})`;
}

// of a value in a plan (plan_graph.py): where it lives
const PLACES = { fed: "#d5efd0", variable: "#f5ebb8", "in place": "#ffc48c", cache: "#e0ccf7", view: "#f1f3f6", number: "#e6e8ec", "own array": "#cfe3fb" };
const BUFFERS = ["#cdeeea", "#fbd3dc", "#d3dcf7", "#e0efc1", "#f7d7c9", "#d6e4e8"];

/** The fill of a place of a plan's value; null for a device. */
export function placeFill(place) {
  const buffer = /^buffer b([0-9]{1,9}) /.exec(place);
  return Object.hasOwn(PLACES, place) ? PLACES[place] : buffer ? BUFFERS[Number(buffer[1]) % BUFFERS.length] : null;
}

/** {fill, word} of a box; the word goes into the legend. most: the largest time or memory on screen. */
export function paint(box, mode, most) {
  if (mode === "time" || mode === "memory") {
    const value = box[mode];
    return value === null ? { fill: "#e6e8ec", word: "not measured" } : { fill: heat(Math.sqrt(value / Math.max(most, 1e-9))), word: null };
  }
  if (mode === "op") {
    if (box.kind !== "op") return { fill: box.kind === "scope" ? "#e9eef5" : "#dfe7f4", word: box.kind };
    const place = placeFill(box.device);
    if (place) return { fill: place, word: box.device === "in place" ? "written in place" : box.device };
    if (VARIABLES.has(box.op)) return { fill: "#f5ebb8", word: "variable" };
    if (PLAIN_OPS.has(box.op)) return { fill: "#e6e8ec", word: "constant, shape" };
    if (INPUTS.has(box.op)) return { fill: "#d5efd0", word: "input" };
    return { fill: hash(box.op), word: box.op };
  }
  if (mode === "grad") return box.grad ? { fill: "#fbd3dc", word: "gradient" } : { fill: "#cfe3fb", word: "forward" };
  const value = mode === "scope" ? box.path.split("/")[0] : String(box[mode]);
  return value ? { fill: hash(value), word: mode === "structure" ? null : value } : { fill: "#e6e8ec", word: `no ${mode}` };
}
