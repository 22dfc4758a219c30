"""Files that appear whole or not at all: written under a temporary name, flushed to the disk, then renamed.

A rename is atomic, so a process killed at any moment leaves the old file or the new one. The flushes make that hold when the
power fails as well: first the file's bytes, then, after the rename, the directory that names it.

A temporary's name tells machine and process, so that a later save can clear away what a killed one left and leaves alone what
another process, or another thread, is writing. Several files that belong together are renamed, and opened, under the folder's lock.
"""
from __future__ import annotations

import glob
import os
import platform
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO
from zlib import crc32

try:
    import fcntl
except ImportError:  # Windows: no locks of folders there
    fcntl = None  # type: ignore[assignment]

TEMPORARY_MARK = ".tempstate"
_MACHINE, _PROCESS, _LENGTH = 8, 8, 32       # hex digits: of the machine, of machine and process, of all
_writing: set[str] = set()


def new_token() -> str:
    """Hex digits that tell the temporary files of one save from those of others; `release` them when these are gone."""
    token = f"{crc32(platform.node().encode()):08x}{os.getpid():08x}{secrets.token_hex(8)}"
    _writing.add(token)
    return token


def release(token: str) -> None:
    """Nothing is written under this token any more."""
    _writing.discard(token)


def is_abandoned(token: str) -> bool:
    """Whether the save of this token was killed: its process is gone, or it is this one, which knows nothing of it."""
    if len(token) != _LENGTH:
        return True         # of an earlier release
    if token[:_MACHINE] != f"{crc32(platform.node().encode()):08x}":
        return False        # another machine's, on a shared disk
    process = int(token[_MACHINE:_MACHINE + _PROCESS], 16)
    if process == os.getpid():
        return token not in _writing
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except OSError:         # somebody else's, but there
        return False
    return False


def clear_left_overs(path: str) -> None:
    """Remove what killed saves left of the temporaries of `path`."""
    for name in glob.glob(f"{glob.escape(path)}{TEMPORARY_MARK}*"):
        token = name.rpartition(TEMPORARY_MARK)[2]
        if token and not set(token) - set("0123456789abcdef") and is_abandoned(token):
            remove_if_there(name)


@contextmanager
def folder_lock(directory: str, shared: bool = False) -> Iterator[None]:
    """Holds others off who rename (shared: who rename) files of this folder; no lock where the system gives none."""
    descriptor = None
    try:                                 # around the wait too: Ctrl-C in it, or right after it, must not leave the lock behind
        if fcntl is not None:
            with suppress(OSError):
                descriptor = os.open(directory or os.curdir, os.O_RDONLY)
                fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def temporary_name(path: str, token: str) -> str:
    return f"{path}{TEMPORARY_MARK}{token}"


@contextmanager
def naming(path: str) -> Iterator[None]:
    """Gives errors of the system that name no file, as those of writing and flushing do, this one's name."""
    try:
        yield
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = path
        raise


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
    token = None
    if temporary is None:
        clear_left_overs(path)
        token = new_token()
        temporary = temporary_name(path, token)
    try:
        with naming(path), open(temporary, "wb") as file:
            yield file
            flush_to_disk(file)
        replace(temporary, path)
    except BaseException:
        remove_if_there(temporary)
        raise
    finally:
        release(token or "")
    flush_directory(os.path.dirname(path))
