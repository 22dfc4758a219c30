"""A loop of TF1's nodes (ops.control_flow.frames) as tf.gradients looks at it: its variables, who is alive in a turn, and late variables.

Late ones hold what gradients need of each turn. What the loop gave before it still gives, under the same names.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

import numpy as np

from graphflow.formats import proto

from ...core.constant import constant_op
from ...core.dtypes import float32
from ...core.effects import steers_itself
from ...core.graph import Graph
from ...core.make import make, make_op
from ...core.op import Op
from ...core.operation import Operation
from ...core.tensor import Tensor
from .. import functions as F
from ..array.basic import Identity, identity
from ..data_flow.tensor_list import empty_list
from .frames import Frame, frames_of, sources_first
from .sides import ALIVE, Side, joined, root_of
from .steering_ops import Enter, Exit, LoopCond, Merge, NextIteration, Switch


class Variable(NamedTuple):
    """A loop variable: its nodes. enter: its place among the Enters of the loop. leave: what goes out when the loop is over."""
    enter: int
    merge: Operation
    back: Operation
    stay: Tensor
    leave: Tensor


class Turn:
    """Operations of one graph that take their turns together: of a loop, or of a body; which of their values are alive.

    members: what stands in the turn. condition: what the Switches of a loop's variables ask.
    """

    def __init__(self, frame: Frame, graph: Graph, members: set[Operation], condition: Tensor | None = None):
        self.frame, self.graph, self.members, self.condition = frame, graph, members, condition
        self._guards: dict[Any, frozenset[Any]] = {}

    def root(self, tensor: Tensor) -> Tensor:
        """The tensor of the loop that a tensor has the value of, when it is alive: itself, or what it hands on."""
        while tensor._op in self.members:
            op = tensor._op
            if op._op_def.steers != "switch" and not _passes(op):
                break
            if op._inputs[0]._op not in self.members:
                break
            tensor = op._inputs[0]
        return tensor

    def guard(self, tensor: Tensor) -> list[Side]:
        """The sides that a tensor lies on within a turn, the outermost first. NotImplementedError where that is not known."""
        guards = self.guards()
        found = guards.get(tensor, guards.get(tensor._op, ALIVE))
        if not all(what.__class__ is Side for what in found):
            raise self._refused(f"when {tensor.name} is alive in a turn is not known: a Merge joins more than two sides of one predicate")
        return sorted(found, key=lambda side: len(guards.get(side.root, guards.get(side.root._op, ALIVE))))

    def guards(self) -> dict[Any, frozenset[Any]]:
        """What must hold for each operation of a turn to be alive; for outputs of Switches by tensor."""
        if not self._guards:
            self._find_guards()
        return self._guards

    def _find_guards(self) -> None:
        guards, sides, makers = self._guards, dict[Any, Side](), self.frame.makers
        for op in sources_first(self.frame.ops, self.frame.given(), makers):
            inputs = [guards.get(t, guards.get(t._op, ALIVE)) for t in op._inputs]
            guard = ALIVE.union(*inputs, *(guards.get(c, ALIVE) for c in op._control))
            how = op._op_def.steers
            if how == "switch" and op._inputs[1] is not self.condition:
                for t, value in zip(op.outputs, (False, True)):
                    root = root_of(op._inputs[1], guards=guards)
                    guards[t] = guard | {sides.setdefault((root, value), Side(root, value, op._inputs[1]))}
            elif how == "merge":
                together = ALIVE if is_turning(op) else joined(inputs)
                guard = frozenset([op.outputs[0]]) if together is None else together
            elif how == "loop":
                guards.update((t, guard) for t in op.outputs)
            guards[op] = guard

    def alive(self, tensor: Tensor) -> Tensor:
        """The tensor; on the other sides of its guard something else of its type."""
        guard = self.guard(tensor)
        for depth in range(len(guard), 0, -1):
            *before, last = guard[:depth]
            with self.graph.control_dependencies(self._pivot()):
                other = filler(tensor)
            for side in before:
                other = make(Switch, other, side.predicate)[side.value]
            other = make(Switch, other, last.predicate)[not last.value]
            tensor = make(Merge, [tensor, other])[0]
        return tensor

    def _pivot(self) -> list[Operation]:
        """What constants in the turn wait for."""
        return []

    def _refused(self, why: str) -> NotImplementedError:
        where = f"the loop '{self.frame.name}'" if self.frame.name else "a function with TF1's control flow nodes"
        return NotImplementedError(f"tf.gradients through {where}: {why}; build it anew with tf.while_loop and tf.cond")


class Loop(Turn):
    """One loop. outer: the loop around it. op: it as one operation of the frame around, see `Looked`."""

    def __init__(self, frame: Frame, outer: Loop | None):
        super().__init__(frame, frame.enters[0].graph, {*frame.enters, *frame.ops, *frame.makers} - set(frame.exits))
        self.outer = outer
        conditions = [op for op in frame.ops if isinstance(op._op_def, LoopCond)]
        if len(conditions) != 1:
            raise self._refused(f"it has {len(conditions)} LoopCond nodes, where loops of TensorFlow have one")
        self.condition = conditions[0].outputs[0]
        places = {enter: i for i, enter in enumerate(frame.enters)}
        switches = {op._inputs[0]: op for op in frame.ops if op._op_def.steers == "switch" and op._inputs[1] is self.condition}
        self.variables: list[Variable] = []
        for merge in frame.ops:
            if not is_turning(merge):
                continue
            enter, back = (t._op for t in merge._inputs)
            switch = switches.get(merge.outputs[0])
            if enter not in places or switch is None:
                raise self._refused(f"its variable '{merge.name}' has no {'Enter' if switch else 'Switch'} of its own")
            self.variables.append(Variable(places[enter], merge, back, switch.outputs[1], switch.outputs[0]))
        own = {v.enter for v in self.variables}
        self.constants = [i for i, enter in enumerate(frame.enters) if enter._op_def.is_constant]  # type: ignore[attr-defined]
        for enter in frame.enters:
            if not enter._op_def.is_constant and places[enter] not in own:  # type: ignore[attr-defined]
                raise self._refused(f"'{enter.name}' enters its first turn only and is no loop variable")

    # -- what its tensors are -----------------------------------------------------------------------------------------
    def still(self, tensor: Tensor) -> Tensor | None:
        """The tensor outside whose value a tensor, a root, has in every turn; None for one that changes."""
        op = tensor._op
        if op._op_def.steers == "enter":
            return op._inputs[0]
        if is_turning(op) and tensor is op.outputs[0] and self.root(op._inputs[1]._op._inputs[0]) is tensor:
            return op._inputs[0]._op._inputs[0]
        return None

    def variable_of(self, leave: Operation) -> Variable:
        """The loop variable that an Exit gives."""
        root = self.root(leave._inputs[0])
        for variable in self.variables:
            if variable.merge.outputs[0] is root:
                return variable
        raise self._refused(f"what leaves it by '{leave.name}' is no loop variable")

    # -- what is added ------------------------------------------------------------------------------------------------
    def turns(self) -> Tensor:
        """How many turns it took, outside of it."""
        known = self.graph.extension("turns of loops", dict)
        if self.condition not in known:
            with self._around():
                start = constant_op(0, name="turns")
            known[self.condition] = self.add_variable(start, lambda count: count + 1, "turns")
        return self._leaves(known[self.condition])

    def last(self, variable: Variable) -> Tensor:
        """The value of a loop variable after the loop."""
        known: dict[Tensor, Tensor] = self.graph.extension("exits of loops", dict)
        if variable.leave not in known:
            found = [out.outputs[0] for out in self.frame.exits if out._inputs[0] is variable.leave]
            with self._nodes():
                known[variable.leave] = found[0] if found else make(Exit, variable.leave, name="Exit")
        return self._leaves(known[variable.leave])

    def stacked(self, tensor: Tensor) -> Tensor:
        """A list of the values that a tensor, a root, has in all turns, outside of the loop; anything for turns in which it is dead."""
        known = self.graph.extension("stacks of loops", dict)
        if tensor not in known:
            dtype = tensor.dtype.base_dtype
            with self._around():
                start = empty_list(dtype, tensor.static, name="accumulator")
            with self._nodes():
                alive = self.alive(tensor)
            known[tensor] = self.add_variable(start, lambda values: make(F.TensorListPushBack, values, alive), "accumulator")
        return self._leaves(known[tensor])

    def _pivot(self) -> list[Operation]:
        return [identity(self.variables[0].stay).op]

    def add_variable(self, start: Tensor, after: Callable[[Tensor], Tensor], name: str) -> Tensor:
        """One more loop variable; its last value, outside. after: its next value, of its value in a turn."""
        shape, around = start.static, self.frame.enters[0]
        with self._nodes(name):
            attributes = {**around._op_def.attributes(), "T": start.dtype.base_dtype, "is_constant": False}
            enter = make_op(Enter, (start,), "Enter", attributes).outputs[0]
            enter.set_shape(shape)
            merge = make(Merge, [enter, enter], name="Merge")
            leave, stay = make(Switch, merge[0], self.condition, name="Switch")
            with self.graph.control_dependencies([identity(stay)]):
                found = after(stay)
            back = make(NextIteration, found, name="NextIteration")
            merge[0].op._update_input(1, back)
            return make(Exit, leave, name="Exit")

    @contextmanager
    def _scope(self, name: str | None = None) -> Any:
        """Nodes made here stand in the scope of the loop and wait for nothing else. Gives where they are listed, from the place on."""
        scope = self.frame.enters[0].name.rpartition("/")[0]
        graph = self.graph
        with ExitStack() as stack:
            for context in (graph.as_default(), graph.control_dependencies(None), graph.colocate_with(None, ignore_existing=True),
                            graph.name_scope(scope + "/" if scope else None)):
                stack.enter_context(context)
            if name is not None:
                stack.enter_context(graph.name_scope(name))
            yield len(graph._ops)

    @contextmanager
    def _nodes(self, name: str | None = None) -> Any:
        """Nodes made here belong to the loop."""
        with self._scope(name) as first:
            yield
        self.members.update(op for op in self.graph._ops[first:] if op._op_def.steers != "exit")

    @contextmanager
    def _around(self) -> Any:
        """Nodes made here, without inputs, stand before the loop: they are alive in the turns of the loop around in which it is."""
        with self._scope() as first:
            before = identity(self.frame.enters[self.variables[0].enter]._inputs[0])
            with self.graph.control_dependencies([before]):
                yield
        if self.outer is not None:
            self.outer.members.update(self.graph._ops[first:])

    def _leaves(self, tensor: Tensor) -> Tensor:
        """Notes where a tensor that leaves the loop stands."""
        if self.outer is not None and tensor._op not in self.outer.members:
            self.outer.members.add(tensor._op)
            me = next(op for op in self.outer.frame.ops if op._op_def.__dict__.get("frame") is self.frame)
            self.outer._guards[tensor] = self.outer.guards()[me]
        return tensor


def turn_of(body: Graph) -> Turn | None:
    """The turn of a body that has TF1's control flow nodes; None for others."""
    kept: dict[int, Turn | None] = body.extension("turn", dict)
    count = len(body._ops)
    if count not in kept:
        found = None
        if steers_itself(body):
            frame = frames_of(body._ops, set())
            found = Turn(frame, body, {*frame.ops, *frame.makers})
        kept.clear()
        kept[count] = found
    return kept[count]


