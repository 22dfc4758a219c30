"""Queue operations: those that stand for a queue, and those that put and take. Each exists by handle (V2) and, of old, by reference."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import dtypes, errors
from ...core.dtypes import DType
from ...core.effects import HANDLE, by_signature
from ...core.op import Op, Shape, Spec, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Effect, Several
from ...core.run_context import Context
from .queue_resource import PaddingResource, PriorityResource, QueueResource, ShuffleResource
from .resource_ops import ResourceOp, behind, the_handle


class _Queue(ResourceOp):
    """Base of what stands for a queue. capacity: negative for no bound. shapes: of the components, or none where they may differ."""
    component_types: list[DType]
    shapes: list[Shape] = ()  # type: ignore[assignment]
    capacity: int = -1
    container: str = ""
    shared_name: str = ""
    resource: Any = QueueResource


class FIFOQueueV2(_Queue, sig="-> handle: resource", stateful=True):
    """A queue, first in, first out."""
    least = {"component_types": 1}


class FIFOQueue(_Queue, sig="-> handle: &string", stateful=True):
    """FIFOQueueV2 by reference."""
    least = {"component_types": 1}


class PaddingFIFOQueueV2(_Queue, sig="-> handle: resource", stateful=True):
    """A queue whose elements may differ in size."""
    least = {"component_types": 1}
    resource = PaddingResource


class PaddingFIFOQueue(_Queue, sig="-> handle: &string", stateful=True):
    """PaddingFIFOQueueV2 by reference."""
    least = {"component_types": 1}
    resource = PaddingResource


class _PriorityQueue(_Queue):
    component_types: list[DType] = ()  # type: ignore[assignment]
    shapes: list[Shape]
    resource = PriorityResource


class PriorityQueueV2(_PriorityQueue, sig="-> handle: resource", stateful=True):
    """A queue in the order of an int64 that comes with each element."""


class PriorityQueue(_PriorityQueue, sig="-> handle: &string", stateful=True):
    """PriorityQueueV2 by reference."""


class _RandomShuffleQueue(_Queue):
    min_after_dequeue: int = 0
    seed: int = 0
    seed2: int = 0
    resource = ShuffleResource


class RandomShuffleQueueV2(_RandomShuffleQueue, sig="-> handle: resource", stateful=True):
    """A queue that gives its elements in random order."""
    least = {"component_types": 1}


class RandomShuffleQueue(_RandomShuffleQueue, sig="-> handle: &string", stateful=True):
    """RandomShuffleQueueV2 by reference."""
    least = {"component_types": 1}


class _OnQueue(Op):
    """Base of what is done with a queue."""

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, handle=HANDLE)


def queue_behind(ctx: Context, handle: Any, position: int = 0) -> QueueResource:
    """The queue behind an input of an operation; InvalidArgumentError if what is there differs from what the graph asks for."""
    handle = the_handle(ctx.operation, handle)
    wanted = behind(ctx.operation, position, handle)._op_def
    found = ctx.resource(handle, lambda: _made(wanted, handle.key))
    if found.op_def is not wanted:
        _compare(found, wanted)
    return found


def _made(op_def: Any, key: str) -> QueueResource:
    queue: QueueResource = op_def.resource(op_def)
    if not op_def.shared_name:
        queue.name += key.rpartition("//")[2]
    return queue


def _compare(found: Any, wanted: Any) -> None:
    name, is_ = wanted.shared_name, getattr(found, "op_def", None)
    if not isinstance(found, QueueResource) or wanted.resource is not type(found):
        raise errors.InvalidArgumentError(None, None, f"Shared name '{name}': Expected {type(wanted).__name__.removesuffix('V2')}, found "
                                                      f"{type(is_).__name__}")
    for what, field in (("component types", "component_types"), ("capacity", "capacity"), ("component shapes", "shapes"),
                        ("min_after_dequeue", "min_after_dequeue")):
        has, asks = getattr(is_, field, None), getattr(wanted, field, None)
        if has != asks:
            verb = "were" if what.startswith("component") else "was"
            raise errors.InvalidArgumentError(None, None, f"Shared queue '{name}' has {what} {_shown(has)} but requested {what} {verb} "
                                                          f"{_shown(asks)}")


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(v.name if isinstance(v, DType) else str(v) for v in value)
    return str(value)


class _Enqueue(_OnQueue, Effect):
    may_wait = True
    Tcomponents: list[DType]
    timeout_ms: int = -1

    def infer(self, handle: Spec, *components: Spec) -> tuple[()]:
        return ()

    def queue(self, ctx: Context, handle: Any) -> QueueResource:
        queue = queue_behind(ctx, handle)
        if queue.dtypes != tuple(self.Tcomponents):
            raise errors.InvalidArgumentError(None, None, f"Signature mismatch, have: {_names(self.Tcomponents)} expected: "
                                                          f"{_names(queue.dtypes)}")
        return queue

    def run(self, ctx: Context, handle: Any, *components: Any) -> tuple[()]:
        queue = self.queue(ctx, handle)
        queue.put(ctx, queue.element(tuple(map(np.asarray, components))))
        return ()


class QueueEnqueueV2(_Enqueue, sig="handle: @, components: [Tcomponents] ->", stateful=True):
    """Adds an element to a queue, as soon as there is room."""
    least = {"Tcomponents": 1}


class QueueEnqueue(_Enqueue, sig="handle: &string, components: [Tcomponents] ->", stateful=True):
    """QueueEnqueueV2 by reference."""
    least = {"Tcomponents": 1}


class _EnqueueMany(_Enqueue):
    def run(self, ctx: Context, handle: Any, *components: Any) -> tuple[()]:
        queue = self.queue(ctx, handle)
        queue.put_many(ctx, queue.elements(tuple(map(np.asarray, components))))
        return ()


class QueueEnqueueManyV2(_EnqueueMany, sig="handle: @, components: [Tcomponents] ->", stateful=True):
    """Adds the rows of its inputs to a queue."""
    least = {"Tcomponents": 1}


class QueueEnqueueMany(_EnqueueMany, sig="handle: &string, components: [Tcomponents] ->", stateful=True):
    """QueueEnqueueManyV2 by reference."""
    least = {"Tcomponents": 1}


class _Dequeue(_OnQueue, Several):
    may_wait = True
    component_types: list[DType]
    timeout_ms: int = -1

    def infer(self, handle: Spec) -> tuple[Spec, ...]:
        return tuple(Spec(t, None) for t in self.component_types)

    def queue(self, ctx: Context, handle: Any) -> QueueResource:
        queue = queue_behind(ctx, handle)
        if queue.dtypes != tuple(self.component_types):
            raise errors.InvalidArgumentError(None, None, f"Signature mismatch, have: {_names(self.component_types)} expected: "
                                                          f"{_names(queue.dtypes)}")
        return queue

    def run(self, ctx: Context, handle: Any) -> Any:
        return list(self.queue(ctx, handle).take(ctx))


def _names(types: Sequence[DType]) -> str:
    return ", ".join(t.name for t in types)


class QueueDequeueV2(_Dequeue, sig="handle: @ -> components: [component_types]", stateful=True):
    """The next element of a queue, as soon as there is one."""
    least = {"component_types": 1}


class QueueDequeue(_Dequeue, sig="handle: &string -> components: [component_types]", stateful=True):
    """QueueDequeueV2 by reference."""
    least = {"component_types": 1}


class _DequeueMany(_Dequeue):
    static = {"n": 0}
    fewer: Any = False

    def infer(self, handle: Spec, n: Any) -> tuple[Spec, ...]:  # type: ignore[override]
        require_rank(n, 0)
        require(n.value is None or n.value >= 0, f"Input 'n' must be >= 0, but is {n.value}")
        return tuple(Spec(t, None) for t in self.component_types)

    def run(self, ctx: Context, handle: Any, n: Any) -> Any:  # type: ignore[override]
        if n < 0:
            name = type(self).__name__.removeprefix("Queue").removesuffix("V2")
            raise errors.InvalidArgumentError(None, None, f"{name}Op requested {n} < 0 elements")
        return self.queue(ctx, handle).take_many(ctx, int(n), self.fewer)


class QueueDequeueManyV2(_DequeueMany, sig="handle: @, n: int32 -> components: [component_types]", stateful=True):
    """The next n elements of a queue, stacked."""
    least = {"component_types": 1}


class QueueDequeueMany(_DequeueMany, sig="handle: &string, n: int32 -> components: [component_types]", stateful=True):
    """QueueDequeueManyV2 by reference."""
    least = {"component_types": 1}


class QueueDequeueUpToV2(_DequeueMany, sig="handle: @, n: int32 -> components: [component_types]", stateful=True):
    """The next n elements of a queue, stacked; fewer, when it is closed and no more are left."""
    least = {"component_types": 1}
    fewer = True


class QueueDequeueUpTo(_DequeueMany, sig="handle: &string, n: int32 -> components: [component_types]", stateful=True):
    """QueueDequeueUpToV2 by reference."""
    least = {"component_types": 1}
    fewer = True


class _Close(_OnQueue, Effect):
    may_wait = True
    cancel_pending_enqueues: bool = False

    def infer(self, handle: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Context, handle: Any) -> tuple[()]:
        queue_behind(ctx, handle).close(ctx, self.cancel_pending_enqueues)
        return ()


class QueueCloseV2(_Close, sig="handle: @ ->", stateful=True):
    """Closes a queue: nothing more comes in."""


class QueueClose(_Close, sig="handle: &string ->", stateful=True):
    """QueueCloseV2 by reference."""


class _IsClosed(_OnQueue):
    def infer(self, handle: Spec) -> Spec:
        return Spec(dtypes.bool, ())

    def run(self, ctx: Context, handle: Any) -> Any:
        return np.asarray(queue_behind(ctx, handle).closed)


class QueueIsClosedV2(_IsClosed, sig="handle: @ -> is_closed: bool", stateful=True):
    """Whether a queue is closed."""


class QueueIsClosed(_IsClosed, sig="handle: &string -> is_closed: bool", stateful=True):
    """QueueIsClosedV2 by reference."""


class _Size(_OnQueue):
    def infer(self, handle: Spec) -> Spec:
        return Spec(dtypes.int32, ())

    def run(self, ctx: Context, handle: Any) -> Any:
        queue = queue_behind(ctx, handle)
        with queue.changed:
            return np.asarray(len(queue.held), np.int32)


class QueueSizeV2(_Size, sig="handle: @ -> size: int32", stateful=True):
    """How many elements a queue holds."""


class QueueSize(_Size, sig="handle: &string -> size: int32", stateful=True):
    """QueueSizeV2 by reference."""


class FakeQueue(Op, sig="resource: resource -> handle: &string", stateful=True):
    """The handle of a queue as a reference, for operations by reference."""

    def infer(self, resource: Spec) -> Spec:
        return Spec(dtypes.string.ref_dtype, (2,))

    def run(self, ctx: Context, resource: Any) -> Any:
        return np.asarray(resource, object)
