"""Lowering If, Case and calls: their bodies become the branches of `cond`, or stand in their place where the choice is known.

A body that cannot be lowered (a shape that does not fit, a variable without a value) fails when it is run, not before.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..core import dtypes, errors
from ..core.effects import WRITE
from ..core.func_graph import FuncGraph
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..kernels.contract import Namespace
from ..ops.control_flow.effects import body_accesses
from .bodies import aligned, argument
from .build import Ordered, in_order, prune
from .control import cond, inline
from .effects import Effects
from .function import lower_body
from .ir import Call, Handle, Plan
from .lowering import Lowering
from .node import Node
from .tracer import Tracer

_NOTHING = (0,) * 16     # the shape of what stands for the value of a variable that has none; `Store.rebind` leaves such a one alone


def needed(body: FuncGraph, wanted: Sequence[int], home: dict[Any, str]) -> Ordered:
    """The operations that some of the outputs need, and those that have an effect, in the order of their making."""
    targets = [*[body.outputs[i]._op for i in wanted], *body.effects]
    ops = prune(targets, set(body.inputs))
    if any(op._op_def.steers for op in ops):       # ordered frame by frame, when they run
        return Ordered(ops, Effects(ops, home), {})
    return in_order(ops, Effects(ops, home))


def home_of(lowering: Lowering, op: Operation, body: FuncGraph, first: int) -> dict[Any, str]:
    """{input of the body that is a reference or handle: key of its resource}; the inputs of `op` from `first` on are the body's."""
    found = {}
    for tensor, inside in zip(op._inputs[first:], body.inputs):
        key = lowering.effects.home.get(tensor)
        if key is not None and _stands(tensor) and _stands(inside):
            found[inside] = key
    return found


def _stands(tensor: Tensor) -> bool:
    """Whether it is a reference or a handle, not a value."""
    return tensor.dtype.is_ref or tensor.dtype.name == "resource"


def arguments_of(lowering: Lowering, op: Operation, first: int) -> list[Any]:
    """What the bodies of an operation get: handles for resources and references, values for the rest."""
    found: list[Any] = []
    for tensor, *inside in zip(op._inputs[first:], *(body.inputs for body in op._op_def.bodies_of(op))):
        key = lowering.effects.home.get(tensor) if _stands(tensor) and any(map(_stands, inside)) else None
        value = lowering.values.get(tensor) if key is not None else lowering.argument(tensor, op)
        found.append(value if key is None or value.__class__ is Handle else Handle(key, op))
    return found


def written_by(body: FuncGraph, home: dict[Any, str]) -> list[str]:
    """Keys of the resources that a body writes."""
    found = [home[body.inputs[i]] for i, how in body_accesses(body).items() if how & WRITE and body.inputs[i] in home]
    return list(dict.fromkeys(found))


def in_place(lowering: Lowering, op: Operation, body: FuncGraph, first: int = 0) -> list[Any]:
    """The outputs of an operation that runs this body for certain: its steps stand in the operation's place."""
    home, wanted = home_of(lowering, op, body, first), lowering.consumed(op)
    written = written_by(body, home)
    plan, captures = _lowered(lowering, op, body, arguments_of(lowering, op, first), home, wanted, written)
    return _given(lowering, op, wanted, written, inline(lowering.tracer, plan, captures))


def _lowered(lowering: Lowering, op: Operation, body: FuncGraph, arguments: Sequence[Any], home: dict[Any, str], wanted: Sequence[int],
             written: Sequence[str]) -> tuple[Plan, list[Any]]:
    given = dict(zip(body.inputs, arguments))
    return lower_body(lowering, needed(body, wanted, home), [body.outputs[i] for i in wanted], given, (), written)


def _given(lowering: Lowering, op: Operation, wanted: Sequence[int], written: Sequence[str], values: Sequence[Any]) -> list[Any]:
    """Writes the new versions of resources; the values of all outputs, None for those that nothing takes."""
    for key, value in zip(written, values[len(wanted):]):
        if value.shape != _NOTHING:
            lowering.write(key, value)
    found: list[Any] = [None] * len(op.outputs)
    for i, value in zip(wanted, values):
        found[i] = value
        if value.__class__ is Handle:
            lowering.effects.home[op.outputs[i]] = value.key
    return found


