"""Functions that exported files take along: those that a model needs, as they stand here, and nothing but numpy in them.

Arrays are channels-last, [batch, *space, channels]; a window has a size, strides, dilations and (before, after) pads per spatial axis.
"""
# mypy: disable-error-code="no-untyped-def, no-untyped-call"
from __future__ import annotations

import math

import numpy as np


def expect(name, array, shape):
    """ValueError where an input has another shape."""
    if array.shape != shape:
        raise ValueError(f"{name} has shape {array.shape}, not {shape}")


def check(bad, text, values=None):
    """ValueError where a flag is set; {value} in the text is the first value that is refused."""
    if np.any(bad):
        where = tuple(np.argwhere(bad)[0])
        array = np.asarray("" if values is None else values)
        value = array[where] if values is not None and len(where) <= array.ndim else ""
        first = array.ravel()[:20].tolist()
        raise ValueError(text.format(place=list(map(int, where)) if where else "", value=value, all=first, each=first))


def sigmoid(x):
    return np.reciprocal(1 + np.exp(-x)) if np.ndim(x) else x.dtype.type(1 / (1 + math.exp(-x)))


def rsqrt(x):
    return np.reciprocal(np.sqrt(x))


def erf(x):
    return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), x.dtype)


def erfc(x):
    return np.asarray(np.frompyfunc(math.erfc, 1, 1)(x), x.dtype)


def lgamma(x):
    def one(value):
        return math.inf if value in (math.inf, -math.inf) or (value <= 0 and value == math.floor(value)) else math.lgamma(value)
    return np.asarray(np.frompyfunc(one, 1, 1)(x), x.dtype)


def log_sum_exp_along(x, axis):
    return np.logaddexp.accumulate(x, axis)


def taps(size, strides, dilations, outputs):
    """(tap of the window, what it sees of the padded input), for every tap."""
    for tap in np.ndindex(*size):
        starts = [t * d for t, d in zip(tap, dilations)]
        seen = [slice(a, a + (n - 1) * s + 1, s) if n else slice(0, 0) for a, n, s in zip(starts, outputs, strides)]
        yield tap, (slice(None), *seen)


