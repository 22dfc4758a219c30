# The game of life on a torus, ten generations in one while_loop.
import numpy as np
import tensorflow as tf

board = np.zeros([8, 8], np.int32)
board[1, 2] = board[2, 3] = board[3, 1] = board[3, 2] = board[3, 3] = 1


def generation(b):
    neighbours = tf.add_n([tf.roll(b, shift=[i, j], axis=[0, 1]) for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)])
    alive = tf.logical_or(tf.equal(neighbours, 3), tf.logical_and(tf.equal(b, 1), tf.equal(neighbours, 2)))
    return tf.cast(alive, tf.int32)


start = tf.placeholder(tf.int32, [8, 8])
steps = tf.placeholder(tf.int32, [])
_, last = tf.while_loop(lambda i, b: i < steps, lambda i, b: (i + 1, generation(b)), [tf.constant(0), start])
history = tf.scan(lambda b, _: generation(b), tf.range(4), initializer=start)
with tf.Session() as sess:
    after = sess.run(last, {start: board, steps: 4})
    print(np.array_equal(np.roll(board, (1, 1), (0, 1)), after), int(after.sum()))
    print(sess.run(history, {start: board}).shape, sess.run(tf.reduce_sum(history, [1, 2]), {start: board}).tolist())
    for row in sess.run(last, {start: board, steps: 10}):
        print("".join(".#"[v] for v in row))
