r"""RE2's regular expressions, which TensorFlow uses, as Python's.

Each atom is written so that no flags of Python matter: what `.`, `\d`, `\b`, `$` or a class mean in RE2 is spelled out, upper and lower
case are taken alike by a group around the atom. Texts are str with bytes that are no UTF-8 as lone surrogates, which nothing matches but a
class that names them, as in RE2. What RE2 lacks (looking ahead or behind, backreferences, possessive operators) is refused in its words.
"""
from __future__ import annotations

import re
import sys
import unicodedata
from functools import lru_cache

Ranges = list[tuple[int, int]]
_END = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_MOST_REPEATS = 1000

_DIGIT: Ranges = [(48, 57)]
_SPACE: Ranges = [(9, 10), (12, 13), (32, 32)]
_UPPER: Ranges = [(65, 90)]
_LOWER: Ranges = [(97, 122)]
_WORD: Ranges = [(48, 57), (65, 90), (95, 95), (97, 122)]
_PERL = {"d": _DIGIT, "s": _SPACE, "w": _WORD}
_POSIX: dict[str, Ranges] = {
    "alnum": _DIGIT + _UPPER + _LOWER, "alpha": _UPPER + _LOWER, "ascii": [(0, 127)], "blank": [(9, 9), (32, 32)],
    "cntrl": [(0, 31), (127, 127)], "digit": _DIGIT, "graph": [(33, 126)], "lower": _LOWER, "print": [(32, 126)],
    "punct": [(33, 47), (58, 64), (91, 96), (123, 126)], "space": [(9, 13), (32, 32)], "upper": _UPPER, "word": _WORD,
    "xdigit": [*_DIGIT, (65, 70), (97, 102)]}
_CONTROL = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}


def to_python(pattern: str) -> str:
    """The pattern for Python's `re`. ValueError, in RE2's words, for what is no pattern of RE2."""
    return _Reader(pattern).read()


def _complement(ranges: Ranges) -> Ranges:
    """All characters but these."""
    found, start = [], 0
    for low, high in sorted([*ranges, _SURROGATES]):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, _END)] if start <= _END else found


def _written(ranges: Ranges, negated: bool = False) -> str:
    if not ranges:
        return f"[^{_char(_SURROGATES[0])}-{_char(_SURROGATES[1])}]" if negated else "(?!)"
    body = "".join(_char(low) if low == high else f"{_char(low)}-{_char(high)}" for low, high in ranges)
    return f"[^{body}{_char(_SURROGATES[0])}-{_char(_SURROGATES[1])}]" if negated else f"[{body}]"


def _char(code: int) -> str:
    return f"\\U{code:08x}"


@lru_cache(64)
def _category(name: str) -> tuple[tuple[int, int], ...]:
    """The characters of a general category of Unicode, as Python's tables have them."""
    if name == "Any":
        return ((0, _END),)
    if len(name) > 2 or name[0] not in "CLMNPSZ":
        raise ValueError(f"invalid character class range: \\p{{{name}}} (scripts need google-re2: pip install 'graphflow-tf1[re2]')")
    found: Ranges = []
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)).startswith(name) and not _SURROGATES[0] <= code <= _SURROGATES[1]:
            if found and found[-1][1] == code - 1:
                found[-1] = found[-1][0], code
            else:
                found.append((code, code))
    if not found:
        raise ValueError(f"invalid character class range: \\p{{{name}}}")
    return tuple(found)


