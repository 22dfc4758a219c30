# Scalars, histograms, images and texts in event files, read again.
import glob
import numpy as np
import tensorflow as tf

tf.set_random_seed(74)
x = tf.placeholder(tf.float32, [None, 8, 8, 1])
with tf.name_scope("summaries"):
    mean = tf.reduce_mean(x)
    tf.summary.scalar("mean", mean)
    tf.summary.scalar("stddev", tf.sqrt(tf.reduce_mean(tf.square(x - mean))))
    tf.summary.histogram("histogram", x)
tf.summary.image("input", x, 2)
merged = tf.summary.merge_all()
with tf.Session() as sess:
    train_writer = tf.summary.FileWriter("logs/train", sess.graph)
    test_writer = tf.summary.FileWriter("logs/test")
    for i in range(3):
        summary = sess.run(merged, {x: np.full([2, 8, 8, 1], i) + np.arange(8).reshape(1, 8, 1, 1)})
        (test_writer if i == 1 else train_writer).add_summary(summary, i)
    extra = tf.Summary(value=[tf.Summary.Value(tag="accuracy", simple_value=0.75)])
    test_writer.add_summary(extra, 3)
    train_writer.close()
    test_writer.close()
for folder in ("logs/train", "logs/test"):
    (path,) = glob.glob(folder + "/events*")
    for event in tf.train.summary_iterator(path):
        for value in event.summary.value:
            kind = value.WhichOneof("value")
            shown = "%.3f" % value.simple_value if kind == "simple_value" else kind
            print(folder, event.step, value.tag, shown)
