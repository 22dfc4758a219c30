"""Sizes that only a run tells, as expressions of a few named ones.

A plan knows all its sizes. So a model is planned for several batch sizes, and each number that differs between the plans is fitted: sizes
by a polynomial of second degree in the named sizes, other numbers by a few laws of one of its terms. There is one point more than the
polynomial has coefficients, and every fit is exact at all of them, so a number that follows another law is refused.
"""
from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

# Seldom the size of a layer; so unlike each other that sums and products of theirs are no accident.
_PRIMES = (7, 43, 19, 101, 13, 67, 31, 149, 11, 89, 23, 59, 37, 127, 17, 73, 29, 109, 47, 83, 41, 131, 53, 97, 61, 139, 71, 103, 79, 113)
_MOST, _MOST_COUNTS = 3, 8
Term = tuple[str, ...]


class Unfit(Exception):
    """Numbers that follow no law that is tried."""


class Size:
    """A polynomial with whole coefficients. terms: {the sizes that are multiplied: coefficient}; () is the constant."""
    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Term, int]):
        self.terms = {term: int(factor) for term, factor in terms.items() if factor}

    def at(self, sizes: Mapping[str, Any]) -> Any:
        """The value for these sizes, which may be a framework's own symbols."""
        return sum((factor * math.prod((sizes[name] for name in term), start=1) for term, factor in self.terms.items()), 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Size) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.terms.items())))

    def __str__(self) -> str:
        """A Python expression."""
        parts = []
        for term, factor in self.terms.items():
            product = " * ".join(term)
            parts.append(str(factor) if not term else product if factor == 1 else f"{factor} * {product}")
        return " + ".join(parts).replace("+ -", "- ")

    __repr__ = __str__


LAWS: dict[str, Callable[[Any, Any], Any]] = {
    "over": lambda factor, size: factor / size, "times": lambda factor, size: factor * size,
    "unbiased": lambda factor, size: size / (size - factor)}        # n / (n - 1), of variances


class Ratio:
    """A number of another law, one of LAWS, in a size and a factor."""
    __slots__ = ("factor", "law", "size")

    def __init__(self, factor: float, size: Size, law: str):
        self.factor, self.size, self.law = factor, size, law

    def at(self, sizes: Mapping[str, Any]) -> Any:
        """The value for these sizes."""
        return LAWS[self.law](self.factor, self.size.at(sizes))


class Points:
    """The sizes that a model is planned for: `points`, dicts of name -> number.

    counts: names of sizes that only a run tells, such as how many values are distinct; nothing is multiplied by them but numbers.
    ValueError for more than three names, or eight counts.
    """

    def __init__(self, names: Sequence[str], counts: Sequence[str] = ()):
        if len(names) > _MOST or len(counts) > _MOST_COUNTS:
            raise ValueError(f"sizes {', '.join((*names, *counts))}: at most {_MOST} may stay open, and {_MOST_COUNTS} that depend on "
                             "values; give numbers for the others")
        self.names, self.counts = tuple(names), tuple(counts)
        self.terms: list[Term] = [(), *[(name,) for name in (*names, *counts)], *itertools.combinations_with_replacement(names, 2)]
        count = len(self.terms) + 1 if names or counts else 1
        self.points = [{name: _PRIMES[(point + 7 * i) % len(_PRIMES)] for i, name in enumerate((*names, *counts))}
                       for point in range(count)]
        self.matrix = np.array([[math.prod(point[name] for name in term) for term in self.terms] for point in self.points], np.float64)

    def size(self, values: Sequence[int]) -> int | Size:
        """The size that has these values at the points. Unfit where no polynomial gives them."""
        if all(value == values[0] for value in values):
            return int(values[0])
        factors = np.rint(np.linalg.lstsq(self.matrix, np.array(values, np.float64), rcond=None)[0])
        found = Size({term: int(factor) for term, factor in zip(self.terms, factors)})
        if any(found.at(point) != value for point, value in zip(self.points, values)):
            raise Unfit(f"a size that is {_some(values)} where {self.described()}")
        return found

    def number(self, values: Sequence[Any], dtype: np.dtype[Any]) -> Any:
        """A number of an array of this dtype: itself where it is always the same, else a Size or a Ratio."""
        first = values[0]
        if all(value == first or (value != value and first != first) for value in values):
            return first
        if all(float(value).is_integer() for value in values):
            try:
                return self.size([int(value) for value in values])
            except Unfit:
                if dtype.kind in "iu":
                    raise
        numbers = [float(value) for value in values]
        for term in self.terms[1:]:
            size = Size({term: 1})
            for law, factors in (("over", [v * size.at(p) for v, p in zip(numbers, self.points)]),
                                 ("times", [v / size.at(p) for v, p in zip(numbers, self.points)]),
                                 ("unbiased", [size.at(p) * (1 - 1 / v) if v else np.nan for v, p in zip(numbers, self.points)])):
                ratio = self._ratio(values, factors, size, law, dtype)
                if ratio is not None:
                    return ratio
        raise Unfit(f"a number that is {_some(values)} where {self.described()}")

    def _ratio(self, values: Sequence[Any], factors: Sequence[float], size: Size, law: str, dtype: np.dtype[Any]) -> Ratio | None:
        """The law with the shortest factor that gives all the numbers."""
        if not all(map(math.isfinite, factors)) or max(factors) - min(factors) > 1e-3 * abs(factors[0]):
            return None
        for digits in range(1, 18):
            ratio = Ratio(float(f"{factors[0]:.{digits}g}"), size, law)
            if all(dtype.type(ratio.at(point)) == value for value, point in zip(values, self.points)):
                return ratio
        spread = max(factors) - min(factors)
        return Ratio(factors[0], size, law) if law != "unbiased" and spread <= 8 * np.finfo(dtype).eps * abs(factors[0]) else None

    def described(self) -> str:
        """The points, for messages."""
        return ", ".join(f"{name} is {' | '.join(str(point[name]) for point in self.points[:3])}" for name in (*self.names, *self.counts))


def _some(values: Sequence[Any]) -> str:
    return " | ".join(f"{value}" for value in values[:3])


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A parameter with its sizes changed: in tuples, named tuples and slices."""
    if isinstance(value, tuple):
        parts = [mapped(part, change) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, slice):
        return slice(mapped(value.start, change), mapped(value.stop, change), mapped(value.step, change))
    return change(value) if isinstance(value, (Size, Ratio)) else value
