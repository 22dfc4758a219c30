"""The kernels among a plan's primitives (plan/kernels.py) in JAX's own terms.

They know what the plan says of a kernel, its arrays and parameters, and take nothing from graphflow's functions of these names but the
weights of resizing. A function gives None where JAX has no such thing: integers divided row by row, convolutions of integers. What is not
in the table at all runs on the host (random numbers, so that all engines draw the same).
"""
from __future__ import annotations

import math
import string
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from ....kernels.resize import TAPS


def conv(x: Any, filters: Any, win: Any) -> Any:
    """Groups are told by the number of channels that a filter sees."""
    if x.dtype.kind not in "fc" and x.dtype != jnp.bfloat16:
        return None
    if 0 in (*x.shape, *filters.shape):
        return jnp.zeros((x.shape[0], *win.outputs(x.shape[1:-1]), filters.shape[-1]), x.dtype)
    space = string.digits[:len(win.size)]
    return lax.conv_general_dilated(x, filters, win.strides, win.pads, rhs_dilation=win.dilations,
                                    feature_group_count=x.shape[-1] // filters.shape[-2],
                                    dimension_numbers=(f"N{space}C", f"{space}IO", f"N{space}C"))


def depthwise(x: Any, filters: Any, win: Any) -> Any:
    return conv(x, filters.reshape(*filters.shape[:-2], 1, -1), win)


def by_first(function: Any) -> Any:
    """(other argument, dy, shape, window) -> the gradient by what has that shape, the first argument."""
    return lambda other, dy, shape, win: back(lambda x: function(x, other, win), jnp.zeros(shape, dy.dtype), dy)


def by_second(function: Any) -> Any:
    return lambda other, dy, shape, win: back(lambda x: function(other, x, win), jnp.zeros(shape, dy.dtype), dy)


def back(function: Any, at: Any, dy: Any) -> Any:
    return jax.vjp(function, at)[1](dy)[0] if at.dtype.kind == "f" and dy.size and at.size else \
        jnp.zeros(at.shape, dy.dtype) if at.dtype.kind == "f" else None


def seen(x: Any, win: Any, fill: float) -> Any:
    """[N, *outputs, C, taps]: what each window sees; `fill` outside of the input."""
    pads = ((0, 0), *win.pads, (0, 0))
    padded = lax.pad(x, jnp.asarray(fill, x.dtype), [(lo, hi, 0) for lo, hi in pads])
    outputs = win.outputs(x.shape[1:-1])
    parts = []
    for tap in np.ndindex(*win.size):
        starts = [t * d for t, d in zip(tap, win.dilations)]
        index = tuple(slice(a, a + (n - 1) * s + 1, s) if n else slice(0, 0) for a, n, s in zip(starts, outputs, win.strides))
        parts.append(padded[(slice(None), *index)])
    return jnp.stack(parts, -1)


def least(dtype: Any) -> Any:
    return jnp.iinfo(dtype).min if dtype.kind in "iu" else -jnp.inf


def first_largest(windows: Any, dtype: Any) -> Any:
    """Where the first largest of each window is; NaN never wins."""
    clean = jnp.where(jnp.isnan(windows), least(dtype), windows) if dtype.kind == "f" else windows
    return jnp.argmax(clean, -1)[..., None]


def max_pool(x: Any, win: Any) -> Any:
    windows = seen(x, win, least(x.dtype))
    best = jnp.take_along_axis(windows, first_largest(windows, x.dtype), -1)[..., 0]
    return jnp.where(jnp.isnan(best), jnp.finfo(x.dtype).min, best) if x.dtype.kind == "f" else best


def max_pool_gradient(x: Any, y: Any, dy: Any, win: Any) -> Any:
    which = first_largest(seen(x, win, least(x.dtype)), x.dtype)
    return back(lambda v: jnp.take_along_axis(seen(v, win, 0), which, -1)[..., 0], jnp.zeros(x.shape, dy.dtype), dy)


def max_pool_gradient_gradient(x: Any, y: Any, ddx: Any, win: Any) -> Any:
    return jnp.take_along_axis(seen(ddx, win, 0), first_largest(seen(x, win, least(x.dtype)), x.dtype), -1)[..., 0]


def max_pool_positions(x: Any, win: Any, batch: bool) -> Any:
    count = math.prod(x.shape[1:])
    places = jnp.arange(x.size).reshape(x.shape)
    return max_pool_gradient_gradient(x, None, places if batch else places % count, win)


def avg_pool(x: Any, win: Any) -> Any:
    if x.dtype.kind != "f":
        return None
    wide = x.astype(jnp.float64)
    return (seen(wide, win, 0).sum(-1) / seen(jnp.ones_like(wide), win, 0).sum(-1)).astype(x.dtype)


def dilation(x: Any, filters: Any, win: Any) -> Any:
    sums = seen(x, win, least(x.dtype)) + jnp.moveaxis(filters.reshape(-1, filters.shape[-1]), 0, -1)
    return jnp.take_along_axis(sums, jnp.argmax(sums, -1)[..., None], -1)[..., 0]


def scatter_rows(target: Any, indices: Any, updates: Any, how: str, depth: int) -> Any:
    if how == "div" and target.dtype.kind in "iu":
        return None
    rows = target.reshape(-1, *target.shape[depth:]) if math.prod(target.shape) else target.reshape(
        math.prod(target.shape[:depth]), *target.shape[depth:])
    method = {"update": "set", "add": "add", "sub": "add", "mul": "multiply", "div": "divide", "min": "min", "max": "max"}[how]
    return getattr(rows.at[indices], method)(-updates if how == "sub" else updates).reshape(target.shape)


