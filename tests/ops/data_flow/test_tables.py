"""Lookup tables: the same programs in TensorFlow, errors, files, shared names, several sessions and threads, checkpoints, old graphs."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading

import numpy as np
import pytest
from google.protobuf import text_format

import graphflow as tf
from graphflow.commands.stand_in import install, uninstall
from graphflow.core.make import make
from graphflow.core.op import load
from tests.oracle.programs import ROOT, node_differences, run_program, tensorflow_results

from . import table_programs
from .table_programs import ints, mutable_tables, read_back

PROGRAMS = sorted(name for name in vars(table_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice_alike(name):
    first, second = run_program(getattr(table_programs, name), tf)["runs"]
    for a, b in zip(first, second):
        assert (a is None and b is None) or (a.dtype == b.dtype and ("dense" in name or a.tolist() == b.tolist()))


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.data_flow.table_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(table_programs, name), tf), theirs[name]
    assert not node_differences(forward(ours["nodes"]), forward(expected["nodes"]))
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                assert (a.dtype, a.shape) == (b.dtype, b.shape)
                np.testing.assert_array_equal(a, b)


def forward(nodes):
    """The nodes that are no gradients, without what gradients add to loops."""
    return [[name, kind, [t for t in inputs if not t.startswith("gradients")], controls] for name, kind, inputs, controls in nodes
            if not name.startswith("gradients")]


# -- errors -------------------------------------------------------------------------------------------------------------

def table_of(keys=("a", "b"), values=(1, 2), default=-1, **more):
    return tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(list(keys), ints(*values)), default, **more)


def lines(tmp_path, text, keys=(tf.string, -2), values=(tf.int64, -1), **more):
    path = tmp_path / "lines.txt"
    path.write_bytes(text)
    return tf.lookup.TextFileInitializer(str(path), keys[0], keys[1], values[0], values[1], **more)


def test_a_lookup_before_the_initializer_says_what_to_run(session):
    table = table_of()
    with pytest.raises(tf.errors.FailedPreconditionError, match=r"Table not initialized\.(.|\n)*tf\.tables_initializer"):
        session.run(table.lookup(tf.constant(["a"])))
    with pytest.raises(tf.errors.AbortedError, match="HashTable is not initialized"):
        session.run(table.export())
    assert session.run(table.size()) == 0


def test_a_key_with_two_values_is_refused_and_one_given_twice_is_not(session):
    session.run(table_of(["a", "a"], [3, 3]).initializer)
    with pytest.raises(tf.errors.FailedPreconditionError, match="different value for same key. Key a has 1 and trying to add value 2"):
        session.run(table_of(["a", "a"], [1, 2]).initializer)


def test_a_table_keeps_what_its_first_initializer_gave(session):
    table = table_of()
    other = tf.lookup.KeyValueTensorInitializer(["c"], ints(9)).initialize(table)
    session.run([table.initializer])
    session.run([table.initializer, other])
    assert session.run(table.lookup(tf.constant(["a", "c"]))).tolist() == [1, -1]


def test_initializers_of_unequal_length_and_without_entries_are_refused(session):
    with pytest.raises(ValueError, match="Dimensions must be equal, but are 1 and 2"):
        table_of(["a"], [1, 2])
    with pytest.raises(ValueError, match="must be rank 1 but is rank 2"):
        tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([["a"]], [[1]]), 0)
    empty = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(tf.zeros([0], tf.string), tf.zeros([0])), 0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="cannot be empty"):
        session.run(empty.initializer)


def test_dtypes_that_do_not_fit_are_refused(session):
    with pytest.raises(TypeError, match="Dtype of argument `keys` must be .*string.*received: .*int32"):
        table_of().lookup(tf.constant([1]))
    with pytest.raises(ValueError, match="not compatible"):
        table_of(default=[1, 2])
    with pytest.raises((TypeError, ValueError)):
        table_of(default="x")
    floats = tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1.5], [2]), 0)
    with pytest.raises(tf.errors.InvalidArgumentError, match="No OpKernel was registered"):
        session.run(floats.initializer)
    with pytest.raises(TypeError, match="Invalid value dtype for table"):
        tf.lookup.KeyValueTensorInitializer(["a"], [1.0]).initialize(table_of())
    for raw in (lambda t: make(load("LookupTableFindV2"), t, [1], tf.constant(1, tf.int64)),
                lambda t: make(load("LookupTableFindV2"), t, ["a"], 1.0)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Signature mismatch, have: .* expected: resource, string, int64->"):
            session.run(raw(table_of().resource_handle))


def test_a_table_that_is_filled_once_takes_nothing_later(session):
    handle = table_of().resource_handle
    with pytest.raises(tf.errors.UnimplementedError, match="Insert not supported"):
        session.run(make(load("LookupTableInsertV2"), handle, ["z"], tf.constant(ints(1))))
    with pytest.raises(tf.errors.UnimplementedError, match="Remove not supported"):
        session.run(make(load("LookupTableRemoveV2"), handle, ["z"]))


@pytest.mark.parametrize("text, more, error, message", [
    (b"a\nb\na\n", {}, tf.errors.FailedPreconditionError, "Key a has 0 and trying to add value 2"),
    (b"a\n\nb\n", {}, tf.errors.InvalidArgumentError, "empty line found at position 3"),
    (b"", {}, tf.errors.OutOfRangeError, "Read less bytes than requested"),
    (b"a\nb\n", {"vocab_size": 5}, tf.errors.InvalidArgumentError, "expected 5 but got 2"),
    (b"a b\nc d\n", {"keys": (tf.string, 0), "values": (tf.int64, 3), "delimiter": " "}, tf.errors.InvalidArgumentError,
     r"line 0 \(a b\) : expected at least 4 got 2"),
    (b"a 1\nc d\n", {"keys": (tf.string, 0), "values": (tf.int64, 1), "delimiter": " "}, tf.errors.InvalidArgumentError,
     "Field d in line 1 is not a valid int64"),
    (b"a 1_0\n", {"keys": (tf.string, 0), "values": (tf.float32, 1), "delimiter": " "}, tf.errors.InvalidArgumentError,
     "is not a valid float"),
    (b"a 3000000000\n", {"keys": (tf.string, 0), "values": (tf.int32, 1), "delimiter": " "}, tf.errors.InvalidArgumentError,
     "is not a valid int32"),
    (b"a\n", {"delimiter": "ab"}, tf.errors.InvalidArgumentError, "delimiter should be only 1 char"),
], ids=str)
def test_files_that_are_no_tables_are_refused(session, tmp_path, text, more, error, message):
    table = tf.lookup.StaticHashTable(lines(tmp_path, text, **more), 0)
    with pytest.raises(error, match=message):
        session.run(table.initializer)
    with pytest.raises(tf.errors.FailedPreconditionError, match="not initialized"):
        session.run(table.lookup(tf.constant(["a"])))


def test_a_file_that_is_not_there_is_named(session, tmp_path):
    init = tf.lookup.TextFileInitializer(str(tmp_path / "none.txt"), tf.string, -2, tf.int64, -1)
    with pytest.raises(tf.errors.NotFoundError, match=r"none\.txt"):
        session.run(tf.lookup.StaticHashTable(init, -1).initializer)


@pytest.mark.parametrize("arguments, message", [
    (("x", tf.string, -3, tf.int64, -1), "`key_index` should be >= -2"), (("x", tf.string, -1, tf.int64, -1), "`key_dtype` must be int64"),
    (("x", tf.float32, -2, tf.int64, -1), "`key_dtype` should be either integer or string"),
    (("", tf.string, -2, tf.int64, -1), "required"), (("x", tf.string, -2, tf.int32, -1), "`value_dtype` must be int64"),
    (("x", tf.string, -2, tf.int64, -1, 0), "`vocab_size` should be > 0"),
])
def test_arguments_for_files_that_cannot_be_meant(arguments, message):
    with pytest.raises(ValueError, match=message):
        tf.lookup.TextFileInitializer(*arguments)


def test_arguments_for_vocabularies_that_cannot_be_meant():
    init = tf.lookup.KeyValueTensorInitializer(["a"], ints(0))
    with pytest.raises(ValueError, match="use StaticHashTable"):
        tf.lookup.StaticVocabularyTable(init, 0)
    with pytest.raises(TypeError, match="Invalid `value_dtype`"):
        tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(["a"], [1.0]), 2)
    with pytest.raises(TypeError, match="Invalid `key_dtype`"):
        tf.lookup.StaticVocabularyTable(init, 2, lookup_key_dtype=tf.int64)
    with pytest.raises(ValueError, match="`key` must have size 2"):
        tf.contrib.lookup.StrongHashSpec([1])
    with pytest.raises(TypeError, match="HasherSpec"):
        tf.contrib.lookup.IdTableWithHashBuckets(table_of(), 2, hasher_spec="fast")
    with pytest.raises(ValueError, match="must be specified"):
        tf.contrib.lookup.index_table_from_file("")
    with pytest.raises(ValueError, match="Invalid `dtype`"):
        tf.contrib.lookup.index_table_from_tensor([1, 2])


@pytest.mark.parametrize("insert, message", [
    (lambda: mutable(-1).insert(["a"], ints(1, 2)), r"Expected shape \[1\] for value, got \[2\]"),
    (lambda: mutable([1, 2]).insert(["a"], ints(1)), r"Expected shape \[1,2\] for value, got \[1\]"),
    (lambda: mutable(-1).lookup(["a", "b"], ints(1, 2, 3)), r"Expected shape \[\] or \[2\] for default value, got \[3\]"),
    (lambda: mutable([[1]]).lookup(["a"]), "Default value must be a vector"),
    (lambda: dense().insert(ints(0), ints(1)), "Using the empty_key as a table key"),
    (lambda: dense().lookup(ints(-1)), "Using the deleted_key"),
    (lambda: dense(deleted=0).lookup(ints(1)), "Empty and deleted keys cannot be equal"),
    (lambda: dense(buckets=5).lookup(ints(1)), "must be at least 4 and a power of 2, got: 5"),
])
def test_what_tables_do_not_take(session, insert, message):
    fetch = insert()
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(fetch)


def mutable(default):
    return tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default)


def dense(deleted=-1, buckets=4, **more):
    return tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, 0, deleted, initial_num_buckets=buckets, **more)


def test_dense_tables_need_keys_that_are_known(session):
    table = tf.lookup.experimental.DenseHashTable(tf.int64, tf.int64, -1, tf.placeholder_with_default(tf.constant(0, tf.int64), []), -1)
    with pytest.raises(NotImplementedError, match="give constants"):
        session.run(table.size())


# -- sessions, threads, names ----------------------------------------------------------------------------------------------

def test_sessions_have_tables_of_their_own():
    table = table_of()
    first, second = tf.Session(), tf.Session()
    first.run(table.initializer)
    found = table.lookup(tf.constant(["b"]))
    assert first.run(found) == [2]
    with pytest.raises(tf.errors.FailedPreconditionError):
        second.run(found)


def test_tables_of_one_file_and_of_one_name_are_one_table(session, tmp_path):
    one, two = (tf.contrib.lookup.HashTable(lines(tmp_path, b"a\nb\n"), -1) for _ in range(2))
    session.run(one.init)
    assert session.run(two.lookup(tf.constant(["b"]))) == [1]
    first, second = (tf.contrib.lookup.MutableHashTable(tf.string, tf.int64, -1, shared_name="shared") for _ in range(2))
    session.run(first.insert(["x"], ints(5)))
    assert session.run(second.lookup(["x"])) == [5]
    other = tf.contrib.lookup.MutableHashTable(tf.string, tf.float32, 0.0, shared_name="shared")
    with pytest.raises(tf.errors.InvalidArgumentError, match="Conflicting key/value dtypes string->float with string-int64"):
        session.run(other.size())


def test_threads_may_write_and_read_a_table_at_once(session):
    table, slow = tf.lookup.experimental.MutableHashTable(tf.int64, tf.int64, -1), dense()
    keys, values = tf.placeholder(tf.int64, [None]), tf.placeholder(tf.int64, [None])
    inserts = [table.insert(keys, values), slow.insert(keys, values)]
    remove, reads = [table.remove(keys), slow.remove(keys)], [table.lookup(keys), slow.lookup(keys)]
    exports, wrong = [*table.export(), *slow.export()], []

    def work(number):
        mine = np.arange(1 + 100 * number, 101 + 100 * number)
        try:
            for turn in range(5):
                session.run(inserts, {keys: mine, values: mine * turn})
                for found in session.run(reads, {keys: mine}):
                    assert found.tolist() == (mine * turn).tolist()
                session.run(exports)
                session.run(remove, {keys: mine[:50]})
        except Exception as error:
            wrong.append(error)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and session.run([table.size(), slow.size()]) == [200, 200]


# -- files -------------------------------------------------------------------------------------------------------------------

EXPECTED = [[2, 1, -1], [[1.5, 2.5]], [4, 3, -1]]


def test_savers_save_tables(tmp_path):
    tables, writes = mutable_tables(tf)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(writes)
        path = saver.save(session, str(tmp_path / "model"))
    assert [name for name, _ in tf.train.list_variables(path)] == [f"{t}-{w}" for t in ("plain", "spread", "vectors")
                                                                   for w in ("keys", "values")]
    with tf.Session() as session:
        session.run(tables[0].insert(["z"], ints(9)))
        saver.restore(session, path)
        assert read_back(tables, session) == EXPECTED
    tf.reset_default_graph()
    with tf.Session() as session:       # as the meta graph has it
        tf.train.import_meta_graph(path + ".meta").restore(session, path)
        values = session.graph.get_tensor_by_name("plain_lookup_table_export_values/LookupTableExportV2:1")
        assert session.run(values).tolist() == [1, 2]


SIDE = """
import json
import tensorflow.compat.v1 as tf
from tests.ops.data_flow.table_programs import mutable_tables, read_back
tf.disable_v2_behavior()
tables, writes = mutable_tables(tf)
saver = tf.train.Saver()
with tf.Session() as session:
    saver.restore(session, {ours!r})
    print(json.dumps(read_back(tables, session)))
    session.run([tables[0].insert(tf.constant(["z"]), [7]), tables[2].erase(tf.constant([11], tf.int64))])
    saver.save(session, {theirs!r})
