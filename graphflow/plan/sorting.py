"""The order of a run's operations: inputs first, then what reads and writes of a variable wish, then creation order."""
from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from ..core.operation import Operation
from ..core.tensor import Tensor
from .preceding import Runs


class Barrier:
    """Wishes: `readers`, and those of the barriers whose part this one is, go before `writer`, or before the writers of its `parts`.

    A variable's writes are the leaves of a tree of barriers, so a read that goes before all of them, or before all but a few, waits at a
    few barriers rather than at each write.
    """
    __slots__ = ("first", "parts", "readers", "start", "stop", "waiting", "writer")

    def __init__(self, writers: list[Operation], start: int, stop: int, position: dict[Operation, int]):
        self.start, self.stop = start, stop
        self.readers: list[Operation] = []
        self.writer: Operation | None = None
        self.parts: tuple[Barrier, ...] = ()
        if stop - start == 1:
            self.writer = writers[start]
            self.first = position[self.writer]              # the position of the first of its writers
        else:
            middle = (start + stop) // 2
            self.parts = Barrier(writers, start, middle, position), Barrier(writers, middle, stop, position)
            self.first = min(part.first for part in self.parts)
        self.waiting = 0

    def wish(self, reader: Operation, start: int, stop: int) -> None:
        """`reader` goes before the writes from `start` up to `stop`."""
        if start <= self.start and self.stop <= stop:
            self.readers.append(reader)
        else:
            for part in self.parts:
                if start < part.stop and part.start < stop:
                    part.wish(reader, start, stop)

    def all(self) -> Iterator[Barrier]:
        yield self
        for part in self.parts:
            yield from part.all()


def barriers_of(readers: Iterable[Operation], writers: list[Operation], preceding: dict[Operation, Runs],
                position: dict[Operation, int]) -> Barrier:
    """What the reads and writes of one variable wish: a read goes before the writes that do not precede it."""
    root = Barrier(writers, 0, len(writers), position)
    index = {writer: i for i, writer in enumerate(writers)}
    for reader in readers:
        runs = preceding.get(reader, [])
        if reader in index:                                 # it does not wait for itself
            runs = sorted([*runs, (index[reader], index[reader] + 1)])
        free = 0
        for start, stop in (*runs, (len(writers), len(writers))):
            if free < start:
                root.wish(reader, free, start)
            free = max(free, stop)
    return root


def is_ordered(ops: list[Operation], position: dict[Operation, int], fed: set[Tensor]) -> bool:
    for i, op in enumerate(ops):
        for tensor in op._inputs:
            if position.get(tensor._op, -1) >= i and tensor not in fed:
                return False
        for source in op._control:
            if position.get(source, -1) >= i:
                return False
    return True


def _sources(op: Operation, ops: list[Operation], position: dict[Operation, int], fed: set[Tensor]) -> set[Operation]:
    found = {ops[position[t._op]] for t in op._inputs if t not in fed and t._op in position}
    found.update(ops[position[c]] for c in op._control if c in position)
    return found


def sorted_ops(ops: list[Operation], position: dict[Operation, int], barriers: list[Barrier], fed: set[Tensor]) -> list[Operation]:
    """Topological order, lowest position first. Where wishes form a cycle with inputs and control edges, the wishes give way."""
    waiting: dict[Operation, int] = {}
    wishes: dict[Operation, int] = dict.fromkeys(ops, 0)
    users: dict[Operation, list[Operation]] = {}
    wished: dict[Operation, list[Barrier]] = {}
    for op in ops:
        sources = _sources(op, ops, position, fed)
        waiting[op] = len(sources)
        for source in sources:
            users.setdefault(source, []).append(op)
    for barrier in barriers:
        for part in barrier.parts:
            part.waiting += 1
        barrier.waiting += len(barrier.readers)
        if barrier.writer is not None:
            wishes[barrier.writer] += 1
        for reader in barrier.readers:
            wished.setdefault(reader, []).append(barrier)
    for barrier in [b for b in barriers if not b.waiting]:
        _passed(barrier, wishes)
    free = [position[op] for op in ops if not waiting[op]]          # their inputs are there, whatever is wished
    ready = [position[op] for op in ops if not waiting[op] and not wishes[op]]
    heapq.heapify(free)
    heapq.heapify(ready)
    done: list[Operation] = []
    placed: set[Operation] = set()
    while len(done) < len(ops):
        if not ready:
            while free and ops[free[0]] in placed:
                heapq.heappop(free)
            if not free:
                rest = next(op for op in ops if op not in placed)
                raise ValueError(f"the graph has a cycle through '{rest.name}'")
            wishes[ops[free[0]]] = 0
            heapq.heappush(ready, free[0])
        op = ops[heapq.heappop(ready)]
        if op in placed:
            continue
        placed.add(op)
        done.append(op)
        freed = list(users.get(op, ()))
        for user in freed:
            waiting[user] -= 1
            if not waiting[user]:
                heapq.heappush(free, position[user])
        for barrier in wished.get(op, ()):
            barrier.waiting -= 1
            if not barrier.waiting:
                freed += _passed(barrier, wishes)
        for user in freed:
            if waiting[user] <= 0 and wishes[user] <= 0 and user not in placed:
                heapq.heappush(ready, position[user])
    return done


def _passed(barrier: Barrier, wishes: dict[Operation, int]) -> list[Operation]:
    """The writes that wait for one barrier less, now that nothing is left that this one waits for."""
    if barrier.writer is not None:
        wishes[barrier.writer] -= 1
        return [barrier.writer]
    freed: list[Operation] = []
    for part in barrier.parts:
        part.waiting -= 1
        if not part.waiting:
            freed += _passed(part, wishes)
    return freed
