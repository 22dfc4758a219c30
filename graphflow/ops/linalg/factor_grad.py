"""Gradients of matrix factorisations, node for node as TensorFlow makes them.

Formulas: Cholesky: Murray 2016, eq. 10. QR: Walter et al. 2018. SVD and eigenvalues: Giles 2008; Wan and Zhang 2019 for complex ones.
"""
from __future__ import annotations

from typing import Any

from ...core import context, shapes
from ...core.make import make
from ...core.tensor import Tensor
from .. import functions as F
from ..array.axes import expand_dims, matrix_transpose
from ..array.basic import cast, shape_internal
from ..array.diagonals import matrix_band_part, matrix_diag, matrix_diag_part, matrix_set_diag
from ..array.fill import zeros_like
from ..array.joining import concat
from ..elementwise.complex import conj, real_
from .matmul import matmul
from .solve import eye, matrix_solve, triangular_solve


def cholesky(op: Any, dy: Any) -> Tensor:
    """l^-H phi(l^H dl) l^-1, made symmetric; phi takes the lower triangle and halves its diagonal."""
    l = op.outputs[0]
    rows = shape_internal(l)[-1]
    batch = shape_internal(l)[:-2]
    inverse = triangular_solve(l, eye(rows, batch_shape=batch, dtype=l.dtype))
    middle = matmul(l, dy, adjoint_a=True)
    middle = matrix_set_diag(middle, 0.5 * matrix_diag_part(middle))
    middle = matrix_band_part(middle, -1, 0)
    da = matmul(matmul(inverse, middle, adjoint_a=True), inverse)
    da += F.adjoint(da)
    return da * 0.5


def _right_solve(x: Any, r: Any) -> Tensor:
    """x r^-H."""
    return F.adjoint(triangular_solve(r, F.adjoint(x), lower=False, adjoint=False))


def _tall_qr(q: Any, r: Any, dq: Any, dr: Any) -> Any:
    qdq = matmul(q, dq, adjoint_a=True)
    qdq_skew = qdq - F.adjoint(qdq)
    rdr = matmul(r, dr, adjoint_b=True)
    rdr_skew = rdr - F.adjoint(rdr)
    lower = matrix_band_part(qdq_skew + rdr_skew, -1, 0)
    first = matmul(q, dr + _right_solve(lower, r))
    second = _right_solve(dq - matmul(q, qdq), r)
    result = first + second
    if q.dtype.is_complex:
        m = rdr - F.adjoint(qdq)
        diagonal = matrix_set_diag(zeros_like(m), matrix_diag_part(m))
        correction = diagonal - cast(real_(diagonal), q.dtype)
        result = result + _right_solve(matmul(q, F.adjoint(correction)), r)
    return result


def qr(op: Any, dq: Any, dr: Any) -> Any:
    """For tall matrices directly; for wide ones by the square part."""
    q, r = op.outputs
    if r.static is None or None in r.static[-2:]:
        raise NotImplementedError(f"QrGrad not implemented with dynamic shapes. Received r.shape: {r.shape}")
    if r.static[-2] > r.static[-1] and q.static[-2] == q.static[-1]:
        raise NotImplementedError("QrGrad not implemented when nrows > ncols and full_matrices is true. "
                                  f"Received r.shape={r.shape}.")
    rows, columns = q.static[-2], r.static[-1]
    if rows >= columns:
        return _tall_qr(q, r, dq, dr)
    y = op.inputs[0][..., :, rows:]
    u = r[..., :, :rows]
    dv, du = dr[..., :, rows:], dr[..., :, :rows]
    dy = matmul(q, dv)
    dx = _tall_qr(q, u, dq + matmul(y, dv, adjoint_b=True), du)
    return concat([dx, dy], axis=-1)


def _safe_reciprocal(x: Any, epsilon: float = 1e-20) -> Any:
    """1 / x, and 0 at 0."""
    return x * F.reciprocal(x * x + epsilon)


def _differences(e: Any) -> Any:
    """1 / (e_j - e_i), zero on the diagonal."""
    return matrix_set_diag(_safe_reciprocal(expand_dims(e, -2) - expand_dims(e, -1)), zeros_like(e))


def self_adjoint_eig(op: Any, de: Any, dv: Any) -> Any:
    """v (diag(de) + f * v^H dv) v^H, folded into the lower triangle that the op reads."""
    e = op.outputs[0]
    with context.default_graph().control_dependencies([de, dv]):
        if op._op_def.compute_v:
            v = op.outputs[1]
            f = _differences(e)
            inner = matrix_diag(de) + f * matmul(v, dv, adjoint_a=True)
        else:
            _, v = F.self_adjoint_eig(op.inputs[0])
            inner = matrix_diag(de)
        da: Any = matmul(v, matmul(inner, v, adjoint_b=True))
        da = matrix_band_part(da + F.adjoint(da), -1, 0)
        return matrix_set_diag(da, 0.5 * matrix_diag_part(da))


