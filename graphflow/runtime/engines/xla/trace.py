"""A plan as a function that JAX traces: conds and loops are lax.cond and lax.while_loop.

`check` nodes cannot raise in compiled code: the function carries the number of the first one that failed, 0 for none, which the program
looks at afterwards.
"""
from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ....kernels.namespace import numpy_namespace
from ....ops.checks.asserts import Assert
from ....plan.bodies import all_nodes, results
from ....plan.ir import Handle, Plan
from ....plan.node import INPUTS, Node, Untraceable, bodies
from . import bounds, lists
from .callbacks import call_back
from .lists import Rows
from .primitives import PRIMITIVES
from .values import on_device


def _lies_there(value: Any) -> bool:
    """Whether a device may hold a value: numbers of known shape, and lists, which only tracing tells from strings."""
    return not isinstance(value, Handle) and value is not None and value.shape is not None and (
        on_device(value.dtype) or (value.dtype.kind == "O" and value.shape == ()))


def traceable(node: Node) -> bool:
    """Whether a node can be part of compiled code: it and its arguments are numbers of known shapes."""
    if node.prim in INPUTS:
        return _lies_there(node) and (node.prim == "argument" or on_device(node.dtype))
    if node.prim in ("cond", "loop"):
        return (all(map(_lies_there, node.args))
                and all(shape is not None and (dtype.kind == "O" or on_device(dtype)) for shape, dtype in results(node))
                and not any(inner.prim == "stream" for body in bodies(node).values() for inner in all_nodes(body)))
    if node.prim == "call":
        par = node.par
        if par.guards:                           # what it gives has to be looked at before the plan goes on
            return False
        if lists.function(node) is not None:
            return True
        if is_assertion(node):
            return _lies_there(node.args[0])
        return (not par.op_def.stateful and not par.mutates and not par.unchecked and all(map(_lies_there, node.args))
                and all(shape is not None and on_device(dtype) for shape, dtype in par.results)
                and all(on_device(a.dtype) for a in node.args))
    if node.prim == "item":
        return traceable(node.args[0])
    if node.prim == "check":
        return all(map(_lies_there, node.args))
    return node.prim == "stream" or (node.prim in PRIMITIVES and _lies_there(node) and all(map(_lies_there, node.args)))


def is_assertion(node: Node) -> bool:
    """Whether a call fails if its first argument is false, and does nothing else: its other arguments are for the message."""
    return isinstance(node.par.op_def, Assert)


def checks_of(plan: Plan) -> list[Node]:
    """All that may fail in a plan and its bodies, checks and uses of lists; what failed is told by its place here, from 1 on."""
    return [node for node in all_nodes(plan) if node.prim == "check" or (
        node.prim == "call" and (is_assertion(node) or lists.function(node) is not None))]


def has_lists(plan: Plan) -> bool:
    """Whether only tracing shows that a plan can be traced."""
    return any(node.dtype.kind == "O" and node.prim == "call" for node in all_nodes(plan))


