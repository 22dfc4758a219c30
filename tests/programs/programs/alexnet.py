# AlexNet in small: local response normalization, overlapping pools, grouped convolution.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(14)


def conv(x, filters, k, stride, name, groups=1, padding="SAME"):
    with tf.variable_scope(name):
        w = tf.get_variable("weights", [k, k, x.get_shape()[-1] // groups, filters], initializer=tf.truncated_normal_initializer(stddev=0.1))
        b = tf.get_variable("biases", [filters], initializer=tf.constant_initializer(0.1))
        convolve = lambda i, k: tf.nn.conv2d(i, k, strides=[1, stride, stride, 1], padding=padding)
        if groups == 1:
            out = convolve(x, w)
        else:
            parts = zip(tf.split(axis=3, num_or_size_splits=groups, value=x), tf.split(axis=3, num_or_size_splits=groups, value=w))
            out = tf.concat(axis=3, values=[convolve(i, k) for i, k in parts])
        return tf.nn.relu(tf.nn.bias_add(out, b), name=name)


tf.set_random_seed(14)
x = tf.placeholder(tf.float32, [None, 35, 35, 3])
y = tf.placeholder(tf.float32, [None, 4])
keep = tf.placeholder(tf.float32)
net = conv(x, 8, 7, 2, "conv1", padding="VALID")
net = tf.nn.max_pool(net, [1, 3, 3, 1], [1, 2, 2, 1], "VALID")
net = tf.nn.lrn(net, depth_radius=2, alpha=2e-05, beta=0.75, bias=1.0)
net = conv(net, 8, 3, 1, "conv2", groups=2)
net = tf.nn.max_pool(net, [1, 3, 3, 1], [1, 2, 2, 1], "VALID")
flat = tf.reshape(net, [-1, int(np.prod(net.get_shape()[1:]))])
fc = tf.nn.dropout(tf.nn.relu(tf.nn.xw_plus_b(flat, tf.Variable(tf.truncated_normal([72, 16], stddev=0.1)), tf.Variable(tf.zeros([16])))), keep)
score = tf.nn.xw_plus_b(fc, tf.Variable(tf.truncated_normal([16, 4], stddev=0.1)), tf.Variable(tf.zeros([4])))
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=score, labels=y))
grads = tf.gradients(loss, tf.trainable_variables())
train = tf.train.GradientDescentOptimizer(0.05).apply_gradients(list(zip(grads, tf.trainable_variables())))
images, labels = rng.rand(8, 35, 35, 3), np.eye(4)[rng.randint(0, 4, 8)]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print(flat.shape, [v.op.name for v in tf.trainable_variables()][:4])
    for i in range(6):
        print("%.4f" % sess.run([loss, train], {x: images, y: labels, keep: 1.0})[0])
