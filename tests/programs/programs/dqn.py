# Deep Q-learning on a corridor: replay, a target network that is copied.
import collections
import random
import numpy as np
import tensorflow as tf

random.seed(47)
rng = np.random.RandomState(47)
tf.set_random_seed(47)
N = 6
state, target_q, actions = tf.placeholder(tf.float32, [None, N]), tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [None])


def network(scope, trainable=True):
    with tf.variable_scope(scope):
        h = tf.layers.dense(state, 10, tf.nn.relu, name="h", trainable=trainable)
        return tf.layers.dense(h, 2, name="q", trainable=trainable)


q, frozen = network("online"), network("target", False)
online_vars = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, "online")
target_vars = tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, "target")
copy = [t.assign(o) for t, o in zip(target_vars, online_vars)]
chosen = tf.reduce_sum(q * tf.one_hot(actions, 2), 1)
loss = tf.reduce_mean(tf.losses.huber_loss(target_q, chosen))
train = tf.train.RMSPropOptimizer(0.01).minimize(loss)
replay, losses = collections.deque(maxlen=100), []
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    sess.run(copy)
    place = 0
    for t in range(120):
        action = rng.randint(2)
        after = max(0, place - 1) if action == 0 else place + 1
        done = after == N - 1
        replay.append((place, action, float(done), after, done))
        place = 0 if done else after
        if len(replay) >= 16:
            s, a, r, s2, d = map(np.array, zip(*random.sample(replay, 16)))
            future = sess.run(frozen, {state: np.eye(N)[s2]}).max(1)
            value, _ = sess.run([loss, train], {state: np.eye(N)[s], actions: a, target_q: r + 0.9 * (1 - d) * future})
            losses.append(value)
        if t % 20 == 19:
            sess.run(copy)
    print(len(losses), "first %.4f" % losses[0], "last %.3f" % np.mean(losses[-20:]))
    print("goes right", (sess.run(q, {state: np.eye(N)})[2:5].argmax(1) == 1).tolist(), [v.op.name for v in target_vars])
