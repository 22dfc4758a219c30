"""Search over a graph: fuzzy words over names, and `op:MatMul scope:tower shape:?x8 dtype:float32 device:gpu dead:yes`.

Names are looked through in two sieves: one pass over all of them in a single text for the letters in order, then a
score for what is left.
"""

from __future__ import annotations

import re
import time
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.cards import is_dead
from graphflow.viewer.graph_tree import KINDS, OP, GraphTree
from graphflow.viewer.visible import node_types

FIELDS = ("op", "scope", "shape", "dtype", "device", "dead", "is")
SCORED = 8_000  # hits that are ranked exactly; of more, the first in the graph's order


def search(tree: GraphTree, buf: bytes, query: str, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Ranked hits of a query: {"total", "hits": [...], "unknown": [...]}."""
    began = time.perf_counter()
    words, filters, unknown = parse(query)
    hits = _candidates(tree, buf, words, filters)
    ranked = _rank(tree, hits, words) if words else [(0.0, i, []) for i in hits[:SCORED].tolist()]
    shown = [
        {
            "id": i,
            "path": tree.path(i),
            "op": tree.ops[tree.op[i]] if tree.kind[i] == OP else "",
            "kind": KINDS[tree.kind[i]],
            "score": round(score, 2),
            "ranges": ranges,
            "parents": tree.ancestors(i),
        }
        for score, i, ranges in ranked[offset : offset + limit]
    ]
    return {
        "query": query,
        "total": len(hits),
        "ms": round((time.perf_counter() - began) * 1000, 2),
        "unknown": unknown,
        "hits": shown,
    }


def parse(query: str) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """(words, (field, value) filters, fields that do not exist)."""
    words, filters, unknown = [], [], []
    for part in query.split():
        name, colon, value = part.partition(":")
        if colon and name.lower() in FIELDS:
            filters.append((name.lower(), value.lower()))
        elif colon and name.isalpha() and value and not value.isdigit():
            unknown.append(name + ":")
        else:
            words.append(part.lower())
    return words, filters, unknown


def _candidates(tree: GraphTree, buf: bytes, words: list[str], filters: list[tuple[str, str]]) -> np.ndarray:
    keep = np.ones(len(tree), bool)
    keep[0] = False
    if filters and not any(f == "is" for f, _ in filters):
        keep &= tree.kind == OP
    late = []
    for name, value in filters:
        if name in ("shape", "dtype"):
            late.append((name, value))
        else:
            keep &= _filter(tree, name, value)
    for word in words:
        keep &= _fuzzy(tree, word.encode())
    hits = np.flatnonzero(keep)
    if late:
        hits = np.array([i for i in hits.tolist() if all(_typed(tree, buf, i, *f) for f in late)], np.int64)
    return hits


def _filter(tree: GraphTree, name: str, value: str) -> np.ndarray:
    if name == "op":
        wanted = [value in op.lower() for op in tree.ops]
        if value in (op.lower() for op in tree.ops):
            wanted = [value == op.lower() for op in tree.ops]
        return (tree.op >= 0) & np.array([*wanted, False], bool)[tree.op]
    if name == "device":
        return (tree.device >= 0) & np.array([*(value in d.lower() if value else not d for d in tree.devices), False], bool)[
            tree.device
        ]
    if name == "scope":
        start, inner = value.encode(), b"/" + value.encode()
        return np.array([path.startswith(start) or inner in path for path in _lower(tree)], bool) & (np.arange(len(tree)) > 0)
    if name == "is":
        return {"aside": tree.aside > 0, "group": tree.kind != OP, "op": tree.kind == OP}.get(value, np.zeros(len(tree), bool))
    readers = np.bincount(tree.src, minlength=len(tree))
    free = np.array([*(is_dead(op, 0) for op in tree.ops), False], bool)[tree.op]
    dead = (tree.kind == OP) & (readers == 0) & free
    return dead if value in ("yes", "true", "1", "") else (tree.kind == OP) & ~dead


def _typed(tree: GraphTree, buf: bytes, item: int, name: str, value: str) -> bool:
    for dtype, shape in node_types(tree, buf, item):
        text = dtype.removesuffix("_ref") if name == "dtype" else attributes.shape_text(shape)
        if text == value or (name == "shape" and value.strip("[]").replace(", ", "x").replace(",", "x") == text):
            return True
    return False


def _lower(tree: GraphTree) -> list[bytes]:
    """The names in lower case, one line each in `lower_text` (line breaks inside names are made spaces)."""
    found = tree.extra.get("lower")
    if found is None:
        found = [path.lower().replace(b"\n", b" ") for path in tree.all_paths()]
        tree.extra["lower_text"] = b"\n".join(found)
        tree.extra["lower_at"] = np.concatenate([[0], np.cumsum([len(line) + 1 for line in found])])
        tree.extra["lower"] = found
    return found


def _fuzzy(tree: GraphTree, word: bytes) -> np.ndarray:
    """Which names hold the word; when none does, which hold its letters in order."""
    _lower(tree)
    text, at = tree.extra["lower_text"], tree.extra["lower_at"]
    keep = np.zeros(len(tree), bool)
    found = [m.start() for m in re.finditer(re.escape(word), text)]
    if found:
        keep[np.searchsorted(at, found, "right") - 1] = True
    else:
        keep[_in_order(np.frombuffer(text, np.uint8), at, word)] = True
    return keep


def _in_order(text: np.ndarray, at: np.ndarray, word: bytes) -> np.ndarray:
    """The lines that hold the letters of a word in order. Each line keeps a cursor; a letter moves it behind its next place."""
    lines = np.arange(len(at) - 1)
    cursor = at[:-1].copy()
    for letter in word:
        places = np.append(np.flatnonzero(text == letter), len(text) + 1)
        cursor = places[np.searchsorted(places, cursor)] + 1
        inside = cursor < at[lines + 1]
        lines, cursor = lines[inside], cursor[inside]
    return lines


def _rank(tree: GraphTree, hits: np.ndarray, words: list[str]) -> list[tuple[float, int, list[list[int]]]]:
    lower = _lower(tree)
    out = []
    for i in hits[:SCORED].tolist():
        path = lower[i].decode("utf-8", "replace")
        score, ranges = 0.0, []
        for word in words:
            got, where = score_word(path, word)
            score += got
            ranges += where
        out.append((score, i, sorted(ranges)))
    out.sort(key=lambda row: (-row[0], row[1]))
    return out


def score_word(path: str, word: str) -> tuple[float, list[list[int]]]:
    """(score, ranges) of a word in a name: whole label, start of a part, inside, letters in order; short names first."""
    bare = path.rstrip("/")
    label = bare[bare.rfind("/") + 1 :]
    at = path.rfind(word, len(bare) - len(label)) if word in label else path.find(word)
    if at >= 0:
        start = at == 0 or not path[at - 1].isalnum()
        score = 100.0 if label == word else 80.0 if label.startswith(word) else 60.0 if start else 40.0
        return score - min(len(path), 200) * 0.05, [[at, at + len(word)]]
    ranges: list[list[int]] = []
    at = 0
    for letter in word:
        at = path.find(letter, at)
        if at < 0:
            return 0.0, []
        if ranges and ranges[-1][1] == at:
            ranges[-1][1] = at + 1
        else:
            ranges.append([at, at + 1])
        at += 1
    return 20.0 - len(ranges) - min(len(path), 200) * 0.05, ranges
