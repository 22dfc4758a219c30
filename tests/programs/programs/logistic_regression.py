# Logistic regression with momentum, a decaying learning rate and accuracy.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(2)
points = rng.randn(200, 2).astype(np.float32)
labels = (points[:, :1] + 0.5 * points[:, 1:] > 0.2).astype(np.float32)

x = tf.placeholder(tf.float32, [None, 2], name="x")
t = tf.placeholder(tf.float32, [None, 1], name="t")
global_step = tf.Variable(0, trainable=False)
rate = tf.train.exponential_decay(0.5, global_step, 20, 0.8, staircase=True)
w = tf.Variable(tf.zeros([2, 1]), name="w")
b = tf.Variable(tf.zeros([1]), name="b")
logits = tf.matmul(x, w) + b
loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=t, logits=logits))
train = tf.train.MomentumOptimizer(rate, 0.9).minimize(loss, global_step=global_step)
right = tf.equal(tf.cast(logits > 0, tf.float32), t)
accuracy = tf.reduce_mean(tf.cast(right, tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(61):
        batch = slice(i * 20 % 200, i * 20 % 200 + 20)
        feed = {x: points[batch], t: labels[batch]}
        if i % 20 == 0:
            print(i, "rate %.4f loss %.5f accuracy %.3f" % tuple(sess.run([rate, loss, accuracy], {x: points, t: labels})))
        sess.run(train, feed)
