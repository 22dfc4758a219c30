# A denoising autoencoder: masked inputs, tied weights.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(22)
data = (rng.rand(40, 20) < np.tile([0.9, 0.1], 10)).astype(np.float32)
tf.set_random_seed(22)
X = tf.placeholder(tf.float32, [None, 20], name="X")
mask = tf.placeholder(tf.float32, [None, 20], name="mask")
W_init_max = 4 * np.sqrt(6. / (20 + 10))
W = tf.Variable(tf.random_uniform(shape=[20, 10], minval=-W_init_max, maxval=W_init_max), name="W")
b = tf.Variable(tf.zeros([10]), name="b")
W_prime = tf.transpose(W)
b_prime = tf.Variable(tf.zeros([20]), name="b_prime")


def model(X, mask, W, b, W_prime, b_prime):
    tilde_X = mask * X
    Y = tf.nn.sigmoid(tf.matmul(tilde_X, W) + b)
    return tf.nn.sigmoid(tf.matmul(Y, W_prime) + b_prime)


Z = model(X, mask, W, b, W_prime, b_prime)
cost = tf.reduce_sum(tf.pow(X - Z, 2))
train_op = tf.train.GradientDescentOptimizer(0.02).minimize(cost)
with tf.Session() as sess:
    tf.global_variables_initializer().run()
    for i in range(30):
        noise = rng.binomial(1, 0.7, data.shape)
        sess.run(train_op, feed_dict={X: data, mask: noise})
        if i % 10 == 9:
            print(i, "%.3f" % sess.run(cost, {X: data, mask: np.ones_like(data)}))
