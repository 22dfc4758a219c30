"""The runs of a log folder (or of one file): graphs, series by tag, profiles, and what was odd about the files."""

from __future__ import annotations

import functools
import hashlib
import threading
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphflow.viewer import wire
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.load import HOW, NamedGraph, graph_file, program_graph
from graphflow.viewer.log_reader import Event, FileTail, Note, event_files
from graphflow.viewer.summaries import Value, values

KEPT = {"histograms": 1000, "images": 100, "audio": 50, "text": 500, "tensors": 100}  # entries of a tag in memory
PLURAL = ("scalars", "histograms", "images", "audio", "text", "tensors")


@dataclass
class Graph:
    """One graph of a run; its tree is made when first asked for."""

    id: str
    named: Callable[[], NamedGraph]
    name: str
    kind: str
    step: int = 0
    wall: float = 0.0
    ops: int | None = None


@dataclass
class Scalars:
    """All points of one tag, exactly."""

    step: array = field(default_factory=lambda: array("q"))
    wall: array = field(default_factory=lambda: array("d"))
    value: array = field(default_factory=lambda: array("d"))

    def add(self, step: int, wall: float, value: float) -> None:
        self.step.append(step)
        self.wall.append(wall)
        self.value.append(value)

    def cut(self, step: int) -> None:
        """Drops the points at `step` and after it (a run that was restarted from there)."""
        keep = [i for i, s in enumerate(self.step) if s < step]
        for name in ("step", "wall", "value"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, [column[i] for i in keep]))

    def sample(self, most: int) -> list[int]:
        """Indices of at most about `most` points: every 2^k-th, so that a growing series keeps its points, and the last."""
        n, stride = len(self.step), 1
        while n // stride > most:
            stride *= 2
        return sorted({*range(0, n, stride), n - 1} if n else set())


@dataclass
class Run:
    """What one folder's event files hold."""

    id: str
    name: str
    tails: list[FileTail] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)
    scalars: dict[str, Scalars] = field(default_factory=dict)
    series: dict[str, dict[str, list[tuple[int, float, Any]]]] = field(default_factory=lambda: {kind: {} for kind in KEPT})
    totals: dict[tuple[str, str], int] = field(default_factory=dict)
    profiles: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    plugins: dict[str, str] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    events: int = 0
    starts: int = 0
    first: float = 0.0
    last: float = 0.0

    def newest_first(self) -> list[Graph]:
        return sorted(self.graphs, key=lambda g: (g.kind != "meta", g.wall, g.id), reverse=True)

    def add(self, event: Event) -> str:
        """Takes in one event; the kind of thing that changed."""
        self.events += 1
        self.first = self.first or event.wall
        self.last = max(self.last, event.wall)
        if event.kind in ("graph", "meta_graph"):
            return self._graph(event)
        if event.kind == "summary":
            for value in values(event.data, self.plugins):
                self._value(event, value)
            return "scalars"
        if event.kind == "run_metadata":
            found = {n: (a, b) for n, w, a, b in wire.fields(event.data, 0, len(event.data)) if w == wire.BYTES}
            tag = wire.text(event.data, *found.get(1, (0, 0)))
            a, b = found.get(2, (0, 0))
            self.profiles[tag] = (event.step, event.data[a:b])
            return "profiles"
        if event.kind == "session":
            status = next((a for n, w, a, _ in wire.fields(event.data, 0, len(event.data)) if n == 1 and w == wire.VARINT), 0)
            if status == 1:
                self._restart(event.step)
        return "runs"

    def _graph(self, event: Event) -> str:
        buf = event.data
        if event.kind == "meta_graph":
            inner = [buf[a:b] for n, w, a, b in wire.fields(buf, 0, len(buf)) if n == 2 and w == wire.BYTES]
            buf = inner[-1] if inner else b""
        mark = hashlib.blake2b(buf, digest_size=8).digest()
        if buf and mark not in self.seen:
            self.seen.add(mark)
            kind = "meta" if event.kind == "meta_graph" else "graph"
            same = sum(g.kind == kind for g in self.graphs)
            name = ("meta graph" if kind == "meta" else "graph") + (f" {same + 1}" if same else "")
            item = NamedGraph(name, buf, kind, event.step, event.wall)
            self.graphs.append(Graph(f"{self.id}.{len(self.graphs)}", lambda: item, name, kind, event.step, event.wall))
        return "graphs"

    def _value(self, event: Event, value: Value) -> None:
        if value.title or value.description:
            self.titles[value.tag] = (value.title, value.description)
        if value.kind == "scalars":
            self.scalars.setdefault(value.tag, Scalars()).add(event.step, event.wall, value.value)
            return
        if value.value is None:
            return
        rows = self.series[value.kind].setdefault(value.tag, [])
        rows.append((event.step, event.wall, value.value))
        key = (value.kind, value.tag)
        self.totals[key] = self.totals.get(key, 0) + 1
        if len(rows) > KEPT[value.kind]:
            del rows[1:-1:2]  # thin out: every second one, never the first or the last

    def _restart(self, step: int) -> None:
        self.starts += 1
        if self.starts > 1:
            for scalars in self.scalars.values():
                scalars.cut(step)
            for tags in self.series.values():
                for tag, rows in tags.items():
                    tags[tag] = [row for row in rows if row[0] < step]

    def tags(self) -> dict[str, list[str]]:
        out = {"scalars": sorted(self.scalars)} | {kind: sorted(tags) for kind, tags in self.series.items()}
        return out | {"profiles": list(self.profiles)}


