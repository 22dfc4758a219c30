"""From fetches and feeds to the ordered list of operations that a run needs."""
from __future__ import annotations

import heapq
from collections.abc import Iterable

from ..core.operation import Operation
from ..core.tensor import Tensor
from .effects import Effects


def prune(targets: Iterable[Operation], fed: set[Tensor]) -> list[Operation]:
    """The operations that `targets` depend on by data or control, stopping at fed tensors; in creation order."""
    seen: set[Operation] = set()
    stack = list(targets)
    while stack:
        op = stack.pop()
        if op in seen:
            continue
        seen.add(op)
        for tensor in op._inputs:
            if tensor not in fed and tensor._op not in seen:
                stack.append(tensor._op)
        stack.extend(op._control)
    return sorted(seen, key=lambda op: op._id)


class Ordered(list[Operation]):
    """Operations in the order in which they take effect.

    effects: what they do to resources.
    late: the tensors `w/read` that an operation reads anew, since a write of `w` precedes it that does not precede `w/read`: with
    `control_dependencies([train])` around it, `w * 2` doubles the trained value. (TF1's `w/read` is the variable's own memory.)
    """

    def __init__(self, ops: Iterable[Operation], effects: Effects, late: dict[Operation, set[Tensor]]):
        super().__init__(ops)
        self.effects, self.late = effects, late


def order(ops: list[Operation], fed: set[Tensor], home: dict[Tensor, str] | None = None) -> Ordered:
    """Creation order, except that a read goes before the writes of its variable that do not precede it.

    ops: in creation order (inputs may come later only in imported graphs). Deterministic, linear but for the heap.
    home: keys of the resources behind fed handles.
    """
    effects = Effects(ops, home)
    reads, writes = effects.reads, effects.writes
    extra: dict[Operation, list[Operation]] = {}
    late: dict[Operation, set[Tensor]] = {}
    if any(place in reads for place in writes):
        before, bits = _writes_before(ops, writes)
        late = _late_reads(ops, fed, reads, writes, before, bits)
        for place, writers in writes.items():
            for reader in reads.get(place, ()):
                for writer in writers:
                    if reader is not writer and not before[reader] & bits[writer]:
                        extra.setdefault(writer, []).append(reader)
    position = {op: i for i, op in enumerate(ops)}
    if all(position[r] < position[w] for w, readers in extra.items() for r in readers) and _is_ordered(ops, position, fed):
        return Ordered(ops, effects, late)
    return Ordered(_sorted(ops, position, extra, fed), effects, late)


def in_order(ops: list[Operation], effects: Effects) -> Ordered:
    """The operations of a body: in creation order, whatever they do to resources, save that inputs come first."""
    position = {op: i for i, op in enumerate(ops)}
    return Ordered(ops if _is_ordered(ops, position, set()) else _sorted(ops, position, {}, set()), effects, {})


def _late_reads(ops: list[Operation], fed: set[Tensor], reads: dict[str, list[Operation]], writes: dict[str, list[Operation]],
                before: dict[Operation, int], bits: dict[Operation, int]) -> dict[Operation, set[Tensor]]:
    """What each operation reads anew (see Ordered); such operations are added to the reads of the variable."""
    unseen: dict[Tensor, tuple[str, int]] = {}
    for place, writers in writes.items():
        mask = 0
        for writer in writers:
            mask |= bits[writer]
        for reader in reads.get(place, ()):
            if _is_window(reader) and reader.outputs[0] not in fed:
                unseen[reader.outputs[0]] = place, mask & ~before[reader]
    late: dict[Operation, set[Tensor]] = {}
    for op in ops if unseen else ():
        for tensor in op._inputs:
            place, mask = unseen.get(tensor, ("", 0))
            if before[op] & mask:
                late.setdefault(op, set()).add(tensor)
                reads[place].append(op)
    return late


def _is_window(op: Operation) -> bool:
    """Whether the output of `op` is a variable's own memory, as TF1's `w/read` and every other Identity of a reference are."""
    return op._op_def.forwards and op._inputs[0].dtype.is_ref


def _writes_before(ops: list[Operation], writes: dict[str, list[Operation]]) -> tuple[dict[Operation, int], dict[Operation, int]]:
    """For each operation the set of writes that precede it, as bits; and each write's own bit."""
    bits: dict[Operation, int] = {}
    for writers in writes.values():
        for op in writers:
            bits.setdefault(op, 1 << len(bits))
    before: dict[Operation, int] = {}
    for op in ops:
        mask = 0
        for tensor in op._inputs:
            source = tensor._op
            mask |= before.get(source, 0) | bits.get(source, 0)
        for source in op._control:
            mask |= before.get(source, 0) | bits.get(source, 0)
        before[op] = mask
    return before, bits


def _is_ordered(ops: list[Operation], position: dict[Operation, int], fed: set[Tensor]) -> bool:
    return all(position[s] < i for i, op in enumerate(ops) for s in _sources(op, position, fed))


def _sources(op: Operation, position: dict[Operation, int], fed: set[Tensor]) -> set[Operation]:
    found = {t._op for t in op._inputs if t not in fed and t._op in position}
    found.update(c for c in op._control if c in position)
    return found


def _sorted(ops: list[Operation], position: dict[Operation, int], extra: dict[Operation, list[Operation]],
            fed: set[Tensor]) -> list[Operation]:
    """Topological order, lowest position first. Where wishes (extra edges) form a cycle, the wishes give way."""
    waiting: dict[Operation, int] = {}
    wishes: dict[Operation, int] = {}
    users: dict[Operation, list[tuple[Operation, bool]]] = {}
    for op in ops:
        sources = _sources(op, position, fed)
        waiting[op] = len(sources)
        for source in sources:
            users.setdefault(source, []).append((op, False))
        wished = [r for r in extra.get(op, ()) if r not in sources]
        wishes[op] = len(wished)
        for reader in wished:
            users.setdefault(reader, []).append((op, True))
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
        for user, is_wish in users.get(op, ()):
            if is_wish:
                wishes[user] -= 1
            else:
                waiting[user] -= 1
            if waiting[user] <= 0 and wishes[user] <= 0 and user not in placed:
                heapq.heappush(ready, position[user])
    return done
