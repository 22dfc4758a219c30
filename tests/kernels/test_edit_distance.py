"""Edit distances of many pairs at once: those of a table filled cell by cell."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.kernels import edit_distance


def looped(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


def sparse(rows, shape):
    """A grid of sequences as a sparse tensor."""
    places = [(*np.unravel_index(i, shape), j) for i, row in enumerate(rows) for j in range(len(row))]
    values, longest = [v for row in rows for v in row], max(map(len, rows), default=0)
    return np.array(places, np.int64).reshape(-1, len(shape) + 1), values, np.array([*shape, longest], np.int64)


@pytest.mark.parametrize("kind", ["ints", "floats", "words"])
@pytest.mark.parametrize("normalize", [True, False])
@pytest.mark.parametrize("shape", [(30,), (2, 3, 4), (1,), (0,)])
def test_distances_of_random_pairs(kind, normalize, shape, monkeypatch):
    monkeypatch.setattr(edit_distance, "_AT_ONCE", 50)
    source = np.random.default_rng(len(shape) + normalize)
    alphabet = {"ints": np.arange(4), "floats": np.array([0.5, -0.0, 0.0, 2.0]), "words": np.array([b"a", b"bc", b"", b"d"], object)}[kind]
    pairs = [[alphabet[source.integers(0, 4, source.integers(0, 12))].tolist() for _ in range(int(np.prod(shape)))] for _ in range(2)]
    dtype = {"ints": tf.int64, "floats": tf.float64, "words": tf.string}[kind]
    with tf.Graph().as_default(), tf.Session() as session:
        parts = [sparse(side, shape) for side in pairs]
        sides = [tf.SparseTensor(i, tf.constant(v, dtype, [len(v)]), size) for i, v, size in parts]
        found = session.run(tf.edit_distance(*sides, normalize=normalize))
    wanted = [looped(a, b) for a, b in zip(*pairs, strict=True)]
    if normalize:
        wanted = [w / len(b) if b else np.inf if a else 0.0 for w, a, b in zip(wanted, *pairs, strict=True)]
    np.testing.assert_array_equal(found, np.reshape(wanted, shape).astype(np.float32))


def test_elements_out_of_the_shape_are_refused():
    with tf.Graph().as_default(), tf.Session() as session:
        fed = tf.sparse_placeholder(tf.int64, [None, None])
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(tf.edit_distance(fed, fed), {fed: tf.SparseTensorValue([[3, 0]], [1], [2, 2])})
