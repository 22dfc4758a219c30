# Lines of CSV files through a file name queue, a text reader and decode_csv.
import tensorflow as tf

for name in ("a", "b"):
    with open(name + ".csv", "w") as f:
        f.write("sepal,petal,kind\n" + "".join("%d.5,%d,%s\n" % (i, i * 2, name) for i in range(4)))
queue = tf.train.string_input_producer(["a.csv", "b.csv"], num_epochs=1, shuffle=False)
reader = tf.TextLineReader(skip_header_lines=1)
key, value = reader.read(queue)
sepal, petal, kind = tf.decode_csv(value, record_defaults=[[0.0], [0], [""]])
features = tf.stack([sepal, tf.cast(petal, tf.float32)])
batch, kinds, keys = tf.train.batch([features, kind, key], batch_size=4)
with tf.Session() as sess:
    sess.run(tf.local_variables_initializer())
    coord = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(coord=coord)
    for _ in range(2):
        f, k, at = sess.run([batch, kinds, keys])
        print(f.tolist(), k.tolist(), at[-1].decode().rsplit("/")[-1])
    coord.request_stop()
    coord.join(threads)
