"""A graph in the terminal: the tree of what is visible, with kinds, counts and what feeds what.

Plain text when the output is no terminal or NO_COLOR is set; ASCII when the terminal's encoding has no lines to draw with.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import unicodedata
from typing import Any, TextIO

from graphflow.viewer.graph_tree import OP, GraphTree
from graphflow.viewer.visible import State, view

_COLORS = {"op": "36", "scope": "1", "series": "1;35", "block": "1;34", "aside": "2", "function": "1;33"}


def outline(
    tree: GraphTree,
    buf: bytes,
    *,
    depth: int = 2,
    expand: list[int] | None = None,
    root: int = 0,
    width: int = 80,
    color: bool = False,
    ascii_only: bool = False,
    most: int = 150,
) -> str:
    """The tree to `depth` levels, with readers of each box on its level; lines are at most `width` columns."""
    lines = [_head(tree, root, width, ascii_only)]
    _level(tree, buf, root, depth, set(expand or []), "", lines, width, color, ascii_only, most)
    return "\n".join(lines) + "\n"


def _head(tree: GraphTree, root: int, width: int, ascii_only: bool) -> str:
    name = "graph" if root == 0 else tree.path(root)
    return _fit(f"{name}: {int(tree.leaves[root]):,} ops, {len(tree.src):,} edges", width, ascii_only)


def _level(
    tree: GraphTree,
    buf: bytes,
    root: int,
    depth: int,
    expand: set[int],
    indent: str,
    lines: list[str],
    width: int,
    color: bool,
    ascii_only: bool,
    most: int,
) -> None:
    tee, last, bar = ("|- ", "`- ", "|  ") if ascii_only else ("├─ ", "└─ ", "│  ")
    groups: list[tuple[int, str, int]] = [(root, indent, depth)]  # to be opened: item, lead of its lines, levels left
    waiting: list[tuple[int, str, str, int]] = []  # to be written: item, line, lead of what is below, levels left
    while groups or waiting:
        if groups:
            item, lead, left = groups.pop()
            rows = _rows(tree, buf, item, most, ascii_only)
            for i, (child, text, kind) in reversed(list(enumerate(rows))):
                line, below = (lead + last, lead + "   ") if i == len(rows) - 1 else (lead + tee, lead + bar)
                waiting.append((child, _paint(_fit(line + text, width, ascii_only), kind, len(line), color), below, left))
        if waiting:
            child, text, lead, left = waiting.pop()
            lines.append(text)
            if child >= 0 and tree.kind[child] != OP and (left > 1 or child in expand) and len(lead) < width - 12:
                groups.append((child, lead, left - 1))


def _rows(tree: GraphTree, buf: bytes, item: int, most: int, ascii_only: bool) -> list[tuple[int, str, str]]:
    """(item, text, kind) of the children of a group."""
    shown = view(tree, buf, State(root=item))
    readers: dict[int, list[str]] = {}
    names = {box["id"]: box["label"] for box in shown["boxes"]}
    for edge in shown["edges"]:
        readers.setdefault(edge["from"], []).append(names[edge["to"]] + ("*" if edge["control"] else ""))
    arrow = "->" if ascii_only else "→"
    out = []
    for box in shown["boxes"][:most]:
        to = readers.get(box["id"], [])
        tail = f"  {arrow} {', '.join(to[:4])}" + (f" and {len(to) - 4} more" if len(to) > 4 else "") if to else ""
        out.append((box["id"], box["label"] + _about(box) + tail, box["kind"]))
    if len(shown["boxes"]) > most:
        out.append((-1, f"{len(shown['boxes']) - most} more", "aside"))
    reasons: dict[str, int] = {}
    for box in shown["aside"]:
        reasons[box["aside"]] = reasons.get(box["aside"], 0) + box["ops"]
    if reasons:
        out.append((-1, "aside: " + ", ".join(f"{n} {why}" for why, n in sorted(reasons.items())), "aside"))
    return out


def _about(box: dict[str, Any]) -> str:
    if box["kind"] == "op":
        return f" ({box['op']})" if box["detail"] else ""
    return f" [{box['detail']}]"


def _paint(text: str, kind: str, start: int, color: bool) -> str:
    return f"{text[:start]}\x1b[{_COLORS[kind]}m{text[start:]}\x1b[0m" if color and kind in _COLORS else text


def plain(text: str) -> str:
    """Text that cannot steer a terminal: escape codes, control characters and direction overrides are taken out."""
    text = re.sub("\x1b\\[[0-9;?]*[ -/]*[@-~]|\x1b.?", "", text)
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") else "?" for c in text)


def columns(text: str) -> int:
    """Columns that the text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, width: int, ascii_only: bool) -> str:
    text = plain(text)
    if ascii_only:
        text = text.replace("…", "...").replace("·", "-").replace("→", "->").encode("ascii", "replace").decode()
    mark = "..." if ascii_only else "…"
    taken = fits = 0
    for i, letter in enumerate(text):
        taken += columns(letter)
        if taken <= width - len(mark):
            fits = i + 1
        if taken > width:
            return text[:fits] + mark
    return text


def settings(stream: TextIO | None = None) -> dict[str, Any]:
    """width, color and ascii_only for a stream."""
    stream = stream or sys.stdout
    tty = stream.isatty()
    try:
        "├→…".encode(stream.encoding or "ascii")
        plain_only = False
    except (UnicodeEncodeError, LookupError):
        plain_only = True
    return {
        "width": shutil.get_terminal_size().columns if tty else int(os.environ.get("COLUMNS") or 100),
        "color": tty and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb",
        "ascii_only": plain_only,
    }
