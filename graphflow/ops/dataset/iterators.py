"""Iterators: what stands for one, what starts it on a dataset, and what takes elements from it."""
from __future__ import annotations

import threading
from typing import Any

import numpy as np

from ...core import dtypes, errors
from ...core.dtypes import DType, c_name
from ...core.effects import HANDLE, Access
from ...core.func_graph import FuncGraph
from ...core.op import Op, Shape, Spec, require_rank
from ...core.outcomes import Effect, Several
from ...core.shapes import compatible, describe
from ...core.tensor import Tensor
from ...graphdef.attributes import FunctionName
from ..control_flow.bodies import body_of
from ..data_flow.optional import Optional
from ..data_flow.resource_ops import ResourceOp, behind
from .base import DatasetValue, Next, Run, dataset_of, text


class IteratorResource:
    """What a session keeps for an iterator: the dataset that it goes through, and how far it is."""

    def __init__(self, op_def: Any, key: str):
        self.op_def, self.key = op_def, key
        self.types, self.shapes = tuple(op_def.output_types), tuple(op_def.output_shapes)
        self.lock = threading.Lock()                # one thread at a time takes an element
        self.run: Run | None = None
        self.following: Next | None = None

    def start(self, ctx: Any, dataset: DatasetValue) -> None:
        """Begins with the first element of a dataset."""
        run = Run(ctx)
        following = dataset.start(run)
        self.close_session()
        self.run, self.following = run, following

    def close_session(self) -> None:
        """Ends the threads that work for it."""
        if self.run is not None:
            self.run.close()

    def element(self, ctx: Any) -> tuple[Any, ...]:
        """The next element; OutOfRangeError at the end."""
        following = self.following
        if following is None:
            raise errors.FailedPreconditionError(None, ctx.operation, (
                "GetNext() failed because the iterator has not been initialized. Ensure that you have run the initializer operation for "
                "this iterator before getting the next element.\n  run iterator.initializer in this session first"))
        while not self.lock.acquire(timeout=0.05):      # another thread takes one, and may wait long for it
            if ctx.store.closed:
                raise errors.CancelledError(None, ctx.operation, "the session was closed")
        try:
            return following()
        except StopIteration:
            raise errors.OutOfRangeError(None, ctx.operation, "End of sequence") from None
        finally:
            self.lock.release()


class _Iterator(ResourceOp):
    """Base of what stands for an iterator."""
    shared_name: str
    container: str
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def made(self, ctx: Any, operation: Any, key: str) -> IteratorResource:
        """What a session keeps for the operation."""
        return IteratorResource(self, key)


class IteratorV2(_Iterator, sig="-> handle: resource", stateful=True):
    """An iterator that is started by MakeIterator."""


class Iterator(_Iterator, sig="-> handle: resource", stateful=True):
    """IteratorV2 of old: with a shared name, all sessions of a server have it in common."""


class OneShotIterator(_Iterator, sig="-> handle: resource", stateful=True):
    """An iterator that goes once through the dataset that a function gives."""
    dataset_factory: FunctionName
    output_types: list[DType]
    output_shapes: list[Shape]
    container: str = ""
    shared_name: str = ""

    def made(self, ctx: Any, operation: Any, key: str) -> IteratorResource:
        found = IteratorResource(self, key)
        body: FuncGraph = body_of(operation.graph.shared, self.dataset_factory)
        (value,) = ctx.session._function(body, (), ctx.session._function_scope())()
        found.start(ctx, dataset_of(value))
        return found


def _stands(tensor: Tensor) -> bool:
    """Whether a handle is known to stand for a resource of the graph, else it comes from a string at run time."""
    while tensor._op._op_def.resource_key(tensor._op) is None:
        graph: Any = tensor._op.graph
        outer = graph.behind(tensor) if graph.building_function else None
        if outer is None:
            if not tensor._op._inputs or isinstance(tensor._op._op_def, IteratorFromStringHandleV2):
                return False
            outer = tensor._op._inputs[0]
        tensor = outer
    return True


class _OnIterator(Op):
    """Base of what is done with an iterator. at: the position of its handle."""
    at: Any = 0

    def accesses(self, operation: Any) -> Any:
        return [Access(self.at, HANDLE)] if _stands(operation._inputs[self.at]) else []

    def iterator(self, ctx: Any, handle: Any) -> IteratorResource:
        """The iterator behind the handle."""
        if isinstance(handle, np.ndarray):                  # the bytes of its key
            return named(ctx, handle.tobytes().decode())
        stand = behind(ctx.operation, self.at)
        if not isinstance(stand._op_def, _Iterator):
            raise errors.InvalidArgumentError(None, ctx.operation, f"Trying to access a handle's resource using the wrong type: "
                                                                   f"{stand.name} is a {stand.type}, no iterator")
        wanted = stand._op_def
        resource: IteratorResource = ctx.resource(handle, lambda: wanted.made(ctx, stand, handle.key))
        return resource


