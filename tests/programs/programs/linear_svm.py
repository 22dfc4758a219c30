# A linear support vector machine: hinge loss and a margin.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(3)
x_vals = np.vstack([rng.randn(40, 2) + [2, 2], rng.randn(40, 2) - [1, 1]]).astype(np.float32)
y_vals = np.array([1.0] * 40 + [-1.0] * 40, np.float32)[:, None]

x_data = tf.placeholder(shape=[None, 2], dtype=tf.float32)
y_target = tf.placeholder(shape=[None, 1], dtype=tf.float32)
tf.set_random_seed(3)
A = tf.Variable(tf.random_normal(shape=[2, 1]))
b = tf.Variable(tf.random_normal(shape=[1, 1]))
model_output = tf.subtract(tf.matmul(x_data, A), b)
l2_norm = tf.reduce_sum(tf.square(A))
classification_term = tf.reduce_mean(tf.maximum(0., tf.subtract(1., tf.multiply(model_output, y_target))))
loss = tf.add(classification_term, tf.multiply(0.01, l2_norm))
prediction = tf.sign(model_output)
accuracy = tf.reduce_mean(tf.cast(tf.equal(prediction, y_target), tf.float32))
train_step = tf.train.GradientDescentOptimizer(0.05).minimize(loss)

sess = tf.Session()
sess.run(tf.global_variables_initializer())
for i in range(100):
    sess.run(train_step, feed_dict={x_data: x_vals, y_target: y_vals})
    if (i + 1) % 25 == 0:
        print("step %d loss %.4f accuracy %.3f" % ((i + 1,) + tuple(sess.run([loss, accuracy], {x_data: x_vals, y_target: y_vals}))))
slope, intercept = -sess.run(A)[0] / sess.run(A)[1], sess.run(b)[0] / sess.run(A)[1]
print("slope %.3f intercept %.3f" % (slope.item(), intercept.item()))
