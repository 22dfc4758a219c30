"""Modules of the viewer that are imported on first touch: `late.cards.card(...)`.

The server answers its first requests before numpy is loaded, so the modules that it begins with reach those that need numpy through this
one. So does the command line, which needs either the server or the graph's tree as text.
"""

import importlib
from typing import Any

_HOMES = {
    "numpy": "numpy",
    **{name: f"graphflow.viewer.{name}" for name in ("cards", "diff", "graph_json", "graph_tree", "index_cache", "load", "packed",
                                                     "path_graphs", "profile", "runs", "search", "server", "terminal", "trace",
                                                     "visible", "writers")},
    **{name: f"graphflow.viewer.logs.{name}" for name in ("bins", "columns", "details", "event_values", "file_log")},
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = importlib.import_module(_HOMES[name])
    return found
