# An operation in Python with a gradient of its own.
import numpy as np
import tensorflow as tf


def np_spiky(x):
    r = x % 1
    return np.where(r <= 0.5, r, 0).astype(np.float32)


def d_spiky(x):
    r = x % 1
    return np.where(r <= 0.5, 1, 0).astype(np.float32)


def py_func(func, inp, Tout, stateful=True, name=None, grad=None):
    rnd_name = "PyFuncGrad" + str(len(tf.get_default_graph().get_operations()))
    tf.RegisterGradient(rnd_name)(grad)
    with tf.get_default_graph().gradient_override_map({"PyFunc": rnd_name}):
        return tf.py_func(func, inp, Tout, stateful=stateful, name=name)


def spiky_grad(op, grad):
    (n_gr,) = tf.py_func(d_spiky, [op.inputs[0]], [tf.float32], name="d_spiky", stateful=False)
    n_gr.set_shape(op.inputs[0].get_shape())
    return grad * n_gr


x = tf.constant([0.2, 0.7, 1.2, 1.7])
(y,) = py_func(np_spiky, [x], [tf.float32], name="spiky", grad=spiky_grad)
y.set_shape(x.get_shape())


@tf.custom_gradient
def log1pexp(x):
    e = tf.exp(x)
    return tf.log(1 + e), lambda dy: dy * (1 - 1 / (1 + e))


with tf.Session() as sess:
    print(np.round(sess.run(y), 4).tolist(), sess.run(tf.gradients(y, [x])[0]).tolist())
    big = tf.constant([0.0, 100.0])
    print(sess.run(tf.gradients(log1pexp(big), big)[0]).tolist())
