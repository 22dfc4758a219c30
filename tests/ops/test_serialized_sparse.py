"""Sparse tensors as strings: written, stacked, read again, by TensorFlow's rules."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.formats import proto


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def matrix():
    return tf.SparseTensor([[0, 1], [2, 0]], ["a", "b"], [3, 2])


def test_a_sparse_tensor_becomes_three_tensors_as_bytes():
    with tf.Session() as session:
        parts = session.run(tf.serialize_sparse(matrix()))
        assert [tf.as_dtype(proto.TensorProto.FromString(part).dtype) for part in parts] == [tf.int64, tf.string, tf.int64]
        read = [session.run(tf.parse_tensor(part, dtype)).tolist() for part, dtype in zip(parts, (tf.int64, tf.string, tf.int64))]
        assert read == [[[0, 1], [2, 0]], [b"a", b"b"], [3, 2]]


def test_rows_are_read_again_and_get_the_longest_shape():
    with tf.Session() as session:
        rows = tf.serialize_many_sparse(matrix())
        assert session.run(rows).shape == (3, 3)
        value = session.run(tf.deserialize_many_sparse(rows, tf.string, rank=1))
        assert value.indices.tolist() == [[0, 1], [2, 0]] and value.dense_shape.tolist() == [3, 2]
        wide = tf.serialize_sparse(tf.SparseTensor([[4]], ["c"], [5]))
        both = session.run(tf.deserialize_many_sparse(tf.stack([rows[0], wide]), tf.string))
        assert both.indices.tolist() == [[0, 1], [1, 4]] and both.dense_shape.tolist() == [2, 5]


def test_what_does_not_fit_is_refused():
    with tf.Session() as session:
        rows = tf.serialize_many_sparse(matrix())
        with pytest.raises(tf.errors.InvalidArgumentError, match="Requested SparseTensor of type int32"):
            session.run(tf.deserialize_many_sparse(rows, tf.int32))
        with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse"):
            session.run(tf.deserialize_many_sparse([["x", "y", "z"]], tf.int32))
        with pytest.raises(tf.errors.InvalidArgumentError, match="3 as the last dimension"):
            session.run(tf.deserialize_many_sparse([["x", "y"]], tf.int32))
        with pytest.raises(tf.errors.InvalidArgumentError, match="at least 1 serialized"):
            session.run(tf.deserialize_many_sparse(np.zeros((0, 3), object), tf.int32))
        with pytest.raises(tf.errors.InvalidArgumentError, match="> 1, but saw rank: 1"):
            session.run(tf.serialize_many_sparse(tf.SparseTensor([[0]], [1], [2])))
    with pytest.raises(TypeError, match="must be a SparseTensor"):
        tf.serialize_sparse([1, 2])
