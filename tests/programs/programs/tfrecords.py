# Examples written to TFRecords, read by tf.data: parsed, shuffled, batched; sparse features.
import numpy as np
import tensorflow as tf

rng = np.random.RandomState(70)
with tf.python_io.TFRecordWriter("train.tfrecords") as writer:
    for i in range(10):
        image = rng.randint(0, 255, (4, 4), dtype=np.uint8)
        example = tf.train.Example(features=tf.train.Features(feature={
            "image_raw": tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()])),
            "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
            "tags": tf.train.Feature(int64_list=tf.train.Int64List(value=range(i % 3)))}))
        writer.write(example.SerializeToString())


def parse(serialized):
    features = tf.parse_single_example(serialized, features={
        "image_raw": tf.FixedLenFeature([], tf.string), "label": tf.FixedLenFeature([], tf.int64), "tags": tf.VarLenFeature(tf.int64)})
    image = tf.reshape(tf.decode_raw(features["image_raw"], tf.uint8), [4, 4])
    return tf.cast(image, tf.float32) / 255.0, features["label"], features["tags"]


dataset = tf.data.TFRecordDataset("train.tfrecords").map(parse).shuffle(4, seed=1).repeat(2).batch(6)
images, labels, tags = dataset.make_one_shot_iterator().get_next()
mean, dense = tf.reduce_mean(images), tf.sparse_tensor_to_dense(tags, default_value=-1)
with tf.Session() as sess:
    while True:
        try:
            m, l, t = sess.run([mean, labels, dense])
            print("%.4f" % m, l.tolist(), t.shape)
        except tf.errors.OutOfRangeError:
            break
print(sum(1 for _ in tf.python_io.tf_record_iterator("train.tfrecords")))
