"""Traced runs: RunMetadata with times, bytes and shapes per operation, and the timeline made of it."""

import json
import time

import numpy as np
import pytest

import graphflow as tf

FULL = tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)


@pytest.fixture
def model():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 30], name="x")
        w = tf.get_variable("w", initializer=tf.ones([30, 20]))
        y = tf.nn.relu(tf.matmul(x, w, name="product"), name="y")
        train = tf.train.GradientDescentOptimizer(0.01).minimize(tf.reduce_sum(y))
        session.run(tf.global_variables_initializer())
        yield session, x, w, y, train


def stats(metadata):
    (device,) = metadata.step_stats.dev_stats
    assert device.device == "/job:localhost/replica:0/task:0/device:CPU:0"
    return {node.node_name: node for node in device.node_stats}


def test_each_operation_reports_time_bytes_and_shapes(model):
    session, x, _, y, _ = model
    metadata = tf.RunMetadata()
    before = time.time_ns()
    found = session.run(y, {x: np.ones((5, 30))}, FULL, metadata)
    after = time.time_ns()
    assert found.tolist() == np.full((5, 20), 30.0).tolist()
    nodes = stats(metadata)
    product = nodes["product"]
    assert product.timeline_label == "product = MatMul(x, w/read)"
    description = product.output[0].tensor_description
    assert description.dtype == 1 and [d.size for d in description.shape.dim] == [5, 20]
    assert description.allocation_description.requested_bytes == 5 * 20 * 4
    assert product.memory[0].allocator_name == "cpu" and product.memory[0].total_bytes == 5 * 20 * 4
    assert before - 10**6 < product.all_start_nanos < after + 10**6
    assert 0 < product.all_end_rel_nanos < after - before
    assert nodes["y"].all_start_nanos >= product.all_start_nanos + product.all_end_rel_nanos
    assert product.all_start_micros == product.all_start_nanos // 1000


def test_a_traced_run_changes_state_once_and_plain_runs_stay_right(model):
    session, x, w, _, train = model
    feed = {x: np.ones((5, 30))}
    metadata = tf.RunMetadata()
    session.run(train, feed, FULL, metadata)
    assert np.allclose(session.run(w), 1 - 0.05)
    assert any("ApplyGradientDescent" in node.timeline_label for node in stats(metadata).values())
    session.run(train, feed)
    assert np.allclose(session.run(w), 1 - 0.1)
    session.run(train, feed, FULL, metadata)
    assert np.allclose(session.run(w), 1 - 0.15)


def test_fetch_structures_survive(model):
    session, x, w, y, train = model
    found = session.run({"y": y, "both": [w, train]}, {x: np.ones((1, 30))}, FULL, tf.RunMetadata())
    assert found["y"].shape == (1, 20) and found["both"][1] is None


def test_without_a_trace_level_the_metadata_stays_empty(model):
    session, x, _, y, _ = model
    metadata = tf.RunMetadata()
    session.run(y, {x: np.ones((1, 30))}, tf.RunOptions(), metadata)
    session.run(y, {x: np.ones((1, 30))}, FULL)
    assert metadata == tf.RunMetadata()
    session.run(y, {x: np.ones((1, 30))}, tf.RunOptions(output_partition_graphs=True), metadata)
    assert metadata.partition_graphs[0].node[0].name == "x" and not metadata.step_stats.dev_stats


def test_wrong_messages_are_refused(model):
    session, _, w, _, _ = model
    with pytest.raises(TypeError, match=r"tf\.RunOptions"):
        session.run(w, options="FULL_TRACE")
    with pytest.raises(TypeError, match=r"tf\.RunMetadata"):
        session.run(w, options=FULL, run_metadata={})


def test_timeline(model):
    from graphflow.profiler.timeline import Timeline

    session, x, _, y, _ = model
    metadata = tf.RunMetadata()
    session.run(y, {x: np.ones((5, 30))}, FULL, metadata)
    trace = json.loads(Timeline(metadata.step_stats).generate_chrome_trace_format(show_memory=True))["traceEvents"]
    name = {"name": "/job:localhost/replica:0/task:0/device:CPU:0 Compute"}
    assert trace[0] == {"name": "process_name", "ph": "M", "pid": 0, "args": name}
    slices = {event["args"]["name"]: event for event in trace if event["ph"] == "X"}
    assert slices["product"]["name"] == "MatMul" and slices["product"]["dur"] >= 1
    assert slices["y"]["args"] == {"name": "y", "op": "Relu", "input0": "product"}
    assert [e["ph"] for e in trace if e.get("cat") == "DataFlow"] == ["s", "t"]
    assert [e["args"]["bytes"] for e in trace if e["ph"] == "C"] == [400, 800]
    plain = json.loads(Timeline(metadata.step_stats).generate_chrome_trace_format(show_dataflow=False))["traceEvents"]
    assert not [e for e in plain if e["ph"] in "stC"]


def test_metadata_tells_of_the_last_run_only():
    x = tf.placeholder(tf.float32)
    y = tf.reduce_sum(x * 2.0)
    metadata, full = tf.RunMetadata(), tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE)
    with tf.Session() as session:
        session.run(y, {x: [1.0]}, options=full, run_metadata=metadata)
        assert metadata.step_stats.dev_stats
        session.run(y, {x: [1.0]}, run_metadata=metadata)
        assert not metadata.step_stats.dev_stats
