"""The runs of one or several log folders (or of one file): graphs, series by tag, profiles, and what was odd about the files."""

from __future__ import annotations

import functools
import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.load import HOW, NamedGraph, graphs_in_file, is_log
from graphflow.viewer.logs.folders import Folder
from graphflow.viewer.notes import Note

if TYPE_CHECKING:
    from graphflow.viewer.logs.file_log import FileLog, GraphRecord

TOLD = 0.4  # seconds between two announcements while much is read
HOT = 60.0  # seconds for which a file that was written to is looked at often
OFTEN = 0.25  # seconds between looks at such files
SHARE = 100  # an idle look costs at most one part in so many of a processor
KINDS = ("scalars", "histograms", "images", "audio", "text", "pr_curves", "custom_scalars", "hparams", "mesh", "tensors")


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
class Run:
    """What one folder's event files hold."""

    id: str
    name: str
    files: list[FileLog] = field(default_factory=list)
    held: list[Graph] = field(default_factory=list)
    notes_on_tags: Any = None
    stamp: int = 0
    _graphs: dict[tuple[str, int, int], Graph] = field(default_factory=dict)

    @property
    def graphs(self) -> list[Graph]:
        """In the order in which they were written; a graph that was written twice is there once."""
        out, seen = list(self.held), set()
        for file in self.files:
            for record in file.graphs:
                if (record.kind, record.mark) not in seen:
                    seen.add((record.kind, record.mark))
                    out.append(self._graph(file, record))
        return out

    def _graph(self, file: FileLog, record: GraphRecord) -> Graph:
        key = (str(file.path), record.offset, record.place)
        if key not in self._graphs:
            same = 1 + sum(g.kind == late.details.graph_title(record)[0] for g in self._graphs.values())
            kind, title = late.details.graph_title(record)
            name = title + (f" {same}" if same > 1 and record.kind.endswith("_def") else "")
            named = functools.partial(late.details.graph_of, file, record, name)
            self._graphs[key] = Graph(f"{self.id}.{len(self._graphs)}", named, name, kind, record.step, record.wall)
        return self._graphs[key]

    def newest_first(self) -> list[Graph]:
        return sorted(self.graphs, key=lambda g: (_RANK.get(g.kind, 3), g.wall, g.id), reverse=True)

    @property
    def profiles(self) -> dict[str, tuple[FileLog, int, int]]:
        """(file, step, place) of the run metadata by tag."""
        return {tag: (file, step, offset) for file in self.files for tag, (step, offset) in file.profiles.items()}

    @property
    def events(self) -> int:
        return sum(file.records for file in self.files)

    @property
    def starts(self) -> int:
        return sum(file.starts for file in self.files)

    @property
    def first(self) -> float:
        return min((f.wall[0] for f in self.files if f.wall[0]), default=0.0)

    @property
    def last(self) -> float:
        return max((f.wall[1] for f in self.files), default=0.0)

    def tags(self) -> dict[str, list[str]]:
        """Names by kind of data."""
        found: dict[str, set[str]] = {}
        for file in self.files:
            for (kind, tag), columns in list(file.columns.items()):
                if self.starts < 2 or any(column.table.rows for column in columns):  # a restart may have taken all of it back
                    found.setdefault(kind, set()).add(tag)
        out = {kind: sorted(found.get(kind, ())) for kind in KINDS}
        return out | {"profiles": list(self.profiles)}

    def wanted(self, kind: str, tags: list[str] | None) -> list[str]:
        """Those of some tags that this run has; all of them for None."""
        if tags is None:
            return self.tags()[kind]
        return [tag for tag in dict.fromkeys(tags) if any((kind, tag) in file.columns for file in self.files)]

    def series(self, tag: str) -> tuple[Any, Any, Any]:
        """(step, wall, value) of every point of a tag, as written."""
        held = [file for file in self.files if ("scalars", tag) in file.columns]
        return joined_by_file([late.columns.joined(list(file.pieces(("scalars", tag)))) for file in held])

    def entries(self, kind: str, tag: str) -> list[tuple[FileLog, Any, Any, Any]]:
        """(file, step, wall, where) of the values of what is no scalar, a row per file."""
        found = [(file, *file.series((kind, tag))) for file in self.files if (kind, tag) in file.columns]
        return [(file, step, wall, where) for file, step, wall, _, where in found]

    def restarted(self, step: int) -> None:
        """A session was started at a step: what an earlier one wrote from there on no longer counts."""
        if self.starts > 1:
            for file in self.files:
                file.cut(step)

    def empty(self) -> bool:
        return not (self.graphs or self.profiles or any(file.columns for file in self.files))


_RANK = {"meta": 1, "keras": 2, "trace": 2}


def joined_by_file(parts: list[tuple[Any, Any, Any, Any]]) -> tuple[Any, Any, Any]:
    """Series of several files, one behind the other."""
    if len(parts) == 1:
        return parts[0][0], parts[0][1], parts[0][3]
    if not parts:
        return late.numpy.empty(0, late.numpy.int64), late.numpy.empty(0), late.numpy.empty(0)
    step, wall, _, value = (late.numpy.concatenate(column) for column in zip(*parts, strict=True))
    return step, wall, value


