"""What is known of a tensor: dtype and shape; of an input that inference looks into, its value too."""
from __future__ import annotations

import weakref
from collections import deque
from typing import Any, ClassVar

import numpy as np

from .dtypes import DType
from .shapes import Shape, describe

_specs: weakref.WeakValueDictionary[tuple[DType, Shape], Spec] = weakref.WeakValueDictionary()
_new_specs: deque[Spec] = deque(maxlen=1024)     # kept although nobody holds them: a plan asks for the same ones again and again


class Spec:
    """A dtype and a maybe partial shape (tuple of int or None; None = unknown rank). Equal specs are one object."""
    __slots__ = ("__weakref__", "dtype", "shape")
    dtype: DType
    shape: Shape
    value: ClassVar[None] = None
    partial: ClassVar[None] = None

    def __new__(cls, dtype: DType, shape: Any = None) -> Spec:
        try:
            found = _specs.get((dtype, shape))
            if found is not None:
                return found
        except TypeError:                   # a list
            pass
        if shape is not None:
            shape = tuple([None if d is None else int(d) for d in shape])
        known = _specs.get((dtype, shape))
        if known is None:
            known = object.__new__(cls)
            known.dtype, known.shape = dtype, shape
            known = _specs.setdefault((dtype, shape), known)
            _new_specs.append(known)
        return known

    def __repr__(self) -> str:
        return f"{self.dtype.name}{describe(self.shape, ', ')}"

    def __reduce__(self) -> tuple[Any, ...]:
        return Spec, (self.dtype, self.shape)


class Known:
    """The spec of a static input: besides dtype and shape its value, or None, and its value as a maybe partial shape."""
    __slots__ = ("dtype", "partial", "shape", "value")

    def __init__(self, dtype: DType, shape: Shape, value: np.ndarray | None, partial: Shape = None):
        self.dtype, self.shape, self.value, self.partial = dtype, shape, value, partial

    def __repr__(self) -> str:
        return f"{self.dtype.name}{describe(self.shape, ', ')}={self.value}"
