# U-Net in small for pix2pix: skips between encoder and decoder, and a Dice loss.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(28)
tf.set_random_seed(28)


def down(x, filters, name):
    y = tf.layers.conv2d(x, filters, 3, padding="same", activation=tf.nn.relu, name=name)
    return y, tf.layers.max_pooling2d(y, 2, 2)


def up(x, skip, filters, name):
    y = tf.image.resize_nearest_neighbor(x, tf.shape(skip)[1:3])
    y = tf.layers.conv2d(y, filters, 2, padding="same", name=name + "_up")
    y = tf.concat([y, skip], -1)
    return tf.layers.conv2d(y, filters, 3, padding="same", activation=tf.nn.relu, name=name)


x = tf.placeholder(tf.float32, [None, None, None, 1])
mask = tf.placeholder(tf.float32, [None, None, None, 1])
s1, net = down(x, 4, "down1")
s2, net = down(net, 8, "down2")
net = tf.layers.conv2d(net, 8, 3, padding="same", activation=tf.nn.relu, name="bottom")
net = up(net, s2, 8, "up2")
net = up(net, s1, 4, "up1")
output = tf.nn.sigmoid(tf.layers.conv2d(net, 1, 1, name="out"))
intersection = tf.reduce_sum(output * mask)
dice = 1 - (2. * intersection + 1) / (tf.reduce_sum(output) + tf.reduce_sum(mask) + 1)
train = tf.train.AdamOptimizer(0.005).minimize(dice)
print(output.shape)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    picture = rng.rand(2, 12, 16, 1)
    for i in range(8):
        value, made, _ = sess.run([dice, output, train], {x: picture, mask: picture > 0.6})
        print(made.shape, "%.4f" % value)
