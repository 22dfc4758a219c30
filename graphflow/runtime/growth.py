"""Noticing a graph that grows from run to run: operations made inside a training loop, TF1's classic leak."""
from __future__ import annotations

import warnings
from typing import Any

_RUNS = 10


class Growth:
    """Counts runs in a row that found new operations made on the same line of the program; warns once at ten."""
    __slots__ = ("count", "graph", "line", "said", "size")

    def __init__(self, graph: Any):
        self.graph, self.size, self.count, self.line, self.said = graph, len(graph._ops), 0, None, False

    def check(self) -> None:
        """Called when a run meets fetches that it has not seen before."""
        size = len(self.graph._ops)
        if size == self.size or self.said:
            self.size = size
            return
        made = self.graph._ops[-1]._origin
        self.count = self.count + 1 if made == self.line else 1
        self.line, self.size = made, size
        if self.count >= _RUNS:
            self.said = True
            line = self.graph._ops[-1].line
            where = f"{line}: {line.text}" if line else "an unknown line"
            warnings.warn(f"The graph grew in each of the last {_RUNS} runs and has {size} operations now; the newest was made at\n"
                          f"  {where}\nRuns get slower and memory grows. Make operations once before the loop, or call "
                          "graph.finalize() to find the others.", RuntimeWarning, stacklevel=4)
