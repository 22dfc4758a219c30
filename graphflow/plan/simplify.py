"""Rewrites tried when an elementwise node is made: they need no second walk over the plan.

A rule looks at a primitive and its arguments and returns a simpler value, or None to leave it. Values, dtypes and shapes stay
exactly the same; only forms that are exact in floating point are here.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .node import Node

Rule = Callable[[Any, tuple[Any, ...], Any, Any], Any]
RULES: dict[str, list[Rule]] = {}
EXAMPLES: list[tuple[Rule, Callable[..., Any]]] = []


def rule(*primitives: str, example: Callable[..., Any]) -> Callable[[Rule], Rule]:
    """Registers a rule; `example(xp, x)` is a use where it fires, checked by the tests."""
    def register(function: Rule) -> Rule:
        for name in primitives:
            RULES.setdefault(name, []).append(function)
        EXAMPLES.append((function, example))
        return function
    return register


def simplify_elementwise(tracer: Any, name: str, args: tuple[Any, ...], shape: Any, dtype: np.dtype[Any]) -> Any:
    """A simpler value for this work, or None."""
    for function in RULES.get(name, ()):
        found = function(tracer, args, shape, dtype)
        if found is not None:
            return found
    if len(args) == 2:
        return _uniform_operand(tracer, name, args, shape)
    return None


def uniform(x: Any) -> Any:
    """The one value of a known array whose elements are all equal (as a numpy scalar), else None."""
    if x.__class__ is Node or not x.size:
        return None
    if x.size == 1 or not any(x.strides):
        return x.flat[0]
    if x.size <= 1 << 20:
        first = x.flat[0]
        if (x == first).all() and (first != 0 or x.dtype.kind not in "fc" or _signs(x).min() == _signs(x).max()):
            return first
    return None


def _signs(x: Any) -> Any:
    """Whether each number is negative; of complex ones, 0 to 3 by both parts. The zeros differ in it."""
    return np.signbit(x.real) + 2 * np.signbit(x.imag) if x.dtype.kind == "c" else np.signbit(x)


def _same(x: Any, shape: Any, dtype: np.dtype[Any]) -> bool:
    return x.__class__ is Node and x.shape == shape and x.dtype == dtype


def _uniform_operand(tracer: Any, name: str, args: tuple[Any, ...], shape: Any) -> Any:
    """An array of one repeated value becomes a scalar where the other operand has the shape already."""
    for i in (0, 1):
        known, other = args[i], args[1 - i]
        if known.__class__ is not Node and known.shape and other.__class__ is Node and other.shape == shape:
            value = uniform(known)
            if value is not None:
                scalar = np.asarray(value, known.dtype)
                return tracer.elementwise(name, *((scalar, other) if i == 0 else (other, scalar)))
    return None


@rule("multiply", example=lambda xp, x: x * 1.0)
def multiply_by_one(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """x * 1 -> x"""
    for x, y in (args, args[::-1]):
        if _same(x, shape, dtype) and uniform(y) == 1:
            return x
    return None


@rule("divide", example=lambda xp, x: x / 4.0)
def divide_by_power_of_two(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """x / 2^k -> x * 2^-k, which is exact (and x for k = 0)"""
    x, y = args
    if dtype.kind != "f" or dtype.itemsize < 4 or not _same(x, shape, dtype):
        return None
    value = uniform(y)
    if value is None or abs(np.frexp(value)[0]) != 0.5 or not 1e-30 < abs(value) < 1e30:
        return None
    return tracer.elementwise("multiply", x, np.asarray(1 / value, dtype))


@rule("subtract", example=lambda xp, x: x - 0.0)
def subtract_zero(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """x - 0 -> x"""
    x, y = args
    return x if _same(x, shape, dtype) and _is_zero(y, negative=False) else None


@rule("add", example=lambda xp, x: x + -0.0)
def add_zero(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """x + -0.0 -> x, and of integers x + 0 (0.0 would turn -0.0 into 0.0)"""
    for x, y in (args, args[::-1]):
        if _same(x, shape, dtype) and _is_zero(y, negative=True):
            return x
    return None


@rule("negative", example=lambda xp, x: xp.negative(xp.negative(x)))
def double_negative(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """-(-x) -> x"""
    x = args[0]
    return x.args[0] if x.__class__ is Node and x.prim == "negative" and x.args[0].__class__ is Node else None


@rule("power", example=lambda xp, x: x ** 2.0)
def small_powers(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """x ** 1 -> x, x ** 2 -> x * x"""
    x, y = args
    if not _same(x, shape, dtype):
        return None
    value = uniform(y)
    if value == 1:
        return x
    return tracer.elementwise("multiply", x, x) if value == 2 else None


@rule("square", example=lambda xp, x: xp.square(x))
def square_as_product(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """square(x) -> x * x, so that equal work meets"""
    return tracer.elementwise("multiply", args[0], args[0])


@rule("where", example=lambda xp, x: xp.where(x > 0.0, x, xp.zeros_like(x)))
def choice_of_one_number(tracer: Any, args: tuple[Any, ...], shape: Any, dtype: Any) -> Any:
    """where(c, x, [k, k, ...]) -> where(c, x, k)"""
    condition, *choices = args
    if condition.__class__ is not Node or condition.shape != shape:
        return None
    numbers = [uniform(x) if x.shape else None for x in choices]
    if all(k is None for k in numbers):
        return None
    return tracer.elementwise("where", condition, *(x if k is None else np.asarray(k, x.dtype) for x, k in zip(choices, numbers)))


def _is_zero(x: Any, negative: bool) -> bool:
    """Whether a known array is all zeros; of floating and complex ones, all of that sign."""
    value = uniform(x)
    if value is None or isinstance(value, (bytes, str)) or value != 0:
        return False
    return value.dtype.kind not in "fc" or _signs(value) == (negative if value.dtype.kind == "f" else 3 * negative)
