"""Diagonals: of matrices in batches (matrix_*), of tensors (diag), and bands.

k names a diagonal (0 the main one, positive above) or a pair of them; several are stored as rows, the highest first, each
aligned left or right as `align` says: "RIGHT_LEFT" puts superdiagonals right and subdiagonals left.
"""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core import dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F

_ALIGNS = ("LEFT_RIGHT", "RIGHT_LEFT", "LEFT_LEFT", "RIGHT_RIGHT")


def _band(k: Any) -> tuple[int, int]:
    flat = np.ravel(k).tolist()
    low, high = int(flat[0]), int(flat[-1])
    if low > high:
        raise ValueError(f"lower_diag_index must not be larger than upper_diag_index: {low} > {high}")
    return low, high


def _length(rows: int, cols: int, d: int) -> int:
    return min(rows + min(d, 0), cols - max(d, 0))


def _offset(align: str, d: int, longest: int, length: int) -> int:
    """Where a diagonal begins in its row."""
    side = align.split("_")[0 if d >= 0 else 1]
    return longest - length if side == "RIGHT" else 0


def _places(rows: int, cols: int, low: int, high: int, align: str) -> tuple[Any, ...]:
    """(row in storage, place in it, matrix row, matrix column) of every element of the diagonals, and the longest length."""
    longest = max(_length(rows, cols, d) for d in range(low, high + 1))
    found = [(high - d, i + _offset(align, d, longest, _length(rows, cols, d)), i - min(d, 0), i + max(d, 0))
             for d in range(low, high + 1) for i in range(_length(rows, cols, d))]
    table = np.array(found, np.int64).reshape(-1, 4).T
    return (*table, longest)


def _spread(xp: Namespace, x: Any, axes: int, places: Any, filled: Any, rest: Any) -> Any:
    """The last `axes` axes of x, taken as one, by a table of places; `rest` where the table is not filled."""
    lead = x.shape[:len(x.shape) - axes]
    flat = xp.reshape(x, (*lead, math.prod(x.shape[len(lead):])))
    if not filled.any():
        return xp.broadcast_to(rest, (*lead, *places.shape))
    found = xp.take(flat, places, len(lead))
    return found if filled.all() else xp.where(filled, found, rest)


