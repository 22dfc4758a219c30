"""Barrier operations: values that belong to one key come in one by one, and leave together when the last of them is there."""
from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import numpy as np

from ...core import dtypes, errors, shapes
from ...core.dtypes import DType
from ...core.effects import HANDLE, by_signature
from ...core.op import Op, Shape, Spec, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from .queue_resource import PriorityResource
from .resource_ops import ResourceOp, behind

FIRST = np.iinfo(np.int64).min      # the index of the elements that the first insertion begins


class BarrierResource:
    """What a session keeps for a barrier: by key what came of elements that are not complete, and a queue of those that are.

    Complete elements leave in the order in which their first components came; `index` counts the insertions that began elements.
    """

    def __init__(self, op_def: Any):
        self.types = tuple(op_def.component_types)
        self.shapes = tuple(s or () for s in op_def.shapes) or ((),) * len(self.types)
        self.ready = PriorityResource(SimpleNamespace(component_types=(dtypes.string, *self.types), shapes=((), *self.shapes), capacity=-1,
                                                      shared_name=op_def.shared_name))
        self.lock = threading.Lock()
        self.begun: dict[bytes, tuple[int, list[Any]]] = {}
        self.index, self.closed, self.cancelled = int(FIRST), False, False

    name = property(lambda self: self.ready.name)

    def insert(self, ctx: Context, component: int, keys: Any, values: Any) -> None:
        """Gives elements one of their components; what came before an error stays."""
        if not 0 <= component < len(self.types):
            raise errors.InvalidArgumentError(None, None, f"The component ID is out of range {component} > num_components "
                                                          f"(= {len(self.types)})")
        if values.shape[:1] != keys.shape:
            raise errors.InvalidArgumentError(None, None, f"Shape mismatch: {len(keys)} keys and values of shape {list(values.shape)}")
        if values.shape[1:] != self.shapes[component]:
            wanted, found = shapes.describe(self.shapes[component]), shapes.describe(values.shape[1:])
            raise errors.InvalidArgumentError(None, None, f"Shape mismatch in tuple component {component + 2}. Expected {wanted}, "
                                                          f"got {found}")
        with self.lock:
            if self.closed and (self.cancelled or len(keys) and not self.begun):
                raise self._closed(f"is closed.  Pending enqueues cancelled: {int(self.cancelled)}.  "
                                   f"Number of new insertions: {len(keys)}.")
            began = False
            try:
                for key, value in zip(keys, values):
                    began |= self._insert_one(ctx, component, key, np.array(value))
            finally:
                self.index += began
            if self.closed and not self.begun:
                self.ready.close(ctx, False)

    def _insert_one(self, ctx: Context, component: int, key: bytes, value: np.ndarray) -> bool:
        new = key not in self.begun
        if new and self.closed:
            raise self._closed(f"is closed, but attempted to insert a brand new key: {key.decode(errors='replace')}.  Pending enqueues "
                               f"cancelled: {int(self.cancelled)}.  Insertion index: {component}.")
        index, values = self.begun.setdefault(key, (self.index, [None] * len(self.types)))
        if values[component] is not None:
            raise errors.InvalidArgumentError(None, None, f"Key {key.decode(errors='replace')} already has a value for component "
                                                          f"{component} in barrier {self.name}")
        values[component] = value
        if all(v is not None for v in values):
            del self.begun[key]
            self.ready.put(ctx, (np.asarray(index), np.asarray(key, object), *values))
        return new

    def _closed(self, what: str) -> errors.CancelledError:
        return errors.CancelledError(None, None, f"Barrier {self.name} {what}  Number of incomplete keys: {len(self.begun)}.")

    def take(self, ctx: Context, count: int, fewer: bool, also_incomplete: bool) -> list[np.ndarray]:
        """The next `count` complete elements, stacked; with `fewer` what a closed barrier has (also_incomplete: or will still have)."""
        with self.lock:
            size, closed = len(self.ready.held), self.closed
            whole = size + len(self.begun)
        if closed:
            if fewer:
                count = min(count, whole if also_incomplete else size)
            if not count or count > whole:
                raise self._insufficient(count, size)
        try:
            return self.ready.take_many(ctx, count, fewer)
        except errors.OutOfRangeError:
            raise self._insufficient(count, len(self.ready.held)) from None

    def _insufficient(self, count: int, size: int) -> errors.OutOfRangeError:
        return errors.OutOfRangeError(None, None, f"Barrier '{self.name}' is closed and has insufficient elements (requested {count}, "
                                                  f"total size {size})")

    def close(self, ctx: Context, cancel: bool) -> None:
        """No more elements are begun; with `cancel` those that are not complete are dropped."""
        with self.lock:
            if self.closed and (self.cancelled or not cancel):
                raise errors.CancelledError(None, None, f"Barrier '{self.name}' is already closed.")
            self.closed, self.cancelled = True, cancel
            if cancel:
                self.begun.clear()
            if not self.begun:
                self.ready.close(ctx, cancel)

    def close_session(self) -> None:
        """Wakes those who wait: their session was closed."""
        self.ready.close_session()


