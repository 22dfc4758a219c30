"""Between strings and numbers: as_string, string_to_number, hashes into buckets, decode_raw, format."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float32, float64, int32, int64, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ...kernels.decimals import numbers
from ...kernels.summarize import element
from .base import by_thousands, strings

_WIDEST = 1 << 16


class AsString(Op, sig="input: T -> output: string", host=True):
    """Numbers as text, as C's printf writes them."""
    T: DType = one_of(float32, float64, int32, dtypes.uint8, dtypes.int16, dtypes.int8, int64, dtypes.bfloat16, dtypes.uint16,
                      dtypes.float16, dtypes.uint32, dtypes.uint64, dtypes.complex64, dtypes.complex128, dtypes.bool_, dtypes.variant,
                      string)
    precision: int = -1
    scientific: bool = False
    shortest: bool = False
    width: int = -1
    fill: str = ""

    def infer(self, x: Spec) -> Spec:
        return Spec(string, x.shape)

    def check(self, x: Spec) -> None:
        real = self.T.is_floating or self.T.is_complex
        require(not (self.scientific and self.shortest), "Cannot select both scientific and shortest notation")
        for name, asked in (("scientific and shortest", self.scientific or self.shortest), ("precision", self.precision >= 0)):
            require(real or not asked, f"{name} not supported for datatype {self.T.name}: for floating numbers only")
        require(max(self.width, self.precision) <= _WIDEST, f"width and precision must be at most {_WIDEST}")
        require(len(self.fill) <= 1, f"Fill string must be one or fewer characters: {self.fill!r}")

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x = np.asarray(x)
        if self.T is string:
            return x.copy()
        if self.T is dtypes.bool_:
            return by_thousands(x, lambda part: [b"true" if value else b"false" for value in part])
        if self.T.is_complex:
            both = f"({self._format('')},{self._format('')})".encode()
            return by_thousands(x, lambda part: [both % (value.real, value.imag) for value in part])
        one = self._format("d" if self.T.is_integer else "").encode()
        return by_thousands(x, lambda part: [one % value for value in part])

    def _format(self, kind: str) -> str:
        """Of a number, as % takes it."""
        flag = self.fill if self.fill in ("0", "-", "+", " ") else ""
        width = "" if self.width < 0 else str(self.width)
        if kind == "d":
            return f"%{flag}{width}d"
        kind = "e" if self.scientific else "g" if self.shortest else "f"
        precision = "" if self.precision < 0 else f".{self.precision}"
        return f"%{flag}{width}{precision}{kind}"

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


@export("as_string", "dtypes.as_string", "strings.as_string")
def as_string(input: Any, precision: int = -1, scientific: bool = False, shortest: bool = False, width: int = -1, fill: str = "",
              name: str | None = None) -> Tensor:
    """Each number as text: %f (or %e with scientific, %g with shortest) with precision digits, padded to width with `fill`."""
    return make(AsString, input, name=name, precision=precision, scientific=scientific,
                shortest=shortest, width=width, fill=fill)


class StringToNumber(Op, sig="string_tensor: string -> output: out_type", host=True):
    """The numbers that strings spell."""
    out_type: DType = one_of(float32, float64, int32, int64, dtypes.uint32, dtypes.uint64, default=float32)

    def infer(self, x: Spec) -> Spec:
        return Spec(self.out_type, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        x = np.asarray(x, object)
        return numbers(x.reshape(-1), self.out_type.np, self._one).reshape(x.shape)

    def _one(self, text: bytes) -> Any:
        try:
            if b"_" in text:
                raise ValueError(text)
            if self.out_type.is_floating:
                return float.fromhex(text.decode("ascii")) if b"x" in text.lower() else float(text)
            value = int(text)
            if not self.out_type.min <= value <= self.out_type.max:
                raise ValueError(text)
        except ValueError:
            raise ValueError(f"StringToNumberOp could not correctly convert string: {text.decode('utf-8', 'replace')}") from None
        return value

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


@export("string_to_number", "strings.to_number")
def string_to_number(string_tensor: Any = None, out_type: Any = float32, name: str | None = None, input: Any = None) -> Tensor:
    """The number that each string spells, in decimal; InvalidArgumentError at run for one that spells none."""
    if input is not None:
        string_tensor = input
    return make(StringToNumber, string_tensor, name=name, out_type=as_dtype(out_type))


class StringFormat(Op, sig="inputs: [T] -> output: string", host=True):
    """A template with tensors printed in its gaps."""
    T: list[DType]
    template: str = "%s"
    placeholder: str = "%s"
    summarize: int = 3

    def infer(self, *inputs: Spec) -> Spec:
        gaps = self.template.count(self.placeholder)
        require(gaps == len(inputs), f"num placeholders in template and num inputs must match: {gaps} vs. {len(inputs)}")
        return Spec(string, ())

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        pieces = self.template.split(self.placeholder)
        text = pieces[0] + "".join(_printed(np.asarray(x), self.summarize) + rest for x, rest in zip(inputs, pieces[1:]))
        return strings([text.encode()], ())

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,) * len(self.T)


def _printed(x: np.ndarray, summarize: int, depth: int = 0) -> str:
    """An array as TensorFlow prints it: the first and last entries of each axis, dots between."""
    if not isinstance(x, np.ndarray) or x.ndim == 0:
        x = np.asarray(x)
        value: Any = x.item() if x.dtype != np.float32 else x[()]
        if isinstance(value, (bytes, str)):
            return f'"{_escaped(value if isinstance(value, str) else value.decode("utf-8", "replace"))}"'
        if isinstance(value, (float, np.floating)):
            return element(x[()])
        return str(int(value)) if isinstance(value, (bool, int)) else str(value)
    if summarize < 0 or len(x) <= 2 * summarize:
        parts = [_printed(row, summarize, depth + 1) for row in x]
    else:
        parts = [_printed(row, summarize, depth + 1) for row in x[:summarize]] + ["..."]
        parts += [_printed(row, summarize, depth + 1) for row in x[len(x) - summarize:]]
    return "[" + (" " if x.ndim == 1 else "\n" * (x.ndim - 1) + " " * (depth + 1)).join(parts) + "]"


_ESCAPES = {ord(c): f"\\{e}" for c, e in ("\nn", "\rr", "\tt", '""', "''", "\\\\")} | {
    code: f"\\{code:03o}" for code in (*range(9), 11, 12, *range(14, 32), 127)}


def _escaped(text: str) -> str:
    """A text as it stands in a C program: quotes, backslashes and control characters behind a backslash."""
    return text.translate(_ESCAPES)


@export("strings.format")
def string_format(template: str, inputs: Any, placeholder: str = "{}", summarize: int = 3, name: str | None = None) -> Tensor:
    """`template` with each `placeholder` replaced by the next tensor, printed with `summarize` entries from both ends of an axis."""
    tensors = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
    if template.count(placeholder) != len(tensors):
        raise ValueError(f"The template expects {template.count(placeholder)} tensors, but the inputs only has {len(tensors)}. "
                         "Please ensure the number of placeholders in template matches inputs length.")
    return make(StringFormat, [convert_to_tensor(t) for t in tensors], name=name, template=template,
                placeholder=placeholder, summarize=summarize)

