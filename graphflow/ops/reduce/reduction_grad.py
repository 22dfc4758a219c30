"""Gradients of reductions: spreading dy over the reduced axes, node for node as TensorFlow does."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import int32
from ...core.known import constant_value
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import broadcast_to, cast, reshape, shape_internal
from ..array.stitch import list_diff
from ..elementwise.complex import conj


def spread(op: Any, dy: Any) -> Tensor:
    """dy over the shape of op's input; fewer nodes where shape and axes are static."""
    x, axes_tensor = op.inputs
    shape = x.static
    axes = None if shape is None else constant_value(axes_tensor)
    if axes is not None and shape is not None:
        if np.array_equal(axes, np.arange(len(shape))):  # everything is summed: one number is repeated
            dy = reshape(dy, [1] * len(shape))
            target: Any = shape_internal(x) if None in shape else constant_op(list(shape), int32)
            return F.tile(dy, target)
        if None not in shape:
            kept, times = _kept_and_times(context.default_graph(), shape, tuple(axes.ravel().tolist()))
            return F.tile(reshape(dy, kept), times)
    whole = shape_internal(x)
    if not op._op_def.keep_dims:
        with context.default_graph().colocate_with(whole):
            kept_shape = reduced_shape(whole, axes_tensor)
        dy = reshape(dy, kept_shape)
    return broadcast_to(dy, whole)


def _kept_and_times(graph: Any, shape: Any, axes: tuple[int, ...]) -> tuple[Any, Any]:
    """The shape with 1 at the reduced axes, and how often to repeat along each axis.

    TensorFlow computes the quotient by two ops once per graph, shape and axes; they stay in the graph unused, and so here.
    """
    cache: dict[Any, Any] = graph.extension("reduced_shapes", dict)
    found = cache.get((shape, axes))
    if found is None:
        kept = np.array(shape, np.int32)
        kept[list(axes)] = 1
        tuple(shape) // F.maximum(tuple(kept.tolist()), 1)
        found = cache[shape, axes] = (kept.tolist(), [d if k == 1 else 1 for d, k in zip(shape, kept.tolist())])
    return found


def reduced_shape(shape: Any, axes: Any) -> Any:
    """`shape`, a tensor, with 1 at `axes`: an array if both are known, else computed in the graph."""
    known_shape = constant_value(shape)
    if known_shape is not None:
        known_axes = constant_value(axes)
        if known_axes is not None:
            kept = np.array(known_shape, np.int32)
            kept[np.array(known_axes, np.int32)] = 1
            return kept
    axes = convert_to_tensor(axes)
    rank = F.size(shape, out_type=axes.dtype.base_dtype)
    axes = (axes + rank) % rank
    axes_shape = shape_internal(axes)
    return F.dynamic_stitch([F.range(rank), axes], [shape, F.ones(axes_shape, shape.dtype.base_dtype)])


def spread_mean(op: Any, dy: Any) -> Tensor:
    """The spread sum divided by the number of elements that each mean is taken over."""
    total = spread(op, dy)
    x, y = op.inputs[0], op.outputs[0]
    if x.static is not None and y.static is not None and None not in x.static and None not in y.static:
        count = int(np.prod(x.static, dtype=np.int64)) // max(int(np.prod(y.static, dtype=np.int64)), 1)
        factor: Any = constant_op(count, total.dtype.base_dtype)
    else:
        shape = shape_internal(x)
        rank = F.size(shape)
        axes = cast(op.inputs[1], rank.dtype)
        axes = (axes + rank) % rank
        factor = F.reduce_prod(F.gather(shape, axes))
    return F.truediv(total, cast(factor, total.dtype.base_dtype))


def extreme(op: Any, dy: Any) -> Tensor:
    """dy shared out evenly among the elements that are equal to the maximum (or minimum)."""
    x, axes = op.inputs
    shape = shape_internal(x)
    y = op.outputs[0]
    if op._op_def.keep_dims:
        kept = shape_internal(y)
    else:
        kept = reduced_shape(shape, axes)
        y, dy = reshape(y, kept), reshape(dy, kept)
    chosen = cast(F.equal(y, x), dy.dtype.base_dtype)
    count = reshape(F.reduce_sum(chosen, axes), kept)
    return F.divide(chosen, count) * dy


def product(op: Any, dy: Any) -> Tensor:
    """dy times the product of the others, found by running products from both ends: right for zeros too."""
    x, indices = op.inputs
    shape = shape_internal(x)
    indices = reshape(indices, [-1])
    if not op._op_def.keep_dims:
        dy = reshape(dy, reduced_shape(shape, op.inputs[1]))
    dy = broadcast_to(dy, shape)
    with context.default_graph().device("/cpu:0"):
        rank = F.rank(x)
        reduced = (cast(indices, rank.dtype) + rank) % rank
        other, _ = list_diff(F.range(0, rank), reduced, reduced.dtype.base_dtype)
        perm = F.concat([reduced, other], 0)
        reduced_count = F.reduce_prod(F.gather(shape, reduced))
        other_count = F.reduce_prod(F.gather(shape, other))
    permuted = F.transpose(x, perm)
    permuted_shape = shape_internal(permuted)
    matrix = reshape(permuted, (reduced_count, other_count))
    left = F.cumprod(matrix, 0, exclusive=True)
    right = F.cumprod(matrix, 0, exclusive=True, reverse=True)
    others = reshape(conj(left) * conj(right), permuted_shape)
    return reshape(dy * F.transpose(others, F.invert_permutation(perm)), shape)


def euclidean_norm(op: Any, dy: Any) -> Tensor:
    """x / y times dy."""
    x, y = op.inputs[0], op.outputs[0]
    if not op._op_def.keep_dims:
        kept = reduced_shape(shape_internal(x), op.inputs[1])
        y, dy = reshape(y, kept), reshape(dy, kept)
    return F.truediv(x, y / dy)
