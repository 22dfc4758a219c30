"""Cuts a run where it may have to wait for other threads: at operations whose class says `may_wait`, or that hold such ones in bodies.

Such a call runs between two segments, outside of the session's lock. A segment is planned, compiled and locked by itself: what it takes
from earlier segments and calls is fed, with the shapes that it really has; what others take of it is fetched, and so a copy.
Writes before a cut have taken effect when the call runs, and reads after it see what other threads wrote meanwhile.

An operation stands in the first segment where it can, after the calls that it needs; if it changes nothing, in the last one where it
still serves: so values do not cross cuts for nothing, and a variable that is used after a call is read after it (but before a later
write of this run).
"""
from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..core.constant import Const
from ..core.effects import HANDLE, READ, WRITE, waits
from ..core.operation import Operation
from ..core.tensor import Tensor
from .build import Ordered, variable_behind
from .effects import Effects


class Segment(NamedTuple):
    """A part of a run and the calls that follow it.

    fed: what it is given, by the user or by earlier segments and calls. fetches: what the user, later segments and calls take of it.
    calls: operations that may block; none of them needs another's result.
    """
    ops: Ordered
    fed: list[Tensor]
    fetches: list[Tensor]
    calls: list[Operation]


def cut(ops: Ordered, fetches: list[Tensor], fed: list[Tensor]) -> list[Segment]:
    """The segments of a run, in their order; none if no operation may block."""
    return _Cut(ops, fetches, fed).segments() if any(map(waits, ops)) else []


