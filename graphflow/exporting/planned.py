"""What a session would run for a model, as one plan for all sizes."""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..core.constant import Const
from ..core.errors import OpError
from ..core.operation import Operation
from ..core.tensor import Tensor
from ..ops.array.select import Where
from ..ops.array.stitch import Unique, UniqueWithCounts
from ..plan.bodies import all_nodes
from ..plan.build import prune
from ..plan.complaints import at_op
from ..plan.expected import Told
from ..plan.ir import Plan
from ..plan.pipeline import stages
from ..runtime.executor import Executor
from ..runtime.store import Binding
from .general import General, general
from .sizes import Points

INSTEAD = "export a part of the model without it (--inputs, --outputs), or run it with graphflow"
COUNTING = (Unique, UniqueWithCounts, Where)       # the only sizes that their results leave open are how many there are
LAST_PASS = "invariants"       # what follows it is about memory


class Planned(NamedTuple):
    """plan: its inputs are the feeds in the order of `names`, then variables. shapes: of the feeds, by name, sizes by name where they are
    open. weights: the values of the variables that it reads."""
    plan: General
    names: list[str]
    shapes: dict[str, tuple[int | str, ...]]
    outputs: list[str]
    points: Points
    weights: dict[str, np.ndarray]


def planned(model: Any, ops: Sequence[Operation] = (), shapes: Mapping[str, Sequence[int | str]] | None = None,
            counted: bool = False) -> Planned:
    """The plan of the model's outputs, and of operations that run with them.

    shapes: of inputs, by name; a size is a number, or a name for one that stays open. What they leave out comes from the graph, where
    unknown first sizes are all `n`, and others `NAME_AXIS`. counted: whether sizes that values tell, of operations in COUNTING, may stay
    open; their names are `points.counts`. ValueError for an input of unknown rank. NotImplementedError for what no
    plan can do alone.
    """
    session, fetches = model.session, list(model.outputs.values())
    used = needed_inputs(model, ops)
    known = {name: tuple(_shape(name, tensor, (shapes or {}).get(name))) for name, tensor in used.items()}
    names = list(dict.fromkeys(d for shape in known.values() for d in shape if isinstance(d, str)))
    executor = session._executor([*fetches, *ops], list(used.values()))
    if not isinstance(executor, Executor):
        raise NotImplementedError("the model waits for queues or iterators, or runs TF1 loops step by step: name the tensors behind them "
                                  "as inputs, or import the graph and export a part without them.")
    plan = _Planner(executor, list(known.values()))
    counts: Counts = {}
    while True:
        points = Points(names, list(dict.fromkeys(d for shape in counts.values() for d in shape if isinstance(d, str))))
        first = plan.at(points.points[0], counts)
        uncounted = _uncounted(first, len(points.counts)) if counted else {}
        if not uncounted or uncounted.keys() <= counts.keys():
            break
        counts.update(uncounted)
    plans = [first, *[plan.at(point, counts) for point in points.points[1:]]]
    constants = {id(op._op_def.value): op.name for op in session.graph.get_operations() if isinstance(op._op_def, Const)}
    _check_calls(plans[0])
    weights = {key: np.array(session._store.value(key)) for key in plans[0].reads()}
    return Planned(general(plans, points, constants), list(used), known, list(model.outputs), points, weights)


Counts = dict[tuple[Operation, int], tuple[int | str, ...]]


class _Planner:
    """Plans of a session's executor for sizes by name. shapes: of the feeds."""

    def __init__(self, executor: Executor, shapes: Sequence[tuple[int | str, ...]]):
        self.executor, self.shapes = executor, shapes

    def at(self, point: Mapping[str, int], counts: Counts) -> Plan:
        """counts: the shapes that values tell, of operations' outputs."""
        executor = self.executor

        def sized(shape: Sequence[int | str]) -> tuple[int, ...]:
            return tuple(d if isinstance(d, int) else point[d] for d in shape)

        expected = Told((key, sized(shape)) for key, shape in counts.items())
        try:
            found = stages(executor.ops, executor.fetches, list(zip(executor.fed, map(sized, self.shapes))),
                           Binding(executor.session, executor.store), expected)
        except OpError as error:
            raise ValueError(f"the model cannot be planned with {', '.join(f'{k} = {v}' for k, v in point.items())}; say which sizes are "
                             f"the same, or what they are: --shape NAME=SIZES. {error.message}") from error
        return next(plan for name, plan in found if name == LAST_PASS)


def _uncounted(plan: Plan, already: int) -> Counts:
    """Names for the open sizes of the first operation whose results' sizes values tell; nothing where there is none in COUNTING."""
    for node in plan.nodes:
        if node.prim == "call" and any(shape is None and dtype.kind != "O" for shape, dtype in node.par.results):
            if not isinstance(node.par.op_def, COUNTING):
                return {}
            name = f"count_{already + 1}"
            return {(node.par.op, i): tuple(name if d is None else d for d in _static(node.par.op, i))
                    for i, (shape, _) in enumerate(node.par.results) if shape is None}
    return {}


def _static(op: Operation, i: int) -> tuple[int | None, ...]:
    shape = op.outputs[i]._spec.shape
    return () if shape is None else tuple(shape)


def needed_inputs(model: Any, ops: Sequence[Operation]) -> dict[str, Tensor]:
    """The inputs of the model that its outputs and these operations need."""
    fed = set(model.inputs.values())
    there = prune([*(t.op for t in model.outputs.values() if t not in fed), *ops], fed)
    taken = {t for op in there for t in op.inputs} | set(model.outputs.values())
    return {name: t for name, t in model.inputs.items() if t in taken}


def _shape(name: str, tensor: Tensor, given: Sequence[int | str] | None) -> list[int | str]:
    if given is not None:
        return list(given)
    shape = tensor._spec.shape
    if shape is None:
        raise ValueError(f"the rank of the input {name} is unknown: give its sizes, --shape {name}=n,28,28,1")
    return [d if d is not None else "n" if i == 0 else f"{name.split('/')[-1].split(':')[0]}_{i}" for i, d in enumerate(shape)]


def _check_calls(plan: Any) -> None:
    """A call that must look at shapes that the plan does not know has no place in a file."""
    for node in all_nodes(plan):
        if node.prim == "call" and any(shape is None for shape, dtype in node.par.results if dtype.kind != "O"):
            raise NotImplementedError(at_op(node.source, f"{node.source.type}: the shape of its result depends on values, which only "
                                            f"graphflow's own engines run; {INSTEAD}"))


class Formless(Exception):
    """What a step is made of has no form where the model goes; the writer of lines tells which step it is."""


def refused(step: Any, what: str, instead: str = INSTEAD) -> NotImplementedError:
    """That a step has no place in an exported file: what it is, on which line it was made, what to do instead."""
    op = step.source
    text = f"{what}; {instead}"
    return NotImplementedError(text if op is None else at_op(op, f"{op.type}: {text}"))
