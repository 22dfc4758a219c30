"""tf.cond, tf.case and tf.switch_case: what TensorFlow cannot be asked for, since it has no ref-style variables in bodies."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.ops.control_flow.bodies import trace
from graphflow.ops.control_flow.cond import branch_op
from tests.core.test_func_graph import FuncGraph


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def started():
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


@pytest.mark.parametrize("use_resource", [False, True])
def test_only_the_taken_branch_assigns(use_resource):
    v = tf.get_variable("v", initializer=1.0, use_resource=use_resource)
    p = tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: tf.assign_add(v, 10.0), lambda: tf.assign(v, -1.0))
    with started() as session:
        assert [session.run(y, {p: value}) for value in (True, True, False)] == [11.0, 21.0, -1.0]
        assert session.run(v) == -1.0


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_branch_that_leaves_a_variable_alone_keeps_it(use_resource):
    v = tf.get_variable("v", initializer=[1.0, 2.0], use_resource=use_resource)
    p = tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: tf.group(tf.assign(v, v * 2.0)), lambda: tf.no_op())
    with started() as session:
        for value in (False, True, False):
            session.run(y, {p: value})
        np.testing.assert_array_equal(session.run(v), [2.0, 4.0])


def test_effects_run_in_the_order_of_their_making_although_nothing_takes_them():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)
    p = tf.placeholder(tf.bool, [])

    def taken():
        before = v.read_value()
        tf.assign(v, before * 3.0)
        middle = v.read_value()
        tf.assign_add(v, 1.0)
        return tf.stack([before, middle, v.read_value()])

    y = tf.cond(p, taken, lambda: tf.zeros([3]))
    with started() as session:
        np.testing.assert_array_equal(session.run(y, {p: True}), [1.0, 3.0, 4.0])
        np.testing.assert_array_equal(session.run(y, {p: False}), [0.0, 0.0, 0.0])
        assert session.run(v) == 4.0


def test_a_read_after_a_cond_that_writes_sees_the_new_value():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)
    p = tf.placeholder(tf.bool, [])
    before = v.read_value()
    y = tf.cond(p, lambda: tf.assign(v, 5.0), lambda: tf.constant(0.0))
    with tf.control_dependencies([y]):
        after = v.read_value()
    with started() as session:
        assert session.run([before, after], {p: True}) == [1.0, 5.0]


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_variable_may_be_initialized_in_a_branch(use_resource):
    v = tf.get_variable("v", initializer=[3.0, 4.0], use_resource=use_resource)
    ask = tf.is_variable_initialized(v)
    y = tf.cond(ask, lambda: tf.no_op(), lambda: tf.group(tf.assign(v, v.initial_value)))
    value = tf.cond(ask, lambda: v.read_value(), lambda: tf.constant([-1.0, -1.0]))
    with tf.Session() as session:
        np.testing.assert_array_equal(session.run(value), [-1.0, -1.0])
        session.run(y)
        np.testing.assert_array_equal(session.run(value), [3.0, 4.0])
        session.run(v.assign([5.0, 6.0]))
        session.run(y)
        np.testing.assert_array_equal(session.run(v), [5.0, 6.0])


def test_a_branch_that_fails_fails_only_when_it_is_taken():
    x = tf.placeholder(tf.float32, [None])
    p = tf.placeholder(tf.bool, [])
    v = tf.get_variable("v", initializer=1.0)
    y = tf.cond(p, lambda: x + tf.constant([1.0, 2.0]), lambda: x * 2.0)
    z = tf.cond(p, lambda: v.read_value(), lambda: tf.constant(0.0))
    with tf.Session() as session:
        np.testing.assert_array_equal(session.run(y, {p: False, x: [1, 2, 3]}), [2, 4, 6])
        with pytest.raises(tf.errors.InvalidArgumentError, match="add"):
            session.run(y, {p: True, x: [1, 2, 3]})
        assert session.run(z, {p: False}) == 0.0
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
            session.run(z, {p: True})


def test_python_functions_run_in_the_taken_branch_only():
    seen = []
    p = tf.placeholder(tf.bool, [])

    def note(x):
        seen.append(float(x))
        return x

    y = tf.cond(p, lambda: tf.py_func(note, [tf.constant(1.0)], tf.float32), lambda: tf.py_func(note, [tf.constant(2.0)], tf.float32))
    with tf.Session() as session:
        session.run(y, {p: True})
        session.run(y, {p: False})
    assert seen == [1.0, 2.0]


def test_random_ops_of_both_branches_have_the_outer_seed():
    tf.set_random_seed(3)
    p = tf.placeholder(tf.bool, [])
    y = tf.cond(p, lambda: tf.random_uniform([]), lambda: tf.random_uniform([]) + tf.random_uniform([]))
    with tf.Session() as session:
        first = [session.run(y, {p: True}) for _ in range(2)]
    with tf.Session() as session:
        assert [session.run(y, {p: True}) for _ in range(2)] == first
        assert first[0] != first[1]


def test_random_ops_of_the_same_name_in_different_bodies_draw_their_own_numbers():
    tf.set_random_seed(3)
    p = tf.placeholder(tf.bool, [])
    a = tf.cond(p, lambda: tf.random_uniform([], seed=1), lambda: tf.random_uniform([], seed=2))
    b = tf.cond(p, lambda: tf.random_uniform([], seed=5), lambda: tf.random_uniform([], seed=6))
    c = tf.random_uniform([], seed=5)
    with tf.Session() as session:       # TensorFlow 2.21's numbers
        np.testing.assert_allclose(session.run([a, b, c], {p: True}), [0.77806914, 0.3976692, 0.3976692], rtol=1e-6)
        np.testing.assert_allclose(session.run([a, b, c], {p: False}), [0.8509835, 0.84641397, 0.9253018], rtol=1e-6)


def test_variables_and_losses_made_in_a_branch_are_the_graphs(graph):
    x = tf.placeholder(tf.float32, [2])

    def taken():
        w = tf.get_variable("w", [2], initializer=tf.ones_initializer())
        tf.add_to_collection("losses", tf.reduce_sum(w))
        return x * w

    y = tf.cond(tf.reduce_sum(x) > 0, taken, lambda: x)
    (w,) = tf.trainable_variables()
    (g,) = tf.gradients(y, w)
    assert w.graph is graph
    with started() as session:
        np.testing.assert_array_equal(session.run(g, {x: [2.0, 3.0]}), [2.0, 3.0])
        np.testing.assert_array_equal(session.run(g, {x: [-2.0, -3.0]}), [0.0, 0.0])
        with pytest.raises(ValueError, match=r"belongs to the body of a cond(.|\n)*tf.print"):
            session.run(tf.get_collection("losses"))


@pytest.mark.parametrize("use_resource", [False, True])
def test_an_optimizer_trains_through_a_cond(use_resource):
    w = tf.get_variable("w", initializer=3.0, use_resource=use_resource)
    p = tf.placeholder(tf.bool, [])
    loss = tf.cond(p, lambda: w * w, lambda: -w)
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    with started() as session:
        session.run(step, {p: True})
        assert session.run(w) == pytest.approx(2.4)
        session.run(step, {p: False})
        assert session.run(w) == pytest.approx(2.5)


def test_a_train_step_may_be_in_a_branch():
    w = tf.get_variable("w", initializer=3.0, use_resource=True)
    p = tf.placeholder(tf.bool, [])

    def train():
        with tf.control_dependencies([w.assign_sub(0.5)]):
            return tf.identity(w.read_value())

    y = tf.cond(p, train, lambda: w.read_value())
    with started() as session:
        assert [session.run(y, {p: value}) for value in (True, False, True)] == [2.5, 2.5, 2.0]


@pytest.mark.parametrize(("value", "dtype", "true"), [
    (2, tf.int32, True), (0, tf.int32, False), (0.5, tf.float32, True), (0.0, tf.float64, False), (b"a", tf.string, True),
    (b"", tf.string, False),
    ([0.0], tf.float32, True), (np.zeros([0, 2]), tf.float32, False)])
def test_the_truth_of_numbers_strings_and_arrays(value, dtype, true):
    """As TensorFlow's If has it, in graphs that others made: not 0, not empty. tf.cond takes one bool."""
    p = tf.placeholder(dtype, np.shape(value))

    def chosen(predicate):
        return branch_op(predicate, [trace("no", lambda: 2), trace("yes", lambda: 1)], None)

    y = chosen(p)
    with tf.Session() as session:
        assert session.run(y, {p: value}) == (1 if true else 2)
        assert session.run(chosen(tf.constant(value, dtype, np.shape(value)))) == (1 if true else 2)
    for refused in (p, tf.constant(value, dtype, np.shape(value))):
        with pytest.raises(TypeError, match="does not match expected type of bool"):
            tf.cond(refused, lambda: 1, lambda: 2)


