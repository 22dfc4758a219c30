"""Barrier, of tensorflow.python.ops.data_flow_ops: brings together the values of a key that several threads compute."""
from __future__ import annotations

from typing import Any, NamedTuple

from ...core import shapes as shapes_
from ...core.convert import convert_to_tensor
from ...core.dtypes import string
from ...core.known import constant_value
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ..scopes import name_scope
from . import barrier_ops as ops
from .queues import _shapes, _types


class BarrierTakeMany(NamedTuple):
    """indices: int64 [n], of the insertion that began each element; keys: string [n]; values: a tensor [n, ...] per component."""
    indices: Tensor
    keys: Tensor
    values: list[Tensor]


class Barrier:
    """Elements with a key and several components, which come in one by one and leave together.

    types, shapes: of the components; without shapes all are scalars. shared_name: barriers of one name are one, in each session. Elements
    leave in the order of the insertions that began them; taking waits until enough are complete.
    """

    def __init__(self, types: Any, shapes: Any = None, shared_name: str | None = None, name: str = "barrier"):
        self._types = _types(types)
        given = _shapes(shapes)
        if given is not None:
            if len(given) != len(self._types):
                raise ValueError(f"len(shapes)={len(given)}, len(dtypes)={len(self._types)}")
            if any(None in (s.as_list()) or 0 in s.as_list() for s in given):
                raise ValueError(f"Empty tensors are not supported, but received shape '{given}'")
        self._shapes = given if given is not None else [TensorShape(None) for _ in self._types]
        self._barrier_ref: Tensor = make(ops.Barrier, name=name, component_types=tuple(self._types), shared_name=shared_name or "",
                                         shapes=tuple(shapes_.as_tuple(s) for s in self._shapes))
        self._name = self._barrier_ref.op.name.rpartition("/")[2]

    barrier_ref = property(lambda self: self._barrier_ref)

    @property
    def name(self) -> str:
        """The name of the operation that stands for the barrier."""
        return self._barrier_ref.op.name

    def insert_many(self, component_index: int, keys: Any, values: Any, name: str | None = None) -> Operation:
        """An operation that gives elements one of their components. keys: string [n]; values: [n, ...].

        InvalidArgumentError at run for a key that has this component already, CancelledError for a new key of a closed barrier.
        """
        with name_scope(name or f"{self._name}_BarrierInsertMany") as scope:
            keys = convert_to_tensor(keys, string, "keys")
            values = convert_to_tensor(values, self._types[component_index], "values")
            op: Operation = make(ops.BarrierInsertMany, self._barrier_ref, keys, values, name=scope, component_index=component_index)
        return op

    def take_many(self, num_elements: Any, allow_small_batch: bool = False, timeout: None = None,
                  name: str | None = None) -> BarrierTakeMany:
        """The next num_elements complete elements. allow_small_batch: of a closed barrier those that are left, one at least.

        OutOfRangeError at run when the barrier is closed and holds too few. A timeout is refused (TensorFlow's kernel has none either).
        """
        if timeout is not None:
            raise NotImplementedError("Barrier.take_many with a timeout: pass options=tf.RunOptions(timeout_in_ms=...) to session.run")
        name = name or f"{self._name}_BarrierTakeMany"
        found = make(ops.BarrierTakeMany, self._barrier_ref, num_elements, name=name, component_types=tuple(self._types),
                     allow_small_batch=allow_small_batch)
        known = None if allow_small_batch else constant_value(found[0].op.inputs[1])
        rows = None if known is None else int(known)
        for tensor, shape in zip(found, [TensorShape([]), TensorShape([]), *self._shapes]):
            dims = shapes_.as_tuple(shape)
            tensor.set_shape(None if dims is None else (rows, *dims))
        return BarrierTakeMany(found[0], found[1], list(found[2:]))

    def close(self, cancel_pending_enqueues: bool = False, name: str | None = None) -> Operation:
        """An operation that closes the barrier: no more elements are begun; cancel_pending_enqueues: none is completed either."""
        op: Operation = make(ops.BarrierClose, self._barrier_ref, name=name or f"{self._name}_BarrierClose",
                             cancel_pending_enqueues=cancel_pending_enqueues)
        return op

    def ready_size(self, name: str | None = None) -> Tensor:
        """How many complete elements it holds, int32."""
        found: Tensor = make(ops.BarrierReadySize, self._barrier_ref, name=name or f"{self._name}_BarrierReadySize")
        return found

    def incomplete_size(self, name: str | None = None) -> Tensor:
        """How many elements still lack components, int32."""
        found: Tensor = make(ops.BarrierIncompleteSize, self._barrier_ref, name=name or f"{self._name}_BarrierIncompleteSize")
        return found
