"""LeNet on digits with a slim training loop and queues; a second call goes on from its checkpoint."""
import tensorflow as tf
import tensorflow.contrib.slim as slim
import numpy as np, sys
from tensorflow.examples.tutorials.mnist import input_data
tf.logging.set_verbosity(tf.logging.INFO)
mnist = input_data.read_data_sets("MNIST_data", one_hot=True)
logdir = sys.argv[1]
def lenet(images, is_training=True):
    with slim.arg_scope([slim.conv2d, slim.fully_connected], weights_initializer=tf.truncated_normal_initializer(stddev=0.1),
                        weights_regularizer=slim.l2_regularizer(0.0005)):
        net = slim.conv2d(images, 20, [5,5], scope='conv1')
        net = slim.max_pool2d(net, [2,2], scope='pool1')
        net = slim.conv2d(net, 50, [5,5], scope='conv2', normalizer_fn=slim.batch_norm, normalizer_params={'is_training': is_training})
        net = slim.max_pool2d(net, [2,2], scope='pool2')
        net = slim.flatten(net, scope='flatten3')
        net = slim.fully_connected(net, 100, scope='fc4')
        net = slim.dropout(net, 0.5, is_training=is_training)
        return slim.fully_connected(net, 10, activation_fn=None, scope='fc5')
tf.set_random_seed(1)
x, y = mnist.train.images[:2000].reshape(-1,28,28,1), mnist.train.labels[:2000]
images, labels = tf.train.slice_input_producer([tf.constant(x), tf.constant(y)], seed=1)
images, labels = tf.train.batch([images, labels], 64)
logits = lenet(images)
slim.losses.softmax_cross_entropy(logits, labels)
total = slim.losses.get_total_loss()
tf.summary.scalar('losses/total', total)
train_op = slim.learning.create_train_op(total, tf.train.AdamOptimizer(0.001))
loss = slim.learning.train(train_op, logdir, number_of_steps=30, log_every_n_steps=10, save_summaries_secs=1, save_interval_secs=60)
print('final', loss)
loss = slim.learning.train(train_op, logdir, number_of_steps=33, log_every_n_steps=1)
print('final', loss)
