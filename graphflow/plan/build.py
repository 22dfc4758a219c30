"""From fetches and feeds to the ordered list of operations that a run needs."""
from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..core.operation import Operation
from ..core.tensor import Tensor
from .effects import Effects
from .preceding import Preceding, is_window
from .sorting import Barrier, barriers_of, is_ordered, sorted_ops

if TYPE_CHECKING:
    from ..ops.control_flow.frames import Frame


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


def turn_order(frame: Frame, fed: set[Tensor], home: dict[Tensor, str], stands: dict[str, Operation],
               windows: dict[Tensor, str]) -> Ordered:
    """The operations of a frame in the order in which they take effect.

    home, stands, windows: what `order` is told of what comes from outside.
    """
    return order(frame.ops, frame.given() | fed, home, frame.makers, stands, windows)


def order(ops: list[Operation], fed: set[Tensor], home: dict[Tensor, str] | None = None,
          makers: dict[Operation, Operation] | None = None, stands: dict[str, Operation] | None = None,
          windows: dict[Tensor, str] | None = None) -> Ordered:
    """Creation order, except that a read goes before the writes of its variable that do not precede it.

    ops: in creation order (inputs may come later only in imported graphs). Deterministic, linear but for the heap.
    home: keys of the resources behind fed handles; stands: operations that stand for them, by key. makers: {operation: the one of `ops`
    that gives its outputs in its place}. windows: the keys behind tensors that come into a loop and are, in TF1, a variable's own memory.
    """
    effects = Effects(ops, home, stands)
    reads, writes = effects.reads, effects.writes
    barriers: list[Barrier] = []
    late: dict[Operation, set[Tensor]] = {}
    position = {op: i for i, op in enumerate(ops)}
    for op, maker in makers.items() if makers else ():
        position[op] = position[maker]
    if any(place in reads for place in writes) or (windows and any(place in writes for place in windows.values())):
        preceding = Preceding(ops, fed, effects, position, makers or {}, windows or {})
        late = preceding.late
        for place, writers in writes.items():
            barriers += barriers_of(reads.get(place, ()), writers, preceding.runs[place], position).all()
    if all(position[r] < b.first for b in barriers for r in b.readers) and is_ordered(ops, position, fed):
        return Ordered(ops, effects, late)
    return Ordered(sorted_ops(ops, position, barriers, fed), effects, late)


def in_order(ops: list[Operation], effects: Effects) -> Ordered:
    """The operations of a body: in creation order, whatever they do to resources, save that inputs come first."""
    position = {op: i for i, op in enumerate(ops)}
    return Ordered(ops if is_ordered(ops, position, set()) else sorted_ops(ops, position, [], set()), effects, {})


def windows_of(ops: Iterable[Operation], fed: set[Tensor], home: dict[Tensor, str], given: dict[Tensor, str]) -> dict[Tensor, str]:
    """The tensors that are a variable's own memory, by its key: `w/read`, and what a Switch gives of it. given: those from outside."""
    found = dict(given)
    for op in ops:
        if op._op_def.steers == "switch" and op._inputs[0] in found:
            found.update(dict.fromkeys(op.outputs, found[op._inputs[0]]))
        elif op.outputs and op.outputs[0] not in fed and is_window(op) and op._inputs[0] in home:
            found[op.outputs[0]] = home[op._inputs[0]]
    return found


def variable_behind(tensor: Tensor) -> Tensor:
    """The reference whose memory a window is."""
    while not tensor.dtype.is_ref:
        tensor = tensor._op._inputs[0]
    return tensor
