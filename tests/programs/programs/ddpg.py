# Deterministic policy gradients: dQ/da flows back through the actor; targets follow softly.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(53)
tf.set_random_seed(53)
S, S_ = tf.placeholder(tf.float32, [None, 3], "s"), tf.placeholder(tf.float32, [None, 3], "s_")
R = tf.placeholder(tf.float32, [None, 1], "r")


def actor(s, reuse=None, custom_getter=None):
    with tf.variable_scope("Actor", reuse=True if reuse else None, custom_getter=custom_getter):
        return tf.layers.dense(tf.layers.dense(s, 8, tf.nn.relu, name="l1"), 1, tf.nn.tanh, name="a")


def critic(s, a, reuse=None, custom_getter=None):
    with tf.variable_scope("Critic", reuse=True if reuse else None, custom_getter=custom_getter):
        w1_s = tf.get_variable("w1_s", [3, 8])
        w1_a = tf.get_variable("w1_a", [1, 8])
        b1 = tf.get_variable("b1", [1, 8], initializer=tf.zeros_initializer())
        return tf.layers.dense(tf.nn.relu(tf.matmul(s, w1_s) + tf.matmul(a, w1_a) + b1), 1, name="q")


a = actor(S)
q = critic(S, a)
a_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="Actor")
c_params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope="Critic")
ema = tf.train.ExponentialMovingAverage(decay=0.9)


def ema_getter(getter, name, *args, **kwargs):
    return ema.average(getter(name, *args, **kwargs))


target_update = [ema.apply(a_params), ema.apply(c_params)]
a_ = actor(S_, reuse=True, custom_getter=ema_getter)
q_ = critic(S_, a_, reuse=True, custom_getter=ema_getter)
atrain = tf.train.AdamOptimizer(0.005).minimize(-tf.reduce_mean(q), var_list=a_params)
td_error = tf.losses.mean_squared_error(labels=R + 0.5 * q_, predictions=q)
ctrain = tf.train.AdamOptimizer(0.01).minimize(td_error, var_list=c_params)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(16):
        s, s2 = rng.randn(16, 3), rng.randn(16, 3)
        took = np.clip(sess.run(a, {S: s}) + 0.3 * rng.randn(16, 1), -1, 1)
        sess.run(atrain, {S: s})
        sess.run(target_update)
        value, _ = sess.run([td_error, ctrain], {S: s, a: took, S_: s2, R: -np.square(took - s[:, :1])})
        if i % 5 == 0:
            print(i, "%.4f" % value)
    print(len(a_params), len(c_params), len([v for v in tf.global_variables() if "ExponentialMovingAverage" in v.name]))
