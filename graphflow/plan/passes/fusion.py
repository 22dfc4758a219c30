"""Which elementwise work is done in one loop: clusters of nodes of one big shape, and sums of their values over everything.

An engine runs a cluster block by block, so that intermediate values stay in cache. Operands of a cluster are scalars, arrays of its
shape, or arrays that repeat along it, such as a bias. The pass brings the nodes of a cluster together and notes its number
(`plan.fused`); bodies of cond and loop have clusters of their own.
"""
from __future__ import annotations

import math
from collections.abc import Iterator

from ..bodies import with_bodies
from ..ir import Plan
from ..node import ELEMENTWISE, HOLDERS, Node, bodies

MINIMUM = 1 << 17            # elements; smaller arrays fit into cache anyway
BLOCK = 1 << 16              # elements per block: with half of it, handing the interpreter lock over costs a fifth more


def fuse(plan: Plan) -> Plan:
    """The plan in an order that keeps clusters together, with `fused`: the number of its cluster by node id, for bodies too."""
    if plan.fused is not None:
        return plan
    plan = _ordered(plan)
    fused: dict[int, int] = {}
    number = 0
    for each in _all_plans(plan):
        for cluster in clusters(each)[1]:
            fused.update((node.id, number) for node in cluster)
            number += 1
    return plan.noted(fused=fused)


def _ordered(plan: Plan) -> Plan:
    plan = with_bodies(plan, _ordered)
    order, found = clusters(plan)
    return plan.replaced(nodes=order) if found else plan


def _all_plans(plan: Plan) -> Iterator[Plan]:
    yield plan
    for node in plan.nodes:
        if node.prim in HOLDERS:
            for body in bodies(node).values():
                yield from _all_plans(body)


def period(shape: tuple[int, ...], own: tuple[int, ...]) -> int:
    """After how many elements an operand repeats along the flattened shape `own`: 1 for scalars, 0 if it does not or rarely."""
    if shape in ((), own):
        return 1
    while shape and shape[0] == 1:
        shape = shape[1:]
    length = math.prod(shape)
    return length if shape and shape == own[-len(shape):] and length <= BLOCK // 2 else 0


def _fits(node: Node, shape: tuple[int, ...] | None) -> bool:
    """Whether a node may be in a cluster of this shape (of its own, when None)."""
    if node.shape is None or node.dtype.kind == "O":
        return False
    if node.prim in ELEMENTWISE:
        own = node.shape
        if node.size < MINIMUM:
            return False
    elif node.prim == "sum" and node.shape == () and node.args[0].__class__ is Node:
        own = node.args[0].shape
        if shape is None or node.dtype.itemsize < 4:
            return False
    else:
        return False
    if shape is not None and own != shape:
        return False
    return all(period(a.shape, own) for a in node.args) and len(_periods(node)) < 2


def _periods(node: Node) -> set[int]:
    return {period(a.shape, node.shape) for a in node.args} - {1} if node.prim != "sum" else set()


def clusters(plan: Plan) -> tuple[list[Node], list[list[Node]]]:
    """(the plan's nodes in an order that keeps clusters together, the clusters)."""
    order: list[Node] = []
    found: list[list[Node]] = []
    current: list[Node] = []
    inside: set[int] = set()
    sums: set[int] = set()
    repeats: set[int] = set()                   # the period of what repeats in the cluster

    def close() -> None:
        nonlocal current, inside, sums, repeats
        if current:
            found.append(current)
        order.extend(current)
        current, inside, sums, repeats = [], set(), set(), set()

    for node in plan.nodes:
        if current:
            depends = any(a.__class__ is Node and a.id in inside for a in node.args)
            after_sum = any(a.__class__ is Node and a.id in sums for a in node.args)
            joins = not after_sum and _fits(node, current[0].shape) and (node.prim != "sum" or depends)
            if joins and len(repeats | _periods(node)) < 2:
                current.append(node)
                repeats |= _periods(node)
                inside.add(node.id)
                if node.prim == "sum":
                    sums.add(node.id)
                continue
            if not depends and not _fits(node, None) and node.prim in ("reshape", "broadcast_to", "transpose"):
                order.append(node)          # views may come before the cluster
                continue
            close()
        if _fits(node, None):
            current, inside, repeats = [node], {node.id}, _periods(node)
        else:
            order.append(node)
    close()
    return order, found
