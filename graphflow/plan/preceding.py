"""Which writes of variables precede which operations, by inputs and control edges.

Asked for BLOCK writes at a time: sets of all writes, as bits, would take a number of bytes for each pair of an operation and a write.
"""
from __future__ import annotations

from collections.abc import Iterator

from ..core.operation import Operation
from ..core.tensor import Tensor
from .effects import Effects

BLOCK = 8192
RUNS = 64
_ALWAYS = -1

# Positions in the list of a variable's writes: from `start` up to `stop`.
Runs = list[tuple[int, int]]


class Preceding:
    """late: the tensors that each operation reads anew (see `Ordered`); such operations are added to the reads of the variable.

    runs: by variable, and by operation that reads it: which of its writes precede the operation, where any does. Beyond RUNS runs the
    first ones are one, with what is between: so costs stay linear whatever the graph.
    """

    def __init__(self, ops: list[Operation], fed: set[Tensor], effects: Effects, position: dict[Operation, int],
                 makers: dict[Operation, Operation], given: dict[Tensor, str]):
        self.reads, self.writes, self.given = effects.reads, effects.writes, given
        self.late: dict[Operation, set[Tensor]] = {}
        self.runs: dict[str, dict[Operation, Runs]] = {place: {} for place in self.writes}
        self.windows = {reader.outputs[0]: reader for place in self.writes for reader in self.reads.get(place, ())
                        if is_window(reader) and reader.outputs[0] not in fed}
        self.uses = self._uses(ops)
        self.readers = {place: dict.fromkeys(self.reads.get(place, ())) for place in self.writes}
        for op, _, place in self.uses:
            self.readers[place][op] = None
        sources = [(*[tensor._op for tensor in op._inputs], *op._control) for op in ops]
        for bits in self._blocks(position):
            start = min((position[op] for op in bits), default=0)
            before = _before(ops[start:], sources[start:], bits, makers)
            self._add_late(bits, before)
            self._add_runs(bits, before)

    def _uses(self, ops: list[Operation]) -> list[tuple[Operation, Tensor, str]]:
        """The operations that take a variable's own memory, with that tensor and the variable; in their order."""
        behind = {t: place for t, place in self.given.items() if place in self.writes}
        behind.update((reader.outputs[0], place) for place in self.writes for reader in self.reads.get(place, ())
                      if self.windows.get(reader.outputs[0]) is reader)
        found = []
        for op in ops if behind else ():
            for tensor in op._inputs:
                if tensor in behind:
                    found.append((op, tensor, behind[tensor]))
                    if op._op_def.steers == "switch":
                        behind.update(dict.fromkeys(op.outputs, behind[tensor]))
        return found

    def _blocks(self, position: dict[Operation, int]) -> Iterator[dict[Operation, int]]:
        """Writes and their bits. Only the writes with a read of their variable behind them are there: no other can precede a read."""
        last = {place: max((position[op] for op in readers), default=-1) for place, readers in self.readers.items()}
        overtaken = list(dict.fromkeys(w for place, writers in self.writes.items() for w in writers if position[w] <= last[place]))
        for start in range(0, len(overtaken) or 1, BLOCK):
            yield {op: 1 << i for i, op in enumerate(overtaken[start:start + BLOCK])}

    def _add_late(self, bits: dict[Operation, int], before: dict[Operation, int]) -> None:
        if not self.uses:
            return
        unseen = dict.fromkeys(self.given, _ALWAYS)                 # written in the turn before
        for place, writers in self.writes.items():
            mask = _mask(writers, bits)
            for reader in self.reads.get(place, ()) if mask else ():
                if reader.outputs and self.windows.get(reader.outputs[0]) is reader:
                    unseen[reader.outputs[0]] = mask & ~before.get(reader, 0)
        for op, tensor, place in self.uses:
            mask = unseen.get(tensor, 0)
            if mask == _ALWAYS or before.get(op, 0) & mask:
                seen = self.late.setdefault(op, set())
                if tensor not in seen:
                    seen.add(tensor)
                    self.reads.setdefault(place, []).append(op)
            if mask and op._op_def.steers == "switch":
                unseen.update(dict.fromkeys(op.outputs, mask))

    def _add_runs(self, bits: dict[Operation, int], before: dict[Operation, int]) -> None:
        for place, writers in self.writes.items() if bits else ():
            mask = _mask(writers, bits)
            if not mask:
                continue
            indices = [i for i, writer in enumerate(writers) if writer in bits]
            base = (mask & -mask).bit_length() - 1
            regular = all(bits[writers[i]] == 1 << base + n for n, i in enumerate(indices)) and indices[-1] - indices[0] < len(indices)
            for reader in self.readers[place]:
                preceding = before.get(reader, 0) & mask
                if preceding:
                    found = (_runs(preceding >> base, indices[0]) if regular
                             else [(i, i + 1) for i in indices if preceding & bits[writers[i]]])
                    self.runs[place][reader] = _joined(self.runs[place].get(reader, []) + found)


def is_window(op: Operation) -> bool:
    """Whether the output of `op` is a variable's own memory, as TF1's `w/read` and every other Identity of a reference are."""
    return op._op_def.forwards and op._inputs[0].dtype.is_ref


def _before(ops: list[Operation], sources: list[tuple[Operation, ...]], bits: dict[Operation, int],
            makers: dict[Operation, Operation]) -> dict[Operation, int]:
    """For each operation the set of these writes that precede it, where any does. Operations with one source share its set."""
    before: dict[Operation, int] = {}
    for op, leading in zip(ops, sources, strict=True) if bits else ():
        mask = 0
        for source in leading:
            if source in before:
                mask = mask | before[source] if mask else before[source]
            if source in bits:
                mask = mask | bits[source] if mask else bits[source]
        if mask:
            before[op] = mask
        for t in op.outputs if makers else ():
            if t._op is not op:
                before[t._op] = mask | bits.get(op, 0)
    return before


def _mask(writers: list[Operation], bits: dict[Operation, int]) -> int:
    mask = 0
    for writer in writers:
        mask |= bits.get(writer, 0)
    return mask


def _runs(mask: int, first: int) -> Runs:
    """The runs of ones, the last RUNS of them; the bit 0 stands for `first`."""
    found: Runs = []
    while mask:
        stop = mask.bit_length()
        start = ((1 << stop) - 1 ^ mask).bit_length() if len(found) < RUNS else 0
        found.append((first + start, first + stop))
        mask &= (1 << start) - 1
    return found[::-1]


def _joined(runs: Runs) -> Runs:
    """Neighbours as one, and the first ones where there are more than RUNS."""
    found: Runs = []
    for start, stop in runs:
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, stop))
    return found if len(found) <= RUNS else [(0, found[-RUNS][1]), *found[1 - RUNS:]]
