# Linear regression with an L1 and an L2 penalty, by proximal gradient descent.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(1)
data = rng.randn(60, 6).astype(np.float32)
target = data.dot(np.array([[2.0], [0], [0], [-1.0], [0], [0]], np.float32)) + 0.05 * rng.randn(60, 1)

x = tf.placeholder(tf.float32, [None, 6])
y = tf.placeholder(tf.float32, [None, 1])
A = tf.Variable(tf.ones([6, 1]))
b = tf.Variable(tf.zeros([1, 1]))
output = tf.add(tf.matmul(x, A), b)
l2 = tf.multiply(0.01, tf.reduce_mean(tf.square(A)))
loss = tf.reduce_mean(tf.square(y - output)) + l2
for name, optimizer in (("proximal", tf.train.ProximalGradientDescentOptimizer(0.1, l1_regularization_strength=0.2)),
                        ("ftrl", tf.train.FtrlOptimizer(0.5, l1_regularization_strength=1.0))):
    step = optimizer.minimize(loss)
    with tf.Session() as sess:
        sess.run(tf.global_variables_initializer())
        for i in range(60):
            sess.run(step, {x: data, y: target})
        found = sess.run(A).ravel()
        print(name, "loss %.4f" % sess.run(loss, {x: data, y: target}), "zeros", int((np.abs(found) < 1e-3).sum()))
        print(np.round(found, 3).tolist())
