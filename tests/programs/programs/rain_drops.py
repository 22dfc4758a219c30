# A pond under rain: the wave equation by convolutions with a Laplace kernel.
import numpy as np
import tensorflow as tf


def make_kernel(a):
    a = np.asarray(a)
    a = a.reshape(list(a.shape) + [1, 1])
    return tf.constant(a, dtype=1)


def simple_conv(x, k):
    x = tf.expand_dims(tf.expand_dims(x, 0), -1)
    y = tf.nn.depthwise_conv2d(x, k, [1, 1, 1, 1], padding="SAME")
    return y[0, :, :, 0]


def laplace(x):
    return simple_conv(x, make_kernel([[0.5, 1.0, 0.5], [1.0, -6., 1.0], [0.5, 1.0, 0.5]]))


N = 40
rng = np.random.RandomState(64)
u_init, ut_init = np.zeros([N, N], dtype=np.float32), np.zeros([N, N], dtype=np.float32)
for n in range(10):
    a, b = rng.randint(0, N, 2)
    u_init[a, b] = rng.uniform()
eps, damping = tf.placeholder(tf.float32, shape=()), tf.placeholder(tf.float32, shape=())
U, Ut = tf.Variable(u_init), tf.Variable(ut_init)
U_ = U + eps * Ut
Ut_ = Ut + eps * (laplace(U) - damping * Ut)
with tf.control_dependencies([U_, Ut_]):    # both from the old state, whichever is written first
    step = tf.group(U.assign(U_), Ut.assign(Ut_))
with tf.Session() as sess:
    tf.global_variables_initializer().run()
    for i in range(60):
        step.run({eps: 0.03, damping: 0.04})
        if i % 20 == 19:
            print(i, "energy %.5f sum %.4f" % (np.square(U.eval()).sum(), U.eval().sum()))
