# A mixture of Gaussians by expectation and maximization.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(7)
data = np.concatenate([rng.randn(60, 2) * [1, 0.3], rng.randn(60, 2) * 0.5 + [4, 4]])
K, D = 2, 2
x = tf.constant(data, dtype=tf.float64)
means = tf.Variable(np.array([[1.0, 1.0], [3.0, 3.0]]))
variances = tf.Variable(np.ones([K, D]))
weights = tf.Variable(np.full([K], 0.5))

distances = tf.squared_difference(tf.expand_dims(x, 0), tf.expand_dims(means, 1))
exponents = tf.reduce_sum(distances / tf.expand_dims(variances, 1), 2)
log_coefficients = D * tf.log(tf.constant(2 * np.pi, tf.float64)) + tf.reduce_sum(tf.log(variances), 1)
log_weighted = -0.5 * (tf.expand_dims(log_coefficients, 1) + exponents) + tf.expand_dims(tf.log(weights), 1)
log_sum = tf.reduce_logsumexp(log_weighted, 0, keep_dims=True)
gamma = tf.exp(log_weighted - log_sum)
gamma_sum = tf.reduce_sum(gamma, 1)
new_means = tf.matmul(gamma, x) / tf.expand_dims(gamma_sum, 1)
spread = tf.squared_difference(tf.expand_dims(x, 0), tf.expand_dims(new_means, 1))
new_variances = tf.reduce_sum(spread * tf.expand_dims(gamma, 2), 1) / tf.expand_dims(gamma_sum, 1)
train = tf.group(means.assign(new_means), variances.assign(new_variances), weights.assign(gamma_sum / 120.0))
likelihood = tf.reduce_mean(log_sum)

with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(12):
        if i % 4 == 0:
            print(i, "log likelihood %.5f" % sess.run(likelihood))
        sess.run(train)
    for name, value in zip(("means", "variances", "weights"), sess.run([means, variances, weights])):
        print(name, np.round(value, 3).tolist())
