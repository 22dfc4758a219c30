"""Shapes and zeros of states: sizes per leaf behind a batch size that may be known only when the graph runs."""
from __future__ import annotations

from typing import Any

from ..core import nest, shapes
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import int32
from ..core.known import constant_value
from ..core.tensor import Tensor
from ..ops.array.basic import shape
from ..ops.array.fill import zeros
from ..ops.array.joining import concat
from ..ops.array.layout import expand_dims


def joined(first: Any, rest: Any) -> Any:
    """A shape as a tensor: `first` (an int, a list, a scalar tensor) followed by `rest`."""
    return concat(_parts(first, rest)[:2], 0)


def joined_static(first: Any, rest: Any) -> shapes.TensorShape:
    """The same as far as it is known now. TensorFlow makes the constants here too, and seeds count them."""
    _, _, known = _parts(first, rest)
    return shapes.TensorShape([*known, *_dims(rest)])


def _dims(size: Any) -> list[int | None]:
    return list(shapes.as_tuple([size] if isinstance(size, int) else size) or ())


def _parts(first: Any, rest: Any) -> tuple[Any, Any, list[int | None]]:
    start: Any
    if isinstance(first, Tensor):
        value = constant_value(first)
        start, known = expand_dims(first, 0), [None if value is None else int(value)]
    else:
        known = [first] if isinstance(first, int) else list(first)
        start = constant(known, int32) if None not in known else None
    return start, constant(_dims(rest), int32), known


def zero_state_of(size: Any, batch: Any, dtype: Any) -> Any:
    """Zeros [batch, size...] in the structure of `size`."""
    def one(leaf: Any) -> Any:
        made = zeros(joined(batch, leaf), dtype)
        made.set_shape(joined_static(batch, leaf))
        return made

    return nest.map_structure(one, size)


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
    kinds = {convert_to_tensor(x).dtype.base_dtype for x in nest.flatten(state)}
    if not kinds:
        raise ValueError("Unable to infer dtype from empty state.")
    if len(kinds) > 1:
        raise ValueError("State has tensors of different inferred dtypes. Unable to infer a single representative dtype: "
                         f"{sorted(map(str, kinds))}; give `dtype`.")
    return kinds.pop()
