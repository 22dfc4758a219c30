"""Accumulator operations: gradients are added up until enough of them are there. What a session keeps for an accumulator is here too."""
from __future__ import annotations

import threading
from collections import deque
from typing import Any

import numpy as np

from ...core import dtypes, errors, shapes
from ...core.dtypes import DType
from ...core.effects import HANDLE, by_signature
from ...core.errors import InvalidArgumentError
from ...core.op import Op, Shape, Spec, one_of, one_word, require_rank
from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from ...core.shapes import describe
from ..dtype_sets import FLOATING, NUMERIC, QUANTIZED
from .resource_ops import ResourceOp, behind


class AccumulatorResource:
    """The sum of the gradients that came since the last take, and how many they are. Older ones than `step` are dropped.

    Takes are served in the order in which they came.
    """

    def __init__(self, op_def: Any):
        self.op_def, self.dtype, self.shape = op_def, op_def.dtype, op_def.shape
        self.mean = op_def.reduction_type == "MEAN"
        self.changed = threading.Condition()
        self.line: deque[object] = deque()
        self.step = self.count = self.given_up = 0
        self.clear()
        if self.dtype not in FLOATING:
            raise InvalidArgumentError(None, None, f"No OpKernel was registered to support Op '{type(op_def).__name__}' of dtype "
                                                   f"{self.dtype.name}: gradients are floating")

    def clear(self) -> None:
        """Forgets the gradients."""
        self.total: Any = None

    def add(self, *gradient: Any) -> None:
        """Adds a gradient that fits."""
        value, = gradient
        self.total = np.array(value) if self.total is None else self.total + value

    def check(self, *gradient: Any) -> None:
        """InvalidArgumentError unless a gradient fits the shape and those before."""
        value, = gradient
        if not shapes.compatible(self.shape, value.shape):
            raise InvalidArgumentError(None, None, f"Shape mismatch: expected {describe(self.shape)}, got {describe(value.shape)}")
        if self.total is not None and self.total.shape != value.shape:
            raise InvalidArgumentError(None, None, f"Shape mismatch: expected {describe(self.total.shape)}, got {describe(value.shape)}")

    def result(self) -> Any:
        """What a take gives."""
        return (self.total / self.dtype.np.type(self.count)).astype(self.dtype.np) if self.mean else self.total

    # -- what operations call -------------------------------------------------------------------------------------------
    def apply(self, local_step: int, *gradient: Any) -> None:
        """Adds a gradient, unless it is from an earlier step."""
        with self.changed:
            if local_step >= self.step:
                self.check(*gradient)
                self.add(*gradient)
                self.count += 1
                self.changed.notify_all()

    def take(self, ctx: Context, required: int) -> Any:
        """The average (or sum) of all gradients, as soon as there are so many; begins anew with the next step."""
        if required <= 0:
            raise InvalidArgumentError(None, None, f"Argument num_required must be positive, but was {required}")
        me = object()
        with self.changed:
            given_up = self.given_up
            self.line.append(me)
            try:
                ctx.wait_for(self.changed, lambda: given_up != self.given_up or (self.line[0] is me and self.count >= required))
                if given_up != self.given_up:
                    raise errors.CancelledError(None, None, "nobody waits for gradients any more")
                found = self.result()
                self.clear()
                self.count = 0
                self.step += 1
                return found
            except errors.CancelledError as error:
                raise errors.CancelledError(None, None, f"TakeGrad operation was cancelled: {error.message}") from None
            finally:
                self.line.remove(me)
                self.changed.notify_all()

    def cancel(self) -> None:
        """Ends the takes that wait, with CancelledError."""
        with self.changed:
            self.given_up += 1
            self.changed.notify_all()

    def close_session(self) -> None:
        """Wakes those who wait: their session was closed."""
        with self.changed:
            self.changed.notify_all()


