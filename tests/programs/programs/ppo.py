# Proximal policy optimization: two policies, a clipped ratio of their probabilities.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(52)
tf.set_random_seed(52)
states = tf.placeholder(tf.float32, [None, 3])
actions = tf.placeholder(tf.int32, [None])
advantages = tf.placeholder(tf.float32, [None])


def policy(name, trainable):
    with tf.variable_scope(name):
        l1 = tf.layers.dense(states, 10, tf.nn.relu, trainable=trainable)
        probabilities = tf.layers.dense(l1, 4, tf.nn.softmax, trainable=trainable)
    return probabilities, tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope=name)


pi, pi_params = policy("pi", True)
old, old_params = policy("oldpi", False)
update_old = [o.assign(p) for p, o in zip(pi_params, old_params)]
indices = tf.stack([tf.range(tf.shape(actions)[0], dtype=tf.int32), actions], axis=1)
ratio = tf.gather_nd(params=pi, indices=indices) / tf.gather_nd(params=old, indices=indices)
surrogate = ratio * advantages
clipped = tf.clip_by_value(ratio, 1. - 0.2, 1. + 0.2) * advantages
entropy = -tf.reduce_mean(tf.reduce_sum(pi * tf.log(tf.clip_by_value(pi, 1e-10, 1.0)), axis=1))
loss = -tf.reduce_mean(tf.minimum(surrogate, clipped)) - 0.01 * entropy
train = tf.train.AdamOptimizer(0.01, epsilon=1e-5).minimize(loss, var_list=pi_params)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(3):
        sess.run(update_old)
        s, a, adv = rng.randn(24, 3), rng.randint(0, 4, 24), rng.randn(24)
        for _ in range(5):
            value, mean, spread, _ = sess.run([loss, ratio, entropy, train], {states: s, actions: a, advantages: adv})
        print(epoch, "loss %.4f ratio %.4f entropy %.4f" % (value, mean.mean(), spread))
