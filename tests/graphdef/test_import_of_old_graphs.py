"""Graphs of old programs and damaged ones: imported as TensorFlow imports them, or refused in words."""

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.op import REGISTRY
from graphflow.graphdef.foreign import op_class


def constant(graph_def, name, value, dtype=tf.float32):
    made = graph_def.node.add(name=name, op="Const")
    made.attr["dtype"].type = dtype.as_datatype_enum
    made.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype))


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def names():
    return [op.name for op in tf.get_default_graph().get_operations()]


def test_names_that_differ_in_case_only_stay():
    """TensorFlow up to 1.11 wrote "Add" (tf.add) beside "add" (+)."""
    graph_def = tf.GraphDef()
    for name, value in (("Add", 0.0), ("add", 1.0), ("add_1", 2.0)):
        constant(graph_def, name, value)
    tf.import_graph_def(graph_def, name="")
    assert names() == ["Add", "add", "add_1"]
    with tf.Session() as session:
        assert session.run(["Add:0", "add:0", "add_1:0"]) == [0.0, 1.0, 2.0]
    new = tf.add(1.0, 2.0)
    assert new.op.name == "Add_2"


def test_a_name_that_is_taken_gets_a_number_that_no_node_has():
    tf.constant(7.0, name="a")
    graph_def = tf.GraphDef()
    for name, value in (("a", 0.0), ("a_1", 1.0), ("A", 2.0)):
        constant(graph_def, name, value)
    tf.import_graph_def(graph_def, name="")
    assert names() == ["a", "a_2", "a_1", "A"]


@pytest.mark.parametrize("producer, rank", [(0, None), (8, None), (21, None), (22, 0), (1000, 0)])
def test_an_empty_shape_of_a_placeholder_is_an_unknown_one_up_to_version_21(producer, rank):
    graph_def = tf.GraphDef()
    if producer:
        graph_def.versions.producer = producer
    made = graph_def.node.add(name="x", op="Placeholder")
    made.attr["dtype"].type = 1
    made.attr["shape"].shape.SetInParent()
    tf.import_graph_def(graph_def, name="")
    x = tf.get_default_graph().get_tensor_by_name("x:0")
    assert x.shape.rank == rank
    if rank is None:
        with tf.Session() as session:
            assert session.run(tf.matmul(x, np.eye(2, dtype=np.float32)), {x: [[1.0, 2.0]]}).tolist() == [[1.0, 2.0]]


def test_a_dead_node_that_could_not_run_does_not_stop_an_import():
    graph_def = tf.GraphDef()
    constant(graph_def, "x", [1.0, 2.0])
    constant(graph_def, "axis", 1, tf.int32)
    made = graph_def.node.add(name="dead", op="ArgMax", input=["x", "axis"])
    made.attr["T"].type, made.attr["Tidx"].type = 1, 3
    tf.import_graph_def(graph_def, name="")
    with tf.Session() as session:
        assert session.run("x:0").tolist() == [1.0, 2.0]
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"Expected dimension in the range \[-1, 1\), but got 1"):
            session.run("dead:0")


@pytest.mark.parametrize("op, key, others", [
    ("AddN", "N", {}), ("ConcatV2", "N", {"Tidx": 3}), ("Unpack", "num", {}), ("Split", "num_split", {}),
])  # fmt: skip
def test_lists_are_counted_before_they_are_made(op, key, others):
    graph_def = tf.GraphDef()
    constant(graph_def, "x", [1.0])
    made = graph_def.node.add(name="n", op=op, input=["x"])
    made.attr["T"].type = 1
    made.attr[key].i = 1 << 33
    for name, value in others.items():
        made.attr[name].type = value
    with pytest.raises(ValueError, match=rf"attr {key}=8589934592 does not match the at most \d+ (in|out)puts"):
        tf.import_graph_def(graph_def, name="")
    assert not names()


@pytest.mark.parametrize("op, attributes", [("HashTableV2", {"key_dtype": 7, "value_dtype": 9}), ("TFRecordReaderV2", {})])
def test_an_op_with_state_that_cannot_run_says_so(op, attributes):
    op_class(op, {})
    if op in REGISTRY:
        pytest.skip(f"{op} runs")
    graph_def = tf.GraphDef()
    made = graph_def.node.add(name="t", op=op)
    for name, value in attributes.items():
        made.attr[name].type = value
    tf.import_graph_def(graph_def, name="")
    with tf.Session() as session, pytest.raises(NotImplementedError, match=f"{op} can be built, loaded and saved, but"):
        session.run(tf.get_default_graph().get_operation_by_name("t"))


def test_a_size_that_no_machine_holds_is_refused_at_once():
    size = tf.placeholder(tf.int64, [2])
    for made in (tf.fill(size, 1.0), tf.random_normal(size), tf.zeros(size)):
        with tf.Session() as session, pytest.raises(tf.errors.ResourceExhaustedError, match="OOM"):
            session.run(made, {size: [1 << 40, 1 << 40]})
