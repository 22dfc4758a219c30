# A support vector machine with a Gaussian kernel, in its dual form.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(4)
angle = rng.rand(60) * 2 * np.pi
radius = np.where(np.arange(60) < 30, 1.0, 0.3) + 0.05 * rng.randn(60)
x_vals = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32)
y_vals = np.where(np.arange(60) < 30, 1.0, -1.0).astype(np.float32)[:, None]

x_data = tf.placeholder(tf.float32, [None, 2])
y_target = tf.placeholder(tf.float32, [None, 1])
grid = tf.placeholder(tf.float32, [None, 2])
tf.set_random_seed(4)
b = tf.Variable(tf.random_normal(shape=[1, 60]))
gamma = tf.constant(-5.0)
dist = tf.reshape(tf.reduce_sum(tf.square(x_data), 1), [-1, 1])
sq_dists = tf.add(tf.subtract(dist, tf.multiply(2., tf.matmul(x_data, tf.transpose(x_data)))), tf.transpose(dist))
kernel = tf.exp(tf.multiply(gamma, tf.abs(sq_dists)))
first = tf.reduce_sum(b)
second = tf.reduce_sum(tf.multiply(kernel, tf.multiply(tf.matmul(tf.transpose(b), b), tf.matmul(y_target, tf.transpose(y_target)))))
loss = tf.negative(tf.subtract(first, second))
rA, rB = tf.reshape(tf.reduce_sum(tf.square(x_data), 1), [-1, 1]), tf.reshape(tf.reduce_sum(tf.square(grid), 1), [-1, 1])
pred_dist = rA - 2. * tf.matmul(x_data, tf.transpose(grid)) + tf.transpose(rB)
pred_output = tf.matmul(tf.multiply(tf.transpose(y_target), b), tf.exp(gamma * tf.abs(pred_dist)))
prediction = tf.sign(pred_output - tf.reduce_mean(pred_output))
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.squeeze(prediction), tf.squeeze(y_target)), tf.float32))
step = tf.train.GradientDescentOptimizer(0.002).minimize(loss)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x_data: x_vals, y_target: y_vals, grid: x_vals}
    for i in range(80):
        sess.run(step, feed)
        if i % 20 == 19:
            print(i + 1, "loss %.3f accuracy %.2f" % tuple(sess.run([loss, accuracy], feed)))
