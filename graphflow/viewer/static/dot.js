// The visible part of a graph as DOT: the same text, byte for byte, as graphflow/viewer/dot.py makes of the same view.

const LABEL = 26;
const FONT = '"Helvetica,Arial,sans-serif"';
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/gu;
const ID = /^([a-zA-Z_][a-zA-Z0-9_]*|-?(\.[0-9]+|[0-9]+(\.[0-9]*)?))$/;
const KEYWORDS = new Set(["strict", "edge", "digraph", "subgraph", "graph", "node"]);

/** The label as drawn: at most 26 characters, the middle left out. */
export function elide(label) {
  const letters = Array.from(label);
  return letters.length <= LABEL ? label : letters.slice(0, 14).join("") + "\u2026" + letters.slice(-11).join("");
}

/** Text without control characters, direction overrides and lone surrogates; each shows as a box. */
export function clean(text) {
  return text.replace(CONTROL, "\ufffd");
}

function quote(text) {
  const escaped = text.replaceAll("\\", "\\\\");
  if (ID.test(escaped) && !KEYWORDS.has(escaped.toLowerCase())) return escaped;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}

function inches(px) {
  return (px / 72).toFixed(4);
}

/** The DOT of a view: boxes of given size named n<id>, clusters cluster_<id> for open groups, all in the view's order. */
export function dotOf(view) {
  const lines = [
    "digraph {",
    `\tgraph [fontname=${FONT} fontsize=13 nodesep=0.25 rankdir=${view.direction} ranksep=0.45]`,
    `\tnode [fixedsize=true fontname=${FONT} fontsize=14 shape=box]`,
    "\tedge [arrowsize=0.7]",
  ];
  const stack = [];
  const close = () => {
    stack.pop();
    lines.push("\t".repeat(stack.length + 1) + "}");
  };
  for (const box of view.boxes) {
    while (stack.length && stack[stack.length - 1] !== box.parent) close();
    const indent = "\t".repeat(stack.length + 1);
    const label = quote(clean(elide(box.label)));
    if (box.open) {
      lines.push(`${indent}subgraph cluster_${box.id} {`, `${indent}\tgraph [label=${label}]`);
      stack.push(box.id);
    } else {
      lines.push(`${indent}n${box.id} [height=${inches(box.h)} label=${label} width=${inches(box.w)}]`);
    }
  }
  while (stack.length) close();
  for (const edge of view.edges) lines.push(`\tn${edge.from} -> n${edge.to}${edge.control ? " [style=dashed]" : ""}`);
  lines.push("}");
  return lines.join("\n") + "\n";
}
