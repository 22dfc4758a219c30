"""Models that every form of export is tried on: each makes (inputs by name, outputs by name, values of the inputs)."""
import numpy as np

import graphflow as tf


def rand(*shape):
    return np.random.RandomState(sum(shape)).standard_normal(shape).astype(np.float32)


def dense():
    x = tf.placeholder(tf.float32, [None, 6], "x")
    h = tf.layers.dense(x, 5, tf.nn.relu)
    logits = tf.layers.dense(h - tf.reduce_mean(h, 0), 3)
    return {"x": x}, {"scores": tf.nn.softmax(logits), "best": tf.argmax(logits, 1)}, {"x": rand(4, 6)}


def convolutions():
    images = tf.placeholder(tf.float32, [None, 9, 8, 2], "images")
    h = tf.layers.conv2d(images, 4, 3, strides=2, padding="same", activation=tf.nn.elu)
    h = tf.layers.batch_normalization(h, training=False)
    h = tf.layers.conv2d_transpose(h, 3, 3, 2, padding="same")
    h = tf.layers.separable_conv2d(h, 4, 3, padding="same", dilation_rate=2)
    h = tf.layers.max_pooling2d(h, 3, 2, padding="same") + tf.layers.average_pooling2d(h, 3, 2, padding="same")
    h = tf.image.resize_bilinear(tf.pad(h, [[0, 0], [1, 1], [0, 2], [0, 0]]), [4, 4])
    h = tf.nn.depthwise_conv2d(h, tf.get_variable("own", [2, 2, 4, 2]), [1, 1, 1, 1], "VALID")
    return {"images": images}, {"y": tf.layers.dense(tf.layers.flatten(h), 3)}, {"images": rand(3, 9, 8, 2)}


def recurrent(steps=None):
    x, length = tf.placeholder(tf.float32, [None, steps, 3], "x"), tf.placeholder(tf.int32, [None], "length")
    outputs, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(4), x, length, dtype=tf.float32)
    y = tf.cond(tf.reduce_mean(state.h) > 0, lambda: state.h * 2, lambda: state.c - 1)
    return {"x": x, "length": length}, {"outputs": outputs, "y": y}, {"x": rand(4, 6, 3), "length": np.array([6, 2, 0, 5], np.int32)}


def words():
    ids = tf.placeholder(tf.int32, [None, 5], "ids")
    h = tf.nn.embedding_lookup(tf.get_variable("table", [11, 4]), ids)
    h = tf.nn.relu(tf.layers.conv1d(h, 6, 3))
    weights = tf.nn.softmax(tf.matmul(h, h, transpose_b=True))
    best = tf.nn.top_k(tf.reduce_max(tf.matmul(weights, h), 1), 2)
    outputs = {"values": best.values, "places": best.indices, "hot": tf.one_hot(ids, 11)}
    return {"ids": ids}, outputs, {"ids": np.arange(10).reshape(2, 5) % 11}


def loop():
    a, n = tf.placeholder(tf.float32, [None], "a"), tf.placeholder(tf.int32, [], "n")
    _, root = tf.while_loop(lambda i, r: i < n, lambda i, r: (i + 1, (r + a / r) / 2), [0, tf.ones_like(a)])
    return {"a": a, "n": n}, {"root": root}, {"a": np.array([1, 4, 9], np.float32), "n": np.int32(20)}


ALL = {"dense": dense, "convolutions": convolutions, "recurrent": recurrent, "words": words, "loop": loop}


def initialized(make, session):
    """The model, with values of its variables that differ from each other, and what the session gives for its inputs."""
    inputs, outputs, values = make()
    session.run(tf.global_variables_initializer())
    for number, variable in enumerate(tf.global_variables()):
        value = session.run(variable)
        variable.load(np.abs(value) + 0.1 * np.random.RandomState(number).uniform(size=value.shape).astype(value.dtype), session)
    return inputs, outputs, values, session.run(outputs, {inputs[name]: value for name, value in values.items()})
