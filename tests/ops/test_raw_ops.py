"""tf.raw_ops: a function of keyword arguments for every op type, as TensorFlow names them."""
import inspect
import json
import subprocess

import numpy as np
import pytest

import graphflow as tf
from graphflow._public.api import OPS
from tests.ops import raw_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

PROGRAMS = sorted(name for name in vars(raw_programs) if name.startswith("program_"))
OWN = {"GatherTree", "ImagePatchesGrad", "VolumePatchesGrad", "SparseOrder"}        # types that TensorFlow does not have (any more)
ASK = """
import inspect, json, sys, tensorflow.compat.v1 as tf
print(json.dumps({name: list(inspect.signature(getattr(tf.raw_ops, name)).parameters) for name in json.load(sys.stdin)}))
"""


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results(raw_programs.__name__, tensorflow_python, tmp_path_factory.mktemp("raw"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(raw_programs, name), tf), theirs[name]
    assert not node_differences(ours["nodes"], expected["nodes"])
    for a, b in zip(ours["runs"][0], expected["runs"][0], strict=True):
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        np.testing.assert_array_equal(a, b)


@pytest.mark.oracle
def test_every_type_takes_the_arguments_that_tensorflow_names(tensorflow_python):
    names = sorted(set(OPS) - OWN)
    found = subprocess.run([tensorflow_python, "-c", ASK], input=json.dumps(names), capture_output=True, text=True, check=True)
    wanted = json.loads(found.stdout.splitlines()[-1])
    ours = {name: set(inspect.signature(getattr(tf.raw_ops, name)).parameters) for name in names}
    assert {name: (sorted(ours[name] - set(keys)), sorted(set(keys) - ours[name])) for name, keys in wanted.items()
            if set(keys) != ours[name]} == {}


def test_every_type_is_listed_and_says_what_it_takes():
    assert set(dir(tf.raw_ops)) == set(OPS)
    signature = inspect.signature(tf.raw_ops.MatMul)
    assert str(signature) == "(*, a, b, transpose_a=False, transpose_b=False, grad_a=False, grad_b=False, name=None)"
    assert tf.raw_ops.MatMul.__doc__


def test_operations_and_named_results():
    op = tf.raw_ops.NoOp(name="n")
    assert (op.type, op.name) == ("NoOp", "n")
    found = tf.raw_ops.Unique(x=[1, 2])
    assert (found.y.name, found.idx.name) == ("Unique:0", "Unique:1")


@pytest.mark.parametrize(("call", "words"), [
    (lambda: tf.raw_ops.MatMul(1.0, 2.0), "mat_mul only takes keyword args"),
    (lambda: tf.raw_ops.MatMul(a=1.0, b=1.0, c=1), "unexpected keyword argument 'c'"),
    (lambda: tf.raw_ops.MatMul(a=1.0), "missing 1 required positional argument: 'b'"),
    (lambda: tf.raw_ops.MaxPool(input=1.0, ksize=[1], strides=[1]), "missing 1 required positional argument: 'padding'"),
    (lambda: tf.raw_ops.MaxPool(input=1.0, ksize=1, strides=[1], padding="SAME"), "Expected list for 'ksize' argument to 'max_pool' Op"),
    (lambda: tf.raw_ops.Const(value=1, dtype=tf.int32), "Don't know how to convert 1 to a TensorProto for argument 'value'"),
])  # fmt: skip
def test_refused(call, words):
    with pytest.raises(TypeError, match=words):
        call()


def test_types_that_are_not_there_say_so():
    with pytest.raises(NotImplementedError, match=r"tf\.raw_ops\.RaggedRange: graphflow does not have the operation type"):
        tf.raw_ops.RaggedRange  # noqa: B018
    with pytest.raises(AttributeError, match="it is no operation type of TensorFlow"):
        tf.raw_ops.NoSuchType  # noqa: B018
