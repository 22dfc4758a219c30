"""tf.layers without TensorFlow: what layers compute, what they remember, what they refuse."""
import copy

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(fetches, feeds=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feeds)


def test_sizes_may_be_those_of_a_shape():
    x = tf.ones([1, 3, 4, 2])
    assert tf.layers.average_pooling2d(x, x.get_shape()[1:3], 1).shape.as_list() == [1, 1, 1, 2]
    assert tf.layers.average_pooling2d(x, np.array([3, 2]), np.int64(1)).shape.as_list() == [1, 1, 3, 2]
    for wrong in ("ab", [2.0, 2.0], [2], 0, tf.TensorShape([None, 2])):
        with pytest.raises(ValueError):
            tf.layers.average_pooling2d(x, wrong, 1)


def test_dense_is_a_product_and_a_bias():
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = tf.layers.dense(x, 2, kernel_initializer=tf.constant_initializer(2.0), bias_initializer=tf.ones_initializer())
    np.testing.assert_array_equal(run(y), np.full([2, 2], 2) * x.sum(1, keepdims=True) + 1)


@pytest.mark.parametrize("batch", [0, 1, 4])
def test_dense_and_batch_normalization_take_any_batch(batch):
    x = tf.placeholder(tf.float32, [None, 3])
    y = tf.layers.batch_normalization(tf.layers.dense(x, 2))
    assert run(y, {x: np.ones([batch, 3], np.float32)}).shape == (batch, 2)


@pytest.mark.parametrize(("call", "text"), [
    (lambda: tf.layers.dense(tf.placeholder(tf.float32, [None]), 2), "expected min_ndim=2, found ndim=1"),
    (lambda: tf.layers.dense(tf.placeholder(tf.float32, [3, None]), 2), "last dimension of the inputs to a Dense layer should be defined"),
    (lambda: tf.layers.dense(tf.placeholder(tf.float32), 2), "rank is undefined"),
    (lambda: tf.layers.dense(tf.ones([2, 2]), -1), "positive integer"),
    (lambda: tf.layers.dense(tf.ones([2, 2]), 2, "reluu"), "Could not interpret activation identifier: 'reluu'"),
    (lambda: tf.layers.dense(tf.ones([2, 2]), 2, kernel_initializer=3.0), "Could not interpret initializer identifier"),
    (lambda: tf.layers.conv2d(tf.ones([1, 4, 4]), 2, 3), "expected ndim=4, found ndim=3"),
    (lambda: tf.layers.conv2d(tf.placeholder(tf.float32, [1, 4, 4, None]), 2, 3), "channel dimension of the inputs should be defined"),
    (lambda: tf.layers.conv2d(tf.ones([1, 4, 4, 1]), 2, 3, strides=2, dilation_rate=2), "strides > 1"),
    (lambda: tf.layers.conv2d(tf.ones([1, 4, 4, 1]), 2, (3, 3, 3)), "`kernel_size` argument must be a tuple of 2 integers"),
    (lambda: tf.layers.conv2d(tf.ones([1, 4, 4, 1]), 2, 3, padding="causal"), "`padding` argument must be one of 'valid', 'same'"),
    (lambda: tf.layers.batch_normalization(tf.ones([2, 3]), axis=2), "not in the expected range"),
    (lambda: tf.layers.batch_normalization(tf.ones([2, 3]), axis=[1, 1]), "Duplicate axis"),
    (lambda: tf.layers.dropout(tf.ones([2, 2]), 1.5), "between 0 and 1")])
def test_wrong_arguments_are_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_a_dense_layer_of_integers_says_to_cast_them():
    with pytest.raises(TypeError, match="floating-point dtype"):
        tf.layers.dense(tf.ones([2, 2], tf.int32), 2)


def test_a_name_is_used_once_unless_reused():
    tf.layers.dense(tf.ones([2, 2]), 2, name="a")
    with pytest.raises(ValueError, match="Variable a/kernel already exists"):
        tf.layers.dense(tf.ones([2, 2]), 2, name="a")
    tf.layers.dense(tf.ones([2, 2]), 2, name="a", reuse=tf.AUTO_REUSE)
    assert [v.name for v in tf.global_variables()] == ["a/kernel:0", "a/bias:0"]


def test_a_layer_refuses_inputs_of_another_size():
    layer = tf.layers.Dense(2)
    layer(tf.ones([2, 3]))
    with pytest.raises(ValueError, match="expected axis -1 of input shape to have value 3"):
        layer(tf.ones([2, 4]))


def test_dropout_follows_a_fed_flag():
    flag = tf.placeholder(tf.bool, [])
    y = tf.layers.dropout(tf.ones([1000]), 0.25, training=flag, seed=1)
    np.testing.assert_array_equal(run(y, {flag: False}), np.ones(1000, np.float32))
    kept = run(y, {flag: True})
    assert set(np.unique(kept)) == {0, np.float32(1 / 0.75)}
    assert 0.65 < (kept > 0).mean() < 0.85


