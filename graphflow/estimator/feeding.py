"""Input from arrays in memory: threads enqueue rows, the graph dequeues batches of them."""
from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

import graphflow as tf

from ..train.queue_runners import QueueRunner


class FeedingRunner(QueueRunner):
    """A QueueRunner whose threads each feed what an iterator of their own gives. feeds: (placeholders, iterator of lists of arrays)."""

    def __init__(self, queue: Any, enqueue_ops: list[Any], feeds: list[tuple[list[Any], Iterator[Any]]]):
        super().__init__(queue, enqueue_ops, queue_closed_exception_types=(tf.errors.OutOfRangeError, tf.errors.CancelledError))
        self._feeds = dict(zip(enqueue_ops, feeds))

    def _caller(self, session: Any, operation: Any) -> Callable[[], Any]:
        placeholders, rows = self._feeds[operation]
        enqueue = session.make_callable(operation, feed_list=placeholders)

        def call() -> None:
            arrays = next(rows, None)
            if arrays is None:
                raise tf.errors.OutOfRangeError(None, operation, "All epochs were enqueued.")
            enqueue(*arrays)
        return call

    def to_proto(self, export_scope: str | None = None) -> None:
        """None: the arrays are in this program only, so that a MetaGraph is written without the runner."""
        return


def rows_in_turn(length: int, size: int, start: int, epochs: int | None) -> Iterator[Any]:
    """Indices of `size` rows at a time, round and round from `start`, `epochs` times (None: for ever); the last ones may be fewer."""
    total = None if epochs is None else epochs * length
    for first in itertools.count(0, size):
        count = size if total is None else min(size, total - first)
        if count <= 0:
            return
        yield (np.arange(first, first + count) + start) % length


def enqueue_data(columns: dict[Any, Any], index: Any, capacity: int, shuffle: bool, num_threads: int, enqueue_size: int,
                 num_epochs: int | None, min_after_dequeue: float | None = None, name: str = "enqueue_input") -> Any:
    """A queue of the rows of equally long arrays; the first component of an element is the row's entry in `index`.

    With shuffle, rows leave in random order, each thread begins anywhere, and min_after_dequeue rows (a quarter of `capacity`) stay for
    that. num_epochs counts for each thread.
    """
    arrays = [np.asarray(index), *map(_plain, columns.values())]
    length = len(arrays[0])
    if num_threads > 1:
        if num_epochs is not None:
            tf.logging.warning("num_epochs holds for each of %d threads, so the data come that much oftener; use num_threads=1.",
                               num_threads)
        if not shuffle:
            tf.logging.warning("%d threads read the data, each in order, so that together there is none; use num_threads=1, or "
                               "shuffle=True.", num_threads)
    with tf.name_scope(name):
        dtypes, shapes = [tf.as_dtype(_dtype(a)) for a in arrays], [a.shape[1:] for a in arrays]
        least = int(capacity / 4 if min_after_dequeue is None else min_after_dequeue) if shuffle else 0
        queue = tf.RandomShuffleQueue(capacity, least, dtypes, shapes) if shuffle else tf.FIFOQueue(capacity, dtypes, shapes)
        begins = random.Random(tf.get_default_graph().seed)      # without a seed of the graph: anywhere
        operations, feeds = [], []
        for _ in range(num_threads):
            placeholders = [tf.placeholder(dtype) for dtype in dtypes]
            operations.append(queue.enqueue_many(placeholders))
            turns = rows_in_turn(length, enqueue_size, begins.randrange(length) if shuffle else 0, num_epochs)
            feeds.append((placeholders, _taken(arrays, turns)))
        tf.train.add_queue_runner(FeedingRunner(queue, operations, feeds))
        full = tf.cast(tf.maximum(0, queue.size() - least), tf.float32) * (1.0 / (capacity - least))
        tf.summary.scalar(f"queue/{queue.name}fraction_over_{least}_of_{capacity - least}_full", full)
    return queue


def _taken(arrays: list[Any], turns: Iterator[Any]) -> Iterator[list[Any]]:
    for rows in turns:
        yield [array[rows] for array in arrays]


def _plain(column: Any) -> Any:
    """A column as an array; of strings, as one of objects."""
    array = np.asarray(column)
    return array.astype(object) if array.dtype.kind in "US" else array


def _dtype(array: Any) -> Any:
    return tf.string if array.dtype.kind == "O" else array.dtype
