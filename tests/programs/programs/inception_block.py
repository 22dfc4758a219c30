# The inception block of GoogLeNet: four branches side by side.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(16)
tf.set_random_seed(16)


def conv(x, filters, size, name, strides=1):
    return tf.layers.conv2d(x, filters, size, strides, "same", activation=tf.nn.relu, name=name)


def inception(x, a, b, c, d, name):
    with tf.variable_scope(name):
        branches = [conv(x, a, 1, "1x1"),
                    conv(conv(x, b[0], 1, "3x3_reduce"), b[1], 3, "3x3"),
                    conv(conv(x, c[0], 1, "5x5_reduce"), c[1], 5, "5x5"),
                    conv(tf.layers.max_pooling2d(x, 3, 1, "same"), d, 1, "pool_proj")]
        return tf.concat(branches, axis=3, name="concat")


x = tf.placeholder(tf.float32, [None, 12, 12, 3])
y = tf.placeholder(tf.int64, [None])
net = conv(x, 6, 3, "stem", 2)
net = inception(net, 2, (2, 4), (1, 2), 2, "inception_3a")
net = inception(net, 4, (2, 4), (1, 2), 2, "inception_3b")
auxiliary = tf.layers.dense(tf.reduce_mean(net, [1, 2]), 5, name="aux")
logits = tf.layers.dense(tf.layers.flatten(net), 5, name="main")
main_loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
tf.losses.sparse_softmax_cross_entropy(y, auxiliary, weights=0.3)
total = tf.losses.get_total_loss()
train = tf.train.MomentumOptimizer(0.05, 0.9, use_nesterov=True).minimize(total)
print(net.name, net.shape, len(tf.losses.get_losses()), sum(int(np.prod(v.shape.as_list())) for v in tf.trainable_variables()))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.rand(10, 12, 12, 3), y: np.arange(10) % 5}
    for i in range(8):
        print("total %.4f main %.4f" % tuple(sess.run([total, main_loss, train], feed)[:2]))
