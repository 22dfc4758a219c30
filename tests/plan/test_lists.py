"""Lists in loops: one that nothing else holds is changed in place, and every program sees values that never change."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.bodies import all_nodes
from graphflow.plan.lists import held

raw = tf.raw_ops
ROWS = np.arange(12, dtype="f").reshape(4, 3)


def from_rows(rows=ROWS):
    return raw.TensorListFromTensor(tensor=rows, element_shape=tf.constant([3]))


def get(handle, i):
    return raw.TensorListGetItem(input_handle=handle, index=i, element_shape=tf.constant([3]), element_dtype=tf.float32)


def put(handle, i, item):
    return raw.TensorListSetItem(input_handle=handle, index=i, item=item)


def stack(handle):
    return raw.TensorListStack(input_handle=handle, element_shape=tf.constant([3]), element_dtype=tf.float32, num_elements=-1)


def push(handle, item):
    return raw.TensorListPushBack(input_handle=handle, tensor=item)


def pop(handle):
    return raw.TensorListPopBack(input_handle=handle, element_shape=tf.constant([3]), element_dtype=tf.float32)


def empty():
    return raw.EmptyTensorList(element_shape=tf.constant([3]), max_num_elements=-1, element_dtype=tf.float32)


def turns(n, body, *start):
    """The loop's variables after the counter."""
    return tf.while_loop(lambda i, *_: i < n, lambda i, *v: (i + 1, *body(i, *v)), (0, *start))[1:]


def run(*fetches, feeds=None):
    """The values of two runs, which must be the same."""
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        first = session.run(fetches, feeds)
        for a, b in zip(first, session.run(fetches, feeds), strict=True):
            np.testing.assert_array_equal(a, b)
        return first


def counts(fetches, feeds=None):
    """(lists carried in place, lists only read) of each loop of a plan."""
    with tf.Session() as session:
        plan = session.explain(fetches, feeds or {}, stages=True)[-1][1]
    found = [held(node, nested=False) for node in all_nodes(plan) if node.prim == "loop"]
    return [(len(each.carried), len(each.taken)) for each in found]


def test_lists_of_a_loop_and_its_gradient_are_changed_in_place():
    x = tf.placeholder(tf.float32, [4, 3])
    y = tf.scan(lambda a, row: tf.sin(a) * row, x)
    dx = tf.gradients(y, x)[0]
    assert counts(dx, {x: ROWS}) == [(4, 1), (5, 0)]
    values = run(y, dx, feeds={x: ROWS})
    wanted = [ROWS[0]]
    for row in ROWS[1:]:
        wanted.append(np.sin(wanted[-1]) * row)
    np.testing.assert_allclose(values[0], wanted, rtol=1e-5)


def test_the_list_before_a_loop_stays_as_it_was():
    before = from_rows()
    (after,) = turns(3, lambda i, each: [put(each, i, get(each, i) * 2 + get(each, i + 1))], before)
    assert counts([stack(after)]) == [(1, 0)]
    old, new = run(stack(before), stack(after))
    np.testing.assert_array_equal(old, ROWS)
    np.testing.assert_array_equal(new, [*(ROWS[:3] * 2 + ROWS[1:]), ROWS[3]])


def test_an_old_version_is_read_after_the_next_one_was_made():
    def body(i, each, total):
        new = put(each, i, total)
        return new, total + get(each, i)            # of the version before
    after, total = turns(4, body, from_rows(), tf.zeros([3]))
    assert counts([stack(after), total]) == [(1, 0)]
    rows, found = run(stack(after), total)
    np.testing.assert_array_equal(found, ROWS.sum(0))
    np.testing.assert_array_equal(rows, np.cumsum([np.zeros(3), *ROWS[:3]], 0))


def test_an_old_version_that_is_carried_on_stays_as_it_was():
    def body(i, each, other):
        return put(each, i, get(other, i) + 1), each
    after, older = turns(4, body, from_rows(), from_rows(ROWS * 10))
    assert counts([stack(after), stack(older)]) == [(0, 0)]
    a, b = ROWS.copy(), ROWS * 10
    for i in range(4):
        new = a.copy()
        new[i] = b[i] + 1
        a, b = new, a
    rows, old = run(stack(after), stack(older))
    np.testing.assert_array_equal(rows, a)
    np.testing.assert_array_equal(old, b)


def test_a_read_that_depends_on_the_next_version_is_no_read_before_it():
    def body(i, each):
        new = put(each, i, get(each, i) + 1)
        old = get(each, tf.cast(get(new, i)[0], tf.int32) * 0 + i)
        return [put(new, i, get(new, i) + old * 10)]
    (after,) = turns(4, body, from_rows())
    np.testing.assert_array_equal(run(stack(after))[0], ROWS * 11 + 1)


def test_one_list_is_read_while_others_change():
    x = tf.placeholder(tf.float32, [4, 3])
    source = from_rows(x)

    def body(i, pushed, written):
        return push(pushed, get(source, i) * 2), put(written, 3 - i, get(source, i))
    last, after = turns(4, body, empty(), source)
    fetches = stack(last), stack(after), stack(source)
    assert counts(fetches, {x: ROWS}) == [(2, 1)]
    doubled, turned, same = run(*fetches, feeds={x: ROWS})
    np.testing.assert_array_equal(doubled, ROWS * 2)
    np.testing.assert_array_equal(turned, ROWS[::-1])
    np.testing.assert_array_equal(same, ROWS)