class _Cut:
    def __init__(self, ops: Ordered, fetches: list[Tensor], fed: list[Tensor]):
        self.ops, self.effects, self.late = ops, ops.effects, ops.late
        self.fed, self.fetches = set(fed), list(dict.fromkeys(fetches))
        self.waits = {op for op in ops if waits(op)}
        inside = set(ops)
        self.outer = {t: key for t, key in ops.effects.home.items() if t._op not in inside}      # resources that a body is given
        self.free: set[Operation] = set()            # depend on constants only, or stand for a resource: every segment has its own
        for op in ops:
            if self._is_free(op):
                self.free.add(op)
        self.place = self._places()
        self.last = max(self.place[op] for op in self.waits) + 1
        self._delay()

    def _is_free(self, op: Operation) -> bool:
        if op._op_def.resource_key(op) is not None:
            return True
        if op._op_def.stateful or op in self.waits or op._control or op in self.effects.touches or op._op_def.must_be_fed:
            return False
        return all(t._op in self.free and t not in self.fed for t in op._inputs)

    def _keys(self, op: Operation, how: int) -> Iterable[str]:
        """Resources to which `op` has ordered accesses of this kind."""
        for touch in self.effects.touches.get(op, ()):
            if touch.key is not None and touch.how & how:
                yield touch.key
        if how & READ:
            for tensor in self.late.get(op, ()):
                yield self.effects.home[variable_behind(tensor)]

    def _takes(self, op: Operation) -> list[Tensor]:
        """The tensors that an operation reads when it runs: for late reads (see Ordered) the variable itself."""
        late = self.late.get(op, ())
        return [variable_behind(t) if t in late else t for t in op._inputs]

    def _places(self) -> dict[Operation, int]:
        """The first segment in which each operation can stand; that of a call is the one it follows."""
        place: dict[Operation, int] = {}
        reads: dict[str, int] = {}
        writes: dict[str, int] = {}
        for op in self.ops:
            at = 0
            for source in (*(t._op for t in self._takes(op) if t not in self.fed), *op._control):
                if source in place:
                    at = max(at, place[source] + (source in self.waits))
            for key in self._keys(op, READ | WRITE):
                at = max(at, writes.get(key, 0))
            for key in self._keys(op, WRITE):
                at = max(at, reads.get(key, 0))
            place[op] = at
            after = at + (op in self.waits)
            for seen, how in ((reads, READ), (writes, WRITE)):
                for key in self._keys(op, how):
                    seen[key] = max(seen.get(key, 0), after)
        return place

    def _delay(self) -> None:
        """Moves what changes nothing to the last segment where it serves all that need it."""
        needed: dict[Operation, int] = {}
        writes: dict[str, int] = {}
        for op in reversed(self.ops):
            op_def = op._op_def
            if not (op_def.stateful or op in self.waits or any(True for _ in self._keys(op, WRITE | HANDLE))):
                bound = min([needed.get(op, self.last), *(writes.get(key, self.last) for key in self._keys(op, READ))])
                self.place[op] = max(self.place[op], bound)
            at = self.place[op]
            for source in (*(t._op for t in self._takes(op) if t not in self.fed), *op._control):
                needed[source] = min(needed.get(source, self.last), at)
            for key in self._keys(op, WRITE):
                writes[key] = min(writes.get(key, self.last), at)

    def segments(self) -> list[Segment]:
        members: list[list[Operation]] = [[] for _ in range(self.last + 1)]
        calls: list[list[Operation]] = [[] for _ in members]
        taken: list[dict[Tensor, None]] = [{} for _ in members]          # what a segment is given
        given: list[dict[Tensor, None]] = [{} for _ in members]          # what is fetched of it
        for op in self.ops:
            if op in self.free:
                continue
            at = self.place[op]
            call, bodies = op in self.waits, op._op_def.holds is not None
            (calls if call else members)[at].append(op)
            handles = {t.position for t in self.effects.touches.get(op, ()) if t.key is not None and (t.how == HANDLE or bodies)}
            for i, tensor in enumerate(self._takes(op)):
                if not (call and (i in handles or tensor._op._op_def.__class__ is Const)):   # a call knows these from their operations
                    self._connect(tensor, at, call, taken, given)
        for tensor in self.fetches:
            after = tensor in tensor.graph._final_reads or tensor in self.fed
            if after:
                given[-1][tensor] = None
                if tensor in self.fed:
                    taken[-1][tensor] = None
            else:
                self._connect(tensor, self.last, True, taken, given)
        return [Segment(self._ordered(members[k], taken[k], given[k]), list(taken[k]), list(given[k]), calls[k])
                for k in range(len(members))]

    def _connect(self, tensor: Tensor, at: int, outside: bool, taken: list[dict[Tensor, None]], given: list[dict[Tensor, None]]) -> None:
        """Notes what has to be fetched and fed so that a tensor is there in segment `at`, or after it (outside of the plan)."""
        source = tensor._op
        if tensor in self.fed:
            if not outside:
                taken[at][tensor] = None
        elif source in self.free or tensor in self.outer:
            if outside and (tensor not in self.effects.home or tensor.dtype.is_ref):     # a handle is known without running anything
                given[at][tensor] = None
        elif source in self.waits or self.place[source] != at:
            if not outside:
                taken[at][tensor] = None
            if source not in self.waits:
                given[self.place[source]][tensor] = None
        elif outside:
            given[at][tensor] = None

    def _ordered(self, members: list[Operation], taken: Iterable[Tensor], given: Iterable[Tensor]) -> Ordered:
        """The operations of a segment, with the free ones that it needs."""
        wanted = set(members)
        stack = [t._op for op in members for t in self._takes(op) if t not in self.fed]
        for tensor in given:
            stack.append(tensor._op)
            stack.extend(t._op for t in tensor._op._inputs if tensor in tensor.graph._final_reads)
        while stack:
            op = stack.pop()
            if op in self.free and op not in wanted:
                wanted.add(op)
                stack.extend(t._op for t in op._inputs)
        ops = [op for op in self.ops if op in wanted]
        effects = Effects(ops, {**self.outer, **{t: self.effects.home[t] for t in taken if t in self.effects.home}})
        effects.stands.update(self.effects.stands)
        return Ordered(ops, effects, {op: self.late[op] for op in ops if op in self.late})
