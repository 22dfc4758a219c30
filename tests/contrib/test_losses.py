"""tf.contrib.losses: values and collections are tf-slim's; what is refused."""
import numpy as np
import pytest

import graphflow as tf
from tests.contrib import golden

EXPECTED = golden.read("loss_programs")
losses = tf.contrib.losses


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_programs_give_what_tf_slim_gives(name):
    golden.check("loss_programs", name, EXPECTED[name], nodes=name != "program_metric_learning")


def test_slim_has_the_same_losses():
    assert tf.contrib.slim.losses.softmax_cross_entropy is losses.softmax_cross_entropy


def test_shapes_that_are_not_known_are_taken():
    p, y = tf.placeholder(tf.float32, [None, None]), tf.placeholder(tf.float32, [None, None])
    with tf.Session() as session:
        data = {p: np.array([[1.0, 2], [3, 4]]), y: np.zeros([2, 2])}
        assert session.run(losses.mean_squared_error(p, y), data) == 7.5
        assert session.run(losses.mean_squared_error(p, y, tf.constant([1.0, 0.0])), data) == 2.5


@pytest.mark.parametrize(("call", "text"), [
    (lambda: losses.mean_squared_error(tf.ones([2, 3]), tf.ones([2, 4])), "incompatible"),
    (lambda: losses.cosine_distance(tf.ones([2, 3]), tf.ones([2, 3])), "You must specify 'axis'"),
    (lambda: losses.compute_weighted_loss(tf.placeholder(tf.float32)), "losses.get_shape"),
    (lambda: losses.compute_weighted_loss(tf.ones([2]), tf.placeholder(tf.float32)), "weights.get_shape")])
def test_what_is_wrong_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()
