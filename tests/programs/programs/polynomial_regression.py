# Polynomial regression by gradient descent on powers of x.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(0)
xs = np.linspace(-1, 1, 40)
ys = 2 * xs ** 3 - xs + 0.1 * rng.randn(40)

X = tf.placeholder(tf.float32, name="X")
Y = tf.placeholder(tf.float32, name="Y")
prediction = tf.Variable(0.0, name="bias")
weights = []
for power in range(1, 5):
    w = tf.Variable(0.1 * power, name="weight_%d" % power)
    weights.append(w)
    prediction = tf.add(tf.multiply(tf.pow(X, power), w), prediction)
cost = tf.reduce_sum(tf.pow(prediction - Y, 2)) / 39
optimizer = tf.train.GradientDescentOptimizer(0.05).minimize(cost)

with tf.Session() as sess:
    sess.run(tf.initialize_all_variables())
    for epoch in range(10):
        for x, y in zip(xs, ys):
            sess.run(optimizer, feed_dict={X: x, Y: y})
        if epoch % 3 == 0:
            print("epoch", epoch, "cost %.5f" % sess.run(cost, {X: xs, Y: ys}))
    print(["%.4f" % w.eval() for w in weights])