def test_pops_and_pushes_of_one_list():
    def body(i, each, total):
        rest, last = pop(each)
        rest, before = pop(rest)
        return push(rest, last + before), total + last
    after, total = turns(3, body, from_rows(), tf.zeros([3]))
    rows, found = run(stack(after), total)
    np.testing.assert_array_equal(rows, [ROWS.sum(0)])
    np.testing.assert_array_equal(found, np.cumsum(ROWS[::-1], 0)[:3].sum(0))


@pytest.mark.parametrize("inner", [0, 1, 3])
def test_a_list_that_an_inner_loop_goes_on_with(inner):
    def outer(i, each):
        each = push(each, ROWS[0] * tf.cast(i, tf.float32))
        return turns(inner, lambda j, more: [push(more, ROWS[1] * tf.cast(j, tf.float32))], each)
    (after,) = turns(2, outer, empty())
    wanted = [row for i in range(2) for row in (ROWS[0] * i, *(ROWS[1] * j for j in range(inner)))]
    np.testing.assert_array_equal(run(stack(after))[0], wanted)


def test_inner_loops_with_lists_of_their_own():
    def outer(i, total):
        (mine,) = turns(3, lambda j, each: [put(each, j, get(each, j) + tf.cast(i, tf.float32))], from_rows())
        (read,) = turns(4, lambda j, sum_: [sum_ + get(mine, j)], tf.zeros([3]))
        return [total + read]
    np.testing.assert_array_equal(run(*turns(3, outer, tf.zeros([3])))[0], ROWS.sum(0) * 3 + 3 * (0 + 1 + 2))


@pytest.mark.parametrize("body, message", [
    (lambda i, each: [put(each, i + 2, tf.ones([3]))], "element 4 in a list with 4 elements"),
    (lambda i, each: [put(each, i - 1, tf.ones([3]))], "element -1 in a list with 4 elements"),
    (lambda i, each: [put(each, i, get(each, i + 2))], "element 4 in a list with 4 elements"),
    (lambda i, each: [put(each, i, get(each, i - 1))], "element -1 in a list with 4 elements"),
    (lambda i, each: [push(pop(pop(each)[0])[0], ROWS[0])], "pop from an empty list"),
    (lambda i, each: [put(each, i, tf.ones([2]))], "incompatible element shapes"),
])
def test_what_is_not_there_is_said_as_outside_of_loops(body, message):
    (after,) = turns(5, body, from_rows())
    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(stack(after))


def test_a_wrong_element_in_a_loop_without_a_turn_is_no_error():
    n = tf.placeholder(tf.int32, [])
    (after,) = turns(n, lambda i, each: [put(each, i, tf.ones([2]))], from_rows())
    np.testing.assert_array_equal(run(stack(after), feeds={n: 0})[0], ROWS)


def test_elements_that_are_not_set_are_zeros():
    reserved = raw.TensorListReserve(element_shape=tf.constant([3]), num_elements=4, element_dtype=tf.float32)
    after, total = turns(3, lambda i, each, total: (put(each, i, total + 1), total + get(each, i + 1)), reserved, tf.zeros([3]))
    rows, found = run(stack(after), total)
    np.testing.assert_array_equal(rows, [[1] * 3] * 3 + [[0] * 3])
    np.testing.assert_array_equal(found, np.zeros(3))


def test_what_a_list_has_of_a_variable_stays_when_that_is_assigned():
    v = tf.get_variable("v", initializer=ROWS[0], use_resource=True)
    after, _ = turns(2, lambda i, each, y: (push(each, y), y * 2), empty(), v)
    with tf.control_dependencies([after]):
        write = v.assign(v * 0 - 1)
    with tf.control_dependencies([write]):
        rows = stack(tf.identity(after))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_array_equal(session.run(rows), [ROWS[0], ROWS[0] * 2])
        np.testing.assert_array_equal(session.run(rows), [-np.ones(3), -2 * np.ones(3)])


def test_a_part_of_a_value_that_a_list_holds_is_its_own():
    def body(i, each, y):
        t = tf.matmul(y, y) * 0.25
        return push(each, t[1]), t + 1.0
    x = np.arange(9, dtype="f").reshape(3, 3) / 9
    after, _ = turns(3, body, empty(), x)
    y, wanted = x, []
    for _ in range(3):
        t = y @ y * np.float32(0.25)
        wanted.append(t[1])
        y = t + 1
    np.testing.assert_allclose(run(stack(after))[0], wanted, rtol=1e-6)


def test_a_loop_in_place_of_tensor_arrays_has_gradients_of_two_orders():
    x = tf.placeholder(tf.float64, [5])
    (y,) = turns(5, lambda i, y: [y * tf.sin(x[i]) + x[i] ** 2], tf.zeros([], tf.float64))
    (first,) = tf.gradients(y, x)
    (second,) = tf.gradients(first, x)
    value = np.linspace(0.2, 1.4, 5)

    def number(v):
        y = 0.0
        for each in v:
            y = y * np.sin(each) + each ** 2
        return y
    e = 1e-5
    slope = [(number(value + e * d) - number(value - e * d)) / (2 * e) for d in np.eye(5)]
    found = run(first, second, feeds={x: value})
    np.testing.assert_allclose(found[0], slope, rtol=1e-7)
    with tf.Session() as session:
        ahead, behind = (session.run(first, {x: value + e * s}).sum() for s in (1, -1))
    np.testing.assert_allclose(found[1].sum(), (ahead - behind) / (2 * e), rtol=1e-6)
