"""Borders and repetition: pad, mirror padding, tile."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import shapes
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .basic import reshape, shape_internal


def _padded(dtype: DType, x: Any, paddings: Any) -> Spec:
    count = paddings.shape[0] if paddings.shape else None
    require(paddings.shape is None or (len(paddings.shape) == 2 and paddings.shape[1] in (None, 2)),
            f"paddings must be a matrix with 2 columns: {shapes.describe(paddings.shape)}")
    require(x.shape is None or count is None or count == len(x.shape),
            f"The first dimension of paddings must be the rank of inputs: {shapes.describe(paddings.shape)}, "
            f"{shapes.describe(x.shape)}")
    rank = count if x.shape is None else len(x.shape)
    if rank is None:
        return Spec(dtype, None)
    if paddings.value is None or x.shape is None:
        return Spec(dtype, (None,) * rank)
    require(bool(np.all(np.asarray(paddings.value) >= 0)), "Paddings must be non-negative")
    return Spec(dtype, tuple(None if d is None else d + int(a) + int(b) for d, (a, b) in zip(x.shape, paddings.value)))


def _widths(paddings: Any) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in paddings]


def with_border(xp: Namespace, x: Any, paddings: Any, value: Any) -> Any:
    """x with borders, built by concatenation so that plans can trace it."""
    for axis, (before, after) in enumerate(_widths(paddings)):
        if before < 0 or after < 0:
            raise ValueError(f"Paddings must be non-negative: {before} {after}")
        parts = [x]
        for place, width in ((0, before), (2, after)):
            if width:
                border = xp.broadcast_to(value, (*x.shape[:axis], width, *x.shape[axis + 1:]))
                parts.insert(0 if place == 0 else len(parts), border)
        if len(parts) > 1:
            x = xp.concatenate(parts, axis)
    return x


class Pad(Op, sig="input: T, paddings: Tpaddings -> output: T", static={"paddings": 2}):
    """x with zeros around it."""
    T: DType
    Tpaddings: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, paddings: Any) -> Spec:
        return _padded(self.T, x, paddings)

    def kernel(self, xp: Namespace, x: Any, paddings: Any) -> Any:
        return with_border(xp, x, paddings, np.zeros((), self.T.np))

    def grad(self, op: Operation, dy: Any) -> Any:
        return _inner(op, dy), None


class PadV2(Op, sig="input: T, paddings: Tpaddings, constant_values: T -> output: T", static={"paddings": 2}):
    """x with a constant around it."""
    T: DType
    Tpaddings: DType = one_of(int32, int64, default=int32)

    def infer(self, x: Any, paddings: Any, value: Any) -> Spec:
        require(value.shape in (None, ()), f"constant_values must be a scalar, got shape {shapes.describe(value.shape)}")
        return _padded(self.T, x, paddings)

    def kernel(self, xp: Namespace, x: Any, paddings: Any, value: Any) -> Any:
        return with_border(xp, x, paddings, value)

    def grad(self, op: Operation, dy: Any) -> Any:
        return _inner(op, dy), None, None


def _inner(op: Any, dy: Any) -> Tensor:
    """The gradient without the border."""
    x, paddings = op.inputs[:2]
    before = F.slice(paddings, [0, 0], F.stack([F.rank(x), 1]))
    begin = reshape(before, [-1])
    return F.slice(dy, begin, shape_internal(x, out_type=begin.dtype.base_dtype))


class MirrorPad(Op, sig="input: T, paddings: Tpaddings -> output: T", static={"paddings": 2}):
    """x with its mirror image around it: REFLECT leaves the edge out, SYMMETRIC repeats it."""
    T: DType
    Tpaddings: DType = one_of(int32, int64, default=int32)
    mode: str = one_word("REFLECT", "SYMMETRIC")

    def infer(self, x: Any, paddings: Any) -> Spec:
        return _padded(self.T, x, paddings)

    def kernel(self, xp: Namespace, x: Any, paddings: Any) -> Any:
        less = 1 if self.mode == "REFLECT" else 0
        for d, (a, b) in zip(x.shape, _widths(paddings)):
            if max(a, b) > d - less:
                raise ValueError(f"paddings must be {'less than' if less else 'no greater than'} the dimension size: {a}, {b} "
                                 f"{'not less than' if less else 'greater than'} {d}")
        for axis, (before, after) in enumerate(_widths(paddings)):
            if before or after:
                lead, size = (slice(None),) * axis, x.shape[axis]
                turned = x[(*lead, slice(None, None, -1))]
                parts = [turned[(*lead, slice(size - less - before, size - less))], x, turned[(*lead, slice(less, less + after))]]
                x = xp.concatenate([p for p in parts if p.shape[axis]], axis)
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(MirrorPadGrad, dy, op.inputs[1], mode=self.mode), None


class MirrorPadGrad(Op, sig="input: T, paddings: Tpaddings -> output: T", static={"paddings": 2}):
    """The inner part with the border folded back onto what it mirrors."""
    T: DType
    Tpaddings: DType = one_of(int32, int64, default=int32)
    mode: str = one_word("REFLECT", "SYMMETRIC")

    def infer(self, dy: Any, paddings: Any) -> Spec:
        if dy.shape is None or paddings.value is None:
            return Spec(self.T, None if dy.shape is None else (None,) * len(dy.shape))
        return Spec(self.T, tuple(None if d is None else d - int(a) - int(b) for d, (a, b) in zip(dy.shape, paddings.value)))

    def kernel(self, xp: Namespace, dy: Any, paddings: Any) -> Any:
        skip = 1 if self.mode == "REFLECT" else 0
        for axis, (a, b) in enumerate(_widths(paddings)):
            lead, n = (slice(None),) * axis, dy.shape[axis] - a - b
            inner = dy[(*lead, slice(a, a + n))]
            for start, border in ((skip, slice(0, a)), (n - skip - b, slice(a + n, None))):
                turned = dy[(*lead, border)][(*lead, slice(None, None, -1))]
                stop = start + turned.shape[axis]
                if stop > start:
                    met = inner[(*lead, slice(start, stop))] + turned
                    parts = [inner[(*lead, slice(0, start))], met, inner[(*lead, slice(stop, None))]]
                    inner = xp.concatenate([p for p in parts if p.shape[axis]], axis)
            dy = inner
        return dy

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(MirrorPad, dy, op.inputs[1], mode=self.mode), None


@export("pad")
def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", name: str | None = None, constant_values: Any = 0) -> Tensor:
    """`tensor` with paddings[i] = [before, after] elements more along each axis.

    mode: "CONSTANT" (constant_values), "REFLECT" (mirrored without the edge) or "SYMMETRIC" (mirrored with it).
    """
    kind = mode.upper()
    if kind == "CONSTANT":
        plain = not isinstance(constant_values, Tensor) and np.ndim(constant_values) == 0
        if plain and constant_values == np.zeros_like(constant_values):
            return make(Pad, tensor, paddings, name=name)
        return make(PadV2, tensor, paddings, constant_values, name=name)
    if kind not in ("REFLECT", "SYMMETRIC"):
        raise ValueError(f"Value of argument `mode` expected to be one of \"CONSTANT\", \"REFLECT\", or \"SYMMETRIC\". "
                         f"Received `mode` = {mode}")
    return make(MirrorPad, tensor, paddings, name=name, mode=kind)
