"""What each address under /api/v1 answers: plain functions from parameters to values; the server does the rest."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.library import Library, Opened
from graphflow.viewer.runs import Run, RunStore
from graphflow.viewer.summaries import media_type

Query = dict[str, list[str]]


class NotFound(ViewerError):
    """Nothing is there under this id."""


@dataclass
class Raw:
    """An answer that is no JSON."""

    data: bytes
    type: str
    name: str = ""


class Routes:
    """All answers about one store."""

    def __init__(self, store: RunStore, library: Library) -> None:
        self.store, self.library = store, library
        self.table: dict[str, Callable[[Query], Any]] = {
            "runs": self.runs,
            "scalars": self.scalars,
            "histograms": lambda q: self.listing(q, "histograms"),
            "images": lambda q: self.listing(q, "images"),
            "audio": lambda q: self.listing(q, "audio"),
            "text": lambda q: self.listing(q, "text"),
            "tensors": lambda q: self.listing(q, "tensors"),
            "image": lambda q: self.media(q, "images"),
            "sound": lambda q: self.media(q, "audio"),
            "profile": self.profile,
            "diff": self.diff,
            "export/scalars.csv": self.scalars_csv,
            "export/scalars.json": self.scalars_json,
            "export/trace.json": self.chrome_trace,
        }
        self.of_graph: dict[str, Callable[[str, Opened, Query], Any]] = {
            "view": self.view,
            "scope": self.outline,
            "outline": self.outline,
            "node": self.node,
            "search": self.search,
            "stats": self.stats,
            "trace": self.trace,
            "resolve": self.resolve,
        }

    def answer(self, path: str, query: Query) -> Any:
        """The value of `/api/v1/<path>`; NotFound when there is no such route, ViewerError when the request makes no sense."""
        if path in self.table:
            return self.table[path](query)
        parts = path.split("/")
        if len(parts) == 3 and parts[0] == "graph":
            if parts[2] in self.of_graph:
                return self.of_graph[parts[2]](parts[1], self._open(parts[1]), query)
            if parts[2].startswith("export."):
                return self.export(parts[1], parts[2].partition(".")[2], query)
        raise NotFound(f"there is no route {path!r}")

    def _open(self, ident: str) -> Opened:
        try:
            return self.library.open(ident)
        except ViewerError as error:
            if "there is no graph" in str(error):
                raise NotFound(str(error)) from None
            raise

    # runs and data

    def runs(self, query: Query) -> dict[str, Any]:
        store = self.store
        with store.lock:
            runs = [self._run(run) for run in store.sorted_runs()]
            percent = 100 if not store.size else min(100, round(100 * store.done / store.size))
            return {
                "stamp": store.stamp,
                "bad": sum(tail.bad for tail in store.tails.values()),
                "title": store.path.name or str(store.path),
                "path": str(store.path),
                "reading": {"done": store.done, "total": store.size, "percent": percent},
                "notes": [{"level": n.level, "text": n.text} for n in store.all_notes()],
                "runs": runs,
                "advice": store.advice() if store.empty() else "",
            }

    def _run(self, run: Run) -> dict[str, Any]:
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
            "tags": run.tags(),
        }

    def _chosen(self, query: Query) -> list[Run]:
        runs = self.store.sorted_runs()
        if "run" not in query:
            return runs
        unknown = [ident for ident in query["run"] if ident not in self.store.runs]
        if unknown:
            raise NotFound(f"there is no run {unknown[0]!r}")
        return [run for run in runs if run.id in query["run"]]

    def scalars(self, query: Query) -> dict[str, Any]:
        most = number(query, "max", 1000, 1, 1_000_000)
        out = []
        with self.store.lock:
            for run in self._chosen(query):
                for tag, found in sorted(run.scalars.items()):
                    if "tag" not in query or tag in query["tag"]:
                        at = found.sample(most)
                        title, description = run.titles.get(tag, ("", ""))
                        out.append(
                            {
                                "run": run.id,
                                "tag": tag,
                                "title": title,
                                "description": description,
                                "total": len(found.step),
                                "sampled": len(at) < len(found.step),
                                "steps": [found.step[i] for i in at],
                                "wall": [found.wall[i] for i in at],
                                "values": [finite(found.value[i]) for i in at],
                            }
                        )
        return {"series": out}

    def listing(self, query: Query, kind: str) -> dict[str, Any]:
        most = number(query, "max", 100, 1, 10_000)
        out = []
        with self.store.lock:
            for run in self._chosen(query):
                for tag, rows in sorted(run.series[kind].items()):
                    if "tag" not in query or tag in query["tag"]:
                        first = max(0, len(rows) - most)
                        entries = [
                            _ENTRY[kind](i, value) | {"step": step, "wall": wall}
                            for i, (step, wall, value) in enumerate(rows[first:], first)
                        ]
                        out.append(
                            {"run": run.id, "tag": tag, "total": run.totals.get((kind, tag), len(rows)), "entries": entries}
                        )
        return {"series": out}

    def media(self, query: Query, kind: str) -> Raw:
        run, tag = one(query, "run"), one(query, "tag")
        index = number(query, "index", 0, 0, 1 << 30)
        with self.store.lock:
            rows = self.store.runs[run].series[kind].get(tag, []) if run in self.store.runs else []
            if index >= len(rows):
                raise NotFound(f"run {run!r} has no {kind} {tag!r} number {index}")
            data = rows[index][2]["bytes"]
        return Raw(data, media_type(data))

    def scalars_csv(self, query: Query) -> Raw:
        import csv
        import io

        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["run", "tag", "step", "wall_time", "value"])
        for run in self._chosen(query):
            for tag, found in sorted(run.scalars.items()):
                if "tag" not in query or tag in query["tag"]:
                    name, label = safe_cell(run.name), safe_cell(tag)
                    writer.writerows(
                        [name, label, s, repr(w), repr(v)] for s, w, v in zip(found.step, found.wall, found.value, strict=True)
                    )
        return Raw(out.getvalue().encode(), "text/csv; charset=utf-8", "scalars.csv")

    def scalars_json(self, query: Query) -> dict[str, Any]:
        return self.scalars(query | {"max": ["1000000"]})

    def profile(self, query: Query) -> dict[str, Any]:
        from graphflow.viewer.profile import profile

        run = self._one_run(query)
        tags = query.get("tag") or list(run.profiles)
        missing = [tag for tag in tags if tag not in run.profiles]
        if missing or not tags:
            raise NotFound(f"run {run.name!r} has no run metadata" + (f" {missing[0]!r}" if missing else ""))
        shown = query.get("timeline", tags[-1:])[0]
        if shown not in tags:
            raise ViewerError("`timeline` must be one of the steps")
        found = profile([run.profiles[tag][1] for tag in tags], self._tree_of(run), tags.index(shown))
        return found | {"tags": tags, "shown": shown, "steps": [run.profiles[tag][0] for tag in tags]}

    def chrome_trace(self, query: Query) -> dict[str, Any]:
        from graphflow.viewer.profile import chrome_trace

        run = self._one_run(query)
        tags = [tag for tag in query.get("tag") or list(run.profiles) if tag in run.profiles]
        if not tags:
            raise NotFound(f"run {run.name!r} has no run metadata")
        return chrome_trace([run.profiles[tag][1] for tag in tags], tags, self._tree_of(run))

    def _one_run(self, query: Query) -> Run:
        if "run" in query:
            return self._chosen(query)[0]
        return next((run for run in self.store.sorted_runs() if run.profiles), None) or self._chosen({"run": [""]})[0]

    def _tree_of(self, run: Run) -> Any:
        return self.library.open(run.newest_first()[0].id).tree if run.graphs else None

    def diff(self, query: Query) -> dict[str, Any]:
        ident = f"diff:{one(query, 'a')}:{one(query, 'b')}"
        return {"graph": ident} | self._open(ident).diff.summary()

    # one graph

    def view(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.visible import view

        state = state_of(query, opened)
        return {"graph": ident, "stamp": opened.tree.stamp} | view(
            opened.tree, opened.buf, state, profile=self._times(ident, query), diff=opened.diff
        )

    def _times(self, ident: str, query: Query) -> dict[int, tuple[float, int]] | None:
        run = self.store.runs.get(ident.partition(".")[0])
        tags = [tag for tag in query.get("profile", []) if run is not None and tag in run.profiles]
        if run is None or not tags:
            return None
        from graphflow.viewer.profile import per_item

        return per_item([run.profiles[tag][1] for tag in tags], self.library.open(ident).tree)

    def outline(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.visible import boxes_of

        item = self._item(opened, query, "path", 0)
        return {"id": item, "children": boxes_of(opened.tree, opened.buf, opened.tree.children(item), opened.diff)}

    def _item(self, opened: Opened, query: Query, name: str, default: int | None = None) -> int:
        if "id" in query:
            return number(query, "id", 0, 0, len(opened.tree) - 1)
        if name not in query:
            if default is None:
                raise ViewerError(f"`id` or `{name}` is missing")
            return default
        path = query[name][0]
        found = opened.tree.find(path)
        found = opened.tree.find(path + "/") if found is None else found
        if found is None:
            raise NotFound(f"the graph holds nothing called {path!r}")
        return found

    def node(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.cards import card

        item = self._item(opened, query, "name")
        out = card(opened.tree, opened.buf, item)
        run = self.store.runs.get(ident.partition(".")[0])
        if run is not None:
            out["profile"], out["summary"] = self._seen(run, opened, item, out["path"])
        if opened.diff is not None:
            out["diff"] = opened.diff.of(item)
            out["note"] = opened.diff.note(item)
        return out

    def _seen(self, run: Run, opened: Opened, item: int, path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        from graphflow.viewer.profile import per_item

        times = []
        for tag, (_, raw) in list(run.profiles.items())[-10:]:
            found = [v for i, v in per_item([raw], opened.tree).items() if item <= i < opened.tree.end[item]]
            if found:
                times.append(
                    {
                        "tag": tag,
                        "time": round(sum(t for t, _ in found), 3),
                        "memory": sum(m for _, m in found),
                        "calls": len(found),
                    }
                )
        name = path.rstrip("/")
        tags = [
            {"run": run.id, "tag": tag, "plugin": kind} | _last(run, kind, tag)
            for kind, found in run.tags().items()
            for tag in found
            if kind != "profiles" and (tag == name or tag.startswith(name + "/"))
        ]
        return times, tags[:20]

    def search(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.search import search

        text = query.get("q", [""])[0][:1000]
        return search(opened.tree, opened.buf, text, number(query, "limit", 50, 1, 1000), number(query, "offset", 0, 0, 10**9))

    def stats(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.cards import stats

        return stats(opened.tree, opened.buf)

    def trace(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        from graphflow.viewer.trace import trace
        from graphflow.viewer.visible import view

        last = len(opened.tree) - 1
        shown = view(opened.tree, opened.buf, state_of(query, opened))
        goal = number(query, "to", 0, 0, last) if query.get("to", [""])[0] else None
        return trace(
            opened.tree, shown, number(query, "from", 0, 0, last), goal, query.get("tracedir", query.get("dir", ["in"]))[0]
        )

    def resolve(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        return {"items": [opened.tree.find(path) for path in query.get("path", [])[:1000]]}

    def export(self, ident: str, kind: str, query: Query) -> Raw:
        from graphflow.viewer.writers import TYPES, render

        if kind not in TYPES:
            raise NotFound(f"there is no export {kind!r}; there are {', '.join(TYPES)}")
        opened = self._open(ident)
        from graphflow.viewer.visible import view

        shown = view(opened.tree, opened.buf, state_of(query, opened), diff=opened.diff)
        return Raw(render(shown, kind, query.get("color", ["op"])[0]), TYPES[kind], f"graph.{kind}")


def _last(run: Run, kind: str, tag: str) -> dict[str, Any]:
    """The last value of a scalar, with its step."""
    if kind != "scalars":
        return {}
    found = run.scalars[tag]
    return {"value": finite(found.value[-1]), "step": found.step[-1]}


def state_of(query: Query, opened: Opened) -> Any:
    """The State that a request's parameters describe."""
    from graphflow.viewer.visible import State

    last = len(opened.tree) - 1

    def items(name: str) -> set[int]:
        try:
            return {int(v) for v in query.get(name, [])[:5000] if 0 < int(v) <= last}
        except ValueError:
            raise ViewerError(f"`{name}` must be numbers of items") from None

    return State(
        items("x"),
        query.get("xp", [])[:5000],
        number(query, "root", 0, 0, last),
        items("out"),
        items("back"),
        items("hide"),
        query.get("dir", ["auto"])[0],
        query.get("first", [""])[0] in ("1", "true"),
        _gone(query.get("hq", [""])[0][:1000], opened),
    )


