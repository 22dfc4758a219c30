// The visible part of a graph as DOT: the same text, byte for byte, as graphflow/viewer/dot.py makes of the same view.

import table from "./drawing.json" with { type: "json" };

const [LONGEST, HEAD, TAIL] = table.label;
const CONTROL = new RegExp(table.control, "gu");
const ID = /^([a-zA-Z_][a-zA-Z0-9_]*|-?(\.[0-9]+|[0-9]+(\.[0-9]*)?))$/;
const KEYWORDS = new Set(["strict", "edge", "digraph", "subgraph", "graph", "node"]);

/** The label as drawn, the middle left out where it is long. */
export function elide(label) {
  const letters = Array.from(label);
  return letters.length <= LONGEST ? label : letters.slice(0, HEAD).join("") + "\u2026" + letters.slice(-TAIL).join("");
}

/** Text without control characters, direction overrides and lone surrogates; each shows as a box. */
export function clean(text) {
  return text.replace(CONTROL, "\ufffd");
}

/** What stands at an edge: shape, and how many edges it stands for. */
export function wordsOf(edge) {
  return clean(edge.count > 1 ? `${edge.label} (${edge.count})` : edge.label).trim();
}

function quote(text) {
  const escaped = text.replaceAll("\\", "\\\\");
  if (ID.test(escaped) && !KEYWORDS.has(escaped.toLowerCase())) return escaped;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}

function attributes(known) {
  return "[" + Object.entries(known).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${quote(value)}`).join(" ") + "]";
}

function inches(px) {
  return (px / 72).toFixed(4);
}

/** The DOT of a view: boxes of given size named n<id>, clusters cluster_<id> for open groups, all in the view's order. */
export function dotOf(view) {
  const lines = [
    "digraph {",
    `\tgraph ${attributes({ ...table.graph, rankdir: view.direction })}`,
    `\tnode ${attributes(table.node)}`,
    `\tedge ${attributes(table.edge)}`,
  ];
  const stack = [];
  const close = () => {
    stack.pop();
    lines.push("\t".repeat(stack.length + 1) + "}");
  };
  for (const box of view.boxes) {
    while (stack.length && stack[stack.length - 1] !== box.parent) close();
    const indent = "\t".repeat(stack.length + 1);
    const label = clean(elide(box.label));
    if (box.open) {
      lines.push(`${indent}subgraph cluster_${box.id} {`, `${indent}\tgraph ${attributes({ label })}`);
      stack.push(box.id);
    } else {
      lines.push(`${indent}n${box.id} ${attributes({ height: inches(box.h), label, width: inches(box.w) })}`);
    }
  }
  while (stack.length) close();
  const labelled = view.edges.length <= table.labelled;
  for (const edge of view.edges) {
    const words = labelled ? wordsOf(edge) : "";
    const said = { ...(words && { label: " " + words }), ...(edge.control && { style: "dashed" }) };
    lines.push(`\tn${edge.from} -> n${edge.to}${Object.keys(said).length ? " " + attributes(said) : ""}`);
  }
  lines.push("}");
  return lines.join("\n") + "\n";
}
