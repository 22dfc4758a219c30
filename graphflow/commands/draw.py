"""Draws a graph into a file: OUT ends in .svg, .png, .pdf, .dot, .json, .mmd or .html. Without OUT, as text.

example:
  graphflow draw logs graph.svg --expand layer1/ --color structure
  graphflow draw old.pb --diff new.pb
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from graphflow.commands.arguments import needs
from graphflow.commands.view import depth
from graphflow.viewer.diff import compare
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.graph_json import to_json
from graphflow.viewer.index_cache import cached_tree
from graphflow.viewer.load import is_log, located
from graphflow.viewer.offline import log_page, page
from graphflow.viewer.path_graphs import graphs_of
from graphflow.viewer.runs import RunStore
from graphflow.viewer.search import search
from graphflow.viewer.terminal import outline, plain, settings
from graphflow.viewer.visible import State, view
from graphflow.viewer.writers import render

EXAMPLE = "graphflow draw logs graph.svg"
KINDS = ("svg", "png", "pdf", "dot", "json", "mmd", "html")
COLORS = ("op", "structure", "device", "scope", "grad", "dtype", "none")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path", metavar="PATH", help="log folder, event file, graph in any form, SavedModel, checkpoint or program (.py)"
    )
    parser.add_argument("out", metavar="OUT", nargs="?", help="the file to write; its ending chooses the form")
    parser.add_argument("--depth", type=depth, help="open all groups down to this level (default: what fits a readable picture)")
    parser.add_argument(
        "--expand", metavar="SCOPE", action="append", default=[], help="open this scope too (may be given several times)"
    )
    parser.add_argument(
        "--focus", metavar="NODE", help="open the scopes on the way to this op; with a scope, draw only its inside"
    )
    parser.add_argument("--color", choices=COLORS, default="op", help="what the fills mean (default op)")
    parser.add_argument("--diff", metavar="OTHER", help="compare with this graph (PATH is the old one)")
    parser.add_argument("--check", action="store_true", help="with --diff: exit code 1 when the graphs differ")
    parser.add_argument("--json", action="store_true", help="with --diff: the summary as JSON")


def complaint(args: argparse.Namespace) -> str | None:
    if args.out and Path(args.out).suffix.lstrip(".").lower() not in KINDS:
        return f"{args.out}: the ending must be one of {', '.join('.' + k for k in KINDS)}"
    return needs(args, "check", "diff") or needs(args, "json", "diff")


def main(args: argparse.Namespace) -> int:
    try:
        kind = Path(args.out).suffix.lstrip(".").lower() if args.out else ""
        return _diff(args, kind) if args.diff else _draw(args, kind)
    except ViewerError as error:
        print(f"graphflow draw: {error}", file=sys.stderr)
        return 1


def _draw(args: argparse.Namespace, kind: str) -> int:
    path = located(Path(args.path))
    if kind == "html" and is_log(path):
        return _log_page(path, Path(args.out))
    graph = graphs_of(path)[0]
    tree = cached_tree(graph.buf)
    if kind:
        return _write(args, kind, tree, graph.buf, graph.name)
    state = state_for(tree, args)
    sys.stdout.write(
        outline(tree, graph.buf, depth=args.depth or 1, expand=sorted(state.expanded), root=state.root, **settings())
    )
    return 0


def _log_page(path: Path, out: Path) -> int:
    """One HTML file with the graphs, series, pictures, texts, profiles and a comparison of a log folder."""
    store = RunStore(path)
    store.refresh()
    if store.empty():
        raise ViewerError(store.advice())
    data = log_page(store).encode()
    out.write_bytes(data)
    print(f"wrote {out} ({len(data):,} bytes)")
    return 0


def _write(args: argparse.Namespace, kind: str, tree: Any, buf: bytes, name: str, diff: Any = None) -> int:
    out = Path(args.out)
    if kind == "html":
        data = page(buf, name=name).encode()
    elif kind == "json" and diff is None and not (args.depth or args.expand or args.focus):
        data = json.dumps(to_json(buf), indent=1).encode() + b"\n"
    else:
        data = render(view(tree, buf, state_for(tree, args), diff=diff), kind, args.color, name)
    out.write_bytes(data)
    print(f"wrote {out} ({len(data):,} bytes)")
    return 0


def state_for(tree: Any, args: argparse.Namespace) -> Any:
    """The State that the options ask for."""
    state = State(first=args.depth is None and not args.expand)
    if args.depth:
        level = [c for c in tree.children(0) if tree.kind[c]]
        for _ in range(args.depth - 1):
            state.expanded.update(level)
            level = [c for g in level for c in tree.children(g) if tree.kind[c]]
    for name in args.expand:
        item = _find(tree, name)
        state.expanded.update([*tree.ancestors(item), item])
    if args.focus:
        item = _find(tree, args.focus)
        if tree.kind[item]:
            state.root, state.first = item, True
        else:
            state.expanded.update(tree.ancestors(item))
    shown = len(state.expanded)
    if shown > 400:
        raise ViewerError(
            f"{shown:,} groups would be open; a picture of that cannot be read. Use a smaller --depth, or --expand."
        )
    return state


def _find(tree: Any, name: str) -> int:
    for path in (name, name.rstrip("/") + "/"):
        item = tree.find(path)
        if item is not None:
            return int(item)
    near = [hit["path"] for hit in search(tree, b"", name, limit=3)["hits"]]
    raise ViewerError(f"the graph holds nothing called {name!r}" + (f"; near it: {', '.join(near)}" if near else ""))


def _diff(args: argparse.Namespace, kind: str) -> int:
    old, new = graphs_of(Path(args.path))[0], graphs_of(Path(args.diff))[0]
    tree, buf, diff = compare(old.buf, new.buf)
    summary = diff.summary()
    differs = any(count for state, count in summary["summary"].items() if state != "same")
    if kind == "json" or args.json:
        text = json.dumps(summary, indent=1) + "\n"
        if args.out:
            Path(args.out).write_text(text, encoding="utf-8")
        else:
            sys.stdout.write(text)
    elif kind:
        args.expand += [tree.path(group) for c in list(diff.changed_items())[:20] for group in tree.ancestors(c)[:2]]
        _write(args, kind, tree, buf, f"{old.name} and {new.name}", diff)
    else:
        print(", ".join(f"{count} {state}" for state, count in summary["summary"].items()))
        for change in summary["changes"]:
            was = f" (was {change['was']})" if change["was"] else ""
            detail = "".join(f"\n    {line}" for line in change["detail"])
            print(
                plain(f"{change['kind']:<8} {change['path']}{was}")
                + "".join("\n" + plain(line) for line in detail.split("\n")[1:])
            )
        if summary["more"]:
            print(f"and {summary['more']:,} more")
    return 1 if args.check and differs else 0
