# A hidden Markov model: the forward algorithm by scan, the best path by a loop with TensorArrays.
import numpy as np
import tensorflow as tf

T0 = np.array([0.6, 0.3, 0.1])
T = np.array([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.2, 0.3, 0.5]])
E = np.array([[0.5, 0.4, 0.1], [0.1, 0.3, 0.6], [0.3, 0.4, 0.3]])
observed = tf.placeholder(tf.int32, [None])
emissions = tf.transpose(tf.gather(E, observed, axis=1))
first = T0 * emissions[0]
alphas = tf.scan(lambda a, e: tf.reduce_sum(tf.expand_dims(a, 1) * T, 0) * e, emissions[1:], initializer=first)
likelihood = tf.reduce_sum(alphas[-1])
length = tf.shape(observed)[0]


def body(t, score, back):
    following = tf.expand_dims(score, 1) + np.log(T)
    back = back.write(t, tf.argmax(following, 0, output_type=tf.int32))
    return t + 1, tf.reduce_max(following, 0) + tf.log(emissions[t]), back


pointers = tf.TensorArray(tf.int32, size=length, element_shape=[3], clear_after_read=False).write(0, tf.zeros([3], tf.int32))
_, score, pointers = tf.while_loop(lambda t, *_: t < length, body, [tf.constant(1), tf.log(first), pointers])
last = tf.argmax(score, output_type=tf.int32)
_, path = tf.while_loop(lambda t, p: t > 0, lambda t, p: (t - 1, tf.concat([[pointers.read(t)[p[0]]], p], 0)), [length - 1, tf.expand_dims(last, 0)],
                        shape_invariants=[tf.TensorShape([]), tf.TensorShape([None])])
with tf.Session() as sess:
    for seen in ([0, 1, 2], [2, 2, 0, 0, 1, 2, 1]):
        print(seen, "%.6f" % sess.run(likelihood, {observed: seen}), sess.run(path, {observed: seen}).tolist())
