# A convolutional network for sentences, with filters of several widths.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(42)
tf.set_random_seed(42)
T, V, E = 10, 30, 6
input_x = tf.placeholder(tf.int32, [None, T], name="input_x")
input_y = tf.placeholder(tf.float32, [None, 2], name="input_y")
keep = tf.placeholder(tf.float32, name="dropout_keep_prob")
with tf.device("/cpu:0"), tf.name_scope("embedding"):
    W = tf.Variable(tf.random_uniform([V, E], -1.0, 1.0), name="W")
    embedded = tf.expand_dims(tf.nn.embedding_lookup(W, input_x), -1)
pooled = []
for size in (2, 3, 4):
    with tf.name_scope("conv-maxpool-%s" % size):
        W = tf.Variable(tf.truncated_normal([size, E, 1, 4], stddev=0.1), name="W")
        b = tf.Variable(tf.constant(0.1, shape=[4]), name="b")
        h = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(embedded, W, strides=[1, 1, 1, 1], padding="VALID", name="conv"), b), name="relu")
        pooled.append(tf.nn.max_pool(h, ksize=[1, T - size + 1, 1, 1], strides=[1, 1, 1, 1], padding="VALID", name="pool"))
flat = tf.nn.dropout(tf.reshape(tf.concat(pooled, 3), [-1, 12]), keep)
with tf.name_scope("output"):
    W = tf.get_variable("W", shape=[12, 2], initializer=tf.glorot_uniform_initializer())
    scores = tf.nn.xw_plus_b(flat, W, tf.Variable(tf.constant(0.1, shape=[2])), name="scores")
loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(logits=scores, labels=input_y)) + 0.1 * tf.nn.l2_loss(W)
global_step = tf.Variable(0, name="global_step", trainable=False)
optimizer = tf.train.AdamOptimizer(1e-2)
grads_and_vars = optimizer.compute_gradients(loss)
train_op = optimizer.apply_gradients(grads_and_vars, global_step=global_step)
print([isinstance(g, tf.IndexedSlices) for g, _ in grads_and_vars][:2], scores.name)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    x = rng.randint(0, V, (16, T))
    y = np.eye(2)[(x == 3).any(1).astype(int)]
    for i in range(12):
        _, step, value = sess.run([train_op, global_step, loss], {input_x: x, input_y: y, keep: 1.0})
        if i % 4 == 0:
            print(step, "%.4f" % value)
    print(sess.run(scores, {input_x: x[:3], keep: 0.5}).shape)
