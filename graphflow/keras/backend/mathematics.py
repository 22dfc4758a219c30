"""Mathematics of tf.keras.backend."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .settings import floatx


@export("keras.backend.max")
def reduce_max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The largest value along axes."""
    return tf.reduce_max(x, axis, keepdims)


@export("keras.backend.min")
def reduce_min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The smallest value along axes."""
    return tf.reduce_min(x, axis, keepdims)


@export("keras.backend.sum")
def reduce_sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The sum along axes."""
    return tf.reduce_sum(x, axis, keepdims)


@export("keras.backend.prod")
def reduce_prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The product along axes."""
    return tf.reduce_prod(x, axis, keepdims)


@export("keras.backend.mean")
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The mean along axes; of booleans the share of true ones."""
    return tf.reduce_mean(tf.cast(x, floatx()) if x.dtype.base_dtype == tf.bool else x, axis, keepdims)


@export("keras.backend.var")
def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The variance along axes."""
    x = tf.cast(x, floatx()) if x.dtype.base_dtype == tf.bool else x
    return tf.math.reduce_variance(x, axis=axis, keepdims=keepdims)


@export("keras.backend.std")
def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """The standard deviation along axes."""
    x = tf.cast(x, floatx()) if x.dtype.base_dtype == tf.bool else x
    return tf.math.reduce_std(x, axis=axis, keepdims=keepdims)


@export("keras.backend.any")
def reduce_any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any is true."""
    return tf.reduce_any(tf.cast(x, tf.bool), axis, keepdims)


@export("keras.backend.all")
def reduce_all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return tf.reduce_all(tf.cast(x, tf.bool), axis, keepdims)


@export("keras.backend.logsumexp")
def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """log(sum(exp(x)))."""
    return tf.reduce_logsumexp(x, axis, keepdims)


@export("keras.backend.cumsum")
def cumsum(x: Any, axis: int = 0) -> Any:
    """Sums of the first values."""
    return tf.cumsum(x, axis=axis)


@export("keras.backend.cumprod")
def cumprod(x: Any, axis: int = 0) -> Any:
    """Products of the first values."""
    return tf.math.cumprod(x, axis=axis)


@export("keras.backend.argmax")
def argmax(x: Any, axis: int = -1) -> Any:
    """Where the largest value is."""
    return tf.argmax(x, axis)


@export("keras.backend.argmin")
def argmin(x: Any, axis: int = -1) -> Any:
    """Where the smallest value is."""
    return tf.argmin(x, axis)


@export("keras.backend.sqrt")
def sqrt(x: Any) -> Any:
    """The root, 0 for negative values."""
    zero = tf.constant(0.0, x.dtype.base_dtype)
    return tf.sqrt(tf.maximum(x, zero))


@export("keras.backend.clip")
def clip(x: Any, min_value: Any, max_value: Any) -> Any:
    """x, not below min_value and not above max_value."""
    if isinstance(min_value, (int, float)) and isinstance(max_value, (int, float)) and max_value < min_value:
        max_value = min_value
    low = float("-inf") if min_value is None else min_value
    high = float("inf") if max_value is None else max_value
    return tf.clip_by_value(x, low, high)


@export("keras.backend.pow")
def power(x: Any, a: Any) -> Any:
    """x to the power a."""
    return tf.pow(x, a)


@export("keras.backend.l2_normalize")
def l2_normalize(x: Any, axis: Any = None) -> Any:
    """x over its norm along axes."""
    return tf.nn.l2_normalize(x, axis=axis)


@export("keras.backend.dot")
def dot(x: Any, y: Any) -> Any:
    """The product of the last axis of x with the last but one of y."""
    if len(x.static) <= 2 and len(y.static) == 2:
        return tf.sparse.sparse_dense_matmul(x, y) if isinstance(x, tf.SparseTensor) else tf.matmul(x, y)
    return tf.tensordot(x, y, [[len(x.static) - 1], [max(len(y.static) - 2, 0)]])


@export("keras.backend.batch_dot")
def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """The products of samples: axes (one of each) are summed over; [batch, 1] where nothing else is left."""
    ranks = len(x.static), len(y.static)
    if min(ranks) < 2:
        raise ValueError(f"Cannot do batch_dot on inputs with rank < 2. Received inputs with shapes {x.static} and {y.static}.")
    if axes is None:
        axes = [ranks[0] - 1, ranks[1] - 2 if ranks[1] > 2 else ranks[1] - 1]
    a, b = (axes, axes) if isinstance(axes, int) else tuple(axes)
    a, b = a % ranks[0], b % ranks[1]
    if 0 in (a, b):
        raise ValueError("Cannot perform batch_dot over axis 0, that of the batch.")
    if x.static[a] is not None and y.static[b] is not None and x.static[a] != y.static[b]:
        raise ValueError(f"Cannot do batch_dot on inputs with shapes {x.static} and {y.static} with axes={[a, b]}: x.shape[{a}] != "
                         f"y.shape[{b}] ({x.static[a]} != {y.static[b]}).")
    x = tf.transpose(x, [0, *(i for i in range(1, ranks[0]) if i != a), a])
    y = tf.transpose(y, [0, b, *(i for i in range(1, ranks[1]) if i != b)])
    first, second = tf.shape(x), tf.shape(y)
    outer = [*x.static[:-1], *y.static[2:]]
    found = tf.matmul(tf.reshape(x, tf.stack([first[0], -1, first[ranks[0] - 1]])), tf.reshape(y, tf.stack([second[0], second[1], -1])))
    if len(outer) == 1:
        found, outer = tf.squeeze(found, [1]), [*outer, 1]
    else:
        found = tf.reshape(found, tf.concat([first[:-1], second[2:]], 0))
    found.set_shape(outer)
    return found


