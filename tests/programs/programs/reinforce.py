# REINFORCE: gradients are gathered over episodes and applied together.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(49)
tf.set_random_seed(49)
state_in = tf.placeholder(tf.float32, [None, 4])
hidden = tf.layers.dense(state_in, 8, tf.nn.relu, use_bias=False)
output = tf.layers.dense(hidden, 2, tf.nn.softmax, use_bias=False)
reward_holder = tf.placeholder(tf.float32, [None])
action_holder = tf.placeholder(tf.int32, [None])
indexes = tf.range(0, tf.shape(output)[0]) * tf.shape(output)[1] + action_holder
responsible = tf.gather(tf.reshape(output, [-1]), indexes)
loss = -tf.reduce_mean(tf.log(responsible) * reward_holder)
tvars = tf.trainable_variables()
holders = [tf.placeholder(tf.float32, name=str(i) + "_holder") for i, _ in enumerate(tvars)]
gradients = tf.gradients(loss, tvars)
update_batch = tf.train.AdamOptimizer(0.02).apply_gradients(zip(holders, tvars))


def discount(rewards, gamma=0.9):
    out, running = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        running = running * gamma + rewards[t]
        out[t] = running
    return (out - out.mean()) / (out.std() + 1e-8)


with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    buffer = [np.zeros(v.shape) for v in sess.run(tvars)]
    for episode in range(20):
        states = rng.randn(12, 4)
        probabilities = sess.run(output, {state_in: states})
        actions = (rng.rand(12) > 0.5).astype(int)
        rewards = (actions == (states[:, 0] > 0)).astype(float)
        grads, value = sess.run([gradients, loss], {state_in: states, reward_holder: discount(rewards), action_holder: actions})
        buffer = [a + g for a, g in zip(buffer, grads)]
        if episode % 5 == 4:
            sess.run(update_batch, dict(zip(holders, buffer)))
            buffer = [a * 0 for a in buffer]
            print(episode, "%.4f" % value, "%.4f" % probabilities.mean())
