"""A variational autoencoder of digits with tf.contrib.slim (Kingma and Welling, 2013)."""
import numpy as np, tensorflow as tf
slim = tf.contrib.slim
from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("data", one_hot=True)
np.random.seed(0); tf.set_random_seed(0)
x = tf.placeholder(tf.float32, [None, 784])
with slim.arg_scope([slim.fully_connected], activation_fn=tf.nn.softplus, weights_initializer=slim.xavier_initializer()):
    h = slim.stack(x, slim.fully_connected, [64, 64], scope='enc')
    mu = slim.fully_connected(h, 8, activation_fn=None, scope='mu'); ls = slim.fully_connected(h, 8, activation_fn=None, scope='ls')
    z = mu + tf.exp(0.5*ls)*tf.random_normal(tf.shape(mu))
    g = slim.repeat(z, 2, slim.fully_connected, 64, scope='dec')
    logits = slim.fully_connected(g, 784, activation_fn=None)
rec = tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits), 1)
kl = -0.5*tf.reduce_sum(1+ls-mu**2-tf.exp(ls), 1)
loss = tf.reduce_mean(rec+kl)
op = tf.contrib.layers.optimize_loss(loss, tf.contrib.framework.get_or_create_global_step(), learning_rate=1e-3, optimizer='Adam', clip_gradients=5.0)
slim.model_analyzer.analyze_vars(slim.get_model_variables(), print_info=True)
with tf.Session() as s:
    s.run(tf.global_variables_initializer())
    for i in range(200):
        l = s.run(op, {x: mnist.train.next_batch(100)[0]})
        if i % 50 == 0: print(i, l)
