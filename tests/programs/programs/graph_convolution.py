# A graph convolutional network with sparse inputs and a sparse adjacency.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(56)
tf.set_random_seed(56)
N, F, C = 20, 12, 3
groups = np.arange(N) % C
adjacency = ((groups[:, None] == groups[None]) & (rng.rand(N, N) < 0.5)).astype(float)
adjacency = np.maximum(adjacency, adjacency.T) + np.eye(N)
d = 1 / np.sqrt(adjacency.sum(1))
normal = adjacency * d[:, None] * d[None]
features = (rng.rand(N, F) < 0.3).astype(np.float32)


def sparse(matrix):
    where = np.argwhere(matrix)
    return tf.SparseTensorValue(where, matrix[tuple(where.T)].astype(np.float32), matrix.shape)


support, x = tf.sparse_placeholder(tf.float32, name="support"), tf.sparse_placeholder(tf.float32, shape=(N, F), name="features")
labels, mask = tf.placeholder(tf.float32, [N, C]), tf.placeholder(tf.int32, [N])
keep, nonzero = tf.placeholder_with_default(1.0, []), tf.placeholder(tf.int32)


def sparse_dropout(x, keep_prob, noise_shape):
    kept = tf.cast(tf.floor(keep_prob + tf.random_uniform(noise_shape)), dtype=tf.bool)
    return tf.sparse_retain(x, kept) * (1. / keep_prob)


def glorot(shape, name):
    limit = np.sqrt(6.0 / (shape[0] + shape[1]))
    return tf.Variable(tf.random_uniform(shape, minval=-limit, maxval=limit, dtype=tf.float32), name=name)


w0, w1 = glorot([F, 8], "weights_0"), glorot([8, C], "weights_1")
hidden = tf.nn.relu(tf.sparse_tensor_dense_matmul(support, tf.sparse_tensor_dense_matmul(sparse_dropout(x, keep, tf.reshape(nonzero, [1])), w0)))
outputs = tf.sparse_tensor_dense_matmul(support, tf.matmul(hidden, w1))
weight = tf.cast(mask, tf.float32) / tf.reduce_mean(tf.cast(mask, tf.float32))
loss = 5e-4 * tf.nn.l2_loss(w0) + tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=outputs, labels=labels) * weight)
right = tf.cast(tf.equal(tf.argmax(outputs, 1), tf.argmax(labels, 1)), tf.float32)
train = tf.train.AdamOptimizer(0.05).minimize(loss)
feed = {support: sparse(normal), x: sparse(features), labels: np.eye(C)[groups], mask: np.arange(N) < 9, nonzero: int(features.sum())}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(21):
        value, accuracy, _ = sess.run([loss, tf.reduce_mean(right), train], feed)
        if epoch % 10 == 0:
            print(epoch, "loss %.4f" % value)
    print(accuracy > 0.5)
