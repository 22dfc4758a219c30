"""TensorProto: every type and every short form, TensorFlow's own constants, claims that are not believed."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hypothesis_numpy

from graphflow.formats.errors import DataLossError, InvalidFileError
from graphflow.formats.proto import DT_FLOAT, DT_HALF, DT_INT32, DT_QINT8, DT_STRING, GraphDef, TensorProto, from_text, parse
from graphflow.formats.tensor_proto import array_from_proto, proto_from_array
from tests import tf_fixtures

TYPES = [np.float16, np.float32, np.float64, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.bool_,
         np.complex64, np.complex128, ml_dtypes.bfloat16, ml_dtypes.float8_e5m2, ml_dtypes.float8_e4m3fn]  # fmt: skip


def tensor(dtype, sizes, **values):
    proto = TensorProto(dtype=dtype, **values)
    for size in sizes:
        proto.tensor_shape.dim.add(size=size)
    return proto


def bits(array):
    return array if array.dtype == object else np.ascontiguousarray(array).reshape(-1).view(np.uint8)


def fixture_constants():
    for name in ("graphs/consts", "graphs/consts_python"):
        entry = tf_fixtures.manifest()[name]
        graph = parse(tf_fixtures.path(entry["files"]["pb"]).read_bytes(), GraphDef)
        nodes = {node.name: node for node in graph.node}
        for key, description in entry["runs"][0]["expect"].items():
            node = nodes[key.split(":")[0]]
            if node.op == "Const":
                yield pytest.param(node, tf_fixtures.array(description, entry["files"]["data"]), id=f"{name}/{node.name}")


# Without those that `tf.constant(value, shape=...)` makes of one value.
ARRAY_CONSTANTS = [
    p
    for p in fixture_constants()
    if "consts_python" in p.id
    and (p.values[1].size <= 1 or p.values[0].attr["value"].tensor.tensor_content or p.values[1].dtype == object)
]


@pytest.mark.parametrize("node, expected", list(fixture_constants()))
def test_constants_that_tensorflow_wrote(node, expected):
    found = array_from_proto(node.attr["value"].tensor, node.name)
    assert found.shape == expected.shape
    if found.dtype == object:
        assert found.tolist() == expected.tolist()
    else:
        assert np.array_equal(bits(found), bits(expected))


@pytest.mark.parametrize("node, expected", ARRAY_CONSTANTS)
def test_python_constants_are_encoded_as_tensorflow_does(node, expected):
    proto = node.attr["value"].tensor
    assert proto_from_array(array_from_proto(proto), proto.dtype) == proto


@pytest.mark.parametrize("dtype", TYPES, ids=lambda t: np.dtype(t).name)
@pytest.mark.parametrize("content", [True, False, None])
@pytest.mark.parametrize("shape", [(), (1,), (0, 3), (2, 3)])
def test_every_type_in_every_form(dtype, content, shape):
    rand = np.random.default_rng(3)
    array = rand.normal(scale=50, size=shape)
    array = (array > 0 if dtype is np.bool_ else np.abs(array)).astype(dtype)
    found = array_from_proto(proto_from_array(array, content=content))
    assert found.dtype == array.dtype and found.shape == array.shape
    assert np.array_equal(bits(found), bits(array))


@example(np.array(1, ">f2"), False)
@example(np.array([1, 2j], ">c8"), False)
@given(hypothesis_numpy.arrays(hypothesis_numpy.scalar_dtypes(), hypothesis_numpy.array_shapes(min_dims=0, min_side=0)), st.booleans())
def test_any_array_comes_back(array, content):
    if array.dtype.kind in "mM" or array.dtype.name in ("float128", "complex256", "longdouble", "clongdouble"):
        with pytest.raises(TypeError):
            proto_from_array(array)
        return
    found = array_from_proto(proto_from_array(array, content=content))
    assert found.dtype == array.dtype.newbyteorder("=")
    assert np.array_equal(found, array, equal_nan=array.dtype.kind in "fc")


def test_strings_and_quantized_types():
    strings = np.array([["a", b"\xff\x00"], ["", "ö"]], object)
    found = array_from_proto(proto_from_array(strings))
    assert found.tolist() == [[b"a", b"\xff\x00"], [b"", "ö".encode()]]
    assert proto_from_array(np.int8([1, 2]), DT_QINT8).dtype == DT_QINT8
    with pytest.raises(TypeError, match="str or bytes"):
        proto_from_array(np.array([3], object))


def test_the_last_value_repeats_and_none_means_zero():
    assert array_from_proto(tensor(DT_INT32, [2, 2], int_val=[1, 2])).tolist() == [[1, 2], [2, 2]]
    assert array_from_proto(tensor(DT_INT32, [3], int_val=[7])).tolist() == [7, 7, 7]
    assert array_from_proto(tensor(DT_INT32, [2])).tolist() == [0, 0]
    assert array_from_proto(tensor(DT_STRING, [2])).tolist() == [b"", b""]
    assert array_from_proto(tensor(DT_HALF, [2], half_val=[0x3C00])).tolist() == [1.0, 1.0]
    assert array_from_proto(tensor(DT_INT32, [1], int_val=[7, 8])).tolist() == [7]


def test_one_value_may_stand_for_any_number_of_elements_without_taking_memory():
    array = array_from_proto(tensor(DT_FLOAT, [1 << 20, 1 << 16], float_val=[2.5]))
    assert array.shape == (1 << 20, 1 << 16) and array[5, 7] == 2.5 and array.strides == (0, 0)


@pytest.mark.parametrize(
    "proto, error, what",
    [
        (tensor(DT_FLOAT, [-4, 3], float_val=[1]), InvalidFileError, r"Shape \[-4, 3\] is not fully defined"),
        (tensor(DT_FLOAT, [1 << 40, 1 << 40], float_val=[1]), InvalidFileError, "is too large"),
        (tensor(DT_FLOAT, [1 << 40], float_val=[1, 2]), InvalidFileError, "2 values stand for"),
        (tensor(DT_FLOAT, [3], tensor_content=b"12345678"), DataLossError, "expected 12 bytes for float32 .3., found 8"),
        (tensor(DT_STRING, [3], tensor_content=b"123"), InvalidFileError, "strings cannot"),
        (tensor(8, [1], scomplex_val=[1]), DataLossError, "pairs"),
        (tensor(250, [1]), InvalidFileError, "type 250, that does not exist"),
        (tensor(20, []), InvalidFileError, "resource, that arrays cannot hold"),
        (from_text("dtype: DT_FLOAT tensor_shape { unknown_rank: true }", TensorProto), InvalidFileError, "unknown rank"),
    ],
)
def test_what_cannot_be_is_refused_by_name(proto, error, what):
    with pytest.raises(error, match="^file: node a: .*" + what):
        array_from_proto(proto, "file: node a")