def outputs_of(shape, size, strides, dilations, pads):
    """The number of places of a window along each axis."""
    return tuple(max(0, (n + lo + hi - (k - 1) * d - 1) // s + 1)
                 for n, k, s, d, (lo, hi) in zip(shape[1:-1], size, strides, dilations, pads))


def padded(x, pads, fill=0):
    """The input with rows of `fill` around it; negative pads crop it."""
    x = x[(slice(None), *[slice(max(0, -lo), n - max(0, -hi)) for n, (lo, hi) in zip(x.shape[1:-1], pads)])]
    return np.pad(x, [(0, 0), *[(max(0, lo), max(0, hi)) for lo, hi in pads], (0, 0)], constant_values=fill)


def cropped(x, pads, shape):
    """The inverse of `padded`, for gradients: what lies on the input itself."""
    found = np.zeros(shape, x.dtype)
    inner = tuple(slice(max(0, -lo), n - max(0, -hi)) for n, (lo, hi) in zip(shape[1:-1], pads))
    outer = tuple(slice(max(0, lo), n - max(0, hi)) for n, (lo, hi) in zip(x.shape[1:-1], pads))
    found[(slice(None), *inner)] = x[(slice(None), *outer)]
    return found


def padded_shape(shape, pads):
    return (shape[0], *[n + lo + hi if lo + hi > 0 or lo < 0 or hi < 0 else n for n, (lo, hi) in zip(shape[1:-1], pads)], shape[-1])


def conv(x, filters, strides, pads, dilations):
    """Convolution; filters [*size, channels of a group, outputs]. Each tap of the window is a product of matrices."""
    size, groups = filters.shape[:-2], x.shape[-1] // filters.shape[-2]
    outputs = outputs_of(x.shape, size, strides, dilations, pads)
    x = padded(x, pads)
    y = np.zeros((x.shape[0], *outputs, filters.shape[-1]), x.dtype)
    for part in range(groups):
        seen, made = [slice(part * n // groups, (part + 1) * n // groups) for n in (x.shape[-1], filters.shape[-1])]
        for tap, place in taps(size, strides, dilations, outputs):
            y[..., made] += x[place][..., seen] @ filters[tap][:, made]
    return y


def conv_filter_gradient(x, dy, shape, strides, pads, dilations):
    """The gradient of a convolution by its filters, which have this shape."""
    filters, groups, x = np.zeros(shape, dy.dtype), x.shape[-1] // shape[-2], padded(x, pads)
    for part in range(groups):
        seen, made = [slice(part * n // groups, (part + 1) * n // groups) for n in (x.shape[-1], shape[-1])]
        for tap, place in taps(shape[:-2], strides, dilations, dy.shape[1:-1]):
            filters[tap][:, made] = x[place][..., seen].reshape(-1, shape[-2]).T @ dy[..., made].reshape(-1, shape[-1] // groups)
    return filters


def conv_input_gradient(filters, dy, shape, strides, pads, dilations):
    """The gradient of a convolution by its input, which has this shape; also a transposed convolution."""
    size, groups = filters.shape[:-2], shape[-1] // filters.shape[-2]
    dx = np.zeros(padded_shape(shape, pads), dy.dtype)
    for part in range(groups):
        seen, made = [slice(part * n // groups, (part + 1) * n // groups) for n in (shape[-1], filters.shape[-1])]
        for tap, place in taps(size, strides, dilations, dy.shape[1:-1]):
            dx[place][..., seen] += dy[..., made] @ filters[tap][:, made].T
    return cropped(dx, pads, shape)


def depthwise_conv(x, filters, strides, pads, dilations):
    """Each channel by its own filters; filters [*size, channels, outputs per channel]."""
    size = filters.shape[:-2]
    outputs = outputs_of(x.shape, size, strides, dilations, pads)
    x = padded(x, pads)
    y = np.zeros((x.shape[0], *outputs, *filters.shape[-2:]), x.dtype)
    for tap, place in taps(size, strides, dilations, outputs):
        y += x[place][..., None] * filters[tap]
    return y.reshape(*y.shape[:-2], -1)


def depthwise_filter_gradient(x, dy, shape, strides, pads, dilations):
    filters, x = np.zeros(shape, dy.dtype), padded(x, pads)
    dy = dy.reshape(*dy.shape[:-1], *shape[-2:])
    for tap, place in taps(shape[:-2], strides, dilations, dy.shape[1:-2]):
        filters[tap] = (x[place][..., None] * dy).sum(tuple(range(dy.ndim - 2)))
    return filters


def depthwise_input_gradient(filters, dy, shape, strides, pads, dilations):
    dx = np.zeros(padded_shape(shape, pads), dy.dtype)
    dy = dy.reshape(*dy.shape[:-1], *filters.shape[-2:])
    for tap, place in taps(filters.shape[:-2], strides, dilations, dy.shape[1:-2]):
        dx[place] += (dy * filters[tap]).sum(-1)
    return cropped(dx, pads, shape)


def lowest(dtype):
    return -np.inf if dtype.kind == "f" else np.iinfo(dtype).min


def max_pool(x, size, strides, dilations, pads):
    outputs = outputs_of(x.shape, size, strides, dilations, pads)
    x = padded(x, pads, lowest(x.dtype))
    return np.max([x[place] for _, place in taps(size, strides, dilations, outputs)], axis=0)


def max_pool_gradient(x, y, dy, size, strides, dilations, pads):
    """The gradient goes to the first element of each window that is the greatest."""
    shape, x = x.shape, padded(x, pads, lowest(x.dtype))
    dx, given = np.zeros(x.shape, dy.dtype), np.zeros(y.shape, bool)
    for _, place in taps(size, strides, dilations, y.shape[1:-1]):
        here = (x[place] == y) & ~given
        dx[place] += dy * here
        given |= here
    return cropped(dx, pads, shape)


def avg_pool(x, size, strides, dilations, pads):
    """The mean of what each window sees of the input; pads do not count."""
    outputs = outputs_of(x.shape, size, strides, dilations, pads)
    x, ones = padded(x, pads), padded(np.ones((1, *x.shape[1:-1], 1), x.dtype), pads)
    places = [place for _, place in taps(size, strides, dilations, outputs)]
    return np.sum([x[place] for place in places], axis=0) / np.sum([ones[place] for place in places], axis=0)


def avg_pool_gradient(dy, shape, size, strides, dilations, pads):
    dx, ones = np.zeros(padded_shape(shape, pads), dy.dtype), padded(np.ones((1, *shape[1:-1], 1), dy.dtype), pads)
    places = [place for _, place in taps(size, strides, dilations, dy.shape[1:-1])]
    share = dy / np.sum([ones[place] for place in places], axis=0)
    for place in places:
        dx[place] += share
    return cropped(dx, pads, shape)


def one_hot(indices, on, off, depth, axis):
    classes = np.arange(depth).reshape(-1, *[1] * (indices.ndim - axis))
    return np.where(np.expand_dims(indices, axis) == classes, on, off)


def band_part(x, lower, upper):
    """Zeros below and above a band of diagonals; a negative width keeps that whole side."""
    distance = np.arange(x.shape[-2])[:, None] - np.arange(x.shape[-1])
    return np.where(((lower < 0) | (distance <= lower)) & ((upper < 0) | (-distance <= upper)), x, np.zeros((), x.dtype))


def segment_reduce(rows, ids, count, how):
    """Row k of the result is the sum (prod, max, min) of the rows whose id is k; negative ids are left out."""
    start = {"sum": 0, "prod": 1}.get(how)
    if start is None:
        limits = np.finfo(rows.dtype) if rows.dtype.kind == "f" else np.iinfo(rows.dtype)
        start = limits.min if how == "max" else limits.max
    found = np.full((count, *rows.shape[ids.ndim:]), start, rows.dtype)
    there = ids.ravel() >= 0
    function = {"sum": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}[how]
    function.at(found, ids.ravel()[there], rows.reshape(ids.size, *rows.shape[ids.ndim:])[there])
    return found


def scatter_rows(target, indices, updates, how, depth):
    """The target with its rows changed; a row is what is left after `depth` axes, which count as one."""
    rows = np.array(target).reshape(-1, *target.shape[depth:])
    functions = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "min": np.minimum, "max": np.maximum}
    if how == "update":
        rows[indices] = updates
    else:
        functions[how].at(rows, indices, updates)
    return rows.reshape(target.shape)


def write_slice(target, value, index):
    target = np.array(target)
    target[index] = value
    return target


def sparse_product(rows, columns, values, b, count):
    """A sparse matrix, given by the places and values of its elements, times a dense one."""
    found = np.zeros((count, b.shape[1]), values.dtype)
    np.add.at(found, rows, values[:, None] * b[columns])
    return found


def top_positions(x, k):
    """Places of the k greatest along the last axis, the first of equal ones first."""
    return np.argsort(-x if x.dtype.kind == "f" else ~x, -1, kind="stable")[..., :k]


def search_rows(rows, values, side):
    return np.stack([np.searchsorted(row, value, side) for row, value in zip(rows, values)])


def with_item(items, place, value):
    """The list with one element replaced."""
    items = list(items)
    items[int(place)] = value
    return items


def stacked(items, shape, dtype):
    """The elements of a list as one array; those that nobody set are zeros."""
    return np.stack([np.zeros(shape[1:], dtype) if item is None else item for item in items]) if len(items) else np.zeros(shape, dtype)


def list_sum(*lists):
    """The sum of lists, element by element; None counts for zeros."""
    def total(items):
        there = [item for item in items if item is not None]
        return sum(there[1:], there[0]) if there else None
    return [total(items) for items in zip(*lists)]


def element(items, place, shape, dtype):
    """An element of a list; zeros where nobody set it."""
    item = items[int(place)]
    return np.zeros(shape, dtype) if item is None else item


def truncated_normal(rng, shape, dtype):
    """Normal numbers; those that are more than two from zero are drawn anew."""
    found = rng.standard_normal(shape, dtype)
    while (far := np.abs(found) > 2).any():
        found[far] = rng.standard_normal(int(far.sum()), dtype)
    return found


def unique(x):
    """The distinct values in the order in which they come, where each element is among them, how often each comes."""
    values, first, places, counts = np.unique(x, return_index=True, return_inverse=True, return_counts=True)
    order = np.argsort(first)
    return values[order], np.argsort(order)[places], counts[order]
