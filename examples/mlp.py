"""Digits by one hidden layer of 512 relu neurons, batches of 128 and Adam.

Run it with `graphflow run examples/mlp.py`.
"""

import sys

import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data/")
batch_size, epochs = 128, 1 if "--small" in sys.argv else 5

images = tf.placeholder(tf.float32, [None, 784], name="images")
labels = tf.placeholder(tf.int64, [None], name="labels")

with tf.variable_scope("hidden"):
    weights = tf.get_variable("weights", [784, 512], initializer=tf.truncated_normal_initializer(stddev=0.05))
    biases = tf.get_variable("biases", [512], initializer=tf.zeros_initializer())
    hidden = tf.nn.relu(tf.matmul(images, weights) + biases)
with tf.variable_scope("output"):
    weights = tf.get_variable("weights", [512, 10], initializer=tf.truncated_normal_initializer(stddev=0.05))
    biases = tf.get_variable("biases", [10], initializer=tf.zeros_initializer())
    logits = tf.matmul(hidden, weights) + biases

loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
train = tf.train.AdamOptimizer(0.001).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    while mnist.train.epochs_completed < epochs:
        done = mnist.train.epochs_completed
        while mnist.train.epochs_completed == done:
            batch_images, batch_labels = mnist.train.next_batch(batch_size)
            _, batch_loss = sess.run([train, loss], feed_dict={images: batch_images, labels: batch_labels})
        acc = sess.run(accuracy, feed_dict={images: mnist.test.images, labels: mnist.test.labels})
        print("epoch {}: loss {:.3f}, accuracy on test-set {:.1%}".format(done + 1, batch_loss, acc))
