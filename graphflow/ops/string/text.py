"""Strings from strings: join, split, substr, case, strip, regular expressions, base64."""
from __future__ import annotations

import base64
import binascii
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from ...core import context, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import DType, int32, int64, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from ...kernels.contract import Namespace
from ...kernels.packed import CHUNK, characters_of, lengths_of, split
from .. import functions as F
from .base import by_thousands, each, strings


class _Elementwise(Op):
    """Base of ops that map every string by itself; `one(bytes)` gives the result."""
    host = True         # strings are Python values

    def infer(self, x: Spec) -> Spec:
        return Spec(string, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return each(x, self.one)

    def one(self, text: bytes) -> Any:
        """The result for one string."""
        raise NotImplementedError(f"{type(self).__name__}.one")

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class Substr(Op, sig="input: string, pos: T, len: T -> output: string", host=True):
    """Parts of strings: `len` bytes or characters from `pos` on, negative positions counted from the end."""
    T: DType = one_of(int32, int64)
    unit: str = one_word("BYTE", "UTF8_CHAR", default="BYTE")

    def infer(self, x: Spec, pos: Spec, length: Spec) -> Spec:
        shapes.merge(pos.shape, length.shape)
        return Spec(string, shapes.broadcast(x.shape, pos.shape))

    def kernel(self, xp: Namespace, x: Any, pos: Any, length: Any) -> Any:
        x = np.asarray(x, object)
        if np.size(pos) == np.size(length) == 1 and np.ndim(pos) <= x.ndim:
            return by_thousands(x, partial(self._parts, int(np.reshape(pos, ())), int(np.reshape(length, ()))))
        x, pos, length = np.broadcast_arrays(x, pos, length)
        texts, starts, counts = x.ravel().tolist(), pos.ravel().astype(np.int64), length.ravel().astype(np.int64)
        if self._is_bytes(texts) and (starts >= 0).all() and (counts >= 0).all() and (starts <= lengths_of(x.ravel())).all():
            return strings([t[p:e] for t, p, e in zip(texts, starts.tolist(), (starts + counts).tolist())], x.shape)
        return strings([self._part(t, p, n) for t, p, n in zip(texts, starts.tolist(), counts.tolist())], x.shape)

    def _is_bytes(self, texts: list[bytes]) -> bool:
        """Whether a byte is a character."""
        return self.unit == "BYTE" or b"".join(texts).isascii()

    def _parts(self, pos: int, length: int, texts: list[bytes]) -> list[bytes]:
        shortest = min(map(len, texts))
        if length < 0 or not -shortest <= pos <= shortest or not self._is_bytes(texts):
            return [self._part(text, pos, length) for text in texts]
        end: int | None = pos + length
        if pos < 0 <= pos + length:
            end = None
        return [text[pos:end] for text in texts]

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

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


@export("substr", "strings.substr")
def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """`len` bytes (or characters, unit="UTF8_CHAR") of each string from `pos` on."""
    return make(Substr, input, pos, len, name=name, unit=unit)


class StringSplit(Several, sig="input: string, delimiter: string -> indices: int64, values: string, shape: int64", host=True):
    """Each string of a vector split at any character of the delimiter (empty: into characters)."""
    skip_empty: bool = True

    def infer(self, x: Spec, delimiter: Spec) -> Any:
        require(x.shape is None or len(x.shape) == 1, f"Shape must be rank 1 but is rank {len(x.shape or ())}")
        require(not delimiter.shape, f"Shape must be rank 0 but is rank {len(delimiter.shape or ())}")
        return Spec(int64, (None, 2)), Spec(string, (None,)), Spec(int64, (2,))

    def check(self, x: Spec, delimiter: Spec) -> None:
        require(not delimiter.shape, f"delimiter must be a scalar, got shape: {shapes.describe(delimiter.shape)}")

    def kernel(self, xp: Namespace, x: Any, delimiter: Any) -> Any:
        marks, texts = np.asarray(delimiter, object).item(), np.asarray(x, object)
        if marks:
            return _ragged(*split(texts, marks, self.skip_empty))
        whole = np.frombuffer(b"".join(texts.tolist()), np.uint8)
        return _ragged(lengths_of(texts), _BYTES[whole])

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None


class StringSplitV2(Several, sig="input: string, sep: string -> indices: int64, values: string, shape: int64", host=True):
    """Each string of a vector split as Python's bytes.split does."""
    maxsplit: int = -1

    def infer(self, x: Spec, sep: Spec) -> Any:
        return Spec(int64, (None, 2)), Spec(string, (None,)), Spec(int64, (2,))

    def kernel(self, xp: Namespace, x: Any, sep: Any) -> Any:
        mark = np.asarray(sep, object).item() or None
        texts, counts = np.asarray(x, object), [np.zeros(0, np.int64)]
        pieces: list[bytes] = []
        for first in range(0, texts.size, CHUNK):
            rows = [text.split(mark, self.maxsplit) for text in texts[first:first + CHUNK].tolist()]
            counts.append(np.fromiter(map(len, rows), np.int64, len(rows)))
            pieces += chain.from_iterable(rows)
        return _ragged(np.concatenate(counts), pieces)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return None, None


_BYTES = strings([bytes([i]) for i in range(256)])


def _ragged(counts: np.ndarray, pieces: Any) -> tuple[Any, Any, Any]:
    """Strings, so many of each row, as the three parts of a sparse matrix."""
    ends = np.cumsum(counts)
    places = np.empty((len(pieces), 2), np.int64)
    places[:, 0] = np.repeat(np.arange(counts.size), counts)
    places[:, 1] = np.arange(len(pieces)) - np.repeat(ends - counts, counts)
    values = pieces if isinstance(pieces, np.ndarray) else strings(pieces)
    return places, values, np.array([counts.size, counts.max(initial=0)], np.int64)


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
    unit: str = one_word("BYTE", "UTF8_CHAR", default="BYTE")

    def infer(self, x: Spec) -> Spec:
        return Spec(int32, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if self.unit == "BYTE":
            return lengths_of(np.asarray(x, object))
        return characters_of(np.asarray(x, object))

    def grad(self, op: Operation, dy: Any) -> Any:
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


_WEB_SAFE, _PLAIN = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


class EncodeBase64(_Elementwise, sig="input: string -> output: string"):
    """Web-safe base64."""
    pad: bool = False

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return by_thousands(x, self._encoded)

    def _encoded(self, texts: list[bytes]) -> list[bytes]:
        lines = b"".join(map(binascii.b2a_base64, texts))       # each with a line end
        return lines.translate(_WEB_SAFE, b"" if self.pad else b"=").split(b"\n")[:-1]


class DecodeBase64(_Elementwise, sig="input: string -> output: string"):
    """Web-safe base64, padded or not, back to bytes."""

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return by_thousands(x, self._decoded)

    def _decoded(self, texts: list[bytes]) -> list[bytes]:
        bodies = [text.rstrip(b"=") for text in texts]
        if b"".join(bodies).translate(None, _ALPHABET) or any(len(body) % 4 == 1 for body in bodies):
            return [self.one(text) for text in texts]           # which says what is wrong with which
        plain = b"\n".join(bodies).translate(_PLAIN).split(b"\n")
        return [binascii.a2b_base64(body + b"=="[:-len(body) % 4]) for body in plain]

    def one(self, text: bytes) -> Any:
        body = text.rstrip(b"=")
        if len(body) % 4 == 1:
            raise ValueError(f"Base64 string length cannot be 1 modulo 4: {text!r}")
        if body.translate(None, _ALPHABET):
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
