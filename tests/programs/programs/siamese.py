# A Siamese network: shared weights, a contrastive loss.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(59)
tf.set_random_seed(59)
x1, x2 = tf.placeholder(tf.float32, [None, 8]), tf.placeholder(tf.float32, [None, 8])
y_ = tf.placeholder(tf.float32, [None])


def fc_layer(bottom, n_weight, name):
    n_prev = bottom.get_shape()[1]
    W = tf.get_variable(name + "W", dtype=tf.float32, shape=[n_prev, n_weight], initializer=tf.truncated_normal_initializer(stddev=0.3))
    b = tf.get_variable(name + "b", dtype=tf.float32, initializer=tf.constant(0.01, shape=[n_weight], dtype=tf.float32))
    return tf.nn.bias_add(tf.matmul(bottom, W), b)


def network(x):
    return fc_layer(tf.nn.relu(fc_layer(x, 10, "fc1")), 2, "fc2")


with tf.variable_scope("siamese") as scope:
    o1 = network(x1)
    scope.reuse_variables()
    o2 = network(x2)
margin = 2.0
eucd2 = tf.reduce_sum(tf.pow(tf.subtract(o1, o2), 2), 1)
eucd = tf.sqrt(eucd2 + 1e-6, name="eucd")
loss = tf.reduce_mean(y_ * eucd2 + (1 - y_) * tf.pow(tf.maximum(margin - eucd, 0), 2), name="loss")
train = tf.train.GradientDescentOptimizer(0.05).minimize(loss)
centres = rng.randn(3, 8)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(31):
        a, b = rng.randint(0, 3, 20), rng.randint(0, 3, 20)
        feed = {x1: centres[a] + 0.1 * rng.randn(20, 8), x2: centres[b] + 0.1 * rng.randn(20, 8), y_: (a == b)}
        value, _ = sess.run([loss, train], feed)
        if i % 10 == 0:
            print(i, "%.4f" % value)
    print([v.name for v in tf.global_variables()])
