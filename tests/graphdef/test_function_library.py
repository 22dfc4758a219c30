"""Graphs with bodies as GraphDefs: written with their functions, read again, run."""
import subprocess

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.proto import GraphDef


def build():
    """(graph, fetches, feeds): nested bodies, gradients, lists, effects."""
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [3], name="x")
        n = tf.placeholder(tf.int32, [], name="n")
        y = tf.cond(x[0] > 0, lambda: tf.cond(x[1] > 0, lambda: x * 2.0, lambda: x - 1.0), lambda: x * x)
        z = tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.tanh(a * y) + x), [0, x])[1]
        m = tf.map_fn(lambda v: v * v, y)
        w = tf.switch_case(n, [lambda: x, lambda: x + 1.0, lambda: x * 3.0])
        loss = tf.reduce_sum(z) + tf.reduce_sum(m * w)
        g = tf.identity(tf.gradients(loss, x)[0], name="g")
        tf.identity(loss, name="loss")
        checked = tf.Assert(n < 10, [tf.constant(1.0)])
        with tf.control_dependencies([checked]):
            tf.identity(g, name="checked")
    return graph, ["loss:0", "g:0", "checked:0"], {"x:0": np.array([0.5, -0.25, 1.0], np.float32), "n:0": np.int32(3)}


def run(graph, fetches, feeds):
    with tf.Session(graph=graph) as session:
        return session.run(fetches, feeds)


def test_a_graph_read_again_gives_the_same_values():
    graph, fetches, feeds = build()
    message = GraphDef.FromString(graph.as_graph_def().SerializeToString())
    assert message.library.function
    with tf.Graph().as_default() as again:
        tf.import_graph_def(message, name="")
    for a, b in zip(run(graph, fetches, feeds), run(again, fetches, feeds), strict=True):
        np.testing.assert_array_equal(a, b)
    assert {f.signature.name for f in again.as_graph_def().library.function} == {f.signature.name for f in message.library.function}


def test_gradients_of_an_imported_loop():
    graph, _, feeds = build()
    with tf.Graph().as_default() as again:
        tf.import_graph_def(graph.as_graph_def(), name="")
        loss, x = again.get_tensor_by_name("loss:0"), again.get_tensor_by_name("x:0")
        (g,) = tf.gradients(loss, x)
        (gg,) = tf.gradients(tf.reduce_sum(g * g), x)
    got, want, second = run(again, [g, "g:0", gg], feeds)
    np.testing.assert_allclose(got, want, rtol=1e-6)
    assert np.all(np.isfinite(second))


def test_a_graph_with_bodies_imported_beside_bodies_of_the_same_names():
    def power(k):
        x = tf.placeholder(tf.float32, [], name="x")
        return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a * x * k), [0, 1.0])[1]

    with tf.Graph().as_default() as one:
        tf.identity(power(2.0), name="y")
    message = one.as_graph_def()
    with tf.Graph().as_default() as two:
        mine = power(1.0)
        for body in list(two._functions.values()):      # as if they were built in processes of their own
            other = next(f for f in message.library.function if f.signature.name.split("_")[1] == body.name.split("_")[1])
            del two._functions[body.name]
            op = mine.op.inputs[0].op
            which = "cond" if "cond" in body.name else "body"
            from graphflow.graphdef.attributes import FunctionName
            body.name = other.signature.name
            two._functions[body.name] = body
            op._op_def = type(op._op_def).of(**{**op._op_def.attributes(), which: FunctionName(body.name)})
        tf.import_graph_def(message, name="theirs")
    with tf.Session(graph=two) as session:
        assert session.run([mine, "theirs/y:0"], {"x:0": 2.0, "theirs/x:0": 2.0}) == [8.0, 64.0]


def test_resource_variables_in_bodies_are_written_and_read():
    with tf.Graph().as_default() as graph:
        v = tf.get_variable("v", initializer=2.0, use_resource=True)
        p = tf.placeholder(tf.bool, [], name="p")
        tf.identity(tf.cond(p, lambda: v.assign_add(1.0), lambda: v.read_value()), name="y")
    with tf.Graph().as_default() as again:
        tf.import_graph_def(graph.as_graph_def(), name="")
    with tf.Session(graph=again) as session:
        session.run("v/Assign")
        assert [session.run("y:0", {"p:0": value}) for value in (True, False, True)] == [3.0, 3.0, 4.0]


def test_a_damaged_function_is_named():
    graph, fetches, feeds = build()
    message = graph.as_graph_def()
    for function in message.library.function:
        for name in list(function.ret):
            function.ret[name] = "nowhere:z:0"
    with tf.Graph().as_default() as again:
        tf.import_graph_def(message, name="")
    with pytest.raises(ValueError, match=r"Function '.*' takes 'nowhere:z:0'"):
        run(again, fetches, feeds)


@pytest.mark.oracle
def test_tensorflow_runs_what_is_written(tensorflow_python, tmp_path):
    graph, fetches, feeds = build()
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    np.savez(tmp_path / "feeds.npz", **{name.split(":")[0]: value for name, value in feeds.items()})
    code = f"""
import numpy as np, tensorflow.compat.v1 as tf
tf.disable_v2_behavior()
g = tf.GraphDef.FromString(open(r"{tmp_path / 'graph.pb'}", "rb").read())
tf.import_graph_def(g, name="")
f = np.load(r"{tmp_path / 'feeds.npz'}")
with tf.Session() as s:
    np.savez(r"{tmp_path / 'values.npz'}", *s.run({fetches!r}, {{k + ":0": f[k] for k in f.files}}))
"""
    finished = subprocess.run([tensorflow_python, "-c", code], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-3000:]
    with np.load(tmp_path / "values.npz") as theirs:
        for ours, name in zip(run(graph, fetches, feeds), theirs.files, strict=True):
            np.testing.assert_allclose(ours, theirs[name], rtol=1e-5)
