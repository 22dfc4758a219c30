"""tf.version and tf.sysconfig."""
import pytest

import graphflow as tf


def test_versions_are_numbers_and_texts():
    assert tf.version.VERSION == tf.VERSION
    assert tf.version.GRAPH_DEF_VERSION == tf.GRAPH_DEF_VERSION >= tf.Graph().as_graph_def().versions.producer
    assert tf.GRAPH_DEF_VERSION_MIN_CONSUMER == tf.version.GRAPH_DEF_VERSION_MIN_PRODUCER == 0
    assert all(isinstance(text, str) for text in (tf.GIT_VERSION, tf.COMPILER_VERSION, tf.version.GIT_VERSION))
    assert (tf.sysconfig.CXX11_ABI_FLAG, tf.CXX_VERSION, tf.MONOLITHIC_BUILD) == (0, 0, 0)


def test_there_is_no_library_to_compile_against():
    assert not any(tf.sysconfig.get_build_info().values())
    for name in ("get_include", "get_lib", "get_compile_flags", "get_link_flags"):
        with pytest.raises(NotImplementedError, match="tf.py_func"):
            getattr(tf.sysconfig, name)()
