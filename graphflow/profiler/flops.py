"""How many floating-point operations an operation takes, from its static shapes: TensorFlow's count, which its class knows (`Op.flops`)."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class _UnknownError(Exception):
    """A shape that the count needs is not known."""


class _Shapes(Sequence[tuple[int, ...]]):
    """Static shapes; asking for one that is not known ends the count."""

    def __init__(self, tensors: Sequence[Any]):
        self._tensors = tensors

    def __len__(self) -> int:
        return len(self._tensors)

    def __getitem__(self, index: Any) -> Any:
        shape = self._tensors[index].static
        if shape is None or None in shape:
            raise _UnknownError
        return shape


def float_operations(op: Any) -> int | None:
    """The count for an operation; None where a shape is not known or nobody counts the op."""
    try:
        found: int | None = op._op_def.flops(_Shapes(op.inputs), _Shapes(op.outputs))
    except _UnknownError:
        return None
    return found
