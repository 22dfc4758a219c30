"""What frames of logits say, as CTC reads them: the best class of each frame, or a search that keeps the best label prefixes.

The search follows Graves, "Sequence transduction with recurrent neural networks" (2012), by prefixes: a prefix has the probability of
the paths that end in a blank and of those that end in its last label, and is made longer by a label at a time.
"""
from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np

NEVER = float("-inf")


def best_path(logits: np.ndarray, length: int, blank: int, merge: bool) -> tuple[list[int], float]:
    """(the labels of the greatest class of each frame, less blanks and, with merge, repeats; the sum of those logits, negative)."""
    found: list[int] = []
    before = -1
    best = np.argmax(logits[:max(length, 0)], axis=1).tolist()
    for label in best:
        if label != blank and not (merge and label == before):
            found.append(label)
        before = label
    return found, -float(np.sum(logits[np.arange(len(best)), best], dtype=logits.dtype))


class _Beam(NamedTuple):
    """Log probabilities of the paths of a prefix: all, those that end in a blank, those that end in its last label."""
    total: float
    blank: float
    label: float


def beams(logits: np.ndarray, length: int, width: int) -> list[tuple[tuple[int, ...], float]]:
    """The best `width` label sequences with their log probabilities, the best first. The blank is the last class."""
    blank = logits.shape[1] - 1
    kept: dict[tuple[int, ...], _Beam] = {(): _Beam(0.0, 0.0, NEVER)}
    wide = logits[:max(length, 0)].astype(np.float64)
    shifted = wide - wide.max(axis=1, keepdims=True)
    for frame in shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)):
        kept = _step(kept, frame, blank, width)
    return [(prefix, beam.total) for prefix, beam in kept.items()]


def _step(kept: dict[tuple[int, ...], _Beam], frame: np.ndarray, blank: int, width: int) -> dict[tuple[int, ...], _Beam]:
    found: dict[tuple[int, ...], _Beam] = {}
    for prefix, beam in kept.items():
        label = beam.label
        if prefix:
            parent = kept.get(prefix[:-1])
            if parent is not None:                                # the same labels from a shorter prefix
                repeated = len(prefix) > 1 and prefix[-1] == prefix[-2]
                label = np.logaddexp(label, parent.blank if repeated else parent.total)
            label += frame[prefix[-1]]
        ends = beam.total + frame[blank]
        found[prefix] = _Beam(float(np.logaddexp(ends, label)), float(ends), float(label))
    lowest = [(beam.total, prefix) for prefix, beam in found.items()]
    heapq.heapify(lowest)
    longer_by: dict[tuple[int, ...], set[int]] = {}
    for prefix in kept:
        if prefix:
            longer_by.setdefault(prefix[:-1], set()).add(prefix[-1])
    lost: set[tuple[int, ...]] = set()
    for prefix, beam in kept.items():
        full = len(lowest) == width
        if prefix in lost or (full and beam.total <= lowest[0][0]):
            continue
        grown = beam.total + frame[:blank]
        if prefix:
            grown[prefix[-1]] = beam.blank + frame[prefix[-1]]
        for label in sorted({*np.flatnonzero(grown > (lowest[0][0] if full else NEVER)).tolist(), *longer_by.get(prefix, ())}):
            longer, total = (*prefix, label), float(grown[label])
            if longer in found:
                continue
            if len(lowest) < width and total > NEVER:
                heapq.heappush(lowest, (total, longer))
            elif total > lowest[0][0]:
                del found[heapq.heapreplace(lowest, (total, longer))[1]]
            else:
                lost.add(longer)                                  # TensorFlow's: it does not grow any more, where it is its turn yet
                continue
            found[longer] = _Beam(total, NEVER, total)
    return dict(sorted(found.items(), key=lambda item: -item[1].total))
