# A tagger of sequences: bidirectional LSTM, masked losses.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(37)
tf.set_random_seed(37)
words = tf.placeholder(tf.int32, [None, None])
tags = tf.placeholder(tf.int32, [None, None])
lengths = tf.placeholder(tf.int32, [None])
table = tf.get_variable("words", [20, 6], initializer=tf.random_uniform_initializer(-0.5, 0.5))
forward, backward = tf.nn.rnn_cell.LSTMCell(5), tf.nn.rnn_cell.LSTMCell(5, use_peepholes=True)
outputs, states = tf.nn.bidirectional_dynamic_rnn(forward, backward, tf.nn.embedding_lookup(table, words), sequence_length=lengths,
                                                  dtype=tf.float32)
context = tf.concat(outputs, axis=-1)
scores = tf.layers.dense(context, 4)
losses = tf.nn.sparse_softmax_cross_entropy_with_logits(logits=scores, labels=tags)
mask = tf.sequence_mask(lengths, tf.shape(words)[1])
loss = tf.reduce_mean(tf.boolean_mask(losses, mask))
predicted = tf.cast(tf.argmax(scores, axis=-1), tf.int32)
right = tf.reduce_sum(tf.cast(tf.logical_and(tf.equal(predicted, tags), mask), tf.int32))
train = tf.train.AdamOptimizer(0.05).minimize(loss)
print([(v.op.name, v.shape.as_list()) for v in tf.trainable_variables()])
x = rng.randint(0, 20, (6, 7))
feed = {words: x, tags: x % 4, lengths: [7, 3, 5, 1, 7, 2]}
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        value, _ = sess.run([loss, train], feed)
        if i % 5 == 0:
            print(i, "%.4f" % value)
    print("right", sess.run(right, feed), "of", sess.run(tf.reduce_sum(lengths), feed), states[0].c.shape)
