"""One HTML file with a graph in it: the page's own files and the data inlined, no request of any kind.

The model goes in as numbers and one list of name tails, which gzip packs to a few bytes per op; static/offline/ reads it
back and computes views as visible.py does. The content security policy lets only these very scripts run (by hash).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from graphflow.viewer import attributes, static_files
from graphflow.viewer.aside import CODES, REASONS
from graphflow.viewer.cards import ORIGIN, SINKS, source, stats
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_tree import FUNC, OP, SCOPE, GraphTree, build
from graphflow.viewer.load import NamedGraph
from graphflow.viewer.runs import KINDS
from graphflow.viewer.visible import node_types

if TYPE_CHECKING:
    from graphflow.viewer.runs import RunStore

START = '<script src="static/start.js"></script>\n'  # starts a worker from an address, which an offline page has not
CHARTS = ["vendor/uplot.js", "vendor/uplot.css"]
MARKDOWN = ["vendor/marked.js", "vendor/purify.js"]
ATTR_TEXT = 120  # characters of an attribute's text that go into the file
LARGE = 2_000  # bytes of attributes above which they are not looked up among those of other ops


def blob(tree: GraphTree, buf: bytes) -> dict[str, Any]:
    """The model as plain values (static/offline/model.js reads them)."""
    is_op = tree.kind == OP
    ops = np.flatnonzero(is_op).tolist()
    types, type_table = _interned([[list(t) for t in node_types(tree, buf, i)] for i in ops])
    attrs, attr_table = _interned([_attrs(tree, buf, i) for i in ops])
    sources, source_table = _interned([source(tree, buf, i) for i in ops])
    has_source = any(s is not None for s in source_table)
    if has_source:
        sources = [-1 if source_table[s] is None else s for s in sources]
    tails, cuts = _tails(tree)
    rows = np.arange(len(tree))
    meets = tree.meets.astype(np.int64)
    return {
        "stamp": tree.stamp, "kind": tree.kind.tolist(), "size": (tree.end - rows).tolist(), "look": tree.look.tolist(),
        "op": tree.op[is_op].tolist(), "device": tree.device[is_op].tolist() if len(tree.devices) > 1 else [],
        "aside": [[i, int(tree.aside[i])] for i in np.flatnonzero(tree.aside).tolist()],
        "count": [[i, int(tree.count[i])] for i in np.flatnonzero(tree.count != 1).tolist()],
        "tail": tails, "cut": cuts, "ops": tree.ops, "devices": tree.devices or [""],
        "meets": np.diff(meets, prepend=0).tolist(), "dst": (tree.dst - meets).tolist(), "src": (tree.dst - tree.src).tolist(),
        "port": tree.port.tolist(), "slot": tree.slot.tolist(),
        "types": types, "typeTable": type_table, "attrs": attrs, "attrTable": attr_table,
        "source": sources if has_source else [], "sourceTable": source_table if has_source else [],
        "codes": CODES, "reasons": REASONS, "sinks": SINKS, "stats": stats(tree, buf),
    }  # fmt: skip


def _interned(values: list[Any]) -> tuple[list[int], list[Any]]:
    """(number per value, table of distinct values)."""
    seen: dict[str, int] = {}
    table: list[Any] = []
    out = []
    by_identity: dict[int, int] = {}
    for value in values:
        number = by_identity.get(id(value))
        if number is None:
            key = json.dumps(value)
            number = seen.setdefault(key, len(seen))
            if number == len(table):
                table.append(value)
            by_identity[id(value)] = number
        out.append(number)
    return out, table


def _attrs(tree: GraphTree, buf: bytes, item: int) -> list[dict[str, str]]:
    node = int(tree.node[item])
    start, end = int(tree.start_byte[node]), int(tree.end_byte[node])
    known = tree.extra.setdefault("attrs", {})
    raw = buf[start:end] if end - start < LARGE else b""
    if raw not in known or not raw:
        try:
            found = attributes.attributes(buf, start, end) if end > start else []
        except ViewerError:
            found = []
        short = [{**a, "value": a["value"][:ATTR_TEXT]} for a in found if a["name"] not in (ORIGIN, "_output_shapes")]
        known[raw] = short
    return known[raw]


def _tails(tree: GraphTree) -> tuple[list[str], list[list[int]]]:
    """(what each name adds to its scope's, [item, characters of the scope's name to keep] where that is not all of it)."""
    paths = [raw.decode("utf-8", "replace") for raw in tree.all_paths()]
    real = ((tree.kind == SCOPE) | (tree.kind == FUNC)).tolist()
    up = tree.parent.tolist()
    scope = [""] * len(paths)
    tails, cuts = [], []
    for i, path in enumerate(paths):
        above = scope[up[i]] if i else ""
        if path.startswith(above) and len(path) > len(above):
            tails.append(path[len(above) :])
        else:
            keep = path.rfind("/") + 1
            if not above.startswith(path[:keep]):
                keep = 0
            cuts.append([i, keep])
            tails.append(path[keep:])
        scope[i] = path if real[i] else above
    return tails, cuts


def graph_data(buf: bytes, name: str) -> dict[str, Any]:
    """The data of a page with one graph."""
    return graphs_data([NamedGraph(name, buf)], name)


def graphs_data(graphs: list[NamedGraph], title: str) -> dict[str, Any]:
    """The data of a page with several graphs; it opens with the last one."""
    entries, blobs = [], {}
    for i, graph in enumerate(graphs):
        tree = build(graph.buf)
        blobs[f"g.{i}"] = blob(tree, graph.buf)
        last = i == len(graphs) - 1
        entries.append({"id": f"g.{i}", "name": graph.name, "kind": graph.kind, "ops": int(tree.leaves[0]), "step": 0,
                        "wall": 0, "newest": last})  # fmt: skip
    run = {"id": "g", "name": title, "events": 0, "first": 0, "last": 0, "starts": 0, "graphs": entries,
           "set": 0}  # fmt: skip
    runs = {"title": title, "path": title, "reading": {"done": 0, "total": 0, "busy": False}, "notes": [], "runs": [run],
            "sets": [{kind: [] for kind in (*KINDS, "profiles")}]}  # fmt: skip
    return {"runs": runs, "graphs": blobs}


def log_data(store: RunStore) -> dict[str, Any]:
    """The data of a page with a log folder: the graphs of each run, all kinds of data, profiles and a comparison."""
    from graphflow.viewer.library import Library
    from graphflow.viewer.offline_log import carried, comparison, profiles
    from graphflow.viewer.routes import Routes

    routes = Routes(store, Library(store))
    runs = routes.log.runs({})
    blobs: dict[str, Any] = {}
    seen: dict[bytes, str] = {}
    for run in runs["runs"]:
        for graph in run["graphs"]:
            opened = routes.library.open(graph["id"])
            graph["ops"] = int(opened.tree.leaves[0])
            same = seen.setdefault(hashlib.sha256(opened.buf).digest(), graph["id"])
            blobs[graph["id"]] = blob(opened.tree, opened.buf) if same == graph["id"] else same
    found = carried(store, routes.log)
    compared = comparison([graph for run in runs["runs"] for graph in run["graphs"]], routes.library)
    if compared is not None:
        blobs[compared["graph"]] = compared.pop("blob")
    profiled = profiles(store, routes)
    for tags in runs["sets"]:
        kept = {tag for one in profiled.values() for tag in one["tags"]}
        tags["profiles"] = [tag for tag in tags["profiles"] if tag in kept]
    left = found.pop("left")
    if left:
        more = f" and {len(left) - 20} more" if len(left) > 20 else ""
        text = f"This file does not hold all of the log: left out are {', '.join(left[:20])}{more}"
        runs["notes"] = [*runs["notes"], {"level": "info", "text": text}]
    return {"runs": runs, "graphs": blobs, "profiles": profiled, "diff": compared} | found


def page(buf: bytes, *, name: str = "graph") -> str:
    """The HTML file of a serialized GraphDef."""
    return assemble(graph_data(buf, name), name)


def graphs_page(graphs: list[NamedGraph], title: str) -> str:
    """The HTML file of several graphs, such as the stages of a plan."""
    return assemble(graphs_data(graphs, title), title)


def log_page(store: RunStore) -> str:
    """The HTML file of a log folder."""
    return assemble(log_data(store), store.path.name or str(store.path))


def assemble(data: dict[str, Any], title: str) -> str:
    """The page with this data and all its files inlined."""
    text = (static_files.STATIC / "index.html").read_text(encoding="utf-8")
    found = static_files.inlined(text.replace(START, ""))
    styles, scripts = found.styles, found.scripts
    text = re.sub(r'<link\b[^>]*href="static/[^"]*"[^>]*>', "", found.text)  # icons and preloads
    carried = "".join(_element(f"gf-asset-{asset}", static_files.read(asset)) for asset in _carried(data))
    carried += _element("gf-data", json.dumps(data, separators=(",", ":")).encode())
    policy = (
        f"default-src 'none'; script-src {' '.join(scripts)} 'wasm-unsafe-eval' blob:; worker-src blob:; "
        f"style-src {' '.join(styles)}; img-src data: blob:; media-src data: blob:; font-src 'none'; base-uri 'none'; form-action 'none'"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=True)}">\n'
    text = text.replace("<head>", "<head>\n" + head, 1)
    text = re.sub(r"<title>.*?</title>", lambda _: f"<title>{html.escape(title)}</title>", text, count=1, flags=re.DOTALL)
    marker = text.find("<script>")
    at = marker if marker >= 0 else text.rfind("</body>")
    # the data stands before the script, which runs at once where it stands; both at the end of the body
    script_at = text[at:]
    if marker >= 0:
        end = text.find("</script>", marker) + len("</script>")
        script, rest = text[marker:end], text[end:]
        body_end = rest.rfind("</body>")
        return text[:marker] + rest[:body_end] + carried + script + rest[body_end:]
    return text[:at] + carried + script_at


def _carried(data: dict[str, Any]) -> list[str]:
    """The files that go in as they are: those of every page, and the chart library where there is something to draw."""
    files = ["layout_worker.js", "built/offline_worker.js", "vendor/viz.wasm"]
    sets = data.get("runs", {}).get("sets", [])
    drawn = any(tags["scalars"] or tags["pr_curves"] for tags in sets)
    logged = any(names for tags in sets for names in tags.values())
    written = any(tags["text"] for tags in sets)
    return files + (["built/log.js"] if logged else []) + (CHARTS if drawn else []) + (MARKDOWN if written else [])


def _element(name: str, data: bytes) -> str:
    packed = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
    return f'<script type="application/json" id="{html.escape(name, quote=True)}">"{packed}"</script>\n'
