"""The work that is measured, each written once as a TF1 program.

A workload's `program(tf, small)` builds its graph in the default graph and returns `step`, a function that does the work once; or a pair
(prepare, step), where `step(prepare())` does it and only `step` is timed. `unit` says what one number counts.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np

from tools.bench.common import Step, Workload, rand, session
from tools.bench.inputs import INPUTS
from tools.bench.loops import LOOPS
from tools.bench.models_of_choices import CHOICES
from tools.bench.models_of_images import IMAGES
from tools.bench.models_of_text import TEXT


def one_hot(rows: int, classes: int = 10) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[np.arange(rows) % classes]


def weights(tf: Any, *shape: int) -> Any:
    return tf.Variable(tf.truncated_normal(list(shape), stddev=0.05, seed=1))


def dense(tf: Any, x: Any, n_in: int, n_out: int) -> Any:
    return tf.matmul(x, weights(tf, n_in, n_out)) + tf.Variable(tf.zeros([n_out]))


def cross_entropy(tf: Any, logits: Any, labels: Any) -> Any:
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=logits))


def tiny(tf: Any, small: bool) -> Step:
    """Scalar gradient descent: the primer's third program."""
    a, b = tf.Variable(-1.55), tf.Variable(0.68)
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    train = tf.train.GradientDescentOptimizer(0.01).minimize(tf.square(a * x + b - y))
    sess = session(tf)
    feed = {x: 2, y: 3}
    return lambda: sess.run(train, feed_dict=feed)


def painter(tf: Any, small: bool) -> Step:
    """Six 64-wide layers from place to colour, batch 50, Adam."""
    x, y = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.float32, [None, 3])
    h, width = x, 2
    for _ in range(6):
        h, width = tf.nn.relu(dense(tf, h, width, 64)), 64
    cost = tf.reduce_mean(tf.reduce_sum(tf.abs(dense(tf, h, 64, 3) - y), 1))
    train = tf.train.AdamOptimizer(0.001).minimize(cost)
    sess = session(tf)
    feed = {x: rand(50, 2), y: rand(50, 3)}
    return lambda: sess.run(train, feed_dict=feed)