"""


@pytest.mark.oracle
def test_tensorflow_and_graphflow_read_each_others_tables(tmp_path, tensorflow_python):
    tables, writes = mutable_tables(tf)
    saver = tf.train.Saver()
    ours, theirs = str(tmp_path / "ours"), str(tmp_path / "theirs")
    with tf.Session() as session:
        session.run(writes)
        saver.save(session, ours)
        assert json.loads(beside(tensorflow_python, SIDE.format(ours=ours, theirs=theirs)).splitlines()[-1]) == EXPECTED
        saver.restore(session, theirs)
        assert read_back(tables, session) == [[2, 1, 7], [[1.5, 2.5]], [4, -1, -1]]


def beside(python, program):
    """What a program prints in another python."""
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": str(ROOT)}
    finished = subprocess.run([python, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-3000:]
    return finished.stdout


def test_graphs_with_tables_are_written_and_read(tmp_path, session):
    with tf.Graph().as_default() as graph:
        table = tf.lookup.StaticVocabularyTable(lines(tmp_path, b"a\nb\n"), 3)
        tf.identity(table.lookup(tf.placeholder(tf.string, [None], name="words")), name="ids")
        definition = graph.as_graph_def()
    tf.import_graph_def(definition, name="again")
    graph = session.graph
    session.run(graph.get_operation_by_name("again/text_file_init/InitializeTableFromTextFileV2"))
    found = session.run("again/ids:0", {"again/words:0": ["b", "zebra", "a"]})
    assert found[0] == 1 and found[2] == 0 and 2 <= found[1] < 5


OLD = """
node { name: "t" op: "%(kind)s" attr { key: "key_dtype" value { type: DT_STRING } }
       attr { key: "value_dtype" value { type: DT_INT64 } } %(more)s }
