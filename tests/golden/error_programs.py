"""The classic traps of TF1 programs; `errors.txt` holds the messages that their authors read."""
import numpy as np

import graphflow as tf


def shape_mismatch():
    x = tf.placeholder(tf.float32, [None, 784], name="images")
    w = tf.get_variable("kernel", [10, 784])
    tf.matmul(x, w)


def missing_feed():
    x = tf.placeholder(tf.float32, [None, 784], name="images")
    tf.Session().run(x * 2.0)


def wrong_feed_shape():
    x = tf.placeholder(tf.float32, [None, 784], name="images")
    tf.Session().run(x * 2.0, {x: np.zeros((2, 783))})


def uninitialized_variable():
    w = tf.Variable([1.0, 2.0], name="weights")
    b = tf.Variable(0.5, name="bias")
    tf.Session().run(w * 2.0 + b)


def variable_made_twice():
    tf.get_variable("kernel", [2, 3])
    tf.get_variable("kernel", [2, 3])


def reuse_in_the_wrong_scope():
    with tf.variable_scope("encoder"):
        tf.get_variable("kernel", [2, 3])
    with tf.variable_scope("decoder", reuse=True):
        tf.get_variable("kernel", [2, 3])


def tensor_of_another_graph():
    with tf.Graph().as_default():
        other = tf.constant(1.0, name="other")
    tf.constant(2.0) + other


def fetch_of_another_graph():
    with tf.Graph().as_default():
        other = tf.constant(1.0, name="other")
    tf.constant(2.0)
    tf.Session().run(other)


def dtype_mismatch():
    x = tf.placeholder(tf.float32, [2], name="x")
    tf.add(x, tf.constant([1, 2]))


def tensor_as_condition():
    x = tf.placeholder(tf.float32, [], name="x")
    if x > 0:
        pass


def unknown_fetch():
    tf.constant(1.0, name="loss")
    tf.Session().run("los:0")


def bad_reshape_at_run():
    x = tf.placeholder(tf.float32, [None], name="x")
    tf.Session().run(tf.reshape(x, [3, -1]), {x: np.zeros(10)})


def no_gradient():
    w = tf.Variable([1.0])
    tf.train.AdamOptimizer().minimize(tf.constant(1.0), var_list=[w])


def finalized_graph():
    graph = tf.get_default_graph()
    graph.finalize()
    tf.constant(1.0, name="late")


def closed_session():
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.run(x)


TRAPS = [shape_mismatch, missing_feed, wrong_feed_shape, uninitialized_variable, variable_made_twice, reuse_in_the_wrong_scope,
         tensor_of_another_graph, fetch_of_another_graph, dtype_mismatch, tensor_as_condition, unknown_fetch, bad_reshape_at_run,
         no_gradient, finalized_graph, closed_session]


def message(trap):
    """What the author of the program reads."""
    tf.reset_default_graph()
    try:
        trap()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "nothing was raised"


def text():
    return "\n\n".join(f"== {trap.__name__}\n{message(trap)}" for trap in TRAPS) + "\n"


if __name__ == "__main__":
    print(text(), end="")
