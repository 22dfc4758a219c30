"""tf.GradientTape."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


@pytest.fixture(autouse=True)
def _eager():
    with eagerly():
        yield


def test_trainable_variables_are_watched_and_others_not():
    w, b = tf.Variable([[1.0, 2.0], [3.0, 4.0]]), tf.Variable([1.0, 1.0], trainable=False)
    x = tf.ones((3, 2))
    with tf.GradientTape() as tape:
        y = tf.matmul(x, w) + b
    assert tape.watched_variables() == (w,)
    of_w, of_b, of_x = tape.gradient(y, [w, b, x])
    assert of_w.numpy().tolist() == [[3.0, 3.0], [3.0, 3.0]]
    assert of_b is None
    assert of_x is None


def test_a_tape_gives_gradients_once_unless_it_is_persistent():
    x = tf.Variable(3.0)
    with tf.GradientTape() as tape:
        y = x * x
    assert tape.gradient(y, x).numpy() == 6.0
    with pytest.raises(RuntimeError, match="only be used to compute one set of gradients"):
        tape.gradient(y, x)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        z = y * y
    assert (tape.gradient(z, x).numpy(), tape.gradient(y, x).numpy(), tape.gradient(z, y).numpy()) == (108.0, 6.0, 18.0)


def test_nested_tapes_give_higher_orders():
    x = tf.Variable(3.0)
    with tf.GradientTape() as t3:
        with tf.GradientTape() as t2:
            with tf.GradientTape() as t1:
                y = x ** 4
            first = t1.gradient(y, x)
        second = t2.gradient(first, x)
    third = t3.gradient(second, x)
    np.testing.assert_allclose([first.numpy(), second.numpy(), third.numpy()], [108.0, 108.0, 72.0], rtol=1e-6)


def test_structures_output_gradients_and_unconnected_sources():
    x, y, z = tf.constant(2.0), tf.constant(3.0), tf.constant([1.0, 1.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch({"x": x, "rest": [y, z]})
        a, b = x * y, x + y
    found = tape.gradient({"a": a, "b": b}, {"x": x, "rest": (y, z)})
    assert (found["x"].numpy(), found["rest"][0].numpy(), found["rest"][1]) == (4.0, 3.0, None)
    assert tape.gradient([a, b], x, output_gradients=[tf.constant(10.0), tf.constant(1.0)]).numpy() == 31.0
    zeros = tape.gradient(a, z, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    assert zeros.numpy().tolist() == [0.0, 0.0]


def test_stop_recording_and_reset():
    x = tf.Variable(2.0)
    with tf.GradientTape(persistent=True) as tape:
        y = x * x
        with tape.stop_recording():
            unseen = x * x
        z = y + unseen
    assert tape.gradient(z, x).numpy() == 4.0
    assert tape.gradient(unseen, x) is None
    with tf.GradientTape() as tape:
        y = x * x
        tape.reset()
        z = y + x
    assert tape.gradient(z, x).numpy() == 1.0


def test_jacobians():
    x = tf.constant([1.0, 2.0])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = tf.stack([x[0] * x[1], x[0], x[1] * x[1]])
    assert tape.jacobian(y, x).numpy().tolist() == [[2.0, 1.0], [1.0, 0.0], [0.0, 4.0]]
    rows = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    with tf.GradientTape() as tape:
        tape.watch(rows)
        y = rows * rows
    assert tape.batch_jacobian(y, rows).numpy().tolist() == [[[2.0, 0.0], [0.0, 4.0]], [[6.0, 0.0], [0.0, 8.0]]]


def test_rows_that_were_gathered_have_slices_for_gradients():
    table = tf.Variable(tf.ones((4, 2)))
    with tf.GradientTape() as tape:
        y = tf.reduce_sum(tf.nn.embedding_lookup(table, [1, 1, 3]))
    found = tape.gradient(y, table)
    assert isinstance(found, tf.IndexedSlices)
    assert tf.convert_to_tensor(found).numpy().tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]


def test_tapes_record_in_graphs_too():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [])
        w = tf.get_variable("w", initializer=3.0, use_resource=True)
        with tf.GradientTape() as tape:
            tape.watch(x)
            tape.watch(w)
            y = x * x * w
        of_x, of_w = tape.gradient(y, [x, w])
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            assert session.run([of_x, of_w], {x: 2.0}) == [12.0, 4.0]


def test_what_is_asked_wrongly():
    x = tf.Variable(1.0)
    tape = tf.GradientTape()
    with pytest.raises(RuntimeError, match="not entered"):
        tape.watch(x)
    with tf.GradientTape() as tape:
        with pytest.raises(ValueError, match="still recording"), tape:
            pass
        y = x * 1.0
    with pytest.raises(TypeError, match="received None"):
        tape.gradient(None, x)
    with tf.GradientTape() as tape, pytest.raises(ValueError, match="Passed in object"):
        tape.watch(3.0)
    del y
