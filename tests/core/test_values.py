"""IndexedSlices and SparseTensor: bundles of tensors with checked shapes."""

import pytest

from graphflow.core import context
from graphflow.core.constant import constant_op
from graphflow.core.dtypes import float32, int64
from graphflow.core.graph import Graph
from graphflow.core.values import IndexedSlices, SparseTensor, SparseTensorValue, is_sparse


@pytest.fixture(autouse=True)
def graph():
    with Graph().as_default():
        yield context.default_graph()


def test_indexed_slices_show_their_parts():
    values, rows, shape = constant_op([[1.0, 2.0]]), constant_op([3]), constant_op([5, 2])
    slices = IndexedSlices(values, rows, shape)
    assert slices.values is values and slices.indices is rows and slices.dense_shape is shape
    assert slices.dtype is float32 and slices.name == values.name and slices.op is values.op
    assert slices.shape.as_list() == [5, 2] and IndexedSlices(values, rows).shape.ndims is None
    assert str(slices).startswith("IndexedSlices(indices=Tensor(") and "dense_shape=" in str(slices)
    assert "dense_shape" not in str(IndexedSlices(values, rows))


def test_sparse_tensor_converts_its_parts(graph):
    sparse = SparseTensor([[0, 1], [2, 0]], [1.0, 2.0], [3, 4])
    assert sparse.indices.dtype is int64 and sparse.dense_shape.dtype is int64 and sparse.dtype is float32
    assert sparse.shape.as_list() == [3, 4] == sparse.get_shape().as_list()
    assert [op.name for op in graph.get_operations()] == ["SparseTensor/indices", "SparseTensor/values", "SparseTensor/dense_shape"]
    assert SparseTensor.from_value(SparseTensorValue([[0]], [1], [2])).shape.as_list() == [2]
    assert is_sparse(sparse) and not is_sparse([1])
    assert sparse.with_values([5, 6]).values.dtype.name == "int32"


@pytest.mark.parametrize("parts", [([0], [1], [2]), ([[0]], [[1]], [2]), ([[0, 1]], [1, 2], [2, 3]), ([[0, 1]], [1], [2])])
def test_sparse_tensor_parts_must_fit(parts):
    with pytest.raises(ValueError, match="rank|not compatible"):
        SparseTensor(*parts)


def test_from_value_refuses_others():
    with pytest.raises(TypeError, match="Neither a SparseTensor nor SparseTensorValue: 3"):
        SparseTensor.from_value(3)


def test_set_shape_merges():
    sparse = SparseTensor([[0, 0]], [1.0], [2, 3])
    sparse.set_shape([2, None])
    with pytest.raises(ValueError, match="must be equal, but are 3 and 5"):
        sparse.set_shape([2, 5])
