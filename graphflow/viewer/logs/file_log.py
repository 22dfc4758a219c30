"""One event file: where its reading stands, and what it holds as tables of columns."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from graphflow.formats import proto
from graphflow.formats.errors import DataLossError
from graphflow.viewer.logs import event_values, frames, repeated
from graphflow.viewer.logs.columns import Table, joined
from graphflow.viewer.notes import Note

MOST_NOTES = 20  # of one file; what comes after is counted
MOST_TABLES = 300  # sets of tags that come together, before each tag gets a table of its own
MOST_PATTERNS = 64
SLICE = 1 << 20
_START = 1  # SessionLog.START

Key = tuple[str, str]  # kind, tag


@dataclass
class Column:
    """A tag's column in a table. place: the number of the value in its summary."""

    table: Table
    column: int
    place: int


@dataclass
class GraphRecord:
    """A graph and where it is. kind: graph_def, meta_graph_def, keras_model, trace_graph; mark: what tells it from others (hash or tag)."""

    kind: str
    offset: int
    place: int
    mark: str
    step: int
    wall: float


@dataclass
class FileLog:
    """The reading of one file. tags: what a run says about its tags, shared by its files. restarted(step): a session was started."""

    path: Path
    tags: event_values.TagNotes
    restarted: Callable[[int], None]
    offset: int = 0
    records: int = 0
    bad: int = 0
    size: int = 0
    changed: float = 0.0  # when it was last written to, as the file system says
    tried: int = -1  # the size at which there was no whole record left
    identity: tuple[int, int] = (0, 0)
    first: bytes = b""
    stopped: bool = False
    gone: bool = False
    renewed: bool = False  # another file stands under the name, which the run has not been told of
    order: int = 0
    starts: int = 0
    wall: tuple[float, float] = (0.0, 0.0)  # of the first and of the newest event
    notes: list[Note] = field(default_factory=list)
    graphs: list[GraphRecord] = field(default_factory=list)
    profiles: dict[str, tuple[int, int]] = field(default_factory=dict)  # step and place in the file by tag
    tables: dict[Any, Table] = field(default_factory=dict)
    columns: dict[Key, list[Column]] = field(default_factory=dict)
    patterns: dict[int, tuple[repeated.Pattern, Table]] = field(default_factory=dict)

    # where the reading stands

    def look(self) -> bool:
        """Whether there is more to read, by the file's size alone. Notices a file that vanished, shrank or was replaced."""
        try:
            found = os.stat(self.path)
        except OSError as error:
            if not self.gone:
                self.gone = True
                self._note("warning", f"the file vanished after {self.records} records ({error.strerror}); what was read stays.")
            return False
        self.changed = found.st_mtime
        identity = (found.st_dev, found.st_ino)
        if self.gone or (self.identity != (0, 0) and identity != self.identity) or found.st_size < self.offset:
            return self._replaced(identity, found.st_size)
        self.identity, self.size = identity, found.st_size
        return self.more

    @property
    def more(self) -> bool:
        """Whether there is something to read, as far as is known."""
        return not (self.stopped or self.gone) and self.size > self.offset and self.size != self.tried

    def _replaced(self, identity: tuple[int, int], size: int) -> bool:
        """Another file stands under the name: it is read from its start, and what the old one held goes once there is a record."""
        if size < frames.AROUND:
            if not any("shrank" in note.text for note in self.notes):
                self._note("warning", f"the file shrank below byte {self.offset}, up to which it had been read; what was read stays.")
            return False
        self.forget()
        self.identity, self.size, self.renewed = identity, size, True
        self._note("info", "the file was replaced; what the old one held is gone from here.")
        return True

    def forget(self) -> None:
        """Drops all that was read."""
        self.offset = self.records = self.bad = 0
        self.stopped, self.gone, self.tried, self.starts = False, False, -1, 0
        self.first, self.wall, self.notes, self.graphs, self.profiles = b"", (0.0, 0.0), [], [], {}
        self.tables, self.columns, self.patterns = {}, {}, {}

    def read(self, most: int = SLICE) -> set[str]:
        """Takes in about `most` bytes; the kinds of data that came."""
        changed: set[str] = set()
        try:
            if self.offset and frames.head_of(self.path, len(self.first)) != self.first:
                self._replaced(self.identity, self.size)  # written anew in place
                changed.update(("runs", "scalars"))
            data = frames.slice_of(self.path, self.offset, most, self.size)
        except OSError:
            self.look()
            return {"notes"}
        if self.offset == 0:
            self.first = data[:64]
        base, told = self.offset, len(self.notes)
        try:
            self._take(data, base, changed)
        except frames.BrokenLength as error:
            self.bad += 1
            self.stopped = True
            self._note("error", f"corrupted record at byte {self.offset}: {error}. Reading of this file ends here, after "
                                f"{self.records} good records.")  # fmt: skip
        if self.offset == base and not self.stopped:
            self.tried = self.size  # the rest is part of a record that is still being written
        if len(self.notes) > told:
            changed.add("notes")
        return changed

    def unfinished(self) -> str:
        """What is the matter with the end of the file, or nothing."""
        try:
            left = self.path.stat().st_size - self.offset
        except OSError:
            return ""
        if self.stopped or left <= 0:
            return ""
        return f"{self.path.name}: ends inside a record at byte {self.offset} ({left} bytes of it are there): still being written, or cut."

    def _take(self, data: bytes, base: int, changed: set[str]) -> None:
        def bad(start: int, end: int, why: str) -> None:
            self.bad += 1
            self._note("warning", f"corrupted record at byte {base + start}: record {self.records + self.bad - 1}: {why}; it is left out.")
            self.offset = base + end

        while True:  # once more after every row of alike records
            for start, begin, end in frames.frames(data, bad, self.offset - base):
                known = self.patterns.get(end - begin)
                run = repeated.alike(data, start, known[0]) if known else None
                if known and run:
                    self._rows(*run, *known)
                    changed.add("scalars")
                    self.offset = base + start + run[0] * (end - begin + frames.AROUND)
                    break
                self._event(data[begin:end], base + start, changed)
                self.offset = base + end + 4
            else:
                return

    def _note(self, level: str, text: str) -> None:
        if len(self.notes) < MOST_NOTES:
            self.notes.append(Note(level, f"{self.path.name}: {text}"))
        elif len(self.notes) == MOST_NOTES:
            self.notes.append(Note(level, f"{self.path.name}: there is more like this; `graphflow inspect` tells all of it."))

    # events

    def _rows(self, count: int, rows: Any, pattern: repeated.Pattern, table: Table) -> None:
        walls = pattern.walls(rows)
        table.extend(pattern.steps(rows), walls, np.arange(self.order, self.order + count), pattern.values(rows))
        self.order += count
        self.records += count
        self._clock(float(walls[0]))
        self._clock(float(walls[-1]))

    def _clock(self, wall: float) -> None:
        if np.isfinite(wall):
            self.wall = (self.wall[0] or wall, max(self.wall[1], wall))

    def _event(self, raw: bytes, offset: int, changed: set[str]) -> None:
        try:
            event = proto.parse(raw, proto.Event, self.path.name)
        except DataLossError as error:
            self.bad += 1
            self._note("warning", f"the record at byte {offset} holds no event: {error}")
            return
        self.records += 1
        self.order += 1
        self._clock(event.wall_time)
        what = event.WhichOneof("what")
        if what != "summary":
            changed.add(self._other(what, event, offset))
            return
        told = lambda text: self._note("warning", f"record {self.records - 1} at byte {offset}: {text}")  # noqa: E731
        tags, numbers, single, others, places = event_values.split(event.summary.value, self.tags, told)
        if tags:
            changed.add("scalars")
            table = self._scalars(tags, numbers, single, event)
            if table is not None and single and not others and len(raw) not in self.patterns and len(self.patterns) < MOST_PATTERNS:
                pattern = repeated.pattern_of(raw, numbers, event.step)
                if pattern is not None:
                    self.patterns[len(raw)] = (pattern, table)
        if others:
            changed.update(kind for kind, _ in others)
            self._references(others, places, event, offset)
            for (kind, tag), place in zip(others, places, strict=True):
                if kind in ("keras_model", "trace_graph"):
                    self.graphs.append(GraphRecord(kind, offset, place, tag, event.step, _time(event)))
                    changed.add("graphs")

    def _other(self, what: str | None, event: Any, offset: int) -> str:
        """Takes in an event that is no summary; the kind of data it is."""
        if what in ("graph_def", "meta_graph_def"):
            raw = getattr(event, what)
            if raw:
                mark = hashlib.blake2b(raw, digest_size=8).hexdigest()
                self.graphs.append(GraphRecord(what, offset, 0, mark, event.step, _time(event)))
            return "graphs"
        if what == "tagged_run_metadata":
            self.profiles[event.tagged_run_metadata.tag] = (event.step, offset)
            return "profiles"
        if what == "session_log" and event.session_log.status == _START:
            self.starts += 1
            self.restarted(event.step)
        return "runs"

    def _scalars(self, tags: list[str], numbers: list[float], single: bool, event: Any) -> Table | None:
        kind = np.float32 if single else np.float64
        key = (kind, *tags)
        table = self.tables.get(key)
        if table is None and len(self.tables) > MOST_TABLES and len(tags) > 1:
            for tag, number in zip(tags, numbers, strict=True):  # tags that come together anew each time
                self._scalars([tag], [number], single, event)
            return None
        if table is None:
            table = self._table(key, len(tags), kind, [("scalars", tag) for tag in tags])
        table.add(event.step, event.wall_time, self.order - 1, numbers)
        return table

    def _table(self, key: Any, columns: int, dtype: Any, keys: list[Key], places: list[int] | None = None) -> Table:
        table = self.tables[key] = Table(columns, dtype)
        for i, name in enumerate(keys):
            self.columns.setdefault(name, []).append(Column(table, i if columns > 1 else 0, places[i] if places else i))
        return table

    def _references(self, others: list[Key], places: list[int], event: Any, offset: int) -> None:
        """Rows that say where a value is; one column, the record's place in the file, serves all tags of the event."""
        key = (tuple(others), tuple(places))
        table = self.tables.get(key)
        if table is None and len(self.tables) > MOST_TABLES and len(others) > 1:
            for one, place in zip(others, places, strict=True):
                self._references([one], [place], event, offset)
            return
        if table is None:
            table = self._table(key, 1, np.int64, others, places)
        table.add(event.step, event.wall_time, self.order - 1, offset)

    # what it holds

    def pieces(self, key: Key) -> Iterator[tuple[Any, Any, Any, Any]]:
        """(step, wall, order, values) of a tag, piece by piece; of what is no scalar the value is place << 48 | offset of the record."""
        for found in self.columns.get(key, ()):
            for step, wall, order, values in found.table.pieces(found.column):
                yield step, wall, order, values if key[0] == "scalars" else values | (found.place << 48)

    def series(self, key: Key) -> tuple[Any, Any, Any, Any]:
        return joined(list(self.pieces(key)))

    def cut(self, step: int) -> None:
        """Drops what was written at `step` and after it."""
        for table in self.tables.values():
            table.cut(step)


def _time(event: Any) -> float:
    """When an event was written, 0 where that is no time: it orders graphs, and goes into JSON."""
    return float(event.wall_time) if np.isfinite(event.wall_time) else 0.0
