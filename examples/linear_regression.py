"""Fits a line to y = x + 20 sin(x / 10) with mini-batches and Adam.

From a TensorFlow workshop's slides. Run it with `graphflow run examples/linear_regression.py`.
"""

import os
import sys

import matplotlib
matplotlib.use("Agg")    # repaired: pictures are written to files

import tensorflow as tf
import numpy as np
# repaired: `import seaborn` only changed the plot's colours
import matplotlib.pyplot as plt

# added: the slides show the function, not the lines that make its points
X_data = np.arange(100, step=.1)
y_data = X_data + 20 * np.sin(X_data / 10)

# Define data size and batch size
n_samples = 1000
batch_size = 100

# TensorFlow is particular about shapes, so resize
X_data = np.reshape(X_data, (n_samples, 1))
y_data = np.reshape(y_data, (n_samples, 1))

# Define placeholders for input
X = tf.placeholder(tf.float32, shape=(batch_size, 1))
y = tf.placeholder(tf.float32, shape=(batch_size, 1))

# Define variables to be learned
W = tf.get_variable("weights", (1,1), initializer = tf.random_normal_initializer())
b = tf.get_variable("bias", (1,), initializer = tf.constant_initializer(0.0))
y_pred = tf.matmul(X, W) + b
loss = tf.reduce_sum((y - y_pred)**2/n_samples)

# Define optimizer operation
opt_operation = tf.train.AdamOptimizer().minimize(loss)

with tf.Session() as sess:
    # Initialize all variables in graph
    sess.run(tf.global_variables_initializer())
    losses = []    # added: to show that the loss falls
    # Gradient descent for 500 steps:
    for _ in range(500):
        # Select from random mini batch
        indices = np.random.choice(n_samples, batch_size)
        X_batch, y_batch = X_data[indices], y_data[indices]
        # Do gradient descent step
        _, loss_val = sess.run([opt_operation, loss], feed_dict={X: X_batch, y: y_batch})
        losses.append(loss_val)    # added
    print(sess.run([W, b]))
    print("loss: %.3f at first, %.3f at last" % (losses[0], losses[-1]))    # added
    # Display results
    plt.scatter(X_data, y_data)
    plt.scatter(X_data, sess.run(W) * X_data + sess.run(b), c='g')
    # repaired: a notebook shows the plot by itself
    os.makedirs("output", exist_ok=True)
    plt.savefig("output/linear_regression.png")
