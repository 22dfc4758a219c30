"""The viewer: any graph, readable at once. `graphflow view LOGDIR`, `graphflow draw GRAPH OUT.svg`, and from Python:

    tf.viewer.show(graph)                # opens the page; in a notebook, shows the graph in the cell
    tf.viewer.show(sess.explain(train, stages=True))      # a plan after each pass
    tf.viewer.to_graphviz(graph)         # graphviz.Digraph of the first picture
    tf.viewer.to_networkx(graph)         # networkx.MultiDiGraph of all operations

A graph is a tf.Graph, a GraphDef, its bytes, or a path. Nothing here imports the framework.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

__all__ = ["show", "to_graphviz", "to_networkx"]


def _named(graph: Any) -> list[Any]:
    """The graphs in whatever a user hands over, as NamedGraphs."""
    from graphflow.viewer.load import NamedGraph  # at first use: `graphflow.viewer` stays light
    from graphflow.viewer.path_graphs import graphs_of  # at first use: `graphflow.viewer` stays light

    if isinstance(graph, (str, os.PathLike)):
        return graphs_of(Path(graph))
    if isinstance(graph, list) and graph and all(isinstance(stage, tuple) and hasattr(stage[1], "nodes") for stage in graph):
        from graphflow.viewer.plan_graph import stage_graphs  # at first use: `graphflow.viewer` stays light

        return stage_graphs(graph)
    if hasattr(graph, "nodes") and hasattr(graph, "outputs") and hasattr(graph, "effects"):
        from graphflow.viewer.plan_graph import plan_graph  # at first use: `graphflow.viewer` stays light

        return [NamedGraph("plan", plan_graph(graph), "plan")]
    return [NamedGraph("graph", _bytes(graph))]


def _bytes(graph: Any) -> bytes:
    if isinstance(graph, (bytes, bytearray)):
        return bytes(graph)
    if hasattr(graph, "as_graph_def"):
        graph = graph.as_graph_def(add_shapes=True)
    if hasattr(graph, "SerializeToString"):
        data: bytes = graph.SerializeToString()
        return data
    raise TypeError(f"the viewer shows a Graph, a GraphDef, its bytes, a plan or a path, not {type(graph).__name__}")


def to_graphviz(graph: Any, *, expand: tuple[str, ...] = (), color: str = "op") -> Any:
    """graphviz.Digraph of the first picture of a graph; expand: paths of scopes (`layer1/`) to open too."""
    from graphflow.viewer.dot import digraph  # at first use: `graphflow.viewer` stays light
    from graphflow.viewer.graph_tree import build  # at first use: `graphflow.viewer` stays light
    from graphflow.viewer.visible import State, view  # at first use: `graphflow.viewer` stays light

    named = _named(graph)[0]
    tree = build(named.buf)
    shown = view(tree, named.buf, State(paths=[path.rstrip("/") + "/" for path in expand], first=not expand))
    return digraph(shown, color, named.name)


def to_networkx(graph: Any) -> Any:
    """networkx.MultiDiGraph: a node per operation (attributes op, device), an edge per input (port, slot, control)."""
    import networkx  # at first use: saves 250 ms

    from graphflow.viewer.graph_scan import scan  # at first use: `graphflow.viewer` stays light

    found = scan(_named(graph)[0].buf)
    names = [name.decode("utf-8", "replace") for name in found.names]
    out = networkx.MultiDiGraph()
    for i, name in enumerate(names):
        out.add_node(name, op=found.ops[found.op[i]], device=found.devices[found.device[i]])
    for src, dst, port, slot in zip(found.src.tolist(), found.dst.tolist(), found.port.tolist(), found.slot.tolist(), strict=True):
        out.add_edge(names[src], names[dst], port=port, slot=slot, control=port < 0)
    return out


def show(graph: Any, *, browser: bool = True, port: int = 6006, wait: bool | None = None, file: Any = None) -> Any:
    """Shows a graph: in a notebook as the cell's output, else in a browser page served by this process.

    Prints the address. A script waits until Ctrl-C, as the page would else end with it; wait=False goes on at once, and the page lives
    as long as the process; None waits only where nobody types commands. file: a path; the page is written there as one HTML file that
    needs no server, and the path is returned. Else returns an object with `url` and `close()`. browser=False only serves the page.
    """
    from graphflow.viewer.showing import Inline, Page, write_page  # at first use: `graphflow.viewer` stays light

    named = _named(graph)
    if file is not None:
        return write_page(named, file)
    if "ipykernel" in sys.modules:
        return Inline(named)
    page = Page(named, browser, port)
    typed = hasattr(sys, "ps1") or bool(sys.flags.interactive)
    waits = not typed if wait is None else wait
    print(f"graph at {page.url}" + ("  (Ctrl-C goes on)" if waits else ""), flush=True)
    if waits:
        page.wait()
    return page
