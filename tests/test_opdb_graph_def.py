"""Every row's graph goes through a GraphDef and comes back with the same nodes and values."""

from __future__ import annotations

import pytest

import graphflow as tf
from tests import opdb
from tests.opdb import _run


@pytest.mark.parametrize("row", opdb.load(), ids=lambda r: r.name)
def test_graphs_survive_a_graph_def(row):
    example = row.cases(row.dtypes[0])[0]
    built = _run.Built(row, example)
    message = tf.GraphDef.FromString(built.graph.as_graph_def().SerializeToString())
    with tf.Graph().as_default() as copy:
        tf.import_graph_def(message, name="")
    mine, theirs = built.graph.get_operations(), copy.get_operations()
    assert [(o.name, o.type) for o in mine] == [(o.name, o.type) for o in theirs]
    for before, after in zip(mine, theirs, strict=True):
        assert [t.name for t in before.inputs] == [t.name for t in after.inputs]
        if before.type != "Const":
            assert before._op_def is after._op_def or before._op_def.attributes() == after._op_def.attributes(), before.name
    tensors = [t for t in built.outputs if isinstance(t, tf.Tensor)]
    with tf.Session(graph=copy) as session:
        found = session.run([t.name for t in tensors], {t.name: v for t, v in built.feeds.items()})
    wanted = [v for t, v in zip(built.outputs, built.run(), strict=True) if t in tensors]
    for a, b in zip(map(opdb.as_array, found), wanted, strict=True):
        _run.assert_close(a, b, row.dtypes[0], row.tolerance, row.name)
