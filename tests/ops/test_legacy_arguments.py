"""Arguments that TensorFlow takes, or refuses, by their rank once a run knows it; parts of sparse tensors and images in functions that
are mostly given dense ones of known rank."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def run(fetches, feeds=None):
    with tf.Session() as session:
        return session.run(fetches, feeds)


@pytest.mark.parametrize("make", [tf.range, lambda n: tf.range(0, n), lambda n: tf.raw_ops.Range(start=0, limit=n, delta=1)])
def test_a_range_takes_a_fed_vector_of_one_number(make):
    n = tf.placeholder(tf.int32)
    assert run(make(n), {n: [3]}).tolist() == [0, 1, 2]
    for wrong in ([[3]], [1, 2]):
        with pytest.raises(tf.errors.InvalidArgumentError):
            run(make(n), {n: wrong})


def test_linspace_takes_a_fed_vector_of_one_count():
    n = tf.placeholder(tf.int32)
    assert run(tf.linspace(0.0, 1.0, n), {n: [3]}).tolist() == [0.0, 0.5, 1.0]
    with pytest.raises(tf.errors.InvalidArgumentError):
        run(tf.linspace(0.0, 1.0, n), {n: [[3]]})


@pytest.mark.parametrize("build", [
    lambda: tf.range([3]), lambda: tf.linspace(0.0, 1.0, [3]),
    lambda: tf.signal.irfft(tf.zeros([2, 3], tf.complex64), [[5]]), lambda: tf.signal.irfft(tf.zeros([2, 3], tf.complex64), 5),
    lambda: tf.signal.irfft2d(tf.zeros([2, 3], tf.complex64), [[3, 5]]), lambda: tf.signal.rfft(tf.zeros([2, 3]), [[3]]),
])  # fmt: skip
def test_another_rank_is_refused_while_building(build):
    with pytest.raises(ValueError, match="rank"):
        build()


def test_tuples_of_sparse_tensors_and_rows_wait_for_each_other():
    sparse = tf.SparseTensor([[0, 1]], [2.0], [1, 3])
    rows = tf.IndexedSlices(tf.constant([[1.0]]), tf.constant([0]), tf.constant([1, 1]))
    one, first, second = tf.tuple([tf.constant(1.0), sparse, rows], name="t")
    value, a, b = run([one, first, second])
    assert value == 1.0 and [part.tolist() for part in a] == [[[0, 1]], [2.0], [1, 3]]
    assert [part.tolist() for part in b][:2] == [[[1.0]], [0]]
    assert [part.op.name for part in (first.indices, first.values, first.dense_shape)] == [
        "t/control_dependency_1/Identity", "t/control_dependency_1/Identity_1", "t/control_dependency_1/Identity_2"]
    assert second.values.op.name == "t/control_dependency_2" and second.indices is rows.indices


@pytest.mark.parametrize("turn", [tf.image.rot90, tf.image.transpose_image, tf.image.flip_left_right, tf.image.flip_up_down,
                                  tf.image.random_flip_left_right, tf.image.random_flip_up_down])
def test_images_of_unknown_rank_have_three_or_four_dimensions(turn):
    image = tf.placeholder(tf.float32)
    out = turn(image)
    for shape in ((2, 3, 1), (2, 2, 3, 1)):
        value = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        got = run(out, {image: value})
        assert sorted(got.ravel().tolist()) == sorted(value.ravel().tolist()) and got.ndim == len(shape)
    with pytest.raises(tf.errors.InvalidArgumentError):
        run(out, {image: np.zeros((2, 3))})


def test_images_of_a_batch_of_unknown_rank_are_flipped_one_by_one():
    image = tf.placeholder(tf.float32)
    tf.set_random_seed(3)
    value = np.tile(np.arange(3, dtype=np.float32)[None, None, :, None], [64, 1, 1, 1])
    first = run(tf.image.random_flip_left_right(image), {image: value})[:, 0, 0, 0]
    assert set(first.tolist()) == {0.0, 2.0}


def test_loading_objects_of_tensorflow_2_names_the_loader_of_its_sessions():
    with pytest.raises(AttributeError, match=r"tf.saved_model.loader.load\(session"):
        tf.saved_model.load_v2  # noqa: B018