def mlp(tf: Any, small: bool) -> Step:
    """784-512-10 with relu, batch 128, gradient descent."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    h = tf.nn.relu(dense(tf, x, 784, 512))
    train = tf.train.GradientDescentOptimizer(0.1).minimize(cross_entropy(tf, dense(tf, h, 512, 10), y))
    sess = session(tf)
    feed = {x: rand(128, 784), y: one_hot(128)}
    return lambda: sess.run(train, feed_dict=feed)


def cnn(tf: Any, small: bool) -> Step:
    """The slides' network: 5x5x16, 5x5x36, fully connected 128, batch 64, Adam."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    h, channels = tf.reshape(x, [-1, 28, 28, 1]), 1
    for filters in (16, 36):
        h = tf.nn.conv2d(h, weights(tf, 5, 5, channels, filters), strides=[1, 1, 1, 1], padding="SAME")
        h = tf.nn.max_pool(h + tf.Variable(tf.zeros([filters])), [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
        h, channels = tf.nn.relu(h), filters
    h = tf.nn.relu(dense(tf, tf.reshape(h, [-1, 7 * 7 * 36]), 7 * 7 * 36, 128))
    train = tf.train.AdamOptimizer(1e-4).minimize(cross_entropy(tf, dense(tf, h, 128, 10), y))
    sess = session(tf)
    feed = {x: rand(64, 784), y: one_hot(64)}
    return lambda: sess.run(train, feed_dict=feed)


def chain(tf: Any, small: bool) -> Step:
    """Elementwise chain over 4M floats, with its gradient."""
    x = tf.Variable(rand(1 << 10 if small else 1 << 22), trainable=False)
    y = tf.tanh(x * 0.5 + 1.0) * tf.exp(-tf.square(x)) + tf.sigmoid(x) * 3.0
    grad = tf.gradients(tf.reduce_sum(y), x)[0]
    total = tf.reduce_sum(grad)
    sess = session(tf)
    return lambda: sess.run(total)


def lstm(tf: Any, small: bool) -> Step:
    """LSTM of 128 units, 28 steps unrolled, batch 64, Adam."""
    units, steps = 128, 3 if small else 28
    x, y = tf.placeholder(tf.float32, [64, 28, 28]), tf.placeholder(tf.float32, [64, 10])
    kernel, bias = weights(tf, 28 + units, 4 * units), tf.Variable(tf.zeros([4 * units]))
    c = h = tf.zeros([64, units])
    for row in tf.unstack(x, axis=1)[:steps]:
        i, j, f, o = tf.split(tf.matmul(tf.concat([row, h], 1), kernel) + bias, 4, 1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
    train = tf.train.AdamOptimizer(0.001).minimize(cross_entropy(tf, dense(tf, h, units, 10), y))
    sess = session(tf)
    feed = {x: rand(64, 28, 28), y: one_hot(64)}
    return lambda: sess.run(train, feed_dict=feed)


def layers(tf: Any, small: bool) -> Step:
    """tf.layers: two convolutions with batch normalization, dropout, two dense layers; batch 64, Adam after UPDATE_OPS."""
    x, y = tf.placeholder(tf.float32, [None, 28, 28, 1]), tf.placeholder(tf.float32, [None, 10])
    h = x
    for filters in (16, 32):
        h = tf.layers.conv2d(h, filters, 3, padding="same")
        h = tf.layers.max_pooling2d(tf.nn.relu(tf.layers.batch_normalization(h, training=True)), 2, 2)
    h = tf.layers.dropout(tf.layers.dense(tf.layers.flatten(h), 128, tf.nn.relu), 0.4, training=True)
    loss = cross_entropy(tf, tf.layers.dense(h, 10), y)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        train = tf.train.AdamOptimizer(0.001).minimize(loss)
    sess = session(tf)
    feed = {x: rand(64, 28, 28, 1), y: one_hot(64)}
    return lambda: sess.run(train, feed_dict=feed)


def wide(tf: Any, small: bool) -> Step:
    """Three 1024-wide layers, batch 1024, gradient descent: products of matrices and little else."""
    n = 64 if small else 1024
    x = tf.placeholder(tf.float32, [None, n])
    h = x
    for _ in range(3):
        h = tf.nn.relu(dense(tf, h, n, n))
    train = tf.train.GradientDescentOptimizer(0.01).minimize(tf.reduce_mean(tf.square(h)))
    sess = session(tf)
    feed = {x: rand(n, n)}
    return lambda: sess.run(train, feed_dict=feed)


def softmax(tf: Any, small: bool) -> Step:
    """Softmax regression, 784 to 10, batch 100, gradient descent."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
    train = tf.train.GradientDescentOptimizer(0.5).minimize(cross_entropy(tf, dense(tf, x, 784, 10), y))
    sess = session(tf)
    feed = {x: rand(100, 784), y: one_hot(100)}
    return lambda: sess.run(train, feed_dict=feed)


OPS = 2000


def nodes(tf: Any, small: bool) -> Step:
    """A graph of 4,005 nodes: 2,000 tiny ops, each with a constant of its own."""
    x = y = tf.placeholder(tf.float32, [8])
    for _ in range(50 if small else OPS // 2):
        y = tf.multiply(tf.add(y, 0.5), 0.75)
    sess, feed = session(tf), {x: rand(8)}
    return lambda: sess.run(y, feed_dict=feed)


def build_ops(tf: Any, small: bool) -> Step:
    """2,000 ops added to a graph, half of them adds and half products."""

    def step() -> None:
        with tf.Graph().as_default():
            x = tf.placeholder(tf.float32, [8])
            y = tf.constant(2.0)
            for _ in range(OPS // 2):
                x = tf.multiply(tf.add(x, y), y)

    return step


CHAIN = 10_000


def chain_gradients(tf: Any, small: bool) -> tuple[Step, Callable[[Any], Any]]:
    """tf.gradients through a chain of 10,000 ops; the chain itself is made before."""

    def prepare() -> Any:
        graph = tf.Graph()
        with graph.as_default():
            x = y = tf.placeholder(tf.float32, [8])
            for _ in range(100 if small else CHAIN):
                y = tf.tanh(y)
        return graph, x, y

    def step(prepared: Any) -> None:
        graph, x, y = prepared
        with graph.as_default():
            tf.gradients(y, x)

    return prepare, step


def _checkpoint_graph(tf: Any, small: bool) -> tuple[Any, Any, str]:
    count, rows = (4, 1 << 8) if small else (16, 1 << 14)
    for k in range(count):
        tf.get_variable(f"v{k}", [rows, 1024], initializer=tf.ones_initializer())    # 64 MB each
    folder = tempfile.mkdtemp(prefix="bench_", dir=os.environ.get("BENCH_TMP"))
    return tf.train.Saver(), session(tf), os.path.join(folder, "model.ckpt")


def _flush(path: str) -> None:
    """The files of a checkpoint, flushed to disk: graphflow does it while saving, TensorFlow leaves it to the system."""
    folder = os.path.dirname(path)
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb+") as f:
            os.fsync(f.fileno())


def checkpoint_save(tf: Any, small: bool) -> Step:
    """Saver.save of 1 GB in 16 variables, then a flush to disk."""
    saver, sess, path = _checkpoint_graph(tf, small)

    def step() -> None:
        saver.save(sess, path, write_meta_graph=False)
        _flush(path)

    return step


def checkpoint_restore(tf: Any, small: bool) -> Step:
    """Saver.restore of the same 1 GB."""
    saver, sess, path = _checkpoint_graph(tf, small)
    saver.save(sess, path, write_meta_graph=False)
    return lambda: saver.restore(sess, path)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("tiny", tiny, "scalar gradient descent"),
        Workload("painter", painter, "six 64-wide layers, batch 50, Adam"),
        Workload("softmax", softmax, "softmax regression 784-10, batch 100"),
        Workload("mlp", mlp, "784-512-10, batch 128"),
        Workload("cnn", cnn, "5x5x16, 5x5x36, fc128, batch 64, Adam"),
        Workload("chain", chain, "elementwise chain over 4M floats, with gradient"),
        Workload("lstm", lstm, "28 steps unrolled, batch 64, Adam"),
        Workload("layers", layers, "tf.layers: conv, batch norm, dropout; batch 64"),
        Workload("wide", wide, "three 1024-wide layers, batch 1024"),
        Workload("nodes", nodes, "graph of 4,005 nodes: build, then run"),
        *LOOPS,
        *INPUTS,
        Workload("build", build_ops, "adding an op to a graph", units=OPS, unit="op"),
        Workload("gradients", chain_gradients, "gradients of a 10,000-op chain"),
        Workload("save", checkpoint_save, "checkpoint of 1 GB: save and flush"),
        Workload("restore", checkpoint_restore, "checkpoint of 1 GB: restore"),
        *IMAGES,
        *TEXT,
        *CHOICES,
    )
}
MODELS = [workload.name for workload in (*IMAGES, *TEXT, *CHOICES)]    # that nobody tuned for: a table of their own
