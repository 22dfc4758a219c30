# Beam search over a fixed table of transitions, with top_k and gathers.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(39)
V, beam, steps = 6, 3, 5
table = np.log(rng.dirichlet(np.ones(V), V)).astype(np.float32)
log_probabilities = tf.constant(table)


def body(t, tokens, scores, history):
    following = tf.gather(log_probabilities, tokens) + tf.expand_dims(scores, 1)
    best, index = tf.nn.top_k(tf.reshape(following, [-1]), beam)
    parents, words = index // V, index % V
    kept = tf.gather(history, parents)
    history = tf.concat([kept[:, :t], tf.expand_dims(words, 1), kept[:, t + 1:]], 1)
    return t + 1, words, best, tf.reshape(history, [beam, steps])


first_scores, first = tf.nn.top_k(log_probabilities[0], beam)
history = tf.concat([tf.expand_dims(first, 1), tf.zeros([beam, steps - 1], tf.int32)], 1)
_, _, scores, paths = tf.while_loop(lambda t, *_: tf.less(t, steps), body, [tf.constant(1), first, first_scores, history])
with tf.Session() as sess:
    found, values = sess.run([paths, scores])
print(found.tolist(), np.round(values, 4).tolist())
wanted = {}
for path in np.ndindex(*[V] * steps):
    wanted[path] = table[0, path[0]] + sum(table[a, b] for a, b in zip(path, path[1:]))
print("best of all", max(wanted.values()) - values[0] < 1e-4 or "not found by the beam")
