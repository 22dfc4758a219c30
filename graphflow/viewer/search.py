"""Search over a graph: fuzzy words over names, and `op:MatMul scope:tower shape:?x8 dtype:float32 device:gpu dead:yes`.

All names are one text in lower case, a name a line, and every step is a pass over arrays: where a word stands, which lines
that makes, what each line scores. Only the hits that are shown are looked at one by one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphflow.viewer import attributes
from graphflow.viewer.boxes import node_types
from graphflow.viewer.cards import is_dead
from graphflow.viewer.graph_tree import KINDS, OP, GraphTree

FIELDS = ("op", "scope", "shape", "dtype", "device", "dead", "is")


def search(tree: GraphTree, buf: bytes, query: str, limit: int = 50, offset: int = 0) -> dict[str, Any]:
    """Ranked hits of a query: {"total", "hits": [...], "unknown": [...]}."""
    began = time.perf_counter()
    words, filters, unknown = parse(query)
    names = names_of(tree)
    hits, matches = _candidates(tree, buf, names, words, filters)
    best = _best(hits, sum((m.scores(hits) for m in matches), np.zeros(len(hits))), offset + limit)[offset:]
    shown = [
        {
            "id": i,
            "path": tree.path(i),
            "op": tree.ops[tree.op[i]] if tree.kind[i] == OP else "",
            "kind": KINDS[tree.kind[i]],
            "score": round(score, 2),
            "ranges": sorted(r for word in words for r in score_word(names.line(i), word)[1]),
            "parents": tree.ancestors(i),
        }
        for i, score in best
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


def matching(tree: GraphTree, buf: bytes, query: str) -> np.ndarray:
    """Numbers of all items that a query finds, in the graph's order."""
    words, filters, _ = parse(query)
    return _candidates(tree, buf, names_of(tree), words, filters)[0]


def _candidates(
    tree: GraphTree, buf: bytes, names: Names, words: list[str], filters: list[tuple[str, str]]
) -> tuple[np.ndarray, list[Match]]:
    keep = np.ones(len(tree), bool)
    keep[0] = False
    if filters and not any(f == "is" for f, _ in filters):
        keep &= tree.kind == OP
    for name, value in filters:
        keep &= _typed(tree, buf, name, value) if name in ("shape", "dtype") else _filter(tree, names, name, value)
    known = tree.extra.setdefault("matches", {})  # a query grows letter by letter; its earlier words stay
    matches = [known.get(word) or match(names, word) for word in words]
    tree.extra["matches"] = dict(list({**known, **dict(zip(words, matches, strict=True))}.items())[-4:])
    for found in matches:
        keep &= found.holds
    return np.flatnonzero(keep), matches


def _filter(tree: GraphTree, names: Names, name: str, value: str) -> np.ndarray:
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
        at = names.places(value.encode())
        at = at[(at == 0) | np.isin(names.text[at - 1], (10, 47))]  # behind a line break or a slash
        return names.lines_with(at)
    if name == "is":
        return {"aside": tree.aside > 0, "group": tree.kind != OP, "op": tree.kind == OP}.get(value, np.zeros(len(tree), bool))
    readers = np.bincount(tree.src, minlength=len(tree))
    free = np.array([*(is_dead(op, 0) for op in tree.ops), False], bool)[tree.op]
    dead = (tree.kind == OP) & (readers == 0) & free
    return dead if value in ("yes", "true", "1", "") else (tree.kind == OP) & ~dead


def _typed(tree: GraphTree, buf: bytes, name: str, value: str) -> np.ndarray:
    numbers, table = _types(tree, buf)
    wanted = [any(_fits(dtype, shape, name, value) for dtype, shape in types) for types in table]
    return np.array([*wanted, False], bool)[numbers]


def _fits(dtype: str, shape: attributes.Shape, name: str, value: str) -> bool:
    if name == "dtype":
        return dtype.removesuffix("_ref") == value
    text = attributes.shape_text(shape)
    return text == value or value.strip("[]").replace(", ", "x").replace(",", "x") == text


def _types(tree: GraphTree, buf: bytes) -> tuple[np.ndarray, list[list[tuple[str, attributes.Shape]]]]:
    """(number of each item's output types, -1 for groups; the distinct types). Most ops have the attributes of another one."""
    if "type_numbers" not in tree.extra:
        numbers = np.full(len(tree), -1, np.int32)
        table: list[list[tuple[str, attributes.Shape]]] = []
        known: dict[bytes, int] = {}
        items = np.flatnonzero(tree.node >= 0)
        nodes = tree.node[items]
        found = []
        for item, start, end in zip(items.tolist(), tree.start_byte[nodes].tolist(), tree.end_byte[nodes].tolist(), strict=True):
            raw = buf[start:end]
            number = known.get(raw)
            if number is None:
                number = known[raw] = len(table)
                table.append(node_types(tree, buf, item))
            found.append(number)
        numbers[items] = found
        tree.extra["type_numbers"] = numbers, table
    return tree.extra["type_numbers"]


