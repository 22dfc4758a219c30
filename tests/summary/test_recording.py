"""tf.summary of TensorFlow 2: what is recorded, when, with which step, and what TensorFlow's event file of the same program holds."""
from __future__ import annotations

import importlib
import json
import threading

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly
from tests.summary.recording_program import GOLDEN, held, program


@pytest.fixture
def tf2():
    with eagerly(v2=True):
        found = importlib.import_module("graphflow.compat.v2")     # the first import of it switches eager execution on
        yield found
        found.summary.experimental.set_step(None)


def events(folder):
    return [event for file in sorted(folder.iterdir()) for event in tf.train.summary_iterator(str(file))]


def test_a_program_records_what_tensorflow_records(tf2, tmp_path):
    wanted = json.loads(GOLDEN.read_text())
    said = program(tf2, tmp_path)
    found = held(events(tmp_path))
    assert said == wanted["said"]
    assert [row[:4] + row[5:] for row in found] == [row[:4] + row[5:] for row in wanted["held"]]
    for ours, theirs in zip(found, wanted["held"], strict=True):
        if ours[2] == 7:
            assert ours[4] == theirs[4], ours[1]
        else:
            np.testing.assert_allclose(ours[4], theirs[4], rtol=1e-12, atol=1e-12, err_msg=ours[1])
    assert [file.suffix for file in tmp_path.iterdir()] == [".v2"]


def test_a_summary_needs_a_step_a_writer_and_one_number(tf2, tmp_path):
    assert not tf2.summary.scalar("x", 1.0)
    writer = tf2.summary.create_file_writer(str(tmp_path), filename_suffix=".mine")
    with writer.as_default():
        with pytest.raises(ValueError, match="No step set"):
            tf2.summary.scalar("x", 1.0)
        with pytest.raises(ValueError, match="Expected scalar shape, saw shape"):
            tf2.summary.scalar("x", [1.0, 2.0], step=1)
        with pytest.raises(ValueError, match="rank 4"):
            tf2.summary.image("x", [[1.0]], step=1)
        with pytest.raises(ValueError, match="there is 'wav'"):
            tf2.summary.audio("x", np.zeros((1, 2, 1), "f"), 8000, step=1, encoding="mp3")
    writer.close()
    with pytest.raises(RuntimeError, match="already closed"), writer.as_default():
        pass
    assert [file.suffix for file in tmp_path.iterdir()] == [".mine"]


def test_nothing_is_computed_for_a_summary_that_is_not_recorded(tf2, tmp_path):
    calls = []

    def value():
        calls.append(1)
        return tf2.constant(1.0)
    with tf2.summary.create_file_writer(str(tmp_path)).as_default(step=0):
        with tf2.summary.record_if(False):
            assert not tf2.summary.write("x", value)
        assert tf2.summary.write("x", value)
    assert len(calls) == 1


def test_the_writer_of_a_thread_is_its_own(tf2, tmp_path):
    found = []
    with tf2.summary.create_file_writer(str(tmp_path)).as_default(step=1):
        thread = threading.Thread(target=lambda: found.append(bool(tf2.summary.scalar("x", 1.0))))
        thread.start()
        thread.join()
        assert tf2.summary.scalar("x", 1.0)
    assert found == [False]


def test_the_graph_of_a_function_is_recorded(tf2, tmp_path):
    function = tf2.function(lambda x: tf2.tanh(x) + 1.0)
    graph = function.get_concrete_function(tf2.TensorSpec([2], tf2.float32)).graph
    with tf2.summary.create_file_writer(str(tmp_path)).as_default():
        assert tf2.summary.graph(graph)
    found = [tf.GraphDef.FromString(event.graph_def) for event in events(tmp_path) if event.graph_def]
    assert [{"Tanh", "AddV2"} <= {node.op for node in g.node} for g in found] == [True]
    with pytest.raises(RuntimeError, match="outside of the tf.function"):
        tf2.function(lambda: tf2.summary.graph(graph))()


def test_traces_are_refused_with_what_to_do_instead(tf2):
    with pytest.raises(NotImplementedError, match=r"tf.summary.graph\(f.get_concrete_function"):
        tf2.summary.trace_on(graph=True)
    with pytest.raises(ValueError, match="Must enable trace before export"):
        tf2.summary.trace_export("x")
