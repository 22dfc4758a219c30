"""The graphs of a store as trees, made once when first asked for, and the states in which requests want them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

from graphflow.viewer import late
from graphflow.viewer.errors import ViewerError
from graphflow.viewer.runs import Graph, RunStore

KEPT = 8  # trees in memory


class Opened:
    """A graph with its tree."""

    def __init__(self, tree: Any, buf: bytes, diff: Any = None) -> None:
        self.tree, self.buf, self.diff = tree, buf, diff


def union(old: Opened, new: Opened) -> Opened:
    """The union of two opened graphs, opened."""
    if old.diff is not None or new.diff is not None:
        raise ViewerError("a difference cannot be compared with another graph")
    return Opened(*late.diff.compare(old.buf, new.buf))


class Library:
    """Trees by graph id, least recently used out. `diff:<a>:<b>` is the union of two graphs."""

    def __init__(self, store: RunStore) -> None:
        self.store = store
        self.opened: OrderedDict[str, Opened] = OrderedDict()
        self.lock = threading.RLock()
        self.made = 0  # trees made so far

    def open(self, ident: str) -> Opened:
        with self.lock:
            if ident in self.opened:
                self.opened.move_to_end(ident)
                return self.opened[ident]
            made = self._diff(ident) if ident.startswith("diff:") else self._graph(ident)
            self.opened[ident] = made
            self.made += 1
            while len(self.opened) > KEPT:
                self.opened.popitem(last=False)
            return made

    def at_hand(self, ident: str) -> Opened | None:
        """The graph when its tree is made already; never waits."""
        return self.opened.get(ident)

    def _graph(self, ident: str) -> Opened:
        graph = self.store.graph(ident)
        if graph is None:
            raise ViewerError(f"there is no graph {ident!r}")
        named = graph.named()
        tree = late.index_cache.cached_tree(named.buf)
        graph.ops = int(tree.leaves[0])
        return Opened(tree, named.buf)

    def _diff(self, ident: str) -> Opened:
        _, _, rest = ident.partition(":")
        a, _, b = rest.partition(":")
        return union(self.open(a), self.open(b))

    def default(self) -> Graph | None:
        """The newest graph of the first run that has one."""
        return next((run.newest_first()[0] for run in self.store.sorted_runs() if run.graphs), None)
