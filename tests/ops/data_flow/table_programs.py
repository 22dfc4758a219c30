"""Programs with lookup tables, built in graphflow and in TensorFlow by tests/oracle/programs.py. `tf` is either."""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path

import numpy as np

from .queue_programs import after, hashed

FOLDER = Path(tempfile.mkdtemp(prefix="tables"))


def prepare(tf):
    tf.enable_control_flow_v2()


def lookup(tf):
    """tf.contrib.lookup; its functions live on in TensorFlow 2 under another name."""
    return tf.contrib.lookup if hasattr(tf, "contrib") else importlib.import_module("tensorflow.python.ops.lookup_ops")


def ints(*values):
    return np.array(values, np.int64)


def file(text):
    path = FOLDER / f"{abs(hash(text))}.txt"
    path.write_bytes(text.encode())
    return str(path)


def filler(tf, keys=("a", "b", "c"), values=(5, 6, -7)):
    return tf.lookup.KeyValueTensorInitializer(list(keys), ints(*values))


def shape(tf, tensor):
    """A constant that says what is known of a shape."""
    dims = tensor.shape.as_list() if tensor.shape.rank is not None else [-9]
    return tf.constant([-1 if d is None else d for d in dims], tf.int32)


def found(tf, table, *keys):
    """What a table gives for keys, once it is filled."""
    return after(tf, table.initializer, lambda: [table.lookup(k) for k in keys])


def program_static(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    one, many, none = found(tf, table, tf.constant("b"), tf.constant([["c", "x"], ["", "a"]]), tf.zeros([0, 3], tf.string))
    keys, values = table.export()
    shapes = [shape(tf, t) for t in (keys, values, many, one, table.size())]
    return [one, many, none, after(tf, one, table.size), *shapes]


def program_static_with_names(tf):
    with tf.name_scope("outer"):
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(["q"], [2.5], name="fill"), 0.0, name="words")
        again = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([3], [4], tf.int64, tf.int32), 9, name="words")
    numbers = after(tf, again.initializer, lambda: again.lookup(tf.constant(ints(3, 4)), name="named"))
    return [*found(tf, table, tf.constant(["q", "r"])), numbers, again.size(name="count")]


def program_types(tf):
    fetches = []
    for keys, values in (((tf.int32, [1, 2]), (tf.float64, [0.1, 0.2])), ((tf.int64, [1, -2]), (tf.float32, [0.1, 0.2])),
                         ((tf.int32, [7, 8]), (tf.int32, [1, 2])), ((tf.string, ["", "é"]), (tf.float64, [np.inf, -0.0]))):
        table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(keys[1], values[1], keys[0], values[0]), values[1][0])
        fetches += found(tf, table, tf.constant(keys[1][::-1] + keys[1][:1], keys[0]))
    return fetches


def program_strings(tf):
    table = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(ints(1, 2), ["one", "two"]), "none")
    return [hashed(tf, t) for t in found(tf, table, tf.constant(ints(2, 5, 1)))]


def program_sparse(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    words = tf.SparseTensor([[0, 1], [2, 0]], ["c", "z"], [3, 2])
    (ids,) = found(tf, table, words)
    vocabulary = tf.lookup.StaticVocabularyTable(filler(tf, values=(0, 1, 2)), 4)
    (more,) = found(tf, vocabulary, words)
    return [ids.indices, ids.values, ids.dense_shape, more.values, shape(tf, ids.values)]


def program_fed_keys(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    keys = tf.placeholder_with_default(tf.constant([["a"]]), [None, 1])
    unknown = tf.placeholder_with_default(tf.constant([["a"]]), None)
    one, two = found(tf, table, keys, unknown)
    return [one, two, shape(tf, one), shape(tf, two)]


def program_vocabulary(tf):
    table = tf.lookup.StaticVocabularyTable(filler(tf, values=(0, 1, 2)), 5)
    words = tf.constant(["a", "zebra", "yak", "xerus", "", "c", "tapir"])
    return [*found(tf, table, words), *after(tf, table.initializer, lambda: [table.size(), table.size(name="n")])]


def program_vocabulary_of_numbers(tf):
    init = tf.lookup.KeyValueTensorInitializer(ints(10, 20), ints(0, 1))
    table = tf.lookup.StaticVocabularyTable(init, 3, lookup_key_dtype=tf.int32, name="a/numbers/")
    return found(tf, table, tf.constant([10, 20, 30, 40, -1]))


def program_buckets_alone(tf):
    table = tf.lookup.StaticVocabularyTable(None, 7)
    words = tf.constant(["a", "b", "c"])
    return [table.lookup(words), table.size(), lookup(tf).IdTableWithHashBuckets(None, 7, name="other").lookup(words)]


def program_file(tf):
    index = tf.lookup.TextFileIndex
    words = file("emerson\nlake\r\npalmer")
    table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(words, tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER), -1)
    numbers = file("brain\t1.5\tx\nsalad\t-2\ty\n")
    floats = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(numbers, tf.string, 0, tf.float32, 1), 0.0)
    letters = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(file("7 a\n8 b\n9 c\n"), tf.int64, 0, tf.string, 1, vocab_size=2,
                                                                      delimiter=" ", name="filled"), "?", name="letters")
    return [*found(tf, table, tf.constant(["lake", "palmer", "greg"])), *found(tf, floats, tf.constant(["salad", "brain"])),
            *[hashed(tf, t) for t in found(tf, letters, tf.constant(ints(7, 8, 9)))]]


