# Dynamic routing between capsules.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(20)
tf.set_random_seed(20)


def squash(vector):
    squared = tf.reduce_sum(tf.square(vector), -2, keep_dims=True)
    return squared / (1 + squared) / tf.sqrt(squared + 1e-9) * vector


def routing(u, count, iterations=3):
    W = tf.get_variable("Weight", shape=(1, 18, count, 4, 6), initializer=tf.random_normal_initializer(stddev=0.1))
    tiled = tf.tile(u, [1, 1, count, 1, 1])
    u_hat = tf.matmul(tf.tile(W, [int(u.shape[0]), 1, 1, 1, 1]), tiled, transpose_a=True)
    stopped = tf.stop_gradient(u_hat)
    b = tf.zeros([int(u.shape[0]), 18, count, 1, 1])
    for r in range(iterations):
        c = tf.nn.softmax(b, 2)
        v = squash(tf.reduce_sum(c * (u_hat if r == iterations - 1 else stopped), 1, keep_dims=True))
        if r < iterations - 1:
            b += tf.matmul(stopped, tf.tile(v, [1, 18, 1, 1, 1]), transpose_a=True)
    return tf.squeeze(v, 1)


x = tf.placeholder(tf.float32, [5, 12, 12, 1])
y = tf.one_hot([0, 1, 2, 0, 1], 3)
conv = tf.layers.conv2d(x, 8, 5, activation=tf.nn.relu)
primary = tf.layers.conv2d(conv, 8, 3, 2)
capsules = squash(tf.reshape(primary, [5, 18, 1, 4, 1]))
digits = routing(capsules, 3)
lengths = tf.sqrt(tf.reduce_sum(tf.square(digits), [2, 3]) + 1e-9)
margin = y * tf.square(tf.maximum(0., 0.9 - lengths)) + 0.5 * (1 - y) * tf.square(tf.maximum(0., lengths - 0.1))
loss = tf.reduce_mean(tf.reduce_sum(margin, 1))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
print(capsules.shape, digits.shape, lengths.shape)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.rand(5, 12, 12, 1)}
    for i in range(6):
        print("%.5f" % sess.run([loss, train], feed)[0])
