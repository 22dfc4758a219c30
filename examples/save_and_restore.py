"""Digits by softmax regression, saved and restored; the graph is logged.

From a TensorFlow workshop's slides. Run it with `graphflow run examples/save_and_restore.py`, then look at what it left:
`graphflow inspect tmp` lists the checkpoint's tensors, `graphflow view logs` shows the graph.
"""

import sys

import tensorflow as tf

from tensorflow.examples.tutorials.mnist import input_data
mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)

img_size = 28
img_size_flat = img_size * img_size
num_classes = 10

x = tf.placeholder(tf.float32, [None, img_size_flat])
y_ = tf.placeholder(tf.float32, [None, num_classes])    # repaired: the slides call it y_true here and y_ below

weights = tf.Variable(tf.zeros([img_size_flat, num_classes]))
biases = tf.Variable(tf.zeros([num_classes]))

logits = tf.matmul(x, weights) + biases
y_pred = tf.nn.softmax(logits)
y_pred_cls = tf.argmax(y_pred, axis = 1)
y_true_cls = tf.argmax(y_, axis = 1)    # repaired: the slides feed it

cross_entropy = tf.nn.softmax_cross_entropy_with_logits(logits=logits, labels=y_)
cost = tf.reduce_mean(cross_entropy)
optimizer = tf.train.GradientDescentOptimizer(learning_rate=0.5).minimize(cost)
correct_prediction = tf.equal(y_pred_cls, y_true_cls)
accuracy = tf.reduce_mean(tf.cast(correct_prediction, tf.float32))

saver = tf.train.Saver()    # repaired: "saver is not declared???", as the slides put it

tf.summary.FileWriter("logs", tf.get_default_graph()).close()

with tf.Session() as sess:    # added: session and training
    sess.run(tf.global_variables_initializer())
    for _ in range(20 if "--small" in sys.argv else 1000):
        x_batch, y_true_batch = mnist.train.next_batch(100)
        sess.run(optimizer, feed_dict={x: x_batch, y_: y_true_batch})
    print("Accuracy:", accuracy.eval({x: mnist.test.images, y_: mnist.test.labels}))

    model_path = "./tmp/model.ckpt"
    save_path = saver.save(sess, model_path)
    print("Model saved in file: %s" % save_path)

saver = tf.train.Saver()
model_path = "./tmp/model.ckpt"
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    saver.restore(sess, model_path)
    print("Accuracy:", accuracy.eval({x: mnist.test.images, y_: mnist.test.labels}))
