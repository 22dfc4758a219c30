# Style transfer: content and Gram matrices of a fixed network, gradient steps on the picture.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(30)
filters = [tf.constant(rng.randn(3, 3, 3, 4) * 0.2, tf.float32), tf.constant(rng.randn(3, 3, 4, 6) * 0.2, tf.float32)]


def features(image):
    found, net = [], image
    for w in filters:
        net = tf.nn.relu(tf.nn.conv2d(net, w, [1, 1, 1, 1], "SAME"))
        found.append(net)
        net = tf.nn.avg_pool(net, [1, 2, 2, 1], [1, 2, 2, 1], "SAME")
    return found


def gram(x):
    channels = int(x.get_shape()[3])
    matrix = tf.reshape(x, shape=[-1, channels])
    return tf.matmul(tf.transpose(matrix), matrix) / tf.to_float(tf.size(x))


content, style = rng.rand(1, 12, 12, 3).astype(np.float32), rng.rand(1, 12, 12, 3).astype(np.float32)
with tf.Session() as sess:
    content_values = sess.run(features(tf.constant(content)))
    style_values = sess.run([gram(f) for f in features(tf.constant(style))])
    image = tf.Variable(content * 0.5 + 0.25, name="image")
    found = features(image)
    content_loss = tf.reduce_mean(tf.square(found[1] - content_values[1]))
    style_loss = tf.add_n([tf.reduce_sum(tf.square(gram(f) - g)) for f, g in zip(found, style_values)])
    variation = tf.reduce_mean(tf.image.total_variation(image))
    loss = content_loss + 10 * style_loss + 1e-4 * variation
    step = tf.train.AdamOptimizer(0.02).minimize(loss, var_list=[image])
    sess.run(tf.global_variables_initializer())
    for i in range(9):
        values = sess.run([loss, content_loss, style_loss, step])
        if i % 4 == 0:
            print(i, "loss %.5f content %.5f style %.6f" % tuple(values[:3]))
