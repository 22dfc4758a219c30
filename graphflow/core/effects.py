"""What operations do to resources: variables, queues, tables and whatever else a session keeps between runs.

`Op.resource_key` says which resource an operation stands for, `Op.accesses` what it does to those behind its inputs. Ordering, lowering
and locking all ask these two; nothing else decides. An access is (position of the input that holds the reference or handle, how):

    READ      the kernel gets the value
    WRITE     the kernel returns the new value, first of its results; without READ it gets None for the old one
    UPDATE    both
    HANDLE    the kernel gets a Handle in place of a value. Alone, nothing is ordered or locked: the resource guards itself, as queues
              do. HANDLE | READ is ordered and locked like a read, HANDLE | WRITE like a write that the kernel carries out itself.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .operation import Operation

READ, WRITE, HANDLE = 1, 2, 4
UPDATE = READ | WRITE


class Access(NamedTuple):
    """position: of the input that holds the reference or handle. how: READ, WRITE, UPDATE or HANDLE, see the module."""
    position: int
    how: int


def waits(operation: Operation, around: tuple[Any, ...] = ()) -> bool:
    """Whether an operation, or one in its bodies, may wait for other threads, or runs part by part as if it did: where bodies with TF1's
    control flow nodes use resources. around: bodies that are being looked at.
    """
    op_def = operation._op_def
    if op_def.may_wait or op_def.holds is None:
        return op_def.may_wait
    bodies = [body for body in op_def.bodies_that_run(operation) if body not in around]  # type: ignore[attr-defined]
    if any(steers_itself(body) and any(inner._op_def.accesses(inner) for inner in body._ops) for body in bodies):
        return True
    return any(waits(inner, (*around, body)) for body in bodies for inner in body._ops)


def steers_itself(body: Any) -> bool:
    """Whether a body has TF1's control flow nodes."""
    return any(op._op_def.steers for op in body._ops)


def steers_inside(operation: Operation, around: tuple[Any, ...] = ()) -> bool:
    """Whether one of the bodies of an operation, or of those in them, has TF1's control flow nodes."""
    if operation._op_def.holds is None:
        return False
    bodies = [body for body in operation._op_def.bodies_that_run(operation) if body not in around]  # type: ignore[attr-defined]
    return any(steers_itself(body) or any(steers_inside(inner, (*around, body)) for inner in body._ops) for body in bodies)


def by_signature(operation: Operation, **exceptions: int) -> list[Access]:
    """What the signature says: a `&` input is updated, a `@` input read, and so is a reference that goes where a value is wanted.

    exceptions: what is done instead to the inputs so named.
    """
    signature = type(operation._op_def).signature()
    found = []
    for i, tensor in enumerate(operation._inputs):
        if i in signature.ref_inputs:
            found.append(Access(i, exceptions.get(signature.inputs[i].name, UPDATE)))
        elif i in signature.handle_inputs:
            found.append(Access(i, exceptions.get(signature.inputs[i].name, READ)))
        elif tensor.dtype.is_ref:
            found.append(Access(i, READ))
    return found
