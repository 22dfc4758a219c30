# A3C: threads with networks of their own push gradients to a global one, under a Coordinator.
import threading
import numpy as np
import tensorflow as tf

tf.set_random_seed(51)
lock = threading.Lock()


class ACNet(object):
    def __init__(self, scope, optimizer=None, globalAC=None):
        with tf.variable_scope(scope):
            self.s = tf.placeholder(tf.float32, [None, 2], "S")
            self.R = tf.placeholder(tf.float32, [None, 1], "R")
            h = tf.layers.dense(self.s, 6, tf.tanh, name="h")
            self.v = tf.layers.dense(h, 1, name="v")
            self.params = tf.get_collection(tf.GraphKeys.TRAINABLE_VARIABLES, scope=scope)
        if globalAC is None:
            return
        self.loss = tf.reduce_mean(tf.squared_difference(self.R, self.v))
        self.grads = tf.gradients(self.loss, self.params)
        with tf.name_scope(scope + "/sync"):
            self.pull = [l.assign(g) for l, g in zip(self.params, globalAC.params)]
            self.push = optimizer.apply_gradients(zip(self.grads, globalAC.params))


def work(net, number, coord, losses):
    rng = np.random.RandomState(number)
    for _ in range(30):
        if coord.should_stop():
            return
        states = rng.randn(8, 2)
        feed = {net.s: states, net.R: states[:, :1] * 2 - states[:, 1:]}
        sess.run(net.pull)
        value, _ = sess.run([net.loss, net.push], feed)
        with lock:
            losses.append(value)


optimizer = tf.train.RMSPropOptimizer(0.02)
global_net = ACNet("Global_Net")
workers = [ACNet("W_%d" % i, optimizer, global_net) for i in range(3)]
sess = tf.Session()
coord, losses = tf.train.Coordinator(), []
sess.run(tf.global_variables_initializer())
threads = [threading.Thread(target=work, args=(net, i, coord, losses)) for i, net in enumerate(workers)]
for thread in threads:
    thread.start()
coord.join(threads)
print(len(losses), "learned", np.mean(losses[-20:]) < 0.5 * np.mean(losses[:6]))
print([v.name for v in global_net.params], len(tf.global_variables()))
