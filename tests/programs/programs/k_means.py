# k-means by assignments in the graph until nothing moves.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(5)
points = np.concatenate([rng.randn(30, 2) * 0.3 + c for c in ([0, 0], [3, 0], [0, 3])]).astype(np.float32)
K, N = 3, len(points)

samples = tf.Variable(points)
assignments = tf.Variable(tf.zeros([N], dtype=tf.int64))
centroids = tf.Variable(tf.slice(samples.initialized_value(), [0, 0], [K, 2]))
rep_centroids = tf.reshape(tf.tile(centroids, [N, 1]), [N, K, 2])
rep_points = tf.reshape(tf.tile(samples, [1, K]), [N, K, 2])
squares = tf.reduce_sum(tf.square(rep_points - rep_centroids), reduction_indices=2)
best = tf.argmin(squares, 1)
changed = tf.reduce_any(tf.not_equal(best, assignments))


def bucket_mean(data, bucket_ids, num_buckets):
    total = tf.unsorted_segment_sum(data, bucket_ids, num_buckets)
    count = tf.unsorted_segment_sum(tf.ones_like(data), bucket_ids, num_buckets)
    return total / count


means = bucket_mean(samples, best, K)
with tf.control_dependencies([changed]):
    update = tf.group(centroids.assign(means), assignments.assign(best))
sess = tf.Session()
sess.run(tf.global_variables_initializer())
moved, iterations = True, 0
while moved and iterations < 50:
    iterations += 1
    moved, _ = sess.run([changed, update])
found = sess.run(centroids)
print("iterations", iterations)
print(np.round(found[np.lexsort(found.T)], 3).tolist())
print(sorted(np.bincount(sess.run(assignments)).tolist()))
