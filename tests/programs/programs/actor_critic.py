# Actor and critic with a Gaussian policy and an entropy bonus.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(50)
tf.set_random_seed(50)
s = tf.placeholder(tf.float32, [None, 3], "state")
a = tf.placeholder(tf.float32, [None, 1], "action")
v_target = tf.placeholder(tf.float32, [None, 1], "target")
w_init = tf.random_normal_initializer(0., .1)
with tf.variable_scope("actor"):
    l_a = tf.layers.dense(s, 12, tf.nn.relu6, kernel_initializer=w_init, name="la")
    mu = tf.layers.dense(l_a, 1, tf.nn.tanh, kernel_initializer=w_init, name="mu")
    sigma = tf.layers.dense(l_a, 1, tf.nn.softplus, kernel_initializer=w_init, name="sigma") + 1e-4
with tf.variable_scope("critic"):
    l_c = tf.layers.dense(s, 12, tf.nn.relu6, kernel_initializer=w_init, name="lc")
    v = tf.layers.dense(l_c, 1, kernel_initializer=w_init, name="v")
td = tf.subtract(v_target, v, name="TD_error")
critic_loss = tf.reduce_mean(tf.square(td))
log_prob = -0.5 * tf.square((a - mu) / sigma) - tf.log(sigma) - 0.5 * np.log(2 * np.pi)
entropy = 0.5 * tf.log(2 * np.pi * np.e * tf.square(sigma))
actor_loss = tf.reduce_mean(-(log_prob * tf.stop_gradient(td) + 0.01 * entropy))
action = tf.clip_by_value(mu + sigma * tf.random_normal(tf.shape(mu)), -2.0, 2.0)
a_train = tf.train.RMSPropOptimizer(0.002).minimize(actor_loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "actor"))
c_train = tf.train.RMSPropOptimizer(0.01).minimize(critic_loss, var_list=tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, "critic"))
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(21):
        states = rng.randn(16, 3)
        actions = sess.run(action, {s: states})
        returns = -np.square(actions - states[:, :1])
        feed = {s: states, a: actions, v_target: returns}
        c, p, _, _ = sess.run([critic_loss, actor_loss, c_train, a_train], feed)
        if i % 5 == 0:
            print(i, "critic %.3f actor %.3f" % (c, p))
