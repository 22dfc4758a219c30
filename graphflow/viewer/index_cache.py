"""Trees of large graphs, kept between sessions: arrays in one file under the user's cache folder, named by content.

Written to a temporary name and renamed, so a reader never sees half a file; a file that does not fit is ignored and
made anew. `GRAPHFLOW_CACHE` names another folder; an empty value switches the cache off.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from graphflow.viewer.graph_tree import GraphTree, build, stamp_of

VERSION = 4
SMALLEST = 20_000  # bytes of a graph file times 100: below this, making the tree is quicker than a file
MAGIC = b"graphflow tree\n"
KEPT_BYTES = 1 << 30


def folder() -> Path | None:
    """Where the files are kept, or None when the cache is off."""
    chosen = os.environ.get("GRAPHFLOW_CACHE")
    if chosen is not None:
        return Path(chosen) / "viewer" if chosen else None
    base = os.environ.get("LOCALAPPDATA") if os.name == "nt" else os.environ.get("XDG_CACHE_HOME")
    return Path(base or Path.home() / ".cache") / "graphflow" / "viewer"


def cached_tree(buf: bytes) -> GraphTree:
    """The tree of a serialized GraphDef, from the cache when it is there."""
    place = folder() if len(buf) > 100 * SMALLEST else None
    if place is None:
        return build(buf)
    stamp = stamp_of(buf)
    path = place / f"{stamp}-{VERSION}.tree"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        return load(path, stamp)
    tree = build(buf, stamp)
    with contextlib.suppress(OSError):
        save(tree, path)
        _trim(place)
    return tree


def save(tree: GraphTree, path: Path) -> None:
    """Writes a tree: a JSON line that says what follows, then the arrays, each at a multiple of 64 bytes."""
    arrays, plain, at = {}, {}, 0
    for f in fields(tree):
        value = getattr(tree, f.name)
        if isinstance(value, np.ndarray):
            arrays[f.name] = [value.dtype.str, len(value), at]
            at += -(-value.nbytes // 64) * 64
        elif f.name != "extra":
            plain[f.name] = value
    head = MAGIC + json.dumps({"arrays": arrays, "plain": plain, "bytes": at}).encode() + b"\n"
    head += b" " * (-len(head) % 64)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(head)
        for name in arrays:
            raw = np.ascontiguousarray(getattr(tree, name))
            file.write(raw.tobytes())
            file.write(bytes(-raw.nbytes % 64))
    os.replace(file.name, path)


def load(path: Path, stamp: str) -> GraphTree:
    """The tree in a file, its arrays mapped into memory; ValueError when the file is not one."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise ValueError("not a tree file")
        head = json.loads(file.readline())
        start = -(-file.tell() // 64) * 64
        if os.fstat(file.fileno()).st_size != start + head["bytes"] or head["plain"]["stamp"] != stamp:
            raise ValueError("the tree file is cut")
    raw = np.memmap(path, np.uint8, "r")
    values: dict[str, Any] = {}
    for name, (dtype, count, at) in head["arrays"].items():
        kind = np.dtype(dtype)
        values[name] = np.ndarray(count, kind, raw[start + at : start + at + count * kind.itemsize])
    os.utime(path)
    return GraphTree(**values, **head["plain"])


def _trim(place: Path) -> None:
    """Removes the files used longest ago when all together are too large."""
    files = sorted(place.glob("*.tree"), key=lambda p: p.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > KEPT_BYTES:
            path.unlink(missing_ok=True)
