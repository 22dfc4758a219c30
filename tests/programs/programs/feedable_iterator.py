# Training and validation data through one feedable iterator.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(71)
x_data = rng.randn(40, 3).astype(np.float32)
y_data = x_data.dot(np.array([[1.0], [2.0], [-1.0]], np.float32))
train = tf.data.Dataset.from_tensor_slices((x_data[:30], y_data[:30])).repeat().batch(10).prefetch(1)
valid = tf.data.Dataset.from_tensor_slices((x_data[30:], y_data[30:])).batch(10)
handle = tf.placeholder(tf.string, shape=[])
iterator = tf.data.Iterator.from_string_handle(handle, train.output_types, train.output_shapes)
x, y = iterator.get_next()
train_iterator, valid_iterator = train.make_one_shot_iterator(), valid.make_initializable_iterator()
w = tf.Variable(tf.zeros([3, 1]))
loss = tf.losses.mean_squared_error(y, tf.matmul(x, w))
step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
print(x.shape, x.dtype.name)
with tf.Session() as sess:
    sess.run(tf.global_variables_initializer())
    train_handle, valid_handle = sess.run([train_iterator.string_handle(), valid_iterator.string_handle()])
    for epoch in range(4):
        for _ in range(3):
            sess.run(step, {handle: train_handle})
        sess.run(valid_iterator.initializer)
        print(epoch, "valid %.4f" % sess.run(loss, {handle: valid_handle}))
