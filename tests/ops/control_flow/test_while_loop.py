"""tf.while_loop: effects, shapes, errors, memory."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def started():
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


@pytest.mark.parametrize("use_resource", [False, True])
def test_each_iteration_assigns(use_resource):
    v = tf.get_variable("v", initializer=1.0, use_resource=use_resource)
    n = tf.placeholder(tf.int32, [])

    def body(i):
        with tf.control_dependencies([tf.assign(v, 2.0 * (v.read_value() if use_resource else tf.identity(v._ref())))]):
            return i + 1

    y = tf.while_loop(lambda i: i < n, body, [0])
    with started() as session:
        assert session.run(y, {n: 5}) == 5
        assert session.run(v) == 32.0
        assert session.run(y, {n: 0}) == 0
        assert session.run(v) == 32.0


def test_two_variables_that_swap_inside_a_loop():
    a, b = tf.get_variable("a", initializer=1.0, use_resource=True), tf.get_variable("b", initializer=2.0, use_resource=True)

    def body(i):
        x, y = a.read_value(), b.read_value()
        with tf.control_dependencies([x, y]), tf.control_dependencies([a.assign(y), b.assign(x)]):
            return i + 1

    y = tf.while_loop(lambda i: i < 3, body, [0])
    with started() as session:
        session.run(y)
        assert session.run([a, b]) == [2.0, 1.0]


def test_the_condition_may_read_what_the_body_writes():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)

    def body(i):
        with tf.control_dependencies([v.assign_add(1.5)]):
            return i + 1

    y = tf.while_loop(lambda i: v.read_value() < 6.0, body, [0])
    with started() as session:
        assert session.run(y) == 4
        assert session.run(v) == 7.0


def test_python_functions_run_once_an_iteration():
    seen = []

    def note(i):
        seen.append(int(i))
        return np.int32(i + 1)

    y = tf.while_loop(lambda i: i < 4, lambda i: tf.reshape(tf.py_func(note, [i], tf.int32), []), [0])
    with tf.Session() as session:
        assert session.run(y) == 4
    assert seen == [0, 1, 2, 3]


def test_an_assertion_in_the_body_stops_the_loop():
    def body(i):
        with tf.control_dependencies([tf.Assert(i < 3, [i])]):
            return i + 1

    y = tf.while_loop(lambda i: i < 10, body, [0])
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="assertion failed"):
        session.run(y)


def test_an_interrupted_loop_leaves_variables_as_they_were():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)

    def body(i):
        with tf.control_dependencies([v.assign_add(1.0)]), tf.control_dependencies([tf.Assert(i < 3, [i])]):
            return i + 1

    y = tf.while_loop(lambda i: i < 10, body, [0])
    with started() as session:
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(y)
        assert session.run(v) == 1.0


def test_gradients_of_variables_that_swap():
    """By hand: TensorFlow 2.21 gives other numbers here, which are wrong."""
    s, t = tf.placeholder(tf.float64, []), tf.placeholder(tf.float64, [])
    _, a, b = tf.while_loop(lambda i, a, b: i < 3, lambda i, a, b: (i + 1, b, a * b), [0, s, t])
    y = a + b                                      # s t^2 + s^2 t^3
    g = tf.gradients(y, [s, t])
    second = tf.gradients(g[0], [s, t])
    with tf.Session() as session:
        feed = {s: 0.5, t: -1.5}
        assert session.run(g, feed) == pytest.approx([1.5 ** 2 + 2 * 0.5 * -1.5 ** 3, 2 * 0.5 * -1.5 + 3 * 0.25 * 2.25])
        assert session.run(second, feed) == pytest.approx([2 * -1.5 ** 3, 2 * -1.5 + 6 * 0.5 * 2.25])


def test_second_gradients_agree_with_differences():
    x = tf.placeholder(tf.float64, [2])

    def inner(a):
        return tf.while_loop(lambda j, b: j < 2, lambda j, b: (j + 1, tf.sin(b) * x + tf.cond(j < 1, lambda: b * b, lambda: x)), [0, a])[1]

    y = tf.reduce_sum(tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, inner(a)), [0, x])[1])
    (g,) = tf.gradients(y, x)
    direction = np.array([0.3, -0.8])
    (gg,) = tf.gradients(tf.reduce_sum(g * direction), x)
    at, step = np.array([0.4, 0.9]), 1e-5
    with tf.Session() as session:
        for value, gradient in ((y, g), (tf.reduce_sum(g * direction), gg)):
            slope = (session.run(value, {x: at + step * direction}) - session.run(value, {x: at - step * direction})) / (2 * step)
            assert float(session.run(gradient, {x: at}) @ direction) == pytest.approx(slope, rel=1e-5)


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_loop_over_variables_trains(use_resource):
    w = tf.get_variable("w", [3, 3], initializer=tf.constant_initializer(0.1 * np.arange(9).reshape(3, 3)), use_resource=use_resource)
    x = tf.constant([[1.0, -0.5, 0.25]])
    state = tf.while_loop(lambda i, h: i < 4, lambda i, h: (i + 1, tf.tanh(tf.matmul(h, w))), [0, x])[1]
    unrolled = x
    for _ in range(4):
        unrolled = tf.tanh(tf.matmul(unrolled, w))
    loss, same = tf.reduce_sum(state * state), tf.reduce_sum(unrolled * unrolled)
    step = tf.train.AdamOptimizer(0.05).minimize(loss)
    ours, theirs = tf.gradients(loss, w), tf.gradients(same, w)
    with started() as session:
        for _ in range(3):
            np.testing.assert_allclose(*session.run([ours, theirs]), rtol=1e-5)
            session.run(step)


def test_gradients_of_lookups_in_a_loop_reach_the_table():
    table = tf.get_variable("table", initializer=np.arange(8, dtype=np.float32).reshape(4, 2))
    ids = tf.constant([1, 3, 1])
    y = tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.reduce_sum(tf.nn.embedding_lookup(table, ids[i]) ** 2)), [0, 0.0])[1]
    (g,) = tf.gradients(y, table)
    with started() as session:
        np.testing.assert_allclose(session.run(tf.convert_to_tensor(g)), [[0, 0], [8, 12], [0, 0], [12, 14]])


def test_a_run_without_gradients_keeps_no_stacks():
    x = tf.placeholder(tf.float32, [])
    y = tf.while_loop(lambda i, a: i < 10, lambda i, a: (i + 1, tf.tanh(a * x)), [0, x])[1]
    g = tf.gradients(y, x)
    with tf.Session() as session:
        assert "TensorListPushBack" not in session.explain(y, {x: 1.0})
        assert "TensorListPushBack" in session.explain(g, {x: 1.0})


def test_fetching_from_inside_a_body_says_what_to_do():
    inside = []

    def body(i):
        inside.append(i * 2)
        return i + 1

    tf.while_loop(lambda i: i < 3, body, [0])
    with tf.Session() as session, pytest.raises(ValueError, match=r"not an element of this graph(.|\n)*return it from the body"):
        session.run(inside[0])


@pytest.mark.parametrize(("build", "error", "text"), [
    (lambda x: tf.while_loop(1, lambda a: a, [x]), TypeError, "'cond' must be callable"),
    (lambda x: tf.while_loop(lambda a: True, 1, [x]), TypeError, "'body' must be callable"),
    (lambda x: tf.while_loop(lambda: True, lambda: 1, []), ValueError, "'loop_vars' must be provided"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: a, [x], parallel_iterations=0), TypeError, "positive integer"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: tf.concat([a, a], 0), [x]), ValueError, "shape_invariants"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: tf.cast(a, tf.int32), [x]), TypeError, "enters the loop with type"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: (a, a), [x]), ValueError, "same number of elements"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: a, [x], shape_invariants=[tf.TensorShape([3])]), ValueError, "not compatible"),
    (lambda x: tf.while_loop(lambda a: True, lambda a: tf.no_op(), [x]), TypeError, "returned the operation"),
    (lambda x: tf.while_loop(lambda a: a > 0, lambda a: a, [x]), ValueError, "must be rank 0 but is rank 1.*tf.reduce_all"),
    (lambda x: tf.while_loop(lambda a: a[0], lambda a: a, [x]), TypeError, "type float32 that does not match expected type of bool"),
    (lambda x: tf.TensorArray(tf.float32, [2]), ValueError, "must be rank 0 but is rank 1"),
])
def test_what_does_not_fit_is_refused(build, error, text):
    with pytest.raises(error, match=text):
        build(tf.constant([1.0, 2.0]))


def test_ten_thousand_iterations_have_a_gradient():
    x = tf.placeholder(tf.float64, [])
    y = tf.while_loop(lambda i, a: i < 10000, lambda i, a: (i + 1, a * (1.0 + 1e-4 * x)), [0, x])[1]
    (g,) = tf.gradients(y, x)
    with tf.Session() as session:
        growth = (1 + 1e-4 * 0.5) ** 10000
        assert session.run(g, {x: 0.5}) == pytest.approx(growth * (1 + 0.5 / (1 + 0.5e-4)))


def test_an_inner_session_run_from_two_threads_gives_each_its_own_values():
    import threading
    x = tf.placeholder(tf.float32, [64])
    y = tf.while_loop(lambda i, a: i < 50, lambda i, a: (i + 1, a + x), [0, x])[1]
    wrong = []
    with tf.Session() as session:
        def work(k):
            for _ in range(50):
                if not np.array_equal(session.run(y, {x: np.full(64, k)}), np.full(64, 51.0 * k)):
                    wrong.append(k)
        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert not wrong


def numbers(turns, then):
    """Of a loop that carries what a branch hands on: (the carried matrix, a sum over turns, what each turn wrote)."""
    y = total = SQUARE
    rows = []
    for _ in range(turns):
        t = y @ y * np.float32(0.5) + 1
        total = total * np.float32(0.5) + (t - y)
        y = t if then else t * 2
        rows.append(y)
    return y, total, np.array(rows)


SQUARE = np.arange(9, dtype="f").reshape(3, 3) / 9


@pytest.mark.parametrize("then", [True, False])
@pytest.mark.parametrize("hand_on", ["cond", "loop"])
def test_a_value_that_a_branch_hands_on_is_the_next_turns_own(then, hand_on):
    given = tf.placeholder(tf.bool, [])

    def body(i, y, total, rows):
        t = tf.matmul(y, y) * 0.5 + 1.0
        total = total * 0.5 + (t - y)
        if hand_on == "cond":
            new = tf.cond(given, lambda: t, lambda: t * 2.0)
        else:
            new = tf.while_loop(lambda j, _: j < tf.cast(tf.logical_not(given), tf.int32), lambda j, z: (j + 1, z * 2.0), (0, t))[1]
        return i + 1, new, total, rows.write(i, new)
    _, y, total, rows = tf.while_loop(lambda i, *_: i < 4, body, (0, SQUARE, SQUARE, tf.TensorArray(tf.float32, 4)))
    with tf.Session() as session:
        found = session.run([y, total, rows.stack()], {given: then})
    for mine, wanted in zip(found, numbers(4, then), strict=True):
        np.testing.assert_allclose(mine, wanted, rtol=1e-5)


def test_programs_that_ask_for_the_context_of_control_flow_find_none_in_bodies():
    """As in TensorFlow with its control flow v2; programs that set one get it back, as `tf.init_scope` of their own does."""
    with tf.Graph().as_default() as graph:
        seen = []

        def body(i):
            seen.append((tf.get_default_graph()._get_control_flow_context(), i.op._get_control_flow_context()))
            return i + 1

        tf.while_loop(lambda i: i < 3, body, [0])
        assert seen == [(None, None)]
        graph._set_control_flow_context("mine")
        assert graph._get_control_flow_context() == "mine"
        graph._set_control_flow_context(None)
        assert graph._get_control_flow_context() is None


def test_slices_keep_their_static_shapes_unless_invariants_are_given():
    rows = tf.placeholder(tf.float32, [None, None])
    slices = tf.IndexedSlices(rows, tf.constant([0, 2]), tf.constant([4, 2]))

    def turned(**invariants):
        def body(i, s):
            return i + 1, tf.IndexedSlices(s.values * 2.0, s.indices, s.dense_shape)
        return tf.while_loop(lambda i, s: i < 2, body, [0, slices], **invariants)[1]

    found = turned()
    assert (found.values.shape.as_list(), found.indices.shape.as_list()) == ([2, 2], [2])
    found = turned(shape_invariants=[tf.TensorShape([]), tf.TensorShape([None, 2])])
    assert (found.values.shape.as_list(), found.indices.shape.as_list()) == ([None, 2], [None])


def test_read_value_ends_in_an_identity_outside_of_its_scope():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)
    assert [v.read_value().name, v.read_value().op.inputs[0].name] == ["Identity:0", "Read_1/ReadVariableOp:0"]


@pytest.mark.parametrize("value", [[0], [0, 1], []])
def test_a_condition_of_unknown_rank_must_give_a_scalar(value):
    x = tf.placeholder(tf.int32)
    y = tf.while_loop(lambda i: i < 3, lambda i: i + 1, [x])
    grown = tf.while_loop(lambda i, a: tf.logical_and(i < 2, tf.less(a, 5)), lambda i, a: (i + 1, tf.reshape(a, tf.fill([i], 1))),
                          [0, x], shape_invariants=[tf.TensorShape([]), tf.TensorShape(None)])[1]
    with tf.Session() as session:
        assert session.run(y, {x: 0}) == 3
        assert session.run(grown, {x: 7}) == 7
        for fetch, feed in ((y, value), (grown, 0)):
            with pytest.raises(tf.errors.InvalidArgumentError, match="The second input must be a scalar, but it has shape"):
                session.run(fetch, {x: feed})


@pytest.mark.parametrize("limit", [2.5, lambda: tf.constant(2.5)])
def test_a_limit_of_turns_is_an_integer(limit):
    with pytest.raises(TypeError, match="maximum_iterations must be an integer"):
        tf.while_loop(lambda i: i < 3, lambda i: i + 1, [tf.constant(0)], maximum_iterations=limit() if callable(limit) else limit)


def test_invariants_of_another_length_are_refused():
    with pytest.raises(ValueError, match="must have the structure of loop_vars: 1 shapes for 2 variables"):
        tf.while_loop(lambda i, x: i < 3, lambda i, x: (i + 1, x), [tf.constant(0), tf.ones([2])], shape_invariants=[tf.TensorShape([])])


def test_an_array_is_not_split_into_negative_lengths():
    n = tf.placeholder(tf.int64, [2])
    array = tf.TensorArray(tf.float32, 2, infer_shape=False).split(tf.ones([2, 2]), n)
    with tf.Session() as session:
        for lengths in ([3, -1], [-1, 3]):
            with pytest.raises(tf.errors.InvalidArgumentError, match="lengths of at least 0"):
                session.run(array.read(0), {n: lengths})
        assert session.run(array.concat(), {n: [2, 0]}).tolist() == [[1, 1], [1, 1]]
