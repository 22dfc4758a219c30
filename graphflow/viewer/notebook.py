"""A graph as HTML for notebooks: the offline page in a sandboxed frame, so that it outlives the kernel and needs no port."""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import build
from graphflow.viewer.offline import graphs_page, page
from graphflow.viewer.static_files import listing
from graphflow.viewer.terminal import outline
from graphflow.viewer.visible import State, view
from graphflow.viewer.writers import render

if TYPE_CHECKING:
    from graphflow.viewer.load import NamedGraph

LARGEST = 4_000_000        # characters of a page inside a notebook
HEIGHT = 600


def graph_html(graph_def: Any) -> str:
    """HTML that shows a GraphDef (message or bytes): interactive, or for a very large graph a picture and a hint."""
    buf = graph_def if isinstance(graph_def, bytes) else graph_def.SerializeToString()
    if "index.html" in listing():
        text = page(buf)
        if len(text) <= LARGEST:
            return frame(text)
    return picture(buf)


def graphs_html(graphs: list[NamedGraph]) -> str:
    """HTML that shows several graphs, such as the stages of a plan; the last one alone where they are very large together."""
    text = graphs_page(graphs, graphs[-1].name)
    return frame(text) if len(text) <= LARGEST else graph_html(graphs[-1].buf)


def frame(page: str) -> str:
    """A page in a frame that may run its own scripts and nothing else."""
    source = html.escape(page, quote=True)
    style = f"width:100%;height:{HEIGHT}px;border:1px solid #d0d5dd;border-radius:6px"
    return f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{source}"></iframe>'


def picture(buf: bytes) -> str:
    """A still picture of a graph and how to see more of it."""
    tree = build(buf)
    hint = f"{int(tree.leaves[0]):,} ops; `tf.viewer.show(graph)` opens them all in the browser."
    try:
        data = render(view(tree, buf, State(first=True)), "svg")
        shown = f'<img alt="graph" style="max-width:100%" src="data:image/svg+xml;base64,{base64.b64encode(data).decode()}">'
    except (ViewerError, ImportError):        # no Graphviz here: as text
        shown = f"<pre>{html.escape(outline(tree, buf, depth=1, width=100))}</pre>"
    return f"<div>{shown}<p>{html.escape(hint)}</p></div>"
