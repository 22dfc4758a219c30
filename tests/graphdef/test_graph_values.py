"""Graphs that TensorFlow wrote, run: every recorded value. A graph with ops that graphflow only holds says which one it cannot run."""

import numpy as np
import pytest

import graphflow as tf
from graphflow._public.api import OPS
from graphflow.graphdef.graph_io import read_graph_def
from tests import tf_fixtures

GRAPHS = sorted(name for name, entry in tf_fixtures.manifest().items() if entry["kind"] == "graph")


def close(found, expected, description, entry):
    found = np.asarray(found)
    if description.get("stored_as_bits"):
        found = found.view(description["stored_as_bits"])
    if expected.dtype == object:
        return found.shape == expected.shape and found.tolist() == expected.tolist()
    return found.shape == expected.shape and np.allclose(found, expected, rtol=entry["rtol"], atol=entry["atol"], equal_nan=True)


def run_all(entry):
    data = entry["files"]["data"]
    graph = tf.Graph()
    with graph.as_default(), tf.Session() as session:
        tf.import_graph_def(read_graph_def(tf_fixtures.path(entry["files"]["pb"])), name="")
        for number, run in enumerate(entry["runs"]):
            feeds = {key: tf_fixtures.array(value, data) for key, value in run["feeds"].items()}
            if run["targets"]:
                session.run([graph.get_operation_by_name(name) for name in run["targets"]], feeds)
            names = list(run["expect"])
            for name, found in zip(names, session.run(names, feeds), strict=True):
                description = run["expect"][name]
                assert close(found, tf_fixtures.array(description, data), description, entry), f"run {number}: {name}"


def ops_of(entry):
    message = read_graph_def(tf_fixtures.path(entry["files"]["pb"]))
    return {n.op for n in message.node} | {n.op for f in message.library.function for n in f.node_def}


@pytest.mark.parametrize("name", GRAPHS)
def test_recorded_values(name):
    entry = tf_fixtures.manifest()[name]
    missing = ops_of(entry) - set(OPS)
    assert not missing or name.startswith("graphs/control_"), f"without control flow every graph runs: {sorted(missing)}"
    if not missing:
        run_all(entry)
        return
    with pytest.raises(NotImplementedError, match="|".join(sorted(missing))):
        run_all(entry)


def test_a_large_constant_of_one_value_takes_no_memory_until_it_is_used():
    case = dict(tf_fixtures.bad_cases("pb"))["graph/const_bomb"]
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(read_graph_def(tf_fixtures.path(case["path"])), name="")
        (out,) = [op for op in graph.get_operations() if op.name == "out"]
        with pytest.raises(tf.errors.ResourceExhaustedError, match="out:0"):
            session.run(out.outputs[0], {"willow:0": 1.0})


def test_a_function_that_calls_itself_is_refused():
    case = dict(tf_fixtures.bad_cases("pb"))["graph/function_recursion"]
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(read_graph_def(tf_fixtures.path(case["path"])), name="")
        with pytest.raises(tf.errors.OpError, match="calls itself"):
            session.run([op.outputs[0] for op in graph.get_operations() if op.outputs][-1])


@pytest.mark.parametrize("name", ["undamaged", "nested_but_allowed"])
def test_sound_graphs_among_the_damaged_run(name):
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(read_graph_def(tf_fixtures.path(f"bad/graph/{name}.pb")), name="")
        tensors = [op.outputs[0] for op in graph.get_operations() if op.outputs]
        assert all(np.isfinite(v).all() for v in session.run(tensors, {"willow:0": 1.0}))