class Tracing:
    """checks: numbers by id of check nodes. failed: the number so far, as a value of the trace."""

    def __init__(self, checks: Sequence[Node], streams: dict[int, Any]):
        self.checks = {node.id: number for number, node in enumerate(checks, 1)}
        self.streams = streams
        self.outer: dict[int, Any] = {}          # what captures of bodies stand for
        self.failed: Any = jnp.int32(0)

    def run(self, plan: Plan, values: dict[int, Any]) -> list[Any]:
        """What leaves the plan, for values of its inputs by id."""
        def now(value: Any) -> Any:
            return values[value.id] if value.__class__ is Node else self.known(value)

        for node in plan.nodes:
            if node.prim == "call" and is_assertion(node):
                self.fail(node, ~now(node.args[0]).all())
            else:
                values[node.id] = self.value(node, [now(a) for a in node.args])
        return [now(v) for v in plan.leaving()]

    def known(self, value: Any) -> Any:
        return lists.constant(value) if value.dtype.kind == "O" else jnp.asarray(value)

    def value(self, node: Node, args: list[Any]) -> Any:
        prim = node.prim
        if prim == "item":
            return args[0][node.par]
        if prim == "cond":
            return self.cond(node, args)
        if prim == "loop":
            return self.loop(node, args)
        if prim == "stream":
            return self.streams[node.id]
        if prim == "call":
            function = lists.function(node)
            if function is None:
                return self.call(node, args)
            given = [known if known.__class__ is not Node and known.dtype.kind != "O" else a for known, a in zip(node.args, args)]
            found, wrong = lists.apply(function, node, given)
            if wrong is not None:
                self.fail(node, wrong)
            return found
        if prim == "check":
            self.fail(node, args[0].any())
            return None
        found = PRIMITIVES[prim](node, args).astype(node.dtype)
        if found.shape != node.shape:
            raise AssertionError(f"{prim} gave {found.shape}, the plan says {node.shape}")
        return found

    def fail(self, node: Node, wrong: Any) -> None:
        self.failed = jnp.where((self.failed == 0) & wrong, jnp.int32(self.checks[node.id]), self.failed)

    def body(self, plan: Plan, args: Sequence[Any], failed: Any) -> tuple[list[Any], Any]:
        outer, self.failed = self.failed, failed
        found = self.run(plan, {node.id: value for node, value in zip(plan.inputs, args, strict=True)})
        failed, self.failed = self.failed, outer
        return found, failed

    def cond(self, node: Node, args: list[Any]) -> list[Any]:
        def branch(plan: Plan, failed: Any) -> Any:
            found, failed = self.body(plan, args[1:], failed)
            return [_carried(v, dtype) for v, (_, dtype) in zip(found, results(node))], failed

        for plan in node.par:
            self.outer.update((inner.id, value) for inner, value in zip(plan.inputs, node.args[1:]))
        both = [functools.partial(branch, plan) for plan in node.par]
        if any(dtype.kind == "O" for _, dtype in results(node)):
            forms = [jax.eval_shape(one, self.failed)[0] for one in both]
            both = [functools.partial(_as_wide, one, forms) for one in both]
        found, self.failed = jax.lax.cond(args[0].reshape(()), *both, self.failed)
        return list(found)

    def loop(self, node: Node, args: list[Any]) -> list[Any]:
        count = len(node.par.body.outputs)
        captures = args[count:]
        dtypes = [dtype for _, dtype in results(node)]
        self.outer.update((inner.id, value) for plan in node.par for inner, value in zip(plan.inputs[count:], node.args[count:]))

        def test(state: Any) -> Any:
            carried, failed = state
            (found,), _ = self.body(node.par.test, [*carried, *captures], failed)
            return found.reshape(()) & (failed == 0)

        def turn(state: Any) -> Any:
            carried, failed = state
            _, failed = self.body(node.par.test, [*carried, *captures], failed)      # for its checks; else compiled away
            found, failed = self.body(node.par.body, [*carried, *captures], failed)
            return [_carried(v, dtype) for v, dtype in zip(found, dtypes)], failed

        first: list[Any] = [self.roomy(node, k, a) if isinstance(a, Rows) else jnp.asarray(a).astype(dtype)
                            for k, (a, dtype) in enumerate(zip(args, dtypes))]
        while True:                              # until the elements of all lists are known that the body makes known
            after = jax.eval_shape(turn, (first, self.failed))[0]
            learnt = [k for k, a in enumerate(first) if isinstance(a, Rows) and a.items is None and after[k].items is not None]
            if not learnt:
                break
            for k in learnt:
                first[k] = first[k].of(after[k].items.shape[1:])
        found, self.failed = jax.lax.while_loop(test, turn, (first, self.failed))
        return list(found)

    def roomy(self, node: Node, k: int, rows: Rows) -> Rows:
        """A list as the loop carries it, with room for all that its turns push."""
        each = bounds.pushes(node.par.body, k, self.outer)
        most = bounds.turns(node, self.outer) if each else 0
        if most is None:
            raise Untraceable("a list that grows in a loop of unknown length")
        return rows.with_room(rows.room + each * most).counted()

    def call(self, node: Node, args: list[Any]) -> Any:
        """An operation's kernel on the host."""
        par = node.par

        def kernel(*arrays: Any) -> Any:
            with np.errstate(all="ignore"):
                found = par.op_def.kernel(numpy_namespace, *[np.array(a) for a in arrays])
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            return [np.asarray(v, dtype).reshape(shape) for v, (shape, dtype) in zip(found, par.results)]

        kinds = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in par.results]
        found = call_back(kernel, kinds, args)
        return found[0] if len(kinds) == 1 else found


def _carried(value: Any, dtype: Any) -> Any:
    """A value as loops carry it and branches give it."""
    return value.counted() if isinstance(value, Rows) else value.astype(dtype)


def _as_wide(branch: Any, forms: list[Any], failed: Any) -> Any:
    """What a branch gives, its lists of the form that both branches' lists can have."""
    found, failed = branch(failed)
    for i, (a, b) in enumerate(zip(*forms)):
        if isinstance(a, Rows):
            known = a if a.items is not None else b
            wide = found[i] if known.items is None else found[i].of(known.items.shape[1:])
            found[i] = wide.with_room(max(a.room, b.room))
    return found, failed
