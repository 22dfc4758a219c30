# DenseNet: each layer sees all before it.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(18)
tf.set_random_seed(18)
phase = tf.placeholder(tf.bool, name="phase")


def dense_block(x, layers, growth, name):
    with tf.variable_scope(name):
        for i in range(layers):
            with tf.variable_scope("layer%d" % i):
                y = tf.nn.relu(tf.layers.batch_normalization(x, training=phase, fused=True))
                y = tf.layers.conv2d(y, growth, 3, padding="same", use_bias=False)
                x = tf.concat([x, tf.layers.dropout(y, 0.1, training=False)], 3)
        return x


def transition(x, name):
    with tf.variable_scope(name):
        filters = int(x.get_shape()[-1]) // 2
        return tf.layers.average_pooling2d(tf.layers.conv2d(x, filters, 1, use_bias=False), 2, 2)


x = tf.placeholder(tf.float32, [None, 8, 8, 2])
y = tf.placeholder(tf.float32, [None, 2])
net = tf.layers.conv2d(x, 4, 3, padding="same")
net = transition(dense_block(net, 3, 2, "block1"), "transition1")
net = dense_block(net, 2, 2, "block2")
logits = tf.layers.dense(tf.reduce_mean(net, [1, 2]), 2)
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits_v2(labels=y, logits=logits))
l2 = tf.add_n([tf.nn.l2_loss(v) for v in tf.trainable_variables() if "kernel" in v.name])
with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
    train = tf.train.GradientDescentOptimizer(0.1).minimize(loss + 1e-4 * l2)
print(net.shape, len(tf.trainable_variables()))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.randn(8, 8, 8, 2), y: np.eye(2)[np.arange(8) % 2]}
    for i in range(6):
        print("%.4f" % sess.run([loss, train], {**feed, phase: True})[0])
    print("evaluated %.4f" % sess.run(loss, {**feed, phase: False}))