def program_file_of_numbers(tf):
    index = tf.lookup.TextFileIndex
    table = tf.lookup.StaticHashTable(tf.lookup.TextFileInitializer(file("7\n -8\n"), tf.int64, index.WHOLE_LINE, tf.int64,
                                                                    index.LINE_NUMBER, value_index_offset=10), -1)
    return found(tf, table, tf.constant(ints(7, -8, 9)))


def program_index_tables(tf):
    words, of = tf.constant(["b", "x", "a", "y", "zz"]), lookup(tf)
    fetches = []
    for table in (of.index_table_from_tensor(["a", "b"]), of.index_table_from_tensor(["a", "b"], num_oov_buckets=2, name="named"),
                  of.index_table_from_tensor(tf.constant(["a", "b"]), num_oov_buckets=9, hasher_spec=of.StrongHashSpec([3, 4])),
                  of.index_table_from_file(file("a\nb\n"), num_oov_buckets=3), of.index_table_from_file(file("a\nb\nx\n"), vocab_size=2,
                                                                                                        default_value=-5)):
        fetches += found(tf, table, words)
    table = of.index_table_from_tensor([5, 6], num_oov_buckets=4, dtype=tf.int32)
    return [*fetches, *found(tf, table, tf.constant([6, 7, 8]))]


def program_string_tables(tf):
    numbers, of, fetches = tf.constant(ints(1, 0, 9)), lookup(tf), []
    for table in (of.index_to_string_table_from_tensor(["a", "b"]), of.index_to_string_table_from_tensor(["a"], default_value="", name="n"),
                  of.index_to_string_table_from_file(file("x\ny\n")), of.index_to_string_table_from_file(file("x\ny\n"), vocab_size=1)):
        fetches += [hashed(tf, t) for t in found(tf, table, numbers)]
    return fetches


def program_a_table_in_a_branch(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    chosen = tf.constant(True)
    ids = after(tf, table.initializer, lambda: tf.cond(chosen, lambda: table.lookup(tf.constant(["b"])), lambda: tf.constant(ints(0))))
    return [ids + 1]


def program_a_table_in_map_fn(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    return after(tf, table.initializer, lambda: [tf.map_fn(table.lookup, tf.constant(["c", "a", "x"]), dtype=tf.int64)])


def program_all_tables_initializer(tf):
    tables = [tf.lookup.StaticHashTable(filler(tf), -1), tf.lookup.StaticHashTable(filler(tf, values=(1, 2, 3)), -1)]
    return after(tf, tf.tables_initializer(), lambda: [t.lookup(tf.constant(["a"])) for t in tables])


def program_no_tables(tf):
    return [tf.tables_initializer(), tf.constant(1)]


def program_mutable(tf):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    one = table.insert(tf.constant(["a", "b", "a"]), ints(1, 2, 3))
    ids = after(tf, one, lambda: table.lookup(tf.constant(["a", "b", "z"])))
    gone = after(tf, ids, lambda: table.remove(tf.constant(["b", "nothing"])))
    left = after(tf, gone, lambda: [table.lookup(tf.constant("b")), table.size(), *table.export()])
    return [ids, left[0], left[1], hashed(tf, left[2]), left[3], shape(tf, ids), shape(tf, left[2]), shape(tf, left[3])]


def program_mutable_vectors(tf):
    table = lookup(tf).MutableHashTable(tf.int64, tf.float32, [0.5, -0.5], name="vectors", checkpoint=False)
    one = table.insert(ints(4, 5), np.array([[1, 2], [3, 4]], np.float32))
    keys = tf.constant([[4, 6]], tf.int64)
    each = np.array([[[7, 8], [9, 10]]], np.float32)
    found = after(tf, one, lambda: [table.lookup(keys), table.lookup(keys, dynamic_default_values=each), table.size(), *table.export()[1:]])
    return [*found[:3], tf.reduce_sum(found[3]), shape(tf, found[0]), shape(tf, found[3])]


def program_mutable_sizes_zero(tf):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
    one = table.insert(tf.zeros([0], tf.string), tf.zeros([0], tf.int64))
    keys, values = after(tf, one, table.export)
    return [hashed(tf, keys), values, table.lookup(tf.zeros([2, 0], tf.string)), table.remove(tf.zeros([0], tf.string))]


def program_mutable_scalars(tf):
    table = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float64, 0.25)
    one = table.insert(tf.constant(3, tf.int64), tf.constant(1.5, tf.float64))
    return after(tf, one, lambda: [table.lookup(tf.constant(3, tf.int64)), table.lookup(tf.constant([[3, 4]], tf.int64))])


def program_dense(tf):
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, -1, initial_num_buckets=4)
    one = table.insert(ints(11, 12, 19, 27, 35), ints(1, 2, 3, 4, 5))
    ids = after(tf, one, lambda: table.lookup(tf.constant(ints(11, 5, 35))))
    gone = after(tf, ids, lambda: table.erase(tf.constant(ints(12, 19, 99))))
    left = after(tf, gone, lambda: [table.size(), *table.export(), table.lookup(tf.constant(ints(19, 27)))])
    return [ids, *left, shape(tf, ids), shape(tf, left[1])]


