"""Running clusters of big elementwise work (plan.passes.fusion) block by block, over several threads.

`Program` writes one function per cluster that works on [lo, hi) of the flattened arrays; `run_blocks` calls it. What repeats along the
shape is laid out once for the length of a block. Sums add their blocks' partial sums in block order, so the result does not depend on
the number of threads.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....kernels import parallel
from ....plan.node import Node
from ....plan.passes import fusion
from ...denormals import flushed


def block_size(nodes: Sequence[Node]) -> int:
    """Elements per block of a cluster: a whole number of repetitions of what repeats in it."""
    length = max(fusion.period(a.shape, n.shape) for n in nodes if n.prim != "sum" for a in n.args)
    return fusion.BLOCK // length * length


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
    return [[np.empty(fusion.BLOCK, dtype) for dtype in dtypes] for _ in range(parallel.THREADS)]
