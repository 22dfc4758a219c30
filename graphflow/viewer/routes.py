"""What each address under /api/v1 answers: plain functions from parameters to values; the server does the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.library import Library, Opened
from graphflow.viewer.log_routes import LogRoutes
from graphflow.viewer.request import NotFound, Query, Raw, number, one
from graphflow.viewer.runs import Run, RunStore


class Routes:
    """All answers about one store."""

    def __init__(self, store: RunStore, library: Library) -> None:
        self.store, self.library = store, library
        self.log = LogRoutes(store)
        self.table: dict[str, Callable[[Query], Any]] = {
            **self.log.table,
            "profile": self.profile,
            "diff": self.diff,
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

    # profiles

    def profile(self, query: Query) -> dict[str, Any]:
        run = self._one_run(query)
        tags = query.get("tag") or list(run.profiles)
        missing = [tag for tag in tags if tag not in run.profiles]
        if missing or not tags:
            raise NotFound(f"run {run.name!r} has no run metadata" + (f" {missing[0]!r}" if missing else ""))
        shown = query.get("timeline", tags[-1:])[0]
        if shown not in tags:
            raise ViewerError("`timeline` must be one of the steps")
        found = late.profile.profile([_metadata(run, tag) for tag in tags], self._tree_of(run), tags.index(shown))
        return found | {"tags": tags, "shown": shown, "steps": [run.profiles[tag][1] for tag in tags]}

    def chrome_trace(self, query: Query) -> dict[str, Any]:
        run = self._one_run(query)
        tags = [tag for tag in query.get("tag") or list(run.profiles) if tag in run.profiles]
        if not tags:
            raise NotFound(f"run {run.name!r} has no run metadata")
        return late.profile.chrome_trace([_metadata(run, tag) for tag in tags], tags, self._tree_of(run))

    def _one_run(self, query: Query) -> Run:
        if "run" in query:
            return self.log.chosen(query)[0]
        return next((run for run in self.store.sorted_runs() if run.profiles), None) or self.log.chosen({"run": [""]})[0]

    def _tree_of(self, run: Run) -> Any:
        return self.library.open(run.newest_first()[0].id).tree if run.graphs else None

    def diff(self, query: Query) -> dict[str, Any]:
        ident = f"diff:{one(query, 'a')}:{one(query, 'b')}"
        return {"graph": ident} | self._open(ident).diff.summary()

    # one graph

    def view(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        state = state_of(query, opened)
        return {"graph": ident, "stamp": opened.tree.stamp} | late.visible.view(
            opened.tree, opened.buf, state, profile=self._times(ident, query), diff=opened.diff
        )

    def _times(self, ident: str, query: Query) -> dict[int, tuple[float, int]] | None:
        run = self.store.runs.get(ident.partition(".")[0])
        tags = [tag for tag in query.get("profile", []) if run is not None and tag in run.profiles]
        if run is None or not tags:
            return None
        return late.profile.per_item([_metadata(run, tag) for tag in tags], self.library.open(ident).tree)

    def outline(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        item = self._item(opened, query, "path", 0)
        return {"id": item, "children": late.visible.boxes_of(opened.tree, opened.buf, opened.tree.children(item), opened.diff)}

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
        item = self._item(opened, query, "name")
        out = late.cards.card(opened.tree, opened.buf, item)
        run = self.store.runs.get(ident.partition(".")[0])
        if run is not None:
            out["profile"], out["summary"] = self._seen(run, opened, item, out["path"])
        if opened.diff is not None:
            out["diff"] = opened.diff.of(item)
            out["note"] = opened.diff.note(item)
        return out

    def _seen(self, run: Run, opened: Opened, item: int, path: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        times = []
        for tag in list(run.profiles)[-10:]:
            found = [v for i, v in late.profile.per_item([_metadata(run, tag)], opened.tree).items() if item <= i < opened.tree.end[item]]
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
        text = query.get("q", [""])[0][:1000]
        return late.search.search(opened.tree, opened.buf, text, number(query, "limit", 50, 1, 1000), number(query, "offset", 0, 0, 10**9))

    def stats(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        return late.cards.stats(opened.tree, opened.buf)

    def trace(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        last = len(opened.tree) - 1
        shown = late.visible.view(opened.tree, opened.buf, state_of(query, opened))
        goal = number(query, "to", 0, 0, last) if query.get("to", [""])[0] else None
        return late.trace.trace(
            opened.tree, shown, number(query, "from", 0, 0, last), goal, query.get("tracedir", query.get("dir", ["in"]))[0]
        )

    def resolve(self, ident: str, opened: Opened, query: Query) -> dict[str, Any]:
        return {"items": [opened.tree.find(path) for path in query.get("path", [])[:1000]]}

    def export(self, ident: str, kind: str, query: Query) -> Raw:
        if kind not in late.writers.TYPES:
            raise NotFound(f"there is no export {kind!r}; there are {', '.join(late.writers.TYPES)}")
        opened = self._open(ident)
        shown = late.visible.view(opened.tree, opened.buf, state_of(query, opened), diff=opened.diff)
        return Raw(late.writers.render(shown, kind, query.get("color", ["op"])[0]), late.writers.TYPES[kind], f"graph.{kind}")


def _last(run: Run, kind: str, tag: str) -> dict[str, Any]:
    """The last value of a scalar, with its step."""
    if kind != "scalars":
        return {}
    step, _, value = run.series(tag)
    if not len(step):
        return {}
    return {"value": late.details.finite(float(value[-1])), "step": int(step[-1])}


def _metadata(run: Run, tag: str) -> bytes:
    """The RunMetadata of a step, serialized."""
    file, _, offset = run.profiles[tag]
    return late.details.profile_at(file, offset)


def state_of(query: Query, opened: Opened) -> Any:
    """The State that a request's parameters describe."""
    last = len(opened.tree) - 1

    def items(name: str) -> set[int]:
        try:
            return {int(v) for v in query.get(name, [])[:5000] if 0 < int(v) <= last}
        except ValueError:
            raise ViewerError(f"`{name}` must be numbers of items") from None

    return late.visible.State(
        items("x"),
        query.get("xp", [])[:5000],
        number(query, "root", 0, 0, last),
        items("out"),
        items("back"),
        items("hide"),
        query.get("dir", ["auto"])[0],
        query.get("first", [""])[0] in ("1", "true"),
        _gone(query.get("hq", [""])[0][:1000], opened),
        query.get("flat", [""])[0] in ("1", "true"),
    )


def _gone(text: str, opened: Opened) -> Any:
    """Flags of the items that a query finds, or None without one."""
    if not text.strip():
        return None
    flags = late.numpy.zeros(len(opened.tree), bool)
    flags[late.search.matching(opened.tree, opened.buf, text)] = True
    return flags
