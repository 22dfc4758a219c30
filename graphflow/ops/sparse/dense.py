"""Between sparse and dense: sparse_to_dense, sparse_tensor_to_dense, from_dense, products and sums with dense arrays."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float32, float64, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.axes import expand_dims, matrix_transpose, squeeze, transpose
from ..array.basic import cast, shape, shape_internal
from ..array.coordinates import combined, row_numbers
from ..array.fill import zeros, zeros_like
from ..array.indexing import gather, gather_nd
from ..linalg.matmul import matmul
from ..reduce.reduction import reduce_sum
from .base import as_sparse, parts
from .checked import SparseOp


class SparseToDense(Op, sig="sparse_indices: Tindices, output_shape: Tindices, sparse_values: T, default_value: T -> dense: T",
                    static={"output_shape": 1}):
    """An array with values at positions and one default elsewhere."""
    validate_indices: bool = True
    T: DType
    Tindices: DType = one_of(int32, int64)

    def infer(self, indices: Any, size: Any, values: Any, default: Any) -> Spec:
        require(default.shape in (None, ()), f"default_value should be a scalar, got shape {shapes.describe(default.shape)}")
        return Spec(self.T, size.partial if size.value is None else tuple(int(d) for d in np.ravel(size.value)))

    def kernel(self, xp: Namespace, indices: Any, size: Any, values: Any, default: Any) -> Any:
        size = tuple(np.ravel(xp.known(size)).tolist())
        if len(indices.shape) < 2:  # a vector of positions in a vector, or one position
            indices = xp.reshape(indices, (indices.size, 1) if len(size) == 1 else (1, indices.size))
        count, depth = indices.shape
        if depth != len(size):
            raise ValueError(f"output_shape has incorrect number of elements: {len(size)} should be: {depth}")
        if values.shape not in ((), (count,)):
            raise ValueError(f"sparse_values has incorrect shape {shapes.describe(values.shape)}, should be [] or [{count}]")
        rows, bad = row_numbers(xp, indices, size, policy="IGNORE")
        xp.check(bad, f"indices{{place}} = {{value}} is out of bounds: need 0 <= index < {list(size)}", indices)
        if self.validate_indices and count > 1:
            repair = " Many sparse ops require sorted indices. Use `tf.sparse.reorder` to create a correctly ordered copy."
            for flags, word in ((rows[1:] == rows[:-1], "repeated"), (rows[1:] < rows[:-1], "out of order")):
                xp.check(xp.concatenate([np.zeros(1, bool), flags], 0), f"indices{{place}} = {{value}} is {word}.{repair}", indices)
        return xp.scatter_rows(xp.broadcast_to(default, size), rows, values, "update", depth)

    def grad(self, op: Operation, dy: Any) -> Any:
        where = op.inputs[0]
        if where.static is not None and len(where.static) == 1:
            where = expand_dims(where, -1)
        theirs = gather_nd(dy, where)
        default = reduce_sum(dy) - reduce_sum(theirs)
        return zeros_like(op.inputs[0]), zeros_like(op.inputs[1]), theirs, default


@export("sparse_to_dense")
def sparse_to_dense(sparse_indices: Any, output_shape: Any, sparse_values: Any, default_value: Any = 0, validate_indices: bool = True,
                    name: str | None = None) -> Tensor:
    """An array of output_shape with sparse_values at sparse_indices ([n, rank], sorted unless validate_indices is False)."""
    return make(SparseToDense, sparse_indices, output_shape, sparse_values, default_value, name=name,
                validate_indices=validate_indices)


@export("sparse_tensor_to_dense", "sparse.to_dense")
def sparse_tensor_to_dense(sp_input: Any, default_value: Any = None, validate_indices: bool = True, name: str | None = None) -> Tensor:
    """The dense tensor of a sparse one; default_value (zero) stands where it has no value."""
    sp_input = as_sparse(sp_input)
    if default_value is None:
        default_value = zeros([], sp_input.dtype.base_dtype)
    dense = sparse_to_dense(sp_input.indices, sp_input.dense_shape, sp_input.values, default_value, validate_indices, name)
    dense.set_shape(sp_input.get_shape())
    return dense


@export("sparse.from_dense")
def from_dense(tensor: Any, name: str | None = None) -> SparseTensor:
    """The sparse tensor of the elements that are not zero."""
    with context.default_graph().name_scope(name or "dense_to_sparse"):
        tensor = convert_to_tensor(tensor)
        indices = F.where_v2(F.not_equal(tensor, zeros_like(tensor)))
        return SparseTensor(indices, gather_nd(tensor, indices), shape(tensor, out_type=int64))


class SparseTensorDenseMatMul(SparseOp, sig="a_indices: Tindices, a_values: T, a_shape: int64, b: T -> product: T", static={"a_shape": 1}):
    """The product of a sparse matrix and a dense one, either taken adjoint first."""
    T: DType
    Tindices: DType = one_of(int32, int64, default=int64)
    adjoint_a: bool = False
    adjoint_b: bool = False

    def infer(self, indices: Any, values: Any, size: Any, b: Any) -> Spec:
        known = size.partial if size.value is None else tuple(int(d) for d in size.value)
        rows, inner = (None, None) if known is None else known[::-1] if self.adjoint_a else known
        require(b.shape is None or len(b.shape) == 2, f"Shape must be rank 2 but is rank {len(b.shape or ())}")
        inner_b, cols = (None, None) if b.shape is None else b.shape[::-1] if self.adjoint_b else b.shape
        require(inner is None or inner_b is None or inner == inner_b, f"Dimensions must be equal, but are {inner} and {inner_b}")
        return Spec(self.T, (rows, cols))

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, b: Any) -> Any:
        count, inner = size = tuple(np.ravel(xp.known(size)).tolist())
        _, bad = row_numbers(xp, indices, size, policy="IGNORE")
        xp.check(bad, f"indices{{place}} = {{value}} is out of bounds: need 0 <= index < {list(size)}", indices)
        if self.adjoint_b:
            b = xp.transpose(xp.conj(b))
        rows, cols = indices[:, 0], indices[:, 1]
        if self.adjoint_a:
            rows, cols, values, count, inner = cols, rows, xp.conj(values), inner, count
        if b.shape[0] != inner:
            raise ValueError(f"Cannot multiply A and B because inner dimension does not match: {inner} vs. {b.shape[0]}.  "
                             "Did you forget a transpose?")
        return xp.sparse_product(rows, cols, values, b, count)

    def grad(self, op: Operation, dy: Any) -> Any:
        indices, values, size, b = op.inputs
        gb = make(SparseTensorDenseMatMul, indices, values, size, dy, adjoint_a=not self.adjoint_a)
        if self.adjoint_b:
            gb = matrix_transpose(gb, conjugate=gb.dtype.is_complex)
        rows, cols = indices[:, 0], indices[:, 1]
        mine = gather(dy, cols if self.adjoint_a else rows)
        theirs = gather(transpose(b) if self.adjoint_b else b, rows if self.adjoint_a else cols)
        found = matmul(expand_dims(mine, -2), expand_dims(theirs, -2), adjoint_b=True)
        return None, squeeze(found, axis=[-2, -1]), None, gb


@export("sparse_tensor_dense_matmul", "sparse.sparse_dense_matmul", "sparse.matmul")
def sparse_tensor_dense_matmul(sp_a: Any, b: Any, adjoint_a: bool = False, adjoint_b: bool = False, name: str | None = None) -> Tensor:
    """The product of the sparse matrix sp_a and the dense matrix b (or the other way round, both adjoint as told)."""
    if isinstance(b, SparseTensor) and not isinstance(sp_a, SparseTensor):  # dense times sparse: by (B' A')'
        if sp_a is not None:
            return matrix_transpose(sparse_tensor_dense_matmul(b, sp_a, not adjoint_b, not adjoint_a, name))
    sp_a = as_sparse(sp_a)
    with context.default_graph().name_scope(name or "SparseTensorDenseMatMul"):
        b = convert_to_tensor(b, name="b")
        return make(SparseTensorDenseMatMul, *parts(sp_a), b, adjoint_a=adjoint_a, adjoint_b=adjoint_b)


class SparseTensorDenseAdd(SparseOp, sig="a_indices: Tindices, a_values: T, a_shape: Tindices, b: T -> output: T"):
    """A dense tensor with the values of a sparse one added."""
    T: DType
    Tindices: DType = one_of(int32, int64)

    def infer(self, indices: Spec, values: Spec, size: Spec, b: Spec) -> Spec:
        return Spec(self.T, b.shape)

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, b: Any) -> Any:
        size = tuple(np.ravel(xp.known(size)).tolist())
        if size != b.shape:
            raise ValueError(f"Dimensions of the sparse and the dense operand are not equal: {list(size)} vs. {list(b.shape)}")
        return combined(xp, b, indices, values, "add")

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, gather_nd(dy, op.inputs[0]), None, dy


class _DenseElementwise(SparseOp):
    """Base: the values of a sparse tensor combined with the dense elements at their positions (the dense one is broadcast)."""
    host = True         # the dense shape is a value
    T: DType

    def infer(self, indices: Spec, values: Spec, size: Spec, other: Spec) -> Spec:
        return Spec(self.T, values.shape)

    def kernel(self, xp: Namespace, indices: Any, values: Any, size: Any, other: Any) -> Any:
        size = tuple(np.ravel(size).tolist())
        if len(other.shape) > len(size) or any(d not in (1, whole) for d, whole in zip(other.shape[::-1], size[::-1])):
            raise ValueError(f"SparseDenseBinaryOpShared broadcasts dense to sparse only; got incompatible shapes: "
                             f"{shapes.describe(size)} vs. {shapes.describe(other.shape)}")
        whole = np.broadcast_to(other, size)
        return self.combine(np.asarray(values), whole[tuple(np.asarray(indices).T)])

    def combine(self, x: Any, y: Any) -> Any:
        """numpy values by numpy elements."""
        raise NotImplementedError(f"{type(self).__name__}.combine")

    def _at(self, op: Any) -> Any:
        """The dense elements at the positions."""
        return gather_nd(op.inputs[3], self._places(op))

    def _places(self, op: Any) -> Any:
        """Where in the dense operand, which may lack leading axes, the elements at the positions are."""
        indices, _, size, other = op.inputs
        missing = F.size(size) - F.rank(other)
        scale = size // cast(_wide(shape_internal(other), size), int64)
        return F.slice(indices // scale, F.stack([0, missing]), [-1, -1])

    def _dense_slope(self, op: Any, of_values: Any) -> Any:
        """The gradient of the dense operand: one that was broadcast gets the sum over what its elements met."""
        other = op.inputs[3]
        return F.scatter_nd(self._places(op), of_values, shape_internal(other, out_type=int64))


def _wide(known: Any, size: Any) -> Any:
    """A shape with ones put before it, as long as `size`."""
    missing = expand_dims(F.size(size) - F.size(known), 0)
    return F.concat([F.ones(missing, known.dtype), known], 0)


class SparseDenseCwiseMul(_DenseElementwise, sig="sp_indices: int64, sp_values: T, sp_shape: int64, dense: T -> output: T"):
    """Sparse times dense."""

    def combine(self, x: Any, y: Any) -> Any:
        return x * y

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, dy * self._at(op), None, self._dense_slope(op, dy * op.inputs[1])


class SparseDenseCwiseDiv(_DenseElementwise, sig="sp_indices: int64, sp_values: T, sp_shape: int64, dense: T -> output: T"):
    """Sparse divided by dense."""

    def combine(self, x: Any, y: Any) -> Any:
        return np.divide(x, y).astype(x.dtype) if x.dtype.kind in "fc" else x // y

    def grad(self, op: Operation, dy: Any) -> Any:
        at = self._at(op)
        return None, dy / at, None, self._dense_slope(op, dy * (-op.inputs[1] / (at * at)))


class SparseDenseCwiseAdd(_DenseElementwise, sig="sp_indices: int64, sp_values: T, sp_shape: int64, dense: T -> output: T"):
    """Dense elements added at the positions of a sparse tensor."""

    def combine(self, x: Any, y: Any) -> Any:
        return x + y


def _times(self: SparseTensor, other: Any, name: str | None = None) -> SparseTensor:
    """dense * sparse and sparse * dense."""
    return _elementwise(SparseDenseCwiseMul, self, other, name or "mul")


def _elementwise(cls: Any, self: SparseTensor, other: Any, name: str) -> SparseTensor:
    other = convert_to_tensor(other, self.dtype.base_dtype)
    values = make(cls, *parts(self), other, name=name)
    return SparseTensor(self.indices, values, self.dense_shape)


def _cast_sparse(self: SparseTensor, dtype: DType, name: str | None) -> SparseTensor:
    return SparseTensor(self.indices, cast(self.values, dtype, name=name), self.dense_shape)


def _identity_sparse(self: SparseTensor, name: str | None) -> SparseTensor:
    return SparseTensor(*[F.identity(part, name=name) for part in (self.indices, self.values, self.dense_shape)])


def _truediv(self: SparseTensor, other: Any) -> SparseTensor:
    """sparse / dense; integers of up to 16 bits become float32, wider ones float64."""
    other = convert_to_tensor(other, self.dtype.base_dtype)
    if self.dtype.is_integer:
        wide = float32 if self.dtype.size <= 2 else float64
        self, other = _cast_sparse(self, wide, None), cast(other, wide)
    return _elementwise(SparseDenseCwiseDiv, self, other, "truediv")


# What SparseTensor's own methods (ops.operators) call.
METHODS = {
    "_graphflow_times": _times, "_graphflow_cast": _cast_sparse, "_graphflow_identity": _identity_sparse, "__mul__": _times,
    "__truediv__": _truediv, "__div__": lambda self, other: _elementwise(SparseDenseCwiseDiv, self, other, "div"),
}
