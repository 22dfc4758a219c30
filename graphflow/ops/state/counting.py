"""count_up_to: a variable as a counter with an end."""
from __future__ import annotations

from typing import Any

from ...core.dtypes import DType, int32, int64
from ...core.effects import UPDATE, by_signature
from ...core.errors import OutOfRangeError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .assign import is_ref


def _next(count: Any, limit: int) -> tuple[Any, Any]:
    """The counter's next value and the one before; OutOfRangeError at the limit."""
    if count >= limit:
        raise OutOfRangeError(None, None, f"Reached limit of {limit}")
    return count + 1, count


class CountUpTo(Op, sig="ref: &T -> output: T", host=True):
    """The value of a counter, which then grows by one; ends at a limit."""
    limit: int
    T: DType = one_of((int32, int64))

    def infer(self, ref: Spec) -> Spec:
        require(ref.shape in (None, ()), f"Shape must be rank 0 but is rank {len(ref.shape or ())}")
        return Spec(self.T, ())

    def kernel(self, xp: Namespace, ref: Any) -> Any:
        return _next(ref, self.limit)


class ResourceCountUpTo(Op, sig="resource: @ -> output: T", host=True):
    """The same for a resource variable."""
    limit: int
    T: DType = one_of((int32, int64))

    def infer(self, resource: Spec) -> Spec:
        return Spec(self.T, ())

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, resource=UPDATE)

    def kernel(self, xp: Namespace, resource: Any) -> Any:
        return _next(resource, self.limit)


@export("count_up_to")
def count_up_to(ref: Any, limit: int, name: str | None = None) -> Tensor:
    """The value of the integer scalar variable `ref` before it grows by one; at `limit` raises OutOfRangeError at run."""
    if is_ref(ref):
        return make(CountUpTo, ref, limit=limit, name=name)
    return make(ResourceCountUpTo, ref.handle, limit=limit, T=ref.dtype.base_dtype, name=name)
