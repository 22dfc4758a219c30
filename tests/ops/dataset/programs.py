"""Programs with tf.data, run by graphflow and by TensorFlow, whose lines tests/data/tensorflow/dataset_programs.json keeps. `tf` is either.

    $GRAPHFLOW_TF_PYTHON -m tests.ops.dataset.programs      writes that file

A program gives lines of text: dtypes and shapes, what an iterator gives until its end (twice where it is initialized twice), names of
the graph's nodes.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

TARGET = Path(__file__).parents[2] / "data" / "tensorflow" / "dataset_programs.json"


def plain(value):
    """A fetched value without numpy's types; texts as they are."""
    if isinstance(value, dict):
        return {k: plain(v) for k, v in sorted(value.items())}
    if hasattr(value, "dense_shape"):
        return [plain(v) for v in (value.indices, value.values, value.dense_shape)]
    if isinstance(value, tuple):
        return tuple(plain(v) for v in value)
    if isinstance(value, list):
        return [plain(v) for v in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


def drained(tf, session, fetch, limit=40):
    """What runs of `fetch` give, with the names of errors; "end" at the end."""
    found = []
    for _ in range(limit):
        try:
            found.append(plain(session.run(fetch)))
        except tf.errors.OutOfRangeError:
            return [*found, "end"]
        except tf.errors.OpError as error:
            found.append(type(error).__name__)
    return found


def shown(tf, dataset, feed=None, limit=40, init=False, names=True):
    """The lines of a dataset."""
    iterator = dataset.make_initializable_iterator() if init or feed else dataset.make_one_shot_iterator()
    fetch = iterator.get_next()
    lines = [f"{dataset.output_types} {dataset.output_shapes}"]
    with tf.Session() as session:
        for _ in range(2 if init or feed else 1):
            if init or feed:
                session.run(iterator.initializer, feed)
            lines.append(str(drained(tf, session, fetch, limit)))
    if names:
        lines.append(" ".join(op.name for op in tf.get_default_graph().get_operations()))
    return lines


def program_slices(tf):
    return shown(tf, tf.data.Dataset.from_tensor_slices((np.arange(6, dtype=np.float32).reshape(3, 2),
                                                         {"y": np.arange(3), "a": ["x", "y", "zz"]})))


def program_one_element(tf):
    return shown(tf, tf.data.Dataset.from_tensors([1, 2, 3]).repeat(2))


def program_ranges(tf):
    return shown(tf, tf.data.Dataset.range(1, 10, 3).concatenate(tf.data.Dataset.range(2)).batch(2))


def program_batches_without_remainder(tf):
    return shown(tf, tf.data.Dataset.range(7).batch(3, drop_remainder=True).map(lambda x: x * 2), init=True)


def program_fed(tf):
    x = tf.placeholder(tf.float32, [None, 2])
    return shown(tf, tf.data.Dataset.from_tensor_slices(x).map(lambda v: (v, tf.reduce_sum(v))), {x: np.ones((3, 2))})


def program_shuffled(tf):
    lines = []
    for seed, graph_seed in ((3, None), (None, 11), (3, 11), (0, 0)):
        for again in (None, False, True):
            tf.reset_default_graph()
            if graph_seed is not None:
                tf.set_random_seed(graph_seed)
            numbers = tf.data.Dataset.range(10)
            lines += shown(tf, numbers.shuffle(4, seed, again).repeat(3).batch(5), init=True)
            lines += shown(tf, numbers.shuffle(100, seed, again))
            lines += shown(tf, numbers.repeat(2).shuffle(7, seed, again).batch(4), names=False)
            lines += shown(tf, tf.data.Dataset.zip((numbers.shuffle(5, seed, again), numbers.shuffle(5, seed, again))), names=False)
    return lines


def program_zipped(tf):
    data = tf.data.Dataset
    return shown(tf, data.zip((data.range(3), {"a": data.range(10, 20), "b": (data.range(5),)})).take(2).skip(1))


def program_dicts(tf):
    return shown(tf, tf.data.Dataset.from_tensor_slices({"b": [1., 2.], "a": [[1], [2]]}).map(
        lambda d: {"s": d["a"] + 1, "t": d["b"]}).prefetch(2))


def program_parallel_maps(tf):
    return shown(tf, tf.data.Dataset.range(20).map(lambda x: x * x, num_parallel_calls=4).batch(6).prefetch(1))


def program_filtered(tf):
    return shown(tf, tf.data.Dataset.range(20).filter(lambda x: tf.equal(x % 3, 0)))


def program_flat_maps(tf):
    return shown(tf, tf.data.Dataset.range(1, 4).flat_map(tf.data.Dataset.range))


def program_interleaved(tf):
    data = tf.data.Dataset
    return [*shown(tf, data.range(1, 6).interleave(lambda x: data.from_tensors(x).repeat(3), cycle_length=2, block_length=2)),
            *shown(tf, data.range(1, 6).interleave(data.range, cycle_length=3, block_length=1)),
            *shown(tf, data.range(1, 9).interleave(lambda x: data.range(x * 10, x * 10 + x % 4), 3, 2)),
            *shown(tf, data.range(1, 9).interleave(lambda x: data.range(x * 10, x * 10 + x % 4), 3, 2, num_parallel_calls=2), names=False)]


def program_padded(tf):
    numbers = tf.data.Dataset.range(1, 6)
    return [*shown(tf, numbers.map(lambda x: tf.fill([x], x)).padded_batch(2, [None])),
            *shown(tf, numbers.map(lambda x: (tf.fill([x], x), x)).padded_batch(
                2, ([6], []), drop_remainder=True, padding_values=(tf.constant(-1, tf.int64), tf.constant(0, tf.int64)))),
            *shown(tf, numbers.map(lambda x: tf.fill([x, 2], "a")).padded_batch(4, [-1, 3], "z"))]


def program_windows(tf):
    data = tf.data.Dataset
    return [*shown(tf, data.range(7).window(3, 2, drop_remainder=False).flat_map(lambda w: w.batch(3))),
            *shown(tf, data.range(10).window(3, 1, 2, True).flat_map(lambda w: w.batch(3))),
            *shown(tf, data.range(10).window(2, 5, 1).flat_map(lambda w: w.batch(3))),
            *shown(tf, data.zip((data.range(5), data.range(5))).window(2).flat_map(lambda a, b: data.zip((a.batch(2), b))))]


def program_shards_numbered_and_cached(tf):
    return shown(tf, tf.data.Dataset.range(10).shard(3, 1).enumerate(5).cache().repeat(2), names=False)


def program_unbatched(tf):
    return shown(tf, tf.data.Dataset.from_tensors(([1, 2], [[3.], [4.]])).unbatch(), names=False)


def program_captured(tf):
    table = tf.constant([1, 2, 3], tf.int64)
    return shown(tf, tf.data.Dataset.range(3).map(lambda i: tf.gather(table, i)))


def program_variables_in_maps(tf):
    lines = []
    for use_resource in (True, False):
        v = tf.get_variable(f"v{use_resource}", initializer=5., use_resource=use_resource)
        iterator = tf.data.Dataset.range(3).map(lambda i, v=v: tf.cast(i, tf.float32) + v).make_initializable_iterator()
        fetch = iterator.get_next()
        with tf.Session() as session:
            session.run(v.initializer)
            session.run(iterator.initializer)
            lines.append(str(drained(tf, session, fetch)))
    return lines


def program_reinitialized(tf):
    one, other = tf.data.Dataset.range(3), tf.data.Dataset.range(10, 13).map(lambda x: x + 1)
    iterator = tf.data.Iterator.from_structure(one.output_types, one.output_shapes)
    fetch, starts = iterator.get_next(), [iterator.make_initializer(one), iterator.make_initializer(other, name="other")]
    lines = []
    with tf.Session() as session:
        for start in (*starts, starts[0]):
            session.run(start)
            lines.append(str(drained(tf, session, fetch)))
    return [*lines, " ".join(op.name for op in tf.get_default_graph().get_operations())]


def program_fed_handles(tf):
    one, other = tf.data.Dataset.range(5).repeat(), tf.data.Dataset.range(10, 13).map(lambda x: x + 1)
    handle = tf.placeholder(tf.string, [])
    iterator = tf.data.Iterator.from_string_handle(handle, one.output_types, one.output_shapes)
    fetch = iterator.get_next() * 2
    first, second = one.make_one_shot_iterator(), other.make_initializable_iterator()
    with tf.Session() as session:
        a, b = session.run([first.string_handle(), second.string_handle()])
        session.run(second.initializer)
        return [str([plain(session.run(fetch, {handle: h})) for h in (a, a, b, a, b)])]


def program_errors(tf):
    data = tf.data.Dataset
    bad = data.range(1, 4).map(lambda x: tf.fill([x], x)).batch(2)
    infinite = data.from_tensor_slices([1, 0, 2]).map(lambda x: tf.check_numerics(1. / tf.cast(x, tf.float32), "bad"))
    unready = data.range(3).make_initializable_iterator().get_next()
    with tf.Session() as session:
        return [*shown(tf, bad, names=False), *shown(tf, infinite, names=False), str(drained(tf, session, unready, 2)),
                *shown(tf, data.range(3).map(lambda x: x + tf.cast(tf.size(tf.constant([[1]])), tf.int64)).shard(2, 5), init=False,
                       names=False, limit=0)]


def program_python_functions(tf):
    return shown(tf, tf.data.Dataset.range(3).map(lambda x: tf.py_func(lambda v: (v * 2).astype("f"), [x], tf.float32)), init=True)


def program_random_maps(tf):
    tf.set_random_seed(5)
    return [*shown(tf, tf.data.Dataset.range(4).map(lambda x: tf.random_uniform([2], seed=3)), init=True),
            *shown(tf, tf.data.Dataset.range(4).map(lambda x: tf.random_uniform([2])).repeat(2), init=True),
            str(plain(tf.Session().run(tf.random_uniform([1]))))]


def program_what_one_shot_iterators_refuse(tf):
    x, v = tf.placeholder(tf.float32, [3]), tf.get_variable("v", initializer=5., use_resource=True)
    lines = []
    for dataset in (tf.data.Dataset.from_tensor_slices(x), tf.data.Dataset.range(3).map(lambda i: tf.cast(i, tf.float32) + v)):
        try:
            dataset.make_one_shot_iterator()
        except ValueError as error:
            lines.append(type(error).__name__)
    return lines


def program_counts(tf):
    numbers = tf.data.Dataset.range(5)
    return [line for dataset in (tf.data.Dataset.range(0).repeat(), numbers.repeat(0), numbers.repeat(), numbers.skip(-1), numbers.take(-1),
                                 numbers.skip(9), numbers.take(9))
            for line in shown(tf, dataset, limit=7, names=False)]


def folder_of_files():
    """A folder of the same files each time."""
    folder = Path(tempfile.mkdtemp(prefix="dataset_programs"))
    for i in range(3):
        (folder / f"t{i}.txt").write_bytes(b"".join(b"f%d l%d\n" % (i, j) for j in range(i + 2)))
        (folder / f"g{i}.gz").write_bytes(gzip.compress(b"gz %d\r\nlast" % i, mtime=0))
        (folder / f"b{i}.bin").write_bytes(b"H" + bytes(range(i * 8, i * 8 + 8)) + b"FF")
    return folder


def record_files(tf, folder):
    """Three TFRecord files."""
    for i in range(3):
        with tf.python_io.TFRecordWriter(str(folder / f"r{i}.tfrecord")) as writer:
            for j in range(3 - i):
                writer.write(b"rec%d-%d" % (i, j))
    return [str(folder / f"r{i}.tfrecord") for i in range(3)]


def program_lines_of_files(tf):
    folder = folder_of_files()
    names = [str(folder / f"t{i}.txt") for i in range(3)]
    return [*shown(tf, tf.data.TextLineDataset(names)), *shown(tf, tf.data.TextLineDataset(names[1]).skip(1)),
            *shown(tf, tf.data.TextLineDataset([str(folder / f"g{i}.gz") for i in range(3)], "GZIP", 100))]


def program_records_of_files(tf):
    folder = folder_of_files()
    names = record_files(tf, folder)
    fed = tf.placeholder(tf.string, [None])
    return [*shown(tf, tf.data.TFRecordDataset(names)), *shown(tf, tf.data.TFRecordDataset(names, num_parallel_reads=2)),
            *shown(tf, tf.data.Dataset.from_tensor_slices(names).flat_map(tf.data.TFRecordDataset)),
            *shown(tf, tf.data.TFRecordDataset(fed), {fed: names[:2]}),
            *shown(tf, tf.data.FixedLengthRecordDataset([str(folder / f"b{i}.bin") for i in range(2)], 4, 1, 2).map(
                lambda x: tf.decode_raw(x, tf.uint8)))]


def program_listed_files(tf):
    folder = str(folder_of_files())
    patterns = [(folder + "/t*.txt", False, None), (folder + "/*", None, 4), ([folder + "/t*", folder + "/b*"], False, None)]
    return [line.replace(folder, "") for pattern, shuffle, seed in patterns
            for line in shown(tf, tf.data.Dataset.list_files(pattern, shuffle, seed), limit=9)]


def program_examples_of_files(tf):
    path = str(folder_of_files() / "examples")
    with tf.python_io.TFRecordWriter(path) as writer:
        for i in range(4):
            writer.write(tf.train.Example(features=tf.train.Features(feature={
                "i": tf.train.Feature(int64_list=tf.train.Int64List(value=[i])),
                "r": tf.train.Feature(bytes_list=tf.train.BytesList(value=[bytes([i] * 3)]))})).SerializeToString())

    def parsed(text):
        found = tf.parse_single_example(text, {"i": tf.FixedLenFeature([], tf.int64), "r": tf.FixedLenFeature([], tf.string)})
        return tf.cast(tf.decode_raw(found["r"], tf.uint8), tf.float32), found["i"]
    return shown(tf, tf.data.TFRecordDataset(path).map(parsed).batch(3))


def program_reduced(tf):
    numbers = tf.data.Dataset.range(5)
    one = numbers.reduce(np.int64(0), lambda a, b: a + b)
    two = numbers.reduce((np.int64(1), 0.), lambda s, b: (s[0] * (b + 1), s[1] + 2.))
    grown = numbers.reduce(tf.zeros([1]), lambda s, b: tf.concat([s, [tf.cast(b, tf.float32)]], 0))
    single = tf.data.experimental.get_single_element(numbers.batch(5))
    refused = []
    with tf.Session() as session:
        lines = [f"{one.shape} {two[1].shape} {grown.shape} {single.shape}", str(plain(tuple(session.run([one, *two, grown, single]))))]
        for count in (0, 2):
            try:
                session.run(tf.data.experimental.get_single_element(tf.data.Dataset.range(count)))
            except tf.errors.InvalidArgumentError as error:
                refused.append(type(error).__name__)
    return [*lines, str(refused), " ".join(op.name for op in tf.get_default_graph().get_operations())]


def program_shuffled_and_repeated(tf):
    def lines(n, size, count, seed, limit=40):
        return shown(tf, tf.data.Dataset.range(n).apply(tf.data.experimental.shuffle_and_repeat(size, count, seed=seed)), init=True,
                     limit=limit)
    found = [*lines(7, 4, 1, 5), *lines(7, 4, 3, 5), *lines(7, 4, None, 5, 20)]
    tf.set_random_seed(3)
    return [*found, *lines(20, 100, 2, None), *lines(5, 1, 2, None)]


def program_mapped_and_batched(tf):
    apply = tf.data.experimental.map_and_batch
    return [*shown(tf, tf.data.Dataset.range(7).apply(apply(lambda x: (x, x * 2), 3))),
            *shown(tf, tf.data.Dataset.range(7).apply(apply(lambda x: (x, x * 2), 3, drop_remainder=True, num_parallel_calls=2)))]


def program_interleaved_ahead(tf):
    data, apply = tf.data.Dataset, tf.data.experimental.parallel_interleave
    return [*shown(tf, data.range(1, 6).apply(apply(data.range, 2))),
            *shown(tf, data.range(1, 9).apply(apply(lambda x: data.range(x * 10, x * 10 + x % 4), 3, 2))),
            *shown(tf, data.range(5, 0, -1).apply(apply(lambda x: data.range(x * 10, x * 10 + x), 3, 1)))]


def program_some_are_left_out(tf):
    data, apart = tf.data.Dataset, tf.data.experimental
    return [*shown(tf, data.from_tensor_slices([1, 0, 2]).map(lambda x: tf.check_numerics(1. / tf.cast(x, tf.float32), "bad")).apply(
                apart.ignore_errors())),
            *shown(tf, data.range(9).apply(apart.take_while(lambda x: x < 4))),
            *shown(tf, data.range(5).apply(apart.scan(np.int64(10), lambda s, x: (s + x, s * x))))]


def program_generated(tf):
    def generator():
        for i in range(3):
            yield i, [float(i)] * i
    data = tf.data.Dataset
    return [*shown(tf, data.from_generator(generator, (tf.int32, tf.float32)), init=True),
            *shown(tf, data.from_generator(generator, (tf.int64, tf.float32), (tf.TensorShape([]), tf.TensorShape([None]))).repeat(2)),
            *shown(tf, data.from_generator(lambda n: iter(range(n)), tf.int64, args=(4,)).batch(3)),
            *shown(tf, data.from_generator(lambda: iter(["a", "b"]), tf.string, []).map(lambda s: tf.strings.join([s, "!"]))),
            *shown(tf, data.from_generator(lambda: iter([{"a": 1}, {"a": 2}]), {"a": tf.int32})),
            *shown(tf, data.from_generator(lambda: iter([[1, 2], [1, 2, 3], [3, 4]]), tf.int32, [2]))]


def program_branches_and_loops_in_maps(tf):
    numbers = tf.data.Dataset.range(5)
    return [*shown(tf, numbers.map(lambda x: tf.cond(x > 2, lambda: x * 10, lambda: -x))),
            *shown(tf, numbers.map(lambda x: tf.while_loop(lambda i: i < 10, lambda i: i * 2 + 1, [x]))),
            *shown(tf, tf.data.Dataset.from_tensor_slices(["a b", "c", "d e f"]).map(lambda s: tf.string_split([s]).values).padded_batch(
                2, [None]))]


def program_grouped(tf):
    data, apart = tf.data.Dataset, tf.data.experimental
    words = data.range(12).map(lambda n: (n, tf.fill([n * 5 % 7], n)))
    return [*shown(tf, data.range(10).apply(apart.group_by_window(lambda x: x % 3, lambda key, window: window.batch(2), 2)), names=False),
            *shown(tf, words.apply(apart.group_by_window(lambda n, v: n % 2, lambda k, w: data.zip((w.map(lambda n, v: n), data.range(9))),
                                                         window_size_func=lambda k: k + 2)), names=False),
            *shown(tf, words.apply(apart.bucket_by_sequence_length(lambda n, v: tf.size(v), [2, 4], [3, 2, 2])), names=False)]


def program_sampled(tf):
    data, apart = tf.data.Dataset, tf.data.experimental
    some = [data.range(k, k + 6) for k in (0, 100, 200)]
    lines = shown(tf, apart.RandomDataset(seed=5).take(3).batch(2), names=False)
    for weights, seed in ((None, 1), ([0.2, 0.3, 0.5], 2), ([0.0, 1.0, 3.0], 3), ([0.0, 1.0, 0.0], 4)):
        lines += shown(tf, apart.sample_from_datasets(some, weights, seed=seed), names=False)
    varying = data.from_tensors(np.array([0.5, 0.25, 0.25])).repeat()
    return [*lines, *shown(tf, apart.sample_from_datasets(some, varying, seed=7), names=False),
            *shown(tf, apart.choose_from_datasets(some, data.range(9).map(lambda n: n % 2 * 2)), names=False),
            *shown(tf, data.from_tensor_slices(["a", "b", "a", "c", "b"]).apply(apart.unique()), names=False),
            *shown(tf, apart.Counter(3, 4).take(3), names=False)]


def program_resampled(tf):
    def classes(count, target, initial):
        dataset = tf.data.Dataset.range(count).map(lambda n: n % 7 // 3)
        dataset = dataset.apply(tf.data.experimental.rejection_resample(lambda c: tf.cast(c, tf.int32), target, initial, seed=3))
        found = drained(tf, tf.Session(), dataset.make_one_shot_iterator().get_next(), count)[:-1]
        assert all(a == b for a, b in found)
        share = np.bincount([a for a, _ in found], minlength=3) / len(found)
        return "as wished" if np.abs(share - target).max() < 0.1 else f"{share}"
    return [str(tf.data.Dataset.range(3).apply(tf.data.experimental.rejection_resample(lambda c: 0, [0.5, 0.5])).output_types),
            classes(2000, [0.6, 0.2, 0.2], [3 / 7, 3 / 7, 1 / 7]), classes(2000, [0.2, 0.2, 0.6], None)]


def program_csv_files(tf):
    apart = tf.data.experimental
    with tempfile.TemporaryDirectory() as folder:
        name, other, packed = (os.path.join(folder, n) for n in ("a.csv", "b.csv", "c.csv.gz"))
        Path(name).write_text("x,y,name\n1,2.5,\"a, b\"\n,3,\"line\nend\"\n7,,NA\nz,1,q\n8,1\n9,9,last\n")
        Path(other).write_text("x,y,name\r\n10,0.5,k\r\n11,3000000000,l\r\n")
        with gzip.open(packed, "wt") as file:
            file.write("1;2\n3;4")
        lines = shown(tf, apart.CsvDataset([name, other], [[-1], [0.5], tf.string], header=True, na_value="NA"), names=False)
        lines += shown(tf, apart.CsvDataset(name, [tf.string, "?"], header=True, select_cols=[0, 2]), names=False)
        lines += shown(tf, apart.CsvDataset(packed, [tf.int64, tf.float64], "GZIP", field_delim=";"), names=False)
        lines += shown(tf, apart.make_csv_dataset(other, 1, num_epochs=1, shuffle=False), names=False)
        some = apart.make_csv_dataset(other, 2, label_name="name", shuffle=False, select_columns=["x", "name"])
        lines += shown(tf, some.take(2), names=False)
        lines += shown(tf, apart.make_csv_dataset(other, 2, num_epochs=3, shuffle_seed=3, column_defaults=["0", 1.0, "n"]), names=False)
        return lines


def program_sparse_elements(tf):
    data = tf.data.Dataset
    matrix = tf.SparseTensorValue(np.array([[0, 0], [0, 2], [2, 1]]), np.array([1, 2, 3], np.int32), np.array([3, 4]))
    words = data.from_tensor_slices(["a b", "", "c d e"]).map(lambda s: tf.string_split([s]))
    return [*shown(tf, data.from_tensors(matrix), names=False), *shown(tf, data.from_tensor_slices((matrix, [5, 6, 7])), names=False),
            *shown(tf, data.from_tensor_slices(matrix).batch(2), names=False),
            *shown(tf, data.from_tensors(matrix).repeat(2).batch(2).map(lambda s: tf.sparse.to_dense(s)), names=False),
            *shown(tf, data.from_tensors({"a": matrix, "b": [1, 2, 3]}).apply(tf.data.experimental.unbatch()), names=False),
            *shown(tf, words, names=False), *shown(tf, words.batch(3), names=False),
            *shown(tf, words.repeat(2).shuffle(3, 1).skip(1), init=True, names=False),
            *shown(tf, data.from_tensor_slices(matrix).filter(lambda s: tf.size(s.values) > 0), names=False),
            *shown(tf, data.zip((data.from_tensor_slices(matrix), data.range(2))).flat_map(
                lambda s, n: data.from_tensors((s, n)).repeat(n + 1)), names=False)]


def program_batched_features(tf):
    apart = tf.data.experimental
    features = {"x": tf.FixedLenFeature([2], tf.float32), "n": tf.VarLenFeature(tf.int64), "y": tf.FixedLenFeature([], tf.string)}
    with tempfile.TemporaryDirectory() as folder:
        for k in range(2):
            with tf.python_io.TFRecordWriter(os.path.join(folder, f"part{k}")) as writer:
                for i in range(3):
                    value = {"x": tf.train.Feature(float_list=tf.train.FloatList(value=[i, k])),
                             "n": tf.train.Feature(int64_list=tf.train.Int64List(value=range(i))),
                             "y": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"%d" % i]))}
                    writer.write(tf.train.Example(features=tf.train.Features(feature=value)).SerializeToString())
        pattern = os.path.join(folder, "part*")
        made = apart.make_batched_features_dataset
        one = tf.data.TFRecordDataset(os.path.join(folder, "part1")).batch(2).apply(apart.parse_example_dataset(features))
        return [*shown(tf, made(pattern, 4, features, shuffle=False, num_epochs=1), names=False),
                *shown(tf, made(pattern, 2, features, label_key="y", shuffle_seed=4, num_epochs=2, drop_final_batch=True), names=False),
                *shown(tf, one, names=False)]


