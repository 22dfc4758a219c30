"""Stateful recurrent layers go on where the batch before ended, their states are no weights; shapes of products."""
import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def fresh():
    tf.keras.backend.clear_session()


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU", "LSTM"])
def test_two_halves_give_what_the_whole_gives(kind):
    layer, numbers = getattr(tf.keras.layers, kind), np.random.RandomState(0)
    plain = tf.keras.Sequential([layer(2, batch_input_shape=(3, 8, 2))])
    halves = tf.keras.Sequential([layer(2, stateful=True, batch_input_shape=(3, 4, 2))])
    weights = [numbers.standard_normal(w.shape).astype(np.float32) for w in plain.get_weights()]
    plain.set_weights(weights)
    halves.set_weights(weights)
    x = numbers.standard_normal((3, 8, 2)).astype(np.float32)
    first = halves.predict(x[:, :4], batch_size=3)
    np.testing.assert_allclose(halves.predict(x[:, 4:], batch_size=3), plain.predict(x, batch_size=3), rtol=1e-5, atol=1e-6)
    halves.reset_states()
    np.testing.assert_array_equal(halves.predict(x[:, :4], batch_size=3), first)


def test_the_product_of_two_vectors_of_a_sample_has_one_column():
    a = tf.keras.layers.Input((3,))
    assert tf.keras.layers.Dot(1)([a, a]).shape.as_list() == [None, 1]
    assert tf.keras.backend.batch_dot(tf.keras.layers.Input((4, 3)), tf.keras.layers.Input((3, 5))).shape.as_list() == [None, 4, 5]
