"""Matrix products by BLAS: which operands it takes as they lie, and the numbers that a product is called with."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ....plan.node import Node
from . import blas
from .walk import Walk, merged, packed, walk


class Product(NamedTuple):
    """C = op(A) op(B) `batch` times over. Whether A and B are transposed, rows, columns, depth, distances between rows and between
    the matrices of a batch (A, B, C). times, strides: all that again, so many elements further on each time."""
    transposed: tuple[bool, bool]
    rows: int
    columns: int
    depth: int
    leading: tuple[int, int, int]
    batch: int
    steps: tuple[int, int, int]
    times: int = 1
    strides: tuple[int, ...] = (0, 0, 0)


_MOST_TIMES = 64


def fits(node: Node, owners: Any) -> bool:
    """Whether BLAS takes this product as it lies."""
    return describe(node, owners) is not None


def _matrix(shape: tuple[int, ...], strides: tuple[int, ...]) -> tuple[bool, int] | None:
    """(transposed, distance between rows) of the last two axes."""
    (rows, columns), (r, c) = shape[-2:], strides[-2:]
    if (c == 1 or columns == 1) and (r >= columns or rows == 1):
        return False, max(r, columns)
    if (r == 1 or rows == 1) and (c >= rows or columns == 1):
        return True, max(c, rows)
    return None


def describe(node: Node, owners: Any) -> Product | None:
    """None where BLAS cannot do it."""
    if node.dtype not in (np.float32, np.float64) or any(a.dtype != node.dtype or len(a.shape) < 2 for a in node.args) or not blas.found():
        return None
    a, b = node.args
    walks = [walk(a, owners), walk(b, owners)]
    if None in walks:
        return None
    lead = node.shape[:-2]
    ways = []
    for value, each in zip((a, b), walks):
        assert isinstance(each, Walk)
        own = each.strides[:-2]
        extra = len(lead) - len(own)
        ways.append((0,) * extra + tuple(s if d == w else 0 for s, d, w in zip(own, value.shape[:-2], lead[extra:])))
    ways.append(packed(node.shape)[:-2])
    lengths, steps = merged(lead, ways)
    outer = min(range(len(lengths)), key=lengths.__getitem__) if len(lengths) == 2 else None
    if len(lengths) > 2 or (outer is not None and lengths[outer] > _MOST_TIMES):
        return None
    left, right = (_matrix(value.shape, each.strides) for value, each in zip((a, b), walks) if each is not None)
    if left is None or right is None:
        return None
    rows, columns = node.shape[-2:]
    inner = None if not lengths else 0 if outer is None else 1 - outer
    first, second, third = (s[inner] if inner is not None else 0 for s in steps)
    times, strides = (1, (0, 0, 0)) if outer is None else (lengths[outer], tuple(s[outer] for s in steps))
    return Product((left[0], right[0]), rows, columns, a.shape[-1], (left[1], right[1], columns), 1 if inner is None else lengths[inner],
                   (first, second, third), times, strides)
