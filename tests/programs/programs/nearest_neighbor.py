# The nearest neighbour, and a vote of the k nearest, of the digits.
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)
np.random.seed(6)
Xtr, Ytr = mnist.train.images[:500], mnist.train.labels[:500]
Xte, Yte = mnist.test.images[:40], mnist.test.labels[:40]

xtr = tf.placeholder("float", [None, 784])
xte = tf.placeholder("float", [784])
distance = tf.reduce_sum(tf.abs(tf.add(xtr, tf.negative(xte))), reduction_indices=1)
nearest = tf.argmin(distance, 0)
few, indices = tf.nn.top_k(tf.negative(distance), k=5)
votes = tf.reduce_sum(tf.gather(tf.constant(Ytr), indices), 0)
winner = tf.argmax(votes, 0)

right = [0, 0]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(len(Xte)):
        one, many = sess.run([nearest, winner], feed_dict={xtr: Xtr, xte: Xte[i, :]})
        right[0] += int(np.argmax(Ytr[one]) == np.argmax(Yte[i]))
        right[1] += int(many == np.argmax(Yte[i]))
print("nearest", right[0], "of 40; five nearest", right[1])
