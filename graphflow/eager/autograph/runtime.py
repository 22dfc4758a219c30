"""What rewritten functions call (`ag__`): statements and expressions that ask whether a tensor decides."""
from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.tensor import Tensor
from ...ops import functions as F
from ...ops.checks.asserts import assert_ as assert_op
from ...ops.control_flow.cond import cond
from ...ops.elementwise.comparison import equal, logical_not, not_equal
from ...ops.io.printing import print_v2
from .branches import if_
from .loops import for_, while_
from .state import Undefined, Unset, decided, symbolic

__all__ = ["Undefined", "for_", "if_", "while_"]
call: Callable[[Any], Any]         # put here by `convert`
_UNSET = Unset()


def unset() -> Any:
    """The value of a function that has not returned yet."""
    return _UNSET


def result(value: Any, returned: Any, always: bool) -> Any:
    """What a function returns that may return early. ValueError where a tensor decides whether it returns something at all."""
    if value.__class__ is Unset:
        return None
    if symbolic(returned) and not always:
        raise ValueError("A value must also be returned where the condition, a tensor, is false: give the `if` an `else` that returns one, "
                         "or return something at the end of the function.")
    return value


def _thunk(value: Any) -> Callable[[], Any]:
    return lambda: value


def and_(*operands: Callable[[], Any]) -> Any:
    """a and b: of tensors, b is computed only where a holds."""
    value = operands[0]()
    for i, operand in enumerate(operands[1:], 1):
        if symbolic(value):
            rest = operands[i:]
            return cond(decided(value), lambda rest=rest: convert_to_tensor(and_(*rest)), _thunk(value))
        if not value:
            return value
        value = operand()
    return value


def or_(*operands: Callable[[], Any]) -> Any:
    """a or b: of tensors, b is computed only where a does not hold."""
    value = operands[0]()
    for i, operand in enumerate(operands[1:], 1):
        if symbolic(value):
            rest = operands[i:]
            return cond(decided(value), _thunk(value), lambda rest=rest: convert_to_tensor(or_(*rest)))
        if value:
            return value
        value = operand()
    return value


def not_(value: Any) -> Any:
    """not a."""
    return logical_not(value) if symbolic(value) else not value


def eq(a: Any, b: Any) -> Any:
    """a == b: of a tensor and what is a tensor or becomes one, element by element."""
    return equal(a, b) if _compares(a, b) else a == b


def not_eq(a: Any, b: Any) -> Any:
    """a != b."""
    return not_equal(a, b) if _compares(a, b) else a != b


def _compares(a: Any, b: Any) -> bool:
    return (symbolic(a) and b is not None) or (symbolic(b) and a is not None)


def if_expression(test: Any, body: Callable[[], Any], orelse: Callable[[], Any]) -> Any:
    """a if test else b."""
    if not symbolic(test):
        return body() if test else orelse()
    return cond(decided(test), body, orelse, strict=True)


def assert_(test: Any, message: Callable[[], Any]) -> None:
    """assert test, message."""
    if symbolic(test):
        text = message()
        assert_op(test, ["assertion failed" if text is None else text])
        return
    if not test:
        text = message()
        raise AssertionError(*([] if text is None else [text]))


# -- builtins that know of tensors -----------------------------------------------------------------------------------------
def range_(*bounds: Any) -> Any:
    """range: of tensors a tensor, over which loops go as operations."""
    if any(symbolic(b) for b in bounds):
        return F.range(*bounds)
    return builtins.range(*[int(b) if isinstance(b, Tensor) else b for b in bounds])


def len_(value: Any) -> Any:
    """len: of a tensor its first size, a number where that is known."""
    if not symbolic(value):
        return builtins.len(value)
    if value.static and value.static[0] is not None:
        return value.static[0]
    if hasattr(value, "_graphflow_flow"):
        return value.size()
    return F.shape(value)[0]


def print_(*values: Any, **options: Any) -> None:
    """print: tensors are printed when the function runs."""
    if any(symbolic(v) for v in values) and not options.keys() - {"end", "sep"}:
        print_v2(*values, **options)
        return
    builtins.print(*values, **options)


def _number(kind: Any, dtype: Any) -> Any:
    def converted(value: Any = 0, *rest: Any) -> Any:
        return F.cast(value, dtype) if symbolic(value) else kind(value, *rest)
    return converted


def enumerate_(values: Any, start: int = 0) -> Any:
    """enumerate: a tensor's rows one by one."""
    return builtins.enumerate(_rows(values), start)


def zip_(*values: Any, strict: bool = False) -> Any:
    """zip: a tensor's rows one by one."""
    return builtins.zip(*[_rows(v) for v in values], strict=strict)


def _rows(values: Any) -> Any:
    if not symbolic(values) or isinstance(values, np.ndarray):
        return values
    if not values.static or values.static[0] is None:
        raise NotImplementedError("enumerate and zip of a tensor need to know its first size; loop `for i in tf.range(tf.shape(x)[0])` "
                                  "and take x[i]")
    return F.unstack(values)


def all_(values: Any) -> Any:
    """all: of a tensor of booleans, a tensor."""
    return F.reduce_all(values) if symbolic(values) else builtins.all(values)


def any_(values: Any) -> Any:
    """any: of a tensor of booleans, a tensor."""
    return F.reduce_any(values) if symbolic(values) else builtins.any(values)


BUILTINS: dict[Any, Any] = {
    builtins.range: range_, builtins.len: len_, builtins.print: print_, builtins.enumerate: enumerate_, builtins.zip: zip_,
    builtins.all: all_, builtins.any: any_, builtins.int: _number(builtins.int, "int32"),
    builtins.float: _number(builtins.float, "float32"),
}