def segment_reduce(rows: Any, ids: Any, count: int, how: str) -> Any:
    reduce = getattr(jax.ops, f"segment_{how}")
    flat = rows.reshape(ids.size, *rows.shape[ids.ndim:])
    found = reduce(flat, ids.ravel(), count)
    if how in ("sum", "prod"):
        return found
    limits = jnp.iinfo(rows.dtype) if rows.dtype.kind in "iu" else jnp.finfo(rows.dtype)
    here = jax.ops.segment_sum(jnp.ones(ids.size, int), ids.ravel(), count).reshape(-1, *[1] * (found.ndim - 1))
    return jnp.where(here > 0, found, limits.min if how == "max" else limits.max)


def cumulative(x: Any, how: str, axis: int) -> Any:
    return {"sum": jnp.cumsum, "prod": jnp.cumprod, "logsumexp": lambda v, axis: lax.cumlogsumexp(v, axis % v.ndim)}[how](x, axis=axis)


def top_positions(x: Any, k: int) -> Any:
    last = x.shape[-1] - 1
    order = last - jnp.flip(jnp.argsort(jnp.flip(x, -1), -1, stable=True), -1)
    missing = jnp.isnan(jnp.take_along_axis(x, order, -1))
    return jnp.take_along_axis(order, jnp.argsort(missing, -1, stable=True), -1)[..., :k]


def mixed(x: Any, matrices: Any) -> Any:
    """Height and width multiplied by matrices [out, in], in float64."""
    return jnp.einsum("nhwc,ah,bw->nabc", x.astype(float), *matrices)


def weights(how: str, size: int, out: int, corners: bool, half: bool) -> Any:
    """[out, in]: what each output pixel takes of each input pixel along an axis."""
    taps = TAPS[how](size, out, corners, half)
    matrix = np.zeros((out, size))
    np.add.at(matrix, (np.arange(out)[:, None], taps.pixels), taps.weights)
    return matrix


def resize_images(x: Any, how: str, size: Any, corners: bool, half: bool) -> Any:
    return mixed(x, [weights(how, x.shape[axis], size[axis - 1], corners, half) for axis in (1, 2)])


def sparse_product(rows: Any, columns: Any, values: Any, b: Any, count: int) -> Any:
    return jnp.zeros((count, b.shape[1]), values.dtype).at[rows].add(values[:, None] * b[columns])


def one_hot(indices: Any, on: Any, off: Any, depth: int, axis: int) -> Any:
    classes = jnp.arange(depth).reshape(-1, *[1] * (indices.ndim - axis))
    return jnp.where(jnp.expand_dims(indices.astype(jnp.int64), axis) == classes, on, off)


def band_part(x: Any, lower: Any, upper: Any) -> Any:
    distance = jnp.arange(x.shape[-2])[:, None] - jnp.arange(x.shape[-1])
    return jnp.where(((lower < 0) | (distance <= lower)) & ((upper < 0) | (-distance <= upper)), x, jnp.zeros((), x.dtype))


def resize_images_gradient(dy: Any, how: str, size: Any, corners: bool, half: bool) -> Any:
    return mixed(dy, [weights(how, size[axis - 1], dy.shape[axis], corners, half).T for axis in (1, 2)])


def bitcast(x: Any, old: Any, new: Any) -> Any:
    if old.kind in "bc" or new.kind in "bc":
        return None
    return lax.bitcast_convert_type(x.astype(old), new)


FUNCTIONS: dict[str, Any] = {
    "conv": conv, "conv_filter_gradient": by_second(conv), "conv_input_gradient": by_first(conv),
    "depthwise_conv": depthwise, "depthwise_filter_gradient": by_second(depthwise), "depthwise_input_gradient": by_first(depthwise),
    "max_pool": max_pool, "max_pool_gradient": max_pool_gradient, "max_pool_gradient_gradient": max_pool_gradient_gradient,
    "max_pool_positions": max_pool_positions,
    "avg_pool": avg_pool, "avg_pool_gradient": lambda dy, shape, win: back(lambda x: avg_pool(x, win), jnp.zeros(shape, dy.dtype), dy),
    "dilation": dilation, "dilation_input_gradient": lambda x, filters, dy, win: back(lambda v: dilation(v, filters, win), x, dy),
    "dilation_filter_gradient": lambda x, filters, dy, win: back(lambda v: dilation(x, v, win), filters, dy),
    "scatter_rows": scatter_rows, "write_slice": lambda target, value, index: target.at[getattr(index, "value", index)].set(value),
    "sparse_product": sparse_product, "one_hot": one_hot, "band_part": band_part,
    "segment_reduce": segment_reduce, "cumulative": cumulative, "top_positions": top_positions,
    "sorted_positions": lambda x: jnp.argsort(x, -1, stable=True),
    "search_rows": lambda rows, values, side: jax.vmap(lambda row, v: jnp.searchsorted(row, v, side))(rows, values),
    "take_along": lambda x, positions: jnp.take_along_axis(x, positions, -1),
    "resize_images": resize_images, "resize_images_gradient": resize_images_gradient, "bitcast": bitcast,
}
