"""A base of ops that take sparse tensors apart: their positions, values and dense shape must fit together in a run."""
from __future__ import annotations

from functools import lru_cache
from typing import Any

from ...core.op import Op, Spec, require
from ...core.shapes import describe


class SparseOp(Op):
    """An op with inputs named `x_indices`, `x_values` and `x_shape`, the prefix any, values or shape maybe missing."""

    def check(self, *inputs: Any) -> None:
        cls: Any = type(self)
        for indices, values, size in _groups(cls):
            check_parts(inputs[indices], None if values is None else inputs[values], None if size is None else inputs[size])


@lru_cache(None)
def _groups(cls: Any) -> list[tuple[int, int | None, int | None]]:
    """Places of the three inputs of each sparse tensor."""
    places = {arg.name: i for i, arg in enumerate(cls.signature().inputs)}
    prefixes = [name.removesuffix("indices") for name in places if name.endswith("indices")]
    return [(places[f"{p}indices"], places.get(f"{p}values"), places.get(f"{p}shape", places.get(f"{p}dense_shape"))) for p in prefixes]


def check_parts(indices: Spec, values: Spec | None, size: Spec | None) -> None:
    """ValueError in TensorFlow's words unless [n, rank], [n] and [rank] are what the three are."""
    for spec, what, rank in ((indices, "indices should be a matrix", 2), (values, "values should be a vector", 1),
                             (size, "shape should be a vector", 1)):
        if spec is not None and spec.shape is not None:
            require(len(spec.shape) == rank, f"Input {what} but received shape {describe(spec.shape)}")
    for spec, axis, text, what in ((values, 0, "Number of values must match first dimension of indices", "values"),
                                   (size, 1, "Index rank must match shape rank", "shape")):
        if indices.shape is not None and spec is not None and spec.shape is not None and None not in (spec.shape[0], indices.shape[axis]):
            require(spec.shape[0] == indices.shape[axis],
                    f"{text}. Got {what} shape: {describe(spec.shape)}, indices shape: {describe(indices.shape)}")