node { name: "k" op: "Placeholder" attr { key: "dtype" value { type: DT_STRING } } }
node { name: "v" op: "Placeholder" attr { key: "dtype" value { type: DT_INT64 } } }
node { name: "e" op: "Const" attr { key: "dtype" value { type: DT_STRING } }
       attr { key: "value" value { tensor { dtype: DT_STRING tensor_shape {} string_val: "" } } } }
node { name: "d" op: "Const" attr { key: "dtype" value { type: DT_INT64 } }
       attr { key: "value" value { tensor { dtype: DT_INT64 tensor_shape {%(shape)s} int64_val: -1 } } } }
node { name: "write" op: "%(write)s" input: "t" input: "k" input: "v" attr { key: "%(tk)s" value { type: DT_STRING } }
       attr { key: "%(tv)s" value { type: DT_INT64 } } }
node { name: "find" op: "LookupTableFind" input: "t" input: "k" input: "d" attr { key: "Tin" value { type: DT_STRING } }
       attr { key: "Tout" value { type: DT_INT64 } } }
node { name: "size" op: "LookupTableSize" input: "t" }
node { name: "all" op: "LookupTableExport" input: "t" attr { key: "Tkeys" value { type: DT_STRING } }
       attr { key: "Tvalues" value { type: DT_INT64 } } }
