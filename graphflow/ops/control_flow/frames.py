"""The loops of a graph that TF1 wrote: which operations stand in which frame, and each loop as one operation of the frame around it.

An Enter leads into a frame, an Exit out of it. What a NextIteration gives arrives in the next turn: within one turn a frame has no
cycle, and it is a list of operations in the order in which they take effect, like a run.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core import errors
from ...core.effects import READ, UPDATE, WRITE, Access
from ...core.op import Op
from ...core.operation import Operation
from ...core.tensor import Tensor
from .effects import accesses_of


class Frame:
    """Operations of a run that take their turns together; the outermost frame has one turn.

    ops: in creation order, the loops directly inside among them as operations of their own. enters, exits: what leads into it (no part of
    `ops`) and out of it. backs: its NextIterations. makers: {Exit of a loop inside: that loop}.
    """

    def __init__(self, name: str, outer: Frame | None):
        self.name, self.outer = name, outer
        self.ops: list[Operation] = []
        self.enters: list[Operation] = []
        self.exits: list[Operation] = []
        self.backs: list[Operation] = []
        self.makers: dict[Operation, Operation] = {}
        self.inner: dict[str, Frame] = {}

    def given(self) -> set[Tensor]:
        """What is there when a turn begins."""
        return {op.outputs[0] for op in (*self.enters, *self.backs)}


class Looping(Op):
    """What a loop of TF1's nodes is in the frame around it: an operation of what enters, whose outputs are those of the Exits."""
    steers = "loop"

    def __init__(self, frame: Frame):
        self.__dict__.update(frame=frame, _memo={})

    def accesses(self, operation: Any) -> Any:
        frame: Frame = self.__dict__["frame"]
        found: dict[int, int] = {}
        home = {}
        for i, op in enumerate(frame.enters):
            passed = op.outputs[0].dtype
            if passed.is_ref or passed.name == "resource":
                home[op.outputs[0]] = i
            elif operation._inputs[i].dtype.is_ref:
                found[i] = READ
        for i, how in accesses_of(sources_first(frame.ops, frame.given(), frame.makers), home).items():
            found[i] = UPDATE if how & WRITE else how
        return [Access(i, how) for i, how in found.items()]

    def passed(self, op: Any, home: dict[Any, Any]) -> dict[Any, Any]:
        """{Exit of a handle or reference: what `home` says of it}"""
        frame: Frame = self.__dict__["frame"]
        inside = {enter.outputs[0]: home[t] for enter, t in zip(frame.enters, op._inputs) if t in home}
        if not inside:
            return {}
        accesses_of(sources_first(frame.ops, frame.given(), frame.makers), inside)
        return {out.outputs[0]: inside[out._inputs[0]] for out in frame.exits if out._inputs[0] in inside}


def frames_of(ops: Sequence[Operation], fed: set[Tensor]) -> Frame:
    """The outermost frame of a run. ops: all that it needs, in creation order."""
    top = Frame("", None)
    place: dict[Operation, Frame] = {}              # where its outputs are
    for op in sources_first(ops, fed, {}):
        frame = _frame_around(op, place, fed, top)
        how = op._op_def.steers
        if how == "enter":
            name: str = op._op_def.frame_name  # type: ignore[attr-defined]
            inner = frame.inner.setdefault(name, Frame(name, frame))
            inner.enters.append(op)
            place[op] = inner
        elif how == "exit":
            if frame.outer is None:
                raise _bad(op, f"{op.name} leaves a loop, but is in none")
            frame.exits.append(op)
            place[op] = frame.outer
        else:
            place[op] = frame
        if how == "next":
            frame.backs.append(op)
        if how != "enter":
            frame.ops.append(op)
    for op in place:
        for t in op._inputs if op._op_def.steers == "merge" else ():
            if t not in fed and _is_back(op, t) and place[t._op] is not place[op]:
                raise _apart(op, op, place[op], t._op, place[t._op], fed)
    _close(top)
    return top


def _frame_around(op: Operation, place: dict[Operation, Frame], fed: set[Tensor], top: Frame) -> Frame:
    """The frame that an operation takes its inputs in."""
    found: tuple[Frame, Operation] | None = None
    for source in (*(t._op for t in op._inputs if t not in fed), *op._control):
        if source not in place:                     # a NextIteration: it is in the frame of what it leads to
            continue
        frame = place[source]
        if found is None:
            found = frame, source
        elif frame is not found[0]:
            raise _apart(op, found[1], found[0], source, frame, fed)
    return top if found is None else found[0]


def _apart(op: Operation, one: Operation, its: Frame, other: Operation, others: Frame, fed: set[Tensor]) -> errors.OpError:
    hint = "\n  A tensor inside of a loop cannot be fed: feed what goes into the loop" if fed else ""
    return _bad(op, f"{op.name} has inputs from different frames. The input {one.name} is in frame '{its.name}'. The input {other.name} "
                    f"is in frame '{others.name}'.{hint}")


def _bad(op: Operation, message: str) -> errors.OpError:
    return errors.InvalidArgumentError(None, op, message)


def _close(frame: Frame) -> None:
    """Makes an operation of each loop inside, innermost first."""
    for inner in frame.inner.values():
        _close(inner)
        for group in (inner.enters, inner.exits, inner.backs, inner.ops):
            group.sort(key=lambda op: op._id)
        loop = _operation(inner)
        frame.ops.append(loop)
        frame.makers.update((op, loop) for op in inner.exits)
    frame.ops.sort(key=lambda op: op._id)


def _operation(frame: Frame) -> Operation:
    first = frame.enters[0]
    op = object.__new__(Operation)
    op.graph, op.name, op._id = first.graph, frame.name, min(op._id for op in frame.enters)
    op._op_def = Looping(frame)
    op._inputs = tuple(enter._inputs[0] for enter in frame.enters)
    op._control = tuple(dict.fromkeys(c for enter in frame.enters for c in enter._control))
    op.outputs = [out.outputs[0] for out in frame.exits]
    op._origin, op._extra, op._device, op._original_op = first._origin, None, first._device, None
    return op


def sources_first(ops: Sequence[Operation], fed: set[Tensor], makers: dict[Operation, Operation]) -> list[Operation]:
    """Operations after those that they take from, otherwise in their order. What a NextIteration gives a Merge is of another turn."""
    known, done, found = set(ops), set[Operation](), list[Operation]()
    for first in ops:
        stack = [first]
        while stack:
            op = stack[-1]
            if op in done:
                stack.pop()
                continue
            waiting = []
            for source in (*(t._op for t in op._inputs if t not in fed and not _is_back(op, t)), *op._control):
                source = makers.get(source, source)
                if source in known and source not in done and source is not op:
                    waiting.append(source)
            if not waiting:
                done.add(op)
                found.append(op)
                stack.pop()
            elif len(stack) > len(known):
                raise ValueError(f"the graph has a cycle through '{op.name}'")
            else:
                stack.append(waiting[0])
    return found


def _is_back(op: Operation, tensor: Tensor) -> bool:
    return op._op_def.steers == "merge" and tensor._op._op_def.steers == "next"


def inside(frame: Frame, enters: dict[Tensor, str]) -> dict[Tensor, str]:
    """home of what enters a loop, by the home of what is outside."""
    return {op.outputs[0]: enters[op._inputs[0]] for op in frame.enters if op._inputs[0] in enters and
            (op.outputs[0].dtype.is_ref or op.outputs[0].dtype.name == "resource")}
