"""Programs of math ops whose nodes and values must be TensorFlow's; built in both by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import numpy as np


def filled(tf, *shape, dtype=None):
    """A placeholder with a default value: static shape `shape`, None may be anything."""
    known = [3 if d is None else d for d in shape]
    size = int(np.prod(known))
    values = (np.arange(size, dtype=np.float64).reshape(known) * 7 % 11 + 1) / 6
    return tf.placeholder_with_default(values.astype(dtype or np.float32), list(shape))


def both_orders(tf, y, xs):
    """First gradients and, of those, second ones."""
    first = [g for g in tf.gradients(y, xs) if g is not None]
    second = [g for g in tf.gradients(first, xs) if g is not None]
    return [y, *first, *second]


def program_broadcast_of_unknown_sizes(tf):
    x, y = filled(tf, None, 3), filled(tf, 3)
    return both_orders(tf, x * y + x / y - tf.squared_difference(x, y), [x, y])


def program_pow_by_a_scalar(tf):
    x, y = filled(tf), filled(tf, 2, 3)
    return both_orders(tf, tf.pow(x, y), [x, y])


def program_reductions_of_unknown_sizes(tf):
    x = filled(tf, None, 3)
    y = [tf.reduce_mean(x), tf.reduce_sum(x, 1, keepdims=True), tf.reduce_max(x, 0), tf.reduce_prod(x, [1]), tf.reduce_logsumexp(x, 0)]
    return [*y, *tf.gradients(y, x)]


def program_gathered_rows_meet_dense_gradients(tf):
    x = filled(tf, 4, 3)
    y = tf.reduce_sum(tf.gather(x, [0, 2, 2]) * 2.0) + tf.reduce_sum(tf.square(x))
    return [y, *tf.gradients(y, x)]


def program_products_of_stacks(tf):
    a, b = filled(tf, 2, 3, 4), filled(tf, 4, 2)
    y = tf.matmul(a, b) + tf.tensordot(a, b, [[2], [0]]) + tf.einsum("bij,jk->bik", a, b)
    return [y, *tf.gradients(y, [a, b])]


def program_clipped_gradients(tf):
    x = filled(tf, 4, 3)
    y = tf.reduce_sum(tf.exp(x))
    clipped, norm = tf.clip_by_global_norm(tf.gradients(y, [x]), 1.0)
    return [norm, *clipped, tf.clip_by_norm(x, 2.0), tf.clip_by_value(x, 0.5, 1.0)]


def program_small_things(tf):
    x = filled(tf, 2, 3)
    scalar = tf.reshape(filled(tf, 1), [])
    return [scalar, *tf.gradients(tf.reduce_mean(scalar * 2.0), scalar), tf.reduce_sum(x, []), abs(-x), 1 - x, tf.argmax(x, 1),
            tf.cumsum(x, 1, exclusive=True), tf.count_nonzero(x), tf.norm(x, axis=1), x[:1] @ tf.transpose(x)]
