"""Lowering a function's operations into a body: a plan of its own inside the plan that is being lowered."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.operation import Operation
from ..core.tensor import Tensor
from .build import Ordered
from .ir import Plan
from .lowering import Lowering
from .node import Node


class Carried(NamedTuple):
    """An argument of the body: an input tensor of the function, or the key of a resource; shape None where it may differ by turn."""
    what: Tensor | str
    shape: Any
    dtype: Any


class _Body(Lowering):
    """The operations of a function; `outer` lowers what is around it."""

    def __init__(self, outer: Lowering, ops: Ordered, fetches: Sequence[Tensor], given: Mapping[Tensor, Any], carried: Sequence[Carried]):
        super().__init__(ops, list(fetches), [], outer.store)
        self.outer = outer
        self.captures: list[tuple[Node, Any]] = []
        self.inside: dict[int, Node] = {}            # id of a captured node -> what stands for it
        for what, shape, dtype in carried:
            node = self.tracer.input("argument", None, shape, dtype)
            if isinstance(what, str):
                self.current[what] = node
            else:
                self.values[what] = node
                self.fed.add(what)
        self.count = len(carried)
        for tensor, value in given.items():
            self.values[tensor] = self.captured(value)
            self.fed.add(tensor)

    def captured(self, value: Any) -> Any:
        """What stands for an outer value inside: known arrays and handles stand for themselves."""
        if value.__class__ is not Node:
            return value
        known = self.inside.get(value.id)
        if known is None:          # else merged work: one value for two tensors
            known = self.inside[value.id] = self.tracer.input("argument", None, value.shape, value.dtype)
            self.captures.append((known, value))
        return known

    def read(self, key: str, op: Operation) -> Any:
        if self.current.get(key) is None:
            self.current[key] = self.captured(self.outer.read(key, op))
        return self.current[key]


def lower_body(outer: Lowering, ops: Ordered, fetches: Sequence[Tensor], given: Mapping[Tensor, Any] | None = None,
               carried: Sequence[Carried] = (), written: Sequence[str] = ()) -> tuple[Plan, list[Any]]:
    """(body, captures): the operations as a plan whose inputs are the carried values and then what it captures.

    ops: of the function's graph, in order (`pipeline.operations`). fetches: its outputs. given: values of the lowering around it for the
    function's inputs; known arrays specialise the body, nodes become captures. written: keys of resources; their versions after the
    body are further outputs (of one that the body leaves alone, the version before). captures: the outer values of the inputs after
    the carried ones, those that are used only; resources that the body reads and that are not carried are among them.
    """
    lowering = _Body(outer, ops, fetches, given or {}, carried)
    plan = lowering.run()
    if written:
        target = ops[-1] if ops else None
        outputs = [*plan.outputs, *(lowering.read(key, target) for key in written)]      # type: ignore[arg-type]
        plan = plan.replaced(outputs=outputs, inputs=lowering.tracer.inputs)
    extra = [w.key for w in plan.effects if w.key not in written]
    assert not extra, f"a body writes {extra}, which is not among its outputs"
    used = {a.id for node in plan.nodes for a in node.args if a.__class__ is Node}
    used |= {v.id for v in plan.outputs if v.__class__ is Node}
    captures = [(node, value) for node, value in lowering.captures if node.id in used]
    inputs = [*plan.inputs[:lowering.count], *(node for node, _ in captures)]
    return plan.replaced(inputs=inputs, effects=()), [value for _, value in captures]


def settled(lower: Callable[[list[Any]], tuple[Plan, list[Any]]], shapes: Sequence[Any]) -> tuple[Plan, list[Any]]:
    """lower(shapes of the carried values) -> (body, captures), with None for each shape that a turn of the loop may change."""
    known = list(shapes)
    while True:
        body, captures = lower(known)
        after = [shape if shape == value.shape else None for shape, value in zip(known, body.outputs)]
        if after == known:
            return body, captures
        known = after
