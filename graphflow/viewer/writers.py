"""Pictures of a view in files: DOT, SVG, PNG, PDF, Mermaid, JSON.

Graphviz lays out and draws: the program `dot` where it is installed, else the library inside the wheels of `pygraphviz` 2
(extra `graphflow-tf1[dot]`; wheels for Linux, Windows and macOS on ARM). The other forms need neither.
"""

from __future__ import annotations

import json
import re
import shutil
from typing import Any

from graphflow.viewer.dot import digraph
from graphflow.viewer.drawing import clean
from graphflow.viewer.errors import ViewerError

TYPES = {
    "dot": "text/vnd.graphviz; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "mmd": "text/plain; charset=utf-8",
    "json": "application/json",
}
NO_DOT = (
    "Graphviz is missing, which draws {kind}: `pip install graphflow-tf1[dot]` brings it. "
    "Without it, .html, .dot, .json and .mmd work, and `graphflow view`."
)


def render(view: dict[str, Any], kind: str, color: str = "op", title: str = "") -> bytes:
    """A view as a file of this kind; ViewerError says what is missing."""
    if kind == "json":
        return json.dumps(view, indent=1).encode() + b"\n"
    if kind == "mmd":
        return mermaid(view).encode()
    graph = digraph(view, color, title)
    return graph.source.encode() if kind == "dot" else _graphviz(graph, kind)


def _graphviz(graph: Any, kind: str) -> bytes:
    if shutil.which("dot"):
        import graphviz  # at first use: saves 10 ms; an optional library

        try:
            data: bytes = graph.pipe(format=kind)
        except graphviz.CalledProcessError as error:
            raise ViewerError(f"Graphviz failed: {error.stderr or error}") from None
    else:
        try:
            import pygraphviz  # at first use: an optional library

            data = pygraphviz.AGraph(string=graph.source).draw(format=kind, prog="dot")
        except (ImportError, ValueError, OSError) as error:  # pygraphviz 1 is no library of its own: it calls the program dot
            hint = "" if isinstance(error, ImportError) else f" (pygraphviz: {' '.join(str(error).split())[:200]})"
            raise ViewerError(NO_DOT.format(kind=kind.upper()) + hint) from None
    return clean_svg(data) if kind == "svg" else data


def clean_svg(data: bytes) -> bytes:
    """SVG without the document type (which names a file elsewhere) and without control characters."""
    text = re.sub(r"<!DOCTYPE[^>]*>\s*", "", data.decode("utf-8", "replace"), count=1)
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "\N{REPLACEMENT CHARACTER}", text).encode()


def mermaid(view: dict[str, Any]) -> str:
    """The view as a Mermaid flowchart."""
    lines = [f"flowchart {view['direction']}"]
    stack: list[int] = []
    for box in view["boxes"]:
        while stack and stack[-1] != box["parent"]:
            stack.pop()
            lines.append("  " * (len(stack) + 1) + "end")
        indent = "  " * (len(stack) + 1)
        name = _mermaid_text(box["label"])
        if box["open"]:
            lines.append(f'{indent}subgraph g{box["id"]}["{name}"]')
            stack.append(box["id"])
        else:
            detail = _mermaid_text(box["detail"])
            both = f"{name}<br/>{detail}" if detail else name
            lines.append(f'{indent}n{box["id"]}("{both}")' if box["kind"] == "op" else f'{indent}n{box["id"]}[["{both}"]]')
    while stack:
        stack.pop()
        lines.append("  " * (len(stack) + 1) + "end")
    for edge in view["edges"]:
        arrow = "-.->" if edge["control"] else "-->"
        label = f'|"{_mermaid_text(edge["label"])}"|' if edge["label"] else ""
        lines.append(f"  n{edge['from']} {arrow}{label} n{edge['to']}")
    return "\n".join(lines) + "\n"


def _mermaid_text(text: str) -> str:
    """Text inside quotes: what Mermaid could take for markup goes as character numbers."""
    return re.sub(r'[#"&<>`\[\](){}|\\*_~]', lambda m: f"#{ord(m[0])};", clean(text))