@export("keras.backend.bias_add")
def bias_add(x: Any, bias: Any, data_format: Any = None) -> Any:
    """x plus a bias of its channels, or of all axes but the batch."""
    if len(bias.static) == 1:
        first = data_format == "channels_first"
        return x + tf.reshape(bias, [1, -1, *[1] * (len(x.static) - 2)]) if first else tf.nn.bias_add(x, bias)
    return x + tf.expand_dims(bias, 0)


@export("keras.backend.switch")
def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One or the other: of a scalar condition a branch, else element by element."""
    condition = tf.cast(condition, tf.bool)
    if len(condition.static) == 0:
        return tf.cond(condition, then_expression if callable(then_expression) else lambda: then_expression,
                       else_expression if callable(else_expression) else lambda: else_expression)
    yes = then_expression() if callable(then_expression) else then_expression
    no = else_expression() if callable(else_expression) else else_expression
    for _ in range(len(yes.static) - len(condition.static)):
        condition = tf.expand_dims(condition, -1)
    return tf.where(tf.logical_and(condition, tf.ones_like(yes, dtype=tf.bool)), yes, no)


@export("keras.backend.in_train_phase")
def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """x while training, else alt; functions are called only where they are wanted."""
    phase = tf.keras.backend.learning_phase() if training is None else training
    if phase is True or isinstance(phase, int) and phase == 1:
        return x() if callable(x) else x
    if phase is False or isinstance(phase, int) and phase == 0:
        return alt() if callable(alt) else alt
    return switch(phase, x, alt)


@export("keras.backend.in_test_phase")
def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """x outside of training, else alt."""
    return in_train_phase(alt, x, training)


@export("keras.backend.dropout")
def dropout(x: Any, level: float, noise_shape: Any = None, seed: Any = None) -> Any:
    """x with a share `level` set to 0 and the rest scaled up."""
    return tf.nn.dropout(x, rate=level, noise_shape=noise_shape, seed=seed)


@export("keras.backend.in_top_k")
def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    """Whether the target is among the k most probable classes."""
    return tf.nn.in_top_k(predictions, targets, k)


@export("keras.backend.random_normal")
def random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers."""
    return tf.random_normal(shape, mean, stddev, dtype or floatx(), seed)


@export("keras.backend.random_uniform")
def random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Uniform numbers."""
    return tf.random_uniform(shape, minval, maxval, dtype or floatx(), seed)


@export("keras.backend.random_binomial")
def random_binomial(shape: Any, p: float = 0.0, dtype: Any = None, seed: Any = None) -> Any:
    """1 with probability p, else 0."""
    dtype = dtype or floatx()
    return tf.where(tf.random_uniform(shape, dtype=dtype, seed=seed) <= p, tf.ones(shape, dtype), tf.zeros(shape, dtype))


@export("keras.backend.truncated_normal")
def truncated_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    """Normal numbers, those beyond two standard deviations drawn again."""
    return tf.truncated_normal(shape, mean, stddev, dtype or floatx(), seed)


@export("keras.backend.map_fn")
def map_fn(fn: Any, elems: Any, name: str | None = None, dtype: Any = None) -> Any:
    """fn of each element."""
    return tf.map_fn(fn, elems, name=name, dtype=dtype)


@export("keras.backend.foldl")
def foldl(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """fn(so far, element) from the first to the last."""
    return tf.foldl(fn, elems, initializer=initializer, name=name)


@export("keras.backend.foldr")
def foldr(fn: Any, elems: Any, initializer: Any = None, name: str | None = None) -> Any:
    """fn(so far, element) from the last to the first."""
    return tf.foldr(fn, elems, initializer=initializer, name=name)


@export("keras.backend.abs")
def absolute(x: Any) -> Any:
    """|x|."""
    return tf.abs(x)


@export("keras.backend.square")
def square(x: Any) -> Any:
    """x^2."""
    return tf.square(x)


@export("keras.backend.exp")
def exponential(x: Any) -> Any:
    """exp(x)."""
    return tf.exp(x)


@export("keras.backend.log")
def logarithm(x: Any) -> Any:
    """log(x)."""
    return tf.log(x)


@export("keras.backend.round")
def rounded(x: Any) -> Any:
    """The nearest whole numbers; halves to even ones."""
    return tf.round(x)


@export("keras.backend.sign")
def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    return tf.sign(x)


@export("keras.backend.sin")
def sine(x: Any) -> Any:
    """sin(x)."""
    return tf.sin(x)


@export("keras.backend.cos")
def cosine(x: Any) -> Any:
    """cos(x)."""
    return tf.cos(x)


@export("keras.backend.equal")
def equal(x: Any, y: Any) -> Any:
    """x == y."""
    return tf.equal(x, y)


@export("keras.backend.not_equal")
def not_equal(x: Any, y: Any) -> Any:
    """x != y."""
    return tf.not_equal(x, y)


@export("keras.backend.greater")
def greater(x: Any, y: Any) -> Any:
    """x > y."""
    return tf.greater(x, y)


@export("keras.backend.greater_equal")
def greater_equal(x: Any, y: Any) -> Any:
    """x >= y."""
    return tf.greater_equal(x, y)


@export("keras.backend.less")
def less(x: Any, y: Any) -> Any:
    """x < y."""
    return tf.less(x, y)


@export("keras.backend.less_equal")
def less_equal(x: Any, y: Any) -> Any:
    """x <= y."""
    return tf.less_equal(x, y)


@export("keras.backend.maximum")
def maximum(x: Any, y: Any) -> Any:
    """The larger of both."""
    return tf.maximum(x, y)


@export("keras.backend.minimum")
def minimum(x: Any, y: Any) -> Any:
    """The smaller of both."""
    return tf.minimum(x, y)
