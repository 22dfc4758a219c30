"""Logs the graph of (x + y) ** (x * y), for TensorBoard or `graphflow view`.

From a TensorFlow workshop's slides. Run it with `graphflow run examples/log_graph.py`, then `graphflow view logs`.
"""

import tensorflow as tf

x = 2
y = 3
op1 = tf.add(x, y)
op2 = tf.multiply(x, y)
op3 = tf.pow(op1, op2)
with tf.Session() as sess:
    op3 = sess.run(op3)
print(op3)    # added: the slides compute it without showing it

tf.summary.FileWriter("logs", tf.get_default_graph()).close()
