"""Sums of products over leading axes, as in batch normalisation and the gradients of scales, in one pass over memory.

For engines that would write the products down first: what numpy does with a product and a sum over rows takes twice as long.
"""
from __future__ import annotations

from collections import Counter
from typing import Any

from ..bodies import before_use, rebuilt, with_bodies
from ..ir import Plan
from ..node import Node
from .dead_ends import drop_dead_ends

_LEAST = 1 << 14        # elements, below which nothing is won
_LETTERS = "abcdefghijkl"


def multiply_and_add(plan: Plan) -> Plan:
    """Sums over leading axes of products that nothing else takes become einsums."""
    found = _level(with_bodies(plan, _level))
    return plan if found is plan else drop_dead_ends(found)


def _level(plan: Plan) -> Plan:
    sums = [node for node in plan.nodes if node.prim == "sum" and _fits(node)]
    if not sums:
        return plan
    uses = Counter(a.id for node in plan.nodes for a in node.args if a.__class__ is Node)
    uses.update(v.id for v in plan.leaving() if v.__class__ is Node)
    wanted = {node.id for node in sums if uses[node.args[0].id] == 1}
    if not wanted:
        return plan
    made: list[Node] = []

    def make(node: Node, args: tuple[Any, ...]) -> Any:
        if node.id not in wanted:
            return None
        product, axes = args[0], node.par[0]
        labels = _LETTERS[:len(product.shape)]
        kept = product.shape[len(axes):]
        first, second = product.args
        equation = f"{labels},{labels}->{labels[len(axes):]}"
        found = Node("einsum", (first, second), equation, kept, node.dtype, node.source)
        if node.shape == kept:
            return found
        made.append(found)
        return Node("reshape", (found,), node.shape, node.shape, node.dtype, node.source)

    return before_use(rebuilt(plan, make), made)


def _fits(node: Node) -> bool:
    """Whether it is a sum over all axes but the last ones of a product of two floating arrays of one shape."""
    product = node.args[0]
    if product.__class__ is not Node or product.prim != "multiply" or product.shape is None or product.size < _LEAST:
        return False
    axes, rank = node.par[0], len(product.shape)
    if product.dtype.kind != "f" or product.dtype.itemsize < 4 or rank > len(_LETTERS):
        return False
    return tuple(axes) == tuple(range(len(axes))) and len(axes) < rank and all(
        a.__class__ is Node and a.shape == product.shape and a.dtype == product.dtype for a in product.args)