@pytest.mark.parametrize("value", [[True], [True, False], np.zeros([0], bool)])
def test_a_predicate_of_unknown_rank_must_be_a_scalar(value):
    p, n = tf.placeholder(tf.bool), tf.placeholder(tf.int32)
    y, z = tf.cond(p, lambda: 1, lambda: 2), tf.switch_case(n, [lambda: 1, lambda: 2])
    with tf.Session() as session:
        assert session.run([y, z], {p: True, n: 0}) == [1, 1]
        for fetch, feed in ((y, {p: value}), (z, {n: np.asarray(value, np.int32)})):
            with pytest.raises(tf.errors.InvalidArgumentError, match="The second input must be a scalar, but it has shape"):
                session.run(fetch, feed)


def test_a_list_of_one_comes_out_as_it_is_only_when_strict():
    x = tf.constant(1.0)
    assert isinstance(tf.cond(x > 0, lambda: [x], lambda: [x]), tf.Tensor)
    assert isinstance(tf.cond(x > 0, lambda: [x], lambda: [x], strict=True), list)


@pytest.mark.parametrize(("build", "error", "text"), [
    (lambda x: tf.cond(True, lambda: x, lambda: x), TypeError, "pred must not be a Python bool"),
    (lambda x: tf.cond(tf.constant([True]), lambda: x, lambda: x), ValueError, "must be rank 0 but is rank 1.*tf.reduce_all"),
    (lambda x: tf.cond(x > 0, x, lambda: x), TypeError, "'true_fn' must be callable"),
    (lambda x: tf.cond(x > 0, lambda: x, 3), TypeError, "'false_fn' must be callable"),
    (lambda x: tf.cond(x > 0, lambda: x, lambda: [x]), TypeError, "same number, type, and overall structure"),
    (lambda x: tf.cond(x > 0, lambda: x, lambda: tf.constant(1)), TypeError, "have different types"),
    (lambda x: tf.case([]), ValueError, "at least one entry"),
    (lambda x: tf.case([(x, lambda: x)]), TypeError, "pred must be of type bool"),
    (lambda x: tf.case([(x > 0, x)]), TypeError, "must be callable"),
    (lambda x: tf.switch_case(tf.constant(0), {1: lambda: x}), ValueError, "contiguous"),
    (lambda x: tf.switch_case(tf.constant(0), []), TypeError, "at least one entry"),
    (lambda x: tf.switch_case(1, [lambda: x]), TypeError, "branch_index must a Tensor, got <class 'int'>"),
])
def test_what_does_not_fit_is_refused(build, error, text):
    with pytest.raises(error, match=text):
        build(tf.constant(1.0))


