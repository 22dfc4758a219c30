"""Matrix products: of matrices, of stacks of matrices, with vectors."""
from __future__ import annotations

from math import prod
from typing import Any

from ...core import context, dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Shape, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import cast, shape_internal
from ..dtype_sets import COMPLEX, FLOATING, INDEX, UNSIGNED
from ..elementwise import broadcasting
from ..elementwise.complex import conj
from ..scopes import name_scope


def _last_two(shape: Shape, flipped: bool, name: str) -> tuple[Shape, int | None, int | None]:
    """Batch shape, rows, columns; all unknown for an unknown shape."""
    if shape is None:
        return None, None, None
    require(len(shape) >= 2, f"Shape must be at least rank 2 but is rank {len(shape)} for '{name}'")
    rows, columns = shape[-2:]
    return (shape[:-2], columns, rows) if flipped else (shape[:-2], rows, columns)


def _agreeing(m: int | None, k: int, k2: int, n: int | None) -> str:
    """The transposition under which the factors would agree, if there is one."""
    flips = [text for text, fits in (("transpose_b=True", k == n), ("transpose_a=True", m == k2)) if fits]
    return f". {flips[0]} would make them agree" if flips else ""


def _product_shape(a: Any, b: Any, flip_a: bool, flip_b: bool) -> Shape:
    batch_a, m, k = _last_two(a.shape, flip_a, "x")
    batch_b, k2, n = _last_two(b.shape, flip_b, "y")
    if k is not None and k2 is not None and k != k2:
        raise ValueError(f"Dimensions must be equal, but are {k} and {k2}{_agreeing(m, k, k2, n)}")
    if a.shape is None or b.shape is None:
        return None
    batch = shapes.broadcast(batch_a, batch_b)
    return None if batch is None else (*batch, m, n)


def _product(xp: Namespace, a: Any, b: Any, flip_a: bool, flip_b: bool, adjoint: bool) -> Any:
    """The product with either operand transposed (conjugated too, if adjoint) over its last two axes."""
    if flip_a:
        a = _flipped(xp, a, adjoint)
    if flip_b:
        b = _flipped(xp, b, adjoint)
    if a.dtype.itemsize == 2 and a.dtype.kind not in "iu":  # 16-bit floats are multiplied in 32 bits
        return xp.astype(xp.matmul(xp.astype(a, "float32"), xp.astype(b, "float32")), a.dtype)
    return xp.matmul(a, b)


def _flipped(xp: Namespace, x: Any, adjoint: bool) -> Any:
    x = xp.swapaxes(x, -1, -2) if len(x.shape) != 2 else x.T
    return xp.conj(x) if adjoint and x.dtype.kind == "c" else x


class MatMul(Op, sig="a: T, b: T -> product: T"):
    """The product of two matrices, either one transposed first."""
    transpose_a: bool = False
    transpose_b: bool = False
    T: DType = one_of(FLOATING, INDEX, UNSIGNED, COMPLEX)
    grad_a: bool = False
    grad_b: bool = False

    def infer(self, a: Spec, b: Spec) -> Spec:
        for x in (a, b):
            require(x.shape is None or len(x.shape) == 2, f"Shape must be rank 2 but is rank {len(x.shape or ())}")
        shape = _product_shape(a, b, self.transpose_a, self.transpose_b)
        if shape is None:
            m = None if a.shape is None else a.shape[1 if self.transpose_a else 0]
            n = None if b.shape is None else b.shape[0 if self.transpose_b else 1]
            shape = (m, n)
        return Spec(self.T, shape)

    def check(self, a: Spec, b: Spec) -> None:
        if a.shape and b.shape and len(a.shape) == len(b.shape) == 2:
            inner = a.shape[0 if self.transpose_a else 1], b.shape[1 if self.transpose_b else 0]
            require(inner[0] == inner[1], f"Matrix size-incompatible: In[0]: {shapes.describe(a.shape)}, In[1]: {shapes.describe(b.shape)}")

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        return _product(xp, a, b, self.transpose_a, self.transpose_b, False)

    def grad(self, op: Operation, dy: Any) -> Any:
        a, b = conj(op.inputs[0]), conj(op.inputs[1])
        ta, tb = self.transpose_a, self.transpose_b
        da = _node(b, dy, tb, True, grad_a=True) if ta else _node(dy, b, False, not tb, grad_a=True)
        db = _node(dy, a, True, ta, grad_b=True) if tb else _node(a, dy, not ta, False, grad_b=True)
        return da, db

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(outputs[0]) * inputs[0][0 if self.transpose_a else 1]


def _node(a: Any, b: Any, transpose_a: bool, transpose_b: bool, **flags: Any) -> Tensor:
    return make(MatMul, a, b, transpose_a=transpose_a, transpose_b=transpose_b, **flags)


