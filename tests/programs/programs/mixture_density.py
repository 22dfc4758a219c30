# A mixture density network for answers that are several.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(79)
tf.set_random_seed(79)
y_data = rng.uniform(-10.5, 10.5, (60, 1)).astype(np.float32)
x_data = (np.sin(0.75 * y_data) * 7.0 + y_data * 0.5 + 0.3 * rng.randn(60, 1)) / 10
K = 4
x, y = tf.placeholder(tf.float32, [None, 1], name="x"), tf.placeholder(tf.float32, [None, 1], name="y")
Wh, bh = tf.Variable(tf.random_normal([1, 12], stddev=0.5)), tf.Variable(tf.random_normal([1, 12], stddev=0.5))
Wo, bo = tf.Variable(tf.random_normal([12, 3 * K], stddev=0.5)), tf.Variable(tf.random_normal([1, 3 * K], stddev=0.5))
hidden = tf.nn.tanh(tf.matmul(x, Wh) + bh)
output = tf.matmul(hidden, Wo) + bo


def coefficients(output):
    out_pi, out_sigma, out_mu = tf.split(output, 3, axis=1)
    out_pi = tf.exp(tf.subtract(out_pi, tf.reduce_max(out_pi, 1, keep_dims=True)))
    return tf.multiply(tf.reciprocal(tf.reduce_sum(out_pi, 1, keep_dims=True)), out_pi), tf.exp(out_sigma), out_mu


def normal(y, mu, sigma):
    result = tf.multiply(tf.subtract(y, mu), tf.reciprocal(sigma))
    return tf.multiply(tf.exp(-tf.square(result) / 2), tf.reciprocal(sigma)) * (1 / np.sqrt(2 * np.pi)).astype(np.float32)


pi, sigma, mu = coefficients(output)
loss = tf.reduce_mean(-tf.log(tf.reduce_sum(tf.multiply(normal(y, mu, sigma), pi), 1, keep_dims=True) + 1e-6))
train = tf.train.AdamOptimizer(0.02).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(31):
        value, _ = sess.run([loss, train], {x: x_data, y: y_data})
        if i % 10 == 0:
            print(i, "%.3f" % value)
    print("%.4f" % sess.run(tf.reduce_sum(pi, 1), {x: x_data}).mean())
