"""What queues, readers and tables share: keys in the session's store, and the way from a handle to the operation that stands for it."""
from __future__ import annotations

from typing import Any

from ...core import dtypes
from ...core.op import Op, Spec
from ...core.operation import Operation


class ResourceOp(Op):
    """Base of what stands for a resource with `container` and `shared_name`; one without a shared name is the operation's own.

    Two slashes set such a key apart from all shared names.
    """

    def resource_key(self, operation: Any) -> str:
        return f"{self.container}/{self.shared_name}" if self.shared_name else f"{self.container}//{operation.name}"

    def infer(self) -> Spec:
        is_ref = type(self).signature().outputs[0].is_ref
        return Spec(dtypes.string.ref_dtype, ()) if is_ref else Spec(dtypes.resource, ())


def behind(operation: Operation, position: int) -> Operation:
    """The operation that stands for the resource whose handle is an input, through identities and out of bodies."""
    tensor = operation._inputs[position]
    while tensor._op._op_def.resource_key(tensor._op) is None:
        graph = tensor._op.graph
        outer = graph.behind(tensor) if graph.building_function else None
        tensor = outer if outer is not None else tensor._op._inputs[0]
    return tensor._op
