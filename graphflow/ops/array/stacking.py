"""Arrays put together along a new axis and taken apart again; lists of tensors as tensors."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor, register_tensor_conversion_function
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F


class Pack(Op, sig="values: T* -> output: T"):
    """Arrays of one shape along a new axis."""
    least = {"N": 1}
    chooses = True
    N: int
    T: DType
    axis: int = 0

    def infer(self, *values: Spec) -> Spec:
        shape: shapes.Shape = None
        for value in values:
            shape = shapes.merge(shape, value.shape)
        if shape is None:
            return Spec(self.T, None)
        rank = len(shape) + 1
        require(-rank <= self.axis < rank, f"Argument `axis` = {self.axis} not in range [{-rank}, {rank})")
        place = self.axis % rank
        return Spec(self.T, (*shape[:place], self.N, *shape[place:]))

    plain = property(lambda self: self.axis == 0)       # TensorFlow's rule

    def assembled(self, values: Sequence[Any], index: int) -> Any:
        if self.axis:
            return None
        try:
            return np.array(values)
        except ValueError:      # arrays beside None
            return np.array(values, object)

    def kernel(self, xp: Namespace, *values: Any) -> Any:
        return xp.stack(values, self.axis % (len(values[0].shape) + 1))

    def grad(self, op: Operation, dy: Any) -> Any:
        return unstack(dy, self.N, self.axis)

    def partial(self, op: Any, index: int, look: Any) -> Any:
        return tuple([look.scalar(t) for t in op.inputs]) if self.axis == 0 else None


@export("stack", old=["pack"])
def stack(values: Any, axis: int = 0, name: str = "stack") -> Tensor:
    """The tensors in `values`, all of one shape, along a new `axis`."""
    if (values.__class__ is list or values.__class__ is tuple) and {v.__class__ for v in values} == {context.EagerTensor} \
            and context.default_graph().eager and len({v.dtype for v in values}) == 1:
        rank = len(values[0].static) + 1
        if -rank <= axis < rank:
            return make(Pack, values, axis=axis)
    arrays = isinstance(values, (list, tuple)) and any(isinstance(v, np.ndarray) and v.ndim for v in values)
    if axis == 0 and not arrays:    # these keep their dtype, one by one
        try:
            return convert_to_tensor(values, name=name)
        except (TypeError, ValueError):
            pass  # mixed values, which Pack converts one by one or refuses with a better text
    first = convert_to_tensor(values[0], name=name)
    if first.static is not None:
        rank = len(first.static) + 1
        if not -rank <= axis < rank:
            raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
    return make(Pack, list(values), name=name, axis=axis)


@export("parallel_stack")
def parallel_stack(values: Any, name: str = "parallel_stack") -> Tensor:
    """As `tf.stack` along axis 0, for tensors of known shape."""
    values = [convert_to_tensor(v) for v in values]
    if not all(shapes.is_fully_defined(v.static) for v in values):
        raise ValueError("parallel_stack needs tensors of fully known shape; use tf.stack")
    return make(Pack, values, name=name)


class Unpack(Several, sig="value: T -> output: T*num"):
    """The entries along an axis, without that axis."""
    num: int
    T: DType
    axis: int = 0

    def infer(self, x: Spec) -> Any:
        if x.shape is None:
            return (Spec(self.T, None),) * self.num
        rank = len(x.shape)
        require(-rank <= self.axis < rank, f"Invalid axis = {self.axis}: must be in the range [{-rank}, {rank})")
        place = self.axis % rank
        require(x.shape[place] in (None, self.num), f"Dimension must be {self.num} but is {x.shape[place]}")
        return (Spec(self.T, (*x.shape[:place], *x.shape[place + 1:])),) * self.num

    plain = property(lambda self: self.axis == 0)

    def assembled(self, values: Sequence[Any], index: int) -> Any:
        return values[0][index] if values[0] is not None and not self.axis else None

    def kernel(self, xp: Namespace, x: Any) -> Any:
        place = self.axis % len(x.shape)
        if x.shape[place] != self.num:
            raise ValueError(f"Input shape axis {place} must equal {self.num}, got shape {list(x.shape)}")
        before = (slice(None),) * place
        return tuple(x[(*before, i)] for i in range(self.num))

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (stack(list(dy), self.axis),)


@export("unstack", old=["unpack"])
def unstack(value: Any, num: int | None = None, axis: int = 0, name: str = "unstack") -> list[Tensor]:
    """The tensors along `axis`, as a list; num: how many, where that is not static."""
    if num is None:
        value = convert_to_tensor(value)
        if value.static is not None:
            rank = len(value.static)
            if not -rank <= axis < rank:
                raise ValueError(f"Argument `axis` = {axis} not in range [{-rank}, {rank})")
            num = value.static[axis]
        if num is None:
            raise ValueError(f"Cannot infer argument `num` from shape {value.shape}; pass num=")
    return make(Unpack, value, name=name, num=int(num), axis=axis)


def _tensor_like(value: Any) -> bool:
    return isinstance(value, Tensor) or hasattr(value, "_as_graph_element")


def _dtype_inside(value: Any) -> DType | None:
    """The dtype of the first tensor in a nested list."""
    for item in value:
        if _tensor_like(item):
            return item.dtype.base_dtype
        if isinstance(item, (list, tuple)):
            found = _dtype_inside(item)
            if found is not None:
                return found
    return None


def _packed(value: Any, dtype: DType, name: str) -> Any:
    """A nested list as a Pack of Packs; a list without tensors stays a list."""
    with context.default_graph().name_scope(name) as scope:
        items, found = [], False
        for i, item in enumerate(value):
            if isinstance(item, (list, tuple)):
                item = _packed(item, dtype, str(i))
            if _tensor_like(item):
                found = True
                if item.dtype.base_dtype is not dtype:
                    raise TypeError(f"Cannot convert a list containing a tensor of dtype {item.dtype.base_dtype} to {dtype} "
                                    f"(Tensor is: {item})")
            items.append(item)
        if not found:
            return items
        tensors = [item if _tensor_like(item) else constant_op(item, dtype, None, str(i)) for i, item in enumerate(items)]
        return make(Pack, tensors, name=scope)


def _list_conversion(value: Any, dtype: DType | None = None, name: str | None = None, as_ref: bool = False) -> Any:
    inside = _dtype_inside(value)
    if inside is None:
        return NotImplemented
    if dtype is not None and dtype is not inside:
        value = _mapped(value, lambda t: F.cast(t, dtype))
    return _packed(value, dtype or inside, name or "packed")


def _mapped(value: Any, function: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_mapped(v, function) for v in value]
    return function(value) if _tensor_like(value) else value


register_tensor_conversion_function((list, tuple), _list_conversion, 99)
