# Numbers by chance: pi, an integral, and a random walk, seeded op by op.
import numpy as np
import tensorflow as tf

points = tf.random_uniform([2000, 2], seed=1)
inside = tf.reduce_sum(tf.to_float(tf.reduce_sum(tf.square(points), 1) < 1.0))
total, count = tf.Variable(0.0), tf.Variable(0.0)
update = tf.group(total.assign_add(inside), count.assign_add(2000.0))
pi = 4 * total / count
x = tf.random_normal([5000], seed=2)
second_moment, variance = tf.nn.moments(x, [0])
steps = tf.where(tf.random_uniform([1000], seed=3) < 0.5, tf.ones([1000]), -tf.ones([1000]))
walk = tf.cumsum(steps)
shuffled = tf.random_shuffle(tf.range(10), seed=4)
drawn = tf.multinomial(tf.log([[0.1, 0.2, 0.7]]), 12, seed=5)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(5):
        sess.run(update)
        print("pi %.4f" % sess.run(pi))
    print("mean %.4f variance %.4f" % tuple(sess.run([second_moment, variance])))
    print("walk", int(sess.run(walk)[-1]), sess.run(shuffled).tolist(), sess.run(drawn).tolist())
