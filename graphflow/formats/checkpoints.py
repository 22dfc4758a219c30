"""Checkpoints of either version by their prefix: which files one has, whether it is there, and a reader for it."""
from __future__ import annotations

import glob
import os
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from .bundle import BundleReader, BundleWriter, TensorNotFoundError, all_files, index_name
from .bundle import files as bundle_files
from .checkpoint_v1 import V1Reader, v1_files
from .slices import Slice
from .sstable.framing import MAGIC

__all__ = ["BundleReader", "BundleWriter", "CheckpointReader", "TensorNotFoundError", "checkpoint_files",
           "exists", "has_table_magic", "is_v1", "open_checkpoint"]


class CheckpointReader(Protocol):
    """What the readers of both versions offer."""

    prefix: str
    version: int

    def names(self) -> list[str]: ...
    def shape(self, name: str) -> tuple[int, ...]: ...
    def type_number(self, name: str) -> int: ...
    def read(self, name: str, part: Slice | None = None) -> np.ndarray: ...
    def mapped(self, name: str, verify: bool = True) -> np.ndarray: ...
    def problems(self) -> Iterator[tuple[str, Exception]]: ...
    def close(self) -> None: ...
    def __contains__(self, name: str) -> bool: ...
    def __enter__(self) -> CheckpointReader: ...
    def __exit__(self, *_: object) -> None: ...


def open_checkpoint(prefix: str) -> CheckpointReader:
    """A reader of the V2 checkpoint if `prefix.index` is there, else of the V1 file. FileNotFoundError if neither is."""
    if bundle_files.find(prefix):
        return BundleReader(prefix)
    if v1_files(prefix):
        return V1Reader(prefix)
    raise FileNotFoundError(f"Failed to find any matching files for {prefix}{hint(prefix)}")


def exists(prefix: str) -> bool:
    """Whether there is a checkpoint; `prefix` may be a pattern."""
    return bool(bundle_files.find(prefix) or glob.glob(index_name(prefix)) or v1_files(prefix))


def is_v1(prefix: str) -> bool:
    """Whether it is a V1 checkpoint that a reader would open."""
    return not bundle_files.find(prefix) and bool(v1_files(prefix))


def has_table_magic(path: str) -> bool:
    """Whether a file ends as a table does, so that it is a V1 checkpoint or an index."""
    with open(path, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - len(MAGIC)))
        return file.read() == MAGIC


def checkpoint_files(prefix: str) -> list[str]:
    """The files that hold a checkpoint's tensors."""
    return all_files(prefix) if bundle_files.find(prefix) else v1_files(prefix)


def hint(prefix: str) -> str:
    """What else is there that the caller may have meant, to go on with a message."""
    if os.path.isdir(prefix):
        return " is a folder; tf.train.latest_checkpoint names the newest checkpoint in it"
    folder = os.path.dirname(prefix) or os.curdir
    if not os.path.isdir(folder):
        return f": there is no folder {folder}"
    found = sorted(name[:-len(".index")] for name in os.listdir(folder) if name.endswith(".index"))
    shown = "this folder" if folder == os.curdir else folder
    if not found:
        return f": there is no checkpoint in {shown}"
    return f": {shown} holds {', '.join(found[-5:])}" + (f" and {len(found) - 5} more" if len(found) > 5 else "")
