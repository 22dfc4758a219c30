"""What the addresses under /api/v1 about runs and their data answer. Arrays go packed (packed.py), thinned to what a screen can show."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.hyperparameters import sessions
from graphflow.viewer.logs.plugin_data import custom_layout
from graphflow.viewer.request import NotFound, Query, Raw, number, one, real
from graphflow.viewer.runs import KINDS, Run, RunStore

PIXELS = 400
MOST_ENTRIES = 60
REREAD = ("histograms", "images", "audio", "text", "pr_curves", "tensors", "mesh")  # kinds that are read again from the files
AXES = ("step", "relative", "wall")


class LogRoutes:
    """Answers about one store. boot: changes with each server, so that a page knows a new one."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.boot = secrets.token_hex(4)
        self.table = {
            "runs": self.runs,
            "scalars": self.scalars,
            "image": lambda q: self.media(q, "images"),
            "sound": lambda q: self.media(q, "audio"),
            "hparams": self.hparams,
            "layouts": self.layouts,
            "export/scalars.csv": self.scalars_csv,
            "export/scalars.json": self.scalars_json,
        } | {kind: (lambda q, kind=kind: self.entries(q, kind)) for kind in REREAD}

    # runs

    def runs(self, query: Query) -> dict[str, Any]:
        """All runs, or those that changed since a stamp. `sets` holds each list of tags once; a run's `set` is its place there."""
        store = self.store
        since = number(query, "since", 0, 0, 1 << 60) if query.get("boot", [self.boot])[0] == self.boot else 0
        with store.lock:
            sets: list[dict[str, list[str]]] = []
            places: dict[str, int] = {}
            runs = [self._run(run, sets, places) for run in store.sorted_runs() if run.stamp > since or not since]
            notes = store.all_notes()
            return {
                "boot": self.boot,
                "stamp": store.stamp,
                "since": since,
                "bad": store.bad,
                "title": store.path.name or str(store.path),
                "path": str(store.path),
                "reading": store.reading(),
                "notes": [{"level": n.level, "text": n.text} for n in notes[-200:]],
                "noted": len(notes),
                "sets": sets,
                "runs": runs,
                "order": [run.id for run in store.sorted_runs()] if since else None,
                "advice": store.advice() if store.empty() else "",
            }

    def _run(self, run: Run, sets: list[dict[str, list[str]]], places: dict[str, int]) -> dict[str, Any]:
        tags = run.tags()
        key = repr(tags)
        if key not in places:
            places[key] = len(sets)
            sets.append(tags)
        graphs = run.newest_first()
        return {
            "id": run.id,
            "name": run.name,
            "events": run.events,
            "first": run.first,
            "last": run.last,
            "starts": run.starts,
            "graphs": [
                {"id": g.id, "name": g.name, "kind": g.kind, "ops": g.ops, "step": g.step, "wall": g.wall, "newest": i == 0}
                for i, g in enumerate(graphs)
            ],
            "set": places[key],
        }

    def chosen(self, query: Query) -> list[Run]:
        if "run" not in query:
            return self.store.sorted_runs()
        unknown = [ident for ident in query["run"] if ident not in self.store.runs]
        if unknown:
            raise NotFound(f"there is no run {unknown[0]!r}")
        return [self.store.runs[ident] for ident in dict.fromkeys(query["run"])]

    # scalars

    def scalars(self, query: Query) -> Raw:
        """Series of the chosen tags and runs over an axis, thinned to `max` pixels between `from` and `to`."""
        return Raw(late.packed.packed(self.scalar_series(query)), "application/octet-stream")

    def scalar_series(self, query: Query) -> dict[str, Any]:
        axis = query.get("axis", ["step"])[0]
        if axis not in AXES:
            raise ViewerError(f"`axis` must be one of {', '.join(AXES)}")
        pixels = number(query, "max", PIXELS, 1, 100_000)
        low, high = real(query, "from"), real(query, "to")
        window = (low, high) if low is not None and high is not None and high > low else None
        log = query.get("log", [""])[0] == "1"
        out = []
        for run in self.chosen(query):
            with self.store.lock:
                found = [(tag, run.series(tag)) for tag in run.wanted("scalars", query.get("tag"))]
            for tag, (step, wall, value) in found:
                title, description = run.notes_on_tags.titles.get(tag, ("", ""))
                named = {"run": run.id, "tag": tag, "title": title, "description": description[:2000]}
                out.append(named | curve(step, wall, value, axis, pixels, window, log))
        return {"axis": axis, "series": out}

    def _points(self, query: Query) -> Iterator[tuple[Run, str, Any, Any, Any]]:
        for run in self.chosen(query):
            for tag in run.wanted("scalars", query.get("tag")):
                yield run, tag, *run.series(tag)

    def scalars_csv(self, query: Query) -> Raw:
        """Every point, series by series, made while it is sent."""
        self.chosen(query)

        def rows() -> Iterator[bytes]:
            yield b"run,tag,step,wall_time,value\r\n"
            for run, tag, step, wall, value in self._points(query):
                head = f"{cell(run.name)},{cell(tag)},"
                for at in range(0, len(step), 5000):
                    some = zip(step[at : at + 5000].tolist(), wall[at : at + 5000].tolist(), value[at : at + 5000].tolist(), strict=True)
                    yield "".join(f"{head}{s},{w!r},{v!r}\r\n" for s, w, v in some).encode()

        return Raw(rows(), "text/csv; charset=utf-8", "scalars.csv")

    def scalars_json(self, query: Query) -> Raw:
        """Every point as {"series": [{run, tag, steps, wall, values}]}; NaN and the infinities as words."""
        self.chosen(query)

        def pieces() -> Iterator[bytes]:
            yield b'{"series": ['
            finite = late.details.finite
            for i, (run, tag, step, wall, value) in enumerate(self._points(query)):
                numbers = {"wall": [finite(v) for v in wall.tolist()], "values": [finite(v) for v in value.tolist()]}
                plain = {"run": run.name, "tag": tag, "steps": step.tolist()} | numbers
                yield (b",\n" if i else b"\n") + json.dumps(plain).encode()
            yield b"]}\n"

        return Raw(pieces(), "application/json", "scalars.json")

    # what is no scalar

    def entries(self, query: Query, kind: str) -> dict[str, Any]:
        """Series with the steps of all entries, and what stands at some of them: `index` (places), else `most` spread over the steps."""
        most = number(query, "most", 1, 0, MOST_ENTRIES)
        out = []
        for run in self.chosen(query):
            with self.store.lock:
                found = [(tag, run.entries(kind, tag)) for tag in run.wanted(kind, query.get("tag"))]
            for tag, parts in found:
                rows = [(file, *row) for file, *columns in parts for row in zip(*(c.tolist() for c in columns), strict=True)]
                chosen = _places(query, len(rows), most)
                entries = []
                for i in chosen:
                    file, step, wall, where = rows[i]
                    try:
                        entry = late.details.entry(kind, late.details.value_at(file, where))
                    except ViewerError as error:
                        entry = {"error": str(error)}
                    entries.append({"index": i, "step": step, "wall": late.details.finite(wall)} | entry)
                title, description = run.notes_on_tags.titles.get(tag, ("", ""))
                named = {"run": run.id, "tag": tag, "title": title, "description": description[:2000], "total": len(rows)}
                places = {"steps": [s for _, s, _, _ in rows], "wall": [late.details.finite(w) for _, _, w, _ in rows]}
                out.append(named | places | {"entries": entries})
        return {"series": out}

    def media(self, query: Query, kind: str) -> Raw:
        """The bytes of one image or sound: run, tag, index (place among the entries), item (place in the batch)."""
        run, tag = one(query, "run"), one(query, "tag")
        index, item = number(query, "index", 0, 0, 1 << 40), number(query, "item", 0, 0, 1 << 20)
        parts = self.store.runs[run].entries(kind, tag) if run in self.store.runs else []
        for file, step, _, where in parts:
            if index < len(step):
                items = late.details.media(late.details.value_at(file, int(where[index])), kind)
                if item < len(items):
                    return Raw(items[item][0], late.details.media_type(items[item][0]))
                break
            index -= len(step)
        raise NotFound(f"run {run!r} has no {kind} {tag!r} at this place")

    # plugins

    def hparams(self, query: Query) -> dict[str, Any]:
        """Sessions with their hyperparameters and the last value of each metric; {names, metrics, sessions}."""
        return sessions(self.store)

    def layouts(self, query: Query) -> dict[str, Any]:
        """The layouts of custom scalars: {"layouts": [{run, categories}]}."""
        out = []
        for run in self.store.sorted_runs():
            for tag in run.tags()["custom_scalars"]:
                places = [(file, where[-1]) for file, _, _, where in run.entries("custom_scalars", tag) if len(where)]
                for file, where in places[-1:]:
                    with contextlib.suppress(ViewerError):  # what is no layout lays nothing out
                        raw = late.details.raw(late.details.value_at(file, int(where)))
                        out.append({"run": run.id, "categories": custom_layout(raw)})
        return {"layouts": out}


