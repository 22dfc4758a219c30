"""Tails event files: each call of `read` gives the events written since the last one.

A file that ends inside a record is still being written: the rest comes with a later call. A damaged record, or a file
that vanished or shrank, is told once with file and offset, and the other files go on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graphflow.formats.errors import FormatError, TruncatedError
from graphflow.formats.record import RecordReader
from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError


@dataclass
class Event:
    """One event. kind: version, graph, meta_graph, summary, session, run_metadata, log, or empty; data: its message's bytes."""

    wall: float = 0.0
    step: int = 0
    kind: str = ""
    data: bytes = b""


_KINDS = {3: "version", 4: "graph", 5: "summary", 6: "log", 7: "session", 8: "run_metadata", 9: "meta_graph"}


def parse_event(raw: bytes) -> Event:
    """The Event in a record; ViewerError when it is none."""
    event = Event()
    for number, kind, a, b in wire.fields(raw, 0, len(raw)):
        if number == 1 and kind == wire.EIGHT:
            event.wall = wire.double(raw, a)
        elif number == 2 and kind == wire.VARINT:
            event.step = wire.signed(a)
        elif number in _KINDS and kind == wire.BYTES:
            event.kind, event.data = _KINDS[number], raw[a:b]
    return event


@dataclass
class Note:
    """Something a person should know about a file."""

    level: str
    text: str


@dataclass
class FileTail:
    """Where the reading of one event file stands."""

    path: Path
    offset: int = 0
    records: int = 0
    bad: int = 0
    stopped: bool = False
    pending: str = ""  # why the last record is not whole yet
    notes: list[Note] = field(default_factory=list)

    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def read(self, most: int = 1 << 62) -> Iterator[Event]:
        """The events added since the last call, at most `most`."""
        if self.stopped:
            return
        try:
            if not self.path.exists():
                self._stop("warning", f"{self.path.name}: the file vanished after {self.records} records; what was read stays.")
                return
            if self.size() < self.offset:
                self._stop(
                    "warning", f"{self.path.name}: the file shrank below byte {self.offset}, up to which it had been read."
                )
                return
            with RecordReader(self.path, offset=self.offset) as reader:
                reader.count = self.records
                yield from self._records(reader, most)
        except TruncatedError as error:
            self.pending = str(error)
        except FormatError as error:
            self.bad += 1
            self._stop("error", f"{error} Reading of this file ends here, after {self.records} good records.")
        except OSError as error:
            self._stop("warning", f"{self.path.name}: the file vanished or cannot be read ({error.strerror}).")

    def _records(self, reader: RecordReader, most: int) -> Iterator[Event]:
        self.pending = ""
        while most:
            at = self.offset
            raw = reader.next_record()
            if raw is None:
                return
            self.offset, self.records, most = reader.offset, self.records + 1, most - 1
            try:
                event = parse_event(raw)
            except ViewerError as error:
                self.bad += 1
                self.notes.append(Note("warning", f"{self.path.name}: the record at byte {at} holds no event: {error}."))
                continue
            yield event

    def _stop(self, level: str, text: str) -> None:
        self.stopped = True
        self.notes.append(Note(level, text))


def event_files(folder: Path) -> dict[str, list[Path]]:
    """Event files by run: the folder of each, relative to `folder` (`.` for itself). Links that lead out are not followed."""
    root = folder.resolve()
    runs: dict[str, list[Path]] = {}
    stack = [folder]
    seen: set[Path] = set()
    while stack:
        at = stack.pop()
        try:
            entries = sorted(at.iterdir())
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink() and not _inside(entry, root):
                continue
            if entry.is_dir():
                real = entry.resolve()
                if real not in seen:
                    seen.add(real)
                    stack.append(entry)
            elif "tfevents" in entry.name:
                runs.setdefault(at.relative_to(folder).as_posix(), []).append(entry)
    return runs


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):
        return False
