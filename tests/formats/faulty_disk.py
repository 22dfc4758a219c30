"""A disk, and a memory, whose nth use of one kind fails: opening, writing, reading, flushing, renaming, removing, mapping, allocating."""

from __future__ import annotations

import builtins
import errno
import io
import mmap
import os
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

KINDS = {"open": errno.EMFILE, "write": errno.ENOSPC, "read": errno.EIO, "fsync": errno.EIO, "rename": errno.EACCES, "remove": errno.EPERM,
         "mmap": errno.ENOMEM, "allocate": errno.ENOMEM}  # fmt: skip


class Faults:
    """Counts the calls of a kind; the one whose turn it is fails. `happened` tells whether there was one."""

    def __init__(self, kind: str, at: int):
        self.kind, self.left, self.happened = kind, at, False

    def due(self, kind: str, name: Any = None) -> None:
        if kind != self.kind:
            return
        self.left -= 1
        if self.left == 0:
            self.happened = True
            if kind == "allocate":
                raise MemoryError("Unable to allocate 1.00 MiB")
            code = KINDS[kind]
            raise OSError(code, os.strerror(code)) if name is None else OSError(code, os.strerror(code), name)


class _FaultyFile(io.FileIO):
    """A file that counts its reads and writes."""

    faults: Faults

    def write(self, data: Any) -> int:
        self.faults.due("write")
        return super().write(data)

    def readinto(self, target: Any) -> int | None:
        self.faults.due("read")
        return super().readinto(target)

    def readall(self) -> bytes:
        self.faults.due("read")
        return super().readall()

    def read(self, size: int | None = -1) -> bytes:
        self.faults.due("read")
        return super().read(-1 if size is None else size)


def _opener(faults: Faults) -> Callable[..., Any]:
    """`open` over files that may fail."""
    real = builtins.open

    def opened(file: Any, mode: str = "r", buffering: int = -1, encoding: Any = None, errors: Any = None, newline: Any = None,
               closefd: bool = True, opener: Any = None) -> Any:
        faults.due("open", file)
        if not isinstance(file, (str, bytes, os.PathLike)) or opener is not None:
            return real(file, mode, buffering, encoding, errors, newline, closefd, opener)
        raw = type("FaultyFile", (_FaultyFile,), {"faults": faults})(file, mode.replace("b", "").replace("t", ""))
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        buffered: Any = io.BufferedRandom(raw, size) if "+" in mode else io.BufferedReader(raw, size) if raw.readable() \
            else io.BufferedWriter(raw, size)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)
    return opened


def _counted(faults: Faults, kind: str, real: Callable[..., Any], named: bool) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        faults.due(kind, args[0] if named else None)
        return real(*args, **kwargs)
    return call


@contextmanager
def failing(kind: str, at: int) -> Any:
    """The `at`th use of a kind fails inside of the block."""
    faults = Faults(kind, at)
    with pytest.MonkeyPatch.context() as patch:
        opened = _opener(faults)
        patch.setattr(builtins, "open", opened)
        patch.setattr(io, "open", opened)
        for name, counted, named in (("open", "open", True), ("write", "write", False), ("preadv", "read", False),
                                     ("fsync", "fsync", False), ("fdatasync", "fsync", False), ("replace", "rename", True),
                                     ("rename", "rename", True), ("remove", "remove", True), ("unlink", "remove", True)):
            if hasattr(os, name):
                patch.setattr(os, name, _counted(faults, counted, getattr(os, name), named))
        for name in ("empty", "zeros", "empty_like"):
            patch.setattr(np, name, _counted(faults, "allocate", getattr(np, name), False))
        patch.setattr(np, "memmap", _counted(faults, "mmap", np.memmap, False))
        patch.setattr(mmap, "mmap", _counted(faults, "mmap", mmap.mmap, False))
        yield faults
