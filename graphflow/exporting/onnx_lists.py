"""Lists of tensors in ONNX: one tensor each, its elements along the first axis. What nobody set is zeros.

A list that is made empty tells nothing of its elements; what is set, pushed or read elsewhere does. So all values that are versions of one
list are gathered first, through loops and branches, and share what any of them tells.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..core.op import Op
from ..ops.array.basic import ZerosLike
from ..ops.data_flow import tensor_list as kinds
from ..ops.data_flow.tensor_list_parts import TensorListGather
from ..ops.elementwise.aggregate import AddN
from .general import General, Items, Step
from .onnx_builder import INT64, Builder
from .planned import Formless

Element = tuple[tuple[Any, ...], np.dtype[Any]]


class Elements:
    """Shape and type of the elements of every list of a plan."""

    def __init__(self, plan: General):
        self.parents: dict[int, int] = {}
        self.found: dict[int, Element] = {}
        self.walk(plan)

    def of(self, step: Step) -> Element:
        """Those of a list. Formless where nothing tells them."""
        found = self.found.get(self.root(step.id))
        if found is None:
            raise Formless("a list of tensors whose elements nothing tells")
        return found

    def root(self, key: int) -> int:
        while key in self.parents:
            key = self.parents[key]
        return key

    def same(self, *values: Any) -> None:
        """These are versions of one list, as far as they are lists of the plan."""
        first, *others = [self.root(v.id) for v in values if isinstance(v, Step) and v.dtype.kind == "O"] or [0]
        for other in others:
            other = self.root(other)
            if other != self.root(first):
                self.parents[other] = self.root(first)
                if other in self.found:
                    self.found.setdefault(self.root(first), self.found.pop(other))

    def tells(self, value: Any, shape: Any, dtype: Any) -> None:
        if isinstance(value, Step) and shape is not None:
            self.found.setdefault(self.root(value.id), (tuple(shape), dtype))

    def walk(self, plan: General) -> None:
        for step in plan.steps:
            if step.prim == "call":
                self.call(step)
            elif step.prim == "item" and step.args[0].prim == "call":
                if step.par == 0:
                    self.same(step, step.args[0].args[0])
            elif step.prim == "item":
                holder = step.args[0]
                for name in ("body",) if holder.prim == "loop" else ("then", "orelse"):
                    self.same(step, holder.bodies[name].outputs[step.par])
            elif step.bodies:
                for name, body in step.bodies.items():
                    for arg, inside in zip(step.args[0 if step.prim == "loop" else 1:], body.inputs):
                        self.same(inside, arg)
                    if name == "body":
                        for k, (inside, out) in enumerate(zip(body.inputs, body.outputs)):
                            self.same(inside, out, step.bodies["test"].inputs[k])
                    self.walk(body)
                if step.prim == "cond":
                    for pair in zip(step.bodies["then"].outputs, step.bodies["orelse"].outputs):
                        self.same(*pair)

    def call(self, step: Step) -> None:
        kind, args = type(step.par.op_def), step.args
        if kind is kinds.TensorListFromTensor:
            self.tells(step, args[0].shape[1:], args[0].dtype)
        elif kind in (kinds.TensorListPushBack, kinds.TensorListSetItem):
            self.same(step, args[0])
            self.tells(step, args[-1].shape, args[-1].dtype)
        elif kind is kinds.TensorListGetItem:
            self.tells(args[0], step.shape, step.dtype)
        elif kind is kinds.TensorListPopBack:
            self.tells(args[0], *step.par.results[1])
        elif kind in (kinds.TensorListStack, TensorListGather):
            self.tells(args[0], step.shape[1:], step.dtype)
        elif kind in (ZerosLike, AddN):
            self.same(step, *args)


def known_list(b: Builder, items: Items, element: Element) -> str:
    """A list that the plan knows."""
    shape, dtype = element
    zero = b.constant(0, dtype)
    if items.items is None:
        return b.node("Expand", zero, b.shape([items.count, *shape]))
    parts = [b.node("Unsqueeze", b.node("Expand", zero, b.shape(shape)) if item is None else b.value(item), b.constant([0], INT64))
             for item in items.items]
    return b.node("Concat", *parts, axis=0)


def _row(b: Builder, place: str) -> str:
    return b.node("Reshape", b.cast(place, INT64), b.constant([1, 1], INT64))


def reserve(b: Builder, step: Step, args: list[str], element: Element) -> str:
    count = b.node("Reshape", b.cast(args[1], INT64), b.constant([1], INT64))
    return b.node("Expand", b.constant(0, element[1]), b.node("Concat", count, b.shape(element[0]), axis=0))


def push(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return b.node("Concat", args[0], b.node("Unsqueeze", args[1], b.constant([0], INT64)), axis=0)


def put(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return b.node("ScatterND", args[0], _row(b, args[1]), b.node("Unsqueeze", args[2], b.constant([0], INT64)))


def get(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return b.node("Gather", args[0], args[1], axis=0)


def pop(b: Builder, step: Step, args: list[str], element: Element) -> list[str]:
    rest = b.node("Slice", args[0], b.constant([0], INT64), b.constant([-1], INT64), b.constant([0], INT64))
    return [rest, b.node("Gather", args[0], b.constant(-1, INT64), axis=0)]


def length(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return b.cast(b.node("Squeeze", b.node("Shape", args[0], end=1), b.constant([0], INT64)), np.dtype(np.int32))


def zeros(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return b.node("Mul", args[0], b.constant(0, element[1]))


def same(b: Builder, step: Step, args: list[str], element: Element) -> str:
    return args[0]


LISTS: dict[type[Op], Callable[[Builder, Step, list[str], Element], Any]] = {
    kinds.TensorListFromTensor: same, kinds.TensorListStack: same, kinds.TensorListReserve: reserve, kinds.TensorListPushBack: push,
    kinds.TensorListSetItem: put, kinds.TensorListGetItem: get, TensorListGather: get, kinds.TensorListPopBack: pop,
    kinds.TensorListLength: length, ZerosLike: zeros, AddN: lambda b, step, args, element: b.node("Sum", *args)}


def list_of(step: Step) -> Step:
    """The list that a call is about: what it gives, if that is one, else what it takes."""
    found: Step = step if step.dtype.kind == "O" and step.shape == () and len(step.par.results) == 1 else step.args[0]
    return found
