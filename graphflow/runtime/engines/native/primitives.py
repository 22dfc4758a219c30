"""One vector of a plan's elementwise primitive: from the Values of its arguments to that of its result."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....plan.node import Node
from . import functions
from .values import Emitter, Value, kind_of

_CONDITIONS = {"greater": ("ogt", "sgt", "ugt"), "greater_equal": ("oge", "sge", "uge"), "less": ("olt", "slt", "ult"),
               "less_equal": ("ole", "sle", "ule"), "equal": ("oeq", "eq", "eq"), "not_equal": ("une", "ne", "ne")}
_FLOATING = {"exp": functions.exp, "expm1": functions.expm1, "log": functions.log, "log1p": functions.log1p, "tanh": functions.tanh,
             "sigmoid": functions.sigmoid}
_SINGLE = {"erf": functions.erf, "power": functions.power}
_ROUNDING = {"floor": "floor", "ceil": "ceil", "rint": "rint", "trunc": "trunc"}
_LOGICAL = {"logical_and": "and", "logical_or": "or", "logical_xor": "xor"}
_BITWISE = {"bitwise_and": "and", "bitwise_or": "or", "bitwise_xor": "xor"}
_ARITHMETIC: dict[str, Callable[[Value, Value], Value]] = {
    "add": lambda a, b: a + b, "subtract": lambda a, b: a - b, "multiply": lambda a, b: a * b}
_TESTS = ("isnan", "isinf", "isfinite")

_CHANGING = {"cast", *_CONDITIONS, *_TESTS}               # their result has another dtype than their arguments
_EVERYWHERE = {"where", "cast", "copy", "maximum", "minimum", *_ARITHMETIC, *_CONDITIONS}


def supported(node: Node) -> bool:
    """Whether `evaluate` has this elementwise node."""
    dtypes = [node.dtype, *(a.dtype for a in node.args)]
    if any(kind_of(d) is None for d in dtypes):
        return False
    prim, kind = node.prim, dtypes[-1].kind
    if prim in _ARITHMETIC and node.dtype.kind != "b":
        return True                       # arguments of other dtypes are converted first
    if len({a.dtype for a in node.args[prim == "where":]}) > 1 or (prim not in _CHANGING and node.dtype != dtypes[-1]):
        return False
    if prim in ("where", "cast", "copy") or prim in _CONDITIONS:
        return True
    if kind == "b":
        return prim in _LOGICAL or prim == "logical_not"
    if kind == "f":
        single = dtypes[-1].itemsize == 4
        return prim in _EVERYWHERE or prim in _FLOATING or prim in _ROUNDING or prim in _TESTS or (prim in _SINGLE and single) or \
            prim in ("divide", "negative", "abs", "sign", "sqrt", "rsqrt", "reciprocal", "square")
    return prim in _EVERYWHERE or prim in _BITWISE or prim in ("negative", "abs", "sign", "square", "invert")


def evaluate(e: Emitter, prim: str, dtypes: tuple[np.dtype[Any], ...], args: list[Value]) -> Value:
    """The value of a primitive. dtypes: of the result, then of the arguments."""
    x = args[0]
    unsigned = dtypes[-1].kind == "u"
    if prim in _ARITHMETIC:
        return _arithmetic(e, prim, dtypes, args)
    if prim == "divide":
        return x / args[1]
    if prim in ("maximum", "minimum"):
        return _extreme(prim == "maximum", x, args[1], unsigned)
    if prim in _CONDITIONS:
        ordered, signed, whole = _CONDITIONS[prim]
        return x.compare(ordered if x.floating else whole if unsigned or x.kind == "i1" else signed, args[1])
    if prim in _LOGICAL or prim in _BITWISE:
        return e.binary(_LOGICAL.get(prim) or _BITWISE[prim], x, args[1])
    if prim in _FLOATING:
        return _FLOATING[prim](e, x)
    if prim in _SINGLE:
        return _SINGLE[prim](e, *args)
    if prim in _ROUNDING:
        return e.call(_ROUNDING[prim], x)
    if prim == "where":
        return x.choose(args[1], args[2])
    if prim == "cast":
        return _cast(e, x, dtypes[1], dtypes[0])
    return _UNARY[prim](e, x, unsigned)


def _arithmetic(e: Emitter, prim: str, dtypes: tuple[np.dtype[Any], ...], args: list[Value]) -> Value:
    a, b = (_cast(e, x, old, dtypes[0]) for x, old in zip(args, dtypes[1:]))
    return _ARITHMETIC[prim](a, b)


def _extreme(greatest: bool, a: Value, b: Value, unsigned: bool) -> Value:
    """The greater or lesser of two; NaN if one of them is."""
    if not a.floating:
        return a.compare(("u" if unsigned else "s") + ("gt" if greatest else "lt"), b).choose(a, b)
    found = a.compare("ogt" if greatest else "olt", b).choose(a, b)
    return a.is_nan().choose(a, found)


def _cast(e: Emitter, x: Value, old: np.dtype[Any], new: np.dtype[Any]) -> Value:
    """As C converts on most machines: whole numbers wrap around."""
    kind = kind_of(new)
    assert kind is not None
    if new.kind == "b":
        return x if x.kind == "i1" else x.compare("une" if x.floating else "ne", 0)
    if old == new:
        return x
    if new.kind == "f":
        if x.floating:
            return x if x.kind == kind else x.convert("fpext" if kind == "double" else "fptrunc", kind)
        return x.convert("uitofp" if old.kind in "ub" else "sitofp", kind)
    if x.floating:
        if new.kind == "u" and new.itemsize == 8:
            return x.convert("fptoui", kind)
        wide = "i64" if new.itemsize == 8 or (new.kind == "u" and new.itemsize == 4) else "i32"
        whole = x.convert("fptosi", wide)
        return whole if wide == kind else whole.convert("trunc", kind)
    if x.kind == kind:
        return x
    if old.kind == "b" or old.itemsize < new.itemsize:
        return x.convert("zext" if old.kind in "ub" else "sext", kind)
    return x.convert("trunc", kind)


def _sign(e: Emitter, x: Value, unsigned: bool) -> Value:
    if x.floating:
        found = (x > 0).choose(e.constant(x.kind, 1), (x < 0).choose(e.constant(x.kind, -1), 0))
        return x.is_nan().choose(x, found)
    more = x.compare("ne" if unsigned else "sgt", 0).choose(e.constant(x.kind, 1), 0)
    return more if unsigned else (x < 0).choose(e.constant(x.kind, -1), more)


def _abs(e: Emitter, x: Value, unsigned: bool) -> Value:
    if x.floating:
        return e.abs(x)
    return x if unsigned else (x < 0).choose(-x, x)


_UNARY: dict[str, Callable[[Emitter, Value, bool], Value]] = {
    "copy": lambda e, x, _: x,
    "negative": lambda e, x, _: -x,
    "abs": _abs,
    "sign": _sign,
    "square": lambda e, x, _: x * x,
    "sqrt": lambda e, x, _: e.call("sqrt", x),
    "rsqrt": lambda e, x, _: e.constant(x.kind, 1) / e.call("sqrt", x),
    "reciprocal": lambda e, x, _: e.constant(x.kind, 1) / x,
    "logical_not": lambda e, x, _: ~x,
    "invert": lambda e, x, _: ~x,
    "isnan": lambda e, x, _: x.is_nan(),
    "isinf": lambda e, x, _: e.abs(x).equals(float("inf")),
    "isfinite": lambda e, x, _: e.abs(x) < float("inf"),
}


def combine(how: str, a: Value, b: Value, unsigned: bool) -> Value:
    """One step of a reduction."""
    if how in ("any", "all"):
        return a.emitter.binary("or" if how == "any" else "and", a, b)
    if how in ("max", "min"):
        return _extreme(how == "max", a, b, unsigned)
    return a + b if how == "sum" else a * b


def neutral(how: str, dtype: np.dtype[Any]) -> Any:
    """What a reduction of nothing gives."""
    if how in ("sum", "any"):
        return 0
    if how in ("prod", "all"):
        return 1
    if dtype.kind == "f":
        return float("-inf" if how == "max" else "inf")
    if dtype.kind == "b":
        return int(how == "min")
    info = np.iinfo(dtype)
    return info.min if how == "max" else info.max