def _written(xp: Namespace, x: Any, values: Any, places: Any, source: Any) -> Any:
    """Matrices with other elements at some places, numbered row by row; source: which of the values of each matrix go there."""
    count, size = math.prod(x.shape[:-2]), x.shape[-2] * x.shape[-1]
    flat = xp.take(xp.reshape(values, (count, math.prod(values.shape) // max(1, count))), source, 1) if count else xp.zeros((0,), x.dtype)
    indices = (np.arange(count)[:, None] * size + places).reshape(-1)
    found = xp.scatter_rows(xp.reshape(x, (count * size,)), indices, xp.reshape(flat, (len(indices),)), "update", 1)
    return xp.reshape(found, x.shape)


def _table(shape: tuple[int, int], at: tuple[Any, Any], places: Any) -> tuple[Any, Any]:
    """An array of a shape with `places` at these positions, and where it has any."""
    table, filled = np.zeros(shape, np.int64), np.zeros(shape, bool)
    table[at], filled[at] = places, True
    return table, filled


def _check_band(rows: int, cols: int, low: int, high: int) -> None:
    for d in (low, high):
        if not -rows < d < cols and not d == 0:
            raise ValueError(f"diagonal index {d} is out of bounds for a matrix of {rows} rows and {cols} columns")


class MatrixDiagPartV3(Op, sig="input: T, k: int32, padding_value: T -> diagonal: T", static=("k",)):
    """The diagonals k (one, or low and high) of the last two axes."""
    T: DType
    align: str = one_word(*_ALIGNS, default="RIGHT_LEFT")

    def infer(self, x: Any, k: Any, padding: Any) -> Spec:
        if x.shape is None:
            return Spec(self.T, None)
        require(len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape)}")
        rows, cols = x.shape[-2:]
        if k.value is None:
            return Spec(self.T, None)
        low, high = _band(k.value)
        several = () if low == high else (high - low + 1,)
        if rows is None or cols is None:
            return Spec(self.T, (*x.shape[:-2], *several, None))
        _check_band(rows, cols, low, high)
        return Spec(self.T, (*x.shape[:-2], *several, max(_length(rows, cols, d) for d in range(low, high + 1))))

    def kernel(self, xp: Namespace, x: Any, k: Any, padding: Any) -> Any:
        low, high = _band(k)
        rows, cols = x.shape[-2:]
        _check_band(rows, cols, low, high)
        row, place, i, j, longest = _places(rows, cols, low, high, self.align)
        table, filled = _table((high - low + 1, longest), (row, place), i * cols + j)
        return _spread(xp, x, 2, *((table[0], filled[0]) if low == high else (table, filled)), padding)

    def grad(self, op: Operation, dy: Any) -> Any:
        x, k = op.inputs[:2]
        size = x.static
        if size is not None and size[-1] is not None and size[-2] is not None:
            rows, cols = size[-2:]
            return matrix_diag(dy, k=k, num_rows=rows, num_cols=cols, align=self.align), None, None
        return matrix_set_diag(F.zeros_like(x), dy, k=k, align=self.align), None, None


class MatrixDiagV3(Op, sig="diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T -> output: T",
                   static={"k": None, "num_rows": 0, "num_cols": 0}):
    """Matrices with the given diagonals, padding elsewhere."""
    T: DType
    align: str = one_word(*_ALIGNS, default="RIGHT_LEFT")

    def _size(self, shape: Any, k: Any, rows: Any, cols: Any) -> tuple[int, int]:
        low, high = _band(k)
        rows, cols, longest = int(rows), int(cols), shape[-1]
        least_rows, least_cols = longest - min(high, 0), longest + max(low, 0)
        if rows == -1 and cols == -1:
            rows = cols = max(least_rows, least_cols)
        elif rows == -1:
            rows = least_rows
        elif cols == -1:
            cols = least_cols
        return rows, cols

    def infer(self, x: Any, k: Any, rows: Any, cols: Any, padding: Any) -> Spec:
        if x.shape is None or k.value is None:
            return Spec(self.T, None)
        require(len(x.shape) >= 1, "Shape must be at least rank 1 but is rank 0")
        low, high = _band(k.value)
        lead = x.shape[:-1] if low == high else x.shape[:-2]
        if x.shape[-1] is None or rows.value is None or cols.value is None:
            return Spec(self.T, (*lead, None, None))
        return Spec(self.T, (*lead, *self._size(x.shape, k.value, rows.value, cols.value)))

    def kernel(self, xp: Namespace, x: Any, k: Any, rows: Any, cols: Any, padding: Any) -> Any:
        low, high = _band(k)
        size = self._size(x.shape, k, rows, cols)
        row, place, i, j, longest = _places(*size, low, high, self.align)
        if longest != x.shape[-1]:
            raise ValueError(f"The number of columns of diagonal, {x.shape[-1]}, must be the length of the longest one, {longest}")
        return _spread(xp, x, 1 if low == high else 2, *_table(size, (i, j), row * longest + place), padding)

    def grad(self, op: Operation, dy: Any) -> Any:
        return matrix_diag_part(dy, k=op.inputs[1], align=self.align), None, None, None, None


class MatrixSetDiagV3(Op, sig="input: T, diagonal: T, k: int32 -> output: T", static=("k",)):
    """The input with other diagonals."""
    T: DType
    align: str = one_word(*_ALIGNS, default="RIGHT_LEFT")

    def infer(self, x: Any, diagonal: Any, k: Any) -> Spec:
        require(x.shape is None or len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape or ())}")
        require(diagonal.shape != (), "Shape must be at least rank 1 but is rank 0")
        return Spec(self.T, x.shape)

    def kernel(self, xp: Namespace, x: Any, diagonal: Any, k: Any) -> Any:
        low, high = _band(k)
        rows, cols = x.shape[-2:]
        _check_band(rows, cols, low, high)
        row, place, i, j, longest = _places(rows, cols, low, high, self.align)
        wanted = (*x.shape[:-2], *([] if low == high else [high - low + 1]), longest)
        if diagonal.shape != wanted:
            raise ValueError(f"diagonal must have shape {list(wanted)}, got {list(diagonal.shape)}")
        return _written(xp, x, diagonal, i * cols + j, row * longest + place)

    def grad(self, op: Operation, dy: Any) -> Any:
        _, diagonal, k = op.inputs
        known = shapes.is_fully_defined(diagonal.static)
        nothing = F.zeros(diagonal.static, dy.dtype) if known else F.zeros_like(diagonal)
        rest = matrix_set_diag(dy, nothing, k=k, align=self.align)
        return rest, matrix_diag_part(dy, k=k, align=self.align), None


class MatrixDiag(Op, sig="diagonal: T -> output: T"):
    """Square matrices with the given main diagonals, in graphs of TF 1.x."""
    T: DType

    def infer(self, x: Spec) -> Spec:
        require(x.shape != (), "Shape must be at least rank 1 but is rank 0")
        return Spec(self.T, None if x.shape is None else (*x.shape, x.shape[-1]))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return xp.where(np.eye(x.shape[-1], dtype=bool), x[..., None, :], np.zeros((), x.dtype))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (matrix_diag_part(dy),)


class MatrixDiagPart(Op, sig="input: T -> diagonal: T"):
    """The main diagonals of matrices, in graphs of TF 1.x."""
    T: DType

    def infer(self, x: Spec) -> Spec:
        if x.shape is None:
            return Spec(self.T, None)
        require(len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape)}")
        size = x.shape[-2:]
        return Spec(self.T, (*x.shape[:-2], None if None in size else min(size)))  # type: ignore[type-var]

    def kernel(self, xp: Namespace, x: Any) -> Any:
        places = np.arange(min(x.shape[-2:])) * (x.shape[-1] + 1)
        return _spread(xp, x, 2, places, np.ones(places.shape, bool), None)

    def grad(self, op: Operation, dy: Any) -> Any:
        size = op.inputs[0].static
        if size is not None and size[-1] is not None and size[-1] == size[-2]:
            return (make(MatrixDiag, dy),)
        return (make(MatrixSetDiag, F.zeros_like(op.inputs[0]), dy),)


