"""TensorFlow's side: a network with a loop and a branch of control flow v1, trained a little, its checkpoint, and how training goes on.

    python -m tests.oracle.v1_training_side FOLDER     FOLDER/model-3.*, FOLDER/values.npz
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np


def write(folder: Path) -> None:
    """Three steps, a checkpoint, then four steps with the loss before each."""
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.disable_control_flow_v2()
    random = np.random.RandomState(0)
    values = random.normal(size=(2, 5, 3)).astype(np.float32)
    x, lengths = tf.placeholder(tf.float32, [None, 5, 3], name="x"), tf.placeholder_with_default([5, 5], [None], name="lengths")
    training = tf.placeholder_with_default(True, [], name="training")
    w = tf.get_variable("w", initializer=random.normal(size=(7, 16)).astype(np.float32) * 0.3, use_resource=False)
    b = tf.get_variable("b", initializer=np.zeros(16, np.float32), use_resource=False)

    def step(t, c, h, outputs):
        i, j, f, o = tf.split(tf.matmul(tf.concat([x[:, t], h], 1), w) + b, 4, 1)
        new_c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        new_h = tf.tanh(new_c) * tf.sigmoid(o)
        keep = tf.less(t, lengths)
        return t + 1, tf.where(keep, new_c, c), tf.where(keep, new_h, h), outputs.write(t, new_h)

    count = tf.shape(x)[0]
    start = [0, tf.zeros([count, 4]), tf.zeros([count, 4]), tf.TensorArray(tf.float32, tf.shape(x)[1])]
    _, _, h, outputs = tf.while_loop(lambda t, *_: t < tf.shape(x)[1], step, start,
                                     shape_invariants=[tf.TensorShape([]), *[tf.TensorShape([None, 4])] * 2, tf.TensorShape(None)])
    h = tf.cond(training, lambda: h * 0.9, lambda: h)
    loss = tf.add(tf.reduce_mean(tf.square(outputs.stack() - 0.3)), tf.reduce_mean(h * h), name="loss")
    train = tf.train.AdamOptimizer(0.05).minimize(loss, global_step=tf.train.get_or_create_global_step())
    tf.add_to_collection("train_op", train)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(train, {x: values})
        saver.save(session, str(folder / "model"), global_step=3)
        losses = []
        for _ in range(4):
            losses.append(session.run(loss, {x: values}))
            session.run(train, {x: values})
        short = session.run(loss, {x: values, training: False, lengths: [3, 1]})
        np.savez_compressed(folder / "values.npz", x=values, losses=np.array(losses), short=short, w=session.run(w))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
