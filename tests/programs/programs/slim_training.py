# slim: arg_scope, layers, losses in collections and the training loop.
import numpy as np
import tensorflow as tf
import tensorflow.contrib.slim as slim

rng = np.random.RandomState(82)
with tf.Graph().as_default():
    tf.set_random_seed(82)
    images, labels = tf.constant(rng.rand(16, 8, 8, 1).astype(np.float32)), tf.constant(np.arange(16) % 3)
    with slim.arg_scope([slim.conv2d, slim.fully_connected], activation_fn=tf.nn.relu, weights_regularizer=slim.l2_regularizer(1e-3)):
        net = slim.repeat(images, 2, slim.conv2d, 4, [3, 3], scope="conv")
        net = slim.max_pool2d(net, [2, 2], scope="pool")
        net = slim.dropout(slim.flatten(net), 1.0)
        logits = slim.fully_connected(net, 3, activation_fn=None, scope="logits")
    print([v.op.name for v in slim.get_model_variables()])
    slim.losses.sparse_softmax_cross_entropy(logits, labels)
    total = slim.losses.get_total_loss()
    train_op = slim.learning.create_train_op(total, tf.train.GradientDescentOptimizer(0.5))
    final = slim.learning.train(train_op, "log", number_of_steps=25, log_every_n_steps=10, save_summaries_secs=3600, save_interval_secs=3600)
    print("learned", final < 1.2, tf.train.latest_checkpoint("log"))
