"""Instructions as text: an `Emitter` collects lines of LLVM's language, a `Value` is what one of them gives.

Values are vectors of `lanes` elements, or single numbers where lanes is 1. Their kind is LLVM's name of the element type; a truth value
is i1 here and a byte in memory. Arithmetic is plain: no instruction may be merged or reordered, so sums and products are as numpy has
them, to the last bit.
"""
from __future__ import annotations

import struct
from typing import Any

import numpy as np

KINDS = {"f4": "float", "f8": "double", "b1": "i1", "i1": "i8", "u1": "i8", "i2": "i16", "u2": "i16", "i4": "i32", "u4": "i32",
         "i8": "i64", "u8": "i64"}
BYTES = {"float": 4, "double": 8, "i1": 1, "i8": 1, "i16": 2, "i32": 4, "i64": 8}


def kind_of(dtype: np.dtype[Any]) -> str | None:
    """LLVM's element type of numbers of a dtype; None for one that native code does not handle."""
    return KINDS.get(f"{dtype.kind}{dtype.itemsize}") if dtype.isnative else None


def in_memory(kind: str) -> str:
    return "i8" if kind == "i1" else kind


def literal(kind: str, number: Any) -> str:
    """A number as LLVM writes it; floating ones by their bits."""
    if kind == "float":
        return f"0x{struct.unpack('<Q', struct.pack('<d', float(np.float32(number))))[0]:016X}"
    if kind == "double":
        return f"0x{struct.unpack('<Q', struct.pack('<d', float(number)))[0]:016X}"
    return str(int(number))


class Value:
    """The result of an instruction. Operators need both sides of one kind, or a Python number on the right."""
    __slots__ = ("emitter", "kind", "text")

    def __init__(self, emitter: Emitter, kind: str, text: str):
        self.emitter, self.kind, self.text = emitter, kind, text

    @property
    def floating(self) -> bool:
        return self.kind in ("float", "double")

    def _other(self, other: Any) -> Value:
        return other if other.__class__ is Value else self.emitter.constant(self.kind, other)

    def _binary(self, floating: str, whole: str, other: Any) -> Value:
        return self.emitter.binary(floating if self.floating else whole, self, self._other(other))

    def __add__(self, other: Any) -> Value:
        return self._binary("fadd", "add", other)

    def __sub__(self, other: Any) -> Value:
        return self._binary("fsub", "sub", other)

    def __mul__(self, other: Any) -> Value:
        return self._binary("fmul", "mul", other)

    def __truediv__(self, other: Any) -> Value:
        return self._binary("fdiv", "sdiv", other)

    def __and__(self, other: Any) -> Value:
        return self._binary("", "and", other)

    def __or__(self, other: Any) -> Value:
        return self._binary("", "or", other)

    def __xor__(self, other: Any) -> Value:
        return self._binary("", "xor", other)

    def __lshift__(self, other: Any) -> Value:
        return self._binary("", "shl", other)

    def __rshift__(self, other: Any) -> Value:
        """Filled with zeros."""
        return self._binary("", "lshr", other)

    def __invert__(self) -> Value:
        return self ^ -1

    def __neg__(self) -> Value:
        return self.emitter.made(self.kind, f"fneg {self.emitter.type(self.kind)} {self.text}") if self.floating else \
            self.emitter.constant(self.kind, 0) - self

    def compare(self, how: str, other: Any) -> Value:
        """how: a condition of fcmp or icmp."""
        e = self.emitter
        return e.made("i1", f"{'fcmp' if self.floating else 'icmp'} {how} {e.type(self.kind)} {self.text}, {self._other(other).text}")

    def __gt__(self, other: Any) -> Value:
        return self.compare("ogt" if self.floating else "sgt", other)

    def __lt__(self, other: Any) -> Value:
        return self.compare("olt" if self.floating else "slt", other)

    def equals(self, other: Any) -> Value:
        return self.compare("oeq" if self.floating else "eq", other)

    def is_nan(self) -> Value:
        return self.compare("uno", self)

    def choose(self, yes: Any, no: Any) -> Value:
        """Where this truth value holds `yes`, else `no` (one of them a Value)."""
        kind = yes.kind if yes.__class__ is Value else no.kind
        yes, no = (x if x.__class__ is Value else self.emitter.constant(kind, x) for x in (yes, no))
        e = self.emitter
        return e.made(kind, f"select {e.type('i1')} {self.text}, {e.type(kind)} {yes.text}, {e.type(kind)} {no.text}")

    def bits(self, kind: str) -> Value:
        """The same bits taken for numbers of another kind."""
        return self.convert("bitcast", kind)

    def convert(self, instruction: str, kind: str) -> Value:
        e = self.emitter
        return e.made(kind, f"{instruction} {e.type(self.kind)} {self.text} to {e.type(kind)}")


class Emitter:
    """Lines of one function."""

    def __init__(self, lanes: int = 1):
        self.lanes, self.count = lanes, 0
        self.lines: list[str] = []
        self.declared: dict[str, None] = {}

    def type(self, kind: str) -> str:
        return f"<{self.lanes} x {kind}>" if self.lanes > 1 else kind

    def name(self) -> str:
        self.count += 1
        return f"%t{self.count}"

    def raw(self, text: str) -> str:
        """The name of what an instruction gives."""
        name = self.name()
        self.lines.append(f"  {name} = {text}")
        return name

    def made(self, kind: str, text: str) -> Value:
        return Value(self, kind, self.raw(text))

    def say(self, text: str) -> None:
        """A line that gives nothing."""
        self.lines.append("  " + text)

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    def constant(self, kind: str, number: Any) -> Value:
        text = literal(kind, number)
        return Value(self, kind, f"splat ({kind} {text})" if self.lanes > 1 else text)

    def spread(self, kind: str, number: str) -> Value:
        """A single number in all lanes."""
        if self.lanes == 1:
            return Value(self, kind, number)
        first = self.raw(f"insertelement {self.type(kind)} poison, {kind} {number}, i32 0")
        return self.made(kind, f"shufflevector {self.type(kind)} {first}, {self.type(kind)} poison, <{self.lanes} x i32> zeroinitializer")

    def binary(self, instruction: str, a: Value, b: Value) -> Value:
        return self.made(a.kind, f"{instruction} {self.type(a.kind)} {a.text}, {b.text}")

    def call(self, name: str, *args: Value) -> Value:
        """An intrinsic function whose result is of its arguments' kind."""
        kind = args[0].kind
        short = {"float": "f32", "double": "f64"}.get(kind, kind)
        full = f"@llvm.{name}.{f'v{self.lanes}' if self.lanes > 1 else ''}{short}"
        self.declared[f"declare {self.type(kind)} {full}({', '.join(self.type(kind) for _ in args)})"] = None
        return self.made(kind, f"call {self.type(kind)} {full}({', '.join(f'{self.type(kind)} {a.text}' for a in args)})")

    def fma(self, a: Value, b: Any, c: Any) -> Value:
        """a * b + c, rounded once."""
        return self.call("fma", a, a._other(b), a._other(c))

    def abs(self, x: Value) -> Value:
        return self.call("fabs", x)

    def with_sign_of(self, size: Value, sign: Value) -> Value:
        return self.call("copysign", size, sign)
