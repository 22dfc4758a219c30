"""`cond` and `loop` as straight code inside the plan's function: no call and nothing rebuilt per turn.

Results are local variables. Carried values are immutable like all values of a plan, so the next ones may be views of them; each turn's
are arrays of their own, as the body's outputs are outside of its buffers, or take the place of the ones before (`plan.passes.memory`).
Lists that nothing else holds are changed where they are.
"""
from __future__ import annotations

from typing import Any

from ....plan.lists import held
from ....plan.node import Node
from . import lists


def result(node: Node, k: int) -> str:
    """The local variable of the k-th result of a cond or loop."""
    return f"r{node.id}_{k}"


def lines(writer: Any, node: Node) -> list[str]:
    """Python for a cond or loop of the plan that a writer (of `program`) writes."""
    return _cond(writer, node) if node.prim == "cond" else _loop(writer, node)


def _cond(writer: Any, node: Node) -> list[str]:
    predicate, *captures = [writer.name(a) for a in node.args]
    branches = []
    for body in node.par:
        steps, outputs = writer.inside(body, captures)
        branches.append(steps + [f"{result(node, k)} = {name}" for k, name in enumerate(outputs)] or ["pass"])
    then, orelse = branches
    return [f"if {predicate}:", *_indented(then), *(["else:", *_indented(orelse)] if orelse != ["pass"] else [])]


def _loop(writer: Any, node: Node) -> list[str]:
    test, body = node.par
    args = [writer.name(a) for a in node.args]
    names = [*(result(node, k) for k in range(len(body.outputs))), *args[len(body.outputs):]]
    found = held(node, writer.depth > 0)
    begin, after = [], []
    for k, calls in (*found.carried.items(), *found.taken.items()):
        name = f"m{node.id}_{k}"
        writer.lists.update((call.id, name) for call in calls)
        begin += lists.start(name, args[k], calls, k in found.carried or not writer.depth, writer.constant)
        if k in found.carried and (writer.mark or (node.id, k) in writer.taken):
            after += lists.end(names[k], name, writer.constant)
    carried = [k for k in range(len(body.outputs)) if k not in found.carried]
    writer.steady.update(body.inputs[k].id for k in carried if writer.is_alone(body.outputs[k]))
    test_steps, (go_on,) = writer.inside(test, names)
    steps, outputs = writer.inside(found.body, names)
    for k in carried:
        start = writer.for_keeping(node.args[k]) if body.inputs[k].id in writer.kept else args[k]
        own = writer.is_carried(body.outputs[k])
        begin.append(f"{names[k]} = np.array({start}, order='C')" if own else f"{names[k]} = {start}")
    turn = [f"{', '.join(names[k] for k in carried)} = {', '.join(outputs[k] for k in carried)}"] if carried else []
    return [*begin, "while True:", *_indented([*test_steps, f"if not {go_on}: break", *steps, *turn]), *after]


def _indented(steps: list[str]) -> list[str]:
    return ["    " + step for step in steps]