class RunStore:
    """Everything under one PATH, kept up to date by `refresh`; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.runs: dict[str, Run] = {}
        self.tails: dict[Path, FileTail] = {}
        self.notes: list[Note] = []
        self.stamp = 0
        self.lock = threading.RLock()
        self.done = self.size = 0
        self.single = path.is_file() and "tfevents" not in path.name
        if self.single:
            self._open_single()

    @classmethod
    def of_graphs(cls, title: str, graphs: list[NamedGraph]) -> RunStore:
        """A store of graphs that are in memory."""
        return cls.of_runs(title, [(title, graphs)])

    @classmethod
    def of_runs(cls, title: str, runs: list[tuple[str, list[NamedGraph]]]) -> RunStore:
        """A store of several runs' graphs that are in memory."""
        store = cls(Path(title))
        store.single = True
        for name, graphs in runs:
            store._hold(name, graphs)
        return store

    def _open_single(self) -> None:
        self._hold(self.path.name, program_graph(self.path) if self.path.suffix == ".py" else graph_file(self.path))

    def _hold(self, title: str, graphs: list[NamedGraph]) -> None:
        run = self._run(title)
        for item in graphs:
            run.graphs.append(Graph(f"{run.id}.{len(run.graphs)}", functools.partial(_same, item), item.name, item.kind))

    def _run(self, name: str) -> Run:
        ident = "r" + hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        if ident not in self.runs:
            self.runs[ident] = Run(ident, name)
        return self.runs[ident]

    def refresh(self, progress: Callable[[int, int], None] | None = None) -> dict[str, set[str]]:
        """Reads what was added; what changed, by run."""
        changed: dict[str, set[str]] = {}
        if self.single:
            return changed
        files = {self.path.parent.name or ".": [self.path]} if self.path.is_file() else event_files(self.path)
        with self.lock:
            for name, paths in files.items():
                for path in sorted(paths):
                    if path not in self.tails:
                        tail = self.tails[path] = FileTail(path)
                        run = self._run(name)
                        run.tails.append(tail)
                        changed.setdefault(run.id, set()).add("runs")
            self.size = sum(tail.size() for tail in self.tails.values())
        for run in list(self.runs.values()):
            for tail in run.tails:
                self._read(run, tail, changed, progress)
        if changed:
            self.stamp += 1
        return changed

    def _read(self, run: Run, tail: FileTail, changed: dict[str, set[str]], progress: Callable[[int, int], None] | None) -> None:
        told = len(tail.notes)
        for count, event in enumerate(tail.read(), 1):
            with self.lock:
                try:
                    changed.setdefault(run.id, set()).add(run.add(event))
                except ViewerError as error:
                    tail.bad += 1
                    tail.notes.append(Note("warning", f"{tail.path.name}: record {tail.records - 1} cannot be used: {error}."))
            if progress and count % 2000 == 0:
                progress(sum(t.offset for t in self.tails.values()), self.size)
        self.done = sum(t.offset for t in self.tails.values())
        if len(tail.notes) > told:
            changed.setdefault(run.id, set()).add("notes")

    def all_notes(self) -> list[Note]:
        return self.notes + [note for tail in self.tails.values() for note in tail.notes]

    def graph(self, ident: str) -> Graph | None:
        run = self.runs.get(ident.partition(".")[0])
        return next((g for g in run.graphs if g.id == ident), None) if run else None

    def sorted_runs(self) -> list[Run]:
        return sorted(self.runs.values(), key=lambda run: natural(run.name))

    def tell(self) -> str:
        """One or two sentences: which files were read and what is in them."""
        if not self.tails:
            return "No event file (a name with `tfevents` in it) was found."
        counts: dict[str, int] = {}
        for run in self.runs.values():
            for kind, tags in run.tags().items():
                counts[kind] = counts.get(kind, 0) + len(tags)
        held = ", ".join(f"{n} tags of {kind}" for kind, n in counts.items() if n) or "no data"
        names = ", ".join(str(path) for path in list(self.tails)[:3]) + (
            f" and {len(self.tails) - 3} more" if len(self.tails) > 3 else ""
        )
        return f"Read {names}: {sum(run.events for run in self.runs.values())} events, {held}."

    def empty(self) -> bool:
        return not any(run.graphs or run.scalars or run.profiles or any(run.series.values()) for run in self.runs.values())

    def advice(self) -> str:
        return f"{self.path}: nothing to show. {self.tell()}\n{HOW}"


def _same(item: NamedGraph) -> NamedGraph:
    return item


def natural(name: str) -> list[Any]:
    """A sort key under which run_2 comes before run_10."""
    import re

    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"(\d+)", name))]
