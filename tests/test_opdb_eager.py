"""Every row of the op database with eager execution: values, dtypes and errors, and gradients by tapes, beside those of graphs."""
from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.op import load
from tests import opdb
from tests.eager.switched import eagerly
from tests.opdb import _run

REFUSALS = (ValueError, TypeError, LookupError, AttributeError, NotImplementedError, RuntimeError, tf.errors.OpError)


def by_reference(row):
    """Whether a row is about variables by reference or calls tf.gradients, which both need graphs."""
    return row.name.startswith("gradient of ") or any(
        load(op).signature().ref_inputs or op in ("Variable", "IsVariableInitialized") for op in row.ops)


ROWS = [r for r in opdb.load() if not by_reference(r)]
CASES = [(row, dtype) for row, dtype in opdb.cases() if not by_reference(row)]


def call(row, example):
    """The tensors of a call, eagerly: inputs and outputs."""
    tensors = []

    def tensor(array):
        tensors.append(tf.constant(array))
        return tensors[-1]
    inputs = opdb.map_arrays(example.inputs, tensor)
    return tensors, _run.flatten(row.call(tf, inputs, example.attrs))


def value(t):
    return opdb.as_array(t.numpy() if hasattr(t, "numpy") else t)


@pytest.mark.parametrize("case", CASES, ids=opdb.case_id)
def test_values_equal_those_of_graphs(case):
    row, dtype = case
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        wanted = built.run()
        wanted = [v for v, t in zip(wanted, built.outputs, strict=True) if not isinstance(t, tf.Operation)]
        with eagerly():
            found = [value(t) for t in call(row, example)[1] if t is not None]
            again = found if any(load(op).stateful for op in row.ops) else [value(t) for t in call(row, example)[1] if t is not None]
        assert len(found) == len(wanted) == len(again)
        for first, second in zip(found, again, strict=True):         # what the first call found out serves the second one
            np.testing.assert_array_equal(first, second)
        for i, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            assert ours.dtype == theirs.dtype
            _run.assert_close(ours, theirs, dtype, row.tolerance, f"{row.name} sample {number} output {i}")


GRADIENTS = [r for r in ROWS if r.gradient and "float64" in r.dtypes]


def derivatives(outputs, xs, weights, gradients):
    """The first and second derivatives of a weighted sum of the outputs. gradients: (y, xs) -> a list."""
    ys = [y for y in outputs if y.dtype.base_dtype is tf.float64]
    total = tf.add_n([tf.reduce_sum(y * w) for y, w in zip(ys, weights, strict=True)])
    return [None if g is None else tf.convert_to_tensor(g) for g in gradients(total, xs)]


@pytest.mark.parametrize("row", GRADIENTS, ids=lambda r: r.name)
def test_gradients_of_tapes_equal_those_of_graphs(row):
    for number, example in enumerate(row.cases("float64")):
        built = _run.Built(row, example)
        xs = [t for t in built.tensors if t.dtype is tf.float64]
        sizes = [v.shape for v, t in zip(built.run(), built.outputs, strict=True) if t.dtype is tf.float64]
        generator = np.random.default_rng(number)
        weights = [generator.uniform(-1, 1, size) for size in sizes]
        if not xs:
            continue
        with built.graph.as_default(), tf.Session() as session:
            first = derivatives(built.outputs, xs, weights, tf.gradients)
            second = []
            if row.second and any(g is not None for g in first):
                second = tf.gradients(tf.add_n([tf.reduce_sum(tf.sin(g)) for g in first if g is not None]), xs)
                second = [None if g is None else tf.convert_to_tensor(g) for g in second]
            wanted = [None if g is None else session.run(g, built.feeds) for g in first + second]
        with eagerly():
            with tf.GradientTape() as outer:
                with tf.GradientTape() as inner:
                    tensors = []

                    def tensor(array, inner=inner, outer=outer, tensors=tensors):
                        made = tf.constant(array)
                        if made.dtype is tf.float64:
                            outer.watch(made)
                            inner.watch(made)
                            tensors.append(made)
                        return made
                    inputs = opdb.map_arrays(example.inputs, tensor)
                    outputs = _run.flatten(row.call(tf, inputs, example.attrs))
                    total = tf.add_n([tf.reduce_sum(y * w) for y, w in zip(
                        [y for y in outputs if y.dtype is tf.float64], weights, strict=True)])
                first = [None if g is None else tf.convert_to_tensor(g) for g in inner.gradient(total, tensors)]
                again = None
                if second:
                    again = tf.add_n([tf.reduce_sum(tf.sin(g)) for g in first if g is not None])
            found = first + ([] if again is None else outer.gradient(again, tensors))
            found = [None if g is None else tf.convert_to_tensor(g).numpy() for g in found]
        for i, (ours, theirs) in enumerate(zip(found, wanted, strict=True)):
            what = f"{row.name} sample {number} derivative {i}"
            if theirs is None or ours is None:
                assert not np.any(theirs if ours is None else ours) or (ours is None) == (theirs is None), what
                continue
            _run.assert_close(ours, theirs, "float64", row.tolerance, what)


@pytest.mark.parametrize("row", [r for r in ROWS if r.errors], ids=lambda r: r.name)
def test_what_graphs_refuse_is_refused(row):
    for refused in row.errors:
        with eagerly(), pytest.raises(Exception) as caught:
            inputs = opdb.map_arrays(refused.inputs, tf.constant)
            row.call(tf, inputs, refused.attrs)
        assert isinstance(caught.value, REFUSALS), refused
