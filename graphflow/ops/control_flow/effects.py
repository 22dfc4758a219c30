"""What bodies do to the resources that they are given, and which of their operations run although nothing takes their values."""
from __future__ import annotations

from collections.abc import Sequence

from ...core.effects import HANDLE, READ, UPDATE, WRITE, Access
from ...core.func_graph import FuncGraph
from ...core.operation import Operation
from ...core.tensor import Tensor


def of_bodies(operation: Operation, bodies: Sequence[FuncGraph], first: int) -> list[Access]:
    """The accesses of an operation to its inputs from the position `first` on, which are the inputs of its bodies."""
    found: dict[int, int] = {}
    for body in bodies:
        for i, how in body_accesses(body).items():
            found[i] = found.get(i, 0) | how
    accesses = []
    for i, t in enumerate(operation._inputs, -first):
        if t.dtype.is_ref and (i < 0 or not any(_stands(body.inputs[i]) for body in bodies)):     # its value is wanted
            accesses.append(Access(first + i, READ))
        elif i in found and _stands(t):
            accesses.append(Access(first + i, _together(found[i])))
    return accesses


def _stands(tensor: Tensor) -> bool:
    """Whether it is a reference or a handle, not a value."""
    return tensor.dtype.is_ref or tensor.dtype.name == "resource"


def _together(how: int) -> int:
    """Bodies ask for values themselves, so that of a handle only the order counts, if anything does."""
    return UPDATE if how & WRITE else READ if how & READ else HANDLE


def body_accesses(body: FuncGraph) -> dict[int, int]:
    """{position of an input of the body: what its operations do to the resource behind it}"""
    return accesses_of(body._ops, {t: i for i, t in enumerate(body.inputs) if _stands(t)})


def accesses_of(ops: Sequence[Operation], home: dict[Tensor, int]) -> dict[int, int]:
    """{place: what operations do to the resource there}, for tensors that stand for resources, by place; adds those that pass them on."""
    found: dict[int, int] = {}
    for op in ops if home else ():
        carried = [home[t] for t in op._inputs if t in home]
        if not carried:
            continue
        for position, how in op._op_def.accesses(op):
            place = home.get(op._inputs[position])
            if place is not None:
                found[place] = found.get(place, 0) | how
        if op._op_def.steers:
            home.update(op._op_def.passed(op, home))  # type: ignore[attr-defined]
            continue
        for output in op.outputs:
            if output.dtype.is_ref or output.dtype.name == "resource":
                home[output] = carried[min(output._index, len(carried) - 1)]
    return found


def must_run(op: Operation) -> bool:
    """Whether an operation of a body has an effect, and so runs although nothing takes its value; in the order of making."""
    op_def = op._op_def
    if any(how & WRITE for _, how in op_def.accesses(op)):
        return True
    if not op_def.stateful or op_def.resource_key(op) is not None or "seed" in op_def.fields:
        return False
    if op_def.holds:
        return any(must_run(inner) for body in op_def.bodies_of(op) for inner in body._ops)
    return not op_def.accesses(op)           # what only asks a variable, such as whether it has a value, has none
