"""The order of reads and writes, and who owns which memory: STYLE's list of traps, each a case of its own."""
import numpy as np
import pytest

import graphflow as tf


def f4(*values):
    return np.array(values, np.float32)


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def started():
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def resource(request):
    return request.param


def variable(values, resource):
    return tf.Variable(values, use_resource=resource)


def test_swap(resource):
    a, b = variable(f4(1, 1), resource), variable(f4(2, 2), resource)
    session = started()
    old_a, old_b = a.read_value(), b.read_value()
    update = tf.group(a.assign(old_b), b.assign(old_a))
    session.run(update)
    first, second = session.run([a, b])
    assert first.tolist() == [2, 2] and second.tolist() == [1, 1]


def test_read_before_assign_add_and_read_after_by_control(resource):
    a = variable(f4(1, 1), resource)
    session = started()
    before = a.read_value()
    update = a.assign_add(f4(1, 1))
    with tf.control_dependencies([update]):
        after = a.read_value()
    found = session.run([before, update, after, a])
    assert [v[0] for v in found] == [1, 2, 2, 2]


def test_fetched_value_stays_after_later_writes(resource):
    a = variable(f4(1, 1), resource)
    session = started()
    update = a.assign_add(f4(1, 1))
    kept = session.run(a)
    session.run(update)
    session.run(update)
    assert kept.tolist() == [1, 1] and session.run(a).tolist() == [3, 3]


def test_fed_array_is_never_written(resource):
    fed = tf.placeholder(tf.float32, [2])
    a = variable(f4(0, 0), resource)
    session = started()
    value = f4(5, 5)
    session.run(a.assign(fed), {fed: value})
    session.run(a.assign_add(f4(1, 1)))
    assert value.tolist() == [5, 5] and session.run(a).tolist() == [6, 6]


def test_initial_value_survives_updates(resource):
    start = f4(1, 1)
    a = variable(start, resource)
    session = started()
    session.run(a.assign_add(f4(1, 1)))
    session.run(a.initializer)
    assert session.run(a).tolist() == [1, 1] and start.tolist() == [1, 1]


def test_reads_made_after_the_write_but_not_ordered_see_the_old_value():
    a = tf.Variable(f4(1, 1))
    session = started()
    y = a * a
    update = a.assign(y + a)
    z = a * 3.0
    found_z, _, found_y = session.run([z, update.op, y])
    assert found_z[0] == 3 and found_y[0] == 1 and session.run(a)[0] == 2


def test_two_unordered_writes_run_in_creation_order():
    a = tf.Variable(f4(1, 1))
    session = started()
    first, second = a.assign_add(f4(1, 1)), a.assign_add(f4(10, 10))
    assert [v[0] for v in session.run([first, second, a])] == [2, 12, 12]


def test_view_of_a_variable_fetched_with_a_write_is_old(resource):
    a = variable(f4(1, 2, 3, 4), resource)
    session = started()
    view = tf.reshape(a.read_value(), [2, 2])
    update = a.assign(a.read_value() * 2.0)
    found, _ = session.run([view, update.op])
    assert found.tolist() == [[1, 2], [3, 4]] and session.run(a).tolist() == [2, 4, 6, 8]


def test_result_of_one_run_is_not_overwritten_by_the_next():
    x = tf.placeholder(tf.float32, [2])
    y = tf.exp(x) * 2.0
    session = tf.Session()
    first = session.run(y, {x: f4(0, 0)})
    second = session.run(y, {x: f4(1, 1)})
    assert first[0] == 2 and second[0] == pytest.approx(2 * np.e)


def test_fetch_of_a_view_of_a_feed_is_a_copy():
    x = tf.placeholder(tf.float32, [2])
    y = tf.reshape(x, [1, 2])
    value = f4(1, 1)
    found = tf.Session().run(y, {x: value})
    value[:] = 9
    assert found.tolist() == [[1, 1]]


def test_fetch_of_the_feed_itself_is_a_copy():
    x = tf.placeholder(tf.float32, [2])
    value = f4(1, 1)
    found = tf.Session().run(x, {x: value})
    value[:] = 9
    assert found.tolist() == [1, 1]


def test_fetched_constant_may_be_written():
    c = tf.constant(f4(1, 2))
    session = tf.Session()
    session.run(c)[:] = 9
    assert session.run(c).tolist() == [1, 2]


def test_fetched_zeros_may_be_written():
    z = tf.zeros([3]) + 0.0
    session = tf.Session()
    session.run(z)[:] = 9
    assert session.run(z).tolist() == [0, 0, 0]


def test_transposed_self_update_uses_old_elements(resource):
    a = variable(np.arange(4, dtype="f").reshape(2, 2), resource)
    session = started()
    session.run(a.assign(tf.transpose(a.read_value()) + a.read_value()))
    assert session.run(a).tolist() == [[0, 3], [3, 6]]


def test_shifted_self_update_uses_old_elements(resource):
    a = variable(np.arange(5, dtype="f"), resource)
    session = started()
    session.run(a.assign(tf.concat([a.read_value()[1:], a.read_value()[:1]], 0)))
    assert session.run(a).tolist() == [1, 2, 3, 4, 0]


