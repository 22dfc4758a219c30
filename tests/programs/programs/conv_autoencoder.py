# A convolutional autoencoder: transposed convolutions make images again.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(23)
tf.set_random_seed(23)
images = tf.placeholder(tf.float32, [None, 16, 16, 1])


def lrelu(x, leak=0.2):
    return 0.5 * (1 + leak) * x + 0.5 * (1 - leak) * tf.abs(x)


current, encoder, shapes = images, [], []
for i, n_output in enumerate([4, 8]):
    n_input = current.get_shape().as_list()[3]
    shapes.append(current.get_shape().as_list())
    W = tf.Variable(tf.random_uniform([3, 3, n_input, n_output], -1.0 / np.sqrt(n_input), 1.0 / np.sqrt(n_input)))
    b = tf.Variable(tf.zeros([n_output]))
    encoder.append(W)
    current = lrelu(tf.add(tf.nn.conv2d(current, W, strides=[1, 2, 2, 1], padding="SAME"), b))
z = current
for W, shape in zip(reversed(encoder), reversed(shapes)):
    b = tf.Variable(tf.zeros([W.get_shape().as_list()[2]]))
    output_shape = tf.stack([tf.shape(images)[0], shape[1], shape[2], shape[3]])
    current = lrelu(tf.add(tf.nn.conv2d_transpose(current, W, output_shape, strides=[1, 2, 2, 1], padding="SAME"), b))
y = current
cost = tf.reduce_sum(tf.square(y - images))
optimizer = tf.train.AdamOptimizer(0.01).minimize(cost)
print(z.shape, y.shape)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    batch = rng.rand(6, 16, 16, 1)
    for step in range(8):
        print("%.3f" % sess.run([cost, optimizer], {images: batch})[0])
