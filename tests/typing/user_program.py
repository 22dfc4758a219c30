"""A user's program with types, which mypy and pyright accept (tools/check); what they infer is part of it. Not run."""

from typing import Any

import graphflow as tf
import graphflow.compat.v1 as tf1
from graphflow.contrib import rnn, slim
from graphflow.keras import layers
from graphflow.keras.models import Sequential

try:
    from typing import assert_type
except ImportError:    # python 3.10
    from typing_extensions import assert_type

x = tf.placeholder(tf.float32, [None, 3])
y: tf.Tensor = tf.nn.relu(x)
assert_type(y * 2.0 + x[0], tf.Tensor)
assert_type(tf.exp(x), tf.Tensor)    # made from a table, as many are
assert_type(tf.less(x, y, name="less"), tf.Tensor)

with tf.variable_scope("layer", reuse=tf.AUTO_REUSE):
    w = tf.get_variable("w", [3, 1], initializer=tf.zeros_initializer())
v = tf.Variable(1.0, trainable=False, name="v")
assert_type(v, tf.Variable)
assert_type(v * y, tf.Tensor)
assert_type(v.value(), tf.Tensor)

# modules that are found by their paths
assert_type(tf1.nn.relu(x), tf.Tensor)
model = Sequential([layers.Dense(3, activation="relu"), tf.keras.layers.Dense(1)])
with slim.arg_scope([slim.fully_connected], activation_fn=tf.nn.relu):
    z = slim.fully_connected(x, 3, scope="fc")
cell = rnn.BasicLSTMCell(4)

loss = tf.reduce_mean(tf.square(tf.matmul(y, w)) + tf.losses.get_regularization_loss())
optimizer = tf.train.AdamOptimizer(learning_rate=0.01)
train = optimizer.minimize(loss, global_step=tf.train.get_or_create_global_step())
tf.summary.scalar("loss", loss)
flags = tf.app.flags
flags.DEFINE_integer("steps", 10, "how many")


def names_of(graph: tf.Graph) -> list[str]:
    return [op.name for op in graph.get_operations()]


def saved(session: tf.Session, saver: tf.train.Saver, folder: str) -> str:
    return str(saver.save(session, folder))


def loaded(data: bytes) -> tf.GraphDef:
    message = tf.GraphDef()
    message.ParseFromString(data)
    assert_type(message.versions, Any)
    return message


def checked(value: tf.Tensor) -> None:
    try:
        with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as session:
            session.run([tf.global_variables_initializer()])
            for _ in range(flags.FLAGS.steps):
                session.run([train, value], feed_dict={x: [[1.0, 2.0, 3.0]]})
    except tf.errors.InvalidArgumentError as error:
        print(error.message, tf.logging.INFO, tf.float32.name)