class SparseAccumulatorResource(AccumulatorResource):
    """Rows by their index. With "MEAN" each row is divided by how many gradients had it."""

    def __init__(self, op_def: Any):
        super().__init__(op_def)
        self.shape = op_def.shape or None       # without dimensions it says nothing

    def clear(self) -> None:
        self.total = None                       # whether there are gradients
        self.rows: dict[int, Any] = {}
        self.times: dict[int, int] = {}

    def add(self, *gradient: Any) -> None:
        indices, values, _ = gradient
        mine: dict[int, Any] = {}
        for i, row in zip(indices.tolist(), values):
            mine[i] = mine[i] + row if i in mine else row
        for i, row in mine.items():
            self.rows[i] = self.rows[i] + row if i in self.rows else np.array(row)
            self.times[i] = self.times.get(i, 0) + 1
        self.total = True
        self.tail = values.shape[1:]

    def check(self, *gradient: Any) -> None:
        indices, values, shape = gradient
        if values.shape[:1] != indices.shape:
            raise InvalidArgumentError(None, None, f"Expected {indices.size} non-empty input values, got {values.shape[0]}")
        if shape is not None and not shapes.compatible(self.shape, tuple(shape)):
            raise InvalidArgumentError(None, None, f"Shape mismatch: expected shape {describe(self.shape)}, got {describe(tuple(shape))}")
        tail = self.tail if self.total else None if self.shape is None else self.shape[1:]
        if tail is not None and not shapes.compatible(tail, values.shape[1:]):
            raise InvalidArgumentError(None, None, f"Shape mismatch: expected values of shape {describe((None, *tail))}, got "
                                                   f"{describe(values.shape)}")
        limit = self.shape[0] if self.shape else None
        bad = indices[(indices < 0) | (indices >= limit)] if limit is not None else indices[indices < 0]
        if bad.size:
            raise InvalidArgumentError(None, None, f"Shape mismatch: index of slice exceeded limits of shape; index is {bad[0]}, exceeded "
                                                   f"{limit}")

    def result(self) -> Any:
        indices = np.array(sorted(self.rows), np.int64)
        values = np.zeros((len(indices), *self.tail), self.dtype.np)
        for k, i in enumerate(indices.tolist()):
            values[k] = self.rows[i] / self.dtype.np.type(self.times[i]) if self.mean else self.rows[i]
        first = self.shape[0] if self.shape else None
        return indices, values, np.array([-1 if first is None else first, *self.tail], np.int64)


class _Accumulator(ResourceOp):
    """Base of what stands for an accumulator. reduction_type: "MEAN" or "SUM"."""
    dtype: DType = one_of(NUMERIC, QUANTIZED)
    shape: Shape
    container: str = ""
    shared_name: str = ""
    reduction_type: str = one_word("MEAN", "SUM", default="MEAN")
    resource: Any = AccumulatorResource


class ResourceConditionalAccumulator(_Accumulator, sig="-> handle: resource", stateful=True):
    """Adds gradients up until enough of them are there."""


class ConditionalAccumulator(_Accumulator, sig="-> handle: &string", stateful=True):
    """ResourceConditionalAccumulator by reference."""


class SparseConditionalAccumulator(_Accumulator, sig="-> handle: &string", stateful=True):
    """Adds sparse gradients up until enough of them are there."""
    resource = SparseAccumulatorResource


class _OnAccumulator(Op):
    """Base of what is done with an accumulator."""

    def accesses(self, operation: Any) -> Any:
        return by_signature(operation, handle=HANDLE)

    def accumulator(self, ctx: Context, handle: Any) -> AccumulatorResource:
        stand = behind(ctx.operation, 0, handle)
        wanted = stand._op_def
        if not isinstance(wanted, _Accumulator):
            raise InvalidArgumentError(None, None, f"Trying to access a handle's resource using the wrong type: {stand.name} is a "
                                                   f"{stand.type}, no accumulator")
        found: AccumulatorResource = ctx.resource(handle, lambda: wanted.resource(wanted))
        if type(found) is not wanted.resource or (found.dtype, found.op_def.shape) != (wanted.dtype, wanted.shape):
            raise InvalidArgumentError(None, None, f"Shared accumulator '{wanted.shared_name}' is of dtype {found.dtype.name} and shape "
                                                   f"{describe(found.shape)}, but requested are {wanted.dtype.name} and "
                                                   f"{describe(wanted.shape)}")
        asked = getattr(self, "dtype", found.dtype)
        if asked is not found.dtype:
            raise InvalidArgumentError(None, None, f"Signature mismatch, have: {asked.name} expected: {found.dtype.name}")
        return found


class _Apply(_OnAccumulator, Effect):
    dtype: DType = one_of(NUMERIC, QUANTIZED)

    def infer(self, handle: Spec, local_step: Spec, gradient: Spec) -> tuple[()]:
        require_rank(local_step, 0)
        return ()

    def run(self, ctx: Context, handle: Any, local_step: Any, gradient: Any) -> tuple[()]:
        self.accumulator(ctx, handle).apply(int(local_step), np.asarray(gradient, self.dtype.np))
        return ()


