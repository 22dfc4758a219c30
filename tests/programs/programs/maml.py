# Learning to learn: gradients of a loss after a gradient step.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(61)
tf.set_random_seed(61)
xa, ya, xb, yb = (tf.placeholder(tf.float32, [4, 5, 1]) for _ in range(4))
weights = {"w1": tf.Variable(tf.truncated_normal([1, 8], stddev=0.5)), "b1": tf.Variable(tf.zeros([8])),
           "w2": tf.Variable(tf.truncated_normal([8, 1], stddev=0.5)), "b2": tf.Variable(tf.zeros([1]))}


def forward(x, weights):
    return tf.matmul(tf.nn.tanh(tf.matmul(x, weights["w1"]) + weights["b1"]), weights["w2"]) + weights["b2"]


def task(inputs):
    xa, ya, xb, yb = inputs
    fast = weights
    for _ in range(2):
        loss = tf.reduce_mean(tf.square(forward(xa, fast) - ya))
        grads = dict(zip(fast.keys(), tf.gradients(loss, list(fast.values()))))
        fast = {key: fast[key] - 0.1 * grads[key] for key in fast}
    return tf.reduce_mean(tf.square(forward(xb, fast) - yb))


losses = tf.stack([task([v[i] for v in (xa, ya, xb, yb)]) for i in range(4)])
total = tf.reduce_mean(losses)
train = tf.train.AdamOptimizer(0.01).minimize(total)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(11):
        amplitude, phase = rng.uniform(0.5, 2, (4, 1, 1)), rng.uniform(0, np.pi, (4, 1, 1))
        a, b = rng.uniform(-2, 2, (4, 5, 1)), rng.uniform(-2, 2, (4, 5, 1))
        feed = {xa: a, ya: amplitude * np.sin(a + phase), xb: b, yb: amplitude * np.sin(b + phase)}
        value, each, _ = sess.run([total, losses, train], feed)
        if i % 5 == 0:
            print(i, "%.4f" % value, each.shape)
