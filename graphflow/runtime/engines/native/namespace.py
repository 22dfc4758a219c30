"""`xp` of kernels that the native engine calls on the host: numpy's, but rows by number are combined by native code.

numpy sorts the numbers and adds up runs of equal ones, or goes element by element; rows.py has loops that take the rows as they come.
Sums are therefore in the order of the rows, as TensorFlow's are.
"""
from __future__ import annotations

import ctypes
import functools
import math
from typing import Any, cast

import numpy as np

from ....kernels.contract import Namespace
from ....kernels.namespace import NumpyNamespace
from ....kernels.scatter import scatter_rows
from ....kernels.segments import segment_reduce
from . import machine, rows

WORTH = 512          # elements of the rows that are combined: with fewer, numpy is as quick as the call
_INDICES = (np.int32, np.int64)


@functools.lru_cache(maxsize=64)
def _function(how: str, dtype: np.dtype[Any], numbers: np.dtype[Any]) -> Any:
    text = rows.combining(how, dtype, numbers)
    code = machine.functions({text: []})[text]
    word = ctypes.c_int64
    call: Any = ctypes.CFUNCTYPE(None, word, word, word, word)(code.address)
    call.code = code                # which lives as long as this
    return call


def _address(x: Any) -> int:
    return int(x.__array_interface__["data"][0])


def combined(out: Any, numbers: Any, updates: Any, how: str, row: int, each: int) -> None:
    """Combines rows of `row` elements, `each` elements apart, into those of `out` with these numbers; others are left out."""
    parameters = np.array((0, 0, 1, 0, 2, 0, out.size // row, row, each), np.int64)
    cells = np.array((_address(out), _address(numbers), _address(updates)), np.int64)
    _function(how, out.dtype, numbers.dtype)(_address(parameters), _address(cells), 0, numbers.size)


def _fits(x: Any, numbers: Any, updates: Any) -> bool:
    return x.dtype == updates.dtype and numbers.dtype in _INDICES and bool(numbers.size) and updates.size >= WORTH and \
        rows.combines(x.dtype)


class NativeNamespace(NumpyNamespace):
    """Missing names are numpy's own."""
    in_place = False

    def scatter_rows(self, target: Any, indices: Any, updates: Any, how: str, depth: int = 1, out: Any = None) -> Any:
        """As kernels.scatter.scatter_rows."""
        out = target if self.in_place else out
        row = math.prod(target.shape[depth:])
        if how not in rows.HOWS or not row or np.shape(updates) != (indices.size, *target.shape[depth:]) or \
                not _fits(target, indices, updates) or (out is not None and not out.flags.c_contiguous):
            return scatter_rows(target, indices, updates, how, depth, out)
        if out is None:
            out = np.array(target, order="C")
        elif out is not target:
            np.copyto(out, target)
        combined(out, np.ascontiguousarray(indices), np.ascontiguousarray(updates), how, row, row)
        return out

    @staticmethod
    def segment_reduce(x: Any, ids: Any, count: int, how: str) -> Any:
        """As kernels.segments.segment_reduce."""
        x, ids = np.asarray(x), np.asarray(ids)
        rest = x.shape[ids.ndim:]
        row = math.prod(rest)
        if not row or not rows.reduces(how, x.dtype) or not _fits(x, ids, x) or int(ids.max()) >= count:
            return segment_reduce(x, ids, count, how)
        out = np.full((count, *rest), rows.EMPTY[how], x.dtype)
        combined(out, np.ascontiguousarray(ids), np.ascontiguousarray(x), rows.SEGMENTS[how], row, row)
        return out


class InPlaceNamespace(NativeNamespace):
    """For kernels that own what they write."""
    in_place = True


native_namespace = cast(Namespace, NativeNamespace())
in_place_namespace = cast(Namespace, InPlaceNamespace())
