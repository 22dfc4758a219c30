"""Sessions of hyperparameters: what each run was started with, and how its metrics stand."""

from __future__ import annotations

import math
from typing import Any

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.logs.plugin_data import hparams
from graphflow.viewer.runs import RunStore

MOST_METRICS = 40


def sessions(store: RunStore) -> dict[str, Any]:
    """{names: [{name, title}], metrics: [{group, tag, title}], sessions: [{run, group, values, status, start, end, metrics}]}.

    A metric of group `g` is looked for in the run `<session>/<g>`. Without an experiment that names metrics, all scalars of the
    sessions are taken. metrics of a session: the last finite value (and its step) of each metric, None where there is none.
    """
    found: list[dict[str, Any]] = []
    names: dict[str, str] = {}
    metrics: list[dict[str, str]] = []
    by_name = {run.name: run for run in store.runs.values()}
    for run in store.sorted_runs():
        mine: dict[str, Any] = {}
        for content in dict(run.notes_on_tags.contents if run.notes_on_tags else {}).values():
            try:
                mine |= hparams(content)
            except ViewerError:
                continue  # damaged metadata: the run is shown without it
        for item in mine.get("experiment", {}).get("names", []):
            names.setdefault(item["name"], item["title"])
        for metric in mine.get("experiment", {}).get("metrics", []):
            if metric not in metrics:
                metrics.append(metric)
        if "session" in mine:
            session, end = mine["session"], mine.get("end", {})
            values = {name: _plain(value) for name, value in session["values"].items()}
            times = {"start": _plain(session["start"]), "end": _plain(end.get("end")), "status": end.get("status", "no end yet")}
            found.append({"run": run.id, "name": run.name, "group": session["group"], "values": values} | times)
            for name in session["values"]:
                names.setdefault(name, "")
    if not metrics:
        tags = sorted({tag for one in found for tag in store.runs[one["run"]].tags()["scalars"]})
        metrics = [{"group": "", "tag": tag, "title": ""} for tag in tags[:MOST_METRICS]]
    for one in found:
        one["metrics"] = [_last(by_name.get(one["name"] if not m["group"] else f"{one['name']}/{m['group']}"), m["tag"]) for m in metrics]
    return {"names": [{"name": n, "title": t} for n, t in names.items()], "metrics": metrics, "sessions": found}


def _last(run: Any, tag: str) -> dict[str, Any] | None:
    """The last finite value of a tag, with its step."""
    if run is None:
        return None
    step, _, value = run.series(tag)
    for s, v in zip(step[::-1].tolist(), value[::-1].tolist(), strict=True):
        if math.isfinite(v):
            return {"step": s, "value": v}
    return None


def _plain(value: Any) -> Any:
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)
