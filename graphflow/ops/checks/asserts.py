"""Assertions about values: an operation that fails the run, and functions that make it from comparisons.

What the static values tell is checked while building. Ranks, shapes and dtypes are in `check_shapes.py`.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes, errors
from ...core.convert import convert_n_to_tensor, convert_to_tensor
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...kernels.summarize import summarize as summary
from .. import functions as F
from ..control_flow.flow import no_op
from ..elementwise import comparison, unary
from ..reduce import reduction
from ..scopes import beside_inputs


class Assert(Effect, sig="condition: bool, data: [T] ->"):
    """Fails the run with InvalidArgumentError, showing the data, unless the condition holds."""
    least = {"T": 1}
    T: list[dtypes.DType]
    summarize: int = 3
    stateful = True

    def infer(self, *inputs: Any) -> tuple[()]:
        return ()

    def run(self, ctx: Context, condition: Any, *data: Any) -> tuple[()]:
        if not np.all(condition):
            shown = " ".join(f"[{summary(d, self.summarize)}]" for d in data)
            raise errors.InvalidArgumentError(None, ctx.operation, f"assertion failed: {shown}")
        return ()

    def grad(self, op: Operation, *dy: Any) -> Any:
        return [None] * len(op.inputs)


@export("Assert", "debugging.Assert")
@beside_inputs
def assert_(condition: Any, data: Any, summarize: int | None = None, name: str | None = None) -> Operation:
    """An operation that raises InvalidArgumentError, with `summarize` entries of each of `data`, unless `condition` holds.

    It acts only if something waits for it: `with tf.control_dependencies([tf.Assert(...)])`.
    """
    count = 3 if summarize is None else summarize
    if context.default_graph().eager:
        return None if bool(condition) else make(Assert, condition, list(data), summarize=count)  # type: ignore[return-value]
    with context.default_graph().name_scope(name or "Assert"):
        values = convert_n_to_tensor(data)
        if all(v.dtype.base_dtype in (dtypes.string, dtypes.int32) for v in values):
            return make(Assert, condition, list(data), name="Assert", summarize=count)
        condition = convert_to_tensor(condition, name="Condition")

        def fail() -> Operation:
            return make(Assert, condition, list(data), name="Assert", summarize=count)

        guarded = F.cond(condition, F.no_op, fail, name="AssertGuard")
        return guarded.op


def message_prefix(message: str | None) -> str:
    return f"{message}.  " if message else ""


def _shown(item: Any) -> str:
    if not isinstance(item, Tensor):
        return str(item)
    value = constant_value(item)
    return str(item) if value is None else str(value)


def _compare(symbol: str, function: Any, on_arrays: Any, x: Any, y: Any, data: Any, summarize: Any, message: Any, name: Any,
             scope: str) -> Operation:
    with context.default_graph().name_scope(name or scope):
        x, y = convert_to_tensor(x, name="x"), convert_to_tensor(y, name="y")
        if data is None:
            data = [f"Condition x {symbol} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y]
        if message is not None:
            data = [message, *data]
        condition = reduction.reduce_all(function(x, y))
        known_x, known_y = constant_value(x), constant_value(y)
        if known_x is not None and known_y is not None and not np.all(on_arrays(known_x, known_y)):
            raise errors.InvalidArgumentError(None, None, "\n".join(_shown(d) for d in data))
        return assert_(condition, data, summarize=summarize)


def _binary(function_name: str, symbol: str, function: Any, on_arrays: Any, *names: str) -> Any:
    def check(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
              name: str | None = None) -> Operation:
        return _compare(symbol, function, on_arrays, x, y, data, summarize, message, name, function_name)
    check.__name__ = check.__qualname__ = function_name
    check.__doc__ = (f"An operation that raises InvalidArgumentError unless x {symbol} y everywhere (broadcast). "
                     "Raises at once where both values are known. data: what to show; message: what to show before it.")
    return export(function_name, f"debugging.{function_name}", *names)(check)


assert_none_equal = _binary("assert_none_equal", "!=", comparison.not_equal, np.not_equal)
assert_less = _binary("assert_less", "<", comparison.less, np.less)
assert_less_equal = _binary("assert_less_equal", "<=", comparison.less_equal, np.less_equal)
assert_greater = _binary("assert_greater", ">", comparison.greater, np.greater)
assert_greater_equal = _binary("assert_greater_equal", ">=", comparison.greater_equal, np.greater_equal)


@export("assert_equal", "debugging.assert_equal")
@beside_inputs
def assert_equal(x: Any, y: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:
    """An operation that raises InvalidArgumentError unless x == y everywhere (broadcast); at once where both values are known."""
    with context.default_graph().name_scope(name or "assert_equal"):
        if x is y:
            return no_op()
    return _compare("==", comparison.equal, np.equal, x, y, data, summarize, message, name, "assert_equal")


def _sign(function_name: str, check: Any, symbol: str, zero_first: bool, one_text: bool = False) -> Any:
    def function(x: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                 name: str | None = None) -> Operation:
        with context.default_graph().name_scope(name or function_name):
            x = convert_to_tensor(x, name="x")
            if data is None:
                texts = [f"Condition x {symbol} 0 did not hold element-wise:", f"x ({x.name}) = "]
                data = [message_prefix(message), *(["".join(texts)] if one_text else texts), x]
            zero = convert_to_tensor(0, x.dtype.base_dtype)
            pair = (zero, x) if zero_first else (x, zero)
            return check(*pair, data=data, summarize=summarize)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"An operation that raises InvalidArgumentError unless x {symbol} 0 everywhere; at once if x is known."
    return export(function_name, f"debugging.{function_name}")(function)


assert_negative = _sign("assert_negative", assert_less, "<", False)
assert_positive = _sign("assert_positive", assert_less, ">", True)
assert_non_negative = _sign("assert_non_negative", assert_less_equal, ">=", True)
assert_non_positive = _sign("assert_non_positive", assert_less_equal, "<=", False, True)


@export("assert_near", "debugging.assert_near")
@beside_inputs
def assert_near(x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Any = None, summarize: int | None = None,
                message: str | None = None, name: str | None = None) -> Operation:
    """An operation that raises InvalidArgumentError unless |x - y| < atol + rtol |y| everywhere; both are 10 eps by default."""
    with context.default_graph().name_scope(name or "assert_near"):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, x.dtype.base_dtype, name="y")
        real = x.dtype.real_dtype.base_dtype
        eps = float(np.finfo(real.np).eps) if real is not dtypes.bfloat16 else 2.0 ** -7
        rtol = convert_to_tensor(10 * eps if rtol is None else rtol, real, name="rtol")
        atol = convert_to_tensor(10 * eps if atol is None else atol, real, name="atol")
        if data is None:
            data = [message_prefix(message), f"x and y not equal to tolerance rtol = {rtol}, atol = {atol}", f"x ({x.name}) = ", x,
                    f"y ({y.name}) = ", y]
        tolerance = atol + rtol * unary.abs_(y)
        difference = unary.abs_(x - y)
        return assert_(reduction.reduce_all(comparison.less(difference, tolerance)), data, summarize=summarize)


def _monotonic(compare: Any, x: Any) -> Tensor:
    """Whether compare(x[i + 1], x[i]) holds along the flattened x, which may have fewer than two elements."""
    x = F.reshape(x, [-1])
    if not is_numeric_tensor(x):
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    short, last = F.less(F.size(x), 2), F.shape(x) - 1
    steps = F.cond(short, lambda: convert_to_tensor([], dtypes.bool_),
                   lambda: compare(F.strided_slice(x, [1], [1] + last), F.strided_slice(x, [0], last)))
    return reduction.reduce_all(steps)


@export("is_non_decreasing", "math.is_non_decreasing", "debugging.is_non_decreasing")
def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of x (in row-major order) is at least the one before it."""
    with context.default_graph().name_scope(name or "is_non_decreasing"):
        return _monotonic(comparison.greater_equal, x)


@export("is_strictly_increasing", "math.is_strictly_increasing", "debugging.is_strictly_increasing")
def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether each element of x (in row-major order) is greater than the one before it."""
    with context.default_graph().name_scope(name or "is_strictly_increasing"):
        return _monotonic(comparison.greater, x)


@export("is_numeric_tensor", "debugging.is_numeric_tensor")
def is_numeric_tensor(tensor: Any) -> bool:
    """Whether `tensor` is a Tensor of numbers (not of booleans, strings, ...)."""
    if not isinstance(tensor, Tensor):
        return False
    dtype = tensor.dtype.base_dtype
    return dtype.is_floating or dtype.is_integer or dtype.is_complex or dtype.is_quantized
