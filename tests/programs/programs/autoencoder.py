# An autoencoder with tied sizes, on digits.
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
tf.set_random_seed(21)
n_hidden_1, n_hidden_2, n_input = 32, 8, 784
X = tf.placeholder("float", [None, n_input])
weights = {"encoder_h1": tf.Variable(tf.random_normal([n_input, n_hidden_1], stddev=0.05)),
           "encoder_h2": tf.Variable(tf.random_normal([n_hidden_1, n_hidden_2], stddev=0.3)),
           "decoder_h1": tf.Variable(tf.random_normal([n_hidden_2, n_hidden_1], stddev=0.3)),
           "decoder_h2": tf.Variable(tf.random_normal([n_hidden_1, n_input], stddev=0.3))}
biases = {name: tf.Variable(tf.zeros([size])) for name, size in (("e1", 32), ("e2", 8), ("d1", 32), ("d2", 784))}


def encoder(x):
    layer_1 = tf.nn.sigmoid(tf.add(tf.matmul(x, weights["encoder_h1"]), biases["e1"]))
    return tf.nn.sigmoid(tf.add(tf.matmul(layer_1, weights["encoder_h2"]), biases["e2"]))


def decoder(x):
    layer_1 = tf.nn.sigmoid(tf.add(tf.matmul(x, weights["decoder_h1"]), biases["d1"]))
    return tf.nn.sigmoid(tf.add(tf.matmul(layer_1, weights["decoder_h2"]), biases["d2"]))


code = encoder(X)
y_pred = decoder(code)
cost = tf.reduce_mean(tf.pow(X - y_pred, 2))
optimizer = tf.train.RMSPropOptimizer(0.01).minimize(cost)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(30):
        batch = mnist.train.images[i % 10 * 50:i % 10 * 50 + 50]
        _, c = sess.run([optimizer, cost], feed_dict={X: batch})
        if i % 10 == 0:
            print("step %d cost %.4f" % (i, c))
    print(sess.run(code, {X: mnist.test.images[:3]}).shape)