def test_assigning_one_variable_to_two_others_keeps_them_apart(resource):
    a, b, c = (variable(f4(i, i), resource) for i in range(3))
    session = started()
    session.run([b.assign(a.read_value()), c.assign(a.read_value())])
    session.run(b.assign_add(f4(5, 5)))
    assert [session.run(v)[0] for v in (a, b, c)] == [0, 5, 0]


def test_same_computed_value_written_to_two_variables_and_fetched(resource):
    a, b = variable(f4(1, 1), resource), variable(f4(2, 2), resource)
    session = started()
    total = a.read_value() + b.read_value()
    found, _, _ = session.run([total, a.assign(total).op, b.assign(total).op])
    session.run(a.assign_add(f4(1, 1)))
    assert found[0] == 3 and session.run(a)[0] == 4 and session.run(b)[0] == 3


def test_sessions_share_nothing(resource):
    a = variable(f4(1, 1), resource)
    one, two = started(), started()
    one.run(a.assign_add(f4(1, 1)))
    assert one.run(a)[0] == 2 and two.run(a)[0] == 1


def test_scatter_updates_touch_rows_only_and_leave_fetches_alone():
    a = tf.Variable(np.zeros((3, 2), "f"))
    session = started()
    before = session.run(a)
    found = session.run(tf.scatter_add(a, [1, 1], np.ones((2, 2), "f")))
    session.run(tf.scatter_update(a, [0], np.full((1, 2), 7, "f")))
    assert before.sum() == 0 and found.tolist() == [[0, 0], [2, 2], [0, 0]]
    assert session.run(a).tolist() == [[7, 7], [2, 2], [0, 0]]


def test_validate_shape_false_changes_the_shape():
    a = tf.Variable(f4(1, 2), validate_shape=False)
    session = started()
    assert session.run(a * 2.0).tolist() == [2, 4]
    session.run(tf.assign(a, f4(1, 2, 3), validate_shape=False))
    assert session.run(a).tolist() == [1, 2, 3]
    assert session.run(a * 2.0).tolist() == [2, 4, 6]


def test_training_is_deterministic_across_sessions():
    x = tf.constant(np.random.RandomState(0).randn(8, 4).astype("f"))
    w = tf.Variable(np.ones((4, 4), "f"))
    step = tf.train.AdamOptimizer(0.01).minimize(tf.reduce_sum(tf.tanh(tf.matmul(x, w))))
    results = []
    for _ in range(2):
        session = started()
        for _ in range(5):
            session.run(step)
        results.append(session.run(w))
    assert np.array_equal(*results)


def test_equal_work_fetched_twice_gives_two_arrays():
    x = tf.placeholder(tf.float32, [2])
    first, second = tf.Session().run([x + 1.0, x + 1.0], {x: f4(0, 0)})
    first[:] = 9
    assert second.tolist() == [1, 1]


def test_fetched_broadcasts_and_transposes_are_contiguous_and_writable():
    x = tf.placeholder(tf.float32, [2, 3])
    session = tf.Session()
    for y in (tf.transpose(x + 1.0), tf.broadcast_to(x + 1.0, [4, 2, 3]), (x + 1.0)[:, ::2], tf.zeros([5]), tf.fill([2], x[0, 0])):
        found = session.run(y, {x: np.ones((2, 3))})
        assert found.flags.c_contiguous and found.flags.writeable and found.flags.owndata


@pytest.mark.parametrize("write", ["assign", "assign_add", "scatter", "train"])
def test_operations_after_a_write_see_it_through_the_variable(write):
    """`w` in an expression under a control dependency is TF1's window on the variable, not the value before the write."""
    w = tf.Variable(f4(1, 2))
    make = {"assign": lambda: w.assign(w + 1.0), "assign_add": lambda: w.assign_add(f4(1, 1)),
            "scatter": lambda: tf.scatter_add(w, [0, 1], f4(1, 1)),
            "train": lambda: tf.train.GradientDescentOptimizer(1.0).minimize(-tf.reduce_sum(w))}[write]
    before = w * 10.0
    with tf.control_dependencies([make()]):
        after, again = w * 10.0, tf.stack([w, w * 2.0])
    session = started()
    assert [v.tolist() for v in session.run([before, after, again])] == [[10, 20], [20, 30], [[2, 3], [4, 6]]]
    assert session.run(after).tolist() == [30, 40]


def test_a_value_kept_before_a_write_stays():
    w = tf.Variable(f4(1))
    kept = tf.identity(w)
    with tf.control_dependencies([w.assign_add(f4(1))]):
        pair = tf.stack([kept, w])
    assert started().run(pair).tolist() == [[1], [2]]


def test_swap_after_a_write_swaps_what_was_written():
    a, b = tf.Variable(f4(1)), tf.Variable(f4(2))
    with tf.control_dependencies([a.assign_add(f4(10))]):
        swap = tf.group(a.assign(tf.identity(b)), b.assign(tf.identity(a)))
    session = started()
    session.run(swap)
    assert [session.run(v).tolist() for v in (a, b)] == [[2], [11]]
