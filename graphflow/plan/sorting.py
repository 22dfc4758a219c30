"""The order of a run's operations: inputs first, then what reads and writes of a variable wish, then creation order."""
from __future__ import annotations

import heapq
from collections.abc import Iterable

from ..core.operation import Operation
from ..core.tensor import Tensor


class Barrier:
    """Wishes: `readers`, and those of the barriers that lead to this one, go before `writer`, and before the barrier `after`.

    A read goes before all writes from some one on, so each variable has a chain of barriers: as many wishes as reads and writes, not
    their product.
    """
    __slots__ = ("after", "readers", "waiting", "writer")

    def __init__(self, writer: Operation, after: Barrier | None = None):
        self.writer, self.after = writer, after
        self.readers: list[Operation] = []
        self.waiting = 0


def barriers_of(readers: Iterable[Operation], writers: list[Operation], before: dict[Operation, int],
              bits: dict[Operation, int]) -> list[Barrier]:
    """What the reads and writes of one variable wish: a read goes before the writes that do not precede it."""
    chain: list[Barrier] = []
    for writer in reversed(writers):
        chain.append(Barrier(writer, chain[-1] if chain else None))
    chain.reverse()
    index = {writer: i for i, writer in enumerate(writers)}
    known = [bits.get(writer, 0) for writer in writers]
    count = sum(map(bool, known))
    base = known[0].bit_length() - 1
    regular = all(bit.bit_length() == base + 1 + i for i, bit in enumerate(known[:count]))
    found = list(chain)
    for reader in readers:
        preceding = before[reader]
        local = preceding >> base & (1 << count) - 1 if count else 0
        if regular and not local & local + 1:                # the first writes, or none, precede the read
            start = local.bit_length()
            stop = 0
        else:
            start = stop = 1 + max((i for i, bit in enumerate(known) if preceding & bit), default=-1)
        if index.get(reader, -1) >= start:
            stop = len(writers)                              # a read that is one of these writes: it does not wait for itself
        elif start < len(writers):
            chain[start].readers.append(reader)
        for i in range(stop):
            if not preceding & known[i] and writers[i] is not reader:
                found.append(Barrier(writers[i]))
                found[-1].readers.append(reader)
    return found


def is_ordered(ops: list[Operation], position: dict[Operation, int], fed: set[Tensor]) -> bool:
    for i, op in enumerate(ops):
        for tensor in op._inputs:
            if position.get(tensor._op, -1) >= i and tensor not in fed:
                return False
        for source in op._control:
            if position.get(source, -1) >= i:
                return False
    return True


def _sources(op: Operation, position: dict[Operation, int], fed: set[Tensor]) -> set[Operation]:
    found = {t._op for t in op._inputs if t not in fed and t._op in position}
    found.update(c for c in op._control if c in position)
    return found


def sorted_ops(ops: list[Operation], position: dict[Operation, int], barriers: list[Barrier], fed: set[Tensor]) -> list[Operation]:
    """Topological order, lowest position first. Where wishes form a cycle with inputs and control edges, the wishes give way."""
    waiting: dict[Operation, int] = {}
    wishes: dict[Operation, int] = dict.fromkeys(ops, 0)
    users: dict[Operation, list[Operation]] = {}
    wished: dict[Operation, list[Barrier]] = {}
    for op in ops:
        sources = _sources(op, position, fed)
        waiting[op] = len(sources)
        for source in sources:
            users.setdefault(source, []).append(op)
    for barrier in barriers:
        wishes[barrier.writer] += 1
        barrier.waiting += len(barrier.readers)
        if barrier.after is not None:
            barrier.after.waiting += 1
        for reader in barrier.readers:
            wished.setdefault(reader, []).append(barrier)
    for barrier in [b for b in barriers if not b.waiting]:
        _passed(barrier, wishes)
    ready = [position[op] for op in ops if not waiting[op] and not wishes[op]]
    heapq.heapify(ready)
    done: list[Operation] = []
    placed: set[Operation] = set()
    while len(done) < len(ops):
        if not ready:
            stuck = next((op for op in ops if op not in placed and not waiting[op]), None)
            if stuck is None:
                loop = next((op for op in ops if op not in placed and op.type in ("Merge", "NextIteration")), None)
                if loop is not None:
                    raise NotImplementedError(
                        f"'{loop.name}' is part of a loop of TF1's control-flow nodes ({loop.type}): graphflow loads and writes such "
                        "graphs, but cannot run their loops yet. Export the model with control flow v2, or frozen without loops.")
                rest = next(op for op in ops if op not in placed)
                raise ValueError(f"the graph has a cycle through '{rest.name}'")
            wishes[stuck] = 0
            heapq.heappush(ready, position[stuck])
        op = ops[heapq.heappop(ready)]
        if op in placed:
            continue
        placed.add(op)
        done.append(op)
        freed = list(users.get(op, ()))
        for user in freed:
            waiting[user] -= 1
        for barrier in wished.get(op, ()):
            barrier.waiting -= 1
            if not barrier.waiting:
                freed += _passed(barrier, wishes)
        for user in freed:
            if waiting[user] <= 0 and wishes[user] <= 0 and user not in placed:
                heapq.heappush(ready, position[user])
    return done


def _passed(barrier: Barrier | None, wishes: dict[Operation, int]) -> list[Operation]:
    """The writes that wait for one barrier less, now that nothing is left that this one, and those behind it, wait for."""
    freed: list[Operation] = []
    while barrier is not None:
        wishes[barrier.writer] -= 1
        freed.append(barrier.writer)
        barrier = barrier.after
        if barrier is not None:
            barrier.waiting -= 1
            if barrier.waiting:
                break
    return freed