def filler(tensor: Tensor) -> Tensor:
    """Some value of a tensor's type."""
    dtype = tensor.dtype.base_dtype
    if dtype.name == "variant":
        return empty_list(float32, None)
    shape = [d or 0 for d in tensor.static or ()]
    return constant_op(np.full(shape, b"", object) if dtype.name == "string" else np.zeros(shape, dtype.np), dtype)


def _passes(op: Operation) -> bool:
    """Whether an operation hands its input on, and the gradient back as it is."""
    own = op._extra is not None and "_gradient_op_type" in op._extra
    return type(op._op_def) is Identity and not own and not op._inputs[0].dtype.is_ref


def is_turning(op: Operation) -> bool:
    """Whether it is a Merge that begins a turn."""
    return op._op_def.steers == "merge" and any(t._op._op_def.steers == "next" for t in op._inputs)


class Looked(Op):
    """Type of the operation that stands for a loop while tf.gradients walks: its inputs are what enters, its outputs what leaves."""
    holds = "frame"

    def __init__(self, loop: Loop):
        self.__dict__.update(loop=loop, _memo={})


class Loops:
    """The loops of TF1's nodes among the ancestors of some operations.

    behind: {tensor: what stands for it in a walk}: for an Exit the output of its loop, within a turn for a variable what it begins with.
    closed: where a walk ends: at what begins a turn, and what leaves a loop that was made with `back_prop=False`.
    ends: where gradients begin and end: outside of loops.
    """

    def __init__(self, ancestors: Iterable[Operation], ends: Iterable[Tensor]):
        self.behind: dict[Tensor, Tensor] = {}
        self.closed: set[Operation] = set()
        frame = frames_of(sorted(ancestors, key=lambda op: op._id), set())
        top = {*frame.ops, *frame.makers}
        for t in ends:
            if t._op not in top:
                raise NotImplementedError(f"tf.gradients to or from '{t.name}', which is inside of a loop of TF1's control flow nodes: "
                                          "gradients go from what leaves the loop (an Exit) to what enters it")
        self.forward_only = _forward_only(next(iter(frame.inner.values())).enters[0].graph) if frame.inner else set()
        for inner in frame.inner.values():
            self._add(inner, None)

    def _add(self, frame: Frame, outer: Loop | None) -> None:
        if frame.name in self.forward_only:
            self.closed.update(frame.exits)
            return
        loop = Loop(frame, outer)
        op = object.__new__(Operation)
        first = frame.enters[0]
        op.graph, op.name, op._id = loop.graph, frame.name, first._id
        op._op_def, op._extra, op._device, op._control = Looked(loop), None, "", ()
        op._origin, op._original_op = first._origin, None
        op._inputs = tuple(enter._inputs[0] for enter in frame.enters)
        op.outputs = [Tensor(op, i, out.outputs[0]._spec) for i, out in enumerate(frame.exits)]
        self.behind.update((out.outputs[0], t) for out, t in zip(frame.exits, op.outputs))
        self.behind.update((v.stay, v.merge.outputs[0]) for v in loop.variables)
        self.closed.update(v.merge for v in loop.variables)
        self.closed.update(frame.enters)
        for inner in frame.inner.values():
            self._add(inner, loop)


def _forward_only(graph: Any) -> set[str]:
    """The names of loops that an imported meta graph says to be made with `back_prop=False`; GraphDefs do not tell it."""
    messages = [proto.parse(value, proto.WhileContextDef, "collection while_context")
                for value in graph._collections.get("while_context", ()) if isinstance(value, bytes)]
    found = set()
    while messages:
        message = messages.pop()
        if not message.back_prop:
            found.add(message.context_name)
        messages += [inner.while_ctxt for inner in message.nested_contexts if inner.HasField("while_ctxt")]
    return found
