# The fast gradient sign method: how small a push changes an answer.
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
tf.set_random_seed(81)
x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.float32, [None, 10])
W, b = tf.Variable(tf.zeros([784, 10])), tf.Variable(tf.zeros([10]))
logits = tf.matmul(x, W) + b
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=y, logits=logits))
train = tf.train.GradientDescentOptimizer(0.5).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), tf.argmax(y, 1)), tf.float32))
epsilon = tf.placeholder(tf.float32, [])
pushed = tf.stop_gradient(tf.clip_by_value(x + epsilon * tf.sign(tf.gradients(loss, x)[0]), 0.0, 1.0))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(40):
        rows = slice(i * 50 % 2000, i * 50 % 2000 + 50)
        sess.run(train, {x: mnist.train.images[rows], y: mnist.train.labels[rows]})
    images, labels = mnist.test.images[:200], mnist.test.labels[:200]
    clean = sess.run(accuracy, {x: images, y: labels})
    print("clean", clean > 0.6)
    for size in (0.05, 0.2):
        bad = sess.run(pushed, {x: images, y: labels, epsilon: size})
        print("pushed by", size, sess.run(accuracy, {x: bad, y: labels}) < clean, "%.3f" % np.abs(bad - images).max())
