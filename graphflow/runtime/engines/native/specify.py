"""From nodes that are done in one go to a Loop (loops.py), and to the arrays that its streams are."""
from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ....plan.node import Node
from .groups import REDUCTIONS, Item, iteration
from .loops import CHUNK, Loop, Stream, Sum, Work, parameters
from .values import BYTES, kind_of
from .walk import merged, packed, spread, walk

WORTH = 1 << 17        # elements from which on a loop is split over threads


class Reach(NamedTuple):
    """An array that a loop goes through: who owns its memory, an offset and strides along the loop's shape, in elements."""
    base: Any
    dtype: np.dtype[Any]
    offset: int
    strides: tuple[int, ...]


class Specified(NamedTuple):
    """loop: what to compile. length: of its first axis. partial: by sum, how many parts it leaves to be added up (0: none).
    filled: sums whose memory must hold their neutral value before. split: whether threads may share the first axis."""
    loop: Loop
    length: int
    lengths: tuple[int, ...]
    total: int
    streams: list[tuple[Reach, Stream, tuple[int, ...]]]
    partial: list[int]
    filled: list[int]
    split: bool

    def numbers(self, cell: Callable[[int, Any], int]) -> list[int]:
        """The loop's parameters. cell(number of the stream, what owns its memory) gives the number of its cell."""
        if not self.loop.rank:
            return [n for i, (reach, stream, strides) in enumerate(self.streams)
                    for n in parameters(0, stream, cell(i, reach.base), reach.offset, strides)]
        found = list(self.lengths[1:])
        if self.loop.ragged:
            found.append(self.total)
        for i, (reach, stream, strides) in enumerate(self.streams):
            found += parameters(self.loop.rank, stream, cell(i, reach.base), reach.offset, strides)
        return found


def specify(item: Item, kept: Callable[[Node], bool], owners: Any) -> Specified:
    """kept: whether a node's value goes to memory."""
    shape = item.shape
    reads: list[Reach] = []
    number: dict[Any, int] = {}
    mine = {node.id for node in item.nodes}
    values: dict[int, int] = {}

    def source(a: Any) -> Any:
        if a.__class__ is Node and a.id in mine:
            return a.id
        each = walk(a, owners)
        assert each is not None
        strides = spread(a.shape, each.strides, shape)
        key = (each.root.id if each.root.__class__ is Node else ("known", id(each.root)), each.offset, strides)
        if key not in number:
            number[key] = len(reads)
            reads.append(Reach(each.root, a.dtype, each.offset, strides))
        return number[key], None

    rough = [(node, [source(a) for a in node.args]) for node in item.nodes]
    works: list[Work] = []
    writes: list[tuple[int, Reach]] = []
    sums: list[tuple[str, int, Reach]] = []

    def place(found: Any) -> int:
        return found[0] if isinstance(found, tuple) else values[found]

    for node, sources in rough:
        args = [place(s) for s in sources]
        if node.prim in REDUCTIONS:
            sums.append((node.prim, args[0], Reach(node, node.dtype, 0, _reduced(shape, node.par[0]))))
            continue
        if node.prim in ("reshape", "copy"):
            values[node.id] = args[0]
        else:
            works.append(Work(node.prim, tuple(d.str for d in (node.dtype, *(a.dtype for a in node.args))), tuple(args)))
            values[node.id] = len(reads) + len(works) - 1
        if kept(node):
            writes.append((values[node.id], Reach(node, node.dtype, 0, packed(iteration(node)))))
    return arranged(shape, reads, works, writes, sums)


def _reduced(shape: tuple[int, ...], axes: Sequence[int]) -> tuple[int, ...]:
    """Strides of a reduction's result along the shape that it goes over."""
    strides, step = [0] * len(shape), 1
    for i in reversed(range(len(shape))):
        if i not in axes:
            strides[i] = step
            step *= shape[i]
    return tuple(strides)


def arranged(shape: tuple[int, ...], reads: list[Reach], works: list[Work], writes: list[tuple[int, Reach]],
             sums: list[tuple[str, int, Reach]]) -> Specified:
    """The loop over a shape, with as few axes as its arrays allow."""
    reaches = [*reads, *(reach for _, reach in writes), *(reach for *_, reach in sums)]
    lengths, walks = merged(shape, [reach.strides for reach in reaches])
    total = math.prod(lengths)
    nothing = [k for k in range(len(sums)) if lengths and all(walks[len(reads) + len(writes) + k])]
    if nothing:             # sums over axes of length 1
        left = [each for k, each in enumerate(sums) if k not in nothing]
        return arranged(shape, reads, works, [*writes, *((sums[k][1], sums[k][2]) for k in nothing)], left)
    ragged = len(lengths) == 1
    if ragged:
        lengths, walks = (-(-total // CHUNK), CHUNK), [(w[0] * CHUNK, w[0]) for w in walks]
    first = len(reads) + len(writes)
    partial = [0] * len(sums)
    for k in range(len(sums)):
        if lengths and not any(walks[first + k]) and lengths[0] > 1 and total > CHUNK:
            partial[k] = lengths[0]
            walks[first + k] = (1, *walks[first + k][1:])
    streams = [Stream(reach.dtype.str, tuple(bool(s) for s in w[:-1]), 0 if not w or not w[-1] else 1 if w[-1] == 1 else 2)
               for reach, w in zip(reaches, walks)]
    filled = [k for k in range(len(sums)) if lengths and _accumulates(streams[first + k], lengths)]
    last = total if ragged else lengths[-1] if lengths else 1
    width = 16 if all(BYTES[str(kind_of(np.dtype(d)))] <= 4 for d in {*(s.dtype for s in streams), *(w.dtypes[0] for w in works)}) else 8
    while width > 2 and last <= width // 2:
        width //= 2
    main = last >= width
    loop = Loop(width, len(lengths), ragged, main, bool(last % width) or not main, tuple(streams[:len(reads)]), tuple(works),
                tuple((value, s) for (value, _), s in zip(writes, streams[len(reads):first])),
                tuple(Sum(how, value, s) for (how, value, _), s in zip(sums, streams[first:])))
    split = bool(lengths) and lengths[0] > 1 and total >= WORTH and all(s.into.moves[0] for s in loop.sums)
    return Specified(loop, lengths[0] if lengths else 1, lengths, total, list(zip(reaches, streams, walks)), partial, filled, split)


def _accumulates(stream: Stream, lengths: tuple[int, ...]) -> bool:
    """Whether a sum adds to what is in memory, as an axis it goes over lies outside of one that it does not go over, or of the last."""
    if stream.inner:
        return not all(stream.moves)
    axis = len(lengths) - 1
    while axis > 0 and not stream.moves[axis - 1]:
        axis -= 1
    return not all(stream.moves[:axis])
