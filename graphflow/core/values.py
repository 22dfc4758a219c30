"""Composite values: rows of a tensor (IndexedSlices, what gradients of gathers are) and sparse tensors.

They are bundles of tensors, not tensors; conversions and operators are registered by `ops`.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from . import shapes
from .context import default_graph
from .convert import convert_to_tensor
from .dtypes import DType, int64, resource
from .export import export
from .known import constant_value, partial_shape
from .tensor import Tensor, _session_for
from .tensor_shape import TensorShape

if TYPE_CHECKING:
    from .graph import Graph
    from .operation import Operation


@export("IndexedSlices")
class IndexedSlices:
    """Slices `values` of a larger tensor at rows `indices`: dense[indices[i]] = values[i], rows may repeat and then add up.

    values: any dtype, shape [n, ...]. indices: int32 or int64, shape [n]. dense_shape: the whole tensor's shape, or None.
    """
    is_tensor_like = True

    def __init__(self, values: Tensor, indices: Tensor, dense_shape: Tensor | None = None):
        self._values, self._indices, self._dense_shape = values, indices, dense_shape

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def dense_shape(self) -> Tensor | None:
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """What is known of the whole tensor's static shape."""
        return TensorShape(None if self._dense_shape is None else partial_shape(self._dense_shape))

    def get_shape(self) -> TensorShape:
        return self.shape

    @property
    def name(self) -> str:
        return self._values.name

    @property
    def device(self) -> str:
        return self._values.device

    @property
    def op(self) -> Operation:
        return self._values.op

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def graph(self) -> Graph:
        return self._values.graph

    def consumers(self) -> list[Operation]:
        return self._values.consumers()

    def __neg__(self) -> IndexedSlices:
        return IndexedSlices(-self._values, self._indices, self._dense_shape)

    def __str__(self) -> str:
        rest = "" if self._dense_shape is None else f", dense_shape={self._dense_shape}"
        return f"IndexedSlices(indices={self._indices}, values={self._values}{rest})"


@export("IndexedSlicesValue")
class IndexedSlicesValue(NamedTuple):
    """What running an IndexedSlices gives: numpy arrays."""
    values: Any
    indices: Any
    dense_shape: Any


@export("SparseTensorValue", "sparse.SparseTensorValue")
class SparseTensorValue(NamedTuple):
    """A sparse tensor's value, as fed to and fetched from a session: numpy arrays of `SparseTensor`'s shapes."""
    indices: Any
    values: Any
    dense_shape: Any


@export("SparseTensor", "sparse.SparseTensor")
class SparseTensor:
    """A tensor that is zero except at some positions.

    indices: int64, shape [n, rank], the positions, in row-major order for most ops. values: any dtype, shape [n].
    dense_shape: int64, shape [rank]. ValueError when these shapes do not fit each other.
    """
    is_tensor_like = True

    def __init__(self, indices: Any, values: Any, dense_shape: Any):
        graph = next((v.graph for v in (indices, values, dense_shape) if isinstance(v, Tensor)), None) or default_graph()
        with graph.as_default(), graph.name_scope("SparseTensor"):
            self._indices = convert_to_tensor(indices, int64, "indices")
            self._values = convert_to_tensor(values, None, "values")
            self._dense_shape = convert_to_tensor(dense_shape, int64, "dense_shape")
        self._known_shape = _checked(self._indices, self._values, self._dense_shape)

    @classmethod
    def from_value(cls, sparse_tensor_value: Any) -> SparseTensor:
        """From a SparseTensorValue; a SparseTensor gives a new one of the same parts."""
        if not is_sparse(sparse_tensor_value):
            raise TypeError(f"Neither a SparseTensor nor SparseTensorValue: {sparse_tensor_value}.")
        return cls(sparse_tensor_value.indices, sparse_tensor_value.values, sparse_tensor_value.dense_shape)

    @property
    def indices(self) -> Tensor:
        return self._indices

    @property
    def values(self) -> Tensor:
        return self._values

    @property
    def dense_shape(self) -> Tensor:
        return self._dense_shape

    @property
    def shape(self) -> TensorShape:
        """What is known of the dense shape."""
        return TensorShape(self._known_shape)

    def get_shape(self) -> TensorShape:
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Merges what is known about the dense shape; ValueError when they contradict each other."""
        self._known_shape = shapes.merge(self._known_shape, shapes.as_tuple(shape))

    def with_values(self, new_values: Any) -> SparseTensor:
        """Other values at the same positions."""
        return SparseTensor(self._indices, new_values, self._dense_shape)

    @property
    def op(self) -> Operation:
        return self._values.op

    @property
    def dtype(self) -> DType:
        return self._values.dtype

    @property
    def graph(self) -> Graph:
        return self._indices.graph

    @property
    def name(self) -> str:
        return self._values.name

    def consumers(self) -> list[Operation]:
        return self._values.consumers()

    def eval(self, feed_dict: Any = None, session: Any = None) -> SparseTensorValue:
        """The value, computed by `session` or the default session."""
        indices, values, dense_shape = _session_for("evaluate sparse tensor", "`SparseTensor.eval()`", self, session).run(
            [self._indices, self._values, self._dense_shape], feed_dict)
        return SparseTensorValue(indices, values, dense_shape)

    def __str__(self) -> str:
        return f"SparseTensor(indices={self._indices}, values={self._values}, dense_shape={self._dense_shape})"


def _checked(indices: Tensor, values: Tensor, dense_shape: Tensor) -> shapes.Shape:
    """The static dense shape, after a check that the three parts fit."""
    where = TensorShape(indices.static).with_rank(2)
    count = TensorShape(values.static).with_rank(1)
    rank = TensorShape(dense_shape.static).with_rank(1)
    where[0].assert_is_compatible_with(count[0])
    where[1].assert_is_compatible_with(rank[0])
    return partial_shape(dense_shape)


def is_sparse(x: Any) -> bool:
    """Whether x is a SparseTensor or a SparseTensorValue."""
    return isinstance(x, (SparseTensor, SparseTensorValue))


def static_dense_shape(x: SparseTensor) -> Any:
    """The dense shape as a numpy vector if it is plain from the graph, else None."""
    return constant_value(x.dense_shape)


def resource_handle(value: Any) -> Tensor | None:
    """The handle of a resource variable; None for everything else."""
    handle = getattr(value, "handle", None)
    return handle if isinstance(handle, Tensor) and handle.dtype is resource else None
