"""Each op class says the same as TensorFlow's definition of the op: arguments, references, attributes and their defaults."""

import numpy as np
import pytest

from graphflow._public.api import OPS
from graphflow.core.op import load
from graphflow.formats.tensor_proto import array_from_proto
from graphflow.graphdef import op_table
from graphflow.graphdef.attributes import from_message, tensor_message


def same(ours, theirs):
    if hasattr(ours, "tensor_shape"):
        ours = array_from_proto(ours)
    if isinstance(theirs, np.ndarray) or isinstance(ours, np.ndarray):
        return np.array_equal(ours, theirs)
    if isinstance(theirs, float):
        return np.float32(ours) == np.float32(theirs)
    if isinstance(theirs, (list, tuple)) and theirs and isinstance(theirs[0], float):
        return np.array_equal(np.float32(ours), np.float32(theirs))
    return (tuple(ours) if isinstance(ours, list) else ours) == theirs


# A few ops are graphflow's own, and say so.
@pytest.mark.parametrize("name", sorted(name for name in OPS if op_table.find(name) is not None))
def test_class_agrees_with_the_table(name):
    cls, definition = load(name), op_table.find(name)
    signature = cls.signature()
    for ours, theirs in ((signature.inputs, definition.input_arg), (signature.outputs, definition.output_arg)):
        assert [(a.name, a.is_ref) for a in ours] == [(a.name, a.is_ref) for a in theirs]
    attributes = {a.name: a for a in definition.attr}
    assert set(cls.fields) <= set(attributes)
    for field, attribute in attributes.items():
        if field not in cls.fields:
            assert attribute.HasField("default_value"), f"{field} is missing in the class"
        elif attribute.HasField("default_value"):
            assert field in cls.defaults, f"{field} has a default in TensorFlow"
            assert same(cls.defaults[field], from_message(attribute.default_value, attribute.type)), field
        else:
            assert field not in cls.defaults, f"{field} has no default in TensorFlow"


def test_descriptions_read_like_tensorflows():
    assert op_table.describe(op_table.find("Const")) == "Op<name=Const; signature= -> output:dtype; attr=value:tensor; attr=dtype:type>"
    text = op_table.describe(op_table.find("AddV2"))
    assert text.startswith("Op<name=AddV2; signature=x:T, y:T -> z:T; attr=T:type,allowed=[DT_BFLOAT16, DT_HALF, DT_FLOAT")
    assert op_table.find("NoSuchOp") is None


def test_an_array_of_one_repeated_value_is_one_value_in_the_message():
    message = tensor_message(np.broadcast_to(np.float32(2), (1 << 20, 1 << 16)))
    assert len(message.SerializeToString()) < 50 and array_from_proto(message)[3, 4] == 2
