"""Which event files there are under a folder, looked for again and again at little cost.

A folder's time of change says whether anything was added to it, so that only folders that changed are listed again. Links that lead
out of the folder are not followed (what is served stays what was named), and are told.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

SETTLED = 2.0  # seconds after which a folder's time of change is sure to move when something is added


PROJECTOR = "projector_config.pbtxt"


def is_event_file(name: str) -> bool:
    return "tfevents" in name


class Folder:
    """The event files under a root. left_out: links that lead out of it. projected: what TensorBoard's projector reads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.real = root.resolve()
        self.listed: dict[str, tuple[int, float]] = {}  # folder -> its time of change, and when it was listed
        self.waiting: list[str] = [str(root)]
        self.known: set[str] = set()
        self.reals: set[str] = set()
        self.left_out: list[str] = []
        self.denied: list[str] = []
        self.projected: list[str] = []

    def new_files(self) -> list[tuple[str, Path]]:
        """(run, file) of the event files that came since the last call; the run is the file's folder, `.` for the root."""
        found: list[tuple[str, Path]] = []
        for folder, (changed, when) in list(self.listed.items()):
            try:
                now = os.stat(folder).st_mtime_ns
            except OSError:
                del self.listed[folder]
                self.known = {path for path in self.known if os.path.dirname(path) != folder}
                self.reals.discard(os.path.realpath(folder))
                continue
            if now != changed or when - now / 1e9 < SETTLED:
                self._list(folder, found)
        while self.waiting:
            self._list(self.waiting.pop(), found)
        return sorted(found)

    def _list(self, folder: str, found: list[tuple[str, Path]]) -> None:
        try:
            self.listed[folder] = (os.stat(folder).st_mtime_ns, time.time())
            with os.scandir(folder) as entries:
                rows = [(e.path, e.name, e.is_symlink(), e.is_dir()) for e in entries]
        except OSError as error:
            self.listed.pop(folder, None)
            if isinstance(error, PermissionError) and folder not in self.denied:
                self.denied.append(folder)
            return
        for path, name, link, is_dir in rows:
            if name == PROJECTOR and path not in self.projected:
                self.projected.append(path)
            if not is_dir and (not is_event_file(name) or path in self.known):
                continue
            if link and not self._inside(path):
                if path not in self.left_out:
                    self.left_out.append(path)
                continue
            if is_dir:
                real = os.path.realpath(path) if link else path
                if path not in self.listed and real not in self.reals:
                    self.reals.add(real)
                    self.waiting.append(path)
            else:
                self.known.add(path)
                run = os.path.relpath(folder, self.root).replace(os.sep, "/")
                found.append((run, Path(path)))

    def _inside(self, path: str) -> bool:
        try:
            return Path(path).resolve().is_relative_to(self.real)
        except (OSError, RuntimeError):
            return False
