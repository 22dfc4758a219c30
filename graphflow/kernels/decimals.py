"""Numbers read from many byte strings at once: plain decimals such as -12.50, the rest one by one."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .packed import Rows, chunks

_LONGEST = 18                                                   # characters of what is read at once: its digits fit into an int64
_EXACT = 1 << 53                                                # digits that a float64 holds
_POWERS = 10.0 ** np.arange(_LONGEST + 1)                       # these too: one division then rounds correctly


def numbers(texts: np.ndarray, dtype: np.dtype[Any], one: Callable[[bytes], Any]) -> np.ndarray:
    """The number in each string of a vector, as `dtype`, floating or integer: of plain decimals that of Python; else one(text)."""
    found = np.empty(texts.size, dtype)
    for first, rows, lengths in chunks(texts):
        values, plain = plain_numbers(rows, lengths, dtype)
        with np.errstate(over="ignore"):                        # a number too large for float32 is infinite
            part = found[first:first + lengths.size]
            part[...] = values
            rest = np.flatnonzero(~plain)
            if rest.size:
                part[rest] = _others(texts[first + rest].tolist(), dtype, one)
    return found


def _others(texts: list[bytes], dtype: np.dtype[Any], one: Callable[[bytes], Any]) -> list[Any]:
    """one(text) of each: what float does with most, and much quicker."""
    if dtype.kind == "f" and not any(mark in b"".join(texts) for mark in (b"_", b"x", b"X")):
        try:
            return list(map(float, texts))
        except ValueError:
            pass                                                # one of them says why
    return [one(text) for text in texts]


def plain_numbers(rows: Rows, lengths: np.ndarray, dtype: np.dtype[Any]) -> tuple[np.ndarray, np.ndarray]:
    """(values, which strings are plain): a sign or none, digits, for floating dtypes with a point or none; the value of others is 0.

    Values are float64 or int64; a plain integer is in the dtype's range.
    """
    digits, point, places, count, bad = _scanned(rows, lengths)
    negative = _character(rows, lengths, 0) == ord("-")
    plain = ~bad & (count > 0)
    if dtype.kind in "iu":
        np.negative(digits, digits, where=negative)
        limits = np.iinfo(dtype)
        plain &= ~point & (digits >= limits.min) & (digits <= limits.max)
        digits *= plain
        return digits, plain
    plain &= digits < _EXACT
    values = digits / _POWERS[places]
    np.negative(values, values, where=negative)
    values[~plain] = 0
    return values, plain


def _character(rows: Rows, lengths: np.ndarray, at: int) -> np.ndarray:
    """A character of each string, uint8; 0 where it is shorter."""
    characters = rows.words.view(np.uint8).take(rows.starts + at, mode="clip")
    characters *= lengths > at
    return characters


def _scanned(rows: Rows, lengths: np.ndarray) -> tuple[np.ndarray, ...]:
    """(all digits as a number, whether there is a point, digits behind it, number of digits, whether there is anything else)."""
    n = lengths.size
    value, bad = np.zeros(n, np.int64), lengths > _LONGEST
    point, places, count = np.zeros(n, bool), np.zeros(n, np.int8), np.zeros(n, np.int8)
    for at in range(min(int(lengths.max(initial=0)), _LONGEST)):
        character = _character(rows, lengths, at)
        digit = character - np.uint8(ord("0"))
        is_digit = digit < 10
        is_point = character == ord(".")
        value *= is_digit * np.int8(9) + np.int8(1)
        value += digit * is_digit
        count += is_digit
        places += is_digit & point
        other = ~(is_digit | (is_point & ~point)) & (lengths > at)
        if at == 0:
            other &= (character != ord("-")) & (character != ord("+"))
        bad |= other
        point |= is_point
    return value, point, places, count, bad
