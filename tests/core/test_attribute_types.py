"""Attributes of a wrong Python type are refused while building, in TensorFlow's words; numbers of numpy are numbers."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf

pytestmark = pytest.mark.filterwarnings("ignore:tf.Print:DeprecationWarning")

IMAGE = np.zeros([1, 2, 2, 1], "f")
CALLS = {
    "summarize": (lambda v: tf.Print(1.0, [2.0], summarize=v), "int"),
    "first_n": (lambda v: tf.Print(1.0, [2.0], first_n=v), "int"),
    "max_images": (lambda v: tf.summary.image("x", IMAGE, max_outputs=v), "int"),
    "max_outputs": (lambda v: tf.summary.audio("x", IMAGE[:, :, 0], 44100.0, max_outputs=v), "int"),
    "num_buckets": (lambda v: tf.string_to_hash_bucket_fast("a", v), "int"),
    "depth_radius": (lambda v: tf.nn.lrn(IMAGE, v), "int"),
    "precision": (lambda v: tf.as_string(1.0, precision=v), "int"),
    "bias": (lambda v: tf.nn.lrn(IMAGE, bias=v), "float"),
    "transpose_a": (lambda v: tf.matmul([[1.0]], [[1.0]], transpose_a=v), "bool"),
    "keep_dims": (lambda v: tf.reduce_sum([[1.0]], 0, keepdims=v), "bool"),
    "separator": (lambda v: tf.string_join(["a", "b"], separator=v), "string"),
}
WRONG = {"int": ("a", "3", (1,), {}), "float": ("a", "1.0", (1,)), "bool": ("a", 2.5, (1,), "True"), "string": (3, 2.5, (1,))}


@pytest.mark.parametrize("name", CALLS)
def test_values_of_another_type_are_refused(name):
    call, kind = CALLS[name]
    for value in WRONG[kind]:
        with pytest.raises(TypeError, match=f"Expected {kind} for argument '{name}' not ") as error:
            call(value)
        assert repr(value) in str(error.value)


@pytest.mark.parametrize("name", [n for n, (_, kind) in CALLS.items() if kind in ("int", "float")])
def test_numbers_of_numpy_and_whole_floats_are_numbers(name):
    call, kind = CALLS[name]
    for value in (np.int64(2), np.float32(2), 2.0, 2):
        made = call(value).op
        found = made.get_attr(name) if made.type != "LRN" or kind == "int" else made.get_attr("bias")
        assert found == 2 and type(found) in (int, float)


def test_none_stands_for_the_default():
    assert tf.nn.lrn(IMAGE, None).op.get_attr("depth_radius") == 5
    assert tf.as_string(1.0, precision=None).op.get_attr("precision") == -1
    with pytest.raises(TypeError, match="Expected int for argument 'num_buckets' not None"):
        tf.string_to_hash_bucket_fast("a", None)


@pytest.mark.parametrize("dtype", [tf.string, tf.uint32, tf.resource, tf.qint8])
def test_bytes_are_read_as_types_of_plain_memory_only(dtype):
    with pytest.raises(TypeError, match="Value passed to parameter 'out_type' has DataType"):
        tf.decode_raw("abcdefgh", dtype)
