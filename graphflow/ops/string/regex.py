"""Regular expressions on strings: replacing and matching, in RE2's syntax as far as Python's re has it."""
from __future__ import annotations

import functools
import re
from typing import Any

import numpy as np

from ...core.dtypes import bool_, string
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec
from ...core.tensor import Tensor
from .base import each
from .text import _Elementwise


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else value


@functools.lru_cache(256)
def _regex(pattern: bytes) -> re.Pattern[bytes]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"Invalid pattern: {pattern.decode('utf-8', 'replace')}, error: {error}") from None


def _replaced(text: bytes, pattern: bytes, rewrite: bytes, everywhere: bool) -> bytes:
    r"""RE2's rewrite rule: \1 to \9 are groups, \0 the whole match, \\ a backslash."""
    def new(match: re.Match[bytes]) -> bytes:
        return re.sub(rb"\\([0-9\\])", lambda m: b"\\" if m[1] == b"\\" else match[int(m[1])] or b"", rewrite)
    return _regex(pattern).sub(new, text, count=0 if everywhere else 1)


class StaticRegexReplace(_Elementwise, sig="input: string -> output: string"):
    """Matches of a regular expression replaced."""
    pattern: str
    rewrite: str
    replace_global: bool = True

    def one(self, text: bytes) -> Any:
        return _replaced(text, self.pattern.encode(), self.rewrite.encode(), self.replace_global)


class RegexReplace(Op, sig="input: string, pattern: string, rewrite: string -> output: string", host=True):
    """Matches of a regular expression, known at run time only, replaced."""
    replace_global: bool = True

    def infer(self, x: Spec, pattern: Spec, rewrite: Spec) -> Spec:
        return Spec(string, x.shape)

    def kernel(self, xp: Any, x: Any, pattern: Any, rewrite: Any) -> Any:
        what, by = (np.asarray(v, object).item() for v in (pattern, rewrite))
        return each(x, lambda text: _replaced(text, what, by, self.replace_global))

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None, None


class StaticRegexFullMatch(_Elementwise, sig="input: string -> output: bool"):
    """Whether the whole string matches a regular expression."""
    pattern: str

    def infer(self, x: Spec) -> Spec:
        return Spec(bool_, x.shape)

    def kernel(self, xp: Any, x: Any) -> Any:
        return each(x, lambda text: _regex(self.pattern.encode()).fullmatch(text) is not None, bool)


class RegexFullMatch(Op, sig="input: string, pattern: string -> output: bool", host=True):
    """Whether the whole string matches a regular expression that is known at run time only."""

    def infer(self, x: Spec, pattern: Spec) -> Spec:
        return Spec(bool_, x.shape)

    def kernel(self, xp: Any, x: Any, pattern: Any) -> Any:
        compiled = _regex(np.asarray(pattern, object).item())
        return each(x, lambda text: compiled.fullmatch(text) is not None, bool)

    def grad(self, op: Any, dy: Any) -> Any:
        return None, None


@export("regex_replace", "strings.regex_replace")
def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Tensor:
    r"""Matches of `pattern` replaced by `rewrite`, in which \1 names a group. Patterns are Python's; RE2's own syntax is not known."""
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
