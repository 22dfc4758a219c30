"""tf.compat's text helpers; the switches of behaviour."""

import pathlib

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


def test_text_and_bytes():
    assert tf.compat.as_bytes("ü") == b"\xc3\xbc" == tf.compat.as_bytes(b"\xc3\xbc") == tf.compat.as_bytes(bytearray(b"\xc3\xbc"))
    assert tf.compat.as_text(b"\xc3\xbc") == "ü" == tf.compat.as_str("ü")
    assert tf.compat.as_str_any(b"a") == "a" and tf.compat.as_str_any(3) == "3"
    assert tf.compat.path_to_str(pathlib.PurePosixPath("a/b")) == "a/b" and tf.compat.path_to_str("c") == "c"
    for function in (tf.compat.as_bytes, tf.compat.as_text):
        with pytest.raises(TypeError, match="Expected binary or unicode string, got 3"):
            function(3)


def test_kinds_of_numbers():
    assert isinstance(np.int8(1), tf.compat.integral_types) and not isinstance(1.0, tf.compat.integral_types)
    assert isinstance(np.float32(1), tf.compat.real_types) and isinstance(1j, tf.compat.complex_types)
    assert isinstance("a", tf.compat.bytes_or_text_types)


def test_switching_to_tf1_behaviour_is_done_already():
    for switch in (tf.disable_v2_behavior, tf.disable_eager_execution, tf.disable_v2_tensorshape, tf.disable_tensor_equality):
        assert switch() is None
    assert not tf.executing_eagerly()


def test_eager_execution_is_switched_on_and_off():
    with eagerly():
        assert tf.executing_eagerly() and tf.executing_eagerly_outside_functions()
        tf.disable_eager_execution()
        assert not tf.executing_eagerly()


def test_compiled_operations_are_refused_with_what_to_do():
    with pytest.raises(NotImplementedError, match=r"write the operation as a Python function with tf\.py_func"):
        tf.load_op_library("ops.so")
