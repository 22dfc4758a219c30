"""SymbolicGradient, by which TF1 wrote the gradients of a Defun's calls. Graph and values are TensorFlow 1.15's."""
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.graphdef.attributes import FunctionName

FILE = Path(__file__).parents[2] / "data" / "tensorflow_v1" / "symbolic_gradient.pb"


@pytest.fixture
def session():
    graph_def = tf.GraphDef()
    graph_def.ParseFromString(FILE.read_bytes())
    with tf.Graph().as_default(), tf.Session() as made:
        tf.import_graph_def(graph_def, name="")
        made.run("init")
        yield made


@pytest.mark.parametrize(("x", "loss", "dx", "dw"), [
    ([0.25, 0.5], -0.6839470863342285, [6.6875, -2.6277103424072266], [0.484375, 2.916008949279785]),
    ([1.0, 0.75], 17.95448112487793, [23.337038040161133, -2.1583824157714844], [16.911590576171875, 4.276223659515381])])
def test_recorded_gradients_of_functions_that_call_functions(session, x, loss, dx, dw):
    found = session.run(["loss:0", "g0:0", "g1:0"], {"x:0": x})
    for value, wanted in zip(found, (loss, dx, dw)):
        np.testing.assert_allclose(value, wanted, rtol=2e-6)


def test_training_goes_on_by_them(session):
    for _ in range(3):
        session.run("train")
    np.testing.assert_allclose(session.run("w:0"), [1.2289917469024658, -1.8883678913116455], rtol=2e-6)


def test_a_function_that_is_not_there_is_named(session):
    node = tf.raw_ops.SymbolicGradient(input=[tf.constant(1.0), tf.constant(1.0)], Tout=[tf.float32], f=FunctionName("Missing"))
    with pytest.raises(tf.errors.NotFoundError, match="Function Missing is not defined"):
        session.run(node)


def test_they_have_no_gradients_themselves(session):
    graph = tf.get_default_graph()
    with pytest.raises(LookupError, match="SymbolicGradient"):
        tf.gradients(graph.get_tensor_by_name("g0:0"), graph.get_tensor_by_name("x:0"))
