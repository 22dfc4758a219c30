"""Matrix functions that numpy lacks, on stacks of matrices: triangular solve, LU, matrix square root, logarithm, exponential.

All take arrays of shape (..., n, n) and work in the dtype given (callers widen 16-bit floats).
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

_BLOCK = 32


def adjoint(a: Any) -> Any:
    """The conjugate transpose."""
    return np.conj(np.swapaxes(a, -1, -2))


def triangular_solve(a: Any, b: Any, lower: bool = True) -> Any:
    """x with tri(a) x = b, where tri keeps one triangle; batch axes broadcast. By blocks: small ones row by row, the rest products."""
    a = np.tril(a) if lower else np.triu(a)
    n = a.shape[-1]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    x = np.array(np.broadcast_to(b, (*batch, *b.shape[-2:])))
    starts = list(range(0, n, _BLOCK))
    for start in starts if lower else starts[::-1]:
        stop = min(start + _BLOCK, n)
        done = slice(0, start) if lower else slice(stop, n)
        x[..., start:stop, :] -= a[..., start:stop, done] @ x[..., done, :]
        block, part = a[..., start:stop, start:stop], x[..., start:stop, :]
        diagonal = np.diagonal(block, axis1=-2, axis2=-1)[..., None]
        block, size = block / diagonal, stop - start
        part /= diagonal
        for i in range(1, size) if lower else range(size - 2, -1, -1):
            inner = slice(0, i) if lower else slice(i + 1, size)
            part[..., i, :] -= (block[..., i, None, inner] @ part[..., inner, :])[..., 0, :]
    return x


def lu(a: Any) -> tuple[Any, Any]:
    """(l and u in one matrix, the permutation of the rows) with partial pivoting: a[p] = l u. ValueError when singular."""
    n, every = a.shape[-1], np.arange(math.prod(a.shape[:-2]))
    flat = np.array(a).reshape(len(every), n, n)
    perms = np.tile(np.arange(n), (len(flat), 1))
    for k in range(n):                      # of all matrices
        pivot = k + np.argmax(np.abs(flat[:, k:, k]), axis=1)
        rows, numbers = flat[every, pivot], perms[every, pivot]
        flat[every, pivot], perms[every, pivot] = flat[:, k], perms[:, k]
        flat[:, k], perms[:, k] = rows, numbers
        if (rows[:, k] == 0).any():
            raise ValueError("Input is not invertible.")
        flat[:, k + 1:, k] /= rows[:, k, None]
        flat[:, k + 1:, k + 1:] -= flat[:, k + 1:, k, None] * rows[:, None, k + 1:]
    return flat.reshape(a.shape), perms.reshape(a.shape[:-1])


def by_eigenvalues(a: Any, function: Any) -> Any:
    """v f(e) v^-1 for diagonalizable matrices."""
    e, v = np.linalg.eig(a)
    return (v * function(e)[..., None, :]) @ np.linalg.inv(v)


def square_root(a: Any) -> Any:
    """The principal square root, by the product form of the Denman-Beavers iteration (Higham 2008, eq. 6.29)."""
    n = a.shape[-1]
    one = np.eye(n, dtype=a.dtype)
    wide = a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)
    m, x = wide, wide
    for _ in range(100):
        inverse = np.linalg.inv(m)
        x = x @ (one + inverse) / 2
        m = (one + (m + inverse) / 2) / 2
        if np.abs(m - one).max(initial=0) < 1e-14 * max(n, 1):
            break
    return x.astype(a.dtype)


_PADE13 = (64764752532480000., 32382376266240000., 7771770303897600., 1187353796428800., 129060195264000., 10559470521600.,
           670442572800., 33522128640., 1323241920., 40840800., 960960., 16380., 182., 1.)


def exponential(a: Any) -> Any:
    """The matrix exponential by scaling, a Pade approximant of order 13, and squaring (Higham 2005)."""
    wide = a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)
    norm = np.abs(wide).sum(-2).max(-1, initial=0)
    if not np.isfinite(norm).all():
        return np.full_like(a, np.nan)
    steps = np.maximum(np.ceil(np.log2(np.maximum(norm, 1e-300) / 5.371920351148152)), 0).astype(int)
    x = wide / (2.0 ** steps)[..., None, None]
    b, one = _PADE13, np.eye(a.shape[-1])
    x2 = x @ x
    x4 = x2 @ x2
    x6 = x4 @ x2
    u = x @ (x6 @ (b[13] * x6 + b[11] * x4 + b[9] * x2) + b[7] * x6 + b[5] * x4 + b[3] * x2 + b[1] * one)
    v = x6 @ (b[12] * x6 + b[10] * x4 + b[8] * x2) + b[6] * x6 + b[4] * x4 + b[2] * x2 + b[0] * one
    result = np.linalg.solve(v - u, v + u)
    for i in range(int(steps.max(initial=0))):
        result = np.where((i < steps)[..., None, None], result @ result, result)
    return result.astype(a.dtype)
