# A residual network with batch normalization, whose moving averages are updated beside the training.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(17)
tf.set_random_seed(17)
training = tf.placeholder_with_default(True, [], name="training")


def norm_relu(x):
    return tf.nn.relu(tf.layers.batch_normalization(x, momentum=0.9, training=training))


def residual(x, filters, strides, name):
    with tf.variable_scope(name):
        shortcut = x if strides == 1 else tf.layers.conv2d(x, filters, 1, strides, use_bias=False, name="projection")
        y = tf.layers.conv2d(norm_relu(x), filters, 3, strides, "same", use_bias=False, name="conv1")
        return shortcut + tf.layers.conv2d(norm_relu(y), filters, 3, 1, "same", use_bias=False, name="conv2")


x = tf.placeholder(tf.float32, [None, 8, 8, 3])
y = tf.placeholder(tf.int32, [None])
net = tf.layers.conv2d(x, 4, 3, padding="same", use_bias=False)
for i, (filters, strides) in enumerate(((4, 1), (8, 2), (8, 1))):
    net = residual(net, filters, strides, "block%d" % i)
logits = tf.layers.dense(tf.reduce_mean(norm_relu(net), [1, 2]), 3)
loss = tf.losses.sparse_softmax_cross_entropy(y, logits)
update_ops = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
with tf.control_dependencies(update_ops):
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
print(len(update_ops), len(tf.trainable_variables()), len(tf.global_variables()))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.randn(12, 8, 8, 3), y: np.arange(12) % 3}
    for i in range(6):
        print("%.4f" % sess.run([loss, train], feed)[0])
    print("evaluated %.3f" % sess.run(loss, {**feed, training: False}))
    moving = [v for v in tf.global_variables() if "moving_mean" in v.name][0]
    print(moving.name, np.round(sess.run(moving), 4).tolist())
