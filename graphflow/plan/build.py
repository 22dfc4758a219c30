"""From fetches and feeds to the ordered list of operations that a run needs."""
from __future__ import annotations

from collections.abc import Iterable

from ..core.operation import Operation
from ..core.tensor import Tensor
from .effects import Effects
from .sorting import Barrier, barriers_of, is_ordered, sorted_ops


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
    barriers: list[Barrier] = []
    late: dict[Operation, set[Tensor]] = {}
    position = {op: i for i, op in enumerate(ops)}
    if any(place in reads for place in writes):
        before, bits = _writes_before(ops, _overtaken(ops, fed, reads, writes, position))
        late = _late_reads(ops, fed, reads, writes, before, bits)
        for place, writers in writes.items():
            barriers += barriers_of(reads.get(place, ()), writers, before, bits)
    if all(position[r] < position[b.writer] for b in barriers for r in b.readers) and is_ordered(ops, position, fed):
        return Ordered(ops, effects, late)
    return Ordered(sorted_ops(ops, position, barriers, fed), effects, late)


def _overtaken(ops: list[Operation], fed: set[Tensor], reads: dict[str, list[Operation]], writes: dict[str, list[Operation]],
               position: dict[Operation, int]) -> list[Operation]:
    """The writes with a read of their variable, itself or through a window, behind them in `ops`: only they can precede a read."""
    windows: dict[Tensor, str] = {}
    last: dict[str, int] = {}
    for place in writes:
        for reader in reads.get(place, ()):
            last[place] = max(last.get(place, -1), position[reader])
            if _is_window(reader) and reader.outputs[0] not in fed:
                windows[reader.outputs[0]] = place
    for op in ops if windows else ():
        for tensor in op._inputs:
            if tensor in windows:
                place = windows[tensor]
                last[place] = max(last[place], position[op])
    return [w for place, writers in writes.items() for w in writers if position[w] <= last.get(place, -1)]


def in_order(ops: list[Operation], effects: Effects) -> Ordered:
    """The operations of a body: in creation order, whatever they do to resources, save that inputs come first."""
    position = {op: i for i, op in enumerate(ops)}
    return Ordered(ops if is_ordered(ops, position, set()) else sorted_ops(ops, position, [], set()), effects, {})


def _late_reads(ops: list[Operation], fed: set[Tensor], reads: dict[str, list[Operation]], writes: dict[str, list[Operation]],
                before: dict[Operation, int], bits: dict[Operation, int]) -> dict[Operation, set[Tensor]]:
    """What each operation reads anew (see Ordered); such operations are added to the reads of the variable."""
    unseen: dict[Tensor, tuple[str, int]] = {}
    for place, writers in writes.items():
        mask = 0
        for writer in writers:
            mask |= bits.get(writer, 0)
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


def _writes_before(ops: list[Operation], writers: list[Operation]) -> tuple[dict[Operation, int], dict[Operation, int]]:
    """For each operation the set of these writes that precede it, as bits; and each write's own bit."""
    bits: dict[Operation, int] = {}
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
