"""A transposed second factor of many products is laid out anew once.

BLAS takes 1.2 to 2 times as long for a product of few rows whose second factor is transposed; laying the factor out costs what five to
eight products win. For loops that is done before them (pass `invariants` has moved the transpose there), whatever the number of turns.
"""
from __future__ import annotations

from collections import Counter
from typing import Any

from ..bodies import again, before_use, rebuilt, same, with_bodies
from ..ir import Plan
from ..node import Node
from .dead_ends import drop_dead_ends
from .products import is_transpose

_PRODUCTS = 8       # in a straight plan, from which on it is worth it
_ROWS = range(8, 129)       # of a product to which it matters


def turn_factors(plan: Plan) -> Plan:
    """The plan in which transposed second factors of many products are copied, row by row."""
    found = _level(with_bodies(plan, _level))
    return plan if found is plan else drop_dead_ends(found)


def _level(plan: Plan) -> Plan:
    if not any(node.prim in ("matmul", "loop") for node in plan.nodes):
        return plan
    uses: Counter[int] = Counter()
    factors: dict[int, Node] = {}
    turned = {node.id: node for node in plan.nodes if is_transpose(node)}
    for node in plan.nodes:
        if node.prim == "matmul" and _is_plain(node) and node.args[1].id in turned:
            uses[node.args[1].id] += 1
        elif node.prim == "loop":
            factors.update((factor.id, factor) for factor in _factors_of(node) if factor.__class__ is Node and factor.id in turned)
    factors.update((i, turned[i]) for i, count in uses.items() if count >= _PRODUCTS)
    if not factors:
        return plan
    made: list[Node] = []
    copies = {}
    for factor in factors.values():
        made.append(Node("copy", (factor,), None, factor.shape, factor.dtype, factor.source))
        copies[factor.id] = made[-1]

    def make(node: Node, args: tuple[Any, ...]) -> Any:
        wanted = [args[0], copies.get(args[1].id, args[1])] if node.prim == "matmul" and _is_plain(node) else \
            [copies.get(a.id, a) if a.__class__ is Node else a for a in args] if node.prim == "loop" else args
        return None if same(wanted, args) else again(node, tuple(wanted), node.par)

    return before_use(rebuilt(plan, make), made)


def _factors_of(loop: Node) -> list[Any]:
    """What a loop takes from outside as second factors of products of some rows."""
    body = loop.par.body
    outside = {node.id: value for node, value in zip(body.inputs[len(body.outputs):], loop.args[len(body.outputs):])}
    return [outside[node.args[1].id] for node in body.nodes
            if node.prim == "matmul" and _is_plain(node) and node.args[1].id in outside]


def _is_plain(product: Node) -> bool:
    """Whether a product is one of two matrices of floating numbers, the first of few rows, the second unknown."""
    a, b = product.args
    return (b.__class__ is Node and b.dtype.kind == "f" and all(each.shape is not None and len(each.shape) == 2 for each in (a, b))
            and a.shape[0] in _ROWS)
