"""What a run says when an operation fails: TF1's phrase first, the operation with its user line, then its inputs with this run's shapes."""
from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from ..core import errors
from ..core.make import labels, made
from ..core.operation import Operation
from ..core.shapes import describe
from .ir import Handle

_SHOWN = 6      # inputs
_NUMPYS = re.compile("|".join((
    "cannot reshape array", "not be broadcast", "object has no attribute", "out of bounds for axis", "(list|tuple) index out",
    "too many indices", "not enough values", "unsupported operand", "setting an array element", "slice indices", "must match exactly, but",
    "mismatch in its core", "non-broadcastable", "could not broadcast")))
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
    shapes = [None if isinstance(v, Handle) else getattr(v, "shape", None) for v in values]
    return errors.InvalidArgumentError(None, op, at_op(op, phrase(op, str(error), shapes)) + _inputs(op, shapes))


def phrase(op: Operation, text: str, shapes: Sequence[Any]) -> str:
    """What numpy, or inference, says of operands that do not broadcast, in the words of TF1's kernels."""
    unfit = "broadcast" in text or (op._op_def.elementwise and text.startswith("Dimensions must be equal"))
    if unfit and len(shapes) == 2 and None not in shapes:
        return f"Incompatible shapes: {describe(shapes[0])} vs. {describe(shapes[1])}"
    if _NUMPYS.search(text):
        names = labels(op._op_def, len(shapes)) if len(shapes) == len(op._inputs) else [""] * len(shapes)
        named = [f"{name} {describe(shape)}".strip() for name, shape in zip(names, shapes) if shape is not None]
        return f"{op.type}: the shapes of its inputs do not fit together: {', '.join(named)}".removesuffix(": ")
    return text


def _inputs(op: Operation, shapes: Sequence[Any]) -> str:
    """A line per input: argument, tensor, dtype and shape in this run, user line."""
    tensors = op._inputs
    if len(shapes) != len(tensors) or len(tensors) > _SHOWN:
        return ""
    rows = []
    for label, tensor, shape in zip(labels(op._op_def, len(tensors)), tensors, shapes):
        kind = tensor.dtype.base_dtype.name if shape is None else f"{tensor.dtype.base_dtype.name} {describe(shape)}"
        rows.append((label, tensor.name, kind, made(tensor.op.line)))
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    return "".join("\n  " + "  ".join([row[i].ljust(widths[i]) for i in range(3)] + [row[3]]).rstrip() for row in rows)
