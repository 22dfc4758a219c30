"""Programs with staging areas, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import importlib

from .queue_programs import after


def area(tf, *args, **more):
    if hasattr(tf, "contrib"):
        return tf.contrib.staging.StagingArea(*args, **more)
    return importlib.import_module("tensorflow.python.ops.data_flow_ops").StagingArea(*args, **more)


def program_in_and_out(tf):
    staged = area(tf, [tf.float32, tf.int32], shapes=[[2], None])
    put = staged.put([tf.constant([1.0, 2.0]), tf.constant(3)])
    size = after(tf, put, staged.size)
    peeked = after(tf, size, lambda: staged.peek(0))
    taken = after(tf, peeked[0], staged.get)
    return [size, *peeked, *taken, after(tf, taken[0], lambda: staged.clear(name="drop"))]


def program_names(tf):
    staged = area(tf, [tf.float32], names=["x"], capacity=2, shared_name="area")
    return [after(tf, staged.put({"x": tf.constant(1.0)}), staged.get)["x"]]


def program_order_and_scopes(tf):
    with tf.name_scope("outer"):
        staged = area(tf, [tf.int32])
        other = area(tf, [tf.int32])
        one = staged.put(tf.constant([1, 2]))
        two = after(tf, one, lambda: staged.put([tf.zeros([0], tf.int32)], name="second"))
        first = after(tf, two, staged.get)
        last = after(tf, first[0], lambda: staged.get(name="last"))
    return [first[0], last[0], other.size()]
