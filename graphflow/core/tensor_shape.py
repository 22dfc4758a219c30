"""TF1's `TensorShape` and `Dimension`: thin wrappers around the plain tuples and ints of `shapes.py`."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import context
from .export import export
from .late import Late
from .shapes import HoldsShape, HoldsSize, as_size, as_tuple, compatible, is_fully_defined, merge, num_elements, relax

_late = Late(messages="graphflow.formats.proto")  # at first use: saves 1 ms; where shapes become messages


def _arithmetic(function: Callable[[int, int], int], swap: bool = False) -> Any:
    def method(self: Dimension, other: Any) -> Any:
        try:
            other_value = as_size(other)
        except (TypeError, ValueError):
            return NotImplemented
        if self._value is None or other_value is None:
            return Dimension(None)
        return Dimension(function(other_value, self._value) if swap else function(self._value, other_value))
    return method


def _comparison(function: Callable[[int, int], bool]) -> Any:
    def method(self: Dimension, other: Any) -> Any:
        try:
            other_value = as_size(other)
        except (TypeError, ValueError):
            return NotImplemented
        return None if self._value is None or other_value is None else function(self._value, other_value)
    return method


@export("Dimension")
class Dimension(HoldsSize):
    """One size of a shape, maybe unknown (`value` None). Arithmetic and comparisons with an unknown size are unknown (None)."""

    __slots__ = ()

    def __init__(self, value: Any):
        self._value = as_size(value)

    @property
    def value(self) -> int | None:
        return self._value

    def is_compatible_with(self, other: Any) -> bool:
        return compatible((self._value,), (as_size(other),))

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Dimensions {self} and {as_dimension(other)} are not compatible")

    def merge_with(self, other: Any) -> Dimension:
        """The known one of the two; ValueError if they differ."""
        self.assert_is_compatible_with(other)
        return as_dimension(other) if self._value is None else Dimension(self._value)

    __add__ = __radd__ = _arithmetic(operator.add)
    __sub__, __rsub__ = _arithmetic(operator.sub), _arithmetic(operator.sub, swap=True)
    __mul__ = __rmul__ = _arithmetic(operator.mul)
    __floordiv__, __rfloordiv__ = _arithmetic(operator.floordiv), _arithmetic(operator.floordiv, swap=True)
    __div__ = __floordiv__
    __mod__, __rmod__ = _arithmetic(operator.mod), _arithmetic(operator.mod, swap=True)
    __eq__ = _comparison(operator.eq)
    __ne__ = _comparison(operator.ne)
    __lt__, __le__ = _comparison(operator.lt), _comparison(operator.le)
    __gt__, __ge__ = _comparison(operator.gt), _comparison(operator.ge)

    def __truediv__(self, other: Any) -> Any:
        raise TypeError(f"unsupported operand type(s) for /: 'Dimension' and '{type(other).__name__}', please use // instead")

    def __rtruediv__(self, other: Any) -> Any:
        raise TypeError(f"unsupported operand type(s) for /: '{type(other).__name__}' and 'Dimension', please use // instead")

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __int__(self) -> int:
        return self._value  # type: ignore[return-value]  # an unknown size raises int's own TypeError

    def __index__(self) -> int:
        return self._value  # type: ignore[return-value]

    def __str__(self) -> str:
        return "?" if self._value is None else str(self._value)

    def __repr__(self) -> str:
        return f"Dimension({self._value})"

    def __reduce__(self) -> Any:
        return Dimension, (self._value,)


@export("TensorShape")
class TensorShape(HoldsShape):
    """A maybe partial shape. Its items are `Dimension`s, as in TF1; `as_list()` gives ints and None."""

    __slots__ = ()

    def __init__(self, dims: Any):
        self._dims = as_tuple(dims)

    @property
    def dims(self) -> list[Dimension] | None:
        return None if self._dims is None else [Dimension(d) for d in self._dims]

    @property
    def rank(self) -> int | None:
        return None if self._dims is None else len(self._dims)

    ndims = rank

    def as_list(self) -> list[int | None]:
        """Sizes as ints and None; ValueError when the rank is unknown."""
        if self._dims is None:
            raise ValueError("as_list() is not defined on an unknown TensorShape.")
        return list(self._dims)

    def num_elements(self) -> int | None:
        return num_elements(self._dims)

    def is_fully_defined(self) -> bool:
        return is_fully_defined(self._dims)

    def assert_is_fully_defined(self) -> None:
        if not self.is_fully_defined():
            raise ValueError(f"Shape {self} is not fully defined")

    def is_compatible_with(self, other: Any) -> bool:
        return compatible(self._dims, as_tuple(other))

    def assert_is_compatible_with(self, other: Any) -> None:
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are incompatible")

    def merge_with(self, other: Any) -> TensorShape:
        """What is known of a value that has both shapes; ValueError if no value can."""
        if not self.is_compatible_with(other):
            raise ValueError(f"Shapes {self} and {as_shape(other)} are not compatible")
        return TensorShape(merge(self._dims, as_tuple(other)))

    def most_specific_compatible_shape(self, other: Any) -> TensorShape:
        return TensorShape(relax(self._dims, as_tuple(other)))

    def is_subtype_of(self, other: Any) -> bool:
        """Whether every shape that fits this one fits `other` too."""
        theirs = as_tuple(other)
        if theirs is None or self._dims is None:
            return theirs is None
        return len(theirs) == len(self._dims) and all(y is None or x == y for x, y in zip(self._dims, theirs, strict=True))

    def most_specific_common_supertype(self, others: Sequence[Any]) -> TensorShape:
        shape = self
        for other in others:
            shape = shape.most_specific_compatible_shape(other)
        return shape

    def concatenate(self, other: Any) -> TensorShape:
        theirs = as_tuple(other)
        return TensorShape(None if self._dims is None or theirs is None else self._dims + theirs)

    def assert_same_rank(self, other: Any) -> None:
        other = as_shape(other)
        if self.rank is not None and other.rank is not None and self.rank != other.rank:
            raise ValueError(f"Shapes {self} and {other} must have the same rank")

    def assert_has_rank(self, rank: int) -> None:
        if self.rank not in (None, rank):
            raise ValueError(f"Shape {self} must have rank {rank}")

    def with_rank(self, rank: int) -> TensorShape:
        """This shape, known to have `rank` sizes; ValueError if it has not."""
        self.assert_has_rank(rank)
        return unknown_shape(rank) if self._dims is None else self

    def with_rank_at_least(self, rank: int) -> TensorShape:
        if self._dims is not None and len(self._dims) < rank:
            raise ValueError(f"Shape {self} must have rank at least {rank}")
        return self

    def with_rank_at_most(self, rank: int) -> TensorShape:
        if self._dims is not None and len(self._dims) > rank:
            raise ValueError(f"Shape {self} must have rank at most {rank}")
        return self

    def as_proto(self) -> Any:
        """The TensorShapeProto of this shape; unknown sizes are -1."""
        if self._dims is None:
            return _late.messages.TensorShapeProto(unknown_rank=True)
        message = _late.messages.TensorShapeProto()
        for size in self._dims:
            message.dim.add(size=-1 if size is None else size)
        return message

    experimental_as_proto = as_proto

    @classmethod
    def experimental_from_proto(cls, proto: Any) -> TensorShape:
        """The shape that a TensorShapeProto describes."""
        return cls(proto)

    def __len__(self) -> int:
        if self._dims is None:
            raise ValueError("Cannot take the length of shape with unknown rank.")
        return len(self._dims)

    def __bool__(self) -> bool:
        return self._dims is not None

    def __iter__(self) -> Iterator[Any]:
        if self._dims is None:
            raise ValueError("Cannot iterate over a shape with unknown rank.")
        return iter(self._dims if _shows_ints(2) else [Dimension(d) for d in self._dims])

    def __getitem__(self, key: Any) -> Any:
        if self._dims is not None:
            return TensorShape(self._dims[key]) if isinstance(key, slice) else _size(self._dims[key])
        if not isinstance(key, slice):
            return _size(None)
        if key.step is not None:
            raise ValueError("Steps are not yet handled")
        start = key.start or 0
        if key.stop is None or start < 0 or key.stop < 0:
            return unknown_shape()
        return unknown_shape(key.stop - start)

    def __add__(self, other: Any) -> TensorShape:
        return self.concatenate(other)

    def __radd__(self, other: Any) -> TensorShape:
        return as_shape(other).concatenate(self)

    def __eq__(self, other: object) -> bool:
        try:
            return self._dims == as_tuple(other)
        except TypeError:
            return NotImplemented

    def __hash__(self) -> int:
        return hash(self._dims)

    def __str__(self) -> str:
        if self._dims is None:
            return "<unknown>"
        unknown = "None" if context.behavior.tensor_equality else "?"
        sizes = [unknown if d is None else str(d) for d in self._dims]
        return f"({sizes[0]},)" if len(sizes) == 1 else f"({', '.join(sizes)})"

    def __repr__(self) -> str:
        return f"TensorShape({self.as_list() if context.behavior.tensor_equality and self._dims is not None else self.dims})"

    def __reduce__(self) -> Any:
        return TensorShape, (self._dims,)


def as_shape(shape: Any) -> TensorShape:
    return shape if isinstance(shape, TensorShape) else TensorShape(shape)


def as_dimension(value: Any) -> Dimension:
    return value if isinstance(value, Dimension) else Dimension(value)


def unknown_shape(rank: int | None = None) -> TensorShape:
    """A shape of unknown rank, or of known rank with unknown sizes."""
    return TensorShape(None if rank is None else (None,) * rank)


def scalar() -> TensorShape:
    return TensorShape(())


def vector(length: Any) -> TensorShape:
    return TensorShape((length,))


def matrix(rows: Any, cols: Any) -> TensorShape:
    return TensorShape((rows, cols))


@export("dimension_value", "compat.dimension_value")
def dimension_value(dimension: Any) -> Any:
    """int or None for a Dimension; anything else unchanged."""
    return dimension._value if isinstance(dimension, Dimension) else dimension


@export("dimension_at_index", "compat.dimension_at_index")
def dimension_at_index(shape: Any, index: int) -> Dimension:
    """The Dimension at an index, unknown if the rank is."""
    dims = as_tuple(shape)
    return Dimension(None if dims is None else dims[index])


def _size(size: int | None) -> Any:
    """One size as programs see it: a Dimension, or with TensorFlow 2's behaviour an int or None. Our own code always gets a Dimension."""
    return size if _shows_ints(3) else Dimension(size)


def _shows_ints(depth: int) -> bool:
    """Whether a program with TensorFlow 2's behaviour asks, which is so many frames up."""
    return context.behavior.tensor_equality and not sys._getframe(depth).f_globals.get("__name__", "").startswith("graphflow.")
