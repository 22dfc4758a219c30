"""Programs that test_xla_mesh runs in a process with eight devices: each trains for 20 steps on one device and on meshes, and compares.

    XLA_FLAGS=--xla_force_host_platform_device_count=8 python -m tests.runtime.mesh_programs [recurrent]
"""
from __future__ import annotations

import sys

import numpy as np

import graphflow as tf

MESHES = [{"mesh": "data=8"}, {"mesh": "data=4,model=2", "sharding": ["table.*=model,", "dense/kernel.*=,model"]}]


def perceptron(x, y):
    hidden = tf.layers.dense(tf.layers.flatten(x), 16, tf.nn.relu)
    return tf.layers.dense(tf.layers.dropout(hidden, 0.5, training=True, seed=3), 4), tf.train.AdamOptimizer(0.01)


def convolutions(x, y):
    maps = tf.layers.batch_normalization(tf.layers.conv2d(x, 8, 3, activation=tf.nn.relu), training=True)
    return tf.layers.dense(tf.layers.flatten(tf.layers.max_pooling2d(maps, 2, 2)), 4), tf.train.MomentumOptimizer(0.05, 0.9)


def embedding(x, y):
    table = tf.get_variable("table", [16, 4])
    rows = tf.nn.embedding_lookup(table, tf.cast(tf.reduce_sum(x, [1, 2, 3]) > 0, tf.int64) + y)
    return tf.layers.dense(tf.concat([tf.layers.flatten(x), rows], 1), 4), tf.train.GradientDescentOptimizer(0.1)


def recurrent(x, y):
    states, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(8, name="lstm"), tf.reshape(x, [-1, 8, 24]), dtype=tf.float32)
    return tf.layers.dense(states[:, -1], 4), tf.train.AdamOptimizer(0.01)


def trained(program, **config):
    """(losses, variables by name, how variables lie) after 20 steps."""
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        x, y = tf.placeholder(tf.float32, [None, 8, 8, 3], name="x"), tf.placeholder(tf.int64, [None], name="y")
        logits, optimizer = program(x, y)
        loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
        with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
            step = optimizer.minimize(loss)
        random = np.random.RandomState(0)
        with tf.Session(config=tf.ConfigProto(**config)) as session:
            session.run(tf.global_variables_initializer())
            losses = [session.run([loss, step], {x: random.randn(16, 8, 8, 3), y: random.randint(0, 4, 16)})[0] for _ in range(20)]
            values = {v.name: session.run(v) for v in tf.global_variables()}
            where = {key: tuple(getattr(getattr(slot.value, "where", None), "spec", ())) for key, slot in session._store.slots.items()}
            if "mesh" in config:
                try:
                    session.run(step, {x: random.randn(9, 8, 8, 3), y: random.randint(0, 4, 9)})
                    raise AssertionError("a batch of 9 was taken")
                except tf.errors.InvalidArgumentError as error:
                    assert "a batch of 9 does not divide over data=" in error.message and "8 or 1" in error.message, error.message
            return losses, values, where


def main() -> None:
    for program in [recurrent] if sys.argv[1:] == ["recurrent"] else [perceptron, convolutions, embedding]:
        losses, values, _ = trained(program, engine="xla")
        for config in MESHES:
            ours, mine, where = trained(program, engine="xla", **config)
            np.testing.assert_allclose(ours, losses, rtol=2e-5)
            for name, value in values.items():
                np.testing.assert_allclose(mine[name], value, rtol=2e-4, atol=2e-6, err_msg=name)
            if "sharding" in config:
                assert where["dense/kernel"] == (None, "model") and where["dense/bias"] == (), where
            print(program.__name__, config["mesh"], "agrees")


if __name__ == "__main__":
    main()
