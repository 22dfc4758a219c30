"""What is known of a tensor's value while the graph is built.

`known_value` evaluates constant subgraphs (as TensorFlow's shape functions do); `constant_value` is TF's public, narrower
rule that Python code branches on; `partial_shape` reads an integer vector as a shape of which parts are known.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ..kernels.namespace import numpy_namespace
from . import shapes
from .constant import Const
from .export import export
from .shapes import Shape
from .spec import Known
from .tensor import Tensor

_LIMIT = 1 << 16       # elements of a value worth computing while building
_DEPTH = 40


def known_value(tensor: Tensor, depth: int = 0, plain: bool = False) -> np.ndarray | None:
    """The value of a tensor that depends on constants and static shapes only, else None; not to be written.

    plain: look through ops only that say so (`Op.plain`).
    """
    op = tensor._op
    op_def = op._op_def
    if op_def.__class__ is Const:
        constant: np.ndarray = op_def.value
        return None if constant.size > _LIMIT and 0 in constant.strides else constant  # one number, as often as a file claims
    if plain and not op_def.plain:
        return None
    told = op_def.told([t._spec.shape for t in op._inputs], tensor._index)
    if told is not None:
        return told
    known = op.graph._known
    if not plain and tensor in known:
        return known[tensor]
    if depth >= _DEPTH or op_def.stateful or not op_def.folds or not op._inputs or type(op_def).signature().ref_inputs \
            or type(op_def).signature().handle_inputs:
        return None
    size = shapes.num_elements(tensor._spec.shape)
    if size is not None and size > _LIMIT:
        return None
    values = []
    for source in op._inputs:
        if source.dtype.is_ref:
            return None
        value = known_value(source, depth + 1, plain)
        if value is None:
            if plain:
                return None
            known[tensor] = None
            known[tensor] = found = _from_parts(tensor, depth)
            return found
        values.append(value)
    found = _evaluate(tensor, values)
    if not plain:
        known[tensor] = found
    return found


def _from_parts(tensor: Tensor, depth: int) -> np.ndarray | None:
    """The value of an integer that is taken from a shape of which it is a known part: tf.shape(x)[1] for x of shape [?, 4]."""
    dtype = tensor.dtype.base_dtype
    if tensor._spec.shape != () or not dtype.is_integer:
        return None
    found = tensor._op._op_def.partial(tensor._op, tensor._index, Look(depth + 1))
    return np.asarray(found[0], dtype.np) if found and found[0] is not None else None


def _evaluate(tensor: Tensor, values: list[np.ndarray]) -> np.ndarray | None:
    op = tensor._op
    if any(v.size > _LIMIT for v in values):
        return None
    try:
        with np.errstate(all="ignore"):
            result = op._op_def.kernel(numpy_namespace, *values)
    except Exception:  # a kernel that fails here fails at run time with a better message
        return None
    if len(op.outputs) > 1 or isinstance(result, (tuple, list)):
        result = result[tensor._index]
    dtype = tensor.dtype.base_dtype
    return np.asarray(result) if dtype.np.kind == "O" else np.asarray(result, dtype.np)


@export("get_static_value", "contrib.util.constant_value")
def constant_value(tensor: Any, partial: bool = False) -> Any:
    """The numpy value of a tensor whose value is plain from the graph (constants, shapes, ...), else None; what is no tensor, as it is.

    partial: also of a stack of which parts are known, as an array of objects in which the others are None.
    """
    if not hasattr(tensor, "graph"):
        return tensor
    if not isinstance(tensor, Tensor):
        return None
    found = known_value(tensor, plain=True)
    return _partly(tensor, 0) if found is None and partial else found


def _partly(tensor: Tensor, depth: int) -> Any:
    found = known_value(tensor, plain=True)
    op_def = tensor._op._op_def
    if found is not None or not op_def.plain or depth >= _DEPTH:
        return found
    return op_def.assembled([_partly(t, depth + 1) for t in tensor._op._inputs], tensor._index)


def partial_shape(tensor: Tensor, depth: int = 0) -> Shape:
    """An integer vector read as a shape: known entries as ints, others (and -1) as None; None when even its length is unknown."""
    value = known_value(tensor)
    if value is not None:
        return tuple(None if d < 0 else int(d) for d in np.ravel(value))
    if depth < _DEPTH:
        found = tensor._op._op_def.partial(tensor._op, tensor._index, Look(depth + 1))
        if found is not None:
            return found
    length = tensor._spec.shape
    if length is not None and len(length) == 1 and length[0] is not None and length[0] <= 64:
        return (None,) * length[0]
    return None


def partial_scalar(tensor: Tensor, depth: int = 0) -> int | None:
    """The value of an integer scalar if it is known to the graph, else None; looks through shapes and slices of them."""
    value = known_value(tensor)
    if value is not None:
        number = int(value)
        return None if number < 0 else number
    found = tensor._op._op_def.partial(tensor._op, tensor._index, Look(depth + 1)) if depth < _DEPTH else None
    return found[0] if found else None


class Look:
    """What `Op.partial` may ask about inputs; looks through so many ops at most."""
    __slots__ = ("depth",)

    def __init__(self, depth: int):
        self.depth = depth

    def shape(self, tensor: Tensor) -> Shape:
        return partial_shape(tensor, self.depth)

    def scalar(self, tensor: Tensor) -> int | None:
        return partial_scalar(tensor, self.depth)

    def value(self, tensor: Tensor) -> np.ndarray | None:
        return known_value(tensor)


def known_spec(tensor: Tensor) -> Known:
    """dtype, shape and what is known of the value: what `infer` gets for a static input."""
    dtype = tensor.dtype.base_dtype
    value = known_value(tensor)
    partial: Shape = None
    shape = tensor._spec.shape
    if dtype.is_integer and (shape is None or len(shape) == 1):
        partial = partial_shape(tensor)
    return Known(dtype, shape if value is None else value.shape, value, partial)


def spec_of_value(value: np.ndarray, dtype: Any) -> Known:
    """The spec of a value at hand, for `infer` during lowering."""
    partial = tuple(None if d < 0 else int(d) for d in value) if dtype.is_integer and value.ndim == 1 and value.size < 64 else None
    return Known(dtype, value.shape, value, partial)
