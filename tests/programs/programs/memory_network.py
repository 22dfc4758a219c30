# An end-to-end memory network on sentences of bags of words.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(43)
tf.set_random_seed(43)
V, memory, words, D, hops = 12, 4, 3, 6, 2
stories = tf.placeholder(tf.int32, [None, memory, words])
queries = tf.placeholder(tf.int32, [None, words])
answers = tf.placeholder(tf.int32, [None, V])
init = tf.random_normal_initializer(stddev=0.1)
A = tf.concat(axis=0, values=[tf.zeros([1, D]), tf.get_variable("A", [V - 1, D], initializer=init)])
C = [tf.concat(axis=0, values=[tf.zeros([1, D]), tf.get_variable("C_%d" % i, [V - 1, D], initializer=init)]) for i in range(hops)]
encoding = tf.constant(1 + 4 * np.outer(np.arange(1, words + 1) - (words + 1) / 2, np.arange(1, D + 1) - (D + 1) / 2) / D / words, tf.float32)
u = [tf.reduce_sum(tf.nn.embedding_lookup(A, queries) * encoding, 1)]
for hop in range(hops):
    m = tf.reduce_sum(tf.nn.embedding_lookup(A if hop == 0 else C[hop - 1], stories) * encoding, 2)
    probs = tf.nn.softmax(tf.reduce_sum(m * tf.expand_dims(u[-1], 1), 2))
    c = tf.reduce_sum(tf.nn.embedding_lookup(C[hop], stories) * encoding, 2)
    o = tf.reduce_sum(c * tf.expand_dims(probs, -1), 1)
    u.append(u[-1] + o)
logits = tf.matmul(u[-1], tf.transpose(C[-1], [1, 0]))
loss = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=tf.cast(answers, tf.float32)))
optimizer = tf.train.GradientDescentOptimizer(0.05)
grads = [(tf.clip_by_norm(g, 40.0), v) for g, v in optimizer.compute_gradients(loss)]
train = optimizer.apply_gradients(grads)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    s, q = rng.randint(0, V, (10, memory, words)), rng.randint(0, V, (10, words))
    feed = {stories: s, queries: q, answers: np.eye(V)[s[:, 0, 0]]}
    for i in range(21):
        value, _ = sess.run([loss, train], feed)
        if i % 5 == 0:
            print(i, "%.4f" % value)
