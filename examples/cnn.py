"""Digits by a convolutional network: above 97 % on the full MNIST after five epochs.

From a TensorFlow workshop's slides. Run it with `graphflow run examples/cnn.py`.
"""

import sys
import time

import numpy as np
import tensorflow as tf

from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)

img_size = 28
img_size_flat = img_size * img_size
img_shape = (img_size, img_size)
num_classes = 10

# added: the sizes that the slides describe in words
num_channels = 1
filter_size1, num_filters1 = 5, 16
filter_size2, num_filters2 = 5, 36
fc_size = 128

def weight_variable(shape):
    initial = tf.truncated_normal(shape, stddev=0.05)
    return tf.Variable(initial)

def new_biases(length):
    return tf.Variable(tf.constant(0.05, shape=[length]))

def new_conv_layer(input,              # The previous layer.
                   num_input_channels, # Num. channels in prev. layer.
                   filter_size,        # Width and height of each filter.
                   num_filters,        # Number of filters.
                   use_pooling=True):  # Use 2x2 max-pooling.
    # added: the body, which the slides leave out
    weights = weight_variable([filter_size, filter_size, num_input_channels, num_filters])
    layer = tf.nn.conv2d(input, weights, strides=[1, 1, 1, 1], padding='SAME') + new_biases(num_filters)
    if use_pooling:
        layer = tf.nn.max_pool(layer, ksize=[1, 2, 2, 1], strides=[1, 2, 2, 1], padding='SAME')
    layer = tf.nn.relu(layer)
    return layer, weights

def flatten_layer(layer):
    # added: the body, which the slides leave out
    num_features = layer.get_shape()[1:4].num_elements()
    layer_flat = tf.reshape(layer, [-1, num_features])
    # return both the flatten layer and number of features
    return layer_flat, num_features

def new_fc_layer(input,          # The previous layer.
                 num_inputs,     # Num. inputs from prev. layer.
                 num_outputs,    # Num. outputs.
                 use_relu=True): # Use Rectified Linear Unit (ReLU)?
    # added: the body, which the slides leave out
    # create new weights and biases
    weights = weight_variable([num_inputs, num_outputs])
    biases = new_biases(num_outputs)
    # calculate new layer
    layer = tf.matmul(input, weights) + biases
    # use ReLU?
    if use_relu:
        layer = tf.nn.relu(layer)
    return layer

x = tf.placeholder(tf.float32, shape=[None, img_size_flat], name='x')
x_image = tf.reshape(x, [-1, img_size, img_size, num_channels])
y_true = tf.placeholder(tf.float32, shape=[None, num_classes], name='y_true')
y_true_cls = tf.argmax(y_true, axis=1)

layer_conv1, weights_conv1 = \
    new_conv_layer(input=x_image,
                   num_input_channels=num_channels,
                   filter_size=filter_size1,
                   num_filters=num_filters1,
                   use_pooling=True)
layer_conv2, weights_conv2 = \
    new_conv_layer(input=layer_conv1,
                   num_input_channels=num_filters1,
                   filter_size=filter_size2,
                   num_filters=num_filters2,
                   use_pooling=True)
layer_flat, num_features = flatten_layer(layer_conv2)
layer_fc1 = new_fc_layer(input=layer_flat,
                         num_inputs=num_features,
                         num_outputs=fc_size,
                         use_relu=True)
layer_fc2 = new_fc_layer(input=layer_fc1,
                         num_inputs=fc_size,
                         num_outputs=num_classes,
                         use_relu=False)

y_pred = tf.nn.softmax(layer_fc2)
y_pred_cls = tf.argmax(y_pred, axis=1)
cross_entropy = tf.nn.softmax_cross_entropy_with_logits(logits=layer_fc2, labels=y_true)
cost = tf.reduce_mean(cross_entropy)
optimizer = tf.train.AdamOptimizer(learning_rate=1e-4).minimize(cost)
correct_prediction = tf.equal(y_pred_cls, y_true_cls)
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))

# added: the training loop, which the slides leave out
session = tf.Session()
session.run(tf.global_variables_initializer())
batch_size = 64

def print_accuracy(steps, seconds):
    # the test set in pieces: its patches all at once would need gigabytes
    pieces = range(0, mnist.test.num_examples, 1000)
    acc = np.mean([session.run(accuracy, feed_dict={x: mnist.test.images[i:i + 1000], y_true: mnist.test.labels[i:i + 1000]})
                   for i in pieces])
    print("epoch {0}, {1} steps, {2:.0f} s. Accuracy on test-set: {3:.1%}".format(
        mnist.train.epochs_completed, steps, seconds, acc), flush=True)

num_iterations = 20 if "--small" in sys.argv else 5 * (mnist.train.num_examples // batch_size + 1)
report_every = min(num_iterations, mnist.train.num_examples // batch_size + 1)
start = time.time()
for step in range(1, num_iterations + 1):
    x_batch, y_true_batch = mnist.train.next_batch(batch_size)
    session.run(optimizer, feed_dict={x: x_batch, y_true: y_true_batch})
    if step % report_every == 0:
        print_accuracy(step, time.time() - start)