def _places(query: Query, count: int, most: int) -> list[int]:
    """The entries that a request wants, as places among `count`."""
    if "index" in query:
        return sorted({i for i in (number({"index": [text]}, "index", 0, -1, 1 << 40) for text in query["index"][:MOST_ENTRIES])
                       for i in [count - 1 if i < 0 else i] if 0 <= i < count})  # fmt: skip
    if count <= most:
        return list(range(count))
    return sorted({round((i + 1) * count / most) - 1 for i in range(most)})


def curve(
    step: Any, wall: Any, value: Any, axis: str, pixels: int, window: tuple[float, float] | None, log: bool = False
) -> dict[str, Any]:
    """One series over an axis, as arrays: step, wall and value of each point, or of each pixel with low, high, mean, count, odd too.

    total: points there are; left: points without a place on the axis (a wall time that is no number).
    """
    total = len(step)
    fine = late.numpy.isfinite(wall)
    start = float(wall[fine][0]) if fine.any() else 0.0
    if axis == "step":
        x = step
    else:
        if not fine.all():
            step, wall, value = step[fine], wall[fine], value[fine]
        x = wall - start if axis == "relative" else wall
    if (late.numpy.diff(x) < 0).any():
        by = late.numpy.argsort(x, kind="stable")
        x, step, wall, value = x[by], step[by], wall[by], value[by]
    out: dict[str, Any] = {"total": total, "left": total - len(step), "start": start}
    found = late.bins.thinned(x, value, pixels, window, log) if len(x) else None
    if found is None:
        return out | {"step": step, "wall": wall, "value": value.astype(late.numpy.float64)}
    at = found["at"]
    pixels_of = {name: found[name] for name in ("low", "high", "mean", "odd")} | {"count": found["count"].astype(late.numpy.int32)}
    return out | {"step": step[at], "wall": wall[at], "value": found["last"]} | pixels_of


def cell(text: str) -> str:
    """A name as a cell of CSV that a spreadsheet does not take for a formula."""
    text = "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
    return '"' + text.replace('"', '""') + '"' if any(c in text for c in ',"\r\n') else text


__all__ = ["KINDS", "LogRoutes", "cell", "curve"]
