"""Programs with barriers and map staging areas, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import importlib

import numpy as np

from .queue_programs import after


def module(tf):
    """tensorflow.python.ops.data_flow_ops, of either."""
    return importlib.import_module("graphflow.commands.inner.data_flow_ops" if hasattr(tf, "contrib")
                                   else "tensorflow.python.ops.data_flow_ops")


def numbers(tf, tensors):
    """Strings as their bytes."""
    return [tf.decode_raw(t, tf.uint8) if t.dtype == tf.string else t for t in tensors]


def program_barrier(tf):
    barrier = module(tf).Barrier([tf.float32, tf.int32], shapes=[[], [2]], name="met")
    first = barrier.insert_many(0, ["a", "b", "c"], np.float32([1, 2, 3]))
    second = after(tf, first, lambda: barrier.insert_many(1, ["c", "a"], np.int32([[5, 6], [7, 8]])))
    sizes = after(tf, second, lambda: [barrier.ready_size(), barrier.incomplete_size()])
    with tf.control_dependencies(sizes):
        taken = barrier.take_many(2)
    third = after(tf, taken.keys, lambda: barrier.insert_many(1, ["b"], np.int32([[9, 9]])))
    last = after(tf, third, lambda: barrier.take_many(1, name="rest"))
    return [*sizes, *numbers(tf, [*taken.indices.op.outputs, *last.indices.op.outputs])]


def program_barrier_of_one_component(tf):
    barrier = module(tf).Barrier(tf.float64, shapes=[[]], shared_name="one")
    put = barrier.insert_many(0, ["a", "a", "b"], np.float64([1, 2, 3]))
    taken = after(tf, put, lambda: barrier.take_many(3))
    return [tf.sort(taken.values[0]), tf.reduce_max(taken.indices) - tf.reduce_min(taken.indices)]


def program_nothing_taken_of_a_barrier(tf):
    return numbers(tf, module(tf).Barrier([tf.float32], shapes=[[3]]).take_many(0).indices.op.outputs)


def program_map_staging(tf):
    staged = module(tf).MapStagingArea([tf.float32, tf.int32], shapes=[[], [2]], names=["x", "n"])
    key = tf.constant(3, tf.int64)
    half = staged.put(key, {"n": tf.constant([1, 2])})
    sizes = after(tf, half, lambda: [staged.size(), staged.incomplete_size()])
    with tf.control_dependencies(sizes):
        whole = staged.put(key, {"x": tf.constant(5.0)})
    peeked = after(tf, whole, lambda: staged.peek(key))
    one = after(tf, peeked["x"], lambda: staged.get(key, indices=["n"]))
    other = after(tf, one[1]["n"], lambda: staged.get(key, indices=["x"]))
    return [*sizes, peeked["x"], peeked["n"], one[1]["n"], other[1]["x"], after(tf, other[1]["x"], staged.clear)]


def program_ordered_map_staging(tf):
    staged = module(tf).MapStagingArea([tf.float32], shapes=[[]], ordered=True, capacity=5, shared_name="ordered")
    put = [staged.put(tf.constant(k, tf.int64), [tf.constant(float(k))], [0]) for k in (5, 2, 9)]
    seen = after(tf, tf.group(*put), lambda: staged.peek(tf.constant(5, tf.int64)))
    first = after(tf, seen[0], staged.get)
    named = after(tf, first[0], lambda: staged.get(tf.constant(9, tf.int64)))
    last = after(tf, named[1][0], staged.get)
    size = after(tf, last[0], lambda: [staged.size(), staged.incomplete_size()])
    return [seen[0], first[0], first[1][0], named[1][0], last[0], last[1][0], *size, after(tf, size[0], staged.clear)]


def program_map_staging_in_scopes(tf):
    with tf.name_scope("outer"):
        staged = module(tf).MapStagingArea([tf.string])
        put = staged.put(tf.constant(-1, tf.int64), [tf.constant(["a", "b"])], [0], name="second")
        return numbers(tf, after(tf, put, staged.get)[1])