def eig(op: Any, de: Any, dv: Any) -> Any:
    """v^-H (diag(de) + f * (...)) v^H."""
    e = op.outputs[0]
    with context.default_graph().control_dependencies([de, dv]):
        if op._op_def.compute_v:
            v = op.outputs[1]
            vt = F.adjoint(v)
            f = conj(_differences(e))
            vgv: Any = matmul(vt, dv)
            middle = matrix_diag(de)
            diagonal = matrix_diag(matrix_diag_part(cast(real_(vgv), vgv.dtype)))
            middle += f * (vgv - matmul(matmul(vt, v), diagonal))
            da = matrix_solve(vt, matmul(middle, vt))
        else:
            _, v = make(F.Eig, op.inputs[0], compute_v=True, Tout=e.dtype.base_dtype)
            vt = F.adjoint(v)
            da = matrix_solve(vt, matmul(matrix_diag(de), vt))
        return cast(da, op.inputs[0].dtype)


def svd(op: Any, ds: Any, du: Any, dv: Any) -> Any:
    """The gradient of the singular values and vectors; those of wide matrices, tall ones by transposition."""
    a = op.inputs[0]
    ds = cast(ds, a.dtype)
    ds_matrix = matrix_diag(ds)
    if not op._op_def.compute_uv:
        _, u, v = F.svd(a, compute_uv=True)
        da = matmul(u, matmul(ds_matrix, v, adjoint_b=True))
        da.set_shape(a.static)
        return da
    shape = shapes.merge(a.static, None)
    m, n = (None, None) if shape is None else shape[-2:]
    if m is None or n is None:
        raise NotImplementedError("SVD gradient has not been implemented for input with unknown inner matrix shape.")
    s, u, v = op.outputs
    s = cast(s, a.dtype)
    tall = m > n
    if tall:
        m, n, u, v, du, dv = n, m, v, u, dv, du
    with context.default_graph().control_dependencies([ds, du, dv]):
        if op._op_def.full_matrices and abs(m - n) > 1:
            raise NotImplementedError("svd gradient is not implemented for abs(m - n) > 1 when full_matrices is True. "
                                      f"Received: m={m} and n={n} from op input={a} with shape={a.shape}.")
        da = _wide_svd(op, a, s, u, v, ds_matrix, du, dv, m, n)
        if tall:
            da = matrix_transpose(da, conjugate=True)
        da.set_shape(a.static)
        return da


def _wide_svd(op: Any, a: Any, s: Any, u: Any, v: Any, ds_matrix: Any, du: Any, dv: Any, m: int, n: int) -> Any:
    s_matrix = matrix_diag(s)
    squares = F.square(s)
    s_shape = shape_internal(s)
    f = matrix_set_diag(_safe_reciprocal(expand_dims(squares, -2) - expand_dims(squares, -1)), zeros_like(s))
    inverse = matrix_diag(_safe_reciprocal(s))
    v1, dv1 = v[..., :, :m], dv[..., :, :m]
    u_du = matmul(u, du, adjoint_a=True)
    v_dv: Any = matmul(v1, dv1, adjoint_a=True)
    fu, fv = f * u_du, f * v_dv
    inner = ds_matrix + matmul(fu + F.adjoint(fu), s_matrix) + matmul(s_matrix, fv + F.adjoint(fv))
    result: Any = matmul(u, matmul(inner, v1, adjoint_b=True))
    if m != n:
        dv1t = matrix_transpose(dv1, conjugate=True)
        dv1t_v1 = matmul(dv1t, v1)
        rest = dv1t - matmul(dv1t_v1, v1, adjoint_b=True)
        if op._op_def.full_matrices:
            v2, dv2 = v[..., :, m:n], dv[..., :, m:n]
            v1t_dv2 = matmul(v1, dv2, adjoint_a=True)
            rest -= matmul(v1t_dv2, v2, adjoint_b=True)
        u_inverse = matmul(u, inverse)
        result = result + matmul(u_inverse, rest)
    if a.dtype.is_complex:
        one = eye(s_shape[-1], batch_shape=s_shape[:-1], dtype=a.dtype)
        l = one * v_dv
        third: Any = matmul(inverse, F.adjoint(l) - l)
        result += 1 / 2.0 * matmul(u, matmul(third, v1, adjoint_b=True))
    return result
