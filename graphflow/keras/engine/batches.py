"""Where batches come from: generators, Sequences and datasets."""
from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

import graphflow as tf

from ..backend.sessions import get_session
from ..utils.sequences import Sequence


def is_source(x: Any) -> bool:
    """Whether it gives batches, and is no array of samples."""
    return isinstance(x, (Sequence, tf.data.Dataset)) or _is_iterator(x) or hasattr(x, "__next__") or \
        hasattr(x, "__getitem__") and hasattr(x, "__len__") and hasattr(x, "on_epoch_end")


def _is_iterator(x: Any) -> bool:
    """Whether it is an iterator of tf.data."""
    return hasattr(x, "get_next") and hasattr(x, "output_shapes")


def nothing() -> Iterator[Any]:
    """Batches of nothing: for models whose inputs are tensors of the graph."""
    return itertools.repeat((None, None))


class Source:
    """Batches, epoch after epoch: `begin` gives the iterator of one epoch; `length` how many it has, where that is known."""

    def __init__(self, x: Any, shuffle: Any = False):
        self.x, self.shuffle = x, shuffle
        self.is_sequence = not isinstance(x, tf.data.Dataset) and hasattr(x, "__getitem__") and hasattr(x, "__len__") and \
            not hasattr(x, "__next__")
        self.is_dataset = isinstance(x, tf.data.Dataset) or _is_iterator(x)
        self.length: int | None = len(x) if self.is_sequence else None
        self._next: Any = None
        self._running: Any = None

    def begin(self, goes_on: bool) -> Iterator[Any]:
        """The batches of an epoch. goes_on: a dataset's next batches, where the last epoch left off."""
        if self.is_sequence:
            return self._of_sequence()
        if not self.is_dataset:
            return iter(self.x)
        if self._running is None or not goes_on:
            self._running = self._of_dataset()
        return self._running

    def end(self) -> None:
        """After an epoch."""
        if self.is_sequence and hasattr(self.x, "on_epoch_end"):
            self.x.on_epoch_end()

    def _of_sequence(self) -> Iterator[Any]:
        order = list(range(len(self.x)))
        if self.shuffle:
            np.random.shuffle(order)
        while True:
            for i in order:
                yield self.x[i]
            if self.length is not None:
                return

    def _of_dataset(self) -> Iterator[Any]:
        if tf.executing_eagerly():
            for batch in self.x:
                yield tf.nest.map_structure(lambda x: x.numpy() if hasattr(x, "numpy") else x, batch)
            return
        session = get_session()
        if self._next is None:
            with session.graph.as_default():
                iterator = self.x.make_initializable_iterator() if isinstance(self.x, tf.data.Dataset) else self.x
                self._iterator, self._next = iterator, iterator.get_next()
        if isinstance(self.x, tf.data.Dataset):
            session.run(self._iterator.initializer)
        while True:
            try:
                yield session.run(self._next)
            except tf.errors.OutOfRangeError:
                return
