# A Gaussian process: Cholesky factors, triangular solves, the likelihood's gradient.
import numpy as np
import tensorflow as tf

x = np.linspace(-3, 3, 12)[:, None]
y = np.sin(x)
new = np.array([[0.5], [2.2]])
log_scale = tf.Variable(np.float64(0.5))
log_noise = tf.Variable(np.float64(-2.0))


def kernel(a, b):
    return tf.exp(-0.5 * tf.squared_difference(a, tf.transpose(b)) / tf.exp(2 * log_scale))


K = kernel(x, x) + tf.exp(log_noise) * tf.eye(12, dtype=tf.float64)
L = tf.cholesky(K)
alpha = tf.cholesky_solve(L, tf.constant(y))
likelihood = -0.5 * tf.reduce_sum(y * alpha) - tf.reduce_sum(tf.log(tf.diag_part(L))) - 6 * np.log(2 * np.pi)
k = kernel(new, x)
mean = tf.matmul(k, alpha)
v = tf.matrix_triangular_solve(L, tf.transpose(k))
variance = 1.0 - tf.reduce_sum(tf.square(v), 0)
train = tf.train.AdamOptimizer(0.05).minimize(-likelihood)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(31):
        if i % 10 == 0:
            print(i, "log likelihood %.4f" % sess.run(likelihood))
        sess.run(train)
    print(np.round(sess.run(mean).ravel(), 3).tolist(), bool((sess.run(variance) < 0.1).all()))
