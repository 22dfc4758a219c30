"""What a run gives and takes: fetched arrays that the user owns, feeds of nested structures, named results, callbacks without results."""

import collections

import numpy as np
import pytest

import graphflow as tf

State = collections.namedtuple("State", "c h")


def fetched():
    """{what: (a fetch whose value a kernel may give as a view, feeds)}"""
    sizes, rows = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.float32)
    fixed, scale = tf.placeholder(tf.float32, [2, 7, 3]), tf.placeholder(tf.float32, [1, 1])
    value = np.ones((2, 7, 3), np.float32)
    return {
        "fill of fed sizes": (tf.fill(sizes, 2.0), {sizes: [2, 3]}),
        "zeros of a shape": (tf.zeros(tf.shape(rows)), {rows: np.ones((2, 3))}),
        "tile of nothing": (tf.tile(rows, sizes), {rows: np.ones((0, 3)), sizes: [3, 1]}),
        "gradient of a sum": (tf.gradients(tf.reduce_sum(fixed, [1], keepdims=True) * scale, fixed)[0], {scale: [[2.0]], fixed: value}),
        "transpose": (tf.transpose(rows, sizes), {rows: np.ones((2, 3)), sizes: [1, 0]}),
        "broadcast": (tf.broadcast_to(rows, sizes), {rows: [1.0, 2.0], sizes: [3, 2]}),
        "slice": (tf.reverse(rows, sizes), {rows: np.ones((2, 3)), sizes: [1]}),
        "identity": (tf.identity(rows), {rows: np.ones((3, 2)).T}),
        "constant": (tf.tile(tf.nn.softmax(tf.ones([1, 1, 2, 1]), -2), [1, 2, 1, 1]), {}),
    }


@pytest.mark.parametrize("name", list(fetched()))
def test_fetched_arrays_are_contiguous_and_may_be_written(name):
    with tf.Graph().as_default(), tf.Session() as session:
        fetch, feeds = fetched()[name]
        first = session.run(fetch, feeds)
        kept = first.copy()
        assert first.flags.c_contiguous and first.flags.writeable
        first += 1
        again = session.run(fetch, feeds)
        np.testing.assert_array_equal(again, kept)
        np.testing.assert_array_equal(session.make_callable(fetch, list(feeds))(*feeds.values()), kept)


def test_keys_of_a_feed_may_be_nested_tuples():
    a, b, c = (tf.placeholder(tf.float32) for _ in range(3))
    with tf.Session() as session:
        assert session.run(a + b * c, {State(a, b): State(1.0, 2.0), c: 3.0}) == 7.0
        assert session.run(a + b * c, {((a, b), c): ([1.0, 2.0], 3.0)}) == 7.0
        assert session.run(a, {(a,): [4.0]}) == 4.0
        with pytest.raises(ValueError, match="same structure"):
            session.run(a + b, {(a, b): (1.0,)})


def test_a_sparse_tensor_of_known_shape_is_fed_without_it_or_with_it():
    x = tf.sparse_placeholder(tf.float32, shape=[2, 2])
    dense = tf.sparse_tensor_to_dense(x)
    with tf.Session() as session:
        for value in (([[0, 1]], [2.0]), ([[0, 1]], [2.0], [2, 2]), ([[0, 1]], [2.0])):
            assert session.run(dense, {x: value}).tolist() == [[0.0, 2.0], [0.0, 0.0]]


def test_results_have_the_names_of_the_outputs():
    found = tf.unique_with_counts([1, 1, 2])
    with tf.Session() as session:
        assert [v.tolist() for v in session.run([found.y, found.idx, found.count])] == [[1, 2], [0, 0, 1], [2, 1]]
        run = session.run(tf.setdiff1d([1, 2, 3], [2]))
    assert (run.out.tolist(), run.idx.tolist()) == ([1, 3], [0, 2])
    pooled = tf.nn.max_pool_with_argmax(np.ones((1, 2, 2, 1), np.float32), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    assert pooled.output is pooled[0] and pooled.argmax is pooled[1]


@pytest.mark.parametrize("stateful", [True, False])
def test_a_callback_without_results_is_an_operation(stateful):
    called = []
    op = tf.py_func(lambda x: called.append(float(x)), [tf.constant(1.0)], [], stateful=stateful)
    assert isinstance(op, tf.Operation)
    with tf.control_dependencies([op]):
        after = tf.constant(2.0) * 1
    with tf.Session() as session:
        assert session.run(op) is None
        assert called == [1.0]
        assert session.run(after) == 2.0
    assert called == [1.0, 1.0]


def test_an_error_in_a_callback_without_results_fails_the_run():
    def boom():
        raise ValueError("blah")

    with tf.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match="ValueError: blah"):
        session.run(tf.py_func(boom, [], []))


def test_seeds_may_be_numpy_integers():
    builds = [lambda s: tf.random_normal([2], seed=s), lambda s: tf.random_shuffle([1, 2, 3], seed=s),
              lambda s: tf.nn.dropout(tf.ones([3]), 0.5, seed=s),
              lambda s: tf.multinomial([[1.0, 2.0]], 3, seed=s), lambda s: tf.truncated_normal_initializer(seed=s)([2])]
    with tf.Session() as session:
        for build in builds:
            wanted = session.run(build(3))
            for kind in (np.int32, np.int64, np.uint8):
                np.testing.assert_array_equal(session.run(build(kind(3))), wanted)
    found = []
    for seed in (3, np.int64(3)):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(seed)
            found.append(session.run(tf.random_normal([2])))
    np.testing.assert_array_equal(*found)


def test_numbers_beyond_an_integer_type_wrap_around_in_a_fed_list():
    p, q = tf.placeholder(tf.uint8, [None]), tf.placeholder(tf.int64, [None])
    with tf.Session() as session:
        assert session.run(tf.identity(p), {p: [256, -1, 3]}).tolist() == [0, 255, 3]
        assert session.run(tf.identity(p), {p: []}).tolist() == []
        with pytest.raises(ValueError, match="Cannot feed value of type list"):
            session.run(q, {q: [1 << 70]})
        with pytest.raises(TypeError, match="not compatible with Tensor type uint8"):
            session.run(tf.identity(p), {p: 256})
