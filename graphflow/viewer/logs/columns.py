"""Tables that grow by rows: step, wall time, place in the file, and a number per column.

Values that come together in each event (the tags of one summary) share a row, so that a point costs four bytes beside its
event's. Rows lie in blocks that are filled and never moved; a column is contiguous inside its block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

FIRST, LARGEST = 16, 4096  # rows of the first block, which is doubled up to the largest

Array = np.ndarray[Any, np.dtype[Any]]


class Block:
    """Rows up to `count`; the arrays are longer. values has shape [columns, rows]."""

    __slots__ = ("count", "order", "step", "values", "wall")

    def __init__(self, rows: int, columns: int, dtype: Any) -> None:
        self.count = 0
        self.step, self.wall, self.order = np.empty(rows, np.int64), np.empty(rows), np.empty(rows, np.int64)
        self.values = np.empty((columns, rows), dtype)


class Table:
    """Rows of one kind of event. order: the event's number in the run, by which rows of several tables keep their sequence."""

    def __init__(self, columns: int, dtype: Any) -> None:
        self.columns, self.dtype = columns, dtype
        self.blocks: list[Block] = []

    @property
    def rows(self) -> int:
        return sum(block.count for block in self.blocks)

    @property
    def bytes(self) -> int:
        return sum(b.step.nbytes + b.wall.nbytes + b.order.nbytes + b.values.nbytes for b in self.blocks)

    def _open(self) -> Block:
        """A block with room for a row at least."""
        if not self.blocks:
            self.blocks.append(Block(FIRST, self.columns, self.dtype))
        elif self.blocks[-1].count == len(self.blocks[-1].step):
            self.blocks.append(Block(min(2 * len(self.blocks[-1].step), LARGEST), self.columns, self.dtype))
        return self.blocks[-1]

    def add(self, step: int, wall: float, order: int, values: Any) -> None:
        """One row. values: as many as there are columns."""
        block = self._open()
        at = block.count
        block.step[at], block.wall[at], block.order[at] = step, wall, order
        block.values[:, at] = values
        block.count = at + 1  # last, so that a reader in another thread sees whole rows only

    def extend(self, step: Array, wall: Array, order: Array, values: Array) -> None:
        """Many rows at once. values: shape [rows, columns]."""
        done = 0
        while done < len(step):
            block = self._open()
            at = block.count
            some = min(len(block.step) - at, len(step) - done)
            block.step[at : at + some] = step[done : done + some]
            block.wall[at : at + some] = wall[done : done + some]
            block.order[at : at + some] = order[done : done + some]
            block.values[:, at : at + some] = values[done : done + some].T
            block.count = at + some
            done += some

    def pieces(self, column: int) -> Iterator[tuple[Array, Array, Array, Array]]:
        """(step, wall, order, values) of a column, block by block."""
        for block in list(self.blocks):
            n = block.count
            yield block.step[:n], block.wall[:n], block.order[:n], block.values[column, :n]

    def cut(self, step: int) -> None:
        """Drops the rows at `step` and after it: a run that was restarted from there."""
        kept = []
        for block in self.blocks:
            stay = block.step[: block.count] < step
            if not stay.all():
                less = Block(len(block.step), self.columns, self.dtype)
                less.count = int(stay.sum())
                for name in ("step", "wall", "order"):
                    getattr(less, name)[: less.count] = getattr(block, name)[: block.count][stay]
                less.values[:, : less.count] = block.values[:, : block.count][:, stay]
                block = less
            kept.append(block)
        self.blocks = kept


def joined(pieces: list[tuple[Array, Array, Array, Array]]) -> tuple[Array, Array, Array, Array]:
    """Pieces of a series as one, in the order in which its events were written."""
    if not pieces:
        return np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64), np.empty(0)
    if len(pieces) == 1:
        return pieces[0]
    step, wall, order, values = (np.concatenate(column) for column in zip(*pieces, strict=True))
    if (np.diff(order) < 0).any():
        by = np.argsort(order, kind="stable")
        step, wall, order, values = step[by], wall[by], order[by], values[by]
    return step, wall, order, values