class MatrixSetDiag(Op, sig="input: T, diagonal: T -> output: T"):
    """Matrices with other main diagonals, in graphs of TF 1.x."""
    T: DType

    def infer(self, x: Spec, diagonal: Spec) -> Spec:
        require(x.shape is None or len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape or ())}")
        return Spec(self.T, x.shape)

    def check(self, x: Any, diagonal: Any) -> None:
        wanted = None if x.shape is None or None in x.shape else (*x.shape[:-2], min(x.shape[-2:]))
        require(wanted is None or shapes.compatible(diagonal.shape, wanted),
                f"diagonal must have shape {shapes.describe(wanted)}, got {shapes.describe(diagonal.shape)}")

    def kernel(self, xp: Namespace, x: Any, diagonal: Any) -> Any:
        n = np.arange(min(x.shape[-2:]))
        return _written(xp, x, diagonal, n * (x.shape[-1] + 1), n)

    def grad(self, op: Operation, dy: Any) -> Any:
        return make(MatrixSetDiag, dy, F.zeros_like(op.inputs[1])), make(MatrixDiagPart, dy)


class MatrixBandPart(Op, sig="input: T, num_lower: Tindex, num_upper: Tindex -> band: T"):
    """Matrices with zeros outside of a band around the main diagonal; a negative width keeps that whole triangle."""
    T: DType
    Tindex: DType = one_of(int32, int64, default=int64)

    def infer(self, x: Spec, lower: Spec, upper: Spec) -> Spec:
        require(x.shape is None or len(x.shape) >= 2, f"Shape must be at least rank 2 but is rank {len(x.shape or ())}")
        return Spec(self.T, x.shape)

    def kernel(self, xp: Namespace, x: Any, lower: Any, upper: Any) -> Any:
        rows, cols = x.shape[-2:]
        for name, number, limit, word in (("num_lower", lower, rows, "rows"), ("num_upper", upper, cols, "columns")):
            xp.check(number > limit, f"{name} must be negative or less or equal to number of {word} ({limit}) got: {{value}}", number)
        return xp.band_part(x, lower, upper)

    def grad(self, op: Operation, dy: Any) -> Any:
        return matrix_band_part(dy, op.inputs[1], op.inputs[2]), None, None


