"""Plans are closed and complete: an interpreter over jax.numpy that sees nothing but the plan gives the same values."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime.store import Binding
from tests import opdb
from tests.opdb import _run

pytest.importorskip("jax")
from tests.plan.second_interpreter import interpret

ALL = [case for case in opdb.cases() if case[1] == case[0].dtypes[0]]
SOME = ALL[::40]        # in every run; JAX compiles each primitive for each shape, so that all of them take minutes


def given(plan, feeds, session):
    return [session._store.value(node.par) if node.prim == "variable" else feeds[node.par] for node in plan.inputs]


@pytest.mark.slow
@pytest.mark.parametrize("case", ALL, ids=opdb.case_id)
def test_every_row(case):
    same_values(*case)


@pytest.mark.parametrize("case", SOME, ids=opdb.case_id)
def test_some_rows(case):
    same_values(*case)


@pytest.mark.slow
@pytest.mark.parametrize("case", [case for case in ALL if case[0].gradient], ids=opdb.case_id)
def test_the_gradient_of_every_row(case):
    same_values(*case, gradients=True)


def same_values(row, dtype, gradients=False):
    """Outputs and written variables of a session's run, and of the plan that another session makes of the same graph."""
    for number, example in enumerate(row.cases(dtype)):
        built = _run.Built(row, example)
        if gradients:
            with built.graph.as_default():
                made = tf.gradients([t for t in built.outputs if t.dtype.is_floating], [t for t in built.tensors if t.dtype.is_floating])
                built.outputs = list(dict.fromkeys(tf.convert_to_tensor(t) for t in made if t is not None))
        if not built.outputs:
            continue
        with tf.Session(graph=built.graph) as session, tf.Session(graph=built.graph) as other:
            wanted = [_run.as_array(v) for v in session.run(built.outputs, built.feeds)]
            plan = other.explain(built.outputs, built.feeds, stages=True)[-1][1]
            fed = [np.asarray(value, tensor.dtype.base_dtype.np) for tensor, value in built.feeds.items()]
            found, written = interpret(plan, given(plan, fed, other), Binding(other, other._store).context)
        where = f"{row.name} sample {number}"
        for i, (mine, theirs) in enumerate(zip(found, wanted, strict=True)):
            assert mine.dtype == theirs.dtype
            _run.assert_close(np.asarray(mine), theirs, dtype, max(row.tolerance, 5), f"{where} output {i}")
        for key, value in written.items():
            _run.assert_close(np.asarray(value), session._store.value(key), dtype, max(row.tolerance, 5), f"{where} variable {key}")


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
