# GloVe: weighted least squares on the logarithms of co-occurrences.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(11)
counts = np.maximum(rng.poisson(2.0, (12, 12)), 0)
counts = counts + counts.T
rows, columns = np.nonzero(counts)
values = counts[rows, columns].astype(np.float32)

i, j = tf.placeholder(tf.int32, [None]), tf.placeholder(tf.int32, [None])
x = tf.placeholder(tf.float32, [None])
tf.set_random_seed(11)
W = tf.Variable(tf.random_uniform([12, 4], -0.5, 0.5))
C = tf.Variable(tf.random_uniform([12, 4], -0.5, 0.5))
wb, cb = tf.Variable(tf.zeros([12])), tf.Variable(tf.zeros([12]))
focal, context = tf.nn.embedding_lookup([W], i), tf.nn.embedding_lookup([C], j)
weight = tf.minimum(1.0, tf.pow(x / 8.0, 0.75))
dot = tf.reduce_sum(tf.multiply(focal, context), 1)
error = tf.square(dot + tf.gather(wb, i) + tf.gather(cb, j) - tf.log(x))
loss = tf.reduce_sum(tf.multiply(weight, error))
train = tf.train.AdagradOptimizer(0.1).minimize(loss)
combined = tf.add(W, C, name="combined")

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {i: rows, j: columns, x: values}
    for epoch in range(41):
        now, _ = sess.run([loss, train], feed)
        if epoch % 20 == 0:
            print("epoch %d loss %.4f" % (epoch, now))
    print(combined.name, sess.run(combined).shape, "mean %.4f" % sess.run(combined).mean())
