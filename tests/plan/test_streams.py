"""Random operations as plans hold them: a place in the stream, which moves on once per run, and pure draws from it."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


MAKERS = {
    "uniform": lambda shape: tf.random_uniform(shape, seed=7), "normal": lambda shape: tf.random_normal(shape, seed=7),
    "truncated": lambda shape: tf.truncated_normal(shape, seed=7), "int": lambda shape: tf.random_uniform(shape, 2, 90, tf.int64, seed=7),
}


@pytest.mark.parametrize("name", MAKERS)
def test_known_and_fed_shapes_draw_the_same_numbers(name):
    size = tf.placeholder(tf.int32, [2])
    known, fed = MAKERS[name]([3, 5]), MAKERS[name](size)
    with tf.Session() as session:
        primitives = {n.prim for n in session.explain(known, {}, stages=True)[-1][1].nodes}
        assert "call" not in primitives and "stream" in primitives
        for _ in range(3):
            a, b = session.run([known, fed], {size: [3, 5]})
            assert a.tobytes() == b.tobytes()


def test_a_stream_moves_on_once_per_run_and_each_session_starts_anew():
    numbers = tf.random_uniform([4], seed=1)
    twice = tf.stack([numbers, numbers])
    first, second = tf.Session(), tf.Session()
    a = [first.run(twice) for _ in range(2)]
    assert (a[0][0] == a[0][1]).all() and (a[0] != a[1]).any()
    assert all((x == second.run(twice)).all() for x in a)


def test_numbers_that_nobody_uses_are_drawn_all_the_same():
    """As in TensorFlow: an operation that runs takes its share of the stream, whatever becomes of its values."""
    numbers = tf.random_uniform([4], seed=1)
    with tf.control_dependencies([numbers]):
        done = tf.no_op()
    with tf.Session() as session:
        wanted = [session.run(numbers) for _ in range(2)][1]
    with tf.Session() as session:
        session.run(done)
        assert (session.run(numbers) == wanted).all()


def test_an_empty_range_of_integers_is_refused_unless_no_number_is_wanted():
    low, high = tf.placeholder(tf.int32, []), tf.placeholder(tf.int32, [])
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError, match="Need minval < maxval, got 5 >= 5"):
            session.run(tf.random_uniform([2], low, high, tf.int32), {low: 5, high: 5})
        assert session.run(tf.random_uniform([0], low, high, tf.int32), {low: 5, high: 5}).shape == (0,)


def test_fed_seeds_draw_what_known_seeds_draw():
    seed = tf.placeholder(tf.int32, [2])
    shape = tf.constant([2, 3])
    fed = [tf.random.stateless_uniform(shape, seed), tf.random.stateless_normal(shape, seed),
           tf.random.stateless_uniform(shape, seed, 0, 9, tf.int32)]
    known = [tf.random.stateless_uniform(shape, [3, 4]), tf.random.stateless_normal(shape, [3, 4]),
             tf.random.stateless_uniform(shape, [3, 4], 0, 9, tf.int32)]
    with tf.Session() as session:
        for a, b in zip(*session.run([fed, known], {seed: [3, 4]})):
            np.testing.assert_array_equal(a, b)
        assert "call" not in [n.prim for n in session.explain(fed, {seed: (2,)}, stages=True)[-1][1].nodes]