def program_one_element_per_key(tf):
    apart, numbers = tf.data.experimental, tf.data.Dataset.range(10)
    mean = apart.Reducer(lambda k: (k * 0, 0.0), lambda s, x: (s[0] + x, s[1] + 1.0), lambda a, b: tf.cast(a, tf.float32) / b)
    joined = apart.Reducer(lambda k: tf.zeros([0], tf.int64), lambda s, e: tf.concat([s, [e[0] + e[1]]], 0), lambda s: {"all": s})
    return [*shown(tf, numbers.apply(apart.group_by_reducer(lambda x: 2 - x % 3, mean)), init=True, names=False),
            *shown(tf, tf.data.Dataset.zip((numbers, numbers)).apply(apart.group_by_reducer(lambda x, y: x // 4, joined)), names=False),
            *shown(tf, numbers.take(0).apply(apart.group_by_reducer(lambda x: x, mean)), names=False)]


def program_sparse_batches(tf):
    rows = tf.data.Dataset.range(5).map(lambda n: tf.fill([n], tf.cast(n, tf.int32)))
    lines = []
    for size, shape in ((3, [6]), (2, [None]), (4, [2]), (2, [4, 4])):
        lines += shown(tf, rows.apply(tf.data.experimental.dense_to_sparse_batch(size, shape)), names=False, limit=3)
    return lines


def program_numbers_of_elements(tf):
    apart, d = tf.data.experimental, tf.data.Dataset.range(10)
    i, some = d.repeat(), d.filter(lambda x: x > 2)
    datasets = [d, i, some, d.repeat(2).batch(3), d.batch(3, True), d.padded_batch(3, []), d.window(3, 1, 1, True), d.window(3, 2, 2, True),
                d.window(3, 2, 2, False), d.window(20, 1, 1, True), d.shuffle(3), d.map(lambda x: x), d.cache().prefetch(1), d.enumerate(),
                i.take(3), i.take(-1), d.take(3), i.skip(3), i.skip(-1), d.skip(-1), d.skip(30), some.take(2), some.take(0), some.skip(2),
                d.concatenate(i), d.concatenate(d), d.concatenate(some), d.shard(3, 1), d.take(0).repeat(), d.repeat(0), some.repeat(0),
                tf.data.Dataset.zip((d, i)), tf.data.Dataset.zip((i, i)), tf.data.Dataset.zip((some, i)), tf.data.Dataset.from_tensors(3),
                d.batch(2).unbatch(), d.flat_map(lambda x: tf.data.Dataset.range(2)), apart.Counter(),
                d.apply(apart.scan(np.int64(0), lambda a, b: (a + b, a))), d.apply(apart.take_while(lambda x: x < 3)),
                d.apply(apart.map_and_batch(lambda x: x, 3)), d.apply(apart.shuffle_and_repeat(3, 2)), d.apply(apart.ignore_errors()),
                some.apply(apart.assert_cardinality(7)), apart.choose_from_datasets([d, d], d), apart.sample_from_datasets([d, i])]
    with tf.Session() as session:
        lines = [str(plain(np.array(session.run([apart.cardinality(one) for one in datasets]))))]
    for n in (3, 10, 12):
        lines += shown(tf, d.apply(apart.assert_cardinality(n)), names=False, limit=12)
    return lines


def program_optionals(tf):
    apart = tf.data.experimental
    found = apart.get_next_as_optional(tf.data.make_one_shot_iterator(tf.data.Dataset.range(2).map(lambda x: (x, {"y": [x, x]}))))
    has, value = found.has_value(), found.get_value()
    made = apart.Optional.from_value({"a": 1, "b": [1.0, 2.0]})
    with tf.Session() as session:
        return [str(drained(tf, session, [has, value], limit=2)), str(plain(session.run(has))), str(drained(tf, session, value, limit=1)),
                str(plain(session.run([made.has_value(), made.get_value()])))]


def lines_of(tf):
    """The lines of all programs, by their names."""
    found = {}
    for name, program in sorted(globals().items()):
        if name.startswith("program_"):
            tf.reset_default_graph()
            found[name] = program(tf)
    return found


if __name__ == "__main__":
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1")
    import tensorflow.compat.v1 as tensorflow

    tensorflow.disable_v2_behavior()
    Path(sys.argv[1] if len(sys.argv) > 1 else TARGET).write_text(json.dumps(lines_of(tensorflow), indent=1) + "\n")
