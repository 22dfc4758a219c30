# MobileNet: depthwise and pointwise convolutions.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(19)
tf.set_random_seed(19)
x = tf.placeholder(tf.float32, [4, 16, 16, 3])
net = tf.nn.relu6(tf.layers.conv2d(x, 4, 3, 2, "same", name="stem"))
for i, (filters, stride) in enumerate(((8, 1), (8, 2), (16, 1))):
    with tf.variable_scope("separable%d" % i):
        depthwise = tf.get_variable("depthwise", [3, 3, net.shape[-1], 1], initializer=tf.glorot_normal_initializer())
        pointwise = tf.get_variable("pointwise", [1, 1, net.shape[-1], filters], initializer=tf.glorot_normal_initializer())
        if stride == 1:
            net = tf.nn.separable_conv2d(net, depthwise, pointwise, [1, 1, 1, 1], "SAME")
        else:
            net = tf.nn.depthwise_conv2d(net, depthwise, [1, stride, stride, 1], "SAME")
            net = tf.nn.conv2d(net, pointwise, [1, 1, 1, 1], "SAME")
        net = tf.nn.relu6(net)
        print(net.op.name, net.get_shape().as_list())
net = tf.layers.separable_conv2d(net, 4, 3, activation=tf.nn.elu, name="last")
logits = tf.squeeze(tf.nn.avg_pool(net, [1, 2, 2, 1], [1, 1, 1, 1], "VALID"), [1, 2])
loss = tf.losses.softmax_cross_entropy(tf.one_hot([0, 1, 2, 3], 4), logits, label_smoothing=0.1)
train = tf.train.AdamOptimizer(0.01).minimize(loss)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    feed = {x: rng.rand(4, 16, 16, 3)}
    for i in range(5):
        print("%.4f" % sess.run([loss, train], feed)[0])
