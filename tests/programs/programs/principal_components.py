# Principal components by a singular value decomposition, and by Oja's rule.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(8)
X = rng.randn(100, 5).dot(np.diag([3.0, 1.5, 0.5, 0.2, 0.1])).astype(np.float32)
centred = X - X.mean(0)
x = tf.placeholder(tf.float32, [None, 5])
s, u, v = tf.svd(x)
share = tf.cumsum(tf.square(s)) / tf.reduce_sum(tf.square(s))
two = tf.matmul(x, v[:, :2])
back = tf.matmul(two, v[:, :2], transpose_b=True)
error = tf.reduce_mean(tf.square(back - x))

w = tf.Variable(tf.ones([5, 1]) / np.sqrt(5.0))
y = tf.matmul(x, w)
oja = w.assign_add(0.02 * (tf.matmul(x, y, transpose_a=True) / 100.0 - w * tf.reduce_mean(tf.square(y))))
alike = tf.abs(tf.reduce_sum(w[:, 0] * v[:, 0])) / tf.norm(w)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    print("singular values", np.round(sess.run(s, {x: centred}), 3).tolist())
    print("share", np.round(sess.run(share, {x: centred}), 4).tolist())
    print("shape", sess.run(two, {x: centred}).shape, "error %.5f" % sess.run(error, {x: centred}))
    for i in range(150):
        sess.run(oja, {x: centred})
    print("cosine with the first %.4f" % sess.run(alike, {x: centred}))
