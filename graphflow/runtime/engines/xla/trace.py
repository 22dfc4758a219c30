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
from ....plan.bodies import results
from ....plan.ir import Handle, Plan
from ....plan.node import INPUTS, Node, bodies
from .primitives import PRIMITIVES
from .values import on_device


def _lies_there(value: Any) -> bool:
    return not isinstance(value, Handle) and value is not None and value.shape is not None and on_device(value.dtype)


def traceable(node: Node) -> bool:
    """Whether a node can be part of compiled code: it and its arguments are numbers of known shapes."""
    if node.prim in INPUTS:
        return _lies_there(node)
    if node.prim in ("cond", "loop"):
        return (all(map(_lies_there, node.args)) and all(shape is not None and on_device(dtype) for shape, dtype in results(node))
                and not any(inner.prim == "stream" for inner in _inside(node)))
    if node.prim == "call":
        par = node.par
        return (not par.op_def.stateful and not par.mutates and not par.unchecked and all(map(_lies_there, node.args))
                and all(shape is not None and on_device(dtype) for shape, dtype in par.results))
    if node.prim == "item":
        return traceable(node.args[0])
    if node.prim == "check":
        return all(map(_lies_there, node.args))
    return node.prim == "stream" or (node.prim in PRIMITIVES and _lies_there(node) and all(map(_lies_there, node.args)))


def _inside(node: Node) -> list[Node]:
    found = []
    for body in bodies(node).values():
        for inner in body.nodes:
            found += [inner, *_inside(inner)]
    return found


def checks_of(plan: Plan) -> list[Node]:
    """All checks of a plan and its bodies; a failed one is told by its place here, from 1 on."""
    found = []
    for node in plan.nodes:
        if node.prim == "check":
            found.append(node)
        for inner in _inside(node):
            if inner.prim == "check":
                found.append(inner)
    return found


class Tracing:
    """checks: numbers by id of check nodes. failed: the number so far, as a value of the trace."""

    def __init__(self, checks: Sequence[Node], streams: dict[int, Any]):
        self.checks = {node.id: number for number, node in enumerate(checks, 1)}
        self.streams = streams
        self.failed: Any = jnp.int32(0)

    def run(self, plan: Plan, values: dict[int, Any]) -> list[Any]:
        """What leaves the plan, for values of its inputs by id."""
        def now(value: Any) -> Any:
            return values[value.id] if value.__class__ is Node else jnp.asarray(value)

        for node in plan.nodes:
            values[node.id] = self.value(node, [now(a) for a in node.args])
        return [now(v) for v in plan.leaving()]

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
            return self.call(node, args)
        if prim == "check":
            self.failed = jnp.where((self.failed == 0) & args[0].any(), jnp.int32(self.checks[node.id]), self.failed)
            return None
        found = PRIMITIVES[prim](node, args).astype(node.dtype)
        if found.shape != node.shape:
            raise AssertionError(f"{prim} gave {found.shape}, the plan says {node.shape}")
        return found

    def body(self, plan: Plan, args: Sequence[Any], failed: Any) -> tuple[list[Any], Any]:
        outer, self.failed = self.failed, failed
        found = self.run(plan, {node.id: value for node, value in zip(plan.inputs, args, strict=True)})
        failed, self.failed = self.failed, outer
        return found, failed

    def cond(self, node: Node, args: list[Any]) -> list[Any]:
        def branch(plan: Plan, failed: Any, *given: Any) -> Any:
            found, failed = self.body(plan, given, failed)
            return [v.astype(dtype) for v, (_, dtype) in zip(found, results(node))], failed

        then, orelse = (functools.partial(branch, plan) for plan in node.par)
        found, self.failed = jax.lax.cond(args[0].reshape(()), then, orelse, self.failed, *args[1:])
        return found

    def loop(self, node: Node, args: list[Any]) -> list[Any]:
        count = len(node.par.body.outputs)
        captures = args[count:]
        dtypes = [dtype for _, dtype in results(node)]

        def test(state: Any) -> Any:
            carried, failed = state
            (found,), _ = self.body(node.par.test, [*carried, *captures], failed)
            return found.reshape(()) & (failed == 0)

        def turn(state: Any) -> Any:
            carried, failed = state
            _, failed = self.body(node.par.test, [*carried, *captures], failed)      # for its checks; else compiled away
            found, failed = self.body(node.par.body, [*carried, *captures], failed)
            return [v.astype(dtype) for v, dtype in zip(found, dtypes)], failed

        first = [jnp.asarray(a).astype(dtype) for a, dtype in zip(args, dtypes)]
        found, self.failed = jax.lax.while_loop(test, turn, (first, self.failed))
        return list(found)

    def call(self, node: Node, args: list[Any]) -> Any:
        """An operation's kernel on the host."""
        par = node.par

        def kernel(*arrays: Any) -> Any:
            with np.errstate(all="ignore"):
                found = par.op_def.kernel(numpy_namespace, *[np.array(a) for a in arrays])
            found = list(found) if isinstance(found, (tuple, list)) else [found]
            return [np.asarray(v, dtype).reshape(shape) for v, (shape, dtype) in zip(found, par.results)]

        kinds = [jax.ShapeDtypeStruct(shape, dtype) for shape, dtype in par.results]
        found = jax.pure_callback(kernel, kinds, *args, vmap_method="sequential")
        return found[0] if len(kinds) == 1 else found
