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
from .op import Known, Shape
from .tensor import Tensor

_LIMIT = 1 << 16       # elements of a value worth computing while building
_DEPTH = 40
_PYTHON_LEVEL = frozenset(("Const", "Shape", "Size", "Rank", "Range", "Cast", "Concat", "ConcatV2", "Pack", "Unpack", "Split",
                           "Fill", "Equal", "NotEqual", "StopGradient", "Identity", "BroadcastTo", "ConcatOffset"))


def known_value(tensor: Tensor, depth: int = 0, only: frozenset[str] | None = None) -> np.ndarray | None:
    """The value of a tensor that depends on constants and static shapes only, else None; not to be written."""
    op = tensor._op
    op_def = op._op_def
    if op_def.__class__ is Const:
        constant: np.ndarray = op_def.value
        return None if constant.size > _LIMIT and 0 in constant.strides else constant  # one number, as often as a file claims
    if only is not None and op.type not in only:
        return None
    name = op.type
    if name in ("Shape", "Size", "Rank", "ShapeN"):
        return _shape_value(op, tensor)
    known = op.graph._known
    if only is None and tensor in known:
        return known[tensor]
    if depth >= _DEPTH or op_def.stateful or not op_def.folds or not op._inputs or type(op_def).signature().ref_inputs \
            or type(op_def).signature().handle_inputs or name == "PlaceholderWithDefault":
        return None
    size = shapes.num_elements(tensor._spec.shape)
    if size is not None and size > _LIMIT:
        return None
    values = []
    for source in op._inputs:
        if source.dtype.is_ref:
            return None
        value = known_value(source, depth + 1, only)
        if value is None:
            if only is None:
                known[tensor] = None
            return None
        values.append(value)
    found = _evaluate(tensor, values)
    if only is None:
        known[tensor] = found
    return found


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


def _shape_value(op: Any, tensor: Tensor) -> np.ndarray | None:
    shape = op._inputs[tensor._index if op.type == "ShapeN" else 0]._spec.shape
    dtype = tensor.dtype.np
    if op.type == "Rank":
        return None if shape is None else np.array(len(shape), dtype)
    if shape is None or None in shape:
        return None
    return np.array(shapes.num_elements(shape) if op.type == "Size" else shape, dtype)


@export("get_static_value", "contrib.util.constant_value")
def constant_value(tensor: Any, partial: bool = False) -> Any:
    """The numpy value of a tensor whose value is plain from the graph (constants, shapes, ...), else None."""
    if not isinstance(tensor, Tensor):
        return tensor if isinstance(tensor, np.ndarray) else None
    return known_value(tensor, only=_PYTHON_LEVEL)


def partial_shape(tensor: Tensor, depth: int = 0) -> Shape:
    """An integer vector read as a shape: known entries as ints, others (and -1) as None; None when even its length is unknown."""
    value = known_value(tensor)
    if value is not None:
        return tuple(None if d < 0 else int(d) for d in np.ravel(value))
    op = tensor._op
    name = op.type
    if depth < _DEPTH:
        if name in ("Shape", "ShapeN"):
            return op._inputs[tensor._index if name == "ShapeN" else 0]._spec.shape
        if name == "Pack" and getattr(op._op_def, "axis", 0) == 0:
            entries = [partial_scalar(t, depth + 1) for t in op._inputs]
            return tuple(entries)
        if name in ("ConcatV2", "Concat"):
            parts = [partial_shape(t, depth + 1) for t in (op._inputs[:-1] if name == "ConcatV2" else op._inputs[1:])]
            return None if any(p is None for p in parts) else tuple(d for p in parts for d in p)  # type: ignore[union-attr]
        if name in ("Cast", "Identity", "StopGradient"):
            return partial_shape(op._inputs[0], depth + 1)
        if name == "StridedSlice":
            return _sliced(op, depth)
        if name in ("Slice", "GatherV2", "Gather"):
            whole = partial_shape(op._inputs[0], depth + 1)
            args = [known_value(t) for t in op._inputs[1:3]]
            if whole is not None and all(a is not None for a in args[:1 if name != "Slice" else 2]):
                if name == "Slice":
                    start, size = int(args[0].ravel()[0]), int(args[1].ravel()[0])  # type: ignore[union-attr]
                    return whole[start:] if size < 0 else whole[start:start + size]
                if args[0].ndim == 1:  # type: ignore[union-attr]
                    return tuple(whole[int(i)] for i in args[0])  # type: ignore[union-attr]
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
    op = tensor._op
    if depth < _DEPTH:
        if op.type in ("Cast", "Identity"):
            return partial_scalar(op._inputs[0], depth + 1)
        if op.type == "StridedSlice" and getattr(op._op_def, "shrink_axis_mask", 0) == 1:
            found = _sliced(op, depth)
            return None if found is None else found[0]
    return None


def _sliced(op: Any, depth: int) -> Shape:
    whole = partial_shape(op._inputs[0], depth + 1)
    begin, end, stride = (known_value(t) for t in op._inputs[1:4])
    if whole is None or begin is None or end is None or stride is None or begin.size != 1:
        return None
    op_def = op._op_def
    if op_def.new_axis_mask or op_def.ellipsis_mask:
        return None
    start = None if op_def.begin_mask & 1 else int(begin[0])
    if op_def.shrink_axis_mask & 1:
        return (whole[int(begin[0])],) if -len(whole) <= int(begin[0]) < len(whole) else None
    return whole[start:None if op_def.end_mask & 1 else int(end[0]):int(stride[0])]


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
