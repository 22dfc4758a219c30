"""Bodies that read variables which are references: exported they take the value, and a body may be given one for a value."""
import json
import subprocess

import numpy as np
import pytest

import graphflow as tf

LOAD = """
import json, sys
import tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
graph_def = tf.GraphDef()
graph_def.ParseFromString(open(sys.argv[1], "rb").read())
tf.import_graph_def(graph_def, name="")
with tf.Session() as session:
    session.run("w/Assign")
    print(json.dumps([float(v) for v in session.run(["y:0", "g:0"])]))
"""


@pytest.fixture
def graph_def():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder_with_default(np.float32(0.5), [], name="x")
        w = tf.get_variable("w", initializer=3.0, use_resource=False)
        a = tf.cond(x < 1.0, lambda: tf.identity(w._ref()) * 2.0, lambda: x)
        b = tf.while_loop(lambda i, v: i < 3, lambda i, v: (i + 1, v * tf.identity(w._ref())), [0, x])[1]
        y = tf.add(a, b, name="y")
        tf.identity(tf.gradients(y, x)[0], name="g")
        return graph.as_graph_def()


def test_what_is_only_read_goes_into_functions_by_value(graph_def):
    assert graph_def.library.function
    assert not any(argument.is_ref for function in graph_def.library.function for argument in function.signature.input_arg)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        session.run("w/Assign")
        assert session.run(["y:0", "g:0"]) == [19.5, 27.0]


def test_what_is_assigned_stays_a_reference():
    with tf.Graph().as_default() as graph:
        w = tf.get_variable("w", initializer=3.0, use_resource=False)
        tf.cond(tf.constant(True), lambda: tf.assign_add(w, 1.0) * 1.0, lambda: tf.identity(w._ref()), name="c")
        graph_def = graph.as_graph_def()
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        session.run("w/Assign")
        assert session.run("c/Identity:0") == 4.0 and session.run("w:0") == 4.0


@pytest.mark.oracle
def test_tensorflow_runs_a_graph_whose_bodies_read_references(graph_def, tensorflow_python, tmp_path):
    (tmp_path / "graph.pb").write_bytes(graph_def.SerializeToString())
    finished = subprocess.run([tensorflow_python, "-c", LOAD, str(tmp_path / "graph.pb")], capture_output=True, text=True, check=True)
    assert json.loads(finished.stdout.splitlines()[-1]) == [19.5, 27.0]


def test_a_body_that_wants_a_value_may_be_given_a_reference(graph_def):
    """A read between a write before it and a write after it."""
    with tf.Graph().as_default() as graph, tf.Session() as session:
        tf.import_graph_def(graph_def, name="", input_map=None)
        w, g = graph.get_tensor_by_name("w:0"), graph.get_tensor_by_name("y:0")
        session.run("w/Assign")
        with tf.control_dependencies([g]):
            changed = tf.assign(w, 5.0)
        assert session.run([g, changed])[0] == 19.5
        assert session.run(g) == 10.0 + 0.5 * 125.0
