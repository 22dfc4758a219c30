"""Random nestings of branches, loops, lists and variables: an engine gives what an interpreter without buffers and passes gives.

GRAPHFLOW_LOOP_SEEDS, "first:last", chooses other seeds.
"""
import os

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime.store import Binding
from tests.ops.control_flow.random_programs import MatrixMaker, of_seed

pytest.importorskip("jax")
from tests.plan.second_interpreter import interpret

FIRST, LAST = (int(s) for s in os.environ.get("GRAPHFLOW_LOOP_SEEDS", "0:300").split(":"))
SOME = (20, 47, *range(4))          # in every run; 20 and 47 hand values through branches and inner loops to the next turn


@pytest.mark.parametrize("seed", SOME)
def test_some_programs(seed):
    same_values(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [seed for seed in range(FIRST, LAST) if seed not in SOME])
def test_programs(seed):
    same_values(seed)


def same_values(seed):
    """Two runs of a program, and of its plan before any pass."""
    with tf.Graph().as_default() as graph:
        fetches = list(dict.fromkeys(of_seed(seed, MatrixMaker)(tf)))
        variables = tf.global_variables()
        with tf.Session(graph=graph) as session, tf.Session(graph=graph) as other:
            for each in (session, other):
                each.run([v.initializer for v in variables])
            plan = other.explain(fetches, {}, stages=True)[0][1]
            for _ in range(2):
                wanted = session.run(fetches)
                given = [np.array(other._store.value(node.par)) for node in plan.inputs]
                found, written = interpret(plan, given, Binding(other, other._store).context)
                for mine, theirs in zip(wanted, found, strict=True):
                    np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-12)
                for key, value in written.items():
                    np.testing.assert_allclose(session._store.value(key), value, rtol=1e-9, atol=1e-12, err_msg=key)
                    other._store.rebind(key, np.array(value))
