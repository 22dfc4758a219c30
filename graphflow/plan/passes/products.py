"""Columns of products of matrices that nothing takes are not computed: of [x, h] @ W, say, whose gradient is asked for h alone."""
from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from ..bodies import before_use, rebuilt, with_bodies
from ..ir import Plan
from ..kernels import Index
from ..node import Node
from .dead_ends import drop_dead_ends


def narrow(plan: Plan) -> Plan:
    """A product of which one slice of columns is taken, and nothing else, becomes the product with these columns."""
    found = _level(with_bodies(plan, _level))
    return plan if found is plan else drop_dead_ends(found)


def _level(plan: Plan) -> Plan:
    if not any(node.prim == "matmul" for node in plan.nodes):
        return plan
    uses = Counter(a.id for node in plan.nodes for a in node.args if a.__class__ is Node)
    uses.update(v.id for v in plan.leaving() if v.__class__ is Node)
    taken: dict[int, tuple[slice, Node]] = {}          # product -> (columns, the slice)
    for node in plan.nodes:
        if node.prim == "slice" and uses[node.args[0].id] == 1 and node.args[0].prim == "matmul":
            columns = _columns(node)
            if columns is not None:
                taken[node.args[0].id] = columns, node
    if not taken:
        return plan
    slices = {node.id for _, node in taken.values()}
    known: dict[Any, Any] = {}

    def make(node: Node, args: tuple[Any, ...]) -> Any:
        if node.id in slices:
            return args[0]
        if node.id not in taken:
            return None
        columns, part = taken[node.id]
        second = args[1]
        key = id(second), columns.start, columns.stop
        if key not in known:
            known[key] = _cut(second, columns, made)
        return Node("matmul", (args[0], known[key]), None, part.shape, node.dtype, node.source)

    made: list[Node] = []
    found = rebuilt(plan, make)
    return before_use(found, made)


def _columns(node: Node) -> slice | None:
    """The columns that a slice takes of a matrix with all its rows; None where it takes something else."""
    product = node.args[0]
    if any(each.shape is None or len(each.shape) != 2 for each in (node, product, *product.args)):
        return None
    index = node.par.value
    if len(index) != 2 or not all(isinstance(i, slice) for i in index):
        return None
    rows, columns = (range(*i.indices(n)) for i, n in zip(index, product.shape))
    if rows != range(product.shape[0]) or columns.step != 1 or not len(columns):
        return None
    return slice(columns.start, columns.stop)


def _cut(matrix: Any, columns: slice, made: list[Node]) -> Any:
    """These columns of a matrix; of a transposed one, the transpose of these rows, so that it is known for one."""
    if matrix.__class__ is not Node:
        return np.ascontiguousarray(matrix[:, columns])
    turned = is_transpose(matrix)
    base = matrix.args[0] if turned else matrix
    index = (columns, slice(None)) if turned else (slice(None), columns)
    count = columns.stop - columns.start
    shape = (count, base.shape[1]) if turned else (base.shape[0], count)
    made.append(Node("slice", (base,), Index(index), shape, base.dtype, matrix.source))
    if turned:
        made.append(Node("transpose", (made[-1],), (1, 0), shape[::-1], base.dtype, matrix.source))
    return made[-1]


def is_transpose(value: Any) -> bool:
    """Whether a value is a matrix whose memory another one owns, column by column."""
    return value.__class__ is Node and value.prim == "transpose" and value.par == (1, 0) and value.shape is not None
