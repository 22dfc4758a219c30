"""Parts of a function graph as functions of arrays: some of its tensors, and some of its operations that change variables."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import context
from ..core.dtypes import resource
from ..core.func_graph import FuncGraph
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..runtime.functions import compiled
from .traced import new_scope


class Part:
    """`fetches` of a graph from the values of `feeds`, after which `effects` have run. What the graph captured is as it is at each call."""

    def __init__(self, graph: FuncGraph, fetches: Sequence[Tensor], effects: Sequence[Operation], feeds: Sequence[Tensor]):
        session = context.eager_graph.session
        used = _used([*(t._op for t in fetches), *effects], feeds)
        captured = [(outer, inside) for outer, inside in graph.captures.items() if inside._op in used and inside._op._op_def.must_be_fed]
        home = {inside: outer._value.key for outer, inside in captured if outer.dtype.base_dtype is resource}  # type: ignore[attr-defined]
        for key in home.values():
            session.bind(key)
        self._handles = [outer for outer, inside in captured if inside in home]       # what is behind them lives as long as they do
        self._values = [outer for outer, inside in captured if inside not in home]
        fed = [*feeds, *(inside for _, inside in captured if inside not in home)]
        self._dtypes = [t.dtype.base_dtype.held for t in fetches]
        self._run = compiled(session, list(fetches), list(effects), fed, home, new_scope(), in_turn=True)

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """The values of the fetches."""
        found = self._run([*values, *(np.asarray(t._value) for t in self._values)])  # type: ignore[attr-defined]
        return [value if value.__class__ is np.ndarray or dtype.kind == "O" else np.asarray(value, dtype)[()]
                for value, dtype in zip(found, self._dtypes)]


def _used(targets: Sequence[Operation], feeds: Sequence[Tensor]) -> set[Operation]:
    """The operations that targets need, up to the feeds."""
    fed = {t._op for t in feeds}
    seen = set(targets)
    stack = list(targets)
    while stack:
        op = stack.pop()
        if op in fed:
            continue
        for other in (*(t._op for t in op._inputs), *op._control):
            if other not in seen:
                seen.add(other)
                stack.append(other)
    return seen
