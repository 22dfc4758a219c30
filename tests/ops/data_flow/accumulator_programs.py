"""Programs with accumulators, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import numpy as np

from .queue_programs import after

LATER = 10 ** 9         # a step that is never past


def chain(tf, *steps):
    """What the last step gives, each made and run after the one before."""
    found = steps[0]()
    for step in steps[1:]:
        first = found[0] if isinstance(found, (list, tuple)) else found
        found = after(tf, first, step)
    return found


def program_mean(tf):
    acc = tf.ConditionalAccumulator(tf.float32, shape=[2], name="acc")
    count = chain(tf, lambda: acc.apply_grad([1.0, 2.0], local_step=LATER), lambda: acc.apply_grad([3.0, 5.0], local_step=LATER),
                  lambda: acc.apply_grad(tf.constant([0.0, 1.0]), local_step=tf.constant(LATER, tf.int64)), acc.num_accumulated)
    taken = after(tf, count, lambda: acc.take_grad(2))
    return [count, taken, after(tf, taken, lambda: acc.num_accumulated(name="left"))]


def program_sum_of_unknown_shapes(tf):
    acc = tf.ConditionalAccumulator(tf.float64, reduction_type="SUM", shared_name="shared")
    taken = chain(tf, lambda: acc.apply_grad([[1.0], [2.0]], LATER), lambda: acc.apply_grad([[3.0], [5.0]], LATER),
                  lambda: acc.take_grad(1))
    scalar = tf.ConditionalAccumulator(tf.float16)
    return [taken, chain(tf, lambda: scalar.apply_grad(1.0, LATER), lambda: scalar.apply_grad(2.0, LATER), lambda: scalar.take_grad(2))]


def program_steps(tf):
    acc = tf.ConditionalAccumulator(tf.float32, shape=[])
    old = chain(tf, lambda: acc.set_global_step(5), lambda: acc.apply_grad(1.0, local_step=4), lambda: acc.apply_grad(2.0, local_step=5),
                acc.num_accumulated)
    taken = after(tf, old, lambda: acc.take_grad(1))
    late = after(tf, taken, lambda: acc.apply_grad(7.0, local_step=5))
    return [old, taken, after(tf, late, acc.num_accumulated)]


def program_no_rows(tf):
    acc = tf.ConditionalAccumulator(tf.float32, shape=[0, 3])
    return [chain(tf, lambda: acc.apply_grad(np.zeros((0, 3), np.float32), LATER), lambda: acc.take_grad(1))]


def program_sparse(tf):
    acc = tf.SparseConditionalAccumulator(tf.float32, shape=[5, 2], name="sparse")
    slices = tf.IndexedSlices(tf.constant([[10.0, 10.0], [7.0, 7.0]]), tf.constant([2, 4], tf.int64))
    count = chain(tf, lambda: acc.apply_grad([0, 2], [[1.0, 1.0], [3.0, 3.0]], [5, 2], LATER),
                  lambda: acc.apply_indexed_slices_grad(slices, LATER), acc.num_accumulated)
    return [count, *after(tf, count, lambda: acc.take_grad(2))]


def program_sparse_sum(tf):
    acc = tf.SparseConditionalAccumulator(tf.float32, reduction_type="SUM")
    taken = chain(tf, lambda: acc.apply_grad([1, 3], [1.0, 2.0], local_step=LATER), lambda: acc.apply_grad([3], [2.0], local_step=LATER),
                  lambda: acc.take_indexed_slices_grad(2).indices)
    other = tf.SparseConditionalAccumulator(tf.float32)
    more = chain(tf, lambda: other.apply_grad([1, 3], [[1.0], [2.0]], [9, 1], LATER), lambda: other.take_grad(1))
    return [taken, *more]
