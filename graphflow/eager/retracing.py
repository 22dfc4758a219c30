"""How often calls of a `tf.function` trace it anew, and the warning where that is too often.

Functions of the same code count as one: a `tf.function` that is made again at each turn of a loop traces at each call.
"""
from __future__ import annotations

import logging
import types
import weakref
from collections import deque
from typing import Any

_LATELY = 10        # calls that are looked back on
_MANY = 5           # so many of them that traced are worth a warning
_WARNINGS = 2       # per function

warn = logging.getLogger("tensorflow").warning
_known: weakref.WeakKeyDictionary[types.CodeType, Retracing] = weakref.WeakKeyDictionary()


class Retracing:
    """The calls of one function, counted."""
    __slots__ = ("calls", "traced", "warned")

    def __init__(self) -> None:
        self.calls = self.warned = 0
        self.traced: deque[int] = deque()            # the numbers of the calls that traced

    def note(self, function: Any) -> None:
        """A call that has traced `function`; warns where many of the last ones did."""
        while self.traced and self.calls - self.traced[0] >= _LATELY:
            self.traced.popleft()
        self.traced.append(self.calls)
        if len(self.traced) >= _MANY and self.warned < _WARNINGS:
            self.warned += 1
            warn("%s out of the last %s calls to %r triggered tf.function retracing, which takes far longer than a call. It comes of "
                 "(1) making the @tf.function again and again, as in a loop, (2) tensors of ever new shapes: reduce_retracing=True, or an "
                 "input_signature with None for sizes, (3) Python numbers in place of tensors: each one is traced for.",
                 len(self.traced), self.calls - self.traced[0] + 1, function)


def retracing_of(function: Any) -> Retracing:
    """What is counted of a Python function."""
    code = getattr(getattr(function, "function", function), "__code__", None)
    if code is None:
        return Retracing()
    return _known.get(code) or _known.setdefault(code, Retracing())
