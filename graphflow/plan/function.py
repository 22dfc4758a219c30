"""Lowering a function's operations into a body: a plan of its own inside the plan that is being lowered."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.contents import NOTHING, Contents, known_of, together
from ..core.op import Op
from ..core.operation import Operation
from ..core.tensor import Tensor
from .build import Ordered
from .ir import Call, Handle, Plan
from .lowering import Lowering, _full
from .node import Node


class Carried(NamedTuple):
    """An argument of the body: an input tensor of the function, or the key of a resource.

    shape: None where it may differ by turn; of a list `Contents`, as far as they hold in every turn.
    """
    what: Tensor | str
    shape: Any
    dtype: Any


class _Body(Lowering):
    """The operations of a function; `outer` lowers what is around it."""

    def __init__(self, outer: Lowering, ops: Ordered, fetches: Sequence[Tensor], given: Mapping[Tensor, Any], carried: Sequence[Carried]):
        super().__init__(ops, list(fetches), [], outer.store, outer.holders)
        self.outer = outer
        self.captures: list[tuple[Node, Any]] = []
        self.inside: dict[int, Node] = {}            # id of a captured node -> what stands for it
        for what, shape, dtype in carried:
            listed = shape.__class__ is Contents
            node = self.tracer.input("argument", None, () if listed else shape, dtype)
            node.contents = shape if listed else None
            if isinstance(what, str):
                self.current[what] = node
            else:
                self.values[what] = node
                self.fed.add(what)
        self.count = len(carried)
        for tensor, value in given.items():
            if value.__class__ is Handle and not (tensor.dtype.is_ref or tensor.dtype.name == "resource"):
                value = outer.read(value.key, value.op)       # another body of the operation takes the variable itself
            self.values[tensor] = self.captured(value)
            self.fed.add(tensor)

    def captured(self, value: Any) -> Any:
        """What stands for an outer value inside: known arrays and handles stand for themselves."""
        if value.__class__ is not Node:
            return value
        known = self.inside.get(value.id)
        if known is None:          # else merged work: one value for two tensors
            known = self.inside[value.id] = self.tracer.input("argument", None, value.shape, value.dtype)
            known.contents = value.contents
            self.captures.append((known, value))
        return known

    def read(self, key: str, op: Operation) -> Any:
        if self.current.get(key) is None:
            self.current[key] = self.captured(self.outer.read(key, op))
        return self.current[key]


class _Steering(_Body):
    """A body with TF1's control flow nodes: one call, which runs it as a session would (runtime.frames)."""

    def run(self) -> Plan:
        touched = sorted({t.key for touches in self.effects.touches.values() for t in touches if t.key is not None})
        if touched:
            raise NotImplementedError(f"{self.ops[-1].name}: a function whose body has Switch and Merge nodes and uses "
                                      f"{', '.join(touched)}; take the nodes out of the function")
        fed = [t for t in self.fed if self.values[t].__class__ is not Handle]
        results = tuple((_full(t._spec.shape), t.dtype.base_dtype.held) for t in self.fetches)
        self.tracer.source = self.ops[-1]
        par = Call(self.ops[-1], Steered(self.ops, self.fetches, fed), results, 0)
        outputs = self.called([self.values[t] for t in fed], par, results)
        return Plan(self.tracer.inputs, self.tracer.nodes, outputs, ())


class Steered(Op):
    """Stands in a plan for a body whose operations steer values."""
    stateful = True

    def __init__(self, ops: Sequence[Operation], fetches: Sequence[Tensor], fed: Sequence[Tensor]):
        self.__dict__.update(body=(list(fetches), list(fed), list(ops)), runner=None, _memo={})

    def run(self, ctx: Any, *inputs: Any) -> Any:
        """The values of the body's outputs; a plan belongs to one session, and so does what runs its bodies."""
        kept = self.__dict__
        if kept["runner"] is None:
            kept["runner"] = ctx.frames(*kept["body"])
        return kept["runner"].run(list(inputs))


def lower_body(outer: Lowering, ops: Ordered, fetches: Sequence[Tensor], given: Mapping[Tensor, Any] | None = None,
               carried: Sequence[Carried] = (), written: Sequence[str] = ()) -> tuple[Plan, list[Any]]:
    """(body, captures): the operations as a plan whose inputs are the carried values and then what it captures.

    ops: of the function's graph, in order (`pipeline.operations`). fetches: its outputs. given: values of the lowering around it for the
    function's inputs; known arrays specialise the body, nodes become captures. written: keys of resources; their versions after the
    body are further outputs (of one that the body leaves alone, the version before). captures: the outer values of the inputs after
    the carried ones, those that are used only; resources that the body reads and that are not carried are among them.
    """
    cls = _Steering if any(op._op_def.steers for op in ops) else _Body
    lowering = cls(outer, ops, fetches, given or {}, carried)
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


def settled(lower: Callable[[list[Any]], tuple[Plan, list[Any]]], known: Sequence[Any]) -> tuple[Plan, list[Any]]:
    """lower(what is known of the carried values) -> (body, captures), with what holds in every turn of the loop.

    known: of the first values: shapes, or `Contents`; a shape that a turn may change becomes None.
    """
    before = list(known)
    while True:
        body, captures = lower(before)
        after = [_each_turn(a, known_of(value)) for a, value in zip(before, body.outputs)]
        changed = [(node, now) for node, a, now in zip(body.inputs, before, after) if a != now]
        if all(_filled(a, b) for a, b in zip(before, after)) and not _read(body, {node.id for node, _ in changed}):
            for node, now in changed:
                node.contents = now
            return body, captures
        before = after


def _each_turn(a: Any, b: Any) -> Any:
    """What holds before and after a turn: of a list its `Contents`, or only that it is one value, shape ()."""
    a, b = (a, b) if a.__class__ is b.__class__ else (() if x.__class__ is Contents else x for x in (a, b))
    return together(a, b)


def _filled(before: Any, after: Any) -> bool:
    """Whether more is known than before, or less only of how long a list is."""
    return before == after or isinstance(before, Contents) and isinstance(after, Contents) and (before.of == after.of
                                                                                               or before.of is NOTHING)


def _read(body: Plan, lists: set[int]) -> bool:
    """Whether a body does more with these lists than make others of them."""
    mine = set(lists)
    for node in body.nodes if lists else ():
        if not any(a.__class__ is Node and a.id in mine for a in node.args):
            continue
        if node.prim != "call" or node.contents is None:
            return True
        mine.add(node.id)
    return False
