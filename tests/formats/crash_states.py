"""What a folder may hold after the power fails: a record of creations, flushes, renames and removals, and every state that they allow.

A file's bytes are sure to be there once the file is flushed, a name once its folder is; until then each may be as before, or new, whatever
was done in which order. Only the bytes of files that were flushed are ordered before the flush's return.
"""

from __future__ import annotations

import builtins
import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

State = frozenset[tuple[str, bytes]]


class Disk:
    """The files of one folder, as the program sees them and as the disk may have them."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.contents: list[bytes] = []                 # flushed bytes of each file ever there
        self.sure: dict[str, int] = {}                  # names on the disk
        self.seen: dict[str, int] = {}                  # names as the program sees them
        self.pending: list[tuple[str, str, str]] = []   # changes of names since the folder's last flush
        self.numbers: dict[tuple[str, str, str], int] = {}
        self.states: set[State] = set()
        for path in folder.iterdir():
            self.sure[path.name] = self.seen[path.name] = len(self.contents)
            self.contents.append(path.read_bytes())
        self.note()

    def name(self, path: Any) -> str | None:
        path = Path(os.fsdecode(path)).absolute()
        return path.name if path.parent == self.folder else None

    def created(self, name: str) -> None:
        self.seen[name] = len(self.contents)
        self.contents.append(b"")
        self.changed("create", name, str(self.seen[name]))

    def changed(self, kind: str, name: str, other: str) -> None:
        if kind == "rename":
            self.seen[other] = self.seen.pop(name)
        elif kind == "remove":
            self.seen.pop(name, None)
        self.pending.append((kind, name, other))
        self.note()

    def flushed(self, path: str) -> None:
        if Path(path) == self.folder:
            self.sure, self.pending = dict(self.seen), []
        else:
            name = self.name(path)
            if name in self.seen:
                self.contents[self.seen[name]] = Path(path).read_bytes()
        self.note()

    def note(self) -> None:
        """Adds every state that a crash at this moment allows: any of the pending changes done, in order."""
        for done in itertools.product((False, True), repeat=len(self.pending)):
            names = dict(self.sure)
            for kind, name, other in itertools.compress(self.pending, done):
                if kind == "create":
                    names[name] = int(other)
                elif name in names:
                    number = names.pop(name)
                    if kind == "rename":
                        names[other] = number
            self.states.add(frozenset((name, self.contents[number]) for name, number in names.items()))


@contextmanager
def recorded(folder: Path) -> Iterator[Disk]:
    """The states that a crash inside of the block may leave, in `states`."""
    disk = Disk(folder.absolute())
    real = {name: getattr(os, name) for name in ("replace", "remove", "fsync")}
    real_open = builtins.open

    def opened(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        name = disk.name(file) if isinstance(file, (str, os.PathLike)) else None
        result = real_open(file, mode, *args, **kwargs)
        if name is not None and "w" in mode:
            disk.created(name)
        return result

    def replace(source: Any, target: Any) -> None:
        real["replace"](source, target)
        one, other = disk.name(source), disk.name(target)
        if one is not None and other is not None:
            disk.changed("rename", one, other)

    def remove(path: Any) -> None:
        real["remove"](path)
        name = disk.name(path)
        if name is not None:
            disk.changed("remove", name, "")

    def fsync(descriptor: int) -> None:
        real["fsync"](descriptor)
        disk.flushed(os.readlink(f"/proc/self/fd/{descriptor}"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "open", opened)
        patch.setattr(os, "replace", replace)
        patch.setattr(os, "remove", remove)
        patch.setattr(os, "fsync", fsync)
        yield disk


def lay_out(state: State, folder: Path) -> None:
    """Writes a state to an empty folder."""
    folder.mkdir()
    for name, data in state:
        (folder / name).write_bytes(data)
