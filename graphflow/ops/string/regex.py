"""Regular expressions on strings: replacing and matching, in RE2's syntax."""
from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.dtypes import bool_, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .base import by_thousands
from .re2_syntax import to_python
from .text import _Elementwise

try:
    import re2 as _re2
except ImportError:     # the extra "re2"; Python's re serves too
    _re2 = None
_ERRORS = (re.error,) if _re2 is None else (re.error, _re2.error)


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value


class _Regex:
    """A pattern of RE2: by google-re2 where that is installed, else by Python's `re` after a translation."""

    def __init__(self, pattern: bytes):
        try:
            spelled = pattern.decode("utf-8")
            self._pattern = re.compile(to_python(spelled)) if _re2 is None else _compiled(spelled)
            self._on_bytes: Any = _for_ascii(spelled) if _re2 is None else self._pattern
        except (ValueError, OverflowError, RecursionError, *_ERRORS) as error:
            raise ValueError(f"Invalid pattern: {pattern.decode('utf-8', 'replace')}, error: {_said(error)}") from None

    def matches(self, texts: list[bytes]) -> Iterator[bool]:
        """Whether each text as a whole matches."""
        if self._on_bytes is not None and b"".join(texts).isascii():
            match = self._on_bytes.fullmatch
            return (match(text) is not None for text in texts)
        return (self._pattern.fullmatch(_given(text)) is not None for text in texts)

    def rewritten(self, texts: list[bytes], rewrite: bytes, everywhere: bool) -> list[bytes]:
        """`replaced` of each text; by Python's own `sub` where no match can be empty, on which the two differ."""
        parts = _parts(rewrite)
        if (_re2 is None and _never_empty(self._pattern.pattern)
                and max((part for part in parts if isinstance(part, int)), default=0) <= self._pattern.groups):
            template = b"".join(b"\\g<%d>" % part if isinstance(part, int) else part.replace(b"\\", b"\\\\") for part in parts)
            count = 0 if everywhere else 1
            if self._on_bytes is not None and b"".join(texts).isascii():
                return [self._on_bytes.sub(template, text, count) for text in texts]
            shown = _given(template)
            return [_back(self._pattern.sub(shown, _given(text), count)) for text in texts]
        return [self.replaced(text, rewrite, everywhere) for text in texts]

    def replaced(self, text: bytes, rewrite: bytes, everywhere: bool) -> bytes:
        """The text with the first match, or all, rewritten; an empty match right behind another one is none."""
        source, parts = _given(text), _parts(rewrite)
        if max((part for part in parts if isinstance(part, int)), default=0) > self._pattern.groups:
            return text
        done, at, last = [], 0, -1
        while at <= len(source):
            match = self._pattern.search(source, at)
            if match is None:
                break
            start, end = match.span()
            done.append(source[at:start])
            if start == end == last:
                at = _next(source, start)
                done.append(source[start:at])
                if start == len(source):
                    break
                continue
            done += [(match[part] or source[:0]) if isinstance(part, int) else _given(part) for part in parts]
            at = last = end
            if not everywhere:
                break
            if start == end and start == len(source):
                at = len(source) + 1
        done.append(source[at:])
        return _back(source[:0].join(done))


def _said(error: Exception) -> str:
    text = error.args[0] if error.args else error
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _compiled(pattern: str) -> Any:
    options = _re2.Options()
    options.log_errors = False
    return _re2.compile(pattern.encode(), options)


def _for_ascii(spelled: str) -> Any:
    """The pattern for bytes, which matches ASCII texts alike and need not decode them; None if it cannot be said so."""
    try:
        return re.compile(_BEYOND.sub(_as_bytes, to_python(spelled)).encode("ascii"))
    except (re.error, UnicodeEncodeError):
        return None


_BEYOND = re.compile(r"\\(?:U([0-9a-f]{8})(?:-\\U([0-9a-f]{8}))?|.)", re.DOTALL)     # escapes as `to_python` writes them


def _as_bytes(match: re.Match[str]) -> str:
    """A character or a range of them for bytes; what is not ASCII becomes a byte that no ASCII text holds."""
    if match[1] is None:
        return match[0]
    low, high = (int(part, 16) if int(part, 16) < 0x80 else 0xFF for part in (match[1], match[2] or match[1]))
    return f"\\x{low:02x}" if low == high else f"\\x{low:02x}-\\x{high:02x}"


@functools.lru_cache(256)
def _never_empty(pattern: str) -> bool:
    """Whether each match has characters, as far as `re` tells: its parser knows, which has no public name."""
    parser = getattr(re, "_parser", None)           # there from Python 3.11 on
    return parser is not None and parser.parse(pattern).getwidth()[0] > 0


