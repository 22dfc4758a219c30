"""Staging areas, buffers between the steps of a pipeline: tf.contrib.staging.StagingArea, and MapStagingArea of
tensorflow.python.ops.data_flow_ops."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype
from ...core.export import export
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ..control_flow.flow import no_op
from ..scopes import colocate_with, name_scope
from . import map_staging_ops as map_ops
from . import staging_ops as ops


class BaseStagingArea:
    """Base of staging areas: dtypes, shapes and names of the components of an element, and what bounds how many are held."""

    def __init__(self, dtypes: Any, shapes: Any = None, names: Any = None, shared_name: str | None = None, capacity: int = 0,
                 memory_limit: int = 0):
        if shared_name is None:
            self._name = context.default_graph().unique_name(type(self).__name__)
        elif isinstance(shared_name, str):
            self._name = shared_name
        else:
            raise ValueError(f"shared_name must be a string, got {shared_name}")
        self._dtypes = [as_dtype(t) for t in dtypes]
        if shapes is not None and len(shapes) != len(self._dtypes):
            raise ValueError("StagingArea shapes must be the same length as dtypes")
        if names is not None and len(names) != len(self._dtypes):
            raise ValueError("StagingArea names must be the same length as dtypes")
        self._shapes = [TensorShape(s) for s in (shapes if shapes is not None else [None] * len(self._dtypes))]
        self._names = list(names) if names else None
        self._capacity, self._memory_limit = capacity, memory_limit
        with name_scope(f"{self._name}_root"):
            self._coloc_op = no_op()

    name = property(lambda self: self._name)
    dtypes = property(lambda self: self._dtypes)
    shapes = property(lambda self: self._shapes)
    names = property(lambda self: self._names)
    capacity = property(lambda self: self._capacity)
    memory_limit = property(lambda self: self._memory_limit)

    def _attributes(self, types: list[DType] | None = None) -> dict[str, Any]:
        return {"shared_name": self._name, "capacity": self._capacity, "memory_limit": self._memory_limit,
                "dtypes": tuple(self._dtypes if types is None else types)}

    def _fitting(self, value: Any, i: int) -> Tensor:
        """A value as the tensor of the component at a place; ValueError if it does not fit."""
        dtype = self._dtypes[i]
        if isinstance(value, Tensor) and value.dtype.base_dtype is not dtype:
            raise ValueError(f"Datatypes do not match. Received val.dtype {value.dtype} and dtype {dtype}")
        tensor = convert_to_tensor(value, dtype, f"component_{i}")
        tensor.shape.assert_is_compatible_with(self._shapes[i])
        return tensor


@export("contrib.staging.StagingArea")
class StagingArea(BaseStagingArea):
    """A buffer, first in, first out, of elements that are tuples of tensors (or dicts, with names).

    dtypes, shapes, names: of the components. shared_name: areas of one name are one, in each session. capacity: how many elements it
    holds at most, memory_limit: how many bytes; 0 for any number. Taking waits while it is empty, putting while it is full; a session that
    is closed ends all waits in it.
    """

    def put(self, values: Any, name: str | None = None) -> Operation:
        """An operation that adds an element: a tensor per component, in a list, or a dict for an area with names."""
        with name_scope(name or f"{self._name}_put") as scope:
            tensors = self._converted(values)
            with colocate_with(self._coloc_op):
                op: Operation = make(ops.Stage, tensors, name=scope, shared_name=self._name, capacity=self._capacity,
                                     memory_limit=self._memory_limit)
        return op

    def get(self, name: str | None = None) -> Any:
        """The next element: a list of tensors, or a dict for an area with names."""
        return self._element(ops.Unstage, (), name or f"{self._name}_get")

    def peek(self, index: Any, name: str | None = None) -> Any:
        """The element at a place, which stays there."""
        return self._element(ops.StagePeek, (index,), name or f"{self._name}_peek")

    def size(self, name: str | None = None) -> Tensor:
        """How many elements it holds, int32."""
        found: Tensor = make(ops.StageSize, name=name or f"{self._name}_size", **self._attributes())
        return found

    def clear(self, name: str | None = None) -> Operation:
        """An operation that drops all elements."""
        op: Operation = make(ops.StageClear, name=name or f"{self._name}_clear", **self._attributes())
        return op

    def _element(self, cls: Any, inputs: tuple[Any, ...], name: str) -> Any:
        with colocate_with(self._coloc_op):
            tensors = make(cls, *inputs, name=name, **self._attributes())
        no_op()
        for tensor, shape in zip(tensors, self._shapes):
            tensor.set_shape(shape)
        return dict(zip(self._names, tensors)) if self._names else tensors

    def _converted(self, values: Any) -> list[Tensor]:
        if isinstance(values, dict):
            if not self._names:
                raise ValueError("Staging areas must have names to enqueue a dictionary")
            if sorted(values) != sorted(self._names):
                raise ValueError("Keys in dictionary to put do not match names of staging area. Dictionary: "
                                 f"{sorted(values)}Queue: {sorted(self._names)}")
            values = [values[name] for name in self._names]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a staging area with names")
        elif not isinstance(values, (list, tuple)):
            values = [values]
        if len(values) != len(self._dtypes):
            raise ValueError(f"Unexpected number of inputs '{len(values)}' vs '{len(self._dtypes)}'")
        return [self._fitting(value, i) for i, value in enumerate(values)]


class MapStagingArea(BaseStagingArea):
    """A buffer of elements that have a key, an int64, and come in whole or component by component.

    ordered: without a key the element of the smallest one is taken, else any. The rest as in StagingArea.
    """

    def __init__(self, dtypes: Any, shapes: Any = None, names: Any = None, shared_name: str | None = None, ordered: bool = False,
                 capacity: int = 0, memory_limit: int = 0):
        super().__init__(dtypes, shapes, names, shared_name, capacity, memory_limit)
        self._kind = "OrderedMap" if ordered else "Map"

    def put(self, key: Any, vals: Any, indices: Any = None, name: str | None = None) -> Operation:
        """An operation that gives the element of a key some components: a list of tensors and their places, or a dict by name."""
        with name_scope(name or f"{self._name}_put") as scope:
            tensors, places = self._placed(vals, indices)
            with colocate_with(self._coloc_op):
                op: Operation = make(self._op("Stage"), key, list(places), tensors, name=scope, **self._attributes())
        return op

    def get(self, key: Any = None, indices: Any = None, name: str | None = None) -> Any:
        """(key, components) of the element of a key, or of any; taken as soon as it is complete. indices: places or names of some only."""
        if key is None:
            places, types = self._chosen(indices)
            with colocate_with(self._coloc_op):
                found = make(self._op("UnstageNoKey"), places, name=name or f"{self._name}_get_nokey", **self._attributes(types))
            no_op()
            no_op()
            return found[0], self._shaped(list(found[1:]), places)
        return key, self._of_key("Unstage", key, indices, name or f"{self._name}_get")

    def peek(self, key: Any, indices: Any = None, name: str | None = None) -> Any:
        """The components of the element of a key, as soon as it is complete; it stays."""
        return self._of_key("Peek", key, indices, name or f"{self._name}_pop")

    def size(self, name: str | None = None) -> Tensor:
        """How many complete elements it holds, int32."""
        found: Tensor = make(self._op("Size"), name=name or f"{self._name}_size", **self._attributes())
        return found

    def incomplete_size(self, name: str | None = None) -> Tensor:
        """How many elements still lack components, int32."""
        found: Tensor = make(self._op("IncompleteSize"), name=name or f"{self._name}_incomplete_size", **self._attributes())
        return found

    def clear(self, name: str | None = None) -> Operation:
        """An operation that drops all elements."""
        op: Operation = make(self._op("Clear"), name=name or f"{self._name}_clear", **self._attributes())
        return op

    def _op(self, what: str) -> Any:
        return getattr(map_ops, self._kind + what)

    def _of_key(self, what: str, key: Any, indices: Any, name: str) -> Any:
        places, types = self._chosen(indices)
        with colocate_with(self._coloc_op):
            found = make(self._op(what), key, places, name=name, **self._attributes(types))
        no_op()
        return self._shaped(found, places)

    def _shaped(self, tensors: Any, places: list[int]) -> Any:
        for tensor, i in zip(tensors, places):
            tensor.set_shape(self._shapes[i])
        return {self._names[i]: t for t, i in zip(tensors, places)} if self._names else tensors

    def _chosen(self, indices: Any) -> tuple[list[int], list[DType]]:
        """Places and dtypes of the components that are meant: all, or those of some places or names."""
        if indices is None:
            return list(range(len(self._dtypes))), self._dtypes
        if not isinstance(indices, (list, tuple)):
            raise TypeError(f"Invalid indices type {type(indices)}")
        if not indices:
            raise ValueError("Empty indices")
        if all(isinstance(i, str) for i in indices):
            if self._names is None:
                raise ValueError(f"String indices provided {indices}, but this Staging Area was not created with names.")
            absent = [i for i in indices if i not in self._names]
            if absent:
                raise ValueError(f"Named index not in Staging Area names {self._names}: {absent}")
            indices = [self._names.index(i) for i in indices]
        elif not all(isinstance(i, int) for i in indices):
            raise TypeError(f"Mixed types in indices {indices}. May only be str or int")
        return list(indices), [self._dtypes[i] for i in indices]

    def _placed(self, vals: Any, indices: Any) -> tuple[list[Tensor], list[int]]:
        """The values to put and their places."""
        if isinstance(vals, dict):
            if not self._names:
                raise ValueError("Staging areas must have names to enqueue a dictionary")
            if not set(vals) <= set(self._names):
                raise ValueError("Keys in dictionary to put do not match names of staging area. Dictionary: "
                                 f"{sorted(vals)}Queue: {sorted(self._names)}")
            indices = [i for i, name in enumerate(self._names) if name in vals]
            vals = [vals[self._names[i]] for i in indices]
        elif self._names:
            raise ValueError("You must enqueue a dictionary in a staging area with names")
        elif indices is None:
            raise ValueError("Indices must be supplied when inserting a list of tensors")
        elif not isinstance(vals, (list, tuple)):
            vals = [vals]
        if len(indices) != len(vals):
            raise ValueError(f"Number of indices {len(indices)} doesn't match number of values {len(vals)}")
        return [self._fitting(value, i) for value, i in zip(vals, indices)], list(indices)
