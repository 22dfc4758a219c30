"""Shapes and zeros of states: sizes per leaf behind a batch size that may be known only when the graph runs."""
from __future__ import annotations

from typing import Any

from ..core import nest, shapes
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32
from ..core.known import constant_value
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.array.axes import expand_dims
from ..ops.array.basic import shape
from ..ops.array.fill import zeros
from ..ops.array.joining import concat
from ..ops.array.select import where
from ..ops.data_flow.tensor_array import TensorArray


def joined(first: Any, rest: Any) -> Any:
    """A shape as a tensor: `first` (an int, a list, a scalar tensor) followed by `rest`."""
    return concat(_parts(first, rest)[:2], 0)


def joined_static(first: Any, rest: Any) -> TensorShape:
    """The same as far as it is known now. TensorFlow makes the constants here too, and seeds count them."""
    _, _, known = _parts(first, rest)
    return TensorShape([*known, *_dims(rest)])


def _dims(size: Any) -> list[int | None]:
    if isinstance(size, Tensor):
        value = constant_value(size)
        return [None if value is None else int(value)]
    return list(shapes.as_tuple([size] if isinstance(size, int) else size) or ())


def _parts(first: Any, rest: Any) -> tuple[Any, Any, list[int | None]]:
    start: Any
    if isinstance(first, Tensor):
        value = constant_value(first)
        start, known = expand_dims(first, 0), [None if value is None else int(value)]
    else:
        known = [first] if isinstance(first, int) else list(first)
        start = constant(known, int32) if None not in known else None
    return start, expand_dims(rest, 0) if isinstance(rest, Tensor) else constant(_dims(rest), int32), known


def zero_state_of(size: Any, batch: Any, dtype: Any) -> Any:
    """Zeros [batch, size...] in the structure of `size`."""
    def one(leaf: Any) -> Any:
        made = zeros(joined(batch, leaf), dtype)
        made.set_shape(joined_static(batch, leaf))
        return made

    return nest.map_structure(one, size)


def kept(over: Any, old: Any, new: Any) -> Any:
    """old where a sequence is over, else new; arrays and what has no batch are taken as they come."""
    if isinstance(new, TensorArray):
        return new
    new = convert_to_tensor(new)
    if new.static == ():
        return new
    chosen = where(over, old, new)
    chosen.set_shape(old.static)
    return chosen


def batch_of(inputs: Any) -> Any:
    """The batch size of time major inputs: an int, else a scalar tensor."""
    for x in inputs:
        if x.static is not None and len(x.static) > 1 and x.static[1] is not None:
            return x.static[1]
    return shape(inputs[0])[1]


def state_dtype(explicit: Any, state: Any) -> Any:
    """The dtype asked for, else the one that all tensors of the state have; ValueError when they differ."""
    if explicit is not None:
        return explicit
    dtypes = {convert_to_tensor(x).dtype.base_dtype for x in nest.flatten(state)}
    if not dtypes:
        raise ValueError("Unable to infer dtype from empty state.")
    if len(dtypes) > 1:
        raise ValueError("State has tensors of different inferred dtypes. Unable to infer a single representative dtype: "
                         f"{sorted(map(str, dtypes))}; give `dtype`.")
    return dtypes.pop()