class _BatchProduct(Op):
    """Products of stacks of matrices; adj_x, adj_y take the conjugate transpose first."""
    adj_x: bool = False
    adj_y: bool = False
    grad_x: bool = False
    grad_y: bool = False

    def infer(self, x: Spec, y: Spec) -> Spec:
        return Spec(self.out_dtype(), _product_shape(x, y, self.adj_x, self.adj_y))

    def out_dtype(self) -> Any:
        return self.attributes()["T"]

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        return _product(xp, x, y, self.adj_x, self.adj_y, True)

    def _slopes(self, op: Any, dy: Any, flags: bool) -> tuple[Any, Any]:
        dy = convert_to_tensor(dy)
        x, y = op.inputs
        ax, ay = self.adj_x, self.adj_y
        for_x, for_y = ({"grad_a": True}, {"grad_b": True}) if flags else ({}, {})
        gx = _adjoint(y, dy, ay, True, for_x) if ax else _adjoint(dy, y, False, not ay, for_x)
        gy = _adjoint(dy, x, True, ax, for_y) if ay else _adjoint(x, dy, not ax, False, for_y)
        return gx, gy

    def grad(self, op: Operation, dy: Any) -> Any:
        x, y = op.inputs
        gx, gy = self._slopes(op, dy, True)
        a, b = x.static, y.static
        flat = a is not None and b is not None and len(a) <= 2 and len(b) <= 2
        same = a is not None and b is not None and a[:-2] == b[:-2] and None not in a[:-2]
        if flat or same:
            return gx, gy
        sx, sy = shape_internal(x), shape_internal(y)
        rx, ry = make(broadcasting.BroadcastGradientArgs, sx[:-2], sy[:-2])
        return broadcasting.sum_to(gx, rx, sx), broadcasting.sum_to(gy, ry, sy)

    def flops(self, inputs: Any, outputs: Any) -> int:
        return 2 * prod(outputs[0]) * inputs[0][-2 if self.adj_x else -1]


def _adjoint(a: Any, b: Any, adjoint_a: bool, adjoint_b: bool, flags: dict[str, Any]) -> Tensor:
    return _matmul(a, b, adjoint_a=adjoint_a, adjoint_b=adjoint_b, **flags)


class BatchMatMul(_BatchProduct, sig="x: T, y: T -> output: T"):
    """Products of two equal stacks of matrices, as graphs of TF 1.x hold them."""
    T: DType = one_of(FLOATING, INDEX, COMPLEX)

    def grad(self, op: Operation, dy: Any) -> Any:
        return self._slopes(op, dy, False)


class BatchMatMulV2(_BatchProduct, sig="x: T, y: T -> output: T"):
    """Products of two stacks of matrices, broadcast against each other."""
    T: DType = one_of(FLOATING, dtypes.int16, INDEX, UNSIGNED, COMPLEX)


_MIXED = (*FLOATING, dtypes.int8, dtypes.int16, *INDEX, *COMPLEX)


class BatchMatMulV3(_BatchProduct, sig="x: Ta, y: Tb -> output: Tout"):
    """As BatchMatMulV2, with a dtype for the result."""
    Ta: DType = one_of(_MIXED, dtypes.uint8)
    Tb: DType = one_of(_MIXED, dtypes.uint8)
    Tout: DType = one_of(FLOATING, dtypes.int16, INDEX, COMPLEX)

    def out_dtype(self) -> Any:
        return self.Tout

    def kernel(self, xp: Namespace, x: Any, y: Any) -> Any:
        return _product(xp, xp.astype(x, self.Tout.np), xp.astype(y, self.Tout.np), self.adj_x, self.adj_y, True)


class SparseMatMul(Op, sig="a: Ta, b: Tb -> product: float32"):
    """The product of two matrices that hold many zeros (which changes nothing here)."""
    transpose_a: bool = False
    transpose_b: bool = False
    a_is_sparse: bool = False
    b_is_sparse: bool = False
    Ta: DType = one_of((dtypes.float32, dtypes.bfloat16), default=dtypes.float32)
    Tb: DType = one_of((dtypes.float32, dtypes.bfloat16), default=dtypes.float32)

    def infer(self, a: Spec, b: Spec) -> Spec:
        return Spec(dtypes.float32, _product_shape(a, b, self.transpose_a, self.transpose_b))

    def kernel(self, xp: Namespace, a: Any, b: Any) -> Any:
        return _product(xp, xp.astype(a, "float32"), xp.astype(b, "float32"), self.transpose_a, self.transpose_b, False)

    def grad(self, op: Operation, dy: Any) -> Any:
        a, b = op.inputs
        ta, tb = self.transpose_a, self.transpose_b
        sparse = {a: self.a_is_sparse, b: self.b_is_sparse, dy: dy.op.type == "ReluGrad"}

        def product(x: Any, y: Any, dtype: Any, flip_x: bool, flip_y: bool) -> Any:
            result = matmul(x, F.transpose(y) if flip_y else y, transpose_a=flip_x, a_is_sparse=sparse[x], b_is_sparse=sparse[y])
            return cast(result, dtype)
        da = product(b, dy, a.dtype, tb, True) if ta else product(dy, b, a.dtype, False, not tb)
        db = product(dy, a, b.dtype, True, ta) if tb else product(a, dy, b.dtype, not ta, False)
        return da, db


