"""Files that earlier releases wrote are read: every folder of tests/data/releases, made by tools/make_release_fixtures.py."""

from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.commands import tensor_files
from tools.make_release_fixtures import EXPECTED, RELEASES, X

FOLDERS = sorted(path for path in RELEASES.iterdir() if path.is_dir())
Y = [[48.0, 72.0, 96.0]]
pytestmark = [pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)]


def test_there_are_releases(folder):
    assert (folder / "graph.pb").stat().st_size > 1000


@pytest.mark.parametrize("name", ["v1", "v2", "saved_model/variables/variables"])
def test_checkpoints(folder, name):
    reader = tf.train.NewCheckpointReader(str(folder / name))
    assert set(reader.get_variable_to_shape_map()) == {*EXPECTED, "parts"}
    for key, value in EXPECTED.items():
        found = reader.get_tensor(key)
        assert np.shape(found) == np.shape(value)
        np.testing.assert_array_equal(found, value)
    np.testing.assert_array_equal(reader.get_tensor("parts"), np.ones((4, 2)))


def test_the_meta_graph_restores_and_runs(folder):
    with tf.Graph().as_default(), tf.Session() as session:
        saver = tf.train.import_meta_graph(str(folder / "v2.meta"))
        saver.restore(session, str(folder / "v2"))
        assert session.run("y:0", {"x:0": X}).tolist() == Y
        saver.restore(session, str(folder / "v1"))
        assert session.run("y:0", {"x:0": X}).tolist() == Y


@pytest.mark.parametrize("name", ["graph.pb", "graph.pbtxt"])
def test_graphs(folder, name):
    from graphflow.formats.graph_file import load_graph

    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(load_graph(folder / name)[1], name="")
        session.run([op for op in session.graph.get_operations() if op.type == "Assign" and not op.name.startswith("save")])
        assert session.run("y:0", {"x:0": X}).tolist() == Y


def test_the_saved_model(folder):
    with tf.Graph().as_default(), tf.Session() as session:
        meta = tf.saved_model.load(session, ["serve"], str(folder / "saved_model"))
        signature = meta.signature_def["serving_default"]
        assert session.run(signature.outputs["y"].name, {signature.inputs["x"].name: X}).tolist() == Y


def test_the_object_checkpoint(folder):
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", shape=[2])
        tf.train.Checkpoint(v=v).restore(str(folder / "objects-1")).assert_consumed().run_restore_ops(session)
        assert session.run(v).tolist() == [1.0, 2.0]


def test_events(folder):
    file, = (folder / "events").iterdir()
    events = list(tf.train.summary_iterator(str(file)))
    values = {value.tag: value for event in events for value in event.summary.value}
    assert events[0].file_version == "brain.Event:2" and any(event.graph_def for event in events)
    assert values["mean_1"].simple_value == 72.0 and values["y_1"].histo.num == 3
    assert [event.step for event in events if event.summary.value] == [5]
    assert values["t"].tensor.string_val[0] == b"note"


@pytest.mark.parametrize("name, kind", [("records", "NONE"), ("records.gz", "GZIP")])
def test_records(folder, name, kind):
    options = tf.python_io.TFRecordOptions(getattr(tf.python_io.TFRecordCompressionType, kind))
    assert list(tf.python_io.tf_record_iterator(str(folder / name), options)) == [b"record 0", b"record 1", b"record 2"]


def test_arrays(folder):
    (name, value), = tensor_files.tensors(str(Path(folder) / "weights.npz"))
    assert name == "weights" and value.tolist() == EXPECTED["weights"].tolist()
