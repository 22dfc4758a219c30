"""Text in its encodings: decoded to code points, encoded from them, from one encoding to another.

Results of which each string has a length of its own are ragged in TensorFlow, which graphflow has not: only scalars are decoded.
"""
from __future__ import annotations

import codecs
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64, string
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require, require_rank
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.shapes import num_elements
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .. import functions as F
from .base import each, strings

_MARKS = {"utf-16": ((codecs.BOM_UTF16_BE, "utf-16-be"), (codecs.BOM_UTF16_LE, "utf-16-le")),
          "utf-32": ((codecs.BOM_UTF32_BE, "utf-32-be"), (codecs.BOM_UTF32_LE, "utf-32-le"))}
_ENCODED = {"UTF-8": "utf-8", "UTF-16-BE": "utf-16-be", "UTF-32-BE": "utf-32-be"}


@lru_cache(maxsize=64)
def codec_of(encoding: str) -> str:
    """Python's name for an encoding; InvalidArgumentError where it has none."""
    try:
        info = codecs.lookup(encoding)
        "".encode(encoding)
    except (LookupError, TypeError):
        raise InvalidArgumentError(None, None, f"Could not create converter for input encoding: {encoding}") from None
    return info.name


def pieces(text: bytes, codec: str) -> Iterator[tuple[str | None, int]]:
    """(characters, first byte) of each part that can be decoded, and (None, first byte) for each that cannot."""
    start = 0
    for mark, name in _MARKS.get(codec, ()):
        if text.startswith(mark):
            start, codec = len(mark), name
    if codec in _MARKS:             # no mark: the first byte is the high one
        codec += "-be"
    while start < len(text):
        try:
            yield text[start:].decode(codec), start
            return
        except UnicodeDecodeError as error:
            if error.start:
                yield text[start:start + error.start].decode(codec), start
            yield None, start + error.start
            start += max(error.end, 1)


class _Decoding(Op):
    """What ops that read an encoding share."""
    input_encoding: str
    errors: str = one_word("strict", "replace", "ignore", default="replace")
    replacement_char: int = 65533
    replace_control_characters: bool = False

    def check(self, *inputs: Spec) -> None:
        require(0 <= self.replacement_char <= 0x10FFFF, "replacement_char out of unicode codepoint range")

    def _replaced(self) -> str:
        if self.errors == "strict":
            raise InvalidArgumentError(None, None, f"Invalid formatting on input string: it is no {self.input_encoding}; errors='replace' "
                                                   "or 'ignore' accepts it")
        return chr(self.replacement_char) if self.errors == "replace" else ""

    def _parts(self, text: bytes) -> Iterator[tuple[str, int, bool]]:
        """(characters, first byte, whether these bytes are the characters) of a string."""
        codec = codec_of(self.input_encoding)
        for characters, start in pieces(text, codec):
            yield (self._replaced(), start, False) if characters is None else (characters, start, True)

    def _characters(self, text: bytes) -> str:
        return "".join([part if not real or not self.replace_control_characters else self._without_controls(part)
                        for part, _, real in self._parts(text)])

    def _without_controls(self, text: str) -> str:
        return "".join([self._replaced() if c <= "\x1f" else c for c in text])


class UnicodeTranscode(_Decoding, sig="input: string -> output: string", host=True):
    """Each string in another encoding."""
    output_encoding: str = one_word(*_ENCODED)

    def infer(self, x: Spec) -> Spec:
        return Spec(string, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        out = _ENCODED[self.output_encoding]
        return each(x, lambda text: self._characters(text).encode(out, "surrogatepass"))

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


class UnicodeDecodeWithOffsets(_Decoding, Several, sig="""input: string -> row_splits: Tsplits, char_values: int32,
                               char_to_byte_starts: int64""", host=True):
    """The code points of all strings, where each string's begin, and the byte at which each begins in its string."""
    Tsplits: DType = one_of(int32, int64, default=int64)

    def infer(self, x: Spec) -> list[Spec]:
        count = num_elements(x.shape)
        return [Spec(self.Tsplits, (None if count is None else count + 1,)), Spec(int32, (None,)), Spec(int64, (None,))]

    def kernel(self, xp: Namespace, x: Any) -> Any:
        splits, values, starts = [0], [], []
        for text in np.asarray(x, object).ravel().tolist():
            for code, start in self._decoded(text):
                values.append(code)
                starts.append(start)
            splits.append(len(values))
        return [np.array(splits, self.Tsplits.np), np.array(values, np.int32), np.array(starts, np.int64)]

    def _decoded(self, text: bytes) -> Iterator[tuple[int, int]]:
        codec = codec_of(self.input_encoding)
        codec += "-be" if codec in _MARKS else ""
        for characters, start, real in self._parts(text):
            at = start
            for character in characters:
                shown = self._without_controls(character) if real and self.replace_control_characters else character
                if shown:
                    yield ord(shown), at
                at += len(character.encode(codec, "surrogatepass")) if real else 0

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,)


class UnicodeDecode(UnicodeDecodeWithOffsets, sig="input: string -> row_splits: Tsplits, char_values: int32", host=True):
    """The code points of all strings, and where each string's begin."""

    def infer(self, x: Spec) -> list[Spec]:
        return super().infer(x)[:2]

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return super().kernel(xp, x)[:2]


