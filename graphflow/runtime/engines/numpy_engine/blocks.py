"""Chains of big elementwise work, run block by block so that intermediate values stay in cache, over several threads.

A group is a run of elementwise nodes of one big shape, and sums of their values over everything. Its operands are scalars, arrays of
that very shape, or arrays that repeat along it, such as a bias; these are laid out once for the length of a block. `cluster` brings such
nodes together; `Program` writes one function per group that works on [lo, hi) of the flattened arrays; `run_blocks` calls it. Sums add
their blocks' partial sums in block order, so the result does not depend on the number of threads.
"""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....kernels import parallel
from ....plan.ir import Plan
from ....plan.node import ELEMENTWISE, Node
from ...denormals import flushed

MINIMUM = 1 << 17            # elements; smaller arrays fit into cache anyway
BLOCK = 1 << 16              # elements per block: with half of it, handing the interpreter lock over costs a fifth more


def period(shape: tuple[int, ...], own: tuple[int, ...]) -> int:
    """After how many elements an operand repeats along the flattened shape `own`: 1 for scalars, 0 if it does not or rarely."""
    if shape in ((), own):
        return 1
    while shape and shape[0] == 1:
        shape = shape[1:]
    length = math.prod(shape)
    return length if shape and shape == own[-len(shape):] and length <= BLOCK // 2 else 0


def block_size(nodes: Sequence[Node]) -> int:
    """Elements per block of a group: a whole number of repetitions of what repeats in it."""
    length = max(period(a.shape, n.shape) for n in nodes if n.prim != "sum" for a in n.args)
    return BLOCK // length * length


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
    return all(period(a.shape, own) for a in node.args) and len(_periods(node)) < 2


def _periods(node: Node) -> set[int]:
    return {period(a.shape, node.shape) for a in node.args} - {1} if node.prim != "sum" else set()


def cluster(plan: Plan) -> tuple[Plan, dict[int, int]]:
    """The plan in an order that keeps groups together, and {node id: group number}."""
    order: list[Node] = []
    groups: dict[int, int] = {}
    number = 0
    current: list[Node] = []
    inside: set[int] = set()
    sums: set[int] = set()
    repeats: set[int] = set()                   # the period of what repeats in the group

    def close() -> None:
        nonlocal number, current, inside, sums, repeats
        if current:
            groups.update((n.id, number) for n in current)
            number += 1
        order.extend(current)
        current, inside, sums, repeats = [], set(), set(), set()

    for node in plan.nodes:
        depends = any(a.__class__ is Node and a.id in inside for a in node.args)
        after_sum = any(a.__class__ is Node and a.id in sums for a in node.args)
        shape = (current[0].shape if current else None)
        if current and not after_sum and fits(node, shape) and (node.prim != "sum" or depends) and len(repeats | _periods(node)) < 2:
            current.append(node)
            repeats |= _periods(node)
            inside.add(node.id)
            if node.prim == "sum":
                sums.add(node.id)
            continue
        if current and not depends and not fits(node, None) and node.prim in ("reshape", "broadcast_to", "transpose"):
            order.append(node)          # views may come before the group
            continue
        close()
        if fits(node, None):
            current, inside, repeats = [node], {node.id}, _periods(node)
        else:
            order.append(node)
    close()
    return plan.replaced(nodes=order), groups


def flat(array: Any) -> Any:
    """The array's elements in order as a vector, without a copy if possible."""
    return array.reshape(-1) if array.flags.c_contiguous else np.ascontiguousarray(array).reshape(-1)


def repeated(array: Any, length: int) -> Any:
    """The array's elements over and over, `length` in all."""
    return np.tile(array.reshape(-1), length // array.size)


def run_blocks(function: Callable[[int, int, Any], None], size: int, scratch: Any, block: int) -> None:
    """function(lo, hi, temporaries of the thread) for all blocks; big work is split over the cores."""
    blocks = -(-size // block)
    pieces = parallel.parts(blocks, parallel.WORTH if blocks >= 2 * len(scratch) else 0)
    temporaries = {piece.start: each for piece, each in zip(pieces, scratch)}

    def task(piece: range) -> None:
        mine = temporaries[piece.start]
        for i in piece:
            function(i * block, min((i + 1) * block, size), mine)

    parallel.run(task, pieces)


def _start_worker() -> None:
    """Worker threads compute as the thread that runs a step does: silent about overflow, denormals flushed."""
    np.seterr(all="ignore")
    flushed().__enter__()


parallel.set_worker_setup(_start_worker)


def scratch(dtypes: list[np.dtype[Any]]) -> list[list[np.ndarray]]:
    """Block-sized temporaries, one set per thread."""
    return [[np.empty(BLOCK, dtype) for dtype in dtypes] for _ in range(parallel.THREADS)]
