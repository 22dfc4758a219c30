"""The loops over batches: of arrays that are cut into batches, and of batches that a generator gives."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ..callbacks.base import PREDICT, TRAIN, CallbackList
from .arrays import make_batches


class Sums:
    """Results of batches put together: the loss a mean over samples (or steps), metrics as they were last, predictions in a row."""

    def __init__(self, mode: str, all_last: bool = False):
        self.mode, self.all_last, self.total, self.count = mode, all_last, 0.0, 0
        self.last: list[Any] = []
        self.rows: list[list[Any]] = []

    def add(self, results: list[Any], size: int) -> None:
        """A batch. size: what its loss counts."""
        if self.mode == PREDICT:
            if not self.rows:
                self.rows = [[] for _ in results]
            for row, value in zip(self.rows, results):
                row.append(value)
            return
        if not self.all_last:
            self.total += results[0] * size
        self.count += size
        self.last = results[0 if self.all_last else 1:]

    def results(self) -> list[Any]:
        """For all batches."""
        if self.mode == PREDICT:
            return [row[0] if len(row) == 1 else np.concatenate(row) for row in self.rows]
        if self.all_last:
            return list(self.last)
        return [self.total / max(self.count, 1), *self.last] if self.count else []


def run_batches(model: Any, mode: str, function: Any, arrays: list[Any], batch_size: int, callbacks: CallbackList,
                shuffle: Any = False) -> list[Any]:
    """All batches of arrays once: one epoch. arrays: None where nothing is fed."""
    size = next((len(a) for a in arrays if a is not None), 0)
    order: Any = None
    if shuffle == "batch":
        order = _batch_shuffle(np.arange(size), batch_size)
    elif shuffle:
        order = np.arange(size)
        np.random.shuffle(order)
    sums, names = Sums(mode, model._is_free), list[str]()
    for number, (start, end) in enumerate(make_batches(size, batch_size)):
        batch = [a[start:end] for a in arrays] if order is None else [a[order[start:end]] for a in arrays]
        logs: dict[str, Any] = {"batch": number, "size": end - start}
        callbacks.batch(mode, "begin", number, logs)
        results = function(batch)
        sums.add(results, end - start)
        if mode == PREDICT:
            logs["outputs"] = results
        else:
            names = names or model.metrics_names
            logs.update(zip(names, results))
        callbacks.batch(mode, "end", number, logs)
        if model.stop_training and mode == TRAIN:
            break
    return sums.results()


def _batch_shuffle(order: Any, batch_size: int) -> Any:
    """Whole batches in another order; the rest of samples stays last."""
    count = len(order) // batch_size
    whole, rest = order[:count * batch_size].reshape(count, batch_size), order[count * batch_size:]
    np.random.shuffle(whole)
    return np.append(whole.reshape(-1), rest)


def run_steps(model: Any, mode: str, batches: Any, steps: int | None, callbacks: CallbackList) -> tuple[list[Any], int]:
    """`steps` batches of an iterator, or all of them: (results, how many there were)."""
    sums, names, count = Sums(mode, model._is_free), list[str](), 0
    eager = bool(tf.executing_eagerly())       # there a batch counts by its samples
    while steps is None or count < steps:
        try:
            data = next(batches)
        except StopIteration:
            break
        x, y, weights = unpack(data, mode)
        logs: dict[str, Any] = {"batch": count, "size": _size(x)}
        callbacks.batch(mode, "begin", count, logs)
        results = model._on_batch(mode, x, y, weights)
        sums.add(results, logs["size"] if eager else 1)
        if mode == PREDICT:
            logs["outputs"] = results
        else:
            names = names or model.metrics_names
            logs.update(zip(names, results))
        callbacks.batch(mode, "end", count, logs)
        count += 1
        if model.stop_training and mode == TRAIN:
            break
    return sums.results(), count


def unpack(data: Any, mode: str) -> tuple[Any, Any, Any]:
    """(inputs, targets, weights) of what a generator gave."""
    if not isinstance(data, tuple):
        if mode != PREDICT and isinstance(data, list) and len(data) in (2, 3):
            data = tuple(data)
        else:
            return data, None, None
    if len(data) == 1:
        return data[0], None, None
    if len(data) == 2:
        return data[0], data[1], None
    if len(data) == 3:
        return data
    raise ValueError(f"Output of generator should be a tuple `(x, y, sample_weight)` or `(x, y)`. Found: {str(data)[:200]}")


def _size(x: Any) -> int:
    while isinstance(x, (list, tuple, dict)) and len(x):
        x = next(iter(x.values())) if isinstance(x, dict) else x[0]
    return len(x) if hasattr(x, "__len__") else 1
