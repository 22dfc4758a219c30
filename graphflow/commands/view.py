"""Shows a log folder, an event file or a graph in the browser, or with --text in the terminal.

example:
  graphflow view logs
  graphflow view before:logs/1,after:logs/2
  graphflow view graph.pb --text --depth 3
"""

from __future__ import annotations

import argparse
import sys
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING

from graphflow.commands.arguments import excludes
from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError

if TYPE_CHECKING:
    from graphflow.viewer.runs import RunStore
    from graphflow.viewer.server import ViewServer

EXAMPLE = "graphflow view logs"
FIRST_PORT = 6006


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        metavar="PATH",
        help="log folder (or several: a:path,b:path), event file, graph in any form, SavedModel, checkpoint or program (.py)",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument(
        "--port", type=port, default=FIRST_PORT, help=f"first port to try (default {FIRST_PORT}); the next free one is taken"
    )
    parser.add_argument(
        "--allow-host", metavar="NAME", action="append", default=[], help="a name under which the page may be asked for, as through a proxy"
    )
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    parser.add_argument("--text", action="store_true", help="print the graph as a tree and stop")
    parser.add_argument("--depth", type=depth, default=2, help="levels of the tree (default 2)")
    parser.add_argument("--search", metavar="Q", help="with --text: print what matches, e.g. 'op:MatMul scope:layer1'")


def port(text: str) -> int:
    """A port from the command line, 0 for any free one."""
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def depth(text: str) -> int:
    """A number of levels from the command line."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a depth is a number of levels, 1 or more, not {text!r}")
    return int(text)


def complaint(args: argparse.Namespace) -> str | None:
    if args.text or args.search is not None:
        return excludes(args, "no-browser", "text", "search") or excludes(args, "allow-host", "text", "search")
    return None


def main(args: argparse.Namespace) -> int:
    try:
        if args.text or args.search is not None:
            return _text(Path(args.path), args)
        return _serve(args)
    except ViewerError as error:
        print(f"graphflow view: {error}", file=sys.stderr)
        return 1


def _text(path: Path, args: argparse.Namespace) -> int:
    graph = late.path_graphs.graphs_of(path)[0]
    tree = late.graph_tree.build(graph.buf)
    style = late.terminal.settings()
    if args.search is None:
        sys.stdout.write(late.terminal.outline(tree, graph.buf, depth=args.depth, **style))
        return 0
    found = late.search.search(tree, graph.buf, args.search, limit=200)
    for hit in found["hits"]:
        print(late.terminal.plain(hit["path"]) + (f"  {hit['op']}" if hit["op"] else ""))
    print(f"{found['total']:,} found" + "".join(f"; there is no field {name}" for name in found["unknown"]), file=sys.stderr)
    return 0 if found["total"] else 1


def _serve(args: argparse.Namespace) -> int:
    runs, path = late.runs, Path(args.path)
    folders = runs.folders_of(args.path)
    store = runs.RunStore(path, folders) if folders else runs.RunStore(late.load.located(path))
    if not store.single:
        _insist(store)
    server = late.server.serve(store, args.host, args.port, allowed=tuple(args.allow_host))
    if args.host not in late.server.LOOPBACK:
        print(
            f"Warning: on {args.host} others in your network can reach this page; the address below holds the password.",
            file=sys.stderr,
        )
    print(f"graphflow view: {args.path} at {server.url}  (Ctrl-C stops)", flush=True)
    sys.setswitchinterval(0.001)  # answers go before the reading of a large log
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


SMALL = 1 << 20  # bytes of event files that are read before a page is opened


def _insist(store: RunStore) -> None:
    """Stops with advice when there is no event file at all, or nothing in the few there are."""
    store.find()
    if not store.files:
        raise ViewerError(store.advice())
    size = 0
    for _, file in store.files:
        file.look()
        size += file.size
        if size > SMALL:
            return
    store.refresh()
    if store.empty():
        raise ViewerError(store.advice())


def _work(server: ViewServer) -> None:
    server.warm()
    server.store.refresh(server.announce)
    server.announce({})
    server.prepare()
    server.watch()
