"""Equal ops and specs are one object, as long as somebody holds them; a program that makes graphs all day does not grow."""
import gc
import weakref

import graphflow as tf
from graphflow.core import op as op_module
from graphflow.core import spec as spec_module
from graphflow.core.op import Spec, load, remember


def test_equal_ops_are_one_object_however_they_were_asked_for():
    tf.reset_default_graph()
    x = tf.constant([1.0, 2.0])
    first, second = tf.reduce_sum(x, 0).op, tf.reduce_sum(x, 0).op
    assert first._op_def is second._op_def is load("Sum").of(**first._op_def.attributes())


def test_an_op_goes_with_the_last_graph_that_holds_it():
    graph = tf.Graph()
    with graph.as_default():
        kept = weakref.ref(tf.placeholder(tf.float32, [5, 71, 3]).op._op_def)
    assert kept() is not None
    load("Placeholder")._calls.clear()          # what `make` remembers, up to its limit
    del graph
    gc.collect()
    assert kept() is None


def test_equal_specs_are_one_object_and_only_recent_ones_stay_without_a_holder():
    kind = tf.float32
    assert Spec(kind, [2, None]) is Spec(kind, (2, None))
    before = len(spec_module._specs)
    for size in range(5000):
        Spec(kind, (size, 1, 2, 3, 4))
    assert len(spec_module._specs) - before <= spec_module._new_specs.maxlen


def test_a_memo_begins_anew_when_it_is_full():
    memo = {}
    for i in range(10_000):
        assert remember(memo, i, str(i)) == str(i)
    assert memo[9999] == "9999" and len(memo) <= op_module._REMEMBERED


def test_graphs_sessions_and_functions_leave_nothing_behind():
    def work(count):
        for i in range(count):
            with tf.Graph().as_default(), tf.Session() as session:
                x = tf.placeholder(tf.float32, [None, 3], name=f"x{i}")
                w = tf.get_variable("w", [3, 1 + i % 7], initializer=tf.zeros_initializer())
                y = tf.matmul(tf.py_func(lambda v: v, [x], tf.float32), w) + float(i)
                y.set_shape([None, 1 + i % 7])
                session.run(w.initializer)
                session.run(y, {x: [[1.0, 2.0, 3.0]] * (1 + i % 5)})
        gc.collect()
        return len(gc.get_objects())
    work(30)
    before = work(5)
    assert work(100) - before < 1500
