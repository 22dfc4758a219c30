# A self-organizing map of colours.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(67)
colours = rng.rand(12, 3).astype(np.float32)
m, n, iterations = 4, 5, 12
tf.set_random_seed(67)
weights = tf.Variable(tf.random_normal([m * n, 3]))
locations = tf.constant(np.array([[i, j] for i in range(m) for j in range(n)]))
vect, it = tf.placeholder("float", [3]), tf.placeholder("float")
bmu_index = tf.argmin(tf.sqrt(tf.reduce_sum(tf.pow(tf.subtract(weights, tf.stack([vect] * (m * n))), 2), 1)), 0)
bmu_loc = tf.reshape(tf.slice(locations, tf.pad(tf.reshape(bmu_index, [1]), np.array([[0, 1]])), tf.constant(np.array([1, 2]))), [2])
rate = tf.subtract(1.0, tf.div(it, float(iterations)))
alpha, sigma = tf.multiply(0.3, rate), tf.multiply(2.0, rate)
squares = tf.reduce_sum(tf.pow(tf.subtract(locations, tf.stack([bmu_loc] * (m * n))), 2), 1)
neighbourhood = tf.exp(tf.negative(tf.div(tf.cast(squares, "float32"), tf.pow(sigma, 2))))
op = tf.multiply(alpha, neighbourhood)
multiplier = tf.stack([tf.tile(tf.slice(op, np.array([i]), np.array([1])), [3]) for i in range(m * n)])
training = tf.assign(weights, tf.add(weights, tf.multiply(multiplier, tf.subtract(tf.stack([vect] * (m * n)), weights))))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(iterations):
        for colour in colours:
            sess.run(training, feed_dict={vect: colour, it: i})
    found = sess.run(weights)
    places = [sess.run(bmu_loc, {vect: colour}).tolist() for colour in colours[:4]]
    print(found.shape, "distance %.3f" % np.mean([np.abs(found - c).sum(1).min() for c in colours]), places)
