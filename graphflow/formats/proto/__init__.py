"""Protocol messages of graphs, checkpoints, events and options: `from graphflow.formats.proto import GraphDef, DT_FLOAT`.

The `.proto` texts in this folder say which fields each message has; `tools/compile_protos.py` compiles them to `messages.desc`,
which is loaded into a private descriptor pool on first use. Private, because the message names are TensorFlow's: in the default
pool they would clash with TensorFlow or TensorBoard in one process. No generated code, so any protobuf >= 4 serves.

Attributes, found on first touch: every message class (`GraphDef`), every top-level enum (`DataType`, with `Name` and `Value`)
and the values of top-level enums (`DT_FLOAT`). Nested ones hang on their message: `SaverDef.V2`, `Summary.Value`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any as _Any  # `Any` is a message here

from graphflow.formats.proto.text import from_text, to_text
from graphflow.formats.proto.wire import parse, to_bytes

__all__ = ["from_text", "message_names", "parse", "to_bytes", "to_text"]


def _pool() -> _Any:
    """The module that needs protobuf. Not `from ... import pool`: that would ask `__getattr__` below first."""
    return import_module("graphflow.formats.proto.pool")


def message_names() -> list[str]:
    """Names of all top-level messages."""
    return _pool().message_names()


def __getattr__(name: str) -> _Any:
    value = None if name.startswith("_") or name == "pool" else _pool().find(name)
    if value is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}: no message, enum or enum value has that name")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_pool().all_names()])
