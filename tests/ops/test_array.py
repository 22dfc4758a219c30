"""What the op database cannot say of array, sparse and string ops: old names, feeds and fetches of sparse tensors, variables."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.core import deprecation

SPARSE = tf.SparseTensorValue(np.array([[0, 1], [2, 0]]), np.array([5.0, 7.0], "float32"), np.array([3, 4]))


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as fresh:
        yield fresh


def value(fetch, feeds=None):
    with tf.Session() as session:
        return session.run(fetch, feeds)


@pytest.fixture
def warnings_said_before_forgotten():
    before = set(deprecation._said)
    deprecation._said.clear()
    yield
    deprecation._said.update(before)


@pytest.mark.usefixtures("warnings_said_before_forgotten")
@pytest.mark.parametrize("call, expected", [
    (lambda: tf.pack([1, 2]), [1, 2]),
    (lambda: tf.unpack(tf.constant([1, 2]))[1], 2),
    (lambda: tf.concat(1, [[[1]], [[2]]]), [[1, 2]]),
    (lambda: tf.concat_v2([[1], [2]], 0), [1, 2]),
    (lambda: tf.split(0, 2, tf.constant([1, 2]))[1], [2]),
    (lambda: tf.expand_dims([1], dim=0), [[1]]),
    (lambda: tf.squeeze([[1]], squeeze_dims=[0]), [1]),
    (lambda: tf.listdiff([1, 2], [1])[0], [2]),
    (lambda: tf.reverse_sequence([[1, 2]], [2], seq_dim=1, batch_dim=0), [[2, 1]]),
])
def test_old_names_and_orders_work_and_warn_once(call, expected):
    with pytest.warns(DeprecationWarning):
        result = call()
    np.testing.assert_array_equal(value(result), expected)
    call()  # a second warning would be an error here


def test_old_and_new_argument_together_are_refused():
    with pytest.raises(ValueError, match="Cannot specify both 'dim' and 'axis'"):
        tf.expand_dims([1], axis=0, dim=0)


def test_sparse_tensors_are_fed_and_fetched_whole():
    sparse = tf.sparse_placeholder(tf.float32, name="s")
    found = value(sparse, {sparse: SPARSE})
    assert isinstance(found, tf.SparseTensorValue)
    np.testing.assert_array_equal(found.indices, SPARSE.indices)
    np.testing.assert_array_equal(found.values, SPARSE.values)
    np.testing.assert_array_equal(found.dense_shape, SPARSE.dense_shape)
    doubled = value(tf.sparse_tensor_to_dense(sparse) * 2, {sparse: SPARSE})
    np.testing.assert_array_equal(doubled[2], [14, 0, 0, 0])


def test_a_sparse_placeholder_of_known_shape_need_not_be_fed_its_shape():
    sparse = tf.sparse_placeholder(tf.float32, [3, 4])
    assert sparse.shape.as_list() == [3, 4]
    total = tf.sparse_reduce_sum(sparse)
    assert value(total, {sparse.indices: SPARSE.indices, sparse.values: SPARSE.values}) == 12


def test_a_sparse_tensor_evaluates_in_the_default_session():
    with tf.Session():
        found = tf.SparseTensor([[0]], [3], [2]).eval()
    assert found.values.tolist() == [3] and found.dense_shape.tolist() == [2]


def test_operators_of_sparse_tensors():
    sparse = tf.SparseTensor(SPARSE.indices, SPARSE.values, SPARSE.dense_shape)
    dense = tf.constant(np.full((3, 4), 2, "float32"))
    assert value((sparse * dense).values).tolist() == [10, 14]
    assert value((dense * sparse).values).tolist() == [10, 14]
    assert value((sparse / dense).values).tolist() == [2.5, 3.5]
    assert value(tf.cast(sparse, tf.int32)).values.dtype == np.int32
    assert value(tf.identity(sparse)).values.tolist() == [5, 7]


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_slice_of_a_variable_is_assigned_in_place(use_resource):
    variable = tf.Variable([[1.0, 2.0], [3.0, 4.0]], use_resource=use_resource)
    first, column = variable[0].assign([7.0, 8.0]), variable[:, 1].assign([0.0, 0.0])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(first).tolist() == [[7, 8], [3, 4]]
        session.run(column)
        assert session.run(variable).tolist() == [[7, 0], [3, 0]]


def test_a_slice_of_a_tensor_has_no_assign():
    with pytest.raises(AttributeError):
        tf.constant([1, 2])[0].assign(3)


def test_lists_of_tensors_become_tensors():
    one, two = tf.constant(1.0), tf.constant(2.0)
    packed = tf.convert_to_tensor([[one, 5], [3, two]])
    assert packed.shape.as_list() == [2, 2] and value(packed).tolist() == [[1, 5], [3, 2]]
    assert value(tf.reshape(tf.range(4), [tf.constant(2), -1])).tolist() == [[0, 1], [2, 3]]
    with pytest.raises(TypeError, match="Cannot convert a list containing a tensor of dtype"):
        tf.convert_to_tensor([one, tf.constant(1)])


@pytest.mark.parametrize("index, words", [("a", "valid indices, got 'a'"), (1.5, "valid indices, got 1.5")])
def test_indices_that_are_none_are_refused(index, words):
    with pytest.raises(TypeError, match=words):
        tf.constant([1, 2])[index]


def test_a_placeholder_with_default_takes_what_is_fed():
    x = tf.placeholder_with_default([1.0, 2.0], [None])
    assert value(x * 2).tolist() == [2, 4]
    assert value(x * 2, {x: [5.0]}).tolist() == [10]


def test_embedding_rows_get_their_gradients_as_slices():
    table = tf.Variable(np.zeros((4, 2), "float32"))
    gradient, = tf.gradients(tf.gather(table, [1, 3, 1]), table)
    assert isinstance(gradient, tf.IndexedSlices)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found = session.run(gradient)
        assert found.indices.tolist() == [1, 3, 1] and found.values.tolist() == [[1, 1]] * 3
        assert session.run(tf.convert_to_tensor(gradient)).tolist() == [[0, 0], [2, 2], [0, 0], [1, 1]]


def test_a_fetched_slice_does_not_change_with_the_variable():
    variable = tf.Variable([1.0, 2.0])
    part, change = variable[:1], tf.assign(variable, [5.0, 6.0])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        before = session.run(part)
        session.run(change)
        assert before.tolist() == [1] and session.run(part).tolist() == [5]


@pytest.mark.parametrize("build, words", [
    (lambda: tf.gather(tf.constant([1, 2]), tf.placeholder_with_default([5], [1])), "indices[0] = 5 is not in [0, 2)"),
    (lambda: tf.split(tf.placeholder_with_default([1, 2, 3], [None]), 2), "Number of ways to split should evenly divide"),
    (lambda: tf.squeeze(tf.placeholder_with_default([[1, 2]], [None, None]), [1]),
     "Can not squeeze dim[1], expected a dimension of 1, got 2"),
    (lambda: tf.string_to_number("x1"), "StringToNumberOp could not correctly convert string: x1"),
])
def test_run_time_errors_say_which_operation(build, words):
    result = build()
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        value(result)
    assert words in str(caught.value) and "test_array.py" in str(caught.value)


@pytest.mark.parametrize("array", [np.arange(6, dtype="float32").reshape(2, 3), np.array([b"a", b"bc"], object), np.array(True)])
def test_arrays_survive_a_tensor_proto(array):
    np.testing.assert_array_equal(tf.make_ndarray(tf.make_tensor_proto(array)), array)


def test_a_tensor_proto_takes_the_shape_told():
    assert tf.make_ndarray(tf.make_tensor_proto([1, 2, 3, 4], tf.int64, [2, 2])).tolist() == [[1, 2], [3, 4]]
    assert tf.make_ndarray(tf.make_tensor_proto(7.0, shape=[3], allow_broadcast=True)).tolist() == [7, 7, 7]
    assert tf.make_ndarray(tf.make_tensor_proto([1, 2], shape=[3])).tolist() == [1, 2, 2]
    for strict in ({"verify_shape": True}, {"allow_broadcast": True}):
        with pytest.raises(TypeError, match="Expected Tensor's shape"):
            tf.make_tensor_proto([1, 2], shape=[3], **strict)
