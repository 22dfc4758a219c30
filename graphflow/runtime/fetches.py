"""Fetch structures: any nesting of lists, tuples, named tuples, dicts and leaves becomes a flat list and back."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..core.graph import Graph
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import IndexedSlices, IndexedSlicesValue, SparseTensor, SparseTensorValue

Rebuild = Callable[[list[Any]], Any]


def shown(x: Any) -> Any:
    """What the user gets: arrays that may be written, in C order, 0-d ones as numpy scalars (bytes for strings).

    A plan's copies see to whose memory it is; a kernel on the host may still have made a view (a broadcast value, a transposed one).
    """
    if x.__class__ is not np.ndarray:
        return x if not isinstance(x, np.void) or x.dtype.names is None else x[0]
    if x.dtype.names is not None:       # quantized numbers, as the integers that they are
        x = x.view(x.dtype[0])
    if not x.shape:
        return x[()]
    flags = x.flags
    return x if flags.c_contiguous and flags.writeable else np.array(x, order="C")


class Flat:
    """Fetches in order of first appearance, each once; `rebuild` makes the user's structure from their values."""

    def __init__(self, graph: Graph, fetches: Any):
        self.graph = graph
        self.elements: list[Tensor | Operation] = []
        self._index: dict[Tensor | Operation, int] = {}
        self.rebuild: Rebuild = self._visit(fetches)

    def _leaf(self, fetch: Any) -> int:
        try:
            element = self.graph.as_graph_element(fetch, allow_tensor=True, allow_operation=True)
        except TypeError as error:
            raise TypeError(f"Fetch argument {fetch!r} has invalid type {type(fetch)}, must be a string or Tensor. ({error})") from None
        except ValueError as error:
            raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})") from None
        except KeyError as error:
            raise ValueError(f"Fetch argument {fetch!r} cannot be interpreted as a Tensor. ({error})") from None
        if not self.graph.is_fetchable(element):
            raise ValueError(f"Operation {getattr(element, 'name', element)!r} has been marked as not fetchable.")
        index = self._index.get(element)
        if index is None:
            index = self._index[element] = len(self.elements)
            self.elements.append(element)
        return index

    def _visit(self, fetch: Any) -> Rebuild:
        if fetch is None:
            raise TypeError("Fetch argument None has invalid type <class 'NoneType'>. tf.gradients gives None where ys do not depend on x, "
                            "tf.summary.merge_all() where there is no summary.")
        if isinstance(fetch, (list, tuple)):
            return self._sequence(fetch)
        if isinstance(fetch, Mapping):
            kind, keys = type(fetch), list(fetch)
            visits = [self._visit(fetch[k]) for k in keys]
            if kind.__name__ == "defaultdict":
                return lambda values: kind(fetch.default_factory, zip(keys, [p(values) for p in visits]))  # type: ignore[attr-defined, call-arg]
            return lambda values: kind(zip(keys, [p(values) for p in visits]))  # type: ignore[call-arg]
        if isinstance(fetch, SparseTensor):
            return self._joined(SparseTensorValue, (fetch.indices, fetch.values, fetch.dense_shape))
        if isinstance(fetch, IndexedSlices):
            shape = [] if fetch.dense_shape is None else [fetch.dense_shape]
            parts = [self._leaf(t) for t in (fetch.values, fetch.indices, *shape)]
            return lambda values: IndexedSlicesValue(*[values[i] for i in parts], *([] if shape else [None]))
        i = self._leaf(fetch)
        return lambda values: values[i]

    def _sequence(self, fetch: Any) -> Rebuild:
        parts = [self._visit(f) for f in fetch]
        if isinstance(fetch, list):
            return lambda values: [p(values) for p in parts]
        if hasattr(fetch, "_fields"):
            return lambda values: type(fetch)(*[p(values) for p in parts])
        return lambda values: tuple([p(values) for p in parts])

    def _joined(self, kind: Any, tensors: Any) -> Rebuild:
        parts = [self._leaf(t) for t in tensors]
        return lambda values: kind(*[values[i] for i in parts])
