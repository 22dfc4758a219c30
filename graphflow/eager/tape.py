"""Tapes: what is remembered of operations so that gradients can be taken of what they computed.

A tape records the operations of one builder, eager or a graph (of a function that is being traced), and of one thread, as long as one
of their inputs is watched or comes from something that was. A record is an Operation, which keeps its inputs and outputs; gradients
are those of the one table that `tf.gradients` uses.
"""
from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from ..autodiff.gradients import checked, of_holder, zeros_for
from ..autodiff.registry import gradient_function
from ..core import context
from ..core.convert import convert_to_tensor
from ..core.dtypes import resource, variant
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..core.values import IndexedSlices
from ..ops import functions as F
from ..ops.dtype_sets import INEXACT
from ..ops.elementwise.aggregate import add_gradients

FLOWS = frozenset((*INEXACT, resource, variant))


class Tape:
    """Records of operations, oldest first."""

    def __init__(self, variables: bool) -> None:
        self.graph = context.default_graph()
        self.thread = threading.get_ident()
        self.auto = variables
        self.ids: set[int] = set()                   # of tensors that gradients may flow to
        self.kept: dict[int, Any] = {}               # of what is watched: so that ids stay theirs
        self.records: list[Operation] = []
        self.variables: dict[int, Any] = {}

    def watch(self, tensor: Any) -> None:
        """Gradients by this tensor, or handle of a variable, will be asked for."""
        for one in {id(tensor): tensor, id(self.inside(tensor)): self.inside(tensor)}.values():
            self.ids.add(id(one))
            self.kept[id(one)] = one

    def inside(self, tensor: Any) -> Any:
        """What stands for a tensor in the graph that the tape records."""
        graph = self.graph
        if graph.building_function and tensor._op.graph is not graph:
            return graph.own(tensor)
        return tensor

    def watch_variable(self, variable: Any) -> None:
        """A variable was read."""
        if self.thread == threading.get_ident():
            self.variables[id(variable.handle)] = variable
            if id(variable.handle) not in self.ids:
                self.watch(variable.handle)

    def wants(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
        """Whether an operation on these inputs is to be recorded."""
        ids = self.ids
        for t in inputs:
            if id(t) in ids:
                return (t._spec.dtype.base_dtype in FLOWS and self.thread == threading.get_ident() and bool(outputs)
                        and outputs[0]._op.graph is self.graph)
        return False

    def flows(self, inputs: Sequence[Any]) -> bool:
        """Whether one of these inputs is watched, or comes from something that is."""
        return self.thread == threading.get_ident() and any(
            id(t) in self.ids and t._spec.dtype.base_dtype in FLOWS for t in inputs)

    def add(self, operation: Operation) -> None:
        """Records an operation."""
        if operation._op_def.differentiable:
            self.records.append(operation)
            self.ids.update([id(t) for t in operation.outputs if t._spec.dtype.base_dtype in FLOWS])

    def forget(self) -> None:
        """Drops all records."""
        self.records, self.ids, self.kept, self.variables = [], set(), {}, {}

    # -- backwards ----------------------------------------------------------------------------------------------------
    def backward(self, targets: Sequence[Any], sources: Sequence[Any], given: Sequence[Any]) -> list[Any]:
        """The sum over targets of the gradient by each source, or None."""
        places = [self.inside(source) for source in sources]
        wanted = {id(p) for p in places if id(p) in self.ids}
        reached = set(wanted)
        between: list[Operation] = []
        for op in self.records:
            if any(id(t) in reached for t in op._inputs):
                between.append(op)
                reached.update([id(t) for t in op.outputs])
        grads: dict[int, list[Any]] = {}
        for target, dy in zip(targets, given):
            target = self.inside(target)
            if id(target) in reached:
                grads.setdefault(id(target), []).append(_initial(target, dy))
        while between:
            op = between.pop()
            dys = [_total(grads, id(t), id(t) in wanted) for t in op.outputs]
            if all(dy is None for dy in dys):
                continue
            for t, dx in zip(op._inputs, self._step(op, dys)):
                if dx is not None and id(t) in reached:
                    grads.setdefault(id(t), []).append(dx)
        return [_total(grads, id(p), True) if id(p) in wanted else None for p in places]

    def _step(self, op: Operation, dys: list[Any]) -> Sequence[Any]:
        """The gradients of an operation's inputs."""
        own = op._extra.get("_tape_gradient") if op._extra else None
        function: Any = own or gradient_function(op, of_holder)
        if function is None:
            return ()
        for i, dy in enumerate(dys):
            if dy is None and own is None and op.outputs[i]._spec.dtype.base_dtype in INEXACT:
                dys[i] = zeros_for(op.outputs[i], self.graph)
        found = function(op, *dys)
        return found if own else checked(op, found)


def _total(grads: dict[int, list[Any]], key: int, keep: bool) -> Any:
    parts = grads.get(key)
    if parts is None:
        return None
    if len(parts) > 1:
        parts[:] = [add_gradients(parts, None)]
    if not keep:
        del grads[key]
    return parts[0]


def _initial(target: Any, dy: Any) -> Any:
    if dy is None:
        return F.ones_like(target)
    return dy if isinstance(dy, (Tensor, IndexedSlices)) else convert_to_tensor(dy, target.dtype.base_dtype)


class hidden:
    """Context manager: what this thread does inside is not recorded by the tapes around it, but by `instead`."""

    def __init__(self, *instead: Any) -> None:
        self.instead = instead

    def __enter__(self) -> None:
        here = threading.get_ident()
        self.before = [tape for tape in context.recorders if tape.thread == here]
        self._change(self.before, self.instead)

    def __exit__(self, *exception: object) -> None:
        self._change(self.instead, self.before)

    @staticmethod
    def _change(old: Sequence[Any], new: Sequence[Any]) -> None:
        for tape in old:
            context.recorders.remove(tape)
        context.recorders.extend(new)


class Watcher:
    """Stands among the tapes and notes which trainable variables are read."""
    auto, graph = True, None

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.variables: dict[int, Any] = {}

    def watch_variable(self, variable: Any) -> None:
        """A variable was read."""
        if self.thread == threading.get_ident():
            self.variables.setdefault(id(variable.handle), variable)

    def wants(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> bool:
        """No operation is recorded."""
        return False

    def flows(self, inputs: Sequence[Any]) -> bool:
        """No call is recorded."""
        return False

