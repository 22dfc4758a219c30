"""Making `cond` and `loop` nodes: what needs neither is not made one."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core.contents import Contents, all_of
from .bodies import Cond, Loop, results
from .ir import Plan, has_effect
from .node import Node
from .tracer import Tracer

_SEVERAL = np.dtype(object)


def cond(tracer: Tracer, predicate: Any, then: Plan, orelse: Plan, captures: Sequence[Any]) -> list[Any]:
    """The outputs of `then` where the predicate (a bool scalar) holds, else those of `orelse`.

    Both take the captures. With a known predicate, the steps of the branch are taken over; an output that both hand on is itself.
    """
    if predicate.__class__ is not Node:
        return inline(tracer, then if bool(predicate) else orelse, captures)
    node = tracer.new("cond", (predicate, *captures), Cond(then, orelse), (), _SEVERAL, merge=False)
    given = {a.id: (b, value) for a, b, value in zip(then.inputs, orelse.inputs, captures)}
    found = []
    for i, (shape, dtype) in enumerate(results(node)):
        one, other = then.outputs[i], orelse.outputs[i]
        same = given.get(one.id) if one.__class__ is Node else None
        if same is not None and same[0] is other:
            found.append(same[1])
            continue
        found.append(tracer.new("item", (node,), i, shape, dtype))
        found[-1].contents = _contents(all_of((one, other)))
    return found


def loop(tracer: Tracer, test: Plan, body: Plan, carried: Sequence[Any], captures: Sequence[Any]) -> list[Any]:
    """The carried values when `test` no longer holds; `body` gives the next ones. Both take the carried values, then the captures.

    A carried value that the body hands on unchanged becomes a capture.
    """
    turns = [i for i, value in enumerate(body.outputs) if value is not body.inputs[i]]
    still = [i for i in range(len(carried)) if i not in set(turns)]
    order = [*turns, *still, *range(len(carried), len(body.inputs))]
    test = test.replaced(inputs=[test.inputs[i] for i in order])
    body = body.replaced(inputs=[body.inputs[i] for i in order], outputs=[body.outputs[i] for i in turns])
    found: list[Any] = list(carried)
    if turns or has_effects(test) or has_effects(body):
        args = (*(carried[i] for i in (*turns, *still)), *captures)
        node = tracer.new("loop", args, Loop(test, body), (), _SEVERAL, merge=False)
        for k, (i, (shape, dtype)) in enumerate(zip(turns, results(node))):
            found[i] = tracer.new("item", (node,), k, shape, dtype)
            found[i].contents = body.inputs[k].contents
    return found


def _contents(known: Any) -> Any:
    return known if known.__class__ is Contents else None


def inline(tracer: Tracer, plan: Plan, arguments: Sequence[Any]) -> list[Any]:
    """The outputs of a body for these arguments: its steps become steps of the plan that is traced."""
    values: dict[int, Any] = {node.id: value for node, value in zip(plan.inputs, arguments)}

    def now(value: Any) -> Any:
        return values[value.id] if value.__class__ is Node else value

    source = tracer.source
    for node in plan.nodes:
        tracer.source = node.source
        made = values[node.id] = tracer.new(node.prim, tuple([now(a) for a in node.args]), node.par, node.shape, node.dtype,
                                            merge=not has_effect(node))
        made.contents = node.contents
    tracer.source = source
    return [now(v) for v in plan.outputs]


def has_effects(plan: Plan) -> bool:
    """Whether any step of a plan does more than give a value."""
    return any(has_effect(node) for node in plan.nodes)
