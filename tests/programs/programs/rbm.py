# A restricted Boltzmann machine by contrastive divergence.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(66)
data = (rng.rand(30, 12) < np.where(np.arange(30)[:, None] % 2, 0.9, 0.1)).astype(np.float32)
tf.set_random_seed(66)
x = tf.placeholder(tf.float32, [None, 12])
W = tf.Variable(tf.random_normal([12, 6], stddev=0.1), name="W")
bh, bv = tf.Variable(tf.zeros([1, 6]), name="bh"), tf.Variable(tf.zeros([1, 12]), name="bv")


def sample(probs):
    return tf.floor(probs + tf.random_uniform(tf.shape(probs), 0, 1))


def gibbs_step(xk):
    hk = sample(tf.sigmoid(tf.matmul(xk, W) + bh))
    return sample(tf.sigmoid(tf.matmul(hk, tf.transpose(W)) + bv))


h = tf.sigmoid(tf.matmul(x, W) + bh)
x_sample = tf.stop_gradient(gibbs_step(x))
h_sample = tf.sigmoid(tf.matmul(x_sample, W) + bh)
lr, size = 0.05, tf.cast(tf.shape(x)[0], tf.float32)
W_add = tf.multiply(lr / size, tf.subtract(tf.matmul(tf.transpose(x), h), tf.matmul(tf.transpose(x_sample), h_sample)))
updates = [W.assign_add(W_add), bv.assign_add(lr * tf.reduce_mean(x - x_sample, 0, True)),
           bh.assign_add(lr * tf.reduce_mean(h - h_sample, 0, True))]
recon = tf.sigmoid(tf.matmul(h, tf.transpose(W)) + bv)
error = tf.reduce_mean(tf.square(x - recon))
energy = -tf.reduce_mean(tf.reduce_sum(tf.nn.softplus(tf.matmul(x, W) + bh), 1) + tf.matmul(x, tf.transpose(bv))[:, 0])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(31):
        sess.run(updates, {x: data})
        if epoch % 10 == 0:
            print(epoch, "error %.3f free energy %.2f" % tuple(sess.run([error, energy], {x: data})))