class UnicodeEncode(Op, sig="input_values: int32, input_splits: Tsplits -> output: string", host=True):
    """Strings of code points, which input_splits divides."""
    errors: str = one_word("ignore", "replace", "strict", default="replace")
    output_encoding: str = one_word(*_ENCODED)
    replacement_char: int = 65533
    Tsplits: DType = one_of(int32, int64, default=int64)

    def infer(self, values: Spec, splits: Spec) -> Spec:
        require_rank(values, 1)
        require_rank(splits, 1)
        count = splits.shape[0] if splits.shape else None
        require(count != 0, "input_splits should hold at least one number")
        return Spec(string, (None if count is None else count - 1,))

    def check(self, *inputs: Spec) -> None:
        require(0 <= self.replacement_char <= 0x10FFFF, "replacement_char out of unicode codepoint range")

    def kernel(self, xp: Namespace, values: Any, splits: Any) -> Any:
        ends = np.asarray(splits)
        if ends[0] != 0 or ends[-1] != len(values) or (np.diff(ends) < 0).any():
            raise InvalidArgumentError(None, None, f"input_splits must grow from 0 to the number of code points, {len(values)}, got "
                                                   f"{ends.tolist()[:10]}")
        codes = np.asarray(values).tolist()
        return strings(["".join([self._character(c) for c in codes[low:high]]).encode(_ENCODED[self.output_encoding], "surrogatepass")
                        for low, high in zip(ends[:-1].tolist(), ends[1:].tolist())])

    def _character(self, code: int) -> str:
        if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        if self.errors == "strict":
            raise InvalidArgumentError(None, None, f"Code point is out of range for Unicode, or a noncharacter: {code}; errors='replace' "
                                                   "or 'ignore' accepts it")
        return chr(self.replacement_char) if self.errors == "replace" else ""

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


def _scalar(input: Any, what: str) -> Tensor:
    """The scalar string; ValueError for an unknown rank, NotImplementedError for any other, whose result would be ragged."""
    text = convert_to_tensor(input, string, "input")
    if text.static is None:
        raise ValueError("Rank of `input` must be statically known.")
    if text.static != ():
        raise NotImplementedError(f"tf.strings.{what} of strings of shape {text.shape} gives a RaggedTensor, which graphflow does not "
                                  "have: decode one string at a time, or use tf.raw_ops.UnicodeDecode, which gives all code points and "
                                  "the row splits")
    return text


@export("strings.unicode_decode")
def unicode_decode(input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                   replace_control_characters: bool = False, name: str | None = None) -> Tensor:
    """int32 vector: the code points of a scalar string in input_encoding (any that Python knows).

    errors: "replace" (by replacement_char), "ignore" or "strict" (InvalidArgumentError at run) says what becomes of bytes that are no
    characters; of control characters (up to 0x1f) too with replace_control_characters. Strings of rank 1 and more give ragged results in
    TensorFlow: NotImplementedError.
    """
    with context.default_graph().name_scope(name or "UnicodeDecode"):
        text = F.reshape(_scalar(input, "unicode_decode"), [1])
        return make(UnicodeDecode, text, input_encoding=input_encoding, errors=errors, replacement_char=replacement_char,
                    replace_control_characters=replace_control_characters).char_values


@export("strings.unicode_decode_with_offsets")
def unicode_decode_with_offsets(input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                                replace_control_characters: bool = False, name: str | None = None) -> tuple[Tensor, Tensor]:
    """(code points, int64 vector of the byte at which each begins) of a scalar string; see `tf.strings.unicode_decode`."""
    with context.default_graph().name_scope(name or "UnicodeDecodeWithOffsets"):
        text = F.reshape(_scalar(input, "unicode_decode_with_offsets"), [1])
        found = make(UnicodeDecodeWithOffsets, text, input_encoding=input_encoding, errors=errors, replacement_char=replacement_char,
                     replace_control_characters=replace_control_characters)
        return found.char_values, found.char_to_byte_starts


@export("strings.unicode_encode")
def unicode_encode(input: Any, output_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                   name: str | None = None) -> Tensor:
    """Strings of shape [...] from int32 code points [..., length]; output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".

    errors: "replace", "ignore" or "strict", for numbers that are no characters.
    """
    with context.default_graph().name_scope(name or "UnicodeEncode"):
        codes = convert_to_tensor(input, int32, "input")
        if codes.static is None:
            raise ValueError("Rank of `input_tensor` must be statically known.")
        require(len(codes.static) > 0, "input_tensor's rank must be at least 1.")
        shape = F.shape(codes, out_type=int64)
        rows, length = F.reduce_prod(shape[:-1]), shape[-1]
        splits = F.range(rows + 1) * length
        texts = make(UnicodeEncode, F.reshape(codes, [-1]), splits, output_encoding=output_encoding, errors=errors,
                     replacement_char=replacement_char)
        return F.reshape(texts, shape[:-1])


@export("strings.unicode_split")
def unicode_split(input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                  name: str | None = None) -> Tensor:
    """The characters of a scalar string, each as a string in input_encoding ("UTF-8", "UTF-16-BE" or "UTF-32-BE")."""
    with context.default_graph().name_scope(name or "UnicodeSplit"):
        codes = unicode_decode(_scalar(input, "unicode_split"), input_encoding, errors, replacement_char)
        return unicode_encode(F.expand_dims(codes, -1), input_encoding, errors, replacement_char)


@export("strings.unicode_transcode")
def unicode_transcode(input: Any, input_encoding: str, output_encoding: str, errors: str = "replace", replacement_char: int = 65533,
                      replace_control_characters: bool = False, name: str | None = None) -> Tensor:
    """Strings of any shape in output_encoding ("UTF-8", "UTF-16-BE" or "UTF-32-BE") instead of input_encoding (any that Python knows).

    errors, replace_control_characters: as for `tf.strings.unicode_decode`.
    """
    return make(UnicodeTranscode, input, name=name, input_encoding=input_encoding, output_encoding=output_encoding, errors=errors,
                replacement_char=replacement_char, replace_control_characters=replace_control_characters)