class RunStore:
    """Everything under one PATH, kept up to date by `refresh`; safe to use from several threads."""

    def __init__(self, path: Path, folders: list[tuple[str, Path]] | None = None) -> None:
        """folders: (name, folder) of several, instead of the path."""
        self.path = path
        self.runs: dict[str, Run] = {}
        self.notes: list[Note] = []
        self.stamp = 0
        self.lock = threading.RLock()
        self.folders: list[tuple[str, Folder]] = []
        self.files: list[tuple[Run, FileLog]] = []
        self._hot: dict[int, float] = {}  # place in files -> until when it is looked at often
        self._due = 0.0
        self.done = self.size = 0
        self.looked = False  # whether the files were read to their ends once
        self.single = folders is None and path.exists() and not is_log(path)
        if self.single:
            self._hold(path.name, graphs_in_file(path))
        elif folders is not None or not path.is_file():
            self.folders = [(name, Folder(folder)) for name, folder in (folders or [("", path)])]

    @classmethod
    def of_graphs(cls, title: str, graphs: list[NamedGraph]) -> RunStore:
        """A store of graphs that are in memory."""
        return cls.of_runs(title, [(title, graphs)])

    @classmethod
    def of_runs(cls, title: str, runs: list[tuple[str, list[NamedGraph]]]) -> RunStore:
        """A store of several runs' graphs that are in memory."""
        store = cls(Path(title), [])
        store.single = True
        for name, graphs in runs:
            store._hold(name, graphs)
        return store

    def _hold(self, title: str, graphs: list[NamedGraph]) -> None:
        run = self._run(title)
        for item in graphs:
            run.held.append(Graph(f"{run.id}.{len(run.held)}", functools.partial(_same, item), item.name, item.kind))

    def _run(self, name: str) -> Run:
        ident = "r" + hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
        if ident not in self.runs:
            self.runs[ident] = Run(ident, name)
        return self.runs[ident]

    # reading

    def find(self) -> set[str]:
        """Looks for new event files; ids of the runs that got one."""
        if self.single:
            return set()
        if not self.folders:
            found = [] if self.files else [(self.path.parent.resolve().name or ".", self.path)]
        else:
            found = []
            for prefix, folder in self.folders:
                for run, path in folder.new_files():
                    found.append((run if not prefix else prefix if run == "." else f"{prefix}/{run}", path))
            self._told_folders()
        return {self._add(name, path) for name, path in found}

    def _add(self, name: str, path: Path) -> str:
        with self.lock:
            run = self._run(name)
            run.notes_on_tags = run.notes_on_tags or late.event_values.TagNotes()
            self._leave_behind(run)
            file = late.file_log.FileLog(path, run.notes_on_tags, run.restarted)
            run.files.append(file)
            run.files.sort(key=lambda f: f.path.name)
            self.files.append((run, file))
        return run.id

    def _leave_behind(self, run: Run) -> None:
        """Drops what is left of vanished files, when a new one came: the folder was emptied and the run begun anew."""
        with self.lock:
            for file in run.files:
                file.look()
                file.renewed = False
            gone = [file for file in run.files if file.gone]
            if not gone:
                return
            run.files = [file for file in run.files if not file.gone]
            self.files = [(r, f) for r, f in self.files if f not in gone]
            self._hot.clear()
            self.notes.append(Note("info", f"{run.name}: {len(gone)} event file{'s' * (len(gone) > 1)} vanished and a new one came; the "
                                           "old run is gone from here."))  # fmt: skip

    def _told_folders(self) -> None:
        for _, folder in self.folders:
            for path in folder.projected:
                text = f"{path} names embeddings; TensorBoard's projector shows them: tensorboard --logdir {folder.root}"
                if all(note.text != text for note in self.notes):
                    self.notes.append(Note("info", text))
            for path in folder.left_out:
                both = f"a:{folder.root},b:{os.path.realpath(path)}"
                text = f"{path} leads out of the log folder and is not followed; to see it too: graphflow view {both}"
                if all(note.text != text for note in self.notes):
                    self.notes.append(Note("info", text))
            for path in folder.denied:
                text = f"{path} cannot be read: permission denied"
                if all(note.text != text for note in self.notes):
                    self.notes.append(Note("warning", text))

    def refresh(self, told: Callable[[dict[str, set[str]]], None] | None = None, paced: bool = False) -> dict[str, set[str]]:
        """Reads what was added; what changed, by run.

        told: given what changed so far, now and then, where there is much to read. paced: files that rest are looked at only when that
        is due, so that looking again and again costs little.
        """
        changed: dict[str, set[str]] = {}
        now, used = time.monotonic(), time.thread_time()
        everything = not paced or now >= self._due
        if everything:
            for ident in self.find():
                changed.setdefault(ident, set()).add("runs")
        chosen = range(len(self.files)) if everything else [i for i in self._hot if i < len(self.files)]
        waiting = []
        for i in chosen:
            run, file = self.files[i]
            before = len(file.notes)
            if file.look():
                waiting.append((i, run, file))
                self._hot[i] = now + HOT - max(0.0, time.time() - file.changed)  # logs of a training that ended are never so
            if len(file.notes) != before:
                changed.setdefault(run.id, set()).add("notes")
        self._hot = {i: until for i, until in self._hot.items() if until > now}
        if everything:
            done = time.monotonic()
            self._due = done + max(OFTEN, SHARE * (time.thread_time() - used), done - now)
        if waiting:
            self._count()
        last = now
        while waiting:  # a slice of each, so that all runs grow together
            still = []
            for i, run, file in waiting:
                kinds = file.read()  # without the lock: columns grow by whole rows, and whoever looks meanwhile need not wait
                if file.renewed:
                    self._leave_behind(run)
                    kinds.add("runs")
                if kinds:
                    changed.setdefault(run.id, set()).update(kinds)
                if file.more:
                    still.append((i, run, file))
                if told and changed and time.monotonic() - last > TOLD:
                    self._stamped(changed)
                    told(changed)
                    changed, last = {}, time.monotonic()
            waiting = still
        if changed:
            self._stamped(changed)
        if not self.looked:
            self.looked = True
            self.stamp += 1
        return changed

    def _stamped(self, changed: Iterable[str]) -> None:
        self._count()
        self.stamp += 1
        for ident in changed:
            self.runs[ident].stamp = self.stamp

    def _count(self) -> None:
        self.done, self.size = sum(f.offset for _, f in self.files), sum(max(f.size, f.offset) for _, f in self.files)

    def reading(self) -> dict[str, Any]:
        """How far the reading is, in bytes, and whether the first one goes on."""
        return {"done": self.done, "total": self.size, "busy": not (self.looked or self.single)}

    def pause(self) -> float:
        """Seconds after which a look at the files is due."""
        return OFTEN if self._hot else max(OFTEN, self._due - time.monotonic())

    # what there is

    def all_notes(self) -> list[Note]:
        return self.notes + [note for _, file in list(self.files) for note in file.notes]

    @property
    def bad(self) -> int:
        return sum(file.bad for _, file in list(self.files))

    def graph(self, ident: str) -> Graph | None:
        run = self.runs.get(ident.partition(".")[0])
        return next((g for g in run.graphs if g.id == ident), None) if run else None

    def sorted_runs(self) -> list[Run]:
        return sorted(self.runs.values(), key=lambda run: natural(run.name))

    def tell(self) -> str:
        """One or two sentences: which files were read and what is in them."""
        if not self.files:
            return "No event file (a name with `tfevents` in it) was found."
        counts: dict[str, int] = {}
        for run in self.runs.values():
            for kind, tags in run.tags().items():
                counts[kind] = counts.get(kind, 0) + len(tags)
        held = ", ".join(f"{n} tags of {kind}" for kind, n in counts.items() if n) or "no data"
        paths = [file.path for _, file in self.files]
        names = ", ".join(str(path) for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        notes = [note.text for note in self.all_notes()] + list(filter(None, (file.unfinished() for _, file in self.files[:3])))
        odd = f" {notes[0]}" if notes else ""
        return f"Read {names}: {sum(run.events for run in self.runs.values())} events, {held}.{odd}"

    def empty(self) -> bool:
        return all(run.empty() for run in self.runs.values())

    def advice(self) -> str:
        """Why there is nothing to show: one line where the files say it, else the two calls that would write something."""
        wrong = [note.text for note in self.all_notes() if note.level != "info"]
        wrong += list(filter(None, (file.unfinished() for _, file in self.files[:3])))
        if wrong and self.files:
            return f"{self.path}: nothing to show: {wrong[0]}" + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
        return f"{self.path}: nothing to show. {self.tell()}\n{HOW}"


def _same(item: NamedGraph) -> NamedGraph:
    return item


def natural(name: str) -> list[Any]:
    """A sort key under which run_2 comes before run_10."""
    return [int(part) if i % 2 else part for i, part in enumerate(re.split(r"(\d+)", name))]


def folders_of(text: str) -> list[tuple[str, Path]] | None:
    """(name, folder) of `a:path,b:path` or of `path,path`; None when the text names one path."""
    if os.path.exists(text):
        return None
    parts = text.split(",")
    out = []
    for part in parts:
        name, colon, path = part.partition(":")
        if not colon or os.path.exists(part) or not name or "/" in name or os.sep in name:
            name, path = (os.path.basename(os.path.normpath(part)) if part else "", part)
        out.append((name, path))
    if len(parts) == 1 and out[0][1] == text:
        return None
    if not all(path for _, path in out):
        raise ViewerError(f"{text}: several folders are given as path,path or name:path,name:path")
    names = [name for name, _ in out]
    for name, path in out:
        if not os.path.isdir(path):
            raise ViewerError(f"{path}: there is no such folder" + (f" (called {name} in {text})" if name != path else ""))
        if names.count(name) > 1:
            raise ViewerError(f"{text}: two folders are called {name}; give each a name: a:{out[0][1]},b:{out[1][1]}")
    return [(name, Path(path)) for name, path in out]
