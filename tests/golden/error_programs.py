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


def sizes_that_differ_at_run():
    a = tf.placeholder(tf.float32, name="a")
    b = tf.placeholder(tf.float32, name="b")
    tf.Session().run(tf.add(a, b, name="total"), {a: np.zeros(3), b: np.zeros(4)})


def product_that_differs_at_run():
    a = tf.placeholder(tf.float32, [None, None], name="a")
    b = tf.placeholder(tf.float32, [None, None], name="b")
    tf.Session().run(tf.matmul(a, b), {a: np.zeros((3, 2)), b: np.zeros((3, 2))})


def a_vector_for_a_column():
    x = tf.placeholder(tf.float32, [None, 1], name="targets")
    tf.Session().run(x * 2.0, {x: np.zeros(5)})


def text_for_a_number():
    x = tf.placeholder(tf.float32, [None], name="x")
    tf.Session().run(x * 2.0, {x: ["a"]})


def uninitialized_metric():
    _, update = tf.metrics.accuracy([1], [1])
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    session.run(update)


def fetch_of_a_missing_gradient():
    w, v = tf.Variable([1.0]), tf.Variable([1.0])
    tf.Session().run(tf.gradients(w * 2.0, [w, v]))


def fetch_of_an_array():
    tf.constant(1.0)
    tf.Session().run(np.zeros(2))


def shared_with_another_shape():
    with tf.variable_scope("net"):
        tf.get_variable("w", [2])
    with tf.variable_scope("net", reuse=True):
        tf.get_variable("w", [3])


def integer_loss():
    w = tf.Variable(3)
    tf.train.AdamOptimizer().minimize(w * w)


def loss_that_is_no_tensor():
    tf.Variable(3.0)
    tf.train.AdamOptimizer().minimize(3.0)


def label_out_of_range():
    labels = tf.placeholder(tf.int32, [2], name="labels")
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=tf.zeros([2, 3]), name="loss")
    tf.Session().run(loss, {labels: [0, 3]})


def filter_for_other_channels():
    tf.nn.conv2d(tf.zeros([1, 8, 8, 3]), tf.zeros([3, 3, 1, 4]), [1, 1, 1, 1], "SAME")


def layout_of_another_library():
    tf.nn.conv2d(tf.zeros([1, 8, 8, 3]), tf.zeros([3, 3, 3, 4]), [1, 1, 1, 1], "SAME", data_format="channels_last")


def a_callback_that_fails():
    def parse(x):
        return {}[float(x)]
    tf.Session().run(tf.py_func(parse, [tf.constant(1.0)], tf.float32, name="parse"))


def a_batch_size_known_only_at_run():
    x = tf.placeholder(tf.float32, [None, 3])
    tf.zeros([x.shape[0], 2])


def numbers_beside_texts():
    tf.constant([1, "a"])


TRAPS = [shape_mismatch, missing_feed, wrong_feed_shape, uninitialized_variable, variable_made_twice, reuse_in_the_wrong_scope,
         tensor_of_another_graph, fetch_of_another_graph, dtype_mismatch, tensor_as_condition, unknown_fetch, bad_reshape_at_run,
         no_gradient, finalized_graph, closed_session, sizes_that_differ_at_run, product_that_differs_at_run, a_vector_for_a_column,
         text_for_a_number, uninitialized_metric, fetch_of_a_missing_gradient, fetch_of_an_array, shared_with_another_shape,
         integer_loss, loss_that_is_no_tensor, label_out_of_range, filter_for_other_channels, layout_of_another_library,
         a_callback_that_fails, a_batch_size_known_only_at_run, numbers_beside_texts]


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
