"""TensorFlow reads graphs, event files, record files and run metadata that graphflow wrote. One TensorFlow process."""

import json
import subprocess

import numpy as np
import pytest

import graphflow as tf

pytestmark = pytest.mark.oracle

PROGRAM = """
import json, sys
import numpy as np
import tensorflow.compat.v1 as tf
from google.protobuf import text_format
tf.disable_v2_behavior()
folder = sys.argv[1]
found = {}
for name in ("graph.pb", "graph.pbtxt"):
    message = tf.GraphDef()
    data = open(f"{folder}/{name}", "rb").read()
    message.ParseFromString(data) if name.endswith(".pb") else text_format.Parse(data.decode(), message)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(message, name="")
        session.run("init")
        for _ in range(3):
            session.run("train", {"x:0": np.ones((4, 3), np.float32)})
        found[name] = session.run(["w:0", "y:0"], {"x:0": np.ones((1, 3), np.float32)})
        found[name] = [v.tolist() for v in found[name]]
    found[name + " text"] = text_format.MessageToString(message) == open(f"{folder}/graph.pbtxt").read()
import glob
(events,) = glob.glob(f"{folder}/log/*")
found["events"] = [[e.WhichOneof("what"), e.step, [v.tag for v in e.summary.value]] for e in tf.train.summary_iterator(events)]
trace = [e.tagged_run_metadata for e in tf.train.summary_iterator(events) if e.WhichOneof("what") == "tagged_run_metadata"][0]
metadata = tf.RunMetadata.FromString(trace.run_metadata)
found["trace"] = sorted(n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats)
from tensorflow.python.client import timeline
found["timeline"] = "traceEvents" in timeline.Timeline(metadata.step_stats).generate_chrome_trace_format()
for kind in ("", "GZIP", "ZLIB"):
    options = tf.python_io.TFRecordOptions(kind)
    found["records" + kind] = [r.decode("latin1") for r in tf.python_io.tf_record_iterator(f"{folder}/records{kind}", options)]
print("RESULT" + json.dumps(found))
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory, tensorflow_python):
    """(what graphflow computes, what TensorFlow makes of the files)."""
    folder = tmp_path_factory.mktemp("formats")
    ours = {}
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 3], name="x")
        w = tf.get_variable("w", initializer=tf.constant([[1.0], [2.0], [3.0]]))
        y = tf.tanh(tf.matmul(x, w) * 0.1, name="y")
        tf.train.AdamOptimizer(0.1).minimize(tf.reduce_mean(tf.square(y)), name="train")
        tf.global_variables_initializer()
        tf.summary.scalar("loss", tf.reduce_mean(y))
        tf.summary.histogram("weights", w)
        merged = tf.summary.merge_all()
        tf.train.write_graph(graph, str(folder), "graph.pb", as_text=False)
        tf.train.write_graph(graph, str(folder), "graph.pbtxt")
        feed = {x: np.ones((4, 3), np.float32)}
        metadata = tf.RunMetadata()
        session.run("init")
        with tf.summary.FileWriter(str(folder / "log"), graph) as writer:
            for step in range(3):
                session.run("train", feed)
                writer.add_summary(session.run(merged, feed), step)
            session.run(merged, feed, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
            writer.add_run_metadata(metadata, "trace", 3)
        ours["values"] = [v.tolist() for v in session.run([w, y], {x: np.ones((1, 3), np.float32)})]
        ours["trace"] = sorted(n.node_name for d in metadata.step_stats.dev_stats for n in d.node_stats)
    for kind in ("", "GZIP", "ZLIB"):
        with tf.python_io.TFRecordWriter(str(folder / f"records{kind}"), tf.python_io.TFRecordOptions(kind)) as records:
            for text in ("", "a", "\xff" * 1000):
                records.write(text.encode("latin1"))
    done = subprocess.run([tensorflow_python, "-c", PROGRAM, str(folder)], capture_output=True, text=True, timeout=300)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT")]
    assert lines, done.stderr[-3000:]
    return ours, json.loads(lines[0][6:])


@pytest.mark.parametrize("name", ["graph.pb", "graph.pbtxt"])
def test_tensorflow_trains_our_graph_to_our_numbers(both, name):
    ours, theirs = both
    for one, other in zip(ours["values"], theirs[name], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5)
    assert theirs[f"{name} text"], "our text form is the one TensorFlow writes"


def test_tensorflow_reads_our_events(both):
    events = both[1]["events"]
    assert [e[0] for e in events] == ["file_version", "graph_def", "meta_graph_def", "summary", "summary", "summary", "tagged_run_metadata"]
    assert [e[1:] for e in events if e[0] == "summary"] == [[step, ["loss", "weights"]] for step in range(3)]


def test_tensorflow_reads_our_traces(both):
    ours, theirs = both
    assert theirs["trace"] == ours["trace"] and theirs["timeline"]


@pytest.mark.parametrize("kind", ["", "GZIP", "ZLIB"])
def test_tensorflow_reads_our_records(both, kind):
    assert both[1][f"records{kind}"] == ["", "a", "\xff" * 1000]
