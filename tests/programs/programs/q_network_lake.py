# Q-learning with a network of one layer on a small frozen lake.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(55)
lake = "SFFFHFFFG"                      # three by three
tf.set_random_seed(55)
inputs1 = tf.placeholder(shape=[1, 9], dtype=tf.float32)
W = tf.Variable(tf.random_uniform([9, 4], 0, 0.01))
Qout = tf.matmul(inputs1, W)
predict = tf.argmax(Qout, 1)
nextQ = tf.placeholder(shape=[1, 4], dtype=tf.float32)
loss = tf.reduce_sum(tf.square(nextQ - Qout))
updateModel = tf.train.GradientDescentOptimizer(learning_rate=0.1).minimize(loss)


def move(place, action):
    row, column = divmod(place, 3)
    row, column = [(row, max(column - 1, 0)), (min(row + 1, 2), column), (row, min(column + 1, 2)), (max(row - 1, 0), column)][action]
    return row * 3 + column


wins = 0
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for episode in range(60):
        s = 0
        for _ in range(20):
            a, allQ = sess.run([predict, Qout], feed_dict={inputs1: np.identity(9)[s:s + 1]})
            if rng.rand(1) < 0.3:
                a[0] = rng.randint(4)
            s1 = move(s, a[0])
            done, r = lake[s1] in "HG", float(lake[s1] == "G")
            Q1 = sess.run(Qout, feed_dict={inputs1: np.identity(9)[s1:s1 + 1]})
            targetQ = allQ
            targetQ[0, a[0]] = r + (0 if done else 0.9 * np.max(Q1))
            sess.run(updateModel, feed_dict={inputs1: np.identity(9)[s:s + 1], nextQ: targetQ})
            s = s1
            if done:
                wins += r
                break
    print("won", wins > 0, "best value %.2f" % sess.run(W).max())
