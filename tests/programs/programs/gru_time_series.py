# A sine wave foretold by a GRU; lengths per sequence; saved and restored.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(36)
tf.set_random_seed(36)
series = np.sin(np.arange(300) * 0.2).astype(np.float32)
X = tf.placeholder(tf.float32, [None, 10, 1])
y = tf.placeholder(tf.float32, [None, 1])
lengths = tf.placeholder(tf.int32, [None])
cell = tf.nn.rnn_cell.DropoutWrapper(tf.nn.rnn_cell.GRUCell(8, activation=tf.nn.tanh), output_keep_prob=1.0)
outputs, state = tf.nn.dynamic_rnn(cell, X, sequence_length=lengths, dtype=tf.float32)
prediction = tf.layers.dense(state, 1, activation=None)
loss = tf.reduce_mean(tf.square(prediction - y))
train = tf.train.AdamOptimizer(0.01).minimize(loss)
saver = tf.train.Saver(max_to_keep=2)
starts = np.arange(0, 280, 7)
windows = np.stack([series[s:s + 10] for s in starts])[:, :, None]
feed = {X: windows, y: series[starts + 10][:, None], lengths: np.full(len(starts), 10)}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(31):
        value, _ = sess.run([loss, train], feed)
        if i % 10 == 0:
            print(i, "%.4f" % value, saver.save(sess, "./model/gru", global_step=i))
    before = sess.run(prediction, feed)
with tf.Session() as sess:
    saver.restore(sess, tf.train.latest_checkpoint("./model"))
    print(np.allclose(before, sess.run(prediction, feed)), [c.rsplit("/")[-1] for c in saver.last_checkpoints])
    short = sess.run(outputs, {X: windows[:1], lengths: [3]})
    print(short.shape, np.abs(short[0, 3:]).sum())
