"""What a file with a graph holds, told by its content and not by its name: GraphDef, MetaGraphDef or SavedModel, binary or text, or the
viewer's JSON.

The binary forms have no mark of their own; their first fields tell them apart:

    GraphDef       1 node (name, op, ...)          2 library      4 versions
    MetaGraphDef   1 meta_info_def                 2 graph_def    3 saver_def ...
    SavedModel     1 saved_model_schema_version    2 meta_graphs
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from graphflow.formats import proto
from graphflow.formats.errors import DataLossError, FormatError, InvalidFileError
from graphflow.formats.varint import decode

_TEXT = re.compile(rb"\s*(?:#[^\n]*\n\s*)*(\w+)\s*[:{<]")
_OF_TEXT = {b"node": "graph", b"versions": "graph", b"version": "graph", b"library": "graph",
            b"meta_info_def": "meta_graph", b"graph_def": "meta_graph", b"saver_def": "meta_graph", b"collection_def": "meta_graph",
            b"signature_def": "meta_graph", b"saved_model_schema_version": "saved_model", b"meta_graphs": "saved_model"}  # fmt: skip
_MESSAGES = {"graph": "GraphDef", "meta_graph": "MetaGraphDef", "saved_model": "SavedModel"}
_KINDS = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
_OTHERS = {b"\x1f\x8b": "a gzip file", b"PK\x03\x04": "a zip file", b"\x89PNG": "a picture", b"\x89HDF": "an HDF5 file",
           b"\x7fELF": "a program"}  # fmt: skip
SAVED_MODEL = ("saved_model.pb", "saved_model.pbtxt")


class GraphPart(NamedTuple):
    """A serialized GraphDef of a file. kind: graph or meta."""

    name: str
    kind: str
    data: bytes


def find_graph_file(path: str | os.PathLike[str]) -> Path | None:
    """The file with the graph that a path names: itself, the one of a SavedModel's folder, or that of a checkpoint's prefix."""
    path = Path(path)
    if path.is_dir():
        return next((path / name for name in SAVED_MODEL if (path / name).is_file()), None)
    if path.exists():
        return path
    meta = path.with_name(path.name + ".meta")
    return meta if meta.is_file() else None


def read_plain_file(path: str | os.PathLike[str]) -> bytes:
    """The bytes of a regular file; InvalidFileError, in one sentence, for anything else and for what may not be read."""
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else _KINDS.get(stat.S_IFMT(mode), "no regular file")
            raise InvalidFileError(f"{path}: it is {what}, not a file with a graph")
        data = Path(path).read_bytes()
    except OSError as error:
        raise InvalidFileError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    if not data:
        raise InvalidFileError(f"{path}: the file is empty")
    return data


def kind_of(data: bytes) -> str:
    """graph, meta_graph or saved_model, with `_text` behind it for the text form; json; or nothing."""
    if data.lstrip()[:1] == b"{":
        return "json"
    text = _TEXT.match(data[:4096])
    if text and text[1] in _OF_TEXT and b"\0" not in data[:4096]:
        return _OF_TEXT[text[1]] + "_text"
    first: dict[int, Any] = {}
    try:
        for number, value in _fields(data, 4):
            first.setdefault(number, value)
    except DataLossError:
        if not first:
            return ""
    if isinstance(first.get(1), int) and isinstance(first.get(2), bytes):
        return "saved_model"
    if isinstance(first.get(1), bytes) and _is_node(first[1]):
        return "graph"
    if isinstance(first.get(2), bytes) and kind_of(first[2][:1 << 20]) == "graph":
        return "meta_graph"
    if isinstance(first.get(4), bytes) and 1 not in first:
        return "graph"  # no node, but versions
    return ""


def graph_parts(path: str | os.PathLike[str], data: bytes | None = None) -> list[GraphPart]:
    """The graphs in a file, in any of the forms but JSON; FormatError says what is wrong with it, in one sentence."""
    data = read_plain_file(path) if data is None else data
    kind, name = kind_of(data), os.path.basename(path)
    if kind.endswith("_text") or kind == "":
        message = read_graph_message(path, data)
        if type(message).__name__ == "SavedModel":
            return [GraphPart(f"{name} {i}" if i else name, "meta", m.graph_def.SerializeToString(deterministic=True))
                    for i, m in enumerate(message.meta_graphs)]  # fmt: skip
        graph = message if type(message).__name__ == "GraphDef" else message.graph_def
        return [GraphPart(name, "graph" if graph is message else "meta", graph.SerializeToString(deterministic=True))]
    if kind == "graph":
        return [GraphPart(name, "graph", data)]
    metas = [data] if kind == "meta_graph" else [v for n, v in _fields(data) if n == 2 and isinstance(v, bytes)]
    out = []
    for i, meta in enumerate(metas):
        graphs = [v for n, v in _fields(meta) if n == 2 and isinstance(v, bytes)]
        out += [GraphPart(f"{name} {i}" if i else name, "meta", graphs[-1])] if graphs else []
    if not out:
        raise InvalidFileError(f"{path}: it holds no graph")
    return out


def load_graph(path: str | os.PathLike[str]) -> tuple[Path, Any]:
    """(file, its GraphDef, MetaGraphDef or SavedModel) for what a user names (see `find_graph_file`); FormatError when there is none."""
    found = find_graph_file(path)
    if found is None:
        what = "the folder holds no SavedModel" if os.path.isdir(path) else "no such file, and no checkpoint of that name with a .meta file"
        raise InvalidFileError(f"{os.fspath(path)}: {what}")
    return found, read_graph_message(found)


def read_graph_message(path: str | os.PathLike[str], data: bytes | None = None) -> Any:
    """The GraphDef, MetaGraphDef or SavedModel message in a file; FormatError when it is none of them."""
    data = read_plain_file(path) if data is None else data
    kind, _, text = kind_of(data).partition("_text") if kind_of(data).endswith("_text") else (kind_of(data), "", None)
    source = os.fspath(path)
    if kind in _MESSAGES:
        message = getattr(proto, _MESSAGES[kind])
        return proto.parse(data, message, source) if text is None else proto.from_text(data, message, source)
    if kind == "json":
        raise InvalidFileError(f"{source}: a graph in the viewer's JSON form, which keeps only what pictures need: draw and view read it")
    raise InvalidFileError(
        f"{source}: no graph: neither a GraphDef, a MetaGraphDef nor a SavedModel, in binary or text form, but {_guess(data)}"
    )


def _guess(data: bytes) -> str:
    """What else it may be, in words."""
    start = data[:512]
    try:
        text = start.decode("utf-8")
    except UnicodeDecodeError as error:
        text = start[: error.start].decode("utf-8") if error.start > 500 else ""
    if text and all(c.isprintable() or c in "\r\n\t" for c in text):
        return f"text that begins {text.splitlines()[0][:40]!r}" if text.strip() else "white space"
    return next((what for magic, what in _OTHERS.items() if data.startswith(magic)), f"{len(data):,} other bytes")


def _is_node(data: bytes) -> bool:
    """Whether these are the bytes of a NodeDef: a name and the name of an op."""
    try:
        fields = dict(_fields(data, 2))
    except DataLossError:
        return False
    name, op = fields.get(1), fields.get(2)
    if not (isinstance(name, bytes) and isinstance(op, bytes)):
        return False
    try:  # a MetaInfoDef has messages there, a NodeDef texts
        return op.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _fields(data: bytes, most: int = 1 << 62) -> Iterator[tuple[int, Any]]:
    """(number, value) of the first fields of a message: bytes, or a number. DataLossError where the bytes are no message."""
    try:
        yield from _walk(data, most)
    except ValueError as error:  # a number that is cut
        raise DataLossError(f"no message: {error}") from None


def _walk(data: bytes, most: int) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data) and most:
        tag, at = decode(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, at = decode(data, at)
            yield number, value
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            yield number, None
            at += size
        elif wire == 2:
            size, at = decode(data, at)
            if number == 0 or size > len(data) - at:
                raise DataLossError(f"a field claims {size} bytes at byte {at}, but {len(data) - at} are left")
            yield number, data[at : at + size]
            at += size
        else:
            raise DataLossError(f"no message: wire type {wire} at byte {at}")
        most -= 1


__all__ = ["FormatError", "GraphPart", "find_graph_file", "graph_parts", "kind_of", "load_graph", "read_graph_message",
            "read_plain_file"]
