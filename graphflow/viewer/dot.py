"""The visible part of a graph as DOT, made and quoted by the `graphviz` package.

`dot_source(view)` is what the page's `static/dot.js` makes of the same view, byte for byte: boxes of given size,
clusters for open groups, a fixed order, so that opening a group moves as little as possible. With `colors` it is
what `graphflow draw` renders: labels in two sizes, fills, tooltips.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape as xml_escape

from graphflow.viewer.colors import PLAIN, ink
from graphflow.viewer.drawing import LABELLED, TABLE, clean, elide


def dot_source(view: dict[str, Any], colors: str | None = None, title: str = "") -> str:
    """The DOT of a view. colors: None, or a colour mode (colors.py)."""
    return digraph(view, colors, title).source


def digraph(view: dict[str, Any], colors: str | None = None, title: str = "") -> Any:
    """The view as a graphviz.Digraph."""
    import graphviz  # at first use: saves 10 ms; an optional library

    graph = graphviz.Digraph(
        graph_attr={"rankdir": view["direction"]} | TABLE["graph"], node_attr=TABLE["node"], edge_attr=TABLE["edge"]
    )
    if colors is not None:
        graph.attr("graph", bgcolor="white", pad="0.3", **({"tooltip": graphviz.escape(clean(title))} if title else {}))
        graph.attr("node", style="rounded,filled", penwidth="0.8")
        graph.attr("edge", color="#8a94a3", fontcolor="#5b6472")
    _boxes(graph, view, colors)
    labelled = len(view["edges"]) <= LABELLED
    for edge in view["edges"]:
        graph.edge(f"n{edge['from']}", f"n{edge['to']}", **_edge(edge, colors, labelled))
    return graph


def _boxes(graph: Any, view: dict[str, Any], colors: str | None) -> None:
    """Boxes in preorder; an open group's boxes go into its cluster. Written line by line: clusters nest to any depth."""
    import graphviz  # at first use: saves 10 ms; an optional library

    stack: list[int] = []
    for box in view["boxes"]:
        while stack and stack[-1] != box["parent"]:
            stack.pop()
            graph.body.append("\t" * (len(stack) + 1) + "}\n")
        indent = "\t" * (len(stack) + 1)
        if box["open"]:
            graph.body.append(f"{indent}subgraph cluster_{box['id']} {{\n")
            stack.append(box["id"])
            attrs = {"label": graphviz.escape(clean(elide(box["label"])))}
            if colors is not None:
                attrs |= {
                    "style": "rounded,filled",
                    "color": "#c3cad5",
                    "fillcolor": "#f4f6f9" if len(stack) % 2 else "#eaeef4",
                    "tooltip": graphviz.escape(clean(box["path"])),
                }
            graph.body.append(indent + "\tgraph" + _list(attrs) + "\n")
        else:
            graph.body.append(f"{indent}n{box['id']}" + _list(_node(box, colors)) + "\n")
    while stack:
        stack.pop()
        graph.body.append("\t" * (len(stack) + 1) + "}\n")


def _list(attrs: dict[str, str]) -> str:
    from graphviz.quoting import attr_list  # at first use: saves 10 ms; an optional library

    return attr_list(None, kwargs=attrs)


def _node(box: dict[str, Any], colors: str | None) -> dict[str, str]:
    import graphviz  # at first use: saves 10 ms; an optional library

    label = clean(elide(box["label"]))
    attrs = {"label": graphviz.escape(label), "width": f"{box['w'] / 72:.4f}", "height": f"{box['h'] / 72:.4f}"}
    if colors is None:
        return attrs
    detail = xml_escape(clean(box["detail"]))
    attrs["label"] = (
        f"<{xml_escape(label)}" + (f'<BR/><FONT POINT-SIZE="10" COLOR="#4b5563">{detail}</FONT>' if detail else "") + ">"
    )
    fill = box["fills"].get(colors, PLAIN)
    tip = box["path"] + ("  " + box["op"] if box["op"] else "")
    attrs |= {"fillcolor": fill, "color": ink(fill), "tooltip": graphviz.escape(clean(tip))}
    if box["kind"] in ("series", "block") and box["count"] > 1:
        attrs["peripheries"] = "2"
    if box["kind"] == "op":
        attrs["style"] = "filled"
    if box.get("diff"):
        attrs |= _DIFF.get(box["diff"]["state"], {})
    return attrs


_DIFF = {
    "added": {"fillcolor": "#c9ebcf", "color": "#1a7f37", "penwidth": "2"},
    "removed": {"fillcolor": "#f6c9c9", "color": "#b3261e", "style": "dashed,filled"},
    "changed": {"fillcolor": "#fbe7b0", "color": "#8a5a00", "penwidth": "2"},
    "rewired": {"fillcolor": "#dcd3f7", "color": "#5b3fb0", "penwidth": "2"},
    "renamed": {"fillcolor": "#cfe3fb", "color": "#1c5fb0"},
}


def _edge(edge: dict[str, Any], colors: str | None, labelled: bool) -> dict[str, str]:
    import graphviz  # at first use: saves 10 ms; an optional library

    attrs = {"style": "dashed"} if edge["control"] else {}
    words = f"{edge['label']} ({edge['count']})" if edge["count"] > 1 else edge["label"]
    if labelled and words.strip():
        attrs["label"] = graphviz.escape(" " + clean(words).strip())
    if colors is not None:
        attrs["penwidth"] = f"{min(4.0, 0.8 + 0.35 * (max(edge['bytes'], 1) * edge['count']).bit_length() / 4):.2f}"
    return attrs