"""


@pytest.mark.parametrize("kind, write", [
    ("HashTable", "InitializeTable"), ("HashTable", "LookupTableImport"), ("MutableHashTable", "LookupTableInsert"),
    ("MutableHashTable", "LookupTableImport"), ("MutableHashTableOfTensors", "LookupTableInsert"),
    ("MutableDenseHashTable", "LookupTableInsert")])
def test_graphs_of_old_reach_tables_by_reference(session, kind, write):
    vectors = kind == "MutableHashTableOfTensors"
    shape = 'attr { key: "value_shape" value { shape { dim { size: 1 } } } }'
    more = 'input: "e"' if kind == "MutableDenseHashTable" else shape if vectors else ""
    of = ("Tkey", "Tval") if write == "InitializeTable" else ("Tin", "Tout")
    text = OLD % {"kind": kind, "write": write, "more": more, "tk": of[0], "tv": of[1], "shape": "dim { size: 1 }" if vectors else ""}
    tf.import_graph_def(text_format.Parse(text, tf.GraphDef()), name="")
    keys, values = ["a", "b"], [[1], [2]] if vectors else [1, 2]
    session.run("write", {"k:0": keys, "v:0": values})
    found, size, everything = session.run(["find:0", "size:0", "all:0"], {"k:0": ["b", "x"]})
    assert np.ravel(found).tolist() == [2, -1] and size == 2 and set(keys) <= {k.decode() for k in np.ravel(everything)}


def test_old_graphs_fill_tables_from_files(session, tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("x\ny\n")
    handle = make(load("HashTable"), key_dtype=tf.string, value_dtype=tf.int64)
    fill = make(load("InitializeTableFromTextFile"), handle, str(path), key_index=-2, value_index=-1)
    found = make(load("LookupTableFind"), handle, ["y", "z"], tf.constant(-1, tf.int64))
    session.run(fill)
    assert session.run(found).tolist() == [1, -1]
    second = make(load("HashTableV2"), key_dtype=tf.string, value_dtype=tf.int64)
    session.run(make(load("InitializeTableV2"), second, ["q"], tf.constant(ints(4))))
    assert session.run(make(load("LookupTableFindV2"), second, ["q"], tf.constant(-1, tf.int64))) == [4]


def test_saved_models_take_their_vocabulary_along(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("x\ny\n")
    table = tf.contrib.lookup.index_table_from_file(str(words), num_oov_buckets=1)
    given = tf.placeholder(tf.string, [None], name="given")
    ids = table.lookup(given)
    with tf.Session() as session:
        session.run(tf.tables_initializer())
        tf.saved_model.simple_save(session, str(tmp_path / "model"), {"given": given}, {"ids": ids}, legacy_init_op=tf.tables_initializer())
    words.unlink()
    assert (tmp_path / "model" / "assets" / "words.txt").read_text() == "x\ny\n"
    with tf.Session(graph=tf.Graph()) as session:
        tf.saved_model.loader.load(session, [tf.saved_model.tag_constants.SERVING], str(tmp_path / "model"))
        assert session.run(ids.name, {"given:0": ["y", "z", "x"]}).tolist() == [1, 2, 0]


def test_the_names_that_tf1_had_in_its_inner_module():
    with stand_in():
        from tensorflow.contrib.lookup import index_table_from_tensor, string_to_index
        from tensorflow.python.ops import lookup_ops
        assert lookup_ops.index_table_from_tensor is index_table_from_tensor
        assert lookup_ops.StaticHashTable is tf.lookup.StaticHashTable and lookup_ops.tables_initializer is tf.tables_initializer
        with pytest.warns(DeprecationWarning, match="makes a table for each call"):
            ids = string_to_index(tf.constant(["b"]), ["a", "b"])
    with tf.Session() as session:
        session.run(tf.initializers.tables_initializer())
        assert session.run(ids) == [1]


@contextlib.contextmanager
def stand_in():
    install()
    try:
        yield
    finally:
        uninstall()
