"""Range errors are nodes of a plan: kept, in order, and said with the operation, the values and the user's line."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def primitives(fetches, feeds, session=None):
    plan = (session or tf.Session()).explain(fetches, feeds, stages=True)[-1][1]
    return [n.prim for n in plan.nodes]


def test_an_embedding_step_has_no_host_call():
    words, labels = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
    table = tf.get_variable("table", initializer=np.ones((9, 4), "f"))
    logits = tf.matmul(tf.nn.embedding_lookup(table, words), tf.get_variable("w", initializer=np.ones((4, 9), "f")))
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    found = primitives([loss, step], {words: (3,), labels: (3,)}, session)
    assert "call" not in found and found.count("check") == 3 and "scatter_rows" in found


def test_a_check_fails_the_run_though_nobody_uses_the_value():
    rows = tf.placeholder(tf.int32, [None])
    picked = tf.gather(tf.constant([1.0, 2.0]), rows, name="pick")
    count = tf.shape(picked)[0]
    assert tf.Session().run(count, {rows: [0, 1, 1]}) == 3
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 2 is not in \[0, 2\)") as caught:
        tf.Session().run(count, {rows: [0, 2]})
    assert caught.value.op is picked.op
    assert "[[node pick (op type: GatherV2)]]  made at test_checks.py" in str(caught.value)
    assert "picked = tf.gather(" in str(caught.value) and "int32 [2]" in str(caught.value)


def test_what_is_known_to_fail_fails_in_its_turn():
    x = tf.placeholder(tf.int32, [])
    with tf.control_dependencies([tf.debugging.assert_positive(x, message="x is wrong")]):
        quotient = x // tf.constant(0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="x is wrong"):
        tf.Session().run(quotient, {x: -1})
    with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
        tf.Session().run(quotient, {x: 1})


@pytest.mark.parametrize("size", [0, 1, 3])
def test_nothing_is_divided_by_zero_where_there_is_nothing(size):
    x, y = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [1])
    for function in (tf.floordiv, tf.mod, tf.truncatediv):
        quotient = function(x, y)
        if size:
            with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
                tf.Session().run(quotient, {x: [1] * size, y: [0]})
        else:
            assert tf.Session().run(quotient, {x: [], y: [0]}).shape == (0,)


def test_labels_out_of_range_are_named_with_all_labels():
    labels, logits = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.float32, [None, 3])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"label value of -1 which is outside .* \[0, 3\)\.  Label values: 2 -1 5"):
        tf.Session().run(loss, {labels: [2, -1, 5], logits: np.zeros((3, 3))})
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"must have the same first dimension, got logits shape \[3,3\] and labels"):
        tf.Session().run(loss, {labels: [2], logits: np.zeros((3, 3))})


def test_a_refused_write_leaves_the_variable_as_it_was():
    v = tf.Variable(np.zeros((4, 2), "f"))
    rows = tf.placeholder(tf.int32, [None])
    write = tf.scatter_add(v, rows, tf.ones([tf.size(rows), 2]))
    session = tf.Session()
    session.run(v.initializer)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 4 is not in \[0, 4\)"):
        session.run(write, {rows: [0, 4]})
    assert not session.run(v).any()
    session.run(write, {rows: [1, 1]})
    assert session.run(v).tolist() == [[0, 0], [2, 2], [0, 0], [0, 0]]


def test_rows_are_written_into_the_variable_itself():
    v = tf.Variable(np.zeros((4, 2), "f"))
    rows = tf.placeholder(tf.int32, [3])
    write = tf.scatter_sub(v, rows, tf.ones([3, 2])).op
    session = tf.Session()
    session.run(v.initializer)
    plan = session.explain(write, {rows: (3,)}, stages=True)[-1][1]
    scatter = next(n for n in plan.nodes if n.prim == "scatter_rows")
    assert plan.layout.places[scatter.id].kind == "in place"


def test_the_old_rows_can_be_fetched_beside_the_new_ones():
    v = tf.Variable(np.zeros((4, 2), "f"), use_resource=True)
    rows = tf.placeholder(tf.int32, [None])
    before = v.read_value() * 1.0
    with tf.control_dependencies([before]):
        write = tf.scatter_update(v, rows, tf.ones([tf.size(rows), 2]))
    session = tf.Session()
    session.run(v.initializer)
    old, new = session.run([before, write], {rows: [1]})
    assert not old.any() and new[1].tolist() == [1, 1] and session.run(v).sum() == 2
