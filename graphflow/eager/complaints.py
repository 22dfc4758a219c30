"""What an operation says that fails as it is called: TensorFlow's phrase, then which op."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import context, errors
from ..core.op import Op
from ..plan.complaints import USER_ERRORS, phrase

__all__ = ["USER_ERRORS", "failure"]


def failure(op_def: Op, error: Exception, inputs: Sequence[Any]) -> Exception:
    """The error of a kernel, of inference or of the user's code as the error of the operation."""
    if isinstance(error, errors.OpError):
        if "[Op:" in error.message or not isinstance(error, errors.CodedError):
            return error
        return type(error)(None, None, f"{error.message} [Op:{type(op_def).__name__}]")
    if not isinstance(error, USER_ERRORS):
        return error
    text = phrase(context.eager_graph.operation(op_def, inputs, None), str(error), [t._spec.shape for t in inputs])
    return errors.InvalidArgumentError(None, None, f"{text} [Op:{type(op_def).__name__}]")
