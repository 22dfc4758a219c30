"""Strings from strings: join, split, substr, case, strip, regular expressions, base64."""
from __future__ import annotations

import base64
import re
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, int32, int64, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from .. import functions as F
from .base import each, strings


class _Elementwise(Op):
    """Base of ops that map every string by itself; `one(bytes)` gives the result."""
    host = True         # strings are Python values

    def infer(self, x: Spec) -> Spec:
        return Spec(string, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        return each(x, self.one)

    def one(self, text: bytes) -> Any:
        """The result for one string."""
        raise NotImplementedError(f"{type(self).__name__}.one")

    def grad(self, op: Any, dy: Any) -> Any:
        return (None,)






def _check_unit(unit: str) -> None:
    require(unit in ("BYTE", "UTF8_CHAR"), f"Value for attr 'unit' of \"{unit}\" is not in the list of allowed values: \"BYTE\", "
                                           "\"UTF8_CHAR\"")


class Substr(Op, sig="input: string, pos: T, len: T -> output: string", host=True):
    """Parts of strings: `len` bytes or characters from `pos` on, negative positions counted from the end."""
    T: DType = one_of(int32, int64)
    unit: str = "BYTE"

    def infer(self, x: Spec, pos: Spec, length: Spec) -> Spec:
        _check_unit(self.unit)
        shapes.merge(pos.shape, length.shape)
        return Spec(string, shapes.broadcast(x.shape, pos.shape))

    def kernel(self, xp: Any, x: Any, pos: Any, length: Any) -> Any:
        x, pos, length = np.broadcast_arrays(np.asarray(x, object), pos, length)
        found = [self._part(t, int(p), int(n)) for t, p, n in zip(x.ravel().tolist(), pos.ravel(), length.ravel())]
        return strings(found, x.shape)

    def _part(self, text: bytes, pos: int, length: int) -> bytes:
        if self.unit == "UTF8_CHAR":
            chars = text.decode("utf-8", "replace")
            return chars[self._start(pos, len(chars), text):][:length].encode()
        return text[self._start(pos, len(text), text):][:length]

    @staticmethod
    def _start(pos: int, size: int, text: bytes) -> int:
        if not -size <= pos <= size:
            raise ValueError(f"pos {pos} out of range for string {text!r} of length {size}")
        return pos + size if pos < 0 else pos

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None, None


@export("substr", "strings.substr")
def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """`len` bytes (or characters, unit="UTF8_CHAR") of each string from `pos` on."""
    return make(Substr, input, pos, len, name=name, unit=unit)


class StringSplit(Op, sig="input: string, delimiter: string -> indices: int64, values: string, shape: int64", host=True):
    """Each string of a vector split at any character of the delimiter (empty: into characters)."""
    skip_empty: bool = True

    def infer(self, x: Spec, delimiter: Spec) -> Any:
        require(x.shape is None or len(x.shape) == 1, f"Shape must be rank 1 but is rank {len(x.shape or ())}")
        require(not delimiter.shape, f"Shape must be rank 0 but is rank {len(delimiter.shape or ())}")
        return Spec(int64, (None, 2)), Spec(string, (None,)), Spec(int64, (2,))

    def check(self, x: Spec, delimiter: Spec) -> None:
        require(not delimiter.shape, f"delimiter must be a scalar, got shape: {shapes.describe(delimiter.shape)}")

    def kernel(self, xp: Any, x: Any, delimiter: Any) -> Any:
        marks = np.asarray(delimiter, object).item()
        return _ragged([self._split(text, marks) for text in np.asarray(x, object).tolist()])

    def _split(self, text: bytes, marks: bytes) -> list[bytes]:
        parts = re.split(b"[" + re.escape(marks) + b"]", text) if marks else [text[i:i + 1] for i in range(len(text))]
        return [p for p in parts if p] if self.skip_empty else parts

    def grad(self, op: Any, *dy: Any) -> Any:
        return None, None


class StringSplitV2(Op, sig="input: string, sep: string -> indices: int64, values: string, shape: int64", host=True):
    """Each string of a vector split as Python's bytes.split does."""
    maxsplit: int = -1

    def infer(self, x: Spec, sep: Spec) -> Any:
        return Spec(int64, (None, 2)), Spec(string, (None,)), Spec(int64, (2,))

    def kernel(self, xp: Any, x: Any, sep: Any) -> Any:
        mark = np.asarray(sep, object).item() or None
        return _ragged([text.split(mark, self.maxsplit) for text in np.asarray(x, object).tolist()])

    def grad(self, op: Any, *dy: Any) -> Any:
        return None, None


def _ragged(rows: list[list[bytes]]) -> tuple[Any, Any, Any]:
    """Lists of strings as the three parts of a sparse matrix."""
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    size = [len(rows), max((len(row) for row in rows), default=0)]
    return np.array(places, np.int64).reshape(-1, 2), strings([t for row in rows for t in row]), np.array(size, np.int64)


@export("string_split")
def string_split(source: Any, sep: Any = None, skip_empty: bool = True, delimiter: Any = None, result_type: str = "SparseTensor",
                 name: str | None = None) -> SparseTensor:
    """The strings of a vector, split at any character of `delimiter` (blank by default), as a sparse matrix of strings."""
    _only_sparse("string_split", result_type)
    if delimiter is not None:
        sep = delimiter
    sep = " " if sep is None else sep
    with context.default_graph().name_scope(name or "StringSplit"):
        source = convert_to_tensor(source, string)
        return SparseTensor(*make(StringSplit, source, convert_to_tensor(sep, string), skip_empty=skip_empty))


@export("strings.split")
def strings_split(input: Any = None, sep: Any = None, maxsplit: int = -1, result_type: str = "SparseTensor", source: Any = None,
                  name: str | None = None) -> SparseTensor:
    """The strings of a vector, split as Python's str.split does (at white space, or at the string `sep`), as a sparse matrix."""
    _only_sparse("strings.split", result_type)
    if source is not None:
        warn_once("strings.split: 'source' is an old name, use 'input'")
        input = source
    with context.default_graph().name_scope(name or "StringSplit"):
        input = convert_to_tensor(input, string)
        if input.static == ():
            input = F.expand_dims(input, 0)
        sep = constant_op("" if sep is None else sep, string) if not isinstance(sep, Tensor) else sep
        return SparseTensor(*make(StringSplitV2, input, sep, maxsplit=maxsplit))


def _only_sparse(name: str, result_type: str) -> None:
    if result_type != "SparseTensor":
        raise NotImplementedError(f"{name}: ragged tensors are missing; use result_type='SparseTensor'")


class StringLower(_Elementwise, sig="input: string -> output: string"):
    """Lower case: of ASCII letters, with encoding "utf-8" of all letters."""
    encoding: str = ""

    def one(self, text: bytes) -> Any:
        return text.decode("utf-8").lower().encode() if self.encoding == "utf-8" else text.lower()


class StringUpper(_Elementwise, sig="input: string -> output: string"):
    """Upper case: of ASCII letters, with encoding "utf-8" of all letters."""
    encoding: str = ""

    def one(self, text: bytes) -> Any:
        return text.decode("utf-8").upper().encode() if self.encoding == "utf-8" else text.upper()


class StringStrip(_Elementwise, sig="input: string -> output: string"):
    """Without white space at both ends."""

    def one(self, text: bytes) -> Any:
        return text.strip()


class StringLength(Op, sig="input: string -> output: int32", host=True):
    """The number of bytes, or of UTF-8 characters."""
    unit: str = "BYTE"

    def infer(self, x: Spec) -> Spec:
        _check_unit(self.unit)
        return Spec(int32, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        if self.unit == "BYTE":
            return each(x, len, np.int32)
        return each(x, lambda text: sum(1 for byte in text if byte & 0xC0 != 0x80), np.int32)  # bytes that begin a character

    def grad(self, op: Any, dy: Any) -> Any:
        return (None,)


@export("strings.lower")
def lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """The strings in lower case; encoding: "" for ASCII letters only, or "utf-8"."""
    return make(StringLower, input, name=name, encoding=encoding)


@export("strings.upper")
def upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """The strings in upper case; encoding: "" for ASCII letters only, or "utf-8"."""
    return make(StringUpper, input, name=name, encoding=encoding)


@export("string_strip", "strings.strip")
def string_strip(input: Any, name: str | None = None) -> Tensor:
    """The strings without white space at both ends."""
    return make(StringStrip, input, name=name)


@export("strings.length")
def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The length of each string in bytes, or in characters with unit="UTF8_CHAR"."""
    return make(StringLength, input, name=name, unit=unit)


















class EncodeBase64(_Elementwise, sig="input: string -> output: string"):
    """Web-safe base64."""
    pad: bool = False

    def one(self, text: bytes) -> Any:
        found = base64.urlsafe_b64encode(text)
        return found if self.pad else found.rstrip(b"=")


class DecodeBase64(_Elementwise, sig="input: string -> output: string"):
    """Web-safe base64, padded or not, back to bytes."""

    def one(self, text: bytes) -> Any:
        body = text.rstrip(b"=")
        if not re.fullmatch(rb"[A-Za-z0-9_-]*", body) or len(body) % 4 == 1:
            raise ValueError(f"Invalid character found in base64: {text!r}")
        return base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4))


@export("encode_base64", "io.encode_base64")
def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """The strings in web-safe base64 (- and _), padded with = if told."""
    return make(EncodeBase64, input, name=name, pad=pad)


@export("decode_base64", "io.decode_base64")
def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """The bytes that web-safe base64 strings stand for."""
    return make(DecodeBase64, input, name=name)








