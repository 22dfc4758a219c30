"""The tutorial's network for MNIST with the interface of TF1's `tensorflow.examples.tutorials.mnist.mnist`.

inference -> loss -> training builds the graph piece by piece: two hidden layers of rectified units, a linear one on top.
"""
from __future__ import annotations

import math
from typing import Any

import graphflow as tf

NUM_CLASSES = 10
IMAGE_SIZE = 28
IMAGE_PIXELS = IMAGE_SIZE * IMAGE_SIZE


def inference(images: Any, hidden1_units: int, hidden2_units: int) -> Any:
    """Logits, float32 [n, NUM_CLASSES], of images, float32 [n, IMAGE_PIXELS].

    Variables: weights and biases below hidden1, hidden2 and softmax_linear.
    """
    hidden1 = tf.nn.relu(_linear("hidden1", images, IMAGE_PIXELS, hidden1_units))
    hidden2 = tf.nn.relu(_linear("hidden2", hidden1, hidden1_units, hidden2_units))
    return _linear("softmax_linear", hidden2, hidden2_units, NUM_CLASSES)


def _linear(scope: str, inputs: Any, inwards: int, outwards: int) -> Any:
    with tf.name_scope(scope):
        weights = tf.Variable(tf.truncated_normal([inwards, outwards], stddev=1.0 / math.sqrt(float(inwards))), name="weights")
        biases = tf.Variable(tf.zeros([outwards]), name="biases")
        return tf.matmul(inputs, weights) + biases


def loss(logits: Any, labels: Any) -> Any:
    """The mean cross entropy, a scalar. labels: integers [n]."""
    return tf.losses.sparse_softmax_cross_entropy(labels=tf.cast(labels, tf.int64), logits=logits)


def training(loss: Any, learning_rate: float) -> Any:
    """The operation of one step of gradient descent, which counts global_step, a new variable; `loss` becomes a scalar summary."""
    tf.summary.scalar("loss", loss)
    global_step = tf.Variable(0, name="global_step", trainable=False)
    return tf.train.GradientDescentOptimizer(learning_rate).minimize(loss, global_step=global_step)


def evaluation(logits: Any, labels: Any) -> Any:
    """How many of the images have their label as the greatest logit: int32, a scalar. labels: integers [n]."""
    return tf.reduce_sum(tf.cast(tf.nn.in_top_k(logits, labels, 1), tf.int32))
