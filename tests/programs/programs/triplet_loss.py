# Triplets by the hardest examples of a batch, with masks.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(60)
tf.set_random_seed(60)


def pairwise(embeddings):
    dot = tf.matmul(embeddings, tf.transpose(embeddings))
    square = tf.diag_part(dot)
    distances = tf.maximum(tf.expand_dims(square, 1) - 2.0 * dot + tf.expand_dims(square, 0), 0.0)
    mask = tf.to_float(tf.equal(distances, 0.0))
    return (1.0 - mask) * tf.sqrt(distances + mask * 1e-16)


x, labels = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int64, [None])
embeddings = tf.nn.l2_normalize(tf.layers.dense(tf.layers.dense(x, 8, tf.nn.relu), 3), 1)
distances = pairwise(embeddings)
same = tf.equal(tf.expand_dims(labels, 0), tf.expand_dims(labels, 1))
other = tf.logical_not(tf.cast(tf.eye(tf.shape(labels)[0]), tf.bool))
positive = tf.to_float(tf.logical_and(same, other))
hardest_positive = tf.reduce_max(positive * distances, axis=1, keepdims=True)
negative = tf.to_float(tf.logical_not(same))
largest = tf.reduce_max(distances, axis=1, keepdims=True)
hardest_negative = tf.reduce_min(distances + largest * (1.0 - negative), axis=1, keepdims=True)
loss = tf.reduce_mean(tf.maximum(hardest_positive - hardest_negative + 0.5, 0.0))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
data = rng.randn(12, 6)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        value, _ = sess.run([loss, train], {x: data, labels: np.arange(12) % 3})
        if i % 5 == 0:
            print(i, "%.4f" % value)
    print(sess.run(distances, {x: data}).shape)
