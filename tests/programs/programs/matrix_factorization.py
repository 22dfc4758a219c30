# Recommendations: user and item vectors with biases, on batches of ratings.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(57)
users, items, D = 15, 12, 3
truth = rng.randn(users, 2).dot(rng.randn(2, items)) + 3
rows, columns = np.nonzero(rng.rand(users, items) < 0.6)
ratings = truth[rows, columns].astype(np.float32)
tf.set_random_seed(57)
user_batch, item_batch = tf.placeholder(tf.int32, [None], name="id_user"), tf.placeholder(tf.int32, [None], name="id_item")
rate_batch = tf.placeholder(tf.float32, [None])
bias_global = tf.get_variable("bias_global", shape=[], initializer=tf.zeros_initializer())
w_user = tf.get_variable("embd_user", shape=[users, D], initializer=tf.truncated_normal_initializer(stddev=0.2))
w_item = tf.get_variable("embd_item", shape=[items, D], initializer=tf.truncated_normal_initializer(stddev=0.2))
b_user = tf.get_variable("bias_user", shape=[users], initializer=tf.zeros_initializer())
vectors = [tf.nn.embedding_lookup(w, ids) for w, ids in ((w_user, user_batch), (w_item, item_batch))]
infer = tf.reduce_sum(tf.multiply(*vectors), 1) + bias_global + tf.nn.embedding_lookup(b_user, user_batch)
infer = tf.clip_by_value(infer, -10.0, 10.0, name="svd_inference")
regularizer = tf.add(tf.nn.l2_loss(vectors[0]), tf.nn.l2_loss(vectors[1]), name="svd_regularizer")
cost = tf.nn.l2_loss(tf.subtract(infer, rate_batch)) + 0.02 * regularizer
global_step = tf.train.get_or_create_global_step()
train_op = tf.train.AdamOptimizer(0.05).minimize(cost, global_step=global_step)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    for epoch in range(20):
        for k in range(0, len(rows), 20):
            feed = {user_batch: rows[k:k + 20], item_batch: columns[k:k + 20], rate_batch: ratings[k:k + 20]}
            predicted, _ = sess.run([infer, train_op], feed)
        if epoch % 5 == 0:
            whole = sess.run(infer, {user_batch: rows, item_batch: columns})
            print(epoch, "RMSE %.4f step %d" % (np.sqrt(np.mean((whole - ratings) ** 2)), sess.run(global_step)))
