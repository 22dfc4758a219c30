# Double and dueling Q-learning: value and advantage streams.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(48)
tf.set_random_seed(48)


class Qnetwork():
    def __init__(self, name):
        with tf.variable_scope(name):
            self.input = tf.placeholder(shape=[None, 5], dtype=tf.float32)
            hidden = tf.layers.dense(self.input, 8, tf.nn.elu)
            self.streamA, self.streamV = tf.split(hidden, 2, 1)
            self.AW = tf.Variable(tf.random_normal([4, 3]))
            self.VW = tf.Variable(tf.random_normal([4, 1]))
            self.advantage = tf.matmul(self.streamA, self.AW)
            self.value = tf.matmul(self.streamV, self.VW)
            self.q = self.value + tf.subtract(self.advantage, tf.reduce_mean(self.advantage, axis=1, keep_dims=True))
            self.predict = tf.argmax(self.q, 1)
            self.target = tf.placeholder(shape=[None], dtype=tf.float32)
            self.actions = tf.placeholder(shape=[None], dtype=tf.int32)
            picked = tf.reduce_sum(tf.multiply(self.q, tf.one_hot(self.actions, 3, dtype=tf.float32)), axis=1)
            self.loss = tf.reduce_mean(tf.square(self.target - picked))
            self.update = tf.train.AdamOptimizer(learning_rate=0.02).minimize(self.loss)


main, target = Qnetwork("main"), Qnetwork("target")
tfvars = tf.trainable_variables()
tau, half = 0.1, len(tfvars) // 2
ops = [tfvars[half + i].assign(v.value() * tau + (1 - tau) * tfvars[half + i].value()) for i, v in enumerate(tfvars[:half])]
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        s, s2, a, r = rng.rand(20, 5), rng.rand(20, 5), rng.randint(0, 3, 20), rng.rand(20)
        best = sess.run(main.predict, {main.input: s2})
        doubled = sess.run(target.q, {target.input: s2})[range(20), best]
        value, _ = sess.run([main.loss, main.update], {main.input: s, main.target: r + 0.5 * doubled, main.actions: a})
        for op in ops:
            sess.run(op)
        if i % 5 == 0:
            print(i, "%.4f" % value)
    print(main.q.shape, half)
