"""What an offline page of a log folder carries: series thinned as the server would, pictures and sounds up to a size, profiles,
comparisons. What is left out is counted, and the page says so.
"""

from __future__ import annotations

import base64
from typing import Any

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.log_routes import LogRoutes
from graphflow.viewer.logs.details import profile_at
from graphflow.viewer.offline_graph import blob
from graphflow.viewer.packed import packed
from graphflow.viewer.profile import per_item
from graphflow.viewer.runs import RunStore

PIXELS = 1500  # of a series of scalars
STEPS = {"histograms": 50, "images": 12, "audio": 6, "text": 50, "pr_curves": 20, "tensors": 1, "mesh": 1}  # of a tag
MOST_MEDIA = 24 << 20  # bytes of pictures and sounds together
PROFILED = 8  # steps of a run
AXES = ("step", "relative", "wall")


def carried(store: RunStore, routes: LogRoutes) -> dict[str, Any]:
    """{scalars, series, media, layouts, hparams, left}: scalars as packed text, the other kinds as the server's answers."""
    left: list[str] = []
    scalars = base64.b64encode(packed(routes.scalar_series({"max": [str(PIXELS)]}))).decode()
    series = {kind: _entries(routes, kind, most, left) for kind, most in STEPS.items()}
    media: dict[str, dict[str, str]] = {"images": {}, "audio": {}}
    room = MOST_MEDIA
    for kind, found in media.items():
        for one in series[kind]:
            for index, entry in enumerate(one["entries"]):
                for item in range(len(entry.get("items", []))):
                    place = {"index": [str(entry["place"])], "item": [str(item)]}
                    raw = routes.media({"run": [one["run"]], "tag": [one["tag"]]} | place, kind)
                    data = raw.data if isinstance(raw.data, bytes) else b""
                    if len(data) > room or raw.type == "application/octet-stream":
                        left.append(f"{kind} of {one['tag']}")
                        continue
                    room -= len(data)
                    found[f"{one['run']}\n{one['tag']}\n{index}\n{item}"] = f"data:{raw.type};base64,{base64.b64encode(data).decode()}"
    return {"scalars": scalars, "series": series, "media": media, "layouts": routes.layouts({}), "hparams": routes.hparams({}),
            "left": sorted(set(left))}  # fmt: skip


def _entries(routes: LogRoutes, kind: str, most: int, left: list[str]) -> list[dict[str, Any]]:
    """The series of a kind with some of their entries; an entry's `index` is its place in the file, `place` that in the log."""
    series: list[dict[str, Any]] = routes.entries({"most": [str(most)]}, kind)["series"]
    for one in series:
        if len(one["entries"]) < one["total"]:
            left.append(f"{one['total'] - len(one['entries'])} of {one['total']} steps of {one['tag']}")
        for index, entry in enumerate(one["entries"]):
            entry["place"], entry["index"] = entry["index"], index
        one["steps"] = [entry["step"] for entry in one["entries"]]
        one["wall"] = [entry["wall"] for entry in one["entries"]]
    return series


def profiles(store: RunStore, routes: Any) -> dict[str, Any]:
    """By run: the server's answers for each of the last steps and for all of them together, and the time and memory of each op."""
    out: dict[str, Any] = {}
    for run in store.sorted_runs():
        tags = list(run.profiles)[-PROFILED:]
        if not tags:
            continue
        groups = [tags, *([tag] for tag in tags if len(tags) > 1)]
        answers = {"\n".join(group): routes.profile({"run": [run.id], "tag": group}) for group in groups}
        times: dict[str, Any] = {}
        if run.graphs:
            tree = routes.library.open(run.newest_first()[0].id).tree
            for group in groups:
                raws = [profile_at(run.profiles[tag][0], run.profiles[tag][2]) for tag in group]
                times["\n".join(group)] = [[item, round(t, 3), m] for item, (t, m) in per_item(raws, tree).items()]
        out[run.id] = {"tags": tags, "answers": answers, "times": times}
    return out


def comparison(entries: list[dict[str, Any]], library: Any) -> dict[str, Any] | None:
    """{a, b, graph, summary, blob} of the graphs that a page compares first: the newest of the first and of the last run, else a
    run's newest with the one before it. None when there are no two of a kind."""
    newest = sorted((g for g in entries if g["newest"]), key=lambda g: g["wall"])
    alike = [g for g in entries if g["kind"] == entries[0]["kind"]] if entries else []
    pair = (newest[0], newest[-1]) if len(newest) > 1 else (alike[1], alike[0]) if len(alike) > 1 else None
    if pair is None:
        return None
    ident = f"diff:{pair[0]['id']}:{pair[1]['id']}"
    try:
        opened = library.open(ident)
    except ViewerError:
        return None
    diff = opened.diff
    states = [diff.of(item)["state"] for item in range(len(opened.tree))]
    edges = [[row, state] for row, state in enumerate(diff.edge_state) if state is not None]
    notes = [[item, note] for item in range(len(opened.tree)) if (note := diff.note(item))]
    union = blob(opened.tree, opened.buf) | {"diff": states, "edgeDiff": edges, "notes": notes}
    return {"a": pair[0]["id"], "b": pair[1]["id"], "graph": ident, "found": {"graph": ident} | diff.summary(), "blob": union}
