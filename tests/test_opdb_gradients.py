"""Gradients of order 1 and 2 against central differences along one random direction, in float64."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.values import IndexedSlices
from tests import opdb
from tests.opdb import _run

ROWS = [r for r in opdb.load() if r.gradient and "float64" in r.dtypes]
STEP = 1e-5


class Slope:
    """sum(w * outputs) along a line x + t v through a sample, and its derivatives by tf.gradients."""

    def __init__(self, row, example, erase=""):
        generator = np.random.default_rng(zlib.crc32(row.name.encode()))
        self.built = built = _run.Built(row, example, erase)
        self.xs = [t for t in built.tensors if t.dtype is tf.float64]
        self.directions = [generator.uniform(-1, 1, built.feeds[x].shape) for x in self.xs]
        with built.graph.as_default():
            ys = [y for y in built.outputs if y.dtype is tf.float64]
            sizes = [v.shape for v, t in zip(built.run(), built.outputs, strict=True) if t.dtype is tf.float64]
            weights = [tf.constant(generator.uniform(-1, 1, size)) for size in sizes]
            self.value = tf.add_n([tf.reduce_sum(y * w) for y, w in zip(ys, weights, strict=True)])
            self.first = self.along(self.value)
            self.second = None if self.first is None or not row.second else self.along(self.first)
        self.session = tf.Session(graph=built.graph)

    def along(self, value):
        """The derivative of a scalar along the direction, as a tensor; None if it is constant."""
        parts = []
        for gradient, v in zip(tf.gradients(value, self.xs), self.directions, strict=True):
            if isinstance(gradient, IndexedSlices):
                gradient = tf.convert_to_tensor(gradient)
            if gradient is not None:
                parts.append(tf.reduce_sum(gradient * tf.constant(v)))
        return tf.add_n(parts) if parts else None

    def at(self, tensor, t):
        feeds = dict(self.built.feeds)
        for x, v in zip(self.xs, self.directions, strict=True):
            feeds[x] = feeds[x] + t * v
        return self.session.run(tensor, feeds)

    def difference(self, tensor):
        return (self.at(tensor, STEP) - self.at(tensor, -STEP)) / (2 * STEP)


@pytest.mark.parametrize("erase", ["", "dims"])
@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_gradients_agree_with_central_differences(row, erase):
    if erase and not row.shapes:
        pytest.skip("the function needs static shapes")
    for number, example in enumerate(row.cases("float64")):
        slope = Slope(row, example, erase)
        if not slope.xs:
            continue
        with slope.session:
            assert slope.first is not None, f"{row.name}: no gradient; pass gradient=False if that is right"
            found, wanted = slope.at(slope.first, 0.0), slope.difference(slope.value)
            scale = max(1.0, abs(wanted))
            assert abs(found - wanted) < 1e-6 * scale * row.tolerance, f"{row.name} sample {number}, order 1: {found} but {wanted}"
            if row.second:
                found = 0.0 if slope.second is None else slope.at(slope.second, 0.0)
                wanted = slope.difference(slope.first)
                scale = max(1.0, abs(wanted))
                assert abs(found - wanted) < 1e-5 * scale * row.tolerance, f"{row.name} sample {number}, order 2: {found} but {wanted}"


@pytest.mark.parametrize("row", ROWS, ids=lambda r: r.name)
def test_gradients_have_the_shapes_of_their_inputs(row):
    example = row.cases("float64")[0]
    built = _run.Built(row, example)
    xs = [t for t in built.tensors if t.dtype is tf.float64]
    with built.graph.as_default():
        ys = [y for y in built.outputs if y.dtype is tf.float64]
        gradients = [(x, tf.convert_to_tensor(g)) for x, g in zip(xs, tf.gradients(ys, xs), strict=True) if g is not None]
    with tf.Session(graph=built.graph) as session:
        for (x, gradient), value in zip(gradients, session.run([g for _, g in gradients], built.feeds), strict=True):
            assert value.shape == built.feeds[x].shape and gradient.dtype is tf.float64
            assert x.shape.is_compatible_with(gradient.shape)
