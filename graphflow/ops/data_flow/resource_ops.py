"""What queues, readers and tables share: keys in the session's store, and the way from a handle to the operation that stands for it."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes, errors
from ...core.dtypes import DType
from ...core.effects import HANDLE, READ, Access
from ...core.op import Op, Spec, require_rank
from ...core.operation import Operation


class ResourceOp(Op):
    """Base of what stands for a resource with `container` and `shared_name`; one without a shared name is the operation's own.

    Two slashes set such a key apart from all shared names.
    """
    container: Any
    shared_name: Any

    def resource_key(self, operation: Operation) -> str:
        return f"{self.container}/{self.shared_name}" if self.shared_name else f"{self.container}//{operation.name}"

    def infer(self) -> Spec:
        is_ref = type(self).signature().outputs[0].is_ref
        return Spec(dtypes.string.ref_dtype, ()) if is_ref else Spec(dtypes.resource, ())


def behind(operation: Operation, position: int, handle: Any = None) -> Operation:
    """The operation that stands for the resource whose handle is an input, through identities and out of bodies.

    handle: what the operation got in a run for that input, which mostly knows.
    """
    if handle is not None and handle.op._op_def.resource_key(handle.op) is not None:
        found: Operation = handle.op
        return found
    tensor = operation._inputs[position]
    while tensor._op._op_def.resource_key(tensor._op) is None:
        graph = tensor._op.graph
        outer = graph.behind(tensor) if graph.building_function else None  # type: ignore[attr-defined]
        tensor = outer if outer is not None else tensor._op._inputs[0]
    return tensor._op


def the_handle(operation: Operation, value: Any) -> Any:
    """What an operation got in a run for a handle: where the run chose it, it comes as an array; InvalidArgumentError if it is none."""
    handle = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
    if not hasattr(handle, "key"):
        raise errors.InvalidArgumentError(None, operation, f"{operation.name}: an input is no handle that this operation could use")
    return handle


class RefSelect(Op, sig="index: int32, inputs: &T* -> output: &T", host=True):
    """The reference at a position: of a queue or the like, to be used; of a variable its value, which cannot be assigned."""
    least = {"N": 1}
    chooses = True
    N: int
    T: DType

    def infer(self, index: Spec, *inputs: Spec) -> Spec:
        require_rank(index, 0)
        same = all(spec.shape == inputs[0].shape for spec in inputs)
        return Spec(self.T.ref_dtype, inputs[0].shape if same else None)

    def accesses(self, operation: Operation) -> list[Access]:
        variable = behind(operation, 1)._op_def.variable() is not None
        return [Access(i, READ if variable else HANDLE) for i in range(1, len(operation._inputs))]

    def kernel(self, xp: Any, index: Any, *inputs: Any) -> Any:
        if not 0 <= index < len(inputs):
            raise errors.InvalidArgumentError(None, None, f"Index must be in the range [0, {len(inputs)}) but got {index}")
        return np.asarray(inputs[int(index)])
