"""What the handles of TF1's stacks and TensorArrays stand for in a run: objects that are written and read in place."""
from __future__ import annotations

from typing import Any

import numpy as np

Shape = tuple[int | None, ...] | None


class Stack:
    """Values that are pushed in a loop and popped by the loop of its gradients. most: how many there may be; negative: any number."""
    __slots__ = ("closed", "items", "most", "name")

    def __init__(self, name: str, most: int):
        self.name, self.most, self.items, self.closed = name, most, list[Any](), False

    def push(self, value: Any) -> None:
        self._open()
        if 0 <= self.most <= len(self.items):
            raise ValueError(f"Stack[{self.name}] overflowed its max_size ({self.most})")
        self.items.append(np.array(value))

    def pop(self) -> Any:
        self._open()
        if not self.items:
            raise ValueError(f"Stack[{self.name}] is empty when calling Pop().")
        return self.items.pop()

    def close(self) -> None:
        self.items, self.closed = [], True

    def _open(self) -> None:
        if self.closed:
            raise ValueError(f"Stack[{self.name}] has already been closed.")


class Array:
    """A TensorArray. Elements are written once, but for gradients (`adds`), where further writes add up.

    shape: what is known of an element's shape; same: whether all elements must have one. once: whether reading clears an element.
    """
    __slots__ = ("adds", "closed", "dtype", "gradients", "items", "name", "once", "resizes", "same", "shape", "shapes", "states")

    def __init__(self, name: str, dtype: np.dtype[Any], size: int, shape: Shape, *, resizes: bool = False, once: bool = True,
                 same: bool = False, adds: bool = False):
        if size < 0:
            raise ValueError(f"Size should be >= 0, but got {size}")
        self.name, self.dtype, self.shape, self.resizes, self.once, self.same, self.adds = name, dtype, shape, resizes, once, same, adds
        self.items: list[Any] = [None] * size
        self.states: list[str] = [""] * size           # "", "written" (without a value: zeros of its shape), "read", "cleared"
        self.shapes: list[Any] = [None] * size
        self.gradients: dict[str, Array] = {}
        self.closed = False

    def __reduce__(self) -> Any:
        raise TypeError("a TensorArray lives in one run only")

    def _bad(self, what: str) -> ValueError:
        return ValueError(f"TensorArray {self.name}: {what}")

    def open(self) -> Array:
        if self.closed:
            raise ValueError(f"TensorArray {self.name} has already been closed.")
        return self

    def size(self) -> int:
        return len(self.items)

    def write(self, index: int, value: Any) -> None:
        value = np.array(value)
        count = len(self.items)
        if index < 0 or (index >= count and not self.resizes):
            what = "is not resizeable and size is" if not self.resizes else "size is"
            raise self._bad(f"Tried to write to index {index} but array {what}: {count}")
        if index >= count:
            more = max(index + 1 - count, 0)
            self.items += [None] * more
            self.states += [""] * more
            self.shapes += [None] * more
        if value.dtype != self.dtype:
            raise self._bad(f"Could not write to TensorArray index {index} because the value dtype is {value.dtype} "
                             f"but TensorArray dtype is {self.dtype}.")
        self._fit(index, value.shape)
        state = self.states[index]
        if state in ("read", "cleared"):
            raise self._bad(f"Could not write to TensorArray index {index} because it has already been read.")
        if state and not self.adds:
            raise self._bad(f"Could not write to TensorArray index {index} because it has already been written to.")
        if state:
            if self.shapes[index] != value.shape:
                raise self._bad(f"Could not aggregate to TensorArray index {index} because the existing shape is "
                                f"{list(self.shapes[index])} but the new input shape is {list(value.shape)}.")
            value = value if self.items[index] is None else self.items[index] + value
        self.items[index], self.states[index], self.shapes[index] = value, "written", value.shape

    def _fit(self, index: int, shape: tuple[int, ...]) -> None:
        known = self.shape
        if known is not None and (len(known) != len(shape) or any(k is not None and k != d for k, d in zip(known, shape))):
            raise self._bad(f"Could not write to TensorArray index {index} because the value shape is {list(shape)} "
                             f"which is incompatible with the TensorArray's inferred element shape: "
                             f"{[-1 if d is None else d for d in known]} (consider setting infer_shape=False).")
        if self.same:
            self.shape = shape

    def read(self, index: int) -> Any:
        count = len(self.items)
        if not 0 <= index < count:
            raise self._bad(f"Tried to read from index {index} but array size is: {count}")
        state = self.states[index]
        if state == "cleared":
            raise self._bad(f"Could not read index {index} twice because it was cleared after a previous read "
                             "(perhaps try setting clear_after_read = false?)")
        value = self.items[index]
        if value is None:
            shape = self.shapes[index] if state else self.shape
            if shape is None or None in shape:
                raise self._bad(
                    f"Could not read from TensorArray index {index}.  Furthermore, the element shape is not fully "
                    f"defined: {'<unknown>' if shape is None else [-1 if d is None else d for d in shape]}. It is possible you are working "
                    "with a resizeable TensorArray and stop_gradients is not allowing the gradients to be written. If you set the full "
                    "element_shape property on the forward TensorArray, the proper all-zeros tensor will be returned instead of incurring "
                    "this error.")
            value = np.zeros(shape, self.dtype) if self.dtype.kind != "O" else np.full(shape, b"", object)
            self.items[index], self.shapes[index] = value, value.shape
        self.states[index] = "read"
        if self.once:
            self.items[index], self.states[index] = None, "cleared"
        return value

    def gradient(self, source: str, before: tuple[int, ...] = ()) -> Array:
        """The array of the gradients by `source`, made on first use: of the same size, with elements of the same shapes."""
        found = self.gradients.get(source)
        if found is None:
            shape = self.shape if self.shape is None else (*before, *self.shape)
            found = Array(f"{self.name}@{source}", self.dtype, len(self.items), shape, once=True, adds=True)
            for i, state in enumerate(self.states):
                if state:
                    found.states[i], found.shapes[i] = "written", (*before, *self.shapes[i])
            self.resizes = False
            self.gradients[source] = found
        return found

    def close(self) -> None:
        self.items, self.states, self.closed = [], [], True


def boxed(value: Any) -> Any:
    """An object as a scalar array, as values of a run are."""
    found = np.empty((), object)
    found[()] = value
    return found


def unboxed(handle: Any) -> Any:
    """The object in a scalar array."""
    return handle[()] if isinstance(handle, np.ndarray) else handle
