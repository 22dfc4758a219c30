"""Graphs in files, binary and text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from graphflow.formats import proto
from graphflow.formats.durable import atomic_file
from graphflow.formats.errors import FormatError
from graphflow.formats.local_path import local_path
from graphflow.formats.proto import from_text, parse, to_bytes, to_text

from ..core.errors import of_file_error
from ..core.export import export
from ..core.graph import Graph
from .import_graph import own_message


@export("train.write_graph", "io.write_graph")
def write_graph(graph_or_graph_def: Any, logdir: Any, name: str, as_text: bool = True) -> str:
    """Writes a Graph, GraphDef or any other message to the file `name` in the folder `logdir`, which is made if need be. Returns the path.

    as_text: the text form, else binary; the name does not matter. The file appears whole or not at all.
    """
    if isinstance(graph_or_graph_def, Graph):
        message = graph_or_graph_def.as_graph_def()
    else:
        message = _any_message(graph_or_graph_def)
    path = os.path.join(os.fspath(logdir), name)
    write_message(message, path, as_text)
    return path


def _any_message(message: Any) -> Any:
    """A message as graphflow's class of that name. TypeError for what is none."""
    kind = getattr(getattr(message, "DESCRIPTOR", None), "name", "GraphDef")
    return own_message(message, kind if kind in proto.message_names() else "GraphDef")


def write_message(message: Any, path: Any, as_text: bool) -> None:
    """Writes a message under a temporary name, then renames it."""
    data = to_text(message).encode("utf-8") if as_text else to_bytes(message)
    target = Path(local_path(path))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(str(target)) as file:
            file.write(data)
    except OSError as error:
        raise of_file_error(error) from error


def read_message(path: Any, message_class: Any) -> Any:
    """The message of a class in a file: binary, else text. Errors are those of tf.errors and name the file."""
    source = local_path(path)
    try:
        data = Path(source).read_bytes()
        if _is_text(source, data):
            return from_text(data, message_class, source)
        return parse(data, message_class, source)
    except (OSError, FormatError) as error:
        raise of_file_error(error) from error


def _is_text(source: str, data: bytes) -> bool:
    """By the name; where that says nothing, text is what is no binary message but printable."""
    if source.endswith((".pbtxt", ".txt")):
        return True
    return not source.endswith(".pb") and bool(data) and all(b >= 32 or b in b"\t\r\n" for b in data[:64])


def read_graph_def(path: Any) -> Any:
    """The GraphDef in a file, binary or text (by its name, else by what it looks like). tf.errors.DataLossError for damage."""
    return read_message(path, proto.GraphDef)