def _gone(text: str, opened: Opened) -> Any:
    """Flags of the items that a query finds, or None without one."""
    if not text.strip():
        return None
    import numpy as np

    from graphflow.viewer.search import matching

    flags = np.zeros(len(opened.tree), bool)
    flags[matching(opened.tree, opened.buf, text)] = True
    return flags


def number(query: Query, name: str, default: int, low: int, high: int) -> int:
    """A whole number from the request, within bounds."""
    text = query.get(name, [""])[0]
    if not text:
        return default
    try:
        value = int(text)
    except ValueError:
        raise ViewerError(f"`{name}` must be a number, not {text[:40]!r}") from None
    if not low <= value <= high:
        raise ViewerError(f"`{name}` must lie between {low} and {high}")
    return value


def one(query: Query, name: str) -> str:
    if name not in query:
        raise ViewerError(f"`{name}` is missing")
    return query[name][0]


def finite(value: float) -> float | str:
    """JSON has no NaN and no infinities; they go as words."""
    return value if math.isfinite(value) else "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def safe_cell(text: str) -> str:
    """A name that a spreadsheet does not take for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _histogram(index: int, value: dict[str, Any]) -> dict[str, Any]:
    big = 1.7e308
    plain = {k: finite(v) for k, v in value.items() if not isinstance(v, list)}
    return plain | {
        "limits": [finite(v if abs(v) < big else math.copysign(math.inf, v)) for v in value["limits"]],
        "counts": [finite(v) for v in value["counts"]],
    }


_ENTRY: dict[str, Callable[[int, dict[str, Any]], dict[str, Any]]] = {
    "histograms": _histogram,
    "images": lambda i, v: {"index": i, "width": v["width"], "height": v["height"], "type": media_type(v["bytes"])},
    "audio": lambda i, v: {"index": i, "sampleRate": v["sampleRate"], "type": media_type(v["bytes"])},
    "text": lambda i, v: {"shape": v["shape"], "values": [t[:100_000] for t in v["values"][:1000]]},
    "tensors": lambda i, v: {
        "dtype": v["dtype"],
        "shape": v["shape"],
        "values": [finite(x) if isinstance(x, float) else str(x) for x in v["values"]],
    },
}
