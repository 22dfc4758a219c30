"""EagerTensor: a tensor that has its value.

It does not know what computed it, so that values which nobody needs any more go at once; tapes remember that (eager.record). To code
that looks behind a tensor it is a constant.
"""
from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..core import context
from ..core.constant import const_def
from ..core.dtypes import as_dtype, resource, string, variant
from ..core.operation import Operation
from ..core.spec import Spec
from ..core.tensor import Tensor

_ids = itertools.count()
_NO_ARRAY = (resource, variant)


class EagerTensor(Tensor):
    """A tensor with a value, made by an operation that has run already. The value never changes."""
    __slots__ = ("_made", "_value")
    __array_priority__ = 100
    _index = 0
    _value: Any           # an array that nobody writes, a numpy scalar, or what stands for a resource

    _made: int

    def __init__(self, value: Any, spec: Spec):
        self._value, self._spec = value, spec

    @property
    def _op(self) -> Operation:  # type: ignore[override]
        """A constant of this value, for code that asks where a tensor comes from."""
        op = object.__new__(Operation)
        op.graph, op.name, op._inputs, op._control, op._extra, op._device = context.eager_graph, "EagerConst", (), (), None, DEVICE
        op._origin, op._id, op._original_op = None, -1, None
        value = self._value
        made = getattr(value, "op", None) if self._spec.dtype is resource else None
        op._op_def = const_def(value, self._spec.dtype) if made is None else made._op_def
        op.outputs = [self]
        return op

    @property
    def _id(self) -> int:
        try:
            return self._made
        except AttributeError:
            self._made = next(_ids)
            return self._made

    @property
    def name(self) -> str:
        """Programs have no names here, as in TensorFlow; our own messages call it by what it is."""
        _only_inside("name")
        return "EagerTensor"

    @property
    def op(self) -> Operation:
        _only_inside("op")
        return self._op

    @property
    def graph(self) -> Any:
        _only_inside("graph")
        return context.eager_graph

    @property
    def device(self) -> str:
        """The one device that there is."""
        return DEVICE

    backing_device = device

    @property
    def is_tensor_like(self) -> bool:
        return True

    def set_shape(self, shape: Any) -> None:
        """ValueError unless the shape, which is known, is compatible."""
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {tuple(self._spec.shape or ())} is not compatible with supplied shape {shape}.")

    # -- its value ----------------------------------------------------------------------------------------------------
    def numpy(self) -> Any:
        """The value: an array that is the caller's own, a numpy scalar, bytes of a string."""
        if self._spec.dtype in _NO_ARRAY:
            raise NotImplementedError(f"a tensor of dtype {self._spec.dtype.name} has no value that numpy could hold")
        value = np.array(self._value, dtype=self._spec.dtype.np)
        return value if value.ndim else value[()]

    def _numpy(self) -> Any:
        return self.numpy()

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        """The value, which is not to be written; a copy where another dtype is wanted or the caller asks for one."""
        if copy or self._spec.dtype in _NO_ARRAY:
            return np.asarray(self.numpy(), dtype)
        value = np.asarray(self._value, self._spec.dtype.np)
        if dtype is not None and value.dtype != dtype:
            return value.astype(dtype)
        view = value[...]
        view.flags.writeable = False
        return view

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        raise NotImplementedError("eval is not supported when eager execution is enabled, is .numpy() what you're looking for?")

    def ref(self) -> Any:
        """A key for dicts and sets: two of the same tensor are equal."""
        return Reference(self)

    experimental_ref = ref

    def consumers(self) -> Any:
        raise NotImplementedError("consumers are not known when eager execution is enabled")

    def tolist(self) -> Any:
        """The value as nested lists."""
        return np.asarray(self).tolist()

    def item(self, *index: int) -> Any:
        """One element as a Python number."""
        return np.asarray(self).item(*index)

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return len(self._spec.shape or ())

    def gpu(self, gpu_index: int = 0) -> EagerTensor:
        """The tensor itself: there is one device."""
        return self

    def cpu(self) -> EagerTensor:
        """The tensor itself: there is one device."""
        return self

    # -- Python -------------------------------------------------------------------------------------------------------
    def __bool__(self) -> bool:
        value = np.asarray(self._value)
        if value.size != 1:
            raise ValueError("The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()")
        if self._spec.dtype is string:
            raise TypeError("a tensor of strings is neither true nor false")
        return bool(value.reshape(())[()])

    __nonzero__ = __bool__

    def _single(self, what: str) -> Any:
        if self._spec.shape != ():
            value = np.asarray(self._value)
            if value.size != 1:
                raise TypeError("only length-1 arrays can be converted to Python scalars")
            return value.reshape(())[()]
        value = self._value
        return value[()] if value.__class__ is np.ndarray else value

    def __int__(self) -> int:
        return int(self._single("int"))

    def __float__(self) -> float:
        return float(self._single("float"))

    def __complex__(self) -> complex:
        return complex(self._single("complex"))

    def __index__(self) -> int:
        if self._spec.shape != () or not self._spec.dtype.is_integer:
            raise TypeError("only integer scalar arrays can be converted to a scalar index")
        return int(self._single("index"))

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._single("round"), digits) if digits is not None else round(float(self._single("round")))

    def __len__(self) -> int:
        shape = self._spec.shape
        if not shape:
            raise TypeError("Scalar tensor has no `len()`")
        return shape[0] or 0

    def __iter__(self) -> Iterator[Any]:
        shape = self._spec.shape
        if not shape:
            raise TypeError("Cannot iterate over a scalar tensor.")
        for i in range(shape[0] or 0):
            yield self[i]

    def __format__(self, spec: str) -> str:
        return format(self.numpy(), spec)

    def __reduce__(self) -> Any:
        return _restore, (self.numpy(), self._spec.dtype.name)

    def __copy__(self) -> EagerTensor:
        return self

    def __deepcopy__(self, memo: Any) -> EagerTensor:
        return self

    def __hash__(self) -> int:
        if context.behavior.tensor_equality and not called_from_inside():
            raise TypeError("Tensor is unhashable. Instead, use tensor.ref() as the key.")
        return id(self)

    def __eq__(self, other: object) -> Any:
        return _compared(self, other, "equal")

    def __ne__(self, other: object) -> Any:
        return _compared(self, other, "not_equal")

    def __repr__(self) -> str:
        number = f"id={self._id}, " if context.behavior.shows_ids else ""
        return f"<tf.Tensor: {number}shape={self._spec.shape}, dtype={self._spec.dtype.name}, numpy={_text(self, True)}>"

    def __str__(self) -> str:
        return f"tf.Tensor({_text(self, False)}, shape={self._spec.shape}, dtype={self._spec.dtype.name})"


