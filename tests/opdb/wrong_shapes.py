"""Inputs of wrong shapes for every row: one axis more, fewer, longer, shorter or empty than in the row's first samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np

from . import Row, Sample, map_arrays

SAMPLES = 1     # of each row


def changed(array: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """(what was done, the array after it)"""
    yield "one axis more", array[None]
    if array.ndim:
        yield "no axes", array.reshape(-1)[:1].reshape(()) if array.size else np.zeros((), array.dtype)
        if array.shape[0]:
            yield "first axis gone", array[0]
    for axis, size in enumerate(array.shape):
        if size:
            yield f"axis {axis} longer", np.concatenate([array, array.take([0], axis)], axis)
            yield f"axis {axis} empty", array.take([], axis)
        if size > 1:
            yield f"axis {axis} shorter", array.take(range(size - 1), axis)


def cases(row: Row) -> Iterator[tuple[str, Sample]]:
    """(name, sample) for each change of each array input of the first samples, in the row's first dtype."""
    for number, example in enumerate(row.cases(row.dtypes[0])[:SAMPLES]):
        arrays: list[np.ndarray] = []
        map_arrays(example.inputs, arrays.append)
        for place, array in enumerate(arrays):
            for what, wrong in changed(array):
                yield f"{number}.{place} {what}", Sample(replaced(example.inputs, place, wrong), example.attrs)


def replaced(inputs: Any, place: int, wrong: np.ndarray) -> Any:
    """The inputs with the array at a place exchanged."""
    places = count()
    return map_arrays(inputs, lambda array: wrong if next(places) == place else array)


class Call:
    """A row's call with inputs of which nothing is known while building, by graphflow or TensorFlow."""

    def __init__(self, tf: Any, row: Row, example: Sample, flatten: Any):
        self.tf, self.graph = tf, tf.Graph()
        self.feeds: dict[Any, np.ndarray] = {}
        with self.graph.as_default():
            self.outputs = flatten(row.call(tf, map_arrays(example.inputs, self.tensor), example.attrs))

    def tensor(self, array: np.ndarray) -> Any:
        made = self.tf.placeholder(self.tf.string if array.dtype == object else array.dtype)
        self.feeds[made] = array
        return made

    def run(self) -> list[np.ndarray]:
        """The outputs, in a session of its own."""
        with self.tf.Session(graph=self.graph) as session:
            return list(session.run(self.outputs, self.feeds))