@dataclass
class Names:
    """All names in lower case. raw, text: a name a line; at: where each line starts, and the end; label: where its label does."""

    raw: bytes
    text: np.ndarray
    at: np.ndarray
    label: np.ndarray
    stop: np.ndarray  # where the name ends without a slash at its end
    strange: np.ndarray  # lines with letters beyond ASCII
    counts: list[int]  # of each byte
    short: np.ndarray  # what a name's length takes off its score

    def line(self, item: int) -> str:
        return self.raw[int(self.at[item]) : int(self.at[item + 1]) - 1].decode("utf-8", "replace")

    def places(self, word: bytes) -> np.ndarray:
        """Where the word stands in the text, in order."""
        if not word:
            return self.at[:-1]
        rare, *others = sorted(range(len(word)), key=lambda k: self.counts[word[k]])
        at = np.flatnonzero(self.text == word[rare]) - rare
        at = at[(at >= 0) & (at <= len(self.text) - len(word))]
        for k in others:
            at = at[self.text[at + k] == word[k]]
        return at

    def lines_with(self, places: np.ndarray) -> np.ndarray:
        """A flag per line: does one of the places lie in it?"""
        bounds = np.searchsorted(places, self.at)
        return bounds[1:] > bounds[:-1]


def names_of(tree: GraphTree) -> Names:
    """The names of a tree, made once."""
    if "names" not in tree.extra:
        lines = tree.all_paths()
        if b"\n" in tree.blob.tobytes():
            lines = [line.replace(b"\n", b" ") for line in lines]
        raw = b"\n".join([*lines, b""]).lower()
        text = np.frombuffer(raw, np.uint8)
        at = np.concatenate([[0], np.flatnonzero(text == 10) + 1])
        stop = at[1:] - 1
        while True:
            slash = (stop > at[:-1]) & (text[stop - 1] == 47)
            if not slash.any():
                break
            stop = stop - slash
        slashes = np.append(np.flatnonzero(text == 47), len(text))
        before = np.searchsorted(slashes, stop) - 1
        label = np.maximum(at[:-1], np.where(before >= 0, slashes[before] + 1, 0))
        beyond = np.concatenate([[0], np.cumsum(text > 127)])
        strange = beyond[at[1:]] > beyond[at[:-1]]
        counts = np.bincount(text, minlength=256).tolist()
        tree.extra["names"] = Names(raw, text, at, label, stop, strange, counts, np.minimum(np.diff(at) - 1, 200) * 0.05)
    return tree.extra["names"]


@dataclass
class Match:
    """Where one word of a query is found. holds: a flag per item; value: the score of each item that is held, else anything."""

    names: Names
    word: str
    holds: np.ndarray
    value: np.ndarray

    def scores(self, items: np.ndarray) -> np.ndarray:
        out = self.value[items]
        for i in np.flatnonzero(self.names.strange[items]).tolist():  # letters there are not bytes
            out[i] = score_word(self.names.line(int(items[i])), self.word)[0]
        return out


def match(names: Names, word: str) -> Match:
    """The names that hold a word; when none does, those that hold its letters in order."""
    raw = word.encode("utf-8", "surrogatepass")
    places = names.places(raw)
    if not len(places):
        holds, pieces = _in_order(names, raw)
        return Match(names, word, holds, 20.0 - pieces - names.short)
    bounds = np.searchsorted(places, names.at)
    holds = bounds[1:] > bounds[:-1]
    first = places[np.minimum(bounds[:-1], len(places) - 1)]
    last = places[bounds[1:] - 1]
    inside = holds & (last >= names.label) & (47 not in raw)
    at = np.where(inside, last, first)
    free = (at == names.at[:-1]) | ~_ALNUM[names.text[at - 1]]
    starts = np.append(places, -1)[np.searchsorted(places, names.label)] == names.label
    whole = inside & (names.stop - names.label == len(raw))
    score = np.where(whole, 100.0, np.where(inside & starts, 80.0, np.where(free, 60.0, 40.0)))
    return Match(names, word, holds, score - names.short)


_ALNUM = np.array([chr(i).isalnum() if i < 128 else True for i in range(256)])


def _in_order(names: Names, word: bytes) -> tuple[np.ndarray, np.ndarray]:
    """(flag per line, pieces that the letters of a word make there). Each line keeps a cursor; a letter moves it behind its next place."""
    count = len(names.at) - 1
    lines, cursor = np.arange(count), names.at[:-1].copy()
    pieces = np.zeros(count, np.int64)
    for k, letter in enumerate(word):
        places = np.append(np.flatnonzero(names.text == letter), len(names.text) + 1)
        found = places[np.searchsorted(places, cursor)]
        pieces[lines] += (found != cursor) | (k == 0)
        inside = found < names.at[lines + 1]
        lines, cursor = lines[inside], found[inside] + 1
    holds = np.zeros(count, bool)
    holds[lines] = True
    return holds, pieces


def _best(items: np.ndarray, scores: np.ndarray, most: int) -> list[tuple[int, float]]:
    """The items of the highest scores, of equal ones the first."""
    if most < len(items):
        keep = scores >= np.partition(scores, len(items) - most)[len(items) - most]
        items, scores = items[keep], scores[keep]
    order = np.lexsort((items, -scores))[:most]
    return list(zip(items[order].tolist(), scores[order].tolist(), strict=True))


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