def _around(lowering: Any) -> list[Any]:
    """The graphs of the bodies that are being lowered."""
    found: list[Any] = []
    while lowering is not None:
        found.extend({o.graph for o in lowering.ops[:1]})
        lowering = getattr(lowering, "outer", None)
    return found


def lower_call(lowering: Lowering, op: Operation) -> list[Any]:
    """A call: its body in its place."""
    (body,) = op._op_def.bodies_of(op)
    if body in _around(lowering):
        raise errors.InvalidArgumentError(None, op, f"the function {body.name} calls itself; a loop is tf.while_loop")
    return in_place(lowering, op, body)


def lower_branches(lowering: Lowering, op: Operation) -> list[Any]:
    """If and Case: the branch that is taken where that is known, else a plan for each."""
    branches, rule = op._op_def.bodies_of(op), op._op_def.rule  # type: ignore[attr-defined]
    choice = lowering.argument(op._inputs[0], op)
    if rule == "index" or _is_of_switches(op):
        choice = scalar(lowering.tracer, op, choice)
    if choice.__class__ is not Node:
        return in_place(lowering, op, branches[chosen(rule, choice, len(branches))], 1)
    wanted, arguments = lowering.consumed(op), arguments_of(lowering, op, 1)
    homes = [home_of(lowering, op, branch, 1) for branch in branches]
    written = list(dict.fromkeys(key for branch, home in zip(branches, homes) for key in written_by(branch, home)))
    parts: list[Any] = []
    for branch, home in zip(branches, homes):
        mine = [key for key in written if lowering.has(key) or key in written_by(branch, home)]
        try:
            plan, captures = _lowered(lowering, op, branch, arguments, home, wanted, mine)
            parts.append((plan, mine, captures))
        except errors.OpError as error:
            parts.append(error)
    sound = [part for part in parts if not isinstance(part, errors.OpError)]
    if not sound:
        raise parts[0]
    types = {key: value.dtype for plan, mine, _ in sound for key, value in zip(mine, plan.outputs[len(wanted):])}
    for k, part in enumerate(parts):
        if not isinstance(part, errors.OpError):
            parts[k] = _spread(part[0], len(wanted), part[1], types), part[2]
    whole = next(part[0] for part in parts if not isinstance(part, errors.OpError))
    parts = [(failing(op, part, whole), []) if isinstance(part, errors.OpError) else part for part in parts]
    written = list(types)
    return _given(lowering, op, wanted, written, _chosen(lowering.tracer, rule, choice, parts))


def _spread(plan: Plan, count: int, mine: Sequence[str], types: dict[str, Any]) -> Plan:
    """The branch with an output for every resource that one of the branches writes, in the order of `types`."""
    values = dict(zip(mine, plan.outputs[count:]))
    more = [values[key] if key in values else np.empty(_NOTHING, dtype) for key, dtype in types.items()]
    return plan.replaced(outputs=[*plan.outputs[:count], *more])


def _chosen(tracer: Tracer, rule: str, choice: Any, parts: Sequence[tuple[Plan, list[Any]]]) -> list[Any]:
    """The outputs of the branch that `choice` names: nested conds, since a cond has two branches."""
    plans, captures = aligned(parts)
    if rule == "truth":
        return cond(tracer, truth(tracer, choice), plans[1], plans[0], captures)
    last = len(plans) - 1
    if not last:
        return inline(tracer, plans[0], captures)
    index = tracer.where(tracer.logical_or(tracer.less(choice, 0), tracer.greater(choice, last)), np.asarray(last, choice.dtype), choice)
    rest, takes = plans[last], captures
    for i in range(last - 1, 0, -1):
        (one, rest), takes = aligned([(plans[i], captures), (rest, takes)])
        inner = Tracer()
        inner.source = tracer.source
        with inner:
            inside = [inner.input("argument", None, value.shape, value.dtype) for value in (index, *takes)]
            outputs = cond(inner, inner.equal(inside[0], np.asarray(i, choice.dtype)), one, rest, inside[1:])
        rest, takes = Plan(inner.inputs, inner.nodes, outputs, ()), [index, *takes]
    (one, rest), takes = aligned([(plans[0], captures), (rest, takes)])
    return cond(tracer, tracer.equal(index, np.asarray(0, choice.dtype)), one, rest, takes)