class _Reader:
    """One pass over a pattern. `flags` holds what is switched on by (?imsU) at the place."""

    def __init__(self, pattern: str):
        self.text, self.at = pattern, 0
        self.flags: frozenset[str] = frozenset()

    def read(self) -> str:
        found = self.alternatives()
        if self.at < len(self.text):
            raise ValueError(f"unexpected ): {self.text}")
        return found

    def peek(self, text: str) -> bool:
        return self.text.startswith(text, self.at)

    def take(self, text: str) -> bool:
        found = self.peek(text)
        self.at += len(text) if found else 0
        return found

    def alternatives(self) -> str:
        """Up to the end or a closing bracket; flags that are switched inside end here."""
        before, parts = self.flags, [self.sequence()]
        while self.take("|"):
            parts.append(self.sequence())
        self.flags = before
        return "|".join(parts)

    def sequence(self) -> str:
        done: list[str] = []
        atom: str | None = None         # what an operator would repeat
        repeated = ""                   # the operator just read: a second one is an error
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            operator = self.operator()
            if operator is None:
                done.append(atom or "")
                atom, repeated = self.atom(), ""
                continue
            spelled, meaning = operator
            if repeated:
                raise ValueError(f"bad repetition operator: {repeated}{spelled}")
            if atom is None:
                raise ValueError(f"missing argument to repetition operator: {spelled}")
            atom, repeated = f"(?:{atom}){meaning}", spelled
        return "".join(done) + (atom or "")

    def operator(self) -> tuple[str, str] | None:
        """(as it is spelled, as Python spells it) of a repetition that stands here."""
        counted = re.compile(r"\{(\d+)(,(\d*))?\}", re.ASCII).match(self.text, self.at)
        start = self.at
        if counted:
            low, high = int(counted[1]), int(counted[3] or counted[1])
            if max(low, high) > _MOST_REPEATS or low > high:
                raise ValueError(f"invalid repetition size: {counted[0]}")
            meaning, self.at = counted[0], counted.end()
        elif self.text[self.at] in "*+?":
            meaning, self.at = self.text[self.at], self.at + 1
        else:
            return None
        lazy = self.take("?") != ("U" in self.flags)
        return self.text[start:self.at], meaning + ("?" if lazy else "")

    def atom(self) -> str | None:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self.group()
        if char == "[":
            return self.cased(self.char_class())
        if char == ".":
            return _written([] if "s" in self.flags else [(10, 10)], negated=True)
        if char == "^":
            return "(?m:^)" if "m" in self.flags else r"\A"
        if char == "$":
            return "(?m:$)" if "m" in self.flags else r"\Z"
        if char == "\\":
            return self.escape()
        return self.cased(re.escape(char))

    def cased(self, atom: str) -> str:
        return f"(?i:{atom})" if "i" in self.flags else atom

    def group(self) -> str | None:
        """A bracket's content; None for one that only switches flags, which nothing repeats."""
        start = self.at - 1
        opening = "("
        before = self.flags
        if self.take("?"):
            if self.peek("P<") or self.peek("P="):
                name = re.compile(r"P<(\w+)>").match(self.text, self.at)
                if name is None:
                    raise ValueError(f"invalid named capture group: {self.text[start:].partition('>')[0]}")
                self.at = name.end()
            else:
                opening = "(?:"
                if self.switched(start):
                    return None
        inside = self.alternatives()
        if not self.take(")"):
            raise ValueError(f"missing ): {self.text}")
        self.flags = before
        return f"{opening}{inside})"

    def switched(self, start: int) -> bool:
        """Reads flags; whether the bracket ends behind them, so that they hold up to the end of the group around."""
        found = re.compile(r"([imsU]*)(?:-([imsU]+))?([:)])").match(self.text, self.at)
        if found is None:
            raise ValueError(f"invalid perl operator: {self.text[start:start + 3 + self.peek('<')]}" if self.at < len(self.text)
                             else f"missing ): {self.text}")
        self.at = found.end()
        self.flags = (self.flags | set(found[1])) - set(found[2] or "")
        return found[3] == ")"

    def escape(self) -> str:
        if self.at >= len(self.text):
            raise ValueError("trailing \\ at end of regexp")
        char = self.text[self.at]
        if char == "Q":
            inside, _, _ = self.text[self.at + 1:].partition("\\E")
            self.at += 1 + len(inside) + (2 if self.text.startswith("\\E", self.at + 1 + len(inside)) else 0)
            return "".join(self.cased(re.escape(c)) for c in inside)
        if char in "bB":
            self.at += 1
            return r"(?a:\b)" if char == "b" else r"(?a:\B|\A\Z)"     # Python before 3.14 finds no \B in an empty text
        if char in "Az":
            self.at += 1
            return r"\A" if char == "A" else r"\Z"
        if char == "C":
            raise ValueError("invalid escape sequence: \\C (single bytes need google-re2: pip install 'graphflow-tf1[re2]')")
        ranges = self.escaped_class()
        return self.cased(_written(ranges) if ranges is not None else re.escape(chr(self.escaped_char())))

    def escaped_class(self) -> Ranges | None:
        r"""The characters of \d, \W, \pL, \P{Lu} ... behind a backslash; None if another escape stands there."""
        char = self.text[self.at]
        if char.lower() in _PERL:
            self.at += 1
            return _PERL[char] if char in _PERL else _complement(_PERL[char.lower()])
        if char not in "pP":
            return None
        name = re.compile(r"[pP](?:([^{])|\{(\^?)([^}]*)\})").match(self.text, self.at)
        if name is None:
            raise ValueError(f"invalid character class range: \\{self.text[self.at:]}")
        self.at = name.end()
        found = list(_category(name[1] or name[3] or " "))
        return _complement(found) if (char == "P") != bool(name[2]) else found

    def escaped_char(self) -> int:
        r"""The character that \n, \x61, \x{4e2d}, \141 or a backslash before punctuation means."""
        char = self.text[self.at]
        octal = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}").match(self.text, self.at)
        hexadecimal = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})").match(self.text, self.at)
        if octal:
            self.at = octal.end()
            return int(octal[0], 8)
        if hexadecimal and int(hexadecimal[1] or hexadecimal[2], 16) <= _END:
            self.at = hexadecimal.end()
            return int(hexadecimal[1] or hexadecimal[2], 16)
        if char in _CONTROL or (char < "\x80" and not char.isalnum()):
            self.at += 1
            return _CONTROL.get(char, ord(char))
        raise ValueError(f"invalid escape sequence: \\{char}")

    def char_class(self) -> str:
        start, ranges = self.at - 1, []
        negated = self.take("^")
        first = True
        while first or not self.peek("]"):
            if self.at >= len(self.text):
                raise ValueError(f"missing ]: {self.text[start:]}")
            first = False
            ranges += self.posix_class() or self.class_item(start)
        self.at += 1
        return _written(ranges, negated)

    def posix_class(self) -> Ranges:
        """[:alpha:] or [:^alpha:] inside of a class; nothing if none stands here."""
        found = re.compile(r"\[:(\^?)([^\]:]*):\]").match(self.text, self.at)
        if found is None:
            return []
        if found[2] not in _POSIX:
            raise ValueError(f"invalid character class range: {found[0]}")
        self.at = found.end()
        return _complement(_POSIX[found[2]]) if found[1] else _POSIX[found[2]]

    def class_item(self, start: int) -> Ranges:
        """One character, a range of them, or an escape that stands for several."""
        if self.peek("\\") and self.at + 1 < len(self.text):
            self.at += 1
            ranges = self.escaped_class()
            if ranges is not None:
                return ranges
            self.at -= 1
        begin, low = self.at, self.class_char(start)
        high = low
        if self.peek("-") and self.at + 1 < len(self.text) and self.text[self.at + 1] != "]":
            self.at += 1
            high = self.class_char(start)
            if high < low:
                raise ValueError(f"invalid character class range: {self.text[begin:self.at]}")
        return [(low, high)]

    def class_char(self, start: int) -> int:
        if self.at >= len(self.text):
            raise ValueError(f"missing ]: {self.text[start:]}")
        if self.take("\\"):
            if self.at >= len(self.text):
                raise ValueError("trailing \\ at end of regexp")
            return self.escaped_char()
        self.at += 1
        return ord(self.text[self.at - 1])
