"""Looking for infinities and NaNs while a graph runs."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes, errors
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.run_context import Context
from ...core.tensor import Tensor
from ..control_flow.flow import group, with_dependencies
from ..dtype_sets import FLOATING


class CheckNumerics(Op, sig="tensor: T -> output: T"):
    """The tensor; InvalidArgumentError with the message if an element is infinite or NaN."""
    T: dtypes.DType = one_of(FLOATING)
    message: str
    stateful = True

    def infer(self, x: Spec) -> Spec:
        return x

    def run(self, ctx: Context, x: Any) -> Any:
        found = [name for name, test in (("Inf", np.isinf), ("NaN", np.isnan)) if np.any(test(x))]
        if found:
            message = self.message.decode() if isinstance(self.message, bytes) else self.message
            raise errors.InvalidArgumentError(None, ctx.operation, f"{message} : Tensor had {' and '.join(found)} values")
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        message = self.message.decode() if isinstance(self.message, bytes) else self.message
        return (check_numerics(dy, f"Not a number (NaN) or infinity (Inf) values detected in gradient. {message}"),)


@export("check_numerics", "debugging.check_numerics")
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """The tensor; a run in which an element of it is infinite or NaN raises InvalidArgumentError beginning with `message`."""
    return make(CheckNumerics, tensor, name=name, message=message)


@export("verify_tensor_all_finite", "debugging.assert_all_finite")
def verify_tensor_all_finite(t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None,
                             message: str | None = None) -> Tensor:
    """t (or x), available only if all its elements are finite; else the run raises InvalidArgumentError with msg (or message)."""
    if (t is None) == (x is None) or (msg is None) == (message is None):
        raise ValueError("verify_tensor_all_finite needs one of 't' and 'x', and one of 'msg' and 'message'")
    graph = context.default_graph()
    with graph.name_scope(name or "VerifyFinite"):
        tensor = convert_to_tensor(t if x is None else x, name="x")
        with graph.colocate_with(tensor):
            check = check_numerics(tensor, message=str(msg if message is None else message))
            return with_dependencies([check], tensor)


@export("add_check_numerics_ops")
def add_check_numerics_ops() -> Operation:
    """An operation that checks every floating tensor of the default graph, in creation order, for infinities and NaNs."""
    graph = context.default_graph()
    last: list[Tensor] = []
    for op in graph.get_operations():
        for output in op.outputs:
            if output.dtype in (dtypes.float16, dtypes.float32, dtypes.float64):
                with graph.control_dependencies(last):
                    last = [check_numerics(output, message=f"{op.name}:{output.value_index}")]
    return group(*last)
