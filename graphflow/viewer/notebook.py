"""A graph as HTML for notebooks: a still picture that becomes the offline page where the notebook holds the viewer.

The viewer (about 0.7 MB, most of it Graphviz) goes into a notebook once, as an output of its own beside the first graph; each graph
adds its data, some kB. The page is put together by a few lines of script in a sandboxed frame, so that it outlives the kernel and
needs no port. Where scripts do not run (a preview, a notebook that is not trusted) the picture stays.
"""

from __future__ import annotations

import base64
import html
import importlib
import json
import secrets
import sys
from typing import TYPE_CHECKING, Any

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import build
from graphflow.viewer.offline import ALWAYS, DATA, element, graph_data, graphs_data, shell
from graphflow.viewer.terminal import outline
from graphflow.viewer.visible import State, view
from graphflow.viewer.writers import render

if TYPE_CHECKING:
    from graphflow.viewer.load import NamedGraph

LARGEST = 4_000_000        # characters of data inside a notebook
SMALL = 60_000             # characters of a still picture; larger ones are left to the page
STYLE = "width:100%;height:600px;border:1px solid #d0d5dd;border-radius:6px"

# One page for the whole notebook, and what puts it into a frame. Each cell waits for it: it may come later, or never.
VIEWER = """<script>
window.graphflowViewer = PAGE;
window.dispatchEvent(new Event("graphflow-viewer"));
</script>"""
CELL = """<script>
(() => {
  const open = () => {
    const box = document.getElementById("ID"), frame = document.createElement("iframe");
    if (!box) return;
    frame.setAttribute("sandbox", "allow-scripts");
    frame.style.cssText = "STYLE";
    frame.srcdoc = window.graphflowViewer.replace(MARK, () => DATA);
    box.replaceChildren(frame);
  };
  if (window.graphflowViewer) open();
  else window.addEventListener("graphflow-viewer", open, {once: true});
})();
</script>"""
_published = False


def graph_html(graph_def: Any) -> str:
    """HTML that shows a GraphDef (message or bytes): interactive, or for a very large graph a picture and a hint."""
    buf = graph_def if isinstance(graph_def, bytes) else graph_def.SerializeToString()
    return _cell(graph_data(buf, "graph"), buf)


def graphs_html(graphs: list[NamedGraph]) -> str:
    """HTML that shows several graphs, such as the stages of a plan; the last one alone where they are very large together."""
    data = graphs_data(graphs, graphs[-1].name)
    return _cell(data, graphs[-1].buf) if len(element("gf-data", data)) <= LARGEST else graph_html(graphs[-1].buf)


def viewer_html() -> str:
    """The viewer itself, for a notebook that shows graphs; it has nothing to see."""
    return VIEWER.replace("PAGE", _literal(shell("graph", ALWAYS)))


def _cell(data: dict[str, Any], buf: bytes) -> str:
    carried = element("gf-data", data)
    if len(carried) > LARGEST:
        return picture(buf)
    own = f"graphflow-{secrets.token_hex(6)}"
    script = CELL.replace("ID", own, 1).replace("STYLE", STYLE, 1).replace("MARK", _literal(DATA), 1).replace("DATA", _literal(carried), 1)
    return f'<div id="{own}">{picture(buf)}</div>{_viewer_once()}{script}'


def _viewer_once() -> str:
    """The viewer, where every cell is a page of its own; else nothing, once it has been sent to the notebook as an output."""
    global _published
    if "google.colab" in sys.modules:
        return viewer_html()
    if not _published and "ipykernel" in sys.modules:
        show = importlib.import_module("IPython.display")      # there is one in a notebook only
        show.display(show.HTML(viewer_html()))
        _published = True
    return ""


def _literal(text: str) -> str:
    """A JavaScript string that cannot end the script around it."""
    return json.dumps(text).replace("</", "<\\/").replace("<!--", "<\\!--")


def picture(buf: bytes) -> str:
    """A still picture of a graph and how to see more of it."""
    tree = build(buf)
    hint = f"{int(tree.leaves[0]):,} ops; `tf.viewer.show(graph, file='graph.html')` writes a page to look around in."
    shown = None
    try:
        data = base64.b64encode(render(view(tree, buf, State(first=True)), "svg")).decode()
        if len(data) <= SMALL:
            shown = f'<img alt="graph" style="max-width:100%" src="data:image/svg+xml;base64,{data}">'
    except (ViewerError, ImportError):        # no Graphviz here
        pass
    if shown is None:
        shown = f"<pre>{html.escape(outline(tree, buf, depth=1, width=100)[:SMALL])}</pre>"
    return f"<div>{shown}<p>{html.escape(hint)}</p></div>"