class ResourceAccumulatorApplyGradient(_Apply, sig="handle: @, local_step: int64, gradient: dtype ->", stateful=True):
    """Adds a gradient, unless it is from an earlier step than the accumulator's."""


class AccumulatorApplyGradient(_Apply, sig="handle: &string, local_step: int64, gradient: dtype ->", stateful=True):
    """ResourceAccumulatorApplyGradient by reference."""


class SparseAccumulatorApplyGradient(_OnAccumulator, Effect, sig="handle: &string, local_step: int64, gradient_indices: int64, "
                                     "gradient_values: dtype, gradient_shape: int64 ->", stateful=True):
    """Adds a sparse gradient, unless it is from an earlier step than the accumulator's."""
    dtype: DType = one_of(NUMERIC, QUANTIZED)
    has_known_shape: bool

    def infer(self, handle: Spec, local_step: Spec, indices: Spec, values: Spec, shape: Spec) -> tuple[()]:
        require_rank(local_step, 0)
        require_rank(indices, 1)
        return ()

    def run(self, ctx: Context, handle: Any, local_step: Any, indices: Any, values: Any, shape: Any) -> tuple[()]:
        values = np.asarray(values, self.dtype.np)
        if not values.ndim:
            raise InvalidArgumentError(None, None, "Values should be non-scalar")
        known = tuple(np.asarray(shape).tolist()) if self.has_known_shape else None
        self.accumulator(ctx, handle).apply(int(local_step), np.asarray(indices), values, known)
        return ()


class _Count(_OnAccumulator):
    def infer(self, handle: Spec) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context, handle: Any) -> Any:
        return np.asarray(self.accumulator(ctx, handle).count, np.int32)


class ResourceAccumulatorNumAccumulated(_Count, sig="handle: @ -> num_accumulated: int32", stateful=True):
    """How many gradients there are."""


class AccumulatorNumAccumulated(_Count, sig="handle: &string -> num_accumulated: int32", stateful=True):
    """ResourceAccumulatorNumAccumulated by reference."""


class _SetStep(_OnAccumulator, Effect):
    def infer(self, handle: Spec, new_global_step: Spec) -> tuple[()]:
        require_rank(new_global_step, 0)
        return ()

    def run(self, ctx: Context, handle: Any, new_global_step: Any) -> tuple[()]:
        found = self.accumulator(ctx, handle)
        with found.changed:
            found.step = int(new_global_step)
        return ()


class ResourceAccumulatorSetGlobalStep(_SetStep, sig="handle: @, new_global_step: int64 ->", stateful=True):
    """Sets the step before which gradients are dropped."""


class AccumulatorSetGlobalStep(_SetStep, sig="handle: &string, new_global_step: int64 ->", stateful=True):
    """ResourceAccumulatorSetGlobalStep by reference."""


class _Take(_OnAccumulator):
    may_wait = True
    dtype: DType = one_of(NUMERIC, QUANTIZED)

    def infer(self, handle: Spec, num_required: Spec) -> Any:
        require_rank(num_required, 0)
        return Spec(self.dtype, None)

    def run(self, ctx: Context, handle: Any, num_required: Any) -> Any:
        return self.accumulator(ctx, handle).take(ctx, int(num_required))


class ResourceAccumulatorTakeGradient(_Take, sig="handle: @, num_required: int32 -> average: dtype", stateful=True):
    """The average (or sum) of the gradients, as soon as there are enough."""


class AccumulatorTakeGradient(_Take, sig="handle: &string, num_required: int32 -> average: dtype", stateful=True):
    """ResourceAccumulatorTakeGradient by reference."""


class SparseAccumulatorTakeGradient(_Take, Several, sig="handle: &string, num_required: int32 -> indices: int64, values: dtype, "
                                    "shape: int64", stateful=True):
    """The average (or sum) of the rows of sparse gradients, as soon as there are enough."""
    dtype: DType = one_of(NUMERIC, QUANTIZED)

    def infer(self, handle: Spec, num_required: Spec) -> Any:
        require_rank(num_required, 0)
        return Spec(dtypes.int64, None), Spec(self.dtype, None), Spec(dtypes.int64, None)
