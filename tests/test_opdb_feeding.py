"""Feeding a tensor that a shape, an axis or a size came from: the run takes what is fed, also where it was known while building."""

from __future__ import annotations

import contextlib

import pytest

import graphflow as tf
from graphflow.core.op import static_positions
from tests import opdb
from tests.opdb import _run

FIRST = [(row, row.dtypes[0]) for row in opdb.load()]


def with_gradients(built):
    """The outputs, and the gradients of their sum for the floating inputs."""
    found = list(built.outputs)
    with built.graph.as_default():
        xs = [t for t in built.tensors if t.dtype.is_floating]
        ys = [t for t in built.outputs if t.dtype.is_floating]
        with contextlib.suppress(LookupError):  # an op without a gradient
            found += [tf.convert_to_tensor(g) for g in tf.gradients(ys, xs) if g is not None]
    return found


def static_inputs(built):
    found = [op._inputs[p] for op in built.graph.get_operations() for p in static_positions(type(op._op_def), len(op._inputs))]
    return [t for t in dict.fromkeys(found) if t not in built.feeds and built.graph.is_feedable(t)]


@pytest.mark.parametrize("case", FIRST, ids=opdb.case_id)
def test_feeding_a_shape_axis_or_size_its_own_value_changes_nothing(case):
    row, dtype = case
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        if any(op._op_def.stateful for op in built.graph.get_operations()):
            pytest.skip("stateful: no two runs need agree")
        outputs, static = with_gradients(built), static_inputs(built)
        if not static:
            continue
        with tf.Session(graph=built.graph) as session:
            wanted, values = session.run([outputs, static], built.feeds)
            found = session.run(outputs, {**built.feeds, **dict(zip(static, values, strict=True))})
        for i, (a, b) in enumerate(zip(found, wanted, strict=True)):
            _run.assert_close(a, b, dtype, row.tolerance, f"{row.name} sample {number} output {i}")