class Barrier(ResourceOp, sig="-> handle: &string", stateful=True):
    """Stands for a barrier. component_types, shapes: of the values of an element."""
    component_types: list[DType]
    shapes: list[Shape] = ()  # type: ignore[assignment]
    capacity: int = -1
    container: str = ""
    shared_name: str = ""
    least = {"component_types": 1}
    resource = BarrierResource

    def infer(self) -> Spec:
        return Spec(dtypes.string.ref_dtype, (2,))


class _OnBarrier(Op):
    """Base of what is done with a barrier."""

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, handle=HANDLE)

    def barrier(self, ctx: Context, handle: Any) -> BarrierResource:
        wanted = behind(ctx.operation, 0, handle)._op_def
        found: BarrierResource = ctx.resource(handle, lambda: _made(wanted, handle.key))
        asked = (tuple(wanted.component_types), tuple(s or () for s in wanted.shapes) or found.shapes)  # type: ignore[attr-defined]
        if not isinstance(found, BarrierResource) or asked != (found.types, found.shapes):
            raise errors.InvalidArgumentError(None, None, f"Shared name '{wanted.shared_name}' is taken by another kind of "  # type: ignore[attr-defined]
                                                          "resource, or a barrier of other component types or shapes")
        return found


def _made(wanted: Any, key: str) -> BarrierResource:
    barrier = BarrierResource(wanted)
    if not wanted.shared_name:
        barrier.ready.name += key.rpartition("//")[2]
    return barrier


class BarrierInsertMany(_OnBarrier, Effect, sig="handle: &string, keys: string, values: T ->", stateful=True):
    """Gives the elements of these keys one of their components: the rows of `values`."""
    T: DType
    component_index: int

    def infer(self, handle: Spec, keys: Spec, values: Spec) -> tuple[()]:
        require_rank(keys, 1)
        return ()

    def run(self, ctx: Context, handle: Any, keys: Any, values: Any) -> tuple[()]:
        self.barrier(ctx, handle).insert(ctx, self.component_index, np.asarray(keys), np.asarray(values))
        return ()


class BarrierTakeMany(_OnBarrier, Several,
                      sig="handle: &string, num_elements: int32 -> indices: int64, keys: string, values: [component_types]", stateful=True):
    """The next complete elements: the index of the insertion that began each, its key, and its values, stacked."""
    component_types: list[DType]
    allow_small_batch: bool = False
    wait_for_incomplete: bool = False
    timeout_ms: int = -1
    least = {"component_types": 1}
    may_wait = True

    def infer(self, handle: Spec, num_elements: Spec) -> tuple[Spec, ...]:
        require_rank(num_elements, 0)
        return Spec(dtypes.int64, (None,)), Spec(dtypes.string, (None,)), *[Spec(t, None) for t in self.component_types]

    def run(self, ctx: Context, handle: Any, num_elements: Any) -> Any:
        if num_elements < 0:
            raise errors.InvalidArgumentError(None, None, f"num_elements must not be negative, but is {num_elements}")
        if self.timeout_ms >= 0:
            raise errors.InvalidArgumentError(None, None, "Timeout not supported yet.")
        return self.barrier(ctx, handle).take(ctx, int(num_elements), self.allow_small_batch, self.wait_for_incomplete)


class BarrierClose(_OnBarrier, Effect, sig="handle: &string ->", stateful=True):
    """Closes a barrier: no more elements are begun."""
    cancel_pending_enqueues: bool = False

    def infer(self, handle: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, handle: Any) -> tuple[()]:
        self.barrier(ctx, handle).close(ctx, self.cancel_pending_enqueues)
        return ()


class BarrierReadySize(_OnBarrier, sig="handle: &string -> size: int32", stateful=True):
    """How many complete elements a barrier holds."""

    def infer(self, handle: Spec) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context, handle: Any) -> Any:
        return np.asarray(len(self.barrier(ctx, handle).ready.held), np.int32)


class BarrierIncompleteSize(_OnBarrier, sig="handle: &string -> size: int32", stateful=True):
    """How many elements of a barrier still lack components."""

    def infer(self, handle: Spec) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context, handle: Any) -> Any:
        return np.asarray(len(self.barrier(ctx, handle).begun), np.int32)