def test_dropout_draws_one_number_along_axes_of_noise_shape_one():
    y = run(tf.layers.dropout(tf.ones([50, 4]), 0.5, noise_shape=[None, 1], training=True, seed=1))
    assert (y == y[:, :1]).all()
    assert 0 < (y[:, 0] > 0).sum() < 50


@pytest.mark.parametrize("shape", [[32, 3], [8, 2, 2, 3]])
def test_batch_normalization_by_a_fed_flag_updates_only_while_training(shape):
    x, flag = tf.placeholder(tf.float32, [None, *shape[1:]]), tf.placeholder(tf.bool, [])
    y = tf.layers.batch_normalization(x, momentum=0.5, epsilon=0.0, training=flag)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    mean = tf.global_variables()[2]
    assert mean.name == "batch_normalization/moving_mean:0"
    values = np.random.RandomState(0).randn(*shape).astype(np.float32) * 3 + 5
    axes = tuple(range(len(shape) - 1))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        out, _ = session.run([y, updates], {x: values, flag: False})
        np.testing.assert_allclose(out, values, rtol=1e-5)
        np.testing.assert_array_equal(session.run(mean), np.zeros(3))
        out, _ = session.run([y, updates], {x: values, flag: True})
        np.testing.assert_allclose(out.mean(axes), np.zeros(3), atol=1e-5)
        np.testing.assert_allclose(out.std(axes), np.ones(3), rtol=1e-3)
        np.testing.assert_allclose(session.run(mean), values.mean(axes) / 2, rtol=1e-5)


def test_updates_of_a_frozen_layer_are_not_collected():
    tf.layers.batch_normalization(tf.ones([2, 3]), training=True, trainable=False)
    assert tf.get_collection(tf.GraphKeys.UPDATE_OPS) == []
    assert tf.trainable_variables() == []


def test_what_batch_normalization_lacks_is_refused():
    with pytest.raises(NotImplementedError, match="renorm is not there"):
        tf.layers.batch_normalization(tf.ones([2, 3]), renorm=True)


@pytest.mark.parametrize("function", [tf.layers.conv1d, tf.layers.separable_conv1d])
def test_causal_convolutions_see_no_later_input(function):
    x = tf.placeholder(tf.float32, [1, 6, 1])
    with tf.variable_scope("s", initializer=tf.ones_initializer()):
        y = function(x, 1, 3, padding="causal")
    late = np.zeros([1, 6, 1], np.float32)
    late[0, 4] = 1
    np.testing.assert_array_equal(run(y, {x: late})[0, :, 0], [0, 0, 0, 0, 1, 1])


@pytest.mark.parametrize("layer", [
    lambda x, f: tf.layers.conv2d(x, 2, 3, data_format=f, name="l", reuse=tf.AUTO_REUSE),
    lambda x, f: tf.layers.conv2d_transpose(x, 2, 3, 2, data_format=f, name="l", reuse=tf.AUTO_REUSE),
    lambda x, f: tf.layers.separable_conv2d(x, 2, 3, data_format=f, name="l", reuse=tf.AUTO_REUSE),
    lambda x, f: tf.layers.max_pooling2d(x, 2, 2, data_format=f), lambda x, f: tf.layers.average_pooling2d(x, 2, 2, data_format=f)])
def test_channels_first_is_channels_last_transposed(layer):
    x = np.random.RandomState(0).randn(2, 6, 5, 3).astype(np.float32)
    last = layer(tf.constant(x), "channels_last")
    first = layer(tf.constant(x.transpose(0, 3, 1, 2)), "channels_first")
    a, b = run([last, first])
    np.testing.assert_allclose(a.transpose(0, 3, 1, 2), b, rtol=1e-4, atol=1e-5)


def test_own_layers_make_weights_in_build():
    class Scale(tf.layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight("factor", [int(input_shape[-1])], initializer=tf.constant_initializer(3.0))
            self.built = True

        def call(self, inputs):
            return inputs * self.factor

    layer = Scale()
    with pytest.raises(ValueError, match="has not been used yet"):
        _ = layer.scope_name
    y = layer(tf.ones([2, 3]))
    layer(tf.ones([2, 3]))
    assert [v.name for v in layer.trainable_weights] == ["scale/factor:0"]
    assert (layer.count_params(), layer.scope_name) == (3, "scale")
    np.testing.assert_array_equal(run(y), np.full([2, 3], 3))


def test_losses_and_copies_of_a_layer():
    layer = tf.layers.Dense(2, kernel_regularizer=tf.nn.l2_loss)
    layer(tf.ones([2, 3]))
    assert tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES) == layer.losses
    twin = copy.deepcopy(layer)
    assert twin.kernel is layer.kernel
    assert twin.losses == layer.losses


def test_partitioned_weights_are_regularized_part_by_part():
    with tf.variable_scope("s", partitioner=tf.fixed_size_partitioner(2)):
        y = tf.layers.dense(tf.ones([2, 4]), 2, kernel_regularizer=tf.nn.l2_loss)
    assert len(tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)) == 2
    assert run(y).shape == (2, 2)
