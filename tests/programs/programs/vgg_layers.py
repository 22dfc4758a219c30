# VGG in small by a table of blocks; weights decay through a collection.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(15)
tf.set_random_seed(15)


def block(x, count, filters, name):
    with tf.variable_scope(name):
        for k in range(1, count + 1):
            kernel = tf.get_variable("w%d" % k, [3, 3, x.shape[-1].value, filters], initializer=tf.variance_scaling_initializer(2.0))
            tf.add_to_collection("losses", 1e-3 * tf.nn.l2_loss(kernel))
            x = tf.nn.relu(tf.nn.conv2d(x, kernel, [1, 1, 1, 1], "SAME"))
        return tf.nn.max_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "SAME", name="pool")


x = tf.placeholder(tf.float32, [None, 16, 16, 3], "images")
labels = tf.placeholder(tf.int32, [None])
mean = tf.constant([123.68, 116.779, 103.939], shape=[1, 1, 1, 3], name="img_mean")
net = (x - mean) / 255.0
for name, count, filters in (("block1", 1, 4), ("block2", 2, 8), ("block3", 2, 8)):
    net = block(net, count, filters, name)
logits = tf.reduce_mean(tf.nn.conv2d(net, tf.get_variable("fc", [1, 1, 8, 3], initializer=tf.glorot_uniform_initializer()), [1, 1, 1, 1], "VALID"), [1, 2])
entropy = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
tf.add_to_collection("losses", entropy)
total = tf.add_n(tf.get_collection("losses"), name="total_loss")
train = tf.train.RMSPropOptimizer(0.002, decay=0.9, momentum=0.9).minimize(total)
print(len(tf.get_collection("losses")), net.shape, total.name)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.randint(0, 255, (6, 16, 16, 3)), labels: [0, 1, 2, 0, 1, 2]}
    for i in range(6):
        print("total %.4f entropy %.4f" % tuple(sess.run([total, entropy, train], feed)[:2]))
