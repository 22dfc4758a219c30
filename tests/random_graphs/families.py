"""The lines that the generator chooses from: each function adds one line, or none where no value fits."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from .generate import Generator
from .program import Value, literal

# code, bound of the result from the bound of the operand
UNARY: list[tuple[str, Callable[[float], float]]] = [
    # functions that level off are kept where they still rise: where they are flat, the last digit decides over a cast or an argmax
    ("tf.tanh(tf.clip_by_value({}, -4.0, 4.0))", lambda b: 1), ("tf.sigmoid(tf.clip_by_value({}, -8.0, 8.0))", lambda b: 1),
    ("tf.erf(tf.clip_by_value({}, -2.5, 2.5))", lambda b: 1), ("tf.nn.elu(tf.maximum({}, -8.0))", lambda b: b),
    ("tf.nn.selu(tf.maximum({}, -8.0))", lambda b: 2 * b), ("tf.nn.relu({})", lambda b: b), ("tf.abs({})", lambda b: b),
    ("-{}", lambda b: b), ("tf.square({})", lambda b: b * b), ("tf.exp(tf.minimum({}, 3.0))", lambda b: 21),
    ("tf.log(tf.abs({}) + 0.5)", lambda b: max(1, math.log(b + 0.5))), ("tf.sqrt(tf.abs({}) + 0.1)", lambda b: math.sqrt(b + 1)),
    ("tf.rsqrt(tf.abs({}) + 0.5)", lambda b: 2), ("tf.nn.softplus({})", lambda b: b + 1), ("tf.sin({})", lambda b: 1),
    ("tf.cos({})", lambda b: 1), ("tf.nn.leaky_relu({})", lambda b: b),
    ("tf.nn.softsign({})", lambda b: 1), ("tf.log1p(tf.abs({}))", lambda b: math.log1p(b)),
    ("tf.atan({})", lambda b: 2), ("tf.reciprocal(tf.abs({}) + 0.5)", lambda b: 2), ("tf.sign({})", lambda b: 1),
    ("tf.floor({})", lambda b: b), ("tf.identity({})", lambda b: b), ("tf.stop_gradient({})", lambda b: b),
    ("tf.clip_by_value({}, -1.0, 1.0)", lambda b: 1), ("tf.nn.relu6({})", lambda b: 6), ("1.0 - {}", lambda b: b + 1),
    ("{} * 0.5", lambda b: b), ("{} + 0.0", lambda b: b), ("{} / 2.0", lambda b: b), ("2.0 * {} - 1.0", lambda b: 2 * b + 1),
    ("tf.pow({}, 2.0)", lambda b: b * b), ("tf.zeros_like({})", lambda b: 1), ("tf.ones_like({})", lambda b: 1),
]
BINARY: list[tuple[str, Callable[[float, float], float]]] = [
    ("{} + {}", lambda a, b: a + b), ("{} - {}", lambda a, b: a + b), ("{} * {}", lambda a, b: a * b),
    ("tf.maximum({}, {})", max), ("tf.minimum({}, {})", max), ("tf.squared_difference({}, {})", lambda a, b: (a + b) ** 2),
    ("{} / (tf.abs({}) + 0.5)", lambda a, b: 2 * a), ("tf.div_no_nan({}, {})", lambda a, b: 1e6), ("tf.atan2({}, {})", lambda a, b: 4),
    ("tf.where({0} > {1}, {0} + 0.0 * {1}, {1} + 0.0 * {0})", max),
]
REDUCTIONS = ("reduce_sum", "reduce_mean", "reduce_max", "reduce_min", "reduce_logsumexp")


def line(g: Generator) -> None:
    """One line of a family chosen at random."""
    families = (unary, unary, binary, binary, reduction, movement, movement, joining, indexing, products, network, segments, integers,
                shapes_of, convolution)
    families[g.integer(0, len(families) - 1)](g)


def unary(g: Generator) -> None:
    x = g.pick()
    if x is not None:
        code, bound = UNARY[g.integer(0, len(UNARY) - 1)]
        g.add(code, [x], x.shape, x.dtype, bound(x.bound))


def binary(g: Generator) -> None:
    x = g.pick()
    if x is None:
        return
    y = g.pick(lambda v: v.dtype == x.dtype and broadcast(v.shape, x.shape) is not None) if g.chance(0.6) else None
    if y is None:
        shape = tuple(1 if g.chance(0.3) else d for d in x.shape)
        y = g.partner(shape[g.integer(0, len(shape)):], x.dtype)
    pair = [x, y] if g.chance(0.5) else [y, x]
    shape = broadcast(x.shape, y.shape)
    assert shape is not None
    code, bound = BINARY[g.integer(0, len(BINARY) - 1)]
    g.add(code, pair, shape, x.dtype, bound(pair[0].bound, pair[1].bound))


def broadcast(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return None


def reduction(g: Generator) -> None:
    x = g.pick()
    if x is None:
        return
    axes = [a for a in range(x.rank) if g.chance(0.5)]
    keep = g.chance(0.4)
    shape = tuple(1 if i in axes else d for i, d in enumerate(x.shape) if keep or i not in axes)
    written = [a - x.rank if g.chance(0.3) else a for a in axes]
    text = str(written[0]) if len(axes) == 1 and g.chance(0.7) else str(written)
    if len(axes) == x.rank and g.chance(0.5):
        text = "None"
    how = str(g.choose(REDUCTIONS))
    size = max(1, int(np.prod([x.shape[a] for a in axes])))
    g.add(f"tf.{how}({{}}, {text}, keepdims={keep})", [x], shape, x.dtype, x.bound * size)


def movement(g: Generator) -> None:
    """Reshape, transpose, expand, squeeze, reverse, slice, pad, tile, cumsum, band, broadcast."""
    x = g.pick(lambda v: v.rank > 0)
    if x is None:
        return
    kind, axis, shape = g.integer(0, 11), g.integer(0, x.rank - 1), list(x.shape)
    if kind == 0:
        new = regrouped(g, x.shape)
        hole = [i for i in range(len(new)) if math.prod(new[:i] + new[i + 1:])]
        text = list(new)
        if hole and g.chance(0.5):
            text[hole[g.integer(0, len(hole) - 1)]] = -1
        g.add(f"tf.reshape({{}}, {text})", [x], tuple(new), x.dtype, x.bound)
    elif kind == 1:
        if x.rank > 1 and math.prod(shape[:1]):
            g.add("tf.reshape({0}, tf.concat([tf.shape({0})[:1], [-1]], 0))", [x], (shape[0], math.prod(shape[1:])), x.dtype, x.bound)
    elif kind == 2:
        order = [int(i) for i in g.random.permutation(x.rank)]
        g.add(f"tf.transpose({{}}, {order})", [x], tuple(shape[i] for i in order), x.dtype, x.bound)
    elif kind == 3:
        at = g.integer(0, x.rank)
        g.add(f"tf.expand_dims({{}}, {at})", [x], (*shape[:at], 1, *shape[at:]), x.dtype, x.bound)
    elif kind == 4:
        if shape[axis] == 1:
            g.add(f"tf.squeeze({{}}, [{axis}])", [x], (*shape[:axis], *shape[axis + 1:]), x.dtype, x.bound)
    elif kind == 5:
        g.add(f"tf.reverse({{}}, [{axis}])", [x], x.shape, x.dtype, x.bound)
    elif kind == 6:
        sliced(g, x)
    elif kind == 7:
        pads = [[g.integer(0, 1), g.integer(0, 2)] for _ in shape]
        g.add(f"tf.pad({{}}, {pads})", [x], tuple(d + a + b for d, (a, b) in zip(shape, pads)), x.dtype, x.bound)
    elif kind == 8:
        times = [g.integer(1, 2) for _ in shape]
        g.add(f"tf.tile({{}}, {times})", [x], tuple(d * t for d, t in zip(shape, times)), x.dtype, x.bound)
    elif kind == 9:
        options = f"exclusive={g.chance(0.3)}, reverse={g.chance(0.3)}"
        g.add(f"tf.cumsum({{}}, {axis}, {options})", [x], x.shape, x.dtype, x.bound * (shape[axis] + 1))
    elif kind == 10 and x.rank > 1:
        g.add(f"tf.matrix_band_part({{}}, {g.integer(-1, 1)}, {g.integer(-1, 1)})", [x], x.shape, x.dtype, x.bound)
    else:
        more = g.integer(1, 3)
        g.add(f"tf.broadcast_to({{}}, {[more, *shape]})", [x], (more, *shape), x.dtype, x.bound)


def regrouped(g: Generator, shape: tuple[int, ...]) -> list[int]:
    """Another shape of as many elements: neighbours joined, a size split, ones put in."""
    new = list(shape)
    if len(new) > 1 and g.chance(0.6):
        at = g.integer(0, len(new) - 2)
        new[at:at + 2] = [new[at] * new[at + 1]]
    at = g.integer(0, len(new) - 1)
    factors = [f for f in (2, 3) if new[at] and new[at] % f == 0]
    if factors and g.chance(0.5):
        new[at:at + 1] = [factors[0], new[at] // factors[0]]
    return [1, *new] if g.chance(0.2) else new


def sliced(g: Generator, x: Value) -> None:
    parts, shape = [], []
    for size in x.shape:
        kind = g.integer(0, 4)
        if kind == 0 and size:
            parts.append(str(g.integer(-size, size - 1)))
        elif kind == 1:
            parts.append("::-1")
            shape.append(size)
        elif kind == 2:
            cut = slice(g.integer(0, 2), None, g.integer(1, 2))
            parts.append(f"{cut.start}::{cut.step}")
            shape.append(len(range(size)[cut]))
        elif kind == 3:
            parts.append(":-1")
            shape.append(max(0, size - 1))
        else:
            parts.append(":")
            shape.append(size)
    if g.chance(0.3):
        at = g.integer(0, len(parts))
        parts.insert(at, "tf.newaxis")
        shape.insert(at - sum(not (":" in p or p == "tf.newaxis") for p in parts[:at]), 1)
    g.add(f"{{}}[{', '.join(parts)}]", [x], tuple(shape), x.dtype, x.bound)


def joining(g: Generator) -> None:
    """Concat, stack, split, unstack."""
    x = g.pick(lambda v: v.rank > 0)
    if x is None:
        return
    axis, kind = g.integer(0, x.rank - 1), g.integer(0, 3)
    if kind == 0:
        other = g.partner((*x.shape[:axis], g.integer(0, 3), *x.shape[axis + 1:]), x.dtype)
        shape = (*x.shape[:axis], x.shape[axis] + other.shape[axis], *x.shape[axis + 1:])
        g.add(f"tf.concat([{{}}, {{}}], {axis})", [x, other], shape, x.dtype, max(x.bound, other.bound))
    elif kind == 1:
        other = g.partner(x.shape, x.dtype)
        g.add(f"tf.stack([{{}}, {{}}], {axis})", [x, other], (*x.shape[:axis], 2, *x.shape[axis:]), x.dtype, max(x.bound, other.bound))
    elif kind == 2 and x.shape[axis] > 1:
        first = g.integer(1, x.shape[axis] - 1)
        sizes = [first, x.shape[axis] - first]
        g.several(f"tf.split({{}}, {sizes}, {axis})", [x], [((*x.shape[:axis], s, *x.shape[axis + 1:]), x.dtype, x.bound) for s in sizes])
    elif x.shape[axis]:
        rest = (*x.shape[:axis], *x.shape[axis + 1:])
        g.several(f"tf.unstack({{}}, {x.shape[axis]}, {axis})", [x], [(rest, x.dtype, x.bound)] * x.shape[axis])


def indexing(g: Generator) -> None:
    """Gather, gather_nd, one-hot of an argmax, top values, where."""
    x = g.pick(lambda v: v.rank > 0 and 0 not in v.shape)
    if x is None:
        return
    axis, kind = g.integer(0, x.rank - 1), g.integer(0, 4)
    if kind == 0:
        indices = g.random.integers(0, x.shape[axis], g.shape(0, 2)).astype("int32")
        shape = (*x.shape[:axis], *indices.shape, *x.shape[axis + 1:])
        g.add(f"tf.gather({{}}, {literal(indices)}, axis={axis})", [x], shape, x.dtype, x.bound)
    elif kind == 1:
        depth = g.integer(1, x.rank)
        indices = np.stack([g.random.integers(0, d, 3) for d in x.shape[:depth]], -1).astype("int32")
        g.add(f"tf.gather_nd({{}}, {literal(indices)})", [x], (3, *x.shape[depth:]), x.dtype, x.bound)
    elif kind == 2:
        rest = (*x.shape[:axis], *x.shape[axis + 1:])
        best = f"tf.argmax(tf.round({{}} * 64.0), {axis})"      # of equal values the first, whatever their last digits are
        g.add(f"tf.one_hot({best}, {x.shape[axis]}, dtype=tf.{x.dtype})", [x], (*rest, x.shape[axis]), x.dtype, 1)
    elif kind == 3:
        k = g.integer(1, x.shape[-1])
        g.add(f"tf.nn.top_k({{}}, {k}).values", [x], (*x.shape[:-1], k), x.dtype, x.bound)
    else:
        g.add("tf.where({0} > 0.0, {0}, {0} * 0.1)", [x], x.shape, x.dtype, x.bound)


def products(g: Generator) -> None:
    """Matrix products, single and batched, and contractions."""
    x = g.pick(lambda v: v.rank >= 2)
    if x is None:
        return
    size = g.integer(0, 4) if g.chance(0.1) else g.integer(1, 4)
    inner = x.shape[-1]
    left, right = g.chance(0.3), g.chance(0.3)
    if left:
        inner = x.shape[-2]
    rows = x.shape[-1] if left else x.shape[-2]
    other = g.partner((*x.shape[:-2], *((size, inner) if right else (inner, size))), x.dtype)
    bound = x.bound * other.bound * max(1, inner)
    if x.rank == 2 and g.chance(0.3):
        y = g.partner((x.shape[1], size), x.dtype)
        g.add("tf.tensordot({}, {}, 1)", [x, y], (x.shape[0], size), x.dtype, x.bound * y.bound * max(1, x.shape[1]))
        return
    g.add(f"tf.matmul({{}}, {{}}, transpose_a={left}, transpose_b={right})", [x, other], (*x.shape[:-2], rows, size), x.dtype, bound)


def network(g: Generator) -> None:
    """Softmax and its losses, bias, moments and batch normalization, l2 normalization."""
    x = g.pick(lambda v: v.rank >= 1 and v.shape[-1] > 0)
    if x is None:
        return
    kind, last = g.integer(0, 6), x.shape[-1]
    if kind == 0:
        g.add(f"tf.nn.{g.choose(['softmax', 'log_softmax'])}({{}})", [x], x.shape, x.dtype, x.bound + 10)
    elif kind == 1:
        labels = g.partner(x.shape, x.dtype)
        g.add("tf.nn.softmax_cross_entropy_with_logits_v2(labels=tf.nn.softmax({}), logits={})", [labels, x], x.shape[:-1], x.dtype,
              2 * x.bound + 10) if x.rank == 2 else None
    elif kind == 2:
        labels = g.random.integers(0, last, x.shape[:-1]).astype("int32")
        g.add(f"tf.nn.sparse_softmax_cross_entropy_with_logits(labels={literal(labels)}, logits={{}})", [x], x.shape[:-1], x.dtype,
              2 * x.bound + 10)
    elif kind == 3:
        bias = g.partner((last,), x.dtype)
        if x.rank >= 2:
            g.add("tf.nn.bias_add({}, {})", [x, bias], x.shape, x.dtype, x.bound + bias.bound)
    elif kind == 4:
        axes = list(range(x.rank - 1)) or [0]
        shape = x.shape[x.rank - 1:] if x.rank > 1 else ()
        g.several(f"tf.nn.moments({{}}, {axes})", [x], [(shape, x.dtype, x.bound), (shape, x.dtype, x.bound ** 2)])
    elif kind == 5:
        scale = g.partner((last,), x.dtype)
        g.add("tf.nn.batch_normalization({0}, {1}, tf.abs({1}) + 0.5, {1}, None, 1e-3)", [x, scale], x.shape, x.dtype,
              2 * x.bound * scale.bound)
    else:
        g.add(f"tf.nn.l2_normalize({{}}, {g.integer(0, x.rank - 1)}, epsilon=1e-3)", [x], x.shape, x.dtype, 1)


def segments(g: Generator) -> None:
    x = g.pick(lambda v: v.rank > 0)
    if x is None:
        return
    kind, count = g.integer(0, 2), g.integer(1, 4)
    ids = g.random.integers(0, count, x.shape[0]).astype("int32")
    if kind == 0:
        how = g.choose(["unsorted_segment_sum", "unsorted_segment_max", "unsorted_segment_prod", "unsorted_segment_mean"])
        squeezed = g.add("tf.sin({})", [x], x.shape, x.dtype, 1)
        g.add(f"tf.clip_by_value(tf.math.{how}({{}}, {literal(ids)}, {count}), -9.0, 9.0)", [squeezed], (count, *x.shape[1:]), x.dtype, 9)
    elif kind == 1 and x.shape[0]:
        ids.sort()
        how = g.choose(["segment_sum", "segment_mean", "segment_max"])
        g.add(f"tf.math.{how}({{}}, {literal(ids)})", [x], (int(ids[-1]) + 1, *x.shape[1:]), x.dtype, x.bound * x.shape[0])
    else:
        g.add(f"tf.scatter_nd({literal(ids[:, None])}, {{}}, {[count, *x.shape[1:]]})", [x], (count, *x.shape[1:]), x.dtype,
              x.bound * (x.shape[0] + 1))


def integers(g: Generator) -> None:
    """Arithmetic of integers and what turns floating values into them and back."""
    x = g.pick(dtype="int") if g.chance(0.6) else None
    if x is None:
        y = g.pick(lambda v: v.bound < 100)
        if y is not None:
            dtype = str(g.choose(["int32", "int64"]))
            g.add(f"tf.cast({{}}, tf.{dtype})", [y], y.shape, dtype, y.bound)
        return
    if x.bound > 1000:
        return
    kind = g.integer(0, 5)
    if kind == 0:
        g.add("{} // 3", [x], x.shape, x.dtype, x.bound)
    elif kind == 1:
        g.add("{} % 3", [x], x.shape, x.dtype, 3)
    elif kind == 2:
        g.add("{0} * {0} - 1", [x], x.shape, x.dtype, x.bound ** 2 + 1)
    elif kind == 3:
        g.add(f"tf.cast({{}}, tf.{g.dtype})", [x], x.shape, g.dtype, x.bound)
    elif kind == 4:
        g.add("tf.reduce_sum({})", [x], (), x.dtype, x.bound * max(1, math.prod(x.shape)))
    else:
        g.add(f"tf.cast(tf.logical_or({{0}} > 1, tf.equal({{0}}, 0)), tf.{g.dtype})", [x], x.shape, g.dtype, 1)


def shapes_of(g: Generator) -> None:
    """Values that depend on a shape which may be unknown while the graph is built."""
    x = g.pick()
    if x is None:
        return
    kind = g.integer(0, 4)
    if kind == 0:
        g.add(f"tf.cast(tf.shape({{}}), tf.{g.dtype})", [x], (x.rank,), g.dtype, 600)
    elif kind == 1:
        g.add("tf.fill(tf.shape({}), 0.5)" if x.dtype == "float32" else "tf.zeros(tf.shape({}), tf.float64)", [x], x.shape, x.dtype, 1)
    elif kind == 2:
        g.add(f"tf.cast(tf.size({{}}), tf.{g.dtype})", [x], (), g.dtype, 600)
    elif kind == 3:
        y = g.partner((math.prod(x.shape),), x.dtype)
        g.add("tf.reshape({}, tf.shape({}))", [y, x], x.shape, x.dtype, y.bound)
    elif x.rank:
        g.add(f"tf.cast(tf.range(tf.shape({{}})[0]), tf.{g.dtype})", [x], x.shape[:1], g.dtype, 600)


def image(g: Generator) -> Value:
    """A batch of small images for the convolutions."""
    return g.placeholder((g.integer(1, 2), g.integer(3, 6), g.integer(3, 6), g.integer(1, 3)), g.dtype)


def convolution(g: Generator) -> None:
    """Convolutions and pools of what has rank 4."""
    x = g.pick(lambda v: v.rank == 4 and 0 not in v.shape)
    if x is None:
        return
    kind, window, padding = g.integer(0, 3), g.integer(1, 3), str(g.choose(["SAME", "VALID"]))
    stride = g.integer(1, 2)
    _, height, width, channels = x.shape
    if padding == "VALID" and window > min(height, width):
        padding = "SAME"
    sizes = [math.ceil(d / stride) if padding == "SAME" else (d - window) // stride + 1 for d in (height, width)]
    if kind == 0:
        out = g.integer(1, 3)
        kernel = g.partner((window, window, channels, out), x.dtype)
        g.add(f"tf.nn.conv2d({{}}, {{}}, [1, {stride}, {stride}, 1], '{padding}')", [x, kernel], (x.shape[0], *sizes, out), x.dtype,
              x.bound * kernel.bound * window * window * channels)
    elif kind == 1:
        kernel = g.partner((window, window, channels, 2), x.dtype)
        g.add(f"tf.nn.depthwise_conv2d({{}}, {{}}, [1, {stride}, {stride}, 1], '{padding}')", [x, kernel],
              (x.shape[0], *sizes, 2 * channels), x.dtype, x.bound * kernel.bound * window * window)
    else:
        how = "max_pool" if kind == 2 else "avg_pool"
        # TensorFlow's MaxPoolGradGrad writes over its own input where that has the result's shape: second gradients come out as 0
        g.twice = g.twice and kind != 2
        g.add(f"tf.nn.{how}({{}}, [1, {window}, {window}, 1], [1, {stride}, {stride}, 1], '{padding}')", [x],
              (x.shape[0], *sizes, channels), x.dtype, x.bound)