def _given(text: bytes) -> Any:
    """A text as the matcher takes it: bytes for google-re2, else characters, with what is no UTF-8 as surrogates."""
    return text.decode("utf-8", "surrogateescape") if _re2 is None else text


def _back(text: Any) -> bytes:
    return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text


def _next(source: Any, at: int) -> int:
    """The place behind the character at a place."""
    at += 1
    while isinstance(source, bytes) and at < len(source) and source[at] & 0xC0 == 0x80:
        at += 1
    return at


@functools.lru_cache(256)
def _parts(rewrite: bytes) -> list[bytes | int]:
    r"""A rewrite as texts and numbers of groups: \1 to \9 are groups, \0 the whole match, \\ a backslash."""
    found: list[bytes | int] = []
    for text, escape in re.findall(rb"([^\\]*)(\\.?|$)", rewrite, re.DOTALL):
        if escape[1:].isdigit():
            found += [text, int(escape[1:])]
        elif escape in (b"", b"\\\\"):
            found.append(text + escape[1:])
        else:
            raise ValueError(f"Invalid rewrite pattern: {rewrite.decode('utf-8', 'replace')}: a backslash stands before a digit (a group) "
                             "or another backslash")
    return found


_regex = functools.lru_cache(256)(_Regex)


def _rewritten(texts: Any, pattern: bytes, rewrite: bytes, everywhere: bool) -> np.ndarray:
    return by_thousands(texts, lambda part: _regex(pattern).rewritten(part, rewrite, everywhere))


class StaticRegexReplace(_Elementwise, sig="input: string -> output: string"):
    """Matches of a regular expression replaced."""
    pattern: str
    rewrite: str
    replace_global: bool = True

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return _rewritten(x, self.pattern.encode(), self.rewrite.encode(), self.replace_global)


class RegexReplace(Op, sig="input: string, pattern: string, rewrite: string -> output: string", host=True):
    """Matches of a regular expression, known at run time only, replaced."""
    replace_global: bool = True

    def infer(self, x: Spec, pattern: Spec, rewrite: Spec) -> Spec:
        return Spec(string, x.shape)

    def check(self, x: Spec, pattern: Spec, rewrite: Spec) -> None:
        for what, spec in (("Pattern", pattern), ("Rewrite", rewrite)):
            require(not spec.shape, f"{what} must be scalar, but received {spec.shape}")

    def kernel(self, xp: Namespace, x: Any, pattern: Any, rewrite: Any) -> Any:
        what, by = (np.asarray(v, object).item() for v in (pattern, rewrite))
        return _rewritten(x, what, by, self.replace_global)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None, None


class StaticRegexFullMatch(_Elementwise, sig="input: string -> output: bool"):
    """Whether the whole string matches a regular expression."""
    pattern: str

    def infer(self, x: Spec) -> Spec:
        return Spec(bool_, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        return by_thousands(x, _regex(self.pattern.encode()).matches, bool)


class RegexFullMatch(Op, sig="input: string, pattern: string -> output: bool", host=True):
    """Whether the whole string matches a regular expression that is known at run time only."""

    def infer(self, x: Spec, pattern: Spec) -> Spec:
        return Spec(bool_, x.shape)

    def check(self, x: Spec, pattern: Spec) -> None:
        require(not pattern.shape, f"Pattern must be scalar, but received shape {pattern.shape}")

    def kernel(self, xp: Namespace, x: Any, pattern: Any) -> Any:
        return by_thousands(x, _regex(np.asarray(pattern, object).item()).matches, bool)

    def grad(self, op: Operation, dy: Any) -> Any:
        return None, None


@export("regex_replace", "strings.regex_replace")
def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Tensor:
    r"""Matches of `pattern` replaced by `rewrite`, in which \1 names a group.

    Patterns are RE2's: no looking ahead or behind, no backreferences, `\d` and `\w` are ASCII, `[[:alpha:]]` and `\pL` are known.
    Without the package google-re2 (`pip install 'graphflow-tf1[re2]'`) scripts such as `\p{Greek}` are refused, and some patterns take
    long.
    """
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        return make(StaticRegexReplace, input, name=name, pattern=_text(pattern), rewrite=_text(rewrite),
                    replace_global=replace_global)
    return make(RegexReplace, input, pattern, rewrite, name=name, replace_global=replace_global)


@export("strings.regex_full_match")
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether each string as a whole matches `pattern`."""
    if isinstance(pattern, (str, bytes)):
        return make(StaticRegexFullMatch, input, name=name, pattern=_text(pattern))
    return make(RegexFullMatch, input, pattern, name=name)
