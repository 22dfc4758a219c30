"""tf.autograph: functions rewritten by hand, their source, options of loops."""
from __future__ import annotations

import functools

import numpy as np
import pytest

import graphflow as tf
from tests.eager.switched import eagerly


def square_if_positive(x):
    if x > 0:
        y = x * x
    else:
        y = -x
    return y


def grown(n, most=None):
    x = tf.zeros([1])
    for i in tf.range(n):
        tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))], maximum_iterations=most)
        x = tf.concat([x, [tf.cast(i, tf.float32)]], 0)
    return x


def test_to_graph_gives_a_function_for_graphs_and_for_python():
    converted = tf.autograph.to_graph(square_if_positive)
    assert (converted(3), converted(-3)) == (9, 3)
    x = tf.placeholder(tf.float32, [])
    y = converted(x)
    with tf.Session() as session:
        assert session.run(y, {x: 3.0}) == 9
        assert session.run(y, {x: -4.0}) == 4


def test_to_code_shows_what_is_called():
    text = tf.autograph.to_code(square_if_positive)
    assert text.startswith("def square_if_positive(x):\n")
    assert "ag__.if_(" in text
    compile(text, "shown", "exec")


def test_what_has_no_source_is_refused():
    for wrong in (5, len, tf.Variable):
        with pytest.raises(ValueError, match="has no source to rewrite"):
            tf.autograph.to_graph(wrong)
    with pytest.raises(ValueError, match="is left as it is written"):
        tf.autograph.to_graph(tf.autograph.experimental.do_not_convert(square_if_positive))
    with pytest.raises(NotImplementedError, match="lambdas are left as they are written"):
        tf.autograph.to_graph(lambda x: x)

    def generator():
        yield 1
    with pytest.raises(NotImplementedError, match="is a generator"):
        tf.autograph.to_graph(generator)


def test_a_function_that_is_not_to_be_converted_stays_convertible_elsewhere():
    kept = tf.autograph.experimental.do_not_convert(square_if_positive)
    assert kept(3) == 9
    with eagerly(v2=True):
        assert float(tf.function(square_if_positive)(tf.constant(-2.0))) == 2
        with pytest.raises(TypeError, match="as a Python `bool` is not allowed"):
            tf.function(kept)(tf.constant(-2.0))
        assert float(tf.function(square_if_positive, experimental_autograph_options=tf.autograph.experimental.Feature.ALL)(
            tf.constant(3.0))) == 9


def test_options_belong_to_the_loop_they_stand_in():
    with eagerly(v2=True):
        np.testing.assert_array_equal(tf.function(grown)(tf.constant(4)).numpy(), [0, 0, 1, 2, 3])
        np.testing.assert_array_equal(tf.function(functools.partial(grown, most=2))(tf.constant(4)).numpy(), [0, 0, 1])
        np.testing.assert_array_equal(grown(tf.constant(2)).numpy(), [0, 0, 1])

        @tf.function
        def after_a_loop_of_python(n):
            for _ in range(2):
                tf.autograph.experimental.set_loop_options(maximum_iterations=1)
            count = 0
            for _ in tf.range(n):
                count += 1
            return count
        assert int(after_a_loop_of_python(tf.constant(3))) == 3
