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

from graphflow.viewer import static_files
from graphflow.viewer.graph_tree import build
from graphflow.viewer.library import Library
from graphflow.viewer.load import NamedGraph
from graphflow.viewer.offline_graph import blob
from graphflow.viewer.offline_log import carried, comparison, profiles
from graphflow.viewer.routes import Routes
from graphflow.viewer.runs import KINDS

if TYPE_CHECKING:
    from graphflow.viewer.runs import RunStore

START = '<script src="static/start.js"></script>\n'  # starts a worker from an address, which an offline page has not
CHARTS = ["vendor/uplot.js", "vendor/uplot.css"]
ALWAYS = ["layout_worker.js", "built/offline_worker.js", "vendor/viz.wasm"]
DATA = "<!-- the page's data -->"
MARKDOWN = ["vendor/marked.js", "vendor/purify.js"]


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
    return shell(title, _carried(data)).replace(DATA, element("gf-data", data), 1)


def shell(title: str, files: list[str]) -> str:
    """The page without its data, which goes where DATA stands; files: what goes in beside the page's own scripts and styles."""
    text = (static_files.STATIC / "index.html").read_text(encoding="utf-8")
    found = static_files.inlined(text.replace(START, ""))
    styles, scripts = found.styles, found.scripts
    text = re.sub(r'<link\b[^>]*href="static/[^"]*"[^>]*>', "", found.text)  # icons and preloads
    carried = "".join(_element(f"gf-asset-{asset}", static_files.read(asset)) for asset in files) + DATA
    policy = (
        f"default-src 'none'; script-src {' '.join(scripts)} 'wasm-unsafe-eval' blob:; worker-src blob:; "
        f"style-src {' '.join(styles)}; img-src data: blob:; media-src data: blob:; font-src 'none'; base-uri 'none'; form-action 'none'"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{html.escape(policy, quote=True)}">\n'
    text = text.replace("<head>", "<head>\n" + head, 1)
    text = re.sub(r"<title>.*?</title>", lambda _: f"<title>{html.escape(title)}</title>", text, count=1, flags=re.DOTALL)
    # the data stands before the script, which runs at once where it stands; both at the end of the body
    start = text.index("<script>")
    end = text.index("</script>", start) + len("</script>")
    script, rest = text[start:end], text[end:]
    body_end = rest.rindex("</body>")
    return text[:start] + rest[:body_end] + carried + script + rest[body_end:]


def element(name: str, data: dict[str, Any]) -> str:
    """Data as the page finds it: packed, in an element of its own that no data can end."""
    return _element(name, json.dumps(data, separators=(",", ":")).encode())


def _carried(data: dict[str, Any]) -> list[str]:
    """The files that go in as they are: those of every page, and the chart library where there is something to draw."""
    sets = data.get("runs", {}).get("sets", [])
    drawn = any(tags["scalars"] or tags["pr_curves"] for tags in sets)
    logged = any(names for tags in sets for names in tags.values())
    written = any(tags["text"] for tags in sets)
    return ALWAYS + (["built/log.js"] if logged else []) + (CHARTS if drawn else []) + (MARKDOWN if written else [])


def _element(name: str, data: bytes) -> str:
    packed = base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()
    return f'<script type="application/json" id="{html.escape(name, quote=True)}">"{packed}"</script>\n'
