"""Connectionist temporal classification (Graves et al., 2006): the loss of labels under frames of logits, and its gradient.

A label sequence l is stretched to l' = blank l1 blank l2 ... blank. A path goes through l' frame by frame: it stays, steps to the next, or
steps over a blank between two labels that differ. alpha and beta are the log probabilities of all paths up to, and from, a place in l'.
"""
from __future__ import annotations

from collections.abc import Sequence

import numpy as np

NEVER = float("-inf")


def label_lists(indices: np.ndarray, values: np.ndarray, batch: int, classes: int, blank: int) -> list[list[int]]:
    """The labels of each sequence, as far as the first that is no class; ValueError for what CTC refuses."""
    lists: list[list[int]] = [[] for _ in range(batch)]
    before: tuple[int, ...] = (-1, -1)
    for row, (where, value) in enumerate(zip(indices.tolist(), values.tolist(), strict=True)):
        place = f"label SparseTensor is not valid: indices[{row}] = [{where[0]},{where[1]}] is"
        if not 0 <= where[0] < batch or where[1] < 0:
            raise ValueError(f"{place} out of bounds: need 0 <= index < [{batch},...]")
        if tuple(where) <= before:
            raise ValueError(f"{place} " + ("repeated." if tuple(where) == before else "out of order. Many sparse ops require sorted "
                                            "indices: tf.sparse.reorder(labels) gives them."))
        before = tuple(where)
        lists[where[0]].append(value)
    for number, labels in enumerate(lists):
        if not labels:
            raise ValueError(f"Labels length is zero in batch {number}")
        if min(labels) < 0:
            raise ValueError(f"All labels must be nonnegative integers, batch: {number} labels: {','.join(map(str, labels))}")
        end = next((i for i, label in enumerate(labels) if label >= classes or (label == blank and blank == classes - 1)), len(labels))
        if any(label < classes - 1 for label in labels[end:]):
            raise ValueError(f"Saw a non-null label (index >= num_classes - 1) following a null label, batch: {number} num_classes: "
                             f"{classes} labels: {','.join(map(str, labels))} labels seen so far: {','.join(map(str, labels[:end]))}")
        del labels[end:]
    return lists


def ctc(logits: np.ndarray, labels: Sequence[Sequence[int]], lengths: np.ndarray, blank: int,
        merge: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """(loss of each sequence, its gradient by the logits). logits: [time, batch, classes]; computed in float64.

    merge: a label that repeats itself without a blank between counts once. Where no path gives the labels, the loss is infinite and the
    gradient the probabilities themselves. Frames beyond a sequence's length have no gradient.
    """
    time, batch = logits.shape[:2]
    wide = logits.astype(np.float64)
    shifted = wide - wide.max(axis=2, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))
    stretched = np.full((batch, 2 * max(map(len, labels), default=0) + 1), blank)
    for number, sequence in enumerate(labels):
        stretched[number, 1:2 * len(sequence):2] = sequence
    states = np.array([2 * len(sequence) + 1 for sequence in labels])
    inside = np.arange(stretched.shape[1]) < states[:, None]
    emitted = np.where(inside, np.take_along_axis(logs, np.broadcast_to(stretched, (time, *stretched.shape)), 2), NEVER)
    stay = (stretched == blank) | merge
    over = np.zeros_like(inside)
    over[:, 2:] = (stretched[:, 2:] != blank) & ~(merge & (stretched[:, 2:] == stretched[:, :-2]))
    ends = inside & (np.arange(stretched.shape[1]) >= states[:, None] - 2)
    alpha = _forwards(emitted, stay, over)
    beta = _backwards(emitted, stay, over, ends, lengths)
    last = alpha[np.maximum(lengths - 1, 0), np.arange(batch)]
    total = np.logaddexp.reduce(np.where(ends, last, NEVER), axis=1)
    found = np.where(np.isfinite(total), total, 0)[:, None]
    visits = np.exp(alpha + beta - found)                    # how likely each place is at each frame
    gradient = np.exp(logs)
    times, rows = np.indices((time, batch))
    np.subtract.at(gradient, (times[..., None], rows[..., None], np.broadcast_to(stretched, visits.shape)), visits)
    gradient *= np.arange(time)[:, None, None] < lengths[:, None]
    return np.where(lengths > 0, -total, 0.0).astype(logits.dtype), gradient.astype(logits.dtype)


def _shifted(states: np.ndarray, by: int) -> np.ndarray:
    """What each place gets from the one `by` places before it (behind it, where negative)."""
    moved = np.full_like(states, NEVER)
    if by > 0:
        moved[:, by:] = states[:, :-by]
    else:
        moved[:, :by] = states[:, -by:]
    return moved


def _forwards(emitted: np.ndarray, stay: np.ndarray, over: np.ndarray) -> np.ndarray:
    alpha = np.full_like(emitted, NEVER)
    alpha[:1, :, :2] = emitted[:1, :, :2]
    for t in range(1, len(emitted)):
        before = alpha[t - 1]
        coming = np.logaddexp(np.where(stay, before, NEVER), _shifted(before, 1))
        alpha[t] = np.logaddexp(coming, np.where(over, _shifted(before, 2), NEVER)) + emitted[t]
    return alpha


def _backwards(emitted: np.ndarray, stay: np.ndarray, over: np.ndarray, ends: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    beta = np.full_like(emitted, NEVER)
    for t in range(len(emitted) - 1, -1, -1):
        if t + 1 < len(emitted):
            after = beta[t + 1] + emitted[t + 1]
            going = np.logaddexp(np.where(stay, after, NEVER), _shifted(after, -1))
            beta[t] = np.logaddexp(going, _shifted(np.where(over, after, NEVER), -2))
        beta[t] = np.where((lengths - 1 == t)[:, None], np.where(ends, 0.0, NEVER), beta[t])
    return beta