def _only_inside(attribute: str) -> None:
    """AttributeError for programs, which rely on `hasattr`; our own code, written for graphs, may ask."""
    if not called_from_inside(3):
        raise AttributeError(f"Tensor.{attribute} is undefined when eager execution is enabled.")


def called_from_inside(depth: int = 2) -> bool:
    """Whether our own code called the method that asks, which is so many frames up."""
    name: str = sys._getframe(depth).f_globals.get("__name__", "")
    return name.startswith(_PACKAGE)


_PACKAGE = __name__.partition(".")[0] + "."
DEVICE = "/job:localhost/replica:0/task:0/device:CPU:0"


class Reference:
    """What `tensor.ref()` gives: equal where the tensors are the same one."""
    __slots__ = ("_wrapped",)

    def __init__(self, wrapped: Any):
        self._wrapped = wrapped

    def deref(self) -> Any:
        """The tensor."""
        return self._wrapped

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reference) and self._wrapped is other._wrapped

    def __hash__(self) -> int:
        return id(self._wrapped)

    def __repr__(self) -> str:
        return f"<Reference wrapping {self._wrapped!r}>"


def _compared(x: EagerTensor, y: Any, how: str) -> Any:
    if not context.behavior.tensor_equality:
        return (x is y) == (how == "equal")
    if y is None:
        return how != "equal"
    compare = context.behavior.equality
    return compare(x, y, how)


def _text(tensor: EagerTensor, is_repr: bool) -> str:
    if tensor._spec.dtype in _NO_ARRAY:
        return "<unprintable>"
    value = tensor.numpy()
    if not isinstance(value, np.ndarray):
        return repr(value.item()) if is_repr and isinstance(value, np.generic) and value.dtype.kind in "biufc" else str(value)
    text = repr(value) if is_repr else str(value)
    return "\n" + text if "\n" in text else text


def _restore(value: Any, dtype: str) -> EagerTensor:
    kind = as_dtype(dtype)
    array = np.asarray(value, kind.np)
    return EagerTensor(array, Spec(kind, array.shape))


