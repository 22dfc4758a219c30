"""Lists of tensors: each op, old versions of a list, TensorArray's errors."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.core.make import make
from graphflow.core.op import load
from graphflow.kernels.tensor_list import TensorList


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(fetches):
    with tf.Session() as session:
        return session.run(fetches)


def op(name, *inputs, **attrs):
    return make(load(name), *inputs, **attrs)


def listed(values, shape=None):
    return op("TensorListFromTensor", tf.constant(values, tf.float32), np.array(-1 if shape is None else shape, np.int32))


ANY = np.array(-1, np.int32)


def stacked(handle, shape=ANY):
    return op("TensorListStack", handle, shape, element_dtype=tf.float32)


def test_push_and_pop():
    empty = op("EmptyTensorList", ANY, -1, element_dtype=tf.float32)
    two = op("TensorListPushBack", op("TensorListPushBack", empty, tf.constant(1.0)), tf.constant(2.0))
    rest, last = op("TensorListPopBack", two, ANY, element_dtype=tf.float32)
    np.testing.assert_array_equal(run([last, stacked(rest), op("TensorListLength", two)])[1], [1.0])
    assert run([last, op("TensorListLength", two), op("TensorListLength", empty)]) == [2.0, 2, 0]
    with pytest.raises(tf.errors.InvalidArgumentError, match="pop from an empty list"):
        run(op("TensorListPopBack", empty, ANY, element_dtype=tf.float32)[1])


def test_a_list_stays_as_it_was_when_another_is_made_of_it():
    a = listed([1.0, 2.0, 3.0])
    b = op("TensorListSetItem", a, 1, tf.constant(20.0))
    c = op("TensorListSetItem", a, 2, tf.constant(30.0))
    d = op("TensorListPushBack", b, tf.constant(4.0))
    e = op("TensorListPopBack", a, ANY, element_dtype=tf.float32)[0]
    for got, want in zip(run([stacked(v) for v in (a, b, c, d, e, a)]),
                         ([1, 2, 3], [1, 20, 3], [1, 2, 30], [1, 20, 3, 4], [1, 2], [1, 2, 3]), strict=True):
        np.testing.assert_array_equal(got, want)


def test_versions_of_a_list_agree_with_copies():
    generator = np.random.Generator(np.random.PCG64(5))
    lists, copies = [TensorList([], np.dtype(int), ())], [[]]
    for _ in range(400):
        k = generator.integers(len(lists))
        now, copy = lists[k], list(copies[k])
        kind = generator.integers(3)
        if kind == 0 or not copy:
            value = generator.integers(100)
            now, copy = now.push(value), [*copy, value]
        elif kind == 1:
            now, value = now.pop()
            assert value == copy.pop()
        else:
            place, value = generator.integers(len(copy)), generator.integers(100)
            now = now.set(place, value)
            copy[place] = value
        lists.append(now)
        copies.append(copy)
    for i in generator.permutation(len(lists)):
        assert [int(v) for v in lists[i].items] == copies[i]


def test_a_value_in_a_list_does_not_change_with_the_buffer_it_came_from():
    x = tf.placeholder(tf.float32, [100])
    start = tf.TensorArray(tf.float32, 3)
    _, handle = tf.while_loop(lambda i, h: i < 3, lambda i, h: (i + 1, h.write(i, x * tf.cast(i, tf.float32))), [0, start])
    with tf.Session() as session:
        found = session.run(handle.stack(), {x: np.ones(100)})
    np.testing.assert_array_equal(found[:, 0], [0, 1, 2])


def test_elements_that_are_not_set_are_zeros_where_their_shape_is_known():
    handle = op("TensorListReserve", np.array([2], np.int32), 2, element_dtype=tf.float32)
    np.testing.assert_array_equal(run(stacked(handle)), np.zeros((2, 2)))
    unknown = op("TensorListReserve", ANY, 2, element_dtype=tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match="uninitialized"):
        run(stacked(unknown))
    np.testing.assert_array_equal(run(stacked(op("TensorListSetItem", unknown, 1, tf.constant([1.0, 2.0])))), [[0, 0], [1, 2]])


def test_indices_out_of_range_are_refused():
    a = listed([1.0, 2.0])
    for build, text in ((lambda: op("TensorListGetItem", a, 2, ANY, element_dtype=tf.float32), "access element 2 in a list with 2"),
                        (lambda: stacked(op("TensorListSetItem", a, -1, tf.constant(1.0))), "modify element -1 in a list with 2"),
                        (lambda: op("TensorListGather", a, [5], ANY, element_dtype=tf.float32), "gather element 5 in a list with 2")):
        with pytest.raises(tf.errors.InvalidArgumentError, match=text):
            run(build())


def test_gather_scatter_resize_and_join():
    a = listed([[1.0, 2.0], [3.0, 4.0]])
    scattered = op("TensorListScatterV2", tf.constant([[5.0, 6.0]]), [2], ANY, -1)
    old = op("TensorListScatter", tf.constant([[5.0, 6.0]]), [1], ANY)
    into = op("TensorListScatterIntoExistingList", a, tf.constant([[5.0, 6.0]]), [3])
    both = op("TensorListConcatLists", a, scattered, element_dtype=tf.float32)
    resized = op("TensorListResize", a, 1)
    found = run([op("TensorListGather", a, [1, 1, 0], ANY, element_dtype=tf.float32), stacked(scattered), stacked(old), stacked(into),
                 stacked(both), stacked(resized), op("TensorListElementShape", a, shape_type=tf.int32)])
    for got, want in zip(found, ([[3, 4], [3, 4], [1, 2]], [[0, 0], [0, 0], [5, 6]], [[0, 0], [5, 6]], [[1, 2], [3, 4], [0, 0], [5, 6]],
                                 [[1, 2], [3, 4], [0, 0], [0, 0], [5, 6]], [[1, 2]], [2]), strict=True):
        np.testing.assert_array_equal(got, want)


def test_split_and_concat():
    parts = op("TensorListSplit", tf.constant([1.0, 2.0, 3.0]), ANY, np.array([1, 2], np.int64))
    tensor, lengths = op("TensorListConcatV2", parts, ANY, np.zeros(0, np.int64), element_dtype=tf.float32)
    old, _ = op("TensorListConcat", parts, element_dtype=tf.float32)
    for got, want in zip(run([tensor, lengths, old]), ([1, 2, 3], [1, 2], [1, 2, 3]), strict=True):
        np.testing.assert_array_equal(got, want)
    with pytest.raises(tf.errors.InvalidArgumentError, match="sum of lengths"):
        run(stacked(op("TensorListSplit", tf.constant([1.0, 2.0]), ANY, np.array([1], np.int64))))


def test_elements_of_different_shapes_cannot_be_stacked():
    a = op("TensorListReserve", ANY, 2, element_dtype=tf.float32)
    a = op("TensorListSetItem", op("TensorListSetItem", a, 0, tf.constant([1.0])), 1, tf.constant([1.0, 2.0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="different shapes"):
        run(stacked(a))


@pytest.mark.parametrize(("build", "text"), [
    (lambda: tf.TensorArray(tf.float32), "`size` must be provided"),
    (lambda: tf.TensorArray(tf.float32, 2).write(0, [1.0, 2.0]).write(1, 3.0), "Inconsistent shapes"),
    (lambda: tf.TensorArray(tf.float32, 2).write(0, tf.constant(1)), "trying to write dtype int32"),
    (lambda: tf.map_fn(lambda v: v, tf.constant(1.0)), "1\\+ dimensional"),
])
def test_what_does_not_fit_is_refused(build, text):
    with pytest.raises(ValueError, match=text):
        build()


def test_a_tensor_array_over_strings_and_integers():
    words = tf.TensorArray(tf.string, 2).write(0, "a").write(1, "b")
    assert run(words.stack()).tolist() == [b"a", b"b"]
    numbers = tf.map_fn(lambda i: i * i, tf.range(4))
    assert run(numbers).tolist() == [0, 1, 4, 9]


def test_map_over_no_rows():
    x = tf.placeholder(tf.float32, [None, 2])
    with tf.Session() as session:
        assert session.run(tf.map_fn(lambda a: a * 2.0, x), {x: np.zeros((0, 2))}).shape == (0, 2)
        assert session.run(tf.foldl(lambda a, b: a + b, x, initializer=tf.ones([2])), {x: np.zeros((0, 2))}).tolist() == [1, 1]
