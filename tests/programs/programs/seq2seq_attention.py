# Translation in small: encoder, decoder loop with attention by hand, greedy answers by while_loop.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(38)
tf.set_random_seed(38)
V, H, T = 8, 10, 5
source = tf.placeholder(tf.int32, [None, T])
target = tf.placeholder(tf.int32, [None, T])
embedding = tf.get_variable("embedding", [V, H], initializer=tf.random_uniform_initializer(-0.3, 0.3))
with tf.variable_scope("encoder"):
    memory, state = tf.nn.dynamic_rnn(tf.nn.rnn_cell.GRUCell(H), tf.nn.embedding_lookup(embedding, source), dtype=tf.float32)
cell = tf.nn.rnn_cell.GRUCell(H, name="decoder_cell")
project = tf.layers.Dense(V, name="project")
keys = tf.layers.dense(memory, H, use_bias=False, name="keys")


def step(token, state):
    query = tf.layers.dense(state, H, use_bias=False, name="query", reuse=tf.AUTO_REUSE)
    score = tf.reduce_sum(tf.tanh(keys + tf.expand_dims(query, 1)), 2)
    weights = tf.nn.softmax(score)
    context = tf.reduce_sum(tf.expand_dims(weights, 2) * memory, 1)
    output, state = cell(tf.concat([tf.nn.embedding_lookup(embedding, token), context], 1), state)
    return project(tf.concat([output, context], 1)), state, weights


start, decoder_state, losses = tf.zeros_like(source[:, 0]), state, []
token = start
for t in range(T):
    logits, decoder_state, weights = step(token, decoder_state)
    losses.append(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=target[:, t], logits=logits))
    token = target[:, t]
loss = tf.reduce_mean(tf.stack(losses))
train = tf.train.AdamOptimizer(0.02).minimize(loss)


def body(t, token, state, written):
    logits, state, _ = step(token, state)
    token = tf.argmax(logits, 1, output_type=tf.int32)
    return t + 1, token, state, written.write(t, token)


_, _, _, written = tf.while_loop(lambda t, *_: t < T, body, [tf.constant(0), start, state, tf.TensorArray(tf.int32, T)])
answer = tf.transpose(written.stack())
x = rng.randint(1, V, (12, T))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(31):
        value, _ = sess.run([loss, train], {source: x, target: x[:, ::-1]})
        if i % 10 == 0:
            print(i, "%.3f" % value)
    print(sess.run(answer, {source: x}).shape, "%.3f" % sess.run(tf.reduce_sum(weights), {source: x, target: x[:, ::-1]}))