@export("matmul", "linalg.matmul", old=["batch_matmul"])
def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
           adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
           grad_a: bool = False, grad_b: bool = False, name: str | None = None) -> Tensor:
    """The matrix product a b; of stacks of matrices (rank 3 and more) product by product, batch axes broadcast.

    transpose_*: that operand is transposed over its last two axes first; adjoint_*: transposed and conjugated.
    a_is_sparse, b_is_sparse: makes a SparseMatMul of float32 and bfloat16. output_type: the result's dtype if not the operands'.
    grad_a, grad_b: marks on the node that TensorFlow's gradients set; no effect on the value.
    """
    if a.__class__ is Tensor and b.__class__ is Tensor and not (a.dtype.is_complex or a_is_sparse or b_is_sparse):  # one node: no scope
        return _matmul(a, b, transpose_a, transpose_b, adjoint_a, adjoint_b, False, False, output_type, grad_a, grad_b, name or "MatMul")
    with name_scope(name, "MatMul", [a, b]) as scope:
        a = convert_to_tensor(a, name="a")
        b = convert_to_tensor(b, None, "b", a.dtype.base_dtype)
        return _matmul(a, b, transpose_a, transpose_b, adjoint_a, adjoint_b, a_is_sparse, b_is_sparse, output_type, grad_a, grad_b,
                       scope)


def _matmul(a: Tensor, b: Tensor, transpose_a: bool = False, transpose_b: bool = False, adjoint_a: bool = False,
            adjoint_b: bool = False, a_is_sparse: bool = False, b_is_sparse: bool = False, output_type: Any = None,
            grad_a: bool = False, grad_b: bool = False, scope: str = "MatMul") -> Tensor:
    for side, transposed, adjoint in (("a", transpose_a, adjoint_a), ("b", transpose_b, adjoint_b)):
        if transposed and adjoint:
            raise ValueError(f"Only one of `transpose_{side}` and `adjoint_{side}` can be True.")
    types = a.dtype.base_dtype, b.dtype.base_dtype
    mixed = output_type is not None and types != (output_type, output_type)
    batched = a.static is None or b.static is None or len(a.static) > 2 or len(b.static) > 2
    if (batched and not (a_is_sparse or b_is_sparse)) or (mixed and not batched):
        if batched:
            a, b = conj(a) if transpose_a else a, conj(b) if transpose_b else b
        flags: dict[str, Any] = {"adj_x": transpose_a or adjoint_a, "adj_y": transpose_b or adjoint_b,
                                 "grad_x": grad_a, "grad_y": grad_b}
        if mixed:
            return make(BatchMatMulV3, a, b, name=scope, Tout=dtypes.as_dtype(output_type), **flags)
        return make(BatchMatMulV2, a, b, name=scope, **flags)
    a, b = conj(a) if adjoint_a else a, conj(b) if adjoint_b else b
    flips = {"transpose_a": transpose_a or adjoint_a, "transpose_b": transpose_b or adjoint_b}
    half = dtypes.bfloat16
    if (a_is_sparse or b_is_sparse) and set(types) <= {half, dtypes.float32} or (half in types and types[0] is not types[1]):
        result = make(SparseMatMul, a, b, name=scope, a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse, **flips)
        return cast(result, half) if types == (half, half) else result
    return make(MatMul, a, b, name=scope, grad_a=grad_a, grad_b=grad_b, **flips)


@export("linalg.matvec")
def matvec(a: Any, b: Any, transpose_a: bool = False, adjoint_a: bool = False, a_is_sparse: bool = False,
           b_is_sparse: bool = False, name: str | None = None) -> Tensor:
    """The product of a matrix and a vector, for stacks of both; flags as in `tf.matmul`."""
    with context.default_graph().name_scope(name or "MatVec"):
        a = convert_to_tensor(a, name="a")
        product = matmul(a, F.expand_dims(b, axis=-1), transpose_a, False, adjoint_a, False, a_is_sparse, b_is_sparse)
        return F.squeeze(product, axis=-1)


@export("sparse_matmul")
def sparse_matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, a_is_sparse: bool = False,
                  b_is_sparse: bool = False, name: str | None = None) -> Tensor:
    """The float32 product of two float32 or bfloat16 matrices. Deprecated: use `tf.matmul`."""
    warn_once("tf.sparse_matmul is deprecated: use tf.matmul(a, b, a_is_sparse=True)")
    return make(SparseMatMul, a, b, name=name, transpose_a=transpose_a, transpose_b=transpose_b,
                a_is_sparse=a_is_sparse, b_is_sparse=b_is_sparse)
