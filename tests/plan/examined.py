"""What must hold for any plan of any program: passes may stand in every order, and a second run of them changes nothing.

`python -m tests.plan.examined PROGRAM ARGUMENTS...` runs a program as `graphflow run` does, looks at each plan before its first run, and
prints a line of counts at the end.
"""
import collections
import copy
import itertools
import random
import sys

import numpy as np

from graphflow.plan import pipeline
from graphflow.plan.bodies import all_nodes
from graphflow.plan.node import HOLDERS
from graphflow.plan.verify import verify
from graphflow.runtime.engines.numpy_engine import compile_plan
from graphflow.runtime.executor import Executor
from graphflow.runtime.store import Binding, Store

_ALL = list(itertools.permutations(range(len(pipeline.PASSES))))
ORDERS = [_ALL[0], _ALL[-1], *random.Random(0).sample(_ALL, 22)]        # of thousands
ROUNDS = len(pipeline.PASSES)      # of the passes in a foreign order, after which nothing may change any more


def examine(executor, values, orders=ORDERS):
    """Raises AssertionError for a plan that a second run of the passes changes, or that gives other values in another order of them.

    executor: of a signature. values: of the fed tensors. Returns counts of what was seen.
    """
    seen = collections.Counter(plans=1)
    feeds = [(tensor, value.shape) for tensor, value in zip(executor.fed, values, strict=True)]
    whole = [plan for _, plan in pipeline.stages(executor.ops, executor.fetches, feeds, bound(executor, executor.store))]
    for plan in whole:
        verify(plan)
    for name, change in pipeline.PASSES:
        assert change(whole[-1]) is whole[-1], f"{name} changes the plan once more:\n{whole[-1]}\n\n{change(whole[-1])}"
    seen["bodies"] = sum(node.prim in HOLDERS for node in all_nodes(whole[-1]))
    acts = any(node.prim == "call" and node.par.op_def.stateful and node.par.op.type != "Assert" for node in all_nodes(whole[0]))
    seen["run"] = not acts
    first = None if acts else outcome(executor, whole[-1], values)      # makes what random operations keep, too
    start = executor.store if acts else first[0]
    wanted = None if acts else outcome(executor, whole[-1], values, start)[1]
    for order in orders:
        plan = whole[0]
        for i in [*order] * ROUNDS:
            plan = pipeline.PASSES[i][1](plan)
            verify(plan)
        for i in order:
            name, change = pipeline.PASSES[i]
            assert change(plan) is plan, f"{name} changes the plan after {ROUNDS} rounds in the order {order}"
        if not acts:
            same(outcome(executor, plan, values, start)[1], wanted, order)
    return seen


def bound(executor, store):
    return Binding(executor.session, store)


def outcome(executor, plan, values, states=None):
    """(store, what a plan gives and writes) for copies of the session's variables, and of what operations keep in a store `states`."""
    store = Store(executor.store.engine)
    for key in executor.store.slots:
        value = executor.store.value(key)
        if value is not None:
            store.rebind(key, np.array(value))
    store.states = {name: copy.copy(kept) for name, kept in (states or executor.store).states.items()}    # streams, which move on
    given = [np.array(value) for value in values]
    found = compile_plan(plan, bound(executor, store)).instance()(*given)
    for mine, theirs in zip(given, values, strict=True):
        np.testing.assert_array_equal(mine, theirs, err_msg="a fed array was written")
    return store, ([np.array(v) for v in found if v is not None], {key: np.array(store.value(key)) for key, _ in plan.effects})


def same(found, wanted, order):
    for mine, theirs in zip(found[0], wanted[0], strict=True):
        close(mine, theirs, f"in the order {order}")
    for key in found[1].keys() | wanted[1].keys():     # a write that changes nothing may be dropped
        if key in found[1] and key in wanted[1]:
            close(found[1][key], wanted[1][key], f"{key} in the order {order}")


def close(mine, theirs, what):
    if theirs.dtype.kind in "fc":
        np.testing.assert_allclose(mine, theirs, rtol=1e-5, atol=1e-6, err_msg=what)
    else:
        np.testing.assert_array_equal(mine, theirs, err_msg=what)


def watch(executor_class, orders=ORDERS):
    """Has every plan examined before its first run from now on; returns the counts, which grow."""
    counts, seen, run = collections.Counter(), set(), executor_class.run

    def examined(self, values):
        key = (self, *[v.shape for v in values])
        if key not in seen:
            seen.add(key)
            counts.update(examine(self, values, orders))
        return run(self, values)

    executor_class.run = examined
    return counts


def main():
    from graphflow.cli import main as graphflow
    counts = watch(Executor, ORDERS[::5])
    sys.argv = ["graphflow", "run", *sys.argv[1:]]
    code = graphflow()
    print(dict(counts))
    sys.exit(code)


if __name__ == "__main__":
    main()
