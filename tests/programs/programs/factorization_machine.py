# A factorization machine: pairs of features through factors, with logistic loss.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(58)
x_data = (rng.rand(80, 10) < 0.3).astype(np.float32)
y_data = ((x_data[:, 0] * x_data[:, 1] + x_data[:, 2] + 0.2 * rng.randn(80)) > 0.4).astype(np.float32)[:, None]
tf.set_random_seed(58)
X, y = tf.placeholder("float", shape=[None, 10]), tf.placeholder("float", shape=[None, 1])
w0, W = tf.Variable(tf.zeros([1])), tf.Variable(tf.zeros([10]))
V = tf.Variable(tf.random_normal([4, 10], stddev=0.1))
linear = tf.add(w0, tf.reduce_sum(tf.multiply(W, X), 1, keep_dims=True))
pairs = 0.5 * tf.reduce_sum(tf.subtract(tf.pow(tf.matmul(X, tf.transpose(V)), 2), tf.matmul(tf.pow(X, 2), tf.transpose(tf.pow(V, 2)))),
                            1, keep_dims=True)
logit = tf.add(linear, pairs)
l2 = tf.reduce_sum(tf.add(tf.multiply(0.001, tf.pow(W, 2)), tf.multiply(0.001, tf.pow(V, 2))))
loss = tf.add(tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(logits=logit, labels=y)), l2)
auc, auc_update = tf.metrics.auc(y, tf.sigmoid(logit))
train = tf.train.AdagradOptimizer(0.2).minimize(loss)
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    for i in range(41):
        value, _ = sess.run([loss, train], {X: x_data, y: y_data})
        if i % 20 == 0:
            print(i, "%.4f" % value)
    sess.run(auc_update, {X: x_data, y: y_data})
    print("AUC %.3f" % sess.run(auc))
