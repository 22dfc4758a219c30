# Speech in small: a recurrent network with CTC, sparse labels, decoding and the edit distance.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(44)
tf.set_random_seed(44)
classes = 5
inputs = tf.placeholder(tf.float32, [None, None, 4])
targets = tf.sparse_placeholder(tf.int32)
lengths = tf.placeholder(tf.int32, [None])
outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.LSTMCell(8, state_is_tuple=True), inputs, lengths, dtype=tf.float32)
shape = tf.shape(inputs)
W = tf.Variable(tf.truncated_normal([8, classes], stddev=0.1))
b = tf.Variable(tf.constant(0., shape=[classes]))
logits = tf.reshape(tf.matmul(tf.reshape(outputs, [-1, 8]), W) + b, [shape[0], -1, classes])
logits = tf.transpose(logits, (1, 0, 2))
cost = tf.reduce_mean(tf.nn.ctc_loss(targets, logits, lengths))
optimizer = tf.train.MomentumOptimizer(0.05, 0.9).minimize(cost)
decoded, log_prob = tf.nn.ctc_greedy_decoder(logits, lengths)
ler = tf.reduce_mean(tf.edit_distance(tf.cast(decoded[0], tf.int32), targets))
beams, _ = tf.nn.ctc_beam_search_decoder(logits, lengths, beam_width=3)
sequences = [[1, 2], [0, 3, 3], [2]]
indices = np.array([[i, j] for i, s in enumerate(sequences) for j in range(len(s))])
sparse = (indices, np.array(sum(sequences, []), np.int32), np.array([3, 3]))
feed = {inputs: rng.randn(3, 9, 4), targets: sparse, lengths: [9, 9, 7]}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        value, _ = sess.run([cost, optimizer], feed)
        if i % 5 == 0:
            print(i, "cost %.3f" % value)
    print("label error rate", sess.run(ler, feed) <= 1.0, sess.run(beams[0], feed).dense_shape[0])
