"""What a run says when an operation fails: TF1's phrase first, the operation with its user line, then its inputs with this run's shapes."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core import errors
from ..core.make import labels, made
from ..core.operation import Operation
from ..core.shapes import describe

_SHOWN = 6      # inputs
USER_ERRORS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)    # of numpy and of kernels; none leaves a run bare


def at_op(op: Operation, message: str) -> str:
    """The message with the operation and the user's line that made it."""
    line = op.line
    where = f"  made at {line}: {line.text}" if line else ""
    return f"{message}\n\t [[node {op.name} (op type: {op.type})]]{where}"


def failure(op: Operation, error: Exception, values: Sequence[Any] = ()) -> errors.OpError:
    """`error` of the kernel of `op` as an error of the run. values: what the kernel got, as far as known.

    An OpError keeps its class, and tells of the operation if it does not yet; anything else is an InvalidArgumentError.
    """
    if isinstance(error, errors.OpError):
        if "[[node " in error.message or not isinstance(error, errors.CodedError):
            return error
        return type(error)(None, error.op or op, at_op(error.op or op, error.message))
    shapes = [getattr(v, "shape", None) for v in values]
    return errors.InvalidArgumentError(None, op, at_op(op, _phrase(op, str(error), shapes)) + _inputs(op, shapes))


def _phrase(op: Operation, text: str, shapes: Sequence[Any]) -> str:
    """What numpy, or inference, says of operands that do not broadcast, in the words of TF1's kernels."""
    unfit = "broadcast" in text or (op._op_def.elementwise and text.startswith("Dimensions must be equal"))
    if unfit and len(shapes) == 2 and None not in shapes:
        return f"Incompatible shapes: {describe(shapes[0])} vs. {describe(shapes[1])}"
    return text


def _inputs(op: Operation, shapes: Sequence[Any]) -> str:
    """A line per input: argument, tensor, dtype and shape in this run, user line."""
    tensors = op._inputs
    if len(shapes) != len(tensors) or len(tensors) > _SHOWN:
        return ""
    rows = []
    for label, tensor, shape in zip(labels(op._op_def, len(tensors)), tensors, shapes):
        rows.append((label, tensor.name, f"{tensor.dtype.base_dtype.name} {describe(shape)}", made(tensor.op.line)))
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    return "".join("\n  " + "  ".join([row[i].ljust(widths[i]) for i in range(3)] + [row[3]]).rstrip() for row in rows)