def _is_of_switches(op: Operation) -> bool:
    """Whether a branch operation asks a bool as TF1's Switch does, which takes a scalar: all that tf.cond makes."""
    return op._inputs[0].dtype.base_dtype is dtypes.bool and bool((op._extra or {}).get("_lower_using_switch_merge"))


def scalar(tracer: Any, op: Operation, value: Any) -> Any:
    """What chooses a branch, or says whether a loop goes on: InvalidArgumentError for an array, in the run where its shape is not known."""
    if value.shape is None:
        return tracer.new("call", (value,), Call(op, _Scalar(), (((), value.dtype),), 0), (), value.dtype)
    if value.shape:
        raise errors.InvalidArgumentError(None, op, _not_scalar(value.shape))
    return value


def asking_one(op: Operation, test: Plan) -> Plan:
    """The test of a loop, which gives one value."""
    value = test.outputs[0]
    if value.shape == ():
        return test
    inner = Tracer()
    inner.source = op
    with inner:
        value = scalar(inner, op, value)
    return test.replaced(nodes=[*test.nodes, *inner.nodes], outputs=[value])


def _not_scalar(shape: Sequence[int]) -> str:
    return (f"The second input must be a scalar, but it has shape {list(shape)}\n  what chooses a branch, or says whether a loop goes on, "
            "is one value; tf.reduce_all or tf.reduce_any makes one bool of several")


def truth(tracer: Any, choice: Any) -> Any:
    """A number is true when it is not 0, an array when it has elements, a string when it is not empty."""
    if choice.shape == () and choice.dtype == bool:
        return choice
    if choice.shape == () and choice.dtype != object:
        return tracer.not_equal(choice, np.zeros((), choice.dtype))
    if choice.shape:
        return np.asarray(0 not in choice.shape)
    par = Call(tracer.source, _Truth(), (((), np.dtype(bool)),), 0)
    return tracer.new("call", (choice,), par, (), np.dtype(bool))


class _Step:
    """What stands for an operation in a `call` of ours."""
    stateful, quick, keeps, lends = False, None, (), False


class _Truth(_Step):
    """Asks a value of unknown shape, or a string, whether it is true."""

    def kernel(self, xp: Namespace, choice: Any) -> Any:
        return np.bool_(chosen("truth", choice, 2))


class _Scalar(_Step):
    """A value of unknown shape as the scalar that it must be."""

    def kernel(self, xp: Namespace, choice: Any) -> Any:
        if np.shape(choice):
            raise ValueError(_not_scalar(np.shape(choice)))
        return choice


def chosen(rule: str, choice: Any, count: int) -> int:
    """Which of `count` branches runs: "truth" is TensorFlow's of a boolean, number, string or array, "index" falls to the last one."""
    array = np.asarray(choice)
    if rule == "index":
        return int(array) if 0 <= array < count else count - 1
    return int(array.size > 0) if array.shape else int(bool(array[()]))


class _Fails(_Step):
    """What runs in place of a body that could not be lowered."""
    stateful = True

    def __init__(self, error: errors.OpError):
        self.error = error

    def run(self, ctx: Any, *arguments: Any) -> Any:
        raise type(self.error)(None, self.error.op, self.error.message)  # type: ignore[call-arg]


def failing(op: Operation, error: errors.OpError, like: Plan, inputs: Sequence[Node] = ()) -> Plan:
    """A body that raises the error, with outputs like those of another."""
    results = tuple((value.shape, value.dtype) for value in like.outputs)
    call = Node("call", (), Call(op, _Fails(error), results, 0), (), np.dtype(object), op)
    if len(results) == 1:
        call.shape, call.dtype = results[0]
        return Plan(inputs, [call], [call], ())
    items = [Node("item", (call,), i, shape, dtype, op) for i, (shape, dtype) in enumerate(results)]
    return Plan(inputs, [call, *items], items, ())


def arguments_like(values: Sequence[Any]) -> list[Node]:
    """Inputs of a body that stand for values."""
    return [argument(value) for value in values]
