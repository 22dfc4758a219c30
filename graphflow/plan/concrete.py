"""Shapes inferred once more when a run knows them: what a graph with unknown sizes let through is refused here, on every engine.

`infer` of an op is TensorFlow's shape function, which speaks while the graph is built; `check` says what TensorFlow leaves to the
kernel, in the kernel's words. Both get complete shapes, and the values of static inputs. Results are remembered per op, shapes
and short static values.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..core.errors import OpError, ResourceExhaustedError
from ..core.known import spec_of_value
from ..core.make import variable_spec
from ..core.op import Op, Spec, check_ranks, remember, static_positions
from ..core.operation import Operation
from ..core.shapes import describe, num_elements
from .ir import Handle
from .node import Node

_MOST_ELEMENTS = 1 << 44       # more than any machine holds: refused before kernels begin to count
_UNADDRESSED = 1 << 60         # bytes of 16 for each element: numpy makes no array of such sizes, an empty one either
_SHORT = 64                    # elements of a static value that a memo's key holds: axes, shapes, paddings
_NO_ARRAYS = frozenset(("resource", "variant", "string"))       # dtypes of inputs that a run may have as something else
Written = Sequence[tuple[int, ...] | None]


class Failing(Op):
    """Stands in a plan where an operation cannot be: it raises what was found out when the plan was made."""
    stateful = True

    def __init__(self, error: OpError):
        self.__dict__.update(error=error, _memo={})

    def run(self, ctx: Any, *inputs: Any) -> Any:
        error: Any = self.__dict__["error"]
        raise type(error)(None, error.op, error.message)


def inferred(op: Operation, args: Sequence[Any], written: Written = ()) -> tuple[Spec, ...]:
    """The specs of the outputs from what is known of the inputs in this run; ValueError when they do not fit.

    args: nodes, arrays, Handles, or None for a variable whose old value is not read. written: the shapes of those, in order.
    """
    op_def = op._op_def
    static = static_positions(type(op_def), len(args))
    key = _key(args, static)
    found = op_def._memo.get(key)
    if found is None:
        found = _inferred(op, args, static, written)
        if key is not None:
            remember(op_def._memo, key, found)
    return found


def rechecker(op: Operation, written: Written = ()) -> Callable[[Sequence[Any]], object]:
    """`inferred` for the arrays of each run, with what is the same in every run looked up once."""
    op_def, inputs = op._op_def, op._inputs
    if any(t._spec.dtype._is_ref_dtype or t._spec.dtype.name in _NO_ARRAYS for t in inputs):
        return lambda args: inferred(op, args, written)
    memo, positions = op_def._memo, static_positions(type(op_def), len(inputs))
    static = [i in positions for i in range(len(inputs))]

    def recheck(args: Sequence[Any]) -> object:
        if not positions:
            return memo.get(("run", *[a.shape for a in args])) or inferred(op, args, written)
        parts: list[Any] = ["run"]
        for a, is_static in zip(args, static):
            parts.append(a.shape)
            if is_static:
                if a.size > _SHORT:
                    return inferred(op, args, written)
                parts.append(a.tobytes())
        return memo.get(tuple(parts)) or inferred(op, args, written)
    return recheck


def _key(args: Sequence[Any], static: Sequence[int]) -> Any:
    """What the answer for an op depends on, or None: shapes (dtypes are the op's) and the values of static inputs, if they are short."""
    key: list[Any] = ["run"]
    for i, arg in enumerate(args):
        if not isinstance(arg, (Node, np.ndarray, np.generic)):
            return None
        key.append(arg.shape)
        if i in static and arg.__class__ is not Node:
            if arg.size > _SHORT or arg.dtype.kind == "O":
                return None
            key.append(arg.tobytes())
    return tuple(key)


def _inferred(op: Operation, args: Sequence[Any], static: Sequence[int], written: Written) -> tuple[Spec, ...]:
    op_def = op._op_def
    unread = iter(written)
    specs: list[Any] = []
    now: list[Any] | None = None        # as specs, with the shapes that variables have, where those differ from what they are declared
    for i, (tensor, arg) in enumerate(zip(op._inputs, args)):
        dtype = tensor._spec.dtype.base_dtype
        if arg is None:
            specs.append(Spec(dtype, variable_spec(tensor).shape))
            now = now or [None] * len(args)
            now[i] = Spec(dtype, next(unread, None) or specs[-1].shape)
        elif arg.__class__ is Handle:
            specs.append(Spec(dtype, tensor._spec.shape))
        elif arg.__class__ is Node:
            specs.append(Spec(dtype, arg.shape))
        elif i in static:
            specs.append(spec_of_value(np.asarray(arg), dtype))
        else:
            specs.append(Spec(dtype, np.shape(arg)))
    present = specs if now is None else [given or spec for given, spec in zip(now, specs)]
    return _checked(op_def, present if op_def.infers_present else specs, present)


def _checked(op_def: Op, specs: list[Any], now: list[Any]) -> tuple[Spec, ...]:
    """What `infer` gives, once `check`, which speaks as TensorFlow's kernel does, finds nothing wrong."""
    if not op_def.legacy_scalars:
        check_ranks(type(op_def), now)
    op_def.check(*now)
    found = op_def.infer(*specs)
    outputs = (found,) if isinstance(found, Spec) else tuple(found)
    for spec in outputs:
        if spec.shape and 0 in spec.shape and (num_elements(tuple(filter(None, spec.shape))) or 0) >= _UNADDRESSED:
            raise ValueError(f"Shape {describe(spec.shape)} is too large (more than 2**63 - 1 entries beside its sizes of 0)")
        if (num_elements(spec.shape) or 0) > _MOST_ELEMENTS:
            raise ResourceExhaustedError(None, None, f"OOM when allocating tensor with shape {describe(spec.shape)} and type "
                                                     f"{spec.dtype.name}")
    return outputs


def is_complete(op: Operation, args: Sequence[Any]) -> bool:
    """Whether all shapes, and the values of static inputs, were known when the plan was made."""
    static = static_positions(type(op._op_def), len(args))
    return not any(a.__class__ is Node and (a.shape is None or i in static) for i, a in enumerate(args))