@export("matrix_band_part", "linalg.band_part")
def matrix_band_part(input: Any, num_lower: Any, num_upper: Any, name: str | None = None) -> Tensor:
    """The last two axes with zeros outside of num_lower sub- and num_upper superdiagonals; -1 keeps the whole triangle."""
    return make(MatrixBandPart, input, num_lower, num_upper, name=name)


@export("matrix_diag", "linalg.diag")
def matrix_diag(diagonal: Any, name: str = "diag", k: Any = 0, num_rows: Any = -1, num_cols: Any = -1, padding_value: Any = 0,
                align: str = "RIGHT_LEFT") -> Tensor:
    """Matrices with `diagonal` (its last axis; for several diagonals its last two) on the diagonals k."""
    diagonal = convert_to_tensor(diagonal, name="diagonal")
    if diagonal.dtype.is_bool:
        padding_value = bool(padding_value)
    return make(MatrixDiagV3, diagonal, k, num_rows, num_cols, padding_value, name=name, align=align)


@export("matrix_diag_part", "linalg.diag_part")
def matrix_diag_part(input: Any, name: str = "diag_part", k: Any = 0, padding_value: Any = 0, align: str = "RIGHT_LEFT") -> Tensor:
    """The diagonals k of the last two axes."""
    input = convert_to_tensor(input, name="input")
    if input.dtype.is_bool:
        padding_value = bool(padding_value)
    return make(MatrixDiagPartV3, input, k, padding_value, name=name, align=align)


@export("matrix_set_diag", "linalg.set_diag")
def matrix_set_diag(input: Any, diagonal: Any, name: str = "set_diag", k: Any = 0, align: str = "RIGHT_LEFT") -> Tensor:
    """The last two axes with `diagonal` on the diagonals k."""
    return make(MatrixSetDiagV3, input, diagonal, k, name=name, align=align)


_DIAG = one_of(dtypes.bfloat16, dtypes.float16, dtypes.float32, dtypes.float64, int32, int64, dtypes.complex64, dtypes.complex128)


class Diag(Op, sig="diagonal: T -> output: T"):
    """out[i..., i...] = diagonal[i...], zero elsewhere."""
    T: DType = _DIAG

    def infer(self, x: Spec) -> Spec:
        require(x.shape != (), "Shape must be at least rank 1 but is rank 0")
        return Spec(self.T, None if x.shape is None else x.shape * 2)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        n = x.size
        return xp.reshape(xp.where(np.eye(n, dtype=bool), xp.reshape(x, (n,)), np.zeros((), x.dtype)), tuple(x.shape) * 2)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (diag_part(dy),)


class DiagPart(Op, sig="input: T -> diagonal: T"):
    """diagonal[i...] = input[i..., i...]."""
    T: DType = _DIAG

    def infer(self, x: Spec) -> Spec:
        if x.shape is None:
            return Spec(self.T, None)
        half = len(x.shape) // 2
        require(len(x.shape) % 2 == 0 and half > 0, f"Input must have even and non-zero rank, input rank is {len(x.shape)}")
        return Spec(self.T, shapes.merge(x.shape[:half], x.shape[half:]))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        half = x.shape[:len(x.shape) // 2]
        n = math.prod(half)
        return xp.reshape(xp.take(xp.reshape(x, (n * n,)), np.arange(n) * (n + 1), 0), half)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (diag(dy),)


@export("diag", "linalg.tensor_diag")
def diag(diagonal: Any, name: str | None = None) -> Tensor:
    """The tensor of twice the rank with out[i..., i...] = diagonal[i...] and zeros elsewhere."""
    return make(Diag, diagonal, name=name)


@export("diag_part", "linalg.tensor_diag_part")
def diag_part(input: Any, name: str | None = None) -> Tensor:
    """diagonal[i...] = input[i..., i...]."""
    return make(DiagPart, input, name=name)
