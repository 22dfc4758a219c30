"""Where a run is cut, and what crosses the cuts."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.pipeline import operations
from graphflow.plan.segments import cut


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def segments(fetches, fed=()):
    return cut(operations([f.op if isinstance(f, tf.Tensor) else f for f in fetches], list(fed)),
               [f for f in fetches if isinstance(f, tf.Tensor)], list(fed))


def called(x, name="call"):
    return tf.py_func(lambda v: v, [x], tf.float32, name=name)


def names(items):
    return sorted(item.name for item in items)


def test_a_run_without_blocking_operations_is_not_cut():
    assert segments([tf.constant(1.0) + 2.0]) == []


def test_a_chain_of_calls_has_a_segment_around_each():
    x = tf.placeholder(tf.float32, [2], name="x")
    y = tf.exp(called(tf.exp(called(x, "one"), name="between"), "two"), name="end")
    found = segments([y], [x])
    assert [names(s.calls) for s in found] == [["one"], ["two"], []]
    assert [names(s.ops) for s in found] == [[], ["between"], ["end"]]
    assert [names(s.fed) for s in found] == [[], ["one:0"], ["two:0"]]
    assert [names(s.fetches) for s in found] == [[], ["between:0"], ["end:0"]]


def test_independent_calls_share_a_cut():
    x = tf.placeholder(tf.float32, [2])
    found = segments([called(x, "one") + called(x, "two")], [x])
    assert [names(s.calls) for s in found] == [["one", "two"], []]


def test_constants_and_variables_do_not_cross_a_cut():
    w = tf.Variable(np.ones(2, "f"), name="w")
    x = tf.placeholder(tf.float32, [2], name="x")
    before = tf.reduce_sum(tf.zeros([2]) + w, name="before")
    y = tf.identity(called(x) * tf.ones([2]) + w + before, name="y")
    found = segments([y], [x])
    assert found[0].fetches == [] and names(found[1].fed) == ["call:0"]


def test_a_read_is_not_moved_past_a_later_write_and_crosses_as_a_copy():
    w = tf.Variable(np.ones(2, "f"), name="w")
    kept = tf.identity(w, name="kept")
    with tf.control_dependencies([w.assign_add([1.0, 1.0])]):
        call = called(tf.constant([1.0, 1.0]))
    found = segments([tf.add(kept, call, name="sum")])
    assert names(found[0].fetches) == ["w/read:0"] and names(found[1].fed) == ["call:0", "w/read:0"]
    assert "w/read" not in names(found[1].ops)


def test_what_has_an_effect_stands_where_its_order_wants_it():
    w = tf.Variable(np.ones(2, "f"), name="w")
    first = w.assign_add(called(tf.constant([1.0, 1.0])))
    second = w.assign_add([2.0, 2.0])
    found = segments([first, second])
    assert [op.name for op in found[1].ops if op.type == "AssignAdd"] == [first.op.name, second.op.name]


def test_work_that_a_call_does_not_need_is_not_done_before_it():
    x = tf.placeholder(tf.float32, [2])
    slow = tf.exp(x, name="slow")
    found = segments([called(x) + slow], [x])
    assert "slow" not in names(found[0].ops) and "slow" in names(found[1].ops)


def test_the_explanation_shows_segments_and_the_calls_between_them():
    x = tf.placeholder(tf.float32, [2])
    text = tf.Session().explain(tf.exp(called(tf.exp(x))) + 1.0, {x: (2,)})
    titles = [line.split(":")[0] for line in text.splitlines() if line.startswith("==")]
    assert [t for t in titles if "calls" in t] == ["== calls after segment 1"]
    assert titles[0] == "== segment 1, lowered" and titles[-1].startswith("== segment 2, ")
    assert "call(%" in text
