# A contextual bandit: a table of weights and one that is responsible for the action taken.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(54)
bandits = np.array([[0.2, 0, -0.0, -5], [0.1, -5, 1, 0.25], [-5, 5, 5, 5]])
reward_holder = tf.placeholder(shape=[1], dtype=tf.float32)
action_holder = tf.placeholder(shape=[1], dtype=tf.int32)
state_in = tf.placeholder(shape=[1], dtype=tf.int32)
one_hot = tf.one_hot(state_in, 3)
weights = tf.get_variable("weights", [3, 4], initializer=tf.ones_initializer())
output = tf.reshape(tf.nn.sigmoid(tf.matmul(one_hot, weights)), [-1])
chosen_action = tf.argmax(output, 0)
responsible_weight = tf.slice(output, action_holder, [1])
loss = -(tf.log(responsible_weight) * reward_holder)
update = tf.train.GradientDescentOptimizer(learning_rate=0.05).minimize(loss)
total = np.zeros([3, 4])
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(300):
        s = rng.randint(0, 3)
        action = rng.randint(4) if rng.rand(1) < 0.3 else sess.run(chosen_action, feed_dict={state_in: [s]})
        reward = 1 if rng.randn(1)[0] > bandits[s, action] else -1
        _, ww = sess.run([update, weights], feed_dict={reward_holder: [reward], action_holder: [action], state_in: [s]})
        total[s, action] += reward
        if i % 100 == 0:
            print("Mean reward:", ["%.3f" % m for m in total.mean(axis=1)])
print("best", (np.argmax(ww, 1) + 1).tolist(), "wanted", (np.argmin(bandits, 1) + 1).tolist())
