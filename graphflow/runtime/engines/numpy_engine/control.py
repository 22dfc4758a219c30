"""`cond` and `loop` as straight code inside the plan's function: no call and nothing rebuilt per turn.

Results are local variables. Carried values are immutable like all values of a plan, so the next ones may be views of them; each turn's
are arrays of their own, as the body's outputs are outside of its buffers.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ....plan.node import Node

Inside = Callable[[Any, list[str]], tuple[list[str], list[str]]]


def result(node: Node, k: int) -> str:
    """The local variable of the k-th result of a cond or loop."""
    return f"r{node.id}_{k}"


def lines(node: Node, args: list[str], inside: Inside) -> list[str]:
    """Python for a cond or loop. args: names of its arguments; inside(body, names of its inputs) -> (lines, names of its outputs)."""
    return _cond(node, args, inside) if node.prim == "cond" else _loop(node, args, inside)


def _cond(node: Node, args: list[str], inside: Inside) -> list[str]:
    branches = []
    for body in node.par:
        steps, outputs = inside(body, args[1:])
        branches.append(steps + [f"{result(node, k)} = {name}" for k, name in enumerate(outputs)] or ["pass"])
    then, orelse = branches
    return [f"if {args[0]}:", *_indented(then), *(["else:", *_indented(orelse)] if orelse != ["pass"] else [])]


def _loop(node: Node, args: list[str], inside: Inside) -> list[str]:
    test, body = node.par
    count = len(body.outputs)
    carried = [result(node, k) for k in range(count)]
    names = [*carried, *args[count:]]
    test_steps, (go_on,) = inside(test, names)
    steps, outputs = inside(body, names)
    turn = [f"{', '.join(carried)} = {', '.join(outputs)}"] if count else []
    return [*(f"{name} = {value}" for name, value in zip(carried, args)),
            "while True:", *_indented([*test_steps, f"if not {go_on}: break", *steps, *turn])]


def _indented(steps: list[str]) -> list[str]:
    return ["    " + step for step in steps]
