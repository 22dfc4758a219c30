"""TensorList: a list of arrays that is a value. Writing gives a new list and leaves the old one as it was, at constant cost.

The newest version owns the Python list; an older one holds only what differs and the version after it (Baker's trick). Programs use
lists in a line, so the newest is nearly always the one asked; asking an older one turns the differences round on the way to it.
"""
from __future__ import annotations

from typing import Any

import numpy as np

Shape = tuple[int | None, ...] | None
_PUSHED, _POPPED = -1, -2        # what was done to get the newer version; a place in the list: that place was set


class TensorList:
    """dtype: of the elements. shape: what is known of an element's shape. An element is an array, a TensorList, or None: not set."""
    __slots__ = ("_change", "_items", "dtype", "shape")

    def __init__(self, items: list[Any], dtype: np.dtype[Any], shape: Shape):
        self._items: list[Any] | None = items
        self._change: tuple[int, Any, TensorList] | None = None
        self.dtype, self.shape = dtype, shape

    @property
    def items(self) -> list[Any]:
        """The elements, not to be written."""
        if self._items is None:
            self._own()
        return self._items  # type: ignore[return-value]

    def _own(self) -> None:
        path = [self]
        while path[-1]._items is None:
            path.append(path[-1]._change[2])  # type: ignore[index]
        for older, newer in zip(path[-2::-1], path[:0:-1]):
            items = newer._items
            assert items is not None and older._change is not None
            place, value, _ = older._change
            if place == _PUSHED:
                back = (_POPPED, items.pop(), older)
            elif place == _POPPED:
                items.append(value)
                back = (_PUSHED, None, older)
            else:
                back = (place, items[place], older)
                items[place] = value
            older._items, older._change = items, None
            newer._items, newer._change = None, back

    def _next(self, place: int, value: Any) -> TensorList:
        """The version after a change that was made to the items."""
        made = TensorList(self._items, self.dtype, self.shape)  # type: ignore[arg-type]
        self._items, self._change = None, (place, value, made)
        return made

    def push(self, value: Any) -> TensorList:
        return self.with_last(kept(value))

    def with_last(self, value: Any) -> TensorList:
        """`push` of a value that nobody writes to any more."""
        items = self._items
        if items is None:
            items = self.items
        items.append(value)
        self._items, self._change = None, (_PUSHED, None, made := TensorList(items, self.dtype, self.shape))
        return made

    def pop(self) -> tuple[TensorList, Any]:
        """(the list without its last element, that element)"""
        value = self.items.pop()
        return self._next(_POPPED, value), value

    def set(self, place: int, value: Any) -> TensorList:
        return self.with_item(place, kept(value))

    def with_item(self, place: int, value: Any) -> TensorList:
        """`set` to a value that nobody writes to any more."""
        items = self.items
        before, items[place] = items[place], value
        return self._next(place, before)

    def of(self, items: list[Any]) -> TensorList:
        """Another list with elements of the same kind."""
        return TensorList(items, self.dtype, self.shape)

    def zeros(self) -> TensorList:
        """A list of as many zeros."""
        return self.of([None if x is None else x.zeros() if isinstance(x, TensorList) else np.zeros(x.shape, x.dtype) for x in self.items])

    def plus(self, other: TensorList) -> TensorList:
        """The sums of the elements; one that is not set counts as zeros."""
        if len(self.items) != len(other.items):
            raise ValueError(f"Trying to add two lists of tensors of different lengths: {len(self.items)} and {len(other.items)}")
        return self.of([_plus(a, b) for a, b in zip(list(self.items), list(other.items))])

    def __repr__(self) -> str:
        return f"<TensorList of {len(self.items)} {self.dtype}>"


def _plus(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a.plus(b) if isinstance(a, TensorList) else np.asarray(a + b)


def unwrapped(value: Any) -> Any:
    """The list or optional of a variant, which may come as an array of one object."""
    return value[()] if isinstance(value, np.ndarray) and value.dtype == object else value


def kept(value: Any) -> Any:
    """The value for keeping: a copy, since arrays of a plan are overwritten by its next steps."""
    if value.__class__ is not np.ndarray:
        return value if isinstance(value, TensorList) or hasattr(value, "zeros") else np.array(value)
    if value.dtype.kind == "O" and value.shape == () and not isinstance(value[()], (bytes, str)):
        return value[()]
    return value.copy()
