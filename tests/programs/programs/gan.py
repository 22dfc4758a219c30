# A generative adversarial network on a line: two sets of variables, two optimizers.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(25)
tf.set_random_seed(25)
X = tf.placeholder(tf.float32, shape=[None, 1], name="X")
Z = tf.placeholder(tf.float32, shape=[None, 2], name="Z")


def generator(z):
    with tf.variable_scope("generator"):
        h = tf.layers.dense(z, 8, tf.nn.softplus, name="h")
        return tf.layers.dense(h, 1, name="out")


def discriminator(x, reuse=None):
    with tf.variable_scope("discriminator", reuse=reuse):
        h = tf.layers.dense(x, 8, tf.nn.tanh, name="h")
        logit = tf.layers.dense(h, 1, name="out")
        return tf.nn.sigmoid(logit), logit


G_sample = generator(Z)
D_real, D_logit_real = discriminator(X)
D_fake, D_logit_fake = discriminator(G_sample, reuse=True)
D_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_real, labels=tf.ones_like(D_logit_real))) + \
    tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_fake, labels=tf.zeros_like(D_logit_fake)))
G_loss = tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=D_logit_fake, labels=tf.ones_like(D_logit_fake)))
theta_D = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="discriminator")
theta_G = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="generator")
D_solver = tf.train.AdamOptimizer(0.01).minimize(D_loss, var_list=theta_D)
G_solver = tf.train.AdamOptimizer(0.01).minimize(G_loss, var_list=theta_G)
print([v.name for v in theta_D], len(theta_G))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for it in range(40):
        x, z = rng.randn(32, 1) * 0.5 + 4, rng.uniform(-1, 1, (32, 2))
        _, d = sess.run([D_solver, D_loss], {X: x, Z: z})
        _, g = sess.run([G_solver, G_loss], {Z: z})
        if it % 10 == 0:
            print("%d D %.4f G %.4f" % (it, d, g))
