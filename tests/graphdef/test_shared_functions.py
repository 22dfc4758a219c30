"""Graphs whose calls, branches and loops share functions of the library: the gradients of one leave the others as they were."""
import subprocess
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats.proto import GraphDef

SIDE = Path(__file__).parents[1] / "oracle" / "shared_functions_side.py"
FEEDS = {"x:0": np.array([0.5, -0.25, 1.0]), "y:0": np.array([1.5, 0.75, -1.0])}


def shared_by_two(build, share):
    """A GraphDef with the results "0" and "1" of the same nodes made twice; the attributes `share` of the second's are the first's."""
    with tf.Graph().as_default() as graph:
        x, y = (tf.placeholder(tf.float64, [3], name=name) for name in "xy")
        for i, a in enumerate((x, tf.sin(y))):
            tf.identity(build(a, y), name=str(i))
    message = graph.as_graph_def()
    one, two = (node for node in message.node if share[0] in node.attr)
    for name in share:
        two.attr[name].CopyFrom(one.attr[name])
    return message


def branches(a, b):
    return tf.cond(a[0] > 0.25, lambda: tf.exp(a) * tf.sin(b), lambda: a * tf.exp(b))


def loop(a, b):
    return tf.while_loop(lambda i, s: i < 3, lambda i, s: (i + 1, tf.tanh(s * tf.exp(s)) + b), [0, a])[1]


@pytest.mark.parametrize(("build", "share"), [(branches, ["then_branch", "else_branch"]), (loop, ["cond", "body"])])
def test_gradients_of_one_leave_the_other_as_it_was(build, share):
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(shared_by_two(build, share), name="")
    get = graph.get_tensor_by_name
    with graph.as_default(), tf.Session() as session:
        before = session.run(["0:0", "1:0"], FEEDS)
        first = tf.gradients(get("0:0"), get("x:0"))
        between = session.run(["0:0", "1:0", *first], FEEDS)
        second = tf.gradients(get("1:0"), get("y:0"))
        after = session.run(["0:0", "1:0", *first, *second], FEEDS)
    with tf.Graph().as_default(), tf.Session() as session:
        x, y = (tf.placeholder(tf.float64, [3], name=name) for name in "xy")
        results = [build(x, y), build(tf.sin(y), y)]
        expected = session.run([*results, *tf.gradients(results[0], x), *tf.gradients(results[1], y)], FEEDS)
    for got in (before, between, after):
        for a, b in zip(got, expected, strict=False):
            np.testing.assert_allclose(a, b, rtol=1e-12)


def test_one_function_may_be_both_branches():
    message = shared_by_two(branches, ["then_branch", "else_branch"])
    for node in message.node:
        if "then_branch" in node.attr:
            node.attr["else_branch"].CopyFrom(node.attr["then_branch"])
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(message, name="")
        (g,) = tf.gradients(graph.get_tensor_by_name("0:0"), graph.get_tensor_by_name("x:0"))
    x, y = FEEDS.values()
    with tf.Session(graph=graph) as session:
        for sign in (1.0, -1.0):
            np.testing.assert_allclose(session.run(g, {"x:0": sign * x, "y:0": y}), np.exp(sign * x) * np.sin(y), rtol=1e-12)


@pytest.mark.parametrize("by_name", [False, True])
def test_gradients_of_one_call_leave_the_other_as_it_was(by_name):
    message = shared_by_two(branches, ["then_branch", "else_branch"])
    for node in message.node:
        if "then_branch" in node.attr:      # made a call of its first branch; by_name: as TF1's Defun wrote it, the op type is the function
            function = node.attr["then_branch"].func
            node.op = function.name if by_name else "PartitionedCall"
            if not by_name:
                node.attr["f"].func.CopyFrom(function)
            for name in ("then_branch", "else_branch", "Tcond", "output_shapes", *(["Tin", "Tout"] if by_name else [])):
                del node.attr[name]
            del node.input[0]
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(message, name="")
        get = graph.get_tensor_by_name
        (first,) = tf.gradients(get("0:0"), get("x:0"))
        (second,) = tf.gradients(get("1:0"), get("y:0"))
    x, y = FEEDS.values()
    a = np.sin(y)
    expected = np.exp(x) * np.sin(y), np.exp(a) * np.sin(y), np.exp(x) * np.sin(y), np.exp(a) * np.cos(y) * (np.sin(y) + 1)
    with tf.Session(graph=graph) as session:
        for got, want in zip(session.run(["0:0", "1:0", first, second], FEEDS), expected, strict=True):
            np.testing.assert_allclose(got, want, rtol=1e-12)


def test_what_gradients_changed_is_written_and_read_again():
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(shared_by_two(loop, ["cond", "body"]), name="")
        tf.identity(tf.gradients(graph.get_tensor_by_name("0:0"), graph.get_tensor_by_name("x:0"))[0], name="g")
    with tf.Graph().as_default() as again:
        tf.import_graph_def(GraphDef.FromString(graph.as_graph_def().SerializeToString()), name="")
    with tf.Session(graph=graph) as one, tf.Session(graph=again) as two:
        for a, b in zip(one.run(["0:0", "1:0", "g:0"], FEEDS), two.run(["0:0", "1:0", "g:0"], FEEDS), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.oracle
def test_calls_that_tensorflow_wrote_have_its_values_and_gradients(tensorflow_python, tmp_path):
    finished = subprocess.run([tensorflow_python, str(SIDE), str(tmp_path)], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-3000:]
    with np.load(tmp_path / "values.npz") as archive:
        theirs = {name: archive[name] for name in archive.files}
    rows = {name.split("/")[0] for name in theirs}
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(GraphDef.FromString((tmp_path / "graph.pb").read_bytes()), name="")
        get = graph.get_tensor_by_name
        with tf.Session() as session:
            session.run("w/Assign")
            before = session.run({name: f"{name}:0" for name in rows}, FEEDS)
            found = {}
            for name in sorted(rows):
                xs = [get("x:0"), get("w:0" if name.startswith("weighted") else "y:0")]
                first = tf.gradients(get(f"{name}:0"), xs)
                second = tf.gradients([tf.reduce_sum(g * g) for g in first], xs[0])
                found[name] = [get(f"{name}:0"), *first, *second]
            after = session.run(found, FEEDS)
    for name in rows:
        np.testing.assert_allclose(before[name], theirs[f"{name}/0"], rtol=1e-12)
        for k, value in enumerate(after[name]):
            np.testing.assert_allclose(value, theirs[f"{name}/{k}"], rtol=1e-10)
