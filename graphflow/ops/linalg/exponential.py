"""The exponential of matrices in TensorFlow's nodes: a Pade approximant by the norm of each, squared as often as it was halved.

Higham, "The scaling and squaring method for the matrix exponential revisited", 2005: the degrees and bounds are those of its table 2.3.
"""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.export import export
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import reshape
from ..array.joining import concat
from . import solve


class _Degrees(NamedTuple):
    """Approximants: of these degrees up to these norms, of the last degree above them, when halved down to `most`."""
    degrees: tuple[int, ...]
    bounds: tuple[float, ...]
    most: float


_SINGLE = _Degrees((3, 5, 7), (4.258730016922831e-1, 1.880152677804762e0), 3.925724783138660)
_DOUBLE = _Degrees((3, 5, 7, 9, 13), (1.495585217958292e-2, 2.539398330063230e-1, 9.504178996162932e-1, 2.097847961257068e0),
                   5.371920351148152)


@export("linalg.expm")
def matrix_exponential(input: Any, name: str | None = None) -> Tensor:
    """The matrix exponential of each matrix in the last two axes; NaN for all where a norm is not finite."""
    with context.default_graph().name_scope(name or "matrix_exponential"):
        matrix = convert_to_tensor(input, name="input")
        if matrix.static is not None and matrix.static[-2:] == (0, 0):
            return matrix
        before = None if matrix.static is None else matrix.static[:-2]
        batch: Any = F.shape(matrix)[:-2] if before is None or None in before else list(before)
        matrix = reshape(matrix, concat(([-1], F.shape(matrix)[-2:]), axis=0))
        norm = F.reduce_max(F.reduce_sum(F.abs(matrix), axis=F.size(F.shape(matrix)) - 2), axis=-1)[..., np.newaxis, np.newaxis]
        real = norm.dtype.base_dtype
        rule = _DOUBLE if real.name == "float64" else _SINGLE
        halvings = F.maximum(F.floor(F.log(norm / constant_op(rule.most, real)) / F.log(constant_op(2.0, real))), 0.0)
        parts = [_approximant(matrix, m) for m in rule.degrees[:-1]]
        halved = matrix / F.cast(F.pow(constant_op(2.0, real), halvings), matrix.dtype)
        parts.append(_approximant(halved, rule.degrees[-1]))
        odd, even = (_chosen(norm, rule.bounds, [pair[i] for pair in parts]) for i in range(2))
        finite = F.is_finite(F.reduce_max(norm))
        nan = constant_op(np.nan, matrix.dtype)
        result = F.cond(finite, lambda: solve.matrix_solve(-odd + even, odd + even), lambda: F.fill(F.shape(matrix), nan))
        result = _squared(result, finite, halvings, real)
        if isinstance(batch, list) and None not in (matrix.static or (None,)):
            return reshape(result, [*batch, *(matrix.static or ())[-2:]])
        return reshape(result, concat((batch, F.shape(result)[-2:]), axis=0))


def _squared(result: Tensor, finite: Tensor, halvings: Tensor, real: DType) -> Tensor:
    """Each matrix squared as often as it was halved."""
    most = F.reduce_max(halvings)

    def more(i: Any, _: Any) -> Any:
        return F.cond(finite, lambda: F.less(i, most), lambda: constant_op(False))

    def square(i: Any, r: Any) -> Any:
        return i + 1, F.where_v2(F.less(i, halvings), F.matmul(r, r), r)

    return F.while_loop(more, square, [constant_op(0.0, real), result])[1]


def _approximant(x: Tensor, degree: int) -> tuple[Tensor, Tensor]:
    """The odd and the even powers of the approximant's numerator, each with its factor; that of x ** degree is 1."""
    factors = [_factor(degree, j) for j in range(degree)]
    b: list[Any] = [constant_op(f, x.dtype) for f in factors]
    size = F.shape(x)[-2]
    one = solve.eye(size, batch_shape=F.shape(x)[:-2], dtype=x.dtype)
    powers = {0: one, 2: F.matmul(x, x)}
    for k in range(4, min(degree, 7 if degree == 13 else degree), 2):
        powers[k] = F.matmul(powers[k - 2], powers[2])
    if degree < 13:
        top = degree - 1
        inner = _sum(powers[top], powers, [(b[k + 1], k) for k in range(top - 2, -1, -2)])
        return F.matmul(x, inner), _sum(b[top] * powers[top], powers, [(b[k], k) for k in range(top - 2, -1, -2)])
    high = _sum(powers[6], powers, [(b[11], 4), (b[9], 2)])
    inner = _sum(F.matmul(powers[6], high), powers, [(b[k + 1], k) for k in (6, 4, 2, 0)])
    odd = F.matmul(x, inner)
    high = _sum(b[12] * powers[6], powers, [(b[10], 4), (b[8], 2)])
    return odd, _sum(F.matmul(powers[6], high), powers, [(b[k], k) for k in (6, 4, 2, 0)])


def _sum(first: Tensor, powers: dict[int, Tensor], terms: list[tuple[Any, int]]) -> Tensor:
    for factor, power in terms:
        first = first + factor * powers[power]
    return first


def _factor(m: int, j: int) -> float:
    return float(math.factorial(2 * m - j) // (math.factorial(m - j) * math.factorial(j)))


def _chosen(norm: Tensor, bounds: tuple[float, ...], values: list[Tensor]) -> Tensor:
    """For each matrix the first value whose bound lies above its norm, else the last."""
    below = [F.less(norm, constant_op(bound, norm.dtype)) for bound in bounds]
    found = values[-1]
    for condition, value in zip(reversed(below), reversed(values[:-1])):
        found = F.where_v2(condition, value, found)
    return found
