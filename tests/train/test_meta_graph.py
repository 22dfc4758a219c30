"""MetaGraphDefs that TensorFlow wrote come back as they were; damaged ones are refused by name."""

import pytest

import graphflow as tf
from graphflow.train.meta_graph import read_meta_graph
from tests import tf_fixtures

FILES = sorted(path.relative_to(tf_fixtures.ROOT).as_posix() for path in tf_fixtures.path("ckpt").glob("*/*.meta"))


def test_there_are_files_to_read():
    assert len(FILES) >= 6


@pytest.mark.parametrize("name", FILES)
def test_files_of_tensorflow_come_back(name):
    meta = read_meta_graph(tf_fixtures.path(name))
    graph = tf.Graph()
    with graph.as_default():
        assert isinstance(tf.train.import_meta_graph(meta), tf.train.Saver)
        again = tf.train.export_meta_graph(saver_def=meta.saver_def)
    assert again.collection_def == meta.collection_def
    assert again.saver_def == meta.saver_def
    assert [(n.name, n.op, n.input) for n in again.graph_def.node] == [(n.name, n.op, n.input) for n in graph.as_graph_def().node]
    assert sorted(n.name for n in again.graph_def.node) == sorted(n.name for n in meta.graph_def.node)
    names = [op.name for op in again.meta_info_def.stripped_op_list.op]
    assert names == [op.name for op in meta.meta_info_def.stripped_op_list.op]


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("meta"))
def test_damaged_files_are_refused_by_name(name, case):
    path = tf_fixtures.path(case["path"])
    with tf.Graph().as_default(), tf.Session() as session:
        if case["fault"] == "parse":
            with pytest.raises(tf.errors.DataLossError, match=path.name):
                tf.train.import_meta_graph(path)
        else:  # the names that are missing are refused when the saver is made or used
            with pytest.raises((ValueError, KeyError, tf.errors.OpError)):
                tf.train.import_meta_graph(path).restore(session, "nothing")
        with pytest.raises(OSError, match=r"File nowhere\.meta does not exist"):
            tf.train.import_meta_graph("nowhere.meta")


@pytest.mark.parametrize("field", ["filename_tensor_name", "save_tensor_name", "restore_op_name"])
def test_a_saver_whose_operations_are_missing_names_its_file(tmp_path, field):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=[1.0])
        session.run(v.initializer)
        prefix = tf.train.Saver().save(session, str(tmp_path / "m"))
    meta = read_meta_graph(prefix + ".meta")
    setattr(meta.saver_def, field, "gone" if field == "restore_op_name" else "gone:0")
    (tmp_path / "bad.meta").write_bytes(meta.SerializeToString())
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(tmp_path / "bad.meta"))
        with pytest.raises(ValueError, match=rf"bad\.meta names 'gone(:0)?' as its {field}"):
            saver.restore(session, prefix)
            saver.save(session, str(tmp_path / "n"))