def test_case_without_a_true_predicate_fails_at_run():
    x = tf.placeholder(tf.float32, [])
    y = tf.case([(x > 1, lambda: x), (x < -1, lambda: -x)], exclusive=True)
    with tf.Session() as session:
        assert session.run(y, {x: -2.0}) == 2.0
        with pytest.raises(tf.errors.InvalidArgumentError, match="None of conditions evaluated as True"):
            session.run(y, {x: 0.0})


def test_exclusive_refuses_two_true_predicates():
    x = tf.placeholder(tf.float32, [])
    y = tf.case([(x > 1, lambda: x), (x > 2, lambda: -x)], default=lambda: x, exclusive=True)
    with tf.Session() as session:
        assert session.run(y, {x: 1.5}) == 1.5
        with pytest.raises(tf.errors.InvalidArgumentError, match="more than 1 conditions"):
            session.run(y, {x: 3.0})


def test_a_known_predicate_leaves_the_other_branch_out_of_the_plan():
    x = tf.placeholder(tf.float32, [])
    y = tf.cond(tf.constant(True), lambda: x + 1.0, lambda: tf.py_func(lambda v: v, [x], tf.float32))
    with tf.Session() as session:
        text = session.explain(y, {x: 1.0})
    assert "cond(" not in text and "PyFunc" not in text and "add" in text


@pytest.mark.parametrize("call", ["PartitionedCall", "StatefulPartitionedCall"])
def test_bodies_nested_by_hand_lower_inside_a_plan(call):
    outer = tf.get_default_graph()
    x = tf.placeholder(tf.float32, [2])
    body = FuncGraph("outer_body", outer)
    with body.as_default():
        doubled = x * 2.0
        y = tf.cond(x[0] > 0, lambda: tf.cond(x[1] > 0, lambda: doubled + x, lambda: doubled - x), lambda: doubled)
        body.outputs = [y]
    from graphflow.core.make import make
    from graphflow.ops.control_flow.bodies import register
    (result,) = make(tf_op(call), body.captured(), Tout=(tf.float32,), f=register(body))
    with tf.Session() as session:
        np.testing.assert_array_equal(session.run(result, {x: [1.0, 2.0]}), [3.0, 6.0])
        np.testing.assert_array_equal(session.run(result, {x: [1.0, -2.0]}), [1.0, -2.0])
        np.testing.assert_array_equal(session.run(result, {x: [-1.0, 2.0]}), [-2.0, 4.0])


def tf_op(name):
    from graphflow.core.op import load
    return load(name)


def test_a_choice_of_unknown_shape():
    given = tf.placeholder(tf.int32)
    choice = tf.reshape(given, tf.shape(given)[:0])
    y = tf.switch_case(choice, [lambda: tf.constant(5.0), lambda: tf.constant(7.0), lambda: tf.constant(9.0)])
    with tf.Session() as session:
        assert [session.run(y, {given: [i]}) for i in (0, 1, 2, 7)] == [5.0, 7.0, 9.0, 9.0]


def test_a_taken_branch_that_fails_after_an_assertion_of_it_lets_the_assertion_speak():
    x = tf.placeholder(tf.float32)

    def batch():
        with tf.control_dependencies([tf.Assert(tf.rank(x) > 2, ["no image"])]):
            return tf.reverse(tf.identity(x), [2])
    made = tf.cond(tf.equal(tf.rank(x), 1), lambda: x, batch) * 2.0
    with tf.Session() as session:
        assert session.run(made, {x: [1.0]}).tolist() == [2.0]
        assert session.run(made, {x: [[[1.0, 2.0]]]}).tolist() == [[[4.0, 2.0]]]
        with pytest.raises(tf.errors.InvalidArgumentError, match="no image"):
            session.run(made, {x: np.ones((4, 6))})
