"""The graphs that a path holds: a file, a program, or a log folder."""

from __future__ import annotations

from pathlib import Path

from graphflow.viewer.errors import ViewerError
from graphflow.viewer.load import HOW, NamedGraph, graphs_in_file, is_log, located
from graphflow.viewer.runs import RunStore


def graphs_of(path: Path) -> list[NamedGraph]:
    """The graphs that a path holds, newest first; ViewerError says what was found instead of one."""
    path = located(path)
    if not is_log(path):
        return graphs_in_file(path)
    store = RunStore(path)
    store.refresh()
    found = [graph.named() for run in store.sorted_runs() for graph in run.newest_first()]
    if not found:
        raise ViewerError(f"{path}: no graph in it. {store.tell()}\n{HOW}")
    return found
