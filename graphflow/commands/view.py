"""Shows a log folder, an event file or a graph in the browser, or with --text in the terminal.

example:
  graphflow view logs
  graphflow view graph.pb --text --depth 3
"""

from __future__ import annotations

import argparse
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from graphflow.viewer.server import ViewServer

EXAMPLE = "graphflow view logs"
FIRST_PORT = 6006


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", metavar="PATH", help="log folder, event file, GraphDef (.pb, .pbtxt, .meta, .json) or a program (.py)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument(
        "--port", type=int, default=FIRST_PORT, help=f"first port to try (default {FIRST_PORT}); the next free one is taken"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--text", action="store_true", help="print the graph as a tree and stop")
    parser.add_argument("--depth", type=int, default=2, help="levels of the tree (default 2)")
    parser.add_argument("--search", metavar="Q", help="with --text: print what matches, e.g. 'op:MatMul scope:layer1'")


def main(args: argparse.Namespace) -> int:
    from graphflow.viewer.errors import ViewerError

    path = Path(args.path)
    try:
        if args.text or args.search is not None:
            return _text(path, args)
        return _serve(path, args)
    except ViewerError as error:
        print(f"graphflow view: {error}", file=sys.stderr)
        return 1


def _text(path: Path, args: argparse.Namespace) -> int:
    from graphflow.viewer.graph_tree import build
    from graphflow.viewer.load import graphs_of
    from graphflow.viewer.search import search
    from graphflow.viewer.terminal import outline, plain, settings

    graph = graphs_of(path)[0]
    tree = build(graph.buf)
    style = settings()
    if args.search is None:
        sys.stdout.write(outline(tree, graph.buf, depth=max(1, args.depth), **style))
        return 0
    found = search(tree, graph.buf, args.search, limit=200)
    for hit in found["hits"]:
        print(plain(hit["path"]) + (f"  {hit['op']}" if hit["op"] else ""))
    print(f"{found['total']:,} found" + "".join(f"; there is no field {name}" for name in found["unknown"]), file=sys.stderr)
    return 0 if found["total"] else 1


def _serve(path: Path, args: argparse.Namespace) -> int:
    from graphflow.viewer.errors import ViewerError
    from graphflow.viewer.runs import RunStore
    from graphflow.viewer.server import LOOPBACK, serve

    if not path.exists():
        raise ViewerError(f"{path}: there is no such file or folder")
    store = RunStore(path)
    if path.is_dir() or "tfevents" in path.name:
        _insist(store)
    server = serve(store, args.host, args.port)
    if args.host not in LOOPBACK:
        print(
            f"Warning: on {args.host} others in your network can reach this page; the address below holds the password.",
            file=sys.stderr,
        )
    print(f"graphflow view: {path} at {server.url}  (Ctrl-C stops)", flush=True)
    threading.Thread(target=_work, args=(server,), daemon=True).start()
    return serve_until_stopped(server, browser=not args.no_browser)


def serve_until_stopped(server: ViewServer, browser: bool) -> int:
    """Serves until Ctrl-C, with a browser opened at the page."""
    if browser:
        threading.Thread(target=webbrowser.open, args=(server.url,), daemon=True).start()
    try:
        server.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        print()
    finally:
        server.closing.set()
        server.server_close()
    return 0


def _insist(store: object) -> None:
    """Stops with advice when a folder holds no event file at all."""
    from graphflow.viewer.errors import ViewerError
    from graphflow.viewer.log_reader import event_files
    from graphflow.viewer.runs import RunStore

    assert isinstance(store, RunStore)
    if store.path.is_dir() and not event_files(store.path):
        raise ViewerError(store.advice())
    if store.path.is_file() or sum(f.stat().st_size for files in event_files(store.path).values() for f in files) < 1 << 20:
        store.refresh()  # small: look into it before a page is opened that would be empty
        if store.empty():
            raise ViewerError(store.advice())


def _work(server: object) -> None:
    from graphflow.viewer.server import ViewServer

    assert isinstance(server, ViewServer)
    server.warm()
    server.store.refresh(server._progress)
    server.prepare()
    server.watch()
