"""Input pipelines: records decoded, shuffled and batched, and training steps that tf.data feeds, beside the same steps without it."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tools.bench.common import Step, Workload, rand, session

RECORDS, ELEMENTS, SMALL, ITERATIONS = 6000, 10_000, 200, 60


def _features(tf: Any) -> dict[str, Any]:
    return {"image_raw": tf.FixedLenFeature([], tf.string), "label": tf.FixedLenFeature([], tf.int64)}


def _digits(tf: Any, count: int) -> str:
    """A TFRecord file of `count` pictures as the MNIST converter of TF1's examples writes them: raw bytes and a label."""
    path = os.path.join(tempfile.mkdtemp(prefix="bench_", dir=os.environ.get("BENCH_TMP")), "digits.tfrecords")
    pictures = np.random.RandomState(0).randint(0, 256, (count, 784)).astype(np.uint8)
    with tf.python_io.TFRecordWriter(path) as writer:
        for k in range(count):
            feature = {"image_raw": tf.train.Feature(bytes_list=tf.train.BytesList(value=[pictures[k].tobytes()])),
                       "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[k % 10]))}
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    return path


def _decoded(tf: Any) -> Any:
    def decode(serialized: Any) -> Any:
        found = tf.parse_single_example(serialized, _features(tf))
        image = tf.decode_raw(found["image_raw"], tf.uint8)
        image.set_shape([784])
        return tf.cast(image, tf.float32) * (1.0 / 255) - 0.5, tf.cast(found["label"], tf.int32)

    return decode


def _passes(tf: Any, dataset: Any) -> Step:
    """A step that takes all elements of a dataset."""
    iterator = tf.data.make_initializable_iterator(dataset)
    batch = iterator.get_next()
    sess = session(tf)

    def step() -> None:
        sess.run(iterator.initializer)
        try:
            while True:
                sess.run(batch)
        except tf.errors.OutOfRangeError:
            pass

    return step


def records(tf: Any, small: bool) -> Step:
    """One pass over 6,000 records: parsed, decoded, scaled, shuffled, in batches of 100."""
    dataset = tf.data.TFRecordDataset(_digits(tf, SMALL if small else RECORDS)).map(_decoded(tf))
    dataset = dataset.shuffle(1000, seed=1).batch(100).prefetch(2)
    return _passes(tf, dataset)


def batched_records(tf: Any, small: bool) -> Step:
    """The same, parsed a batch at a time and mapped by two threads."""

    def decode(serialized: Any) -> Any:
        found = tf.parse_example(serialized, _features(tf))
        return tf.cast(tf.decode_raw(found["image_raw"], tf.uint8), tf.float32) * (1.0 / 255) - 0.5, tf.cast(found["label"], tf.int32)

    dataset = tf.data.TFRecordDataset(_digits(tf, SMALL if small else RECORDS)).shuffle(1000, seed=1).batch(100)
    return _passes(tf, dataset.map(decode, num_parallel_calls=2).prefetch(2))


def _network(tf: Any, x: Any, y: Any) -> Any:
    hidden = tf.layers.dense(x, 512, tf.nn.relu)
    loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(hidden, 10))
    return tf.train.GradientDescentOptimizer(0.1).minimize(loss)


def trained_from_data(tf: Any, small: bool) -> Step:
    """60 training steps of 784-512-10 on batches of 100 from tensors: shuffled, repeated, prefetched."""
    x, y = rand(SMALL if small else RECORDS, 784), np.arange(SMALL if small else RECORDS, dtype=np.int32) % 10
    dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1000, seed=1).repeat().batch(100).prefetch(2)
    train = _network(tf, *tf.data.make_one_shot_iterator(dataset).get_next())
    sess = session(tf)

    def step() -> None:
        for _ in range(ITERATIONS):
            sess.run(train)

    return step


def trained_from_feeds(tf: Any, small: bool) -> Step:
    """The same steps, of one batch that is fed."""
    x, y = tf.placeholder(tf.float32, [None, 784]), tf.placeholder(tf.int32, [None])
    train = _network(tf, x, y)
    sess = session(tf)
    feed = {x: rand(100, 784), y: np.arange(100, dtype=np.int32) % 10}

    def step() -> None:
        for _ in range(ITERATIONS):
            sess.run(train, feed)

    return step


def mapped(tf: Any, small: bool) -> Step:
    """10,000 elements of a range, mapped, filtered and batched."""
    dataset = tf.data.Dataset.range(SMALL if small else ELEMENTS).map(lambda v: tf.cast(v, tf.float32) * 2.0)
    dataset = dataset.filter(lambda v: v > 1.0).batch(100)
    return _passes(tf, dataset)


INPUTS = (
    Workload("records", records, "MNIST from TFRecords: decode, shuffle, batch", units=RECORDS, unit="record"),
    Workload("records-batch", batched_records, "the same, parsed by the batch", units=RECORDS, unit="record"),
    Workload("range", mapped, "a range: map, filter, batch", units=ELEMENTS, unit="element"),
    Workload("fit-data", trained_from_data, "784-512-10 fed by tf.data, batch 100", units=ITERATIONS),
    Workload("fit-feed", trained_from_feeds, "the same, of a fed batch", units=ITERATIONS),
)
