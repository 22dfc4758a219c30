"""What `make` gives for an op class: one tensor, the operation or several, by the class and by its signature alike."""
import pytest

import graphflow as tf
from graphflow.core.make import make
from graphflow.core.op import OPS, Op, load
from graphflow.core.operation import Operation
from graphflow.core.outcomes import Effect, Several
from graphflow.ops.array.stacking import Unpack
from graphflow.ops.control_flow.flow import NoOp


@pytest.mark.parametrize("name", sorted(OPS))
def test_the_base_class_says_how_many_outputs_there_are(name):
    cls = load(name)
    outputs = cls.signature().outputs
    expected = Effect if not outputs else Several if len(outputs) > 1 or outputs[0].arity != "one" else Op
    assert expected is (Effect if issubclass(cls, Effect) else Several if issubclass(cls, Several) else Op)


def test_make_gives_what_the_class_says():
    with tf.Graph().as_default():
        assert isinstance(make(NoOp), Operation)
        parts = make(Unpack, tf.constant([1, 2]), num=2)
        assert isinstance(parts, list) and len(parts) == 2
        assert isinstance(make(load("Exp"), 1.0), tf.Tensor)
        assert make(load("Unique"), tf.constant([1, 1])).y.op.type == "Unique"
