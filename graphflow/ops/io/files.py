"""Whole files in the graph: read, written, and found by pattern."""
from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from graphflow.core.dtypes import string
from graphflow.core.export import export
from graphflow.core.make import make
from graphflow.core.op import Op, Shape, Spec, require
from graphflow.core.operation import Operation
from graphflow.core.outcomes import Effect
from graphflow.core.run_context import Context
from graphflow.core.tensor import Tensor
from graphflow.formats.local_path import local_path, scheme_of
from graphflow.ops.io.checkpoint import file_errors
from graphflow.ops.string.base import strings


def _one(what: str, shape: Shape) -> None:
    require(not shape, f"Shape must be rank 0 but is rank {len(shape or ())} for {what}")


def _path(value: Any) -> str:
    return str(local_path(os.fsdecode(np.asarray(value, object).item())))


class ReadFile(Op, sig="filename: string -> contents: string", stateful=True):
    """All bytes of a file."""

    def infer(self, filename: Spec) -> Spec:
        _one("filename", filename.shape)
        return Spec(string, ())

    def run(self, ctx: Context, filename: Any) -> Any:
        with file_errors(ctx.operation), open(_path(filename), "rb") as file:
            return strings([file.read()], ())


class WriteFile(Effect, sig="filename: string, contents: string ->", stateful=True):
    """Writes a file, and makes the folders that it needs."""

    def infer(self, filename: Spec, contents: Spec) -> tuple[()]:
        _one("filename", filename.shape)
        _one("contents", contents.shape)
        return ()

    def run(self, ctx: Context, filename: Any, contents: Any) -> tuple[()]:
        path = _path(filename)
        with file_errors(ctx.operation):
            os.makedirs(os.path.dirname(path) or os.curdir, exist_ok=True)
            with open(path, "wb") as file:
                file.write(np.asarray(contents, object).item())
        return ()


class MatchingFiles(Op, sig="pattern: string -> filenames: string", stateful=True):
    """Paths that match any of some patterns, sorted."""

    def infer(self, pattern: Spec) -> Spec:
        require(pattern.shape is None or len(pattern.shape) <= 1, "Shape must be at most rank 1 for pattern")
        return Spec(string, (None,))

    def run(self, ctx: Context, pattern: Any) -> Any:
        patterns = [os.fsdecode(one) for one in np.asarray(pattern, object).ravel().tolist()]
        with file_errors(ctx.operation):
            return strings(sorted(os.fsencode(scheme_of(one) + path) for one in patterns for path in matches(local_path(one))))


def matches(pattern: str) -> Iterator[str]:
    """Paths below the pattern's folder; that folder may hold wildcards too. Unlike the shell's, `*` finds hidden files."""
    folder, name = os.path.split(pattern)
    folders = list(matches(folder)) if _is_pattern(folder) else [folder]
    for base in folders:
        if not _is_pattern(name):
            if os.path.exists(os.path.join(base, name)):
                yield os.path.join(base, name)
        elif os.path.isdir(base or os.curdir):
            yield from (os.path.join(base, entry) for entry in os.listdir(base or os.curdir) if fnmatch.fnmatchcase(entry, name))


def _is_pattern(text: str) -> bool:
    return any(mark in text for mark in "*?[")


@export("read_file", "io.read_file")
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The bytes of the file whose name, a string, is known when it is run. NotFoundError if there is none."""
    return make(ReadFile, filename, name=name)


@export("write_file", "io.write_file")
def write_file(filename: Any, contents: Any, name: str | None = None) -> Operation:
    """An operation that writes one string to a file; missing folders are made."""
    return make(WriteFile, filename, contents, name=name)


@export("matching_files", "io.matching_files")
def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The sorted paths that match a pattern (`*`, `?`, `[...]`), or any of a vector of patterns."""
    return make(MatchingFiles, pattern, name=name)
