"""Element types: identity, comparison with names and numpy types, what TF1 says of each."""

import copy
import pickle
import subprocess
import sys

import ml_dtypes
import numpy as np
import pytest

from graphflow.core import dtypes

NAMES = [
    "float32", "float64", "int32", "uint8", "int16", "int8", "string", "complex64", "int64", "bool", "qint8", "quint8",
    "qint32", "bfloat16", "qint16", "quint16", "uint16", "complex128", "float16", "resource", "variant", "uint32", "uint64",
]


@pytest.mark.parametrize("number, name", list(enumerate(NAMES, 1)))
def test_enum_numbers_and_names_lead_to_one_object(number, name):
    dtype = dtypes.as_dtype(name)
    assert dtype is dtypes.as_dtype(number) is dtypes.DType(number)
    assert dtype.name == name and dtype.as_datatype_enum == int(dtype) == number
    assert dtypes.as_dtype(number + 100) is dtypes.as_dtype(name + "_ref") is dtype.ref_dtype is dtype._as_ref
    assert dtype.ref_dtype.base_dtype is dtype.base_dtype is dtype


def test_reference_types_differ_from_their_base_but_are_compatible():
    ref = dtypes.float32.ref_dtype
    assert ref.is_ref and ref._is_ref_dtype and not dtypes.float32.is_ref
    assert ref != dtypes.float32
    assert dtypes.float32.is_compatible_with(ref) and not ref.is_compatible_with(dtypes.float32)
    assert ref.is_floating and ref.np == np.float32 and ref.name == "float32_ref"
    assert not dtypes.float32.is_compatible_with("int32")


def test_equality_with_names_and_numpy_types():
    assert dtypes.float32 == "float32" and dtypes.float32 == np.float32 and dtypes.float32 == np.dtype("f4")
    assert dtypes.float32 != "float64" and dtypes.float32 != None and dtypes.float32 != "nonsense"  # noqa: E711
    assert dtypes.string == object and dtypes.bool == bool and dtypes.half is dtypes.float16  # noqa: E721
    assert {dtypes.int32: 1}[dtypes.as_dtype("int32")] == 1


@pytest.mark.parametrize("value, name", [
    (float, "float32"), (bool, "bool"), (object, "string"), (np.dtype("S5"), "string"), (np.dtype("U2"), "string"),
    (np.dtype(">f4"), "float32"),
    (ml_dtypes.bfloat16, "bfloat16"), (np.ones(2, np.int8), "int8"), ("half", "float16"), ("double", "float64"),
])
def test_as_dtype_takes_what_tf1_takes(value, name):
    assert dtypes.as_dtype(value).name == name


@pytest.mark.parametrize("value", [None, int, str, "floaty", 55, -1, [1], np.dtype("M8[s]"), True])
def test_as_dtype_refuses_the_rest(value):
    with pytest.raises(TypeError, match="Cannot convert.* to a TensorFlow DType"):
        dtypes.as_dtype(value)


def test_text_forms():
    assert repr(dtypes.float32) == "tf.float32" and str(dtypes.float32) == "<dtype: 'float32'>"
    assert f"{dtypes.string.ref_dtype!r}" == "tf.string_ref"


def test_kinds():
    assert [n for n in NAMES if dtypes.as_dtype(n).is_floating] == ["float32", "float64", "bfloat16", "float16"]
    assert [n for n in NAMES if dtypes.as_dtype(n).is_complex] == ["complex64", "complex128"]
    assert [n for n in NAMES if dtypes.as_dtype(n).is_integer] == ["int32", "uint8", "int16", "int8", "int64", "uint16", "uint32", "uint64"]
    assert [n for n in NAMES if dtypes.as_dtype(n).is_unsigned] == ["uint8", "uint16", "uint32", "uint64"]
    assert [n for n in NAMES if dtypes.as_dtype(n).is_quantized] == ["qint8", "quint8", "qint32", "qint16", "quint16"]
    assert [n for n in NAMES if not dtypes.as_dtype(n).is_numpy_compatible] == ["resource", "variant"]
    assert dtypes.complex64.real_dtype is dtypes.float32 and dtypes.complex128.real_dtype is dtypes.float64
    assert dtypes.int8.real_dtype is dtypes.int8


def test_ranges_and_sizes():
    assert dtypes.int8.min == -128 and dtypes.uint16.max == 65535
    assert dtypes.float32.max == np.finfo(np.float32).max and dtypes.float16.min == -65504
    assert float(dtypes.bfloat16.max) == float.fromhex("0x1.FEp127")
    assert dtypes.uint8.limits == (0, 255) and dtypes.float32.limits == (0, 1)
    assert dtypes.bfloat16.size == 2 and dtypes.complex128.size == 16 and dtypes.resource.size == 0 == dtypes.string.size
    with pytest.raises(TypeError, match="Cannot find maximum value of <dtype: 'string'> with type <dtype: 'string'>."):
        dtypes.string.max  # noqa: B018


def test_numpy_types():
    assert dtypes.float32.as_numpy_dtype is np.float32 and dtypes.string.as_numpy_dtype is np.object_
    assert dtypes.bfloat16.as_numpy_dtype is ml_dtypes.bfloat16
    assert dtypes.qint8.as_numpy_dtype == np.dtype([("qint8", np.int8)])


@pytest.mark.parametrize("name", [*NAMES, "float32_ref"])
def test_copies_and_pickles_are_the_same_object(name):
    dtype = dtypes.as_dtype(name)
    assert copy.copy(dtype) is copy.deepcopy(dtype) is pickle.loads(pickle.dumps(dtype)) is dtype


def test_import_does_not_load_ml_dtypes():
    code = "import sys, graphflow.core.dtypes; assert 'ml_dtypes' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
