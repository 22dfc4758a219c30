"""Plans are closed and complete: an interpreter over jax.numpy that sees nothing but the plan gives the same values."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.bodies import all_nodes
from tests import opdb
from tests.opdb import _run

pytest.importorskip("jax")
from tests.plan.second_interpreter import interpret

ALL = [case for case in opdb.cases() if case[1] == case[0].dtypes[0] and case[1] not in ("string", "bfloat16")]
SESSIONS = ("call", "stream")       # kernels on the host, random streams: what they give is the session's
SOME = ALL[::40]        # in every run; JAX compiles each primitive for each shape, so that all of them take minutes


def given(plan, feeds, session):
    return [session._store.value(node.par) if node.prim == "variable" else feeds[node.par] for node in plan.inputs]


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=opdb.case_id)
def test_every_row_that_traces(case):
    same_values(*case)


@pytest.mark.parametrize("case", SOME, ids=opdb.case_id)
def test_some_rows(case):
    same_values(*case)


def same_values(row, dtype):
    interpreted = 0
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        with tf.Session(graph=built.graph) as session:
            if not built.outputs:
                continue
            wanted = [_run.as_array(v) for v in session.run(built.outputs, built.feeds)]
            plan = session.explain(built.outputs, built.feeds, stages=True)[-1][1]
            if any(node.prim in SESSIONS for node in all_nodes(plan)) or any(w.dtype.kind == "O" for w in wanted):
                continue
            fed = [np.asarray(value, tensor.dtype.base_dtype.np) for tensor, value in built.feeds.items()]
            found, _ = interpret(plan, given(plan, fed, session))
        interpreted += 1
        for i, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
            assert mine.dtype == theirs.dtype
            _run.assert_close(np.asarray(mine), theirs, dtype, max(row.tolerance, 5), f"{row.name} sample {number} output {i}")
    if not interpreted:
        pytest.skip("runs on the host")


def test_writes_conditions_and_loops():
    from tests.plan.test_control import newton, run
    a, n = np.linspace(1, 9, 12, dtype="f").reshape(3, 4), np.asarray(30, np.int32)
    (root,), plan, _ = run(lambda xp, a, n: [newton(xp, a, n)], a, n)
    np.testing.assert_allclose(interpret(plan, [a, n])[0][0], root, rtol=1e-6)
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [4, 3])
        w = tf.get_variable("w", [3, 2], initializer=tf.ones_initializer())
        loss = tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w)) - 0.3))
        step = tf.train.AdamOptimizer(0.1).minimize(loss)
        session.run(tf.global_variables_initializer())
        value = np.linspace(-1, 1, 12, dtype="f").reshape(4, 3)
        plan = session.explain([loss, step], {x: value}, stages=True)[-1][1]
        (mine,), written = interpret(plan, given(plan, [value], session))
        assert mine == pytest.approx(session.run([loss, step], {x: value})[0], rel=1e-6)
        assert set(written) == {"w", "w/Adam", "w/Adam_1", "beta1_power", "beta2_power"}
        for key, array in written.items():
            np.testing.assert_allclose(array, session._store.value(key), rtol=1e-5, atol=1e-7)
