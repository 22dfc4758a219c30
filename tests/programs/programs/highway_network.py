# Highway layers, maxout and selu beside each other.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(62)
tf.set_random_seed(62)


def highway(x, size, i):
    with tf.variable_scope("highway_%d" % i):
        H = tf.layers.dense(x, size, tf.nn.tanh, name="H")
        T = tf.layers.dense(x, size, tf.sigmoid, bias_initializer=tf.constant_initializer(-1.0), name="T")
        return tf.add(tf.multiply(H, T), tf.multiply(x, 1.0 - T), name="y")


def maxout(x, units):
    shape = x.get_shape().as_list()
    return tf.reduce_max(tf.reshape(x, [-1, units, shape[1] // units]), -1)


x = tf.placeholder(tf.float32, [None, 8])
y = tf.placeholder(tf.float32, [None, 1])
net = x
for i in range(4):
    net = highway(net, 8, i)
net = maxout(tf.layers.dense(net, 12), 4)
net = tf.nn.selu(tf.layers.dense(net, 4))
out = tf.layers.dense(net, 1)
loss = tf.losses.huber_loss(y, out, delta=0.5)
optimizer = tf.train.AdadeltaOptimizer(1.0)
train = optimizer.minimize(loss)
print(net.shape, optimizer.get_slot_names(), [v.name for v in tf.trainable_variables()][:4])
data = rng.randn(30, 8)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(13):
        value, _ = sess.run([loss, train], {x: data, y: np.sin(data[:, :1])})
        if i % 4 == 0:
            print(i, "%.5f" % value)
