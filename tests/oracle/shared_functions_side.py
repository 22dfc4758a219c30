"""TensorFlow's side of test_shared_functions: writes a graph whose functions each have several users, and what TensorFlow computes.

Run by a python that has TensorFlow, with the folder to write to.
"""
import sys
from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
tf.enable_control_flow_v2()
folder = Path(sys.argv[1])


@tf.function
def product(a, b):
    return tf.tanh(a * b) * tf.exp(a)


@tf.function
def nested(a, b):
    return product(a, b) + tf.sin(product(b, a))


@tf.function
def with_bodies(a, b):
    chosen = tf.cond(tf.reduce_sum(a) > 0, lambda: tf.exp(a) * tf.sin(b), lambda: a * tf.exp(b))
    return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, tf.tanh(s * chosen) + b), [0, a])[1]


with tf.Graph().as_default() as graph:
    x, y = (tf.placeholder(tf.float64, [3], name=name) for name in "xy")
    w = tf.get_variable("w", initializer=np.array([0.5, 0.25, -0.5]), use_resource=True)

    @tf.function
    def weighted(a):
        return tf.exp(a * w) * w

    calls = {"product": [product(x, y), product(y, tf.sin(x))], "nested": [nested(x, y), nested(y, x * x)],
             "with_bodies": [with_bodies(x, y), with_bodies(-x, y)], "weighted": [weighted(x), weighted(x * y)]}
    for name, both in calls.items():
        for i, result in enumerate(both):
            tf.identity(result, name=f"{name}{i}")
    message = graph.as_graph_def()
    (folder / "graph.pb").write_bytes(message.SerializeToString())
    feeds = {x: np.array([0.5, -0.25, 1.0]), y: np.array([1.5, 0.75, -1.0])}
    found = {}
    for name, both in calls.items():
        for i, result in enumerate(both):
            xs = [x, w] if name == "weighted" else [x, y]
            first = tf.gradients(result, xs)
            second = tf.gradients([tf.reduce_sum(g * g) for g in first], xs[0])
            found[f"{name}{i}"] = [result, *first, *second]
    with tf.Session() as session:
        session.run(w.initializer)
        values = session.run(found, feeds)
np.savez(folder / "values.npz", **{f"{name}/{k}": v for name, row in values.items() for k, v in enumerate(row)})
