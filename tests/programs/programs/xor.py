# A multilayer perceptron learns exclusive or.
import numpy as np
import tensorflow as tf

X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
Y = np.array([[0], [1], [1], [0]], dtype=np.float32)
tf.set_random_seed(777)
x = tf.placeholder(tf.float32, [None, 2], name="x-input")
y = tf.placeholder(tf.float32, [None, 1], name="y-input")
with tf.name_scope("Layer1"):
    W1 = tf.Variable(tf.random_normal([2, 4]), name="weight1")
    b1 = tf.Variable(tf.random_normal([4]), name="bias1")
    layer1 = tf.sigmoid(tf.matmul(x, W1) + b1)
with tf.name_scope("Layer2"):
    W2 = tf.Variable(tf.random_normal([4, 1]), name="weight2")
    b2 = tf.Variable(tf.random_normal([1]), name="bias2")
    hypothesis = tf.sigmoid(tf.matmul(layer1, W2) + b2)
cost = -tf.reduce_mean(y * tf.log(hypothesis) + (1 - y) * tf.log(1 - hypothesis))
train = tf.train.AdamOptimizer(0.1).minimize(cost)
predicted = tf.cast(hypothesis > 0.5, dtype=tf.float32)
accuracy = tf.reduce_mean(tf.cast(tf.equal(predicted, y), dtype=tf.float32))
tf.summary.histogram("weights1", W1)
tf.summary.scalar("cost", cost)
merged = tf.summary.merge_all()
with tf.Session() as sess:
    writer = tf.summary.FileWriter("./logs/xor", sess.graph)
    sess.run(tf.global_variables_initializer())
    for step in range(101):
        summary, now, _ = sess.run([merged, cost, train], feed_dict={x: X, y: Y})
        writer.add_summary(summary, global_step=step)
        if step % 50 == 0:
            print(step, "%.4f" % now)
    writer.close()
    print(predicted.eval({x: X}).ravel().tolist(), accuracy.eval({x: X, y: Y}), [v.name for v in tf.global_variables()[:4]])