def named(ctx: Any, key: str) -> IteratorResource:
    """The iterator of the session that a string handle stands for; NotFoundError where there is none."""
    found = ctx.store.resources.get(key)
    if not isinstance(found, IteratorResource):
        raise errors.NotFoundError(None, ctx.operation, f"Resource {key!r} does not exist: it is no string handle of an iterator of this "
                                                        "session; run iterator.string_handle() in it")
    return found


class MakeIterator(_OnIterator, Effect, sig="dataset: variant, iterator: @ ->", stateful=True):
    """Starts an iterator on a dataset, with its first element."""
    at = 1

    def infer(self, dataset: Spec, iterator: Spec) -> tuple[()]:
        return ()

    def run(self, ctx: Any, dataset: Any, iterator: Any) -> tuple[()]:
        self.iterator(ctx, iterator).start(ctx, dataset_of(dataset))
        return ()


class IteratorGetNext(_OnIterator, Several, sig="iterator: @ -> components: [output_types]", stateful=True):
    """The next element of an iterator; OutOfRangeError "End of sequence" when there is none."""
    may_wait = True
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def infer(self, iterator: Spec) -> tuple[Spec, ...]:
        return tuple([Spec(t, s) for t, s in zip(self.output_types, self.output_shapes)])

    def run(self, ctx: Any, iterator: Any) -> Any:
        found = self.iterator(ctx, iterator)
        element = found.element(ctx)
        for i, (part, dtype, shape) in enumerate(zip(element, self.output_types, self.output_shapes)):
            if part.dtype != dtype.np:
                raise errors.InvalidArgumentError(None, ctx.operation, f"Data type mismatch at component {i}: expected {c_name(dtype)} "
                                                                       f"but got {c_name(part.dtype)}.")
            if shape is not None and not compatible(shape, part.shape):
                raise errors.InvalidArgumentError(None, ctx.operation, f"Incompatible shapes at component {i}: expected {describe(shape)} "
                                                                       f"but got {describe(part.shape)}.")
        return tuple([part if part.flags.writeable else part.copy() for part in element])

    def grad(self, op: Any, *dy: Any) -> Any:
        return [None]


class IteratorGetNextSync(IteratorGetNext, sig="iterator: @ -> components: [output_types]", stateful=True):
    """IteratorGetNext."""
    least = {"output_types": 1, "output_shapes": 1}


class IteratorGetNextAsOptional(_OnIterator, sig="iterator: @ -> optional: variant", stateful=True):
    """An optional with the next element of an iterator, without one when there is none."""
    may_wait = True
    output_types: list[DType]
    output_shapes: list[Shape]
    least = {"output_types": 1, "output_shapes": 1}

    def infer(self, iterator: Spec) -> Spec:
        return Spec(dtypes.variant, ())

    def run(self, ctx: Any, iterator: Any) -> Any:
        out = np.empty((), object)
        try:
            out[()] = Optional(tuple([part.copy() for part in self.iterator(ctx, iterator).element(ctx)]))
        except errors.OutOfRangeError:
            out[()] = Optional(None)
        return out

    def grad(self, op: Any, *dy: Any) -> Any:
        return [None]


class IteratorToStringHandle(_OnIterator, sig="resource_handle: @ -> string_handle: string", stateful=True):
    """A string that stands for an iterator, to be fed."""

    def infer(self, resource_handle: Spec) -> Spec:
        return Spec(dtypes.string, ())

    def run(self, ctx: Any, resource_handle: Any) -> Any:
        return np.array(self.iterator(ctx, resource_handle).key.encode(), object)


class _FromString(Op):
    output_types: list[DType] = ()  # type: ignore[assignment]
    output_shapes: list[Shape] = ()  # type: ignore[assignment]

    def infer(self, string_handle: Spec) -> Spec:
        require_rank(string_handle, 0)
        return Spec(dtypes.resource, None)              # its value is the key, in bytes

    def run(self, ctx: Any, string_handle: Any) -> Any:
        key = text(string_handle)
        found = named(ctx, key)
        if self.output_types and tuple(self.output_types) != found.types:
            raise errors.InvalidArgumentError(None, ctx.operation, f"Number of components or data types do not match: expected "
                                                                   f"{_names(self.output_types)} but got {_names(found.types)}.")
        for i, (asked, has) in enumerate(zip(self.output_shapes, found.shapes)):
            if not compatible(asked, has):
                raise errors.InvalidArgumentError(None, ctx.operation, f"Incompatible shapes at component {i}: expected {describe(asked)} "
                                                                       f"but got {describe(has)}.")
        return np.frombuffer(key.encode(), np.uint8)


def _names(types: Any) -> str:
    return ", ".join(t.name for t in types)


class IteratorFromStringHandleV2(_FromString, sig="string_handle: string -> resource_handle: resource", stateful=True):
    """The iterator that a string stands for."""


class IteratorFromStringHandle(IteratorFromStringHandleV2, sig="string_handle: string -> resource_handle: resource", stateful=True):
    """IteratorFromStringHandleV2 of old."""
