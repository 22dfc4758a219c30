"""Files that appear whole or not at all: written under a temporary name, flushed to the disk, then renamed.

A rename is atomic, so a process killed at any moment leaves the old file or the new one. The flushes make that hold when the
power fails as well: first the file's bytes, then, after the rename, the directory that names it.
"""
from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

TEMPORARY_MARK = ".tempstate"


def new_token() -> str:
    """Random hex digits that tell the temporary files of one save from those of others."""
    return secrets.token_hex(8)


def temporary_name(path: str, token: str) -> str:
    return f"{path}{TEMPORARY_MARK}{token}"


def flush_to_disk(file: BinaryIO) -> None:
    """Hand the file's bytes to the disk, not just to the system's cache."""
    file.flush()
    os.fsync(file.fileno())


def flush_directory(path: str) -> None:
    """Make renames inside a directory lasting. Where directories cannot be opened (Windows) the system does it itself."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        descriptor = os.open(path or os.curdir, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return  # searchable but not readable directories exist; the rename itself has worked
    try:
        with suppress(OSError):  # some network file systems refuse
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace(source: str, target: str) -> None:
    """Rename over whatever is at `target`."""
    os.replace(source, target)


def remove_if_there(path: str) -> None:
    with suppress(FileNotFoundError):
        os.remove(path)


@contextmanager
def atomic_file(path: str, temporary: str | None = None) -> Iterator[BinaryIO]:
    """A file to write, which is at `path` once the block ends well and nowhere if it does not."""
    temporary = temporary or temporary_name(path, new_token())
    try:
        with open(temporary, "wb") as file:
            yield file
            flush_to_disk(file)
        replace(temporary, path)
    except BaseException:
        remove_if_there(temporary)
        raise
    flush_directory(os.path.dirname(path))
