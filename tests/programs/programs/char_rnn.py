# A character model: embedding, stacked LSTM by dynamic_rnn, state carried over, sampling.
import numpy as np
import tensorflow as tf

text = "hello world, hello there, hello again. "
chars = sorted(set(text))
ids = {c: i for i, c in enumerate(chars)}
data = np.array([ids[c] for c in text * 6])
tf.set_random_seed(34)
batch, length, size = 4, 8, 12
inputs = tf.placeholder(tf.int32, [None, None])
targets = tf.placeholder(tf.int32, [None, None])
cells = tf.nn.rnn_cell.MultiRNNCell([tf.nn.rnn_cell.BasicLSTMCell(size) for _ in range(2)])
initial = cells.zero_state(tf.shape(inputs)[0], tf.float32)
embedding = tf.get_variable("embedding", [len(chars), size])
outputs, last = tf.nn.dynamic_rnn(cells, tf.nn.embedding_lookup(embedding, inputs), initial_state=initial)
logits = tf.layers.dense(outputs, len(chars), name="softmax")
probabilities = tf.nn.softmax(logits)
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
grads, norm = tf.clip_by_global_norm(tf.gradients(loss, tf.trainable_variables()), 5.0)
train = tf.train.AdamOptimizer(0.02).apply_gradients(zip(grads, tf.trainable_variables()))
print([v.name for v in tf.trainable_variables()])
rows = data[:batch * (len(data) // batch)].reshape(batch, -1)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(3):
        state = sess.run(initial, {inputs: rows[:, :1]})
        for i in range(0, rows.shape[1] - length - 1, length):
            feed = {inputs: rows[:, i:i + length], targets: rows[:, i + 1:i + length + 1], initial: state}
            value, state, _ = sess.run([loss, last, train], feed)
        print("epoch %d loss %.3f" % (epoch, value))
    state, letter, said = None, ids["h"], "h"
    for _ in range(5):
        feed = {inputs: [[letter]]}
        if state is not None:
            feed[initial] = state
        p, state = sess.run([probabilities, last], feed)
        letter = int(np.argmax(p[0, -1]))
        said += chars[letter]
    print(len(said), "%.3f" % p.sum())
