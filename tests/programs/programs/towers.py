# Gradients of two towers are averaged, variables are shared by reuse.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(76)
tf.set_random_seed(76)


def average_gradients(tower_grads):
    found = []
    for grads_and_vars in zip(*tower_grads):
        grads = [tf.expand_dims(g, 0) for g, _ in grads_and_vars]
        found.append((tf.reduce_mean(tf.concat(axis=0, values=grads), 0), grads_and_vars[0][1]))
    return found


x, y = tf.placeholder(tf.float32, [12, 4]), tf.placeholder(tf.float32, [12, 1])
optimizer = tf.train.GradientDescentOptimizer(0.05)
tower_grads, losses = [], []
with tf.variable_scope(tf.get_variable_scope()):
    for i, (xs, ys) in enumerate(zip(tf.split(x, 2), tf.split(y, 2))):
        with tf.device("/cpu:0"), tf.name_scope("tower_%d" % i):
            out = tf.layers.dense(tf.layers.dense(xs, 6, tf.nn.relu, name="h"), 1, name="o")
            losses.append(tf.reduce_mean(tf.square(out - ys)))
            tf.get_variable_scope().reuse_variables()
            tower_grads.append(optimizer.compute_gradients(losses[-1]))
train = optimizer.apply_gradients(average_gradients(tower_grads))
whole = tf.add_n(losses) / 2
print(len(tf.trainable_variables()), losses[1].name)
data = rng.randn(12, 4)
with tf.Session(config=tf.ConfigProto(allow_soft_placement=True)) as sess:
    sess.run(tf.global_variables_initializer())
    for i in range(9):
        value, _ = sess.run([whole, train], {x: data, y: data[:, :1] - 1})
        if i % 4 == 0:
            print(i, "%.4f" % value)