def program_dense_vectors(tf):
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.float32, [0.0, 1.0], ints(0, 0), ints(-1, -1), 4, "dense", False)
    one = table.insert(tf.constant([[1, 2], [3, 4], [5, -6]], tf.int64), np.array([[1, 2], [3, 4], [5, 6]], np.float32))
    return after(tf, one, lambda: [table.lookup(tf.constant([[3, 4], [9, 9]], tf.int64)), table.size(), *table.export()])


def program_dense_strings(tf):
    table = tf.lookup.experimental.DenseHashTable(tf.string, tf.int64, -1, "", "-", initial_num_buckets=4)
    one = table.insert(tf.constant(["a", "bb", "ccc"]), ints(1, 2, 3))
    two = after(tf, one, lambda: table.remove(tf.constant(["bb"])))
    first = after(tf, two, table.export)
    three = after(tf, first[0], lambda: table.insert(tf.constant(["q", "r", "s", "t"]), ints(1, 2, 3, 4)))
    second = after(tf, three, table.export)
    return [hashed(tf, first[0]), first[1], hashed(tf, second[0]), second[1]]


def program_table_gradients(tf):
    table = tf.lookup.experimental.MutableHashTable(tf.string, tf.float32, 0.5)
    x = tf.constant([1.0, 2.0])
    y = table.lookup(tf.constant(["a", "b"])) * x
    return [y, *tf.gradients(y, x)]


def program_gradients_around_lookups(tf):
    table = tf.lookup.StaticHashTable(filler(tf), -1)
    x, words = tf.constant([1.0, 2.0, 3.0]), tf.constant(["b", "c", "x"])

    def step(i, total):
        return i + 1, total + x[i] ** 2 * tf.cast(table.lookup(words[i]), tf.float32)
    with tf.control_dependencies([table.initializer]):
        _, looped = tf.while_loop(lambda i, t: i < 3, step, [0, 0.0])
        chosen = tf.cond(tf.constant(True), lambda: x * tf.cast(table.lookup(words), tf.float32), lambda: x)
    return [looped, chosen, *tf.gradients(looped, x), *tf.gradients(chosen, x)]


def mutable_tables(tf):
    """Three tables that savers save, and operations that write into them."""
    plain = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1, name="plain")
    vectors = tf.lookup.experimental.MutableHashTable(tf.int64, tf.float32, [0.0, 0.0], name="vectors")
    spread = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, -1, initial_num_buckets=4, name="spread")
    return (plain, vectors, spread), [plain.insert(tf.constant(["a", "b"]), ints(1, 2)), vectors.insert(ints(7), [[1.5, 2.5]]),
                                      spread.insert(ints(11, 12), ints(3, 4))]


def read_back(tables, session):
    """What is in them."""
    plain, vectors, spread = tables
    return [x.tolist() for x in session.run([plain.lookup(["b", "a", "z"]), vectors.lookup(ints(7)), spread.lookup(ints(12, 11, 13))])]
