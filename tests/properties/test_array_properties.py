"""Slicing, reshaping, broadcasting and index ops against numpy, for whatever shapes and indices hypothesis thinks of."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import graphflow as tf

SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
quick = settings(max_examples=60)


def evaluated(build, *arrays, static=True):
    """build(placeholders) run with the arrays; static=False hides all sizes."""
    with tf.Graph().as_default() as graph:
        inputs = [tf.placeholder(a.dtype, a.shape if static else [None] * a.ndim) for a in arrays]
        result = build(*inputs)
        with tf.Session(graph=graph) as session:
            value = session.run(result, dict(zip(inputs, arrays, strict=True)))
        return np.asarray(value), result


def filled(shape):
    return np.arange(np.prod(shape, dtype=int), dtype="float32").reshape(shape)


@st.composite
def array_and_index(draw):
    shape = draw(SHAPES)
    return filled(shape), draw(hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True))


@quick
@given(array_and_index(), st.booleans())
def test_slices_are_those_of_numpy(case, static):
    array, index = case
    value, tensor = evaluated(lambda x: x[index], array, static=static)
    np.testing.assert_array_equal(value, array[index])
    assert tensor.shape.is_compatible_with(array[index].shape)
    if static:
        assert tensor.shape.as_list() == list(array[index].shape)


@quick
@given(array_and_index())
def test_the_gradient_of_a_slice_is_one_where_it_reads(case):
    array, index = case
    value, _ = evaluated(lambda x: tf.gradients(x[index], x)[0], array)
    expected = np.zeros_like(array)
    expected[index] = 1
    np.testing.assert_array_equal(value, expected)


@quick
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=3), st.booleans())
def test_elementwise_ops_broadcast_as_numpy_does(case, static):
    a, b = (filled(s) for s in case.input_shapes)
    value, tensor = evaluated(lambda x, y: x + y, a, b, static=static)
    np.testing.assert_array_equal(value, a + b)
    assert tensor.shape.is_compatible_with(case.result_shape)


@quick
@given(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3), st.booleans())
def test_gradients_of_broadcasting_sum_over_what_was_repeated(case, static):
    a, b = (filled(s) for s in case.input_shapes)
    for i, operand in enumerate((a, b)):
        value, _ = evaluated(lambda x, y, i=i: tf.gradients(x + y, (x, y)[i])[0], a, b, static=static)
        repeated = np.prod(case.result_shape, dtype=int) / max(operand.size, 1)
        np.testing.assert_array_equal(value, np.full(operand.shape, repeated, "float32"))


@quick
@given(SHAPES, st.data())
def test_reshapes_keep_the_order_of_elements(shape, data):
    array = filled(shape)
    wanted = data.draw(st.permutations(list(shape)))
    if array.size and wanted:
        unknown = data.draw(st.integers(0, len(wanted) - 1))
        value, tensor = evaluated(lambda x: tf.reshape(x, [-1 if i == unknown else d for i, d in enumerate(wanted)]), array)
        assert tensor.shape.as_list() == wanted
    else:
        value, _ = evaluated(lambda x: tf.reshape(x, wanted), array)
    np.testing.assert_array_equal(value, array.reshape(wanted))


@quick
@given(SHAPES, st.data())
def test_transposes_are_those_of_numpy(shape, data):
    array = filled(shape)
    perm = data.draw(st.permutations(range(len(shape))))
    value, tensor = evaluated(lambda x: tf.transpose(x, perm), array, static=data.draw(st.booleans()))
    np.testing.assert_array_equal(value, array.transpose(perm))
    assert tensor.shape.is_compatible_with(value.shape)


@quick
@given(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), st.data())
def test_gather_along_any_axis_is_numpys_take(shape, data):
    array = filled(shape)
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    indices = data.draw(hnp.arrays("int32", hnp.array_shapes(min_dims=0, max_dims=2, max_side=3),
                                   elements=st.integers(0, shape[axis] - 1)))
    value, tensor = evaluated(lambda x, i: tf.gather(x, i, axis=axis), array, indices)
    np.testing.assert_array_equal(value, np.take(array, indices, axis))
    assert tensor.shape.as_list() == list(value.shape)


@quick
@given(hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4), st.data())
def test_split_parts_put_together_again_are_the_whole(shape, data):
    array = filled(shape)
    axis = data.draw(st.integers(0, len(shape) - 1))
    cuts = sorted(data.draw(st.lists(st.integers(0, shape[axis]), max_size=3)))
    sizes = np.diff([0, *cuts, shape[axis]]).tolist()
    value, _ = evaluated(lambda x: tf.concat(tf.split(x, sizes, axis), axis), array)
    np.testing.assert_array_equal(value, array)


@pytest.mark.parametrize("mode", ["CONSTANT", "REFLECT", "SYMMETRIC"])
@quick
@given(hnp.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=4), st.data())
def test_pads_are_those_of_numpy(mode, shape, data):
    array = filled(shape)
    most = 3 if mode == "CONSTANT" else 1
    widths = [(data.draw(st.integers(0, most)), data.draw(st.integers(0, most))) for _ in shape]
    value, tensor = evaluated(lambda x: tf.pad(x, widths, mode), array)
    np.testing.assert_array_equal(value, np.pad(array, widths, mode.lower()))
    assert tensor.shape.as_list() == list(value.shape)
