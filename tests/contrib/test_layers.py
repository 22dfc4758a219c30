"""tf.contrib.layers: nodes, variables, collections and values of tf-slim's, and what is refused."""
import numpy as np
import pytest

import graphflow as tf
from tests.contrib import golden

layers = tf.contrib.layers
slim = tf.contrib.slim
EXPECTED = golden.read("layer_programs")


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_programs_give_what_tf_slim_gives(name):
    golden.check("layer_programs", name, EXPECTED[name])


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def run(*fetches, feed=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feed)


@pytest.mark.parametrize("more", [{}, {"fused": False}])
def test_batch_norm_updates_at_once_only_while_training(more):
    x, training = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.bool, [])
    y = layers.batch_norm(x, is_training=training, updates_collections=None, decay=0.5, **more)
    mean = tf.global_variables("BatchNorm/moving_mean")[0]
    data = np.arange(6.0).reshape(2, 3)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        np.testing.assert_allclose(session.run(y, {x: data, training: True}), [[-1] * 3, [1] * 3], rtol=1e-3)
        np.testing.assert_allclose(session.run(mean), [0.75, 1.25, 1.75])
        outside = session.run(y, {x: data, training: False})
        np.testing.assert_allclose(session.run(mean), [0.75, 1.25, 1.75])
    assert abs(outside + 1).max() > 0.1


def test_convolution_counts_its_axes():
    x = tf.constant(np.random.RandomState(0).randn(2, 9, 4), tf.float32)
    assert layers.conv1d(x, 5, 3, stride=2).shape.as_list() == [2, 5, 5]
    assert layers.convolution(x, 5, 3, padding="VALID").shape.as_list() == [2, 7, 5]
    with pytest.raises(ValueError, match="Convolution expects input with rank 4, got 3"):
        layers.conv2d(x, 5, 3)
    with pytest.raises(ValueError, match="not supported for input with rank 2"):
        layers.convolution(x[0], 5, 3)
    with pytest.raises(ValueError, match="Invalid data_format"):
        layers.conv1d(x, 5, 3, data_format="NWCH")


def test_collections_become_dicts():
    x = tf.ones([2, 4])
    with tf.variable_scope("net"):
        a = layers.fully_connected(x, 3, scope="one", outputs_collections="ends")
        b = layers.dropout(a, outputs_collections="ends")
    c = tf.identity(b, name="plain")
    tf.add_to_collection("ends", c)
    found = layers.python.layers.utils.convert_collection_to_dict("ends", clear_collection=True)
    assert list(found.items()) == [("net/one", a), ("net/Dropout", b), ("plain", c)]
    assert tf.get_collection("ends") == []


def test_gradients_are_scaled():
    x = tf.constant([1.0, 2.0])
    y = layers.scale_gradient(x * 1.0, 0.25)
    assert run(y, tf.gradients(y, x)[0])[1].tolist() == [0.25, 0.25]


def test_spatial_softmax_finds_the_peak():
    image = np.zeros([1, 3, 3, 1], np.float32)
    image[0, 0, 2, 0] = 100.0
    for data_format, given in (("NHWC", image), ("NCHW", image.transpose(0, 3, 1, 2))):
        np.testing.assert_allclose(run(layers.spatial_softmax(tf.constant(given), data_format=data_format))[0], [[-1.0, 1.0]], atol=1e-5)
    assert [v.op.name for v in tf.trainable_variables()] == ["spatial_softmax/temperature", "spatial_softmax_1/temperature"]


def test_dense_to_sparse_leaves_the_end_token_out():
    found = run(layers.dense_to_sparse(tf.constant([[1, 0], [2, 3]])))[0]
    assert found.indices.tolist() == [[0, 0], [1, 0], [1, 1]] and found.values.tolist() == [1, 2, 3]
    assert found.dense_shape.tolist() == [2, 2]


def test_images_become_sequences_and_images_again():
    images = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5)
    sequence = layers.images_to_sequence(tf.constant(images))
    assert sequence.shape.as_list()[::2] == [4, 5]
    np.testing.assert_array_equal(run(layers.sequence_to_images(tf.reshape(sequence, [4, 6, 5]), 3))[0], images)


@pytest.mark.parametrize(("call", "text"), [
    (lambda: layers.fully_connected(tf.ones([2, 3]), 2.5), "num_outputs type should be one of"),
    (lambda: layers.batch_norm(tf.ones([2, 2, 2, 2]), data_format="NHCW"), "data_format has to be either NCHW or NHWC"),
    (lambda: layers.batch_norm(tf.placeholder(tf.float32, [2, None])), "undefined `C` dimension"),
    (lambda: layers.layer_norm(tf.placeholder(tf.float32)), "undefined rank"),
    (lambda: layers.layer_norm(tf.ones([2, 3]), begin_norm_axis=2), "must be < rank"),
    (lambda: layers.group_norm(tf.ones([1, 2, 2, 6]), 4), "6 channels is not commensurate with 4 groups"),
    (lambda: layers.group_norm(tf.ones([1, 2, 2, 6]), 3, reduction_axes=(-1,)), "mutually exclusive"),
    (lambda: layers.l2_regularizer(1), "scale cannot be an integer"),
    (lambda: layers.l1_regularizer(-0.1), "less than 0"),
    (lambda: layers.apply_regularization(layers.l2_regularizer(0.1)), "No weights to regularize"),
    (lambda: layers.maxout(tf.ones([2, 5]), 2), "is not a multiple"),
    (lambda: layers.unit_norm(tf.ones([2, 5]), 2), "smaller than the input rank"),
    (lambda: layers.stack(tf.ones([2, 5]), layers.fully_connected, 3), "stack_args need to be a list or tuple"),
    (lambda: layers.pool(tf.ones([2, 5]), 2, "MAX"), "Rank of inputs must be >= 3"),
    (lambda: layers.bias_add(tf.ones([2, 5]), data_format="NCHW"), "only supports 4D"),
    (lambda: layers.softmax(tf.ones([2])), "rank of shape must be at least 2 not: 1"),
])
def test_what_is_wrong_is_refused(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_renorm_is_refused_with_what_to_do():
    with pytest.raises(NotImplementedError, match="renorm"):
        layers.batch_norm(tf.ones([2, 2, 2, 2]), renorm=True)


def test_legacy_layers_keep_their_variables_names():
    y = layers.legacy_relu(tf.ones([2, 3, 4]), 5, name="old")
    assert y.shape.as_list() == [2, 3, 5]
    assert [v.op.name for v in tf.get_collection("weights") + tf.get_collection("biases")] == ["old/weights", "old/bias"]
    assert tf.get_collection("activations")[0] is y


def test_summaries_of_collections_and_activations():
    y = layers.relu(tf.ones([2, 3]), 4, outputs_collections=tf.GraphKeys.ACTIVATIONS)
    layers.summarize_activations()
    layers.summarize_variables()
    layers.summarize_tensor(tf.reduce_sum(y), "total")
    assert layers.summarize_tensor(tf.constant("text")) is None
    tags = [s.tag for s in tf.Summary.FromString(run(tf.summary.merge_all())[0]).value]
    assert tags == ["fully_connected/Relu/zeros", "fully_connected/Relu/activation", "fully_connected/weights_summary",
                    "fully_connected/biases_summary", "total"]
