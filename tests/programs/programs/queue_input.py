# The queue input of old: slices, batches, a coordinator and queue runners.
import numpy as np
import tensorflow as tf

images = np.arange(48, dtype=np.float32).reshape(12, 4)
labels = np.arange(12) % 3
image, label = tf.train.slice_input_producer([tf.constant(images), tf.constant(labels)], num_epochs=2, shuffle=False)
x, y = tf.train.batch([image * 2, label], batch_size=5, num_threads=1, allow_smaller_final_batch=True)
w = tf.Variable(tf.zeros([4, 3]))
loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=tf.matmul(x / 100.0, w)))
train = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
with tf.Session() as sess:
    sess.run([tf.global_variables_initializer(), tf.local_variables_initializer()])
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(sess=sess, coord=coord)
    try:
        while not coord.should_stop():
            shape, value, _ = sess.run([tf.shape(x), loss, train])
            print(shape.tolist(), "%.4f" % value)
    except tf.errors.OutOfRangeError:
        print("epochs are over")
    finally:
        coord.request_stop()
    coord.join(threads)
