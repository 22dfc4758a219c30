"""Levenshtein distances of many pairs of sequences at once."""
from __future__ import annotations

from typing import Any

import numpy as np

from .distinct import codes
from .ordering import stable_order

_AT_ONCE = 1 << 16          # cells of the pairs' tables of which a row is worked on together


def distances(rows: int, a_rows: np.ndarray, a: Any, b_rows: np.ndarray, b: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(distance, length of the first, length of the second) for each of some pairs of sequences.

    a, b: the elements of the first and of the second sequences, in order; a_rows, b_rows: of which pair, below `rows`.
    """
    found = np.zeros(rows, np.int64)
    lengths, other_lengths = np.bincount(a_rows, minlength=rows), np.bincount(b_rows, minlength=rows)
    numbers = codes(np.concatenate([a, b]))
    both = np.flatnonzero((lengths > 0) | (other_lengths > 0))
    both = both[np.argsort(lengths[both], kind="stable")]               # pairs of about one length go together
    size = max(1, _AT_ONCE // (int(other_lengths.max(initial=0)) + 1))
    first, second = _Ragged(a_rows, numbers[:len(a)], lengths), _Ragged(b_rows, numbers[len(a):], other_lengths)
    for start in range(0, both.size, size):
        part = both[start:start + size]
        found[part] = _of_some(first.padded(part, -1), second.padded(part, -2), lengths[part], other_lengths[part])
    return found, lengths, other_lengths


class _Ragged:
    """Sequences one after the other."""

    def __init__(self, rows: np.ndarray, values: np.ndarray, lengths: np.ndarray):
        self.values, self.lengths = values[stable_order(rows, lengths.size)], lengths
        self.starts = np.cumsum(lengths) - lengths

    def padded(self, some: np.ndarray, padding: int) -> np.ndarray:
        """Some of them as a matrix."""
        lengths = self.lengths[some]
        columns = np.arange(lengths.max(initial=0))
        there = columns < lengths[:, None]
        found = np.full(there.shape, padding, np.int64)
        found[there] = self.values[(self.starts[some, None] + columns)[there]]
        return found


def _of_some(a: np.ndarray, b: np.ndarray, a_lengths: np.ndarray, b_lengths: np.ndarray) -> np.ndarray:
    """The table of Wagner and Fischer, 1974, row after row, of all pairs; insertions, which go along a row, as a running minimum."""
    columns = np.arange(b.shape[1] + 1)
    row = np.tile(columns, (len(a), 1))
    found = b_lengths.copy()
    for i in range(1, a.shape[1] + 1):
        below = np.empty_like(row)
        below[:, 0] = i
        np.minimum(row[:, 1:] + 1, row[:, :-1] + (a[:, i - 1:i] != b), out=below[:, 1:])
        below -= columns
        np.minimum.accumulate(below, axis=1, out=below)
        below += columns
        row = below
        ended = np.flatnonzero(a_lengths == i)
        found[ended] = row[ended, b_lengths[ended]]
    return found
