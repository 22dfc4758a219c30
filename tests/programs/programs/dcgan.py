# DCGAN: transposed convolutions with batch normalization against strided ones.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(26)
tf.set_random_seed(26)
is_training = tf.placeholder(tf.bool)


def leaky(x):
    return tf.maximum(x, 0.2 * x)


def generator(z):
    with tf.variable_scope("generator"):
        x = tf.reshape(tf.layers.dense(z, 4 * 4 * 8), [-1, 4, 4, 8])
        x = tf.nn.relu(tf.layers.batch_normalization(x, training=is_training))
        x = tf.layers.conv2d_transpose(x, 4, 5, 2, "same")
        x = tf.nn.relu(tf.layers.batch_normalization(x, training=is_training))
        return tf.tanh(tf.layers.conv2d_transpose(x, 1, 5, 2, "same"))


def discriminator(x):
    with tf.variable_scope("discriminator", reuse=tf.AUTO_REUSE):
        x = leaky(tf.layers.conv2d(x, 4, 5, 2, "same", name="c1"))
        x = leaky(tf.layers.conv2d(x, 8, 5, 2, "same", name="c2"))
        return tf.layers.dense(tf.layers.flatten(x), 1, name="out")


real = tf.placeholder(tf.float32, [None, 16, 16, 1])
z = tf.placeholder(tf.float32, [None, 10])
fake = generator(z)
d_real, d_fake = discriminator(real), discriminator(fake)
cross = lambda logits, value: tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logits, labels=tf.fill(tf.shape(logits), value)))
d_loss, g_loss = cross(d_real, 0.9) + cross(d_fake, 0.0), cross(d_fake, 1.0)
d_vars = [v for v in tf.trainable_variables() if v.name.startswith("discriminator")]
g_vars = [v for v in tf.trainable_variables() if v.name.startswith("generator")]
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    d_train = tf.train.AdamOptimizer(0.001, beta1=0.5).minimize(d_loss, var_list=d_vars)
    g_train = tf.train.AdamOptimizer(0.001, beta1=0.5).minimize(g_loss, var_list=g_vars)
print(fake.shape, len(d_vars), len(g_vars))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(5):
        feed = {real: rng.rand(6, 16, 16, 1) * 2 - 1, z: rng.uniform(-1, 1, (6, 10)), is_training: True}
        d, _ = sess.run([d_loss, d_train], feed)
        g, _ = sess.run([g_loss, g_train], feed)
        print("D %.4f G %.4f" % (d, g))
