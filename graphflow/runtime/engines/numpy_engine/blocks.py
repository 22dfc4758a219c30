"""Chains of big elementwise work, run block by block so that intermediate values stay in cache, over several threads.

A group is a run of elementwise nodes of one big shape whose operands are scalars or arrays of that very shape, and sums of
their values over everything. `cluster` brings such nodes together; `Program` writes one function per group that works on
[lo, hi) of the flattened arrays; `run_blocks` calls it. Sums add their blocks' partial sums in block order, so the result
does not depend on the number of threads.
"""
from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from ....plan.ir import Plan
from ....plan.node import ELEMENTWISE, Node
from ...denormals import flushed

MINIMUM = 1 << 17            # elements; smaller arrays fit into cache anyway
BLOCK = 1 << 15              # elements per block
_pool: list[ThreadPoolExecutor] = []


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
    workers = len(scratch)
    blocks = -(-size // BLOCK)
    if workers == 1 or blocks < 2 * workers:
        _part(function, 0, size, scratch[0])
        return
    share = -(-blocks // workers) * BLOCK
    pool = _threads(workers)
    waiting = [pool.submit(_in_worker, function, i * share, min(size, (i + 1) * share), scratch[i]) for i in range(1, workers)]
    _part(function, 0, min(size, share), scratch[0])
    for future in waiting:
        future.result()


def _part(function: Callable[[int, int, Any], None], start: int, stop: int, temporaries: Any) -> None:
    for lo in range(start, stop, BLOCK):
        function(lo, min(lo + BLOCK, stop), temporaries)


def _in_worker(function: Callable[[int, int, Any], None], start: int, stop: int, temporaries: Any) -> None:
    with np.errstate(all="ignore"), flushed():
        _part(function, start, stop, temporaries)


def _threads(workers: int) -> ThreadPoolExecutor:
    if not _pool:
        _pool.append(ThreadPoolExecutor(max(1, workers - 1), thread_name_prefix="graphflow-blocks"))
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_pool.clear)
    return _pool[0]


def worker_count() -> int:
    """Threads per group: the cores that this process may use, at most 8."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        cores = os.cpu_count() or 1
    return max(1, min(8, cores))


def scratch(dtypes: list[np.dtype[Any]]) -> list[list[np.ndarray]]:
    """Block-sized temporaries, one set per thread."""
    return [[np.empty(BLOCK, dtype) for dtype in dtypes] for _ in range(worker_count())]
