"""Compiled code in the user's cache folder, so that a second process need not compile again.

A file's name is a digest of what it was compiled from: the program's text, versions and the processor's features. It begins with a digest
of the rest: an entry that was cut short or changed is not used, and is written anew. The folder is readable by its owner only, and one that
belongs to somebody else, or that others may write to, is left alone. Entries appear under their name at once when they are whole, so
that processes do not disturb each other. GRAPHFLOW_CACHE names another folder; empty, nothing is kept.
"""
from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

FORMAT = b"graphflow native 1\n"
_LARGEST = 256 << 20         # bytes in the folder; the oldest entries go, when a process writes its first entry and every 200
_kept: list[Path] = []       # one for every entry of this process


def folder() -> Path | None:
    """Where entries lie; None where nothing may be kept. Made when missing."""
    asked = os.environ.get("GRAPHFLOW_CACHE")
    if asked == "":
        return None
    try:
        home = Path(asked) if asked else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "graphflow"
        place = home / "native"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = place.lstat()
    except (OSError, RuntimeError):
        return None
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and (found.st_uid != os.getuid() or found.st_mode & 0o022)):
        return None
    return place


def _path(place: Path, key: str) -> Path:
    return place / hashlib.sha256(FORMAT + key.encode()).hexdigest()


def find(key: str) -> bytes | None:
    """The entry of a key, None where there is no whole one."""
    place = folder()
    if place is None:
        return None
    try:
        content = _path(place, key).read_bytes()
    except OSError:
        return None
    size = len(FORMAT) + 32
    body = content[size:]
    return body if content[:len(FORMAT)] == FORMAT and content[len(FORMAT):size] == hashlib.sha256(body).digest() else None


def keep(key: str, body: bytes) -> None:
    """Writes an entry; nothing where the folder cannot be written."""
    place = folder()
    if place is None:
        return
    with contextlib.suppress(OSError):
        handle, name = tempfile.mkstemp(dir=place, prefix="new-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(FORMAT + hashlib.sha256(body).digest() + body)
            os.replace(name, _path(place, key))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        _kept.append(place)
        if len(_kept) % 200 == 1:
            _trim(place)


def _trim(place: Path) -> None:
    """Drops the oldest entries where the folder has grown too large."""
    entries = sorted((each.stat().st_mtime, each.stat().st_size, each) for each in place.iterdir())
    total = sum(size for _, size, _ in entries)
    for _, size, path in entries:
        if total <= _LARGEST:
            break
        path.unlink(missing_ok=True)
        total -= size
