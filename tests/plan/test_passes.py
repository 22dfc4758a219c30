"""Passes stand in any order, and a second run of the list changes nothing."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan import pipeline
from graphflow.plan.passes import fusion
from graphflow.plan.verify import verify
from graphflow.runtime.engines.numpy_engine import compile_plan
from graphflow.runtime.store import Binding
from tests import opdb
from tests.opdb import _run
from tests.plan.examined import ORDERS, ROUNDS

CASES = [case for case in opdb.cases() if case[1] == case[0].dtypes[0]]


def executor(session):
    return next(iter(session._prepared.values())).executor


def lowered(made, shapes):
    feeds = list(zip(made.fed, shapes, strict=True))
    return pipeline.Lowering(made.ops, made.fetches, feeds, Binding(made.session, made.store), pipeline.HOLDERS).run()


@pytest.mark.parametrize("case", CASES, ids=opdb.case_id)
def test_a_second_run_of_the_passes_changes_no_plan_of_the_op_database(case):
    row, dtype = case
    for example in row.cases(dtype):
        built = _run.Built(row, example)
        if not built.outputs:
            continue
        with tf.Session(graph=built.graph) as session:
            plan = session.explain(built.outputs, built.feeds, stages=True)[-1][1]
        again = plan
        for name, change in pipeline.PASSES:
            again = change(again)
            assert again is plan, f"{name} changes the plan once more:\n{plan}\n\n{again}"


def network():
    x, labels = tf.placeholder(tf.float32, [8, 6]), tf.placeholder(tf.int32, [8])
    w = tf.Variable(np.linspace(-1, 1, 30).reshape(6, 5).astype("f"))
    h = tf.matmul(tf.tanh(x), w)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=h))
    feeds = {x: np.linspace(-2, 2, 48).reshape(8, 6).astype("f"), labels: np.arange(8) % 5}
    return [loss, tf.train.AdamOptimizer(0.1).minimize(loss), tf.transpose(h), x], feeds


def views_and_fetched_variables():
    v, x = tf.Variable(np.arange(12, dtype="f").reshape(3, 4)), tf.placeholder(tf.float32, [4])
    y = tf.exp(v * 0.1) + x
    return [tf.transpose(v), tf.reshape(v, [12]), v.assign(v * 0.5 + y), tf.reduce_sum(y), tf.constant([1.0, 2.0])], {x: np.ones(4, "f")}


@pytest.mark.parametrize("program", [network, views_and_fetched_variables])
@pytest.mark.parametrize("order", ORDERS)
def test_passes_stand_in_any_order(program, order, monkeypatch):
    monkeypatch.setattr(fusion, "MINIMUM", 4)
    monkeypatch.setattr(fusion, "BLOCK", 16)
    with tf.Graph().as_default(), tf.Session() as session:
        fetches, feeds = program()
        session.run(tf.global_variables_initializer())
        before = {key: slot.value.copy() for key, slot in session._store.slots.items()}
        session._prepared.clear()
        wanted = [v for v in session.run(fetches, feeds) if v is not None]
        after = {key: slot.value.copy() for key, slot in session._store.slots.items()}
        made = executor(session)
        for key, value in before.items():
            session._store.rebind(key, value)
        plan = lowered(made, [np.shape(v) for v in feeds.values()])
        for _ in range(ROUNDS):
            for i in order:
                plan = pipeline.PASSES[i][1](plan)
                verify(plan)
        step = compile_plan(plan, Binding(session, session._store)).instance()
        found = step(*[np.asarray(v, t.dtype.np) for t, v in feeds.items()])
        for mine, theirs in zip(found, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
        for key, value in after.items():
            np.testing.assert_allclose(session._store.slots[key].value, value, rtol=1e-6, err_msg=key)
        for i in order:         # after that nothing changes, whatever the order
            assert pipeline.PASSES[i][1](plan) is plan


def test_a_plan_runs_without_any_pass():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [600, 300])
        fetches = [tf.reduce_sum(tf.exp(x) * 2.0), tf.exp(x)]
        value = np.linspace(0, 1, 180000, dtype="f").reshape(600, 300)
        wanted = session.run(fetches, {x: value})
        plan = lowered(executor(session), [(600, 300)])
        assert plan.fused is None and plan.layout is None
        found = compile_plan(plan, Binding(session, session._store)).instance()(value)
        for mine, theirs in zip(found, wanted, strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)
