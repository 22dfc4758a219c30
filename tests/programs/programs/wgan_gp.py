# A Wasserstein GAN with a penalty on the gradient: second derivatives.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(27)
tf.set_random_seed(27)


def dense(x, size, name, activation=None):
    w = tf.get_variable(name + "_w", [x.shape[1], size], initializer=tf.glorot_normal_initializer())
    b = tf.get_variable(name + "_b", [size], initializer=tf.zeros_initializer())
    y = tf.matmul(x, w) + b
    return activation(y) if activation else y


def critic(x, reuse):
    with tf.variable_scope("critic", reuse=reuse):
        return dense(dense(x, 12, "h", tf.tanh), 1, "o")


real = tf.placeholder(tf.float32, [None, 2])
noise = tf.placeholder(tf.float32, [None, 3])
with tf.variable_scope("generator"):
    fake = dense(dense(noise, 12, "h", tf.nn.elu), 2, "o")
w_distance = tf.reduce_mean(critic(real, False)) - tf.reduce_mean(critic(fake, True))
alpha = tf.random_uniform([tf.shape(real)[0], 1])
between = real + alpha * (fake - real)
slopes = tf.sqrt(tf.reduce_sum(tf.square(tf.gradients(critic(between, True), [between])[0]), reduction_indices=[1]))
penalty = tf.reduce_mean((slopes - 1.) ** 2)
critic_loss = -w_distance + 10 * penalty
generator_loss = w_distance
c_vars = [v for v in tf.trainable_variables() if "critic" in v.name]
g_vars = [v for v in tf.trainable_variables() if "generator" in v.name]
c_train = tf.train.AdamOptimizer(0.005, beta1=0.5, beta2=0.9).minimize(critic_loss, var_list=c_vars)
g_train = tf.train.AdamOptimizer(0.005, beta1=0.5, beta2=0.9).minimize(generator_loss, var_list=g_vars)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(12):
        feed = {real: rng.randn(24, 2) + [2, -1], noise: rng.randn(24, 3)}
        for _ in range(2):
            value, gp, _ = sess.run([critic_loss, penalty, c_train], feed)
        sess.run(g_train, feed)
        if i % 4 == 0:
            print("critic %.3f penalty %.4f" % (value, gp))
