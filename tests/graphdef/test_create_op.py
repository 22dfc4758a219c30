"""Graph.create_op: operations by type, tensors and AttrValue messages; right values are TensorFlow's."""
import numpy as np
import pytest

import graphflow as tf

FLOAT = {"T": tf.AttrValue(type=1)}


@pytest.fixture
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


def test_operations_are_made_and_run(graph):
    x = tf.constant([[1.0, 2.0]])
    assert tf.Graph().create_op("NoOp", [], []).type == "NoOp"
    product = graph.create_op("MatMul", [x, x], [tf.float32], name="m", attrs={**FLOAT, "transpose_b": tf.AttrValue(b=True)})
    again = graph.create_op("MatMul", [x, x], name="m", attrs={"transpose_a": tf.AttrValue(b=True)})
    assert (product.name, again.name, again.outputs[0].shape) == ("m", "m_1", (2, 2))
    pack = graph.create_op("Pack", [x, x], [tf.float32])
    split = graph.create_op("Split", [tf.constant(1), x], attrs={"num_split": tf.AttrValue(i=2)})
    many = graph.create_op("IdentityN", [x, tf.constant(1)])
    with tf.Session() as session:
        values = session.run([product.outputs[0], pack.outputs[0], split.outputs[1], many.outputs[1]])
    assert values[0].tolist() == [[5.0]] and values[1].shape == (2, 1, 2) and values[2].tolist() == [[2.0]] and values[3] == 1
    gradient, = tf.gradients(again.outputs[0], [x])
    assert gradient.shape == (1, 2)


def test_names_scopes_and_control_inputs_are_those_of_the_graph(graph):
    x = tf.constant(1.0)
    with tf.name_scope("s"), tf.control_dependencies([tf.no_op("before")]), tf.device("/cpu:0"):
        op = graph.create_op("Identity", [x], [tf.float32], attrs={**FLOAT, "_mark": tf.AttrValue(i=3)})
    assert (op.name, [c.name for c in op.control_inputs], op.device) == ("s/Identity", ["s/before"], "/device:CPU:0")
    assert op.get_attr("_mark") == 3
    assert "user" not in op.node_def.attr and op.traceback


def test_written_and_read_back(graph):
    graph.create_op("Placeholder", [], [tf.float32], name="p", attrs={"dtype": tf.AttrValue(type=1)})
    with tf.Graph().as_default() as other:
        tf.import_graph_def(graph.as_graph_def(), name="")
        assert other.get_tensor_by_name("p:0").shape.ndims is None


@pytest.mark.parametrize(("type_", "inputs", "more", "error", "words"), [
    ("Identity", [1.0], {"attrs": FLOAT}, TypeError, "Input #0 is not a tensor: 1.0"),
    ("Identity", [np.ones(2)], {}, TypeError, "Input #0 is not a tensor"),
    ("Nothing", [], {}, RuntimeError, "Op type not registered 'Nothing'"),
    ("MatMul", [None], {}, TypeError, "Input #0"),
    ("NoOp", [], {"dtypes": [tf.int32]}, TypeError, "has outputs of types"),
    ("Placeholder", [], {}, ValueError, "NodeDef missing attr 'dtype'"),
    ("Placeholder", [], {"attrs": {"dtype": tf.float32}}, TypeError, "must be an AttrValue message"),
])  # fmt: skip
def test_refused(graph, type_, inputs, more, error, words):
    with pytest.raises(error, match=words):
        graph.create_op(type_, inputs, **more)


def test_refused_by_what_the_tensors_are(graph):
    x = tf.constant([[1.0]])
    with pytest.raises(ValueError, match="do not match 1 inputs specified"):
        graph.create_op("MatMul", [x], attrs=FLOAT)
    with pytest.raises(TypeError, match=r"input types \(\[float32\]\) are not compatible with expected types \(\[int32\]\)"):
        graph.create_op("Identity", [x], input_types=[tf.int32], attrs=FLOAT)
    with pytest.raises(ValueError, match="from the same graph"):
        tf.Graph().create_op("Identity", [x], attrs=FLOAT)
