"""Chains of big elementwise work, run block by block so that intermediate values stay in cache, over several threads.

A group is a run of elementwise nodes of one big shape whose operands are scalars or arrays of that very shape, and sums of
their values over everything. `cluster` brings such nodes together; `Program` writes one function per group that works on
[lo, hi) of the flattened arrays; `run_blocks` calls it. Sums add their blocks' partial sums in block order, so the result
does not depend on the number of threads.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....kernels import parallel
from ....plan.ir import Plan
from ....plan.node import ELEMENTWISE, Node
from ...denormals import flushed

MINIMUM = 1 << 17            # elements; smaller arrays fit into cache anyway
BLOCK = 1 << 15              # elements per block


def fits(node: Node, shape: tuple[int, ...] | None) -> bool:
    """Whether a node may be in a group of this shape (of its own, when None)."""
    if node.shape is None or node.dtype.kind == "O":
        return False
    if node.prim in ELEMENTWISE:
        own = node.shape
    elif node.prim == "sum" and node.shape == () and node.args[0].__class__ is Node:
        own = node.args[0].shape
        if shape is None or node.dtype.itemsize < 4:
            return False
    else:
        return False
    if node.size < MINIMUM and node.prim != "sum" or shape is not None and own != shape:
        return False
    return all(a.shape in ((), own) for a in node.args)


def cluster(plan: Plan) -> tuple[Plan, dict[int, int]]:
    """The plan in an order that keeps groups together, and {node id: group number}."""
    order: list[Node] = []
    groups: dict[int, int] = {}
    number = 0
    current: list[Node] = []
    inside: set[int] = set()
    sums: set[int] = set()

    def close() -> None:
        nonlocal number, current, inside, sums
        if sum(n.prim != "sum" for n in current) >= 2:
            groups.update((n.id, number) for n in current)
            number += 1
        order.extend(current)
        current, inside, sums = [], set(), set()

    for node in plan.nodes:
        depends = any(a.__class__ is Node and a.id in inside for a in node.args)
        after_sum = any(a.__class__ is Node and a.id in sums for a in node.args)
        shape = (current[0].shape if current else None)
        if current and not after_sum and fits(node, shape) and (node.prim != "sum" or depends):
            current.append(node)
            inside.add(node.id)
            if node.prim == "sum":
                sums.add(node.id)
            continue
        if current and not depends and not fits(node, None) and node.prim in ("feed", "variable", "reshape", "broadcast_to", "transpose"):
            order.append(node)          # inputs and views may come before the group
            continue
        close()
        if fits(node, None):
            current, inside = [node], {node.id}
        else:
            order.append(node)
    close()
    return plan.replaced(nodes=order), groups


def flat(array: Any) -> Any:
    """The array's elements in order as a vector, without a copy if possible."""
    return array.reshape(-1) if array.flags.c_contiguous else np.ascontiguousarray(array).reshape(-1)


def run_blocks(function: Callable[[int, int, Any], None], size: int, scratch: Any) -> None:
    """function(lo, hi, temporaries of the thread) for all blocks; big work is split over the cores."""
    blocks = -(-size // BLOCK)
    pieces = parallel.parts(blocks, parallel.WORTH if blocks >= 2 * len(scratch) else 0)
    temporaries = {piece.start: each for piece, each in zip(pieces, scratch)}

    def task(piece: range) -> None:
        mine = temporaries[piece.start]
        for i in piece:
            function(i * BLOCK, min((i + 1) * BLOCK, size), mine)

    parallel.run(task, pieces)


def _start_worker() -> None:
    """Worker threads compute as the thread that runs a step does: silent about overflow, denormals flushed."""
    np.seterr(all="ignore")
    flushed().__enter__()


parallel.set_worker_setup(_start_worker)


def scratch(dtypes: list[np.dtype[Any]]) -> list[list[np.ndarray]]:
    """Block-sized temporaries, one set per thread."""
    return [[np.empty(BLOCK, dtype) for dtype in dtypes] for _ in range(parallel.THREADS)]
