# LeNet-5 of tf.layers, on digits.
import numpy as np
import tensorflow as tf
from tensorflow.examples.tutorials.mnist import input_data

mnist = input_data.read_data_sets("MNIST_data", one_hot=False)
np.random.seed(13)
tf.set_random_seed(13)
images = tf.placeholder(tf.float32, [None, 784])
labels = tf.placeholder(tf.int64, [None])
net = tf.reshape(images, [-1, 28, 28, 1])
net = tf.layers.conv2d(net, 6, 5, padding="same", activation=tf.nn.relu, name="conv1")
net = tf.layers.max_pooling2d(net, 2, 2, name="pool1")
net = tf.layers.conv2d(net, 16, 5, activation=tf.nn.relu, name="conv2")
net = tf.layers.average_pooling2d(net, 2, 2, name="pool2")
print(net.shape)
net = tf.layers.flatten(net)
net = tf.layers.dense(net, 32, tf.nn.relu, name="fc1")
logits = tf.layers.dense(net, 10, name="fc2")
loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
train = tf.train.AdamOptimizer(1e-3).minimize(loss)
accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(logits, 1), labels), tf.float32))
for v in tf.trainable_variables():
    print(v.name, v.shape.as_list())
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(8):
        xs, ys = mnist.train.images[i * 32:i * 32 + 32], mnist.train.labels[i * 32:i * 32 + 32]
        _, now = sess.run([train, loss], {images: xs, labels: ys})
        if i % 2 == 0:
            print(i, "loss %.3f" % now)
    print(sess.run(accuracy, {images: mnist.test.images[:50], labels: mnist.test.labels[:50]}) >= 0)
