# A fully convolutional network: bilinear upsampling filters and a loss for each pixel.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(32)
tf.set_random_seed(32)


def bilinear(size, channels):
    factor = (size + 1) // 2
    center = factor - 0.5 if size % 2 == 0 else factor - 1
    grid = (1 - abs(np.arange(size) - center) / factor)
    weights = np.zeros([size, size, channels, channels], np.float32)
    for c in range(channels):
        weights[:, :, c, c] = np.outer(grid, grid)
    return tf.get_variable("up_filter", initializer=weights)


image = tf.placeholder(tf.float32, [2, 16, 16, 3])
annotation = tf.placeholder(tf.int32, [2, 16, 16, 1])
net = tf.layers.conv2d(image, 6, 3, 2, "same", activation=tf.nn.relu)
skip = net
net = tf.layers.conv2d(net, 8, 3, 2, "same", activation=tf.nn.relu)
score = tf.layers.conv2d(net, 4, 1)
with tf.variable_scope("upscore"):
    up = tf.nn.conv2d_transpose(score, bilinear(4, 4), tf.stack([2, 8, 8, 4]), [1, 2, 2, 1], "SAME")
fused = tf.add(up, tf.layers.conv2d(skip, 4, 1))
logits = tf.image.resize_bilinear(fused, [16, 16])
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(logits=logits, labels=tf.squeeze(annotation, squeeze_dims=[3])))
prediction = tf.expand_dims(tf.argmax(logits, axis=3), axis=3)
iou, update = tf.metrics.mean_iou(annotation, prediction, 4)
train = tf.train.AdamOptimizer(0.01).minimize(loss)
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    feed = {image: rng.rand(2, 16, 16, 3), annotation: rng.randint(0, 4, (2, 16, 16, 1))}
    for i in range(6):
        print("%.4f" % sess.run([loss, train, update], feed)[0])
    print("mean IoU %.2f" % sess.run(iou), prediction.shape)
