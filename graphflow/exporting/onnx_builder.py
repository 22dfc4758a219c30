"""Nodes and values of an ONNX graph while it is made.

Sizes that stay open are computed once, in the outermost graph, from the shapes of its inputs; bodies take them, and all else that they
need of outer graphs, by name.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import helper, numpy_helper

from .general import Filled, Items, Known, Listed, Ramp, Spread, Step
from .planned import Formless
from .sizes import Ratio, Size

INT64 = np.dtype(np.int64)


def element_type(dtype: np.dtype[Any]) -> int:
    """ONNX's number of a dtype. Formless for what is neither number nor bool."""
    if dtype.kind not in "iufb":
        raise Formless(f"ONNX has no {'strings and lists of this kind' if dtype.kind == 'O' else dtype} here")
    return int(helper.np_dtype_to_tensor_dtype(dtype))


class Builder:
    """values: names of what is known so far, by step's id. arrays: weights, for what is laid out anew."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.sizes: list[Any] = []                   # nodes of sizes: they come before all others
        self.initializers: dict[str, Any] = {}
        self.values: dict[int, str] = {}
        self.arrays: dict[str, np.ndarray] = {}
        self.used: set[str] = set()
        self.known: dict[Any, str] = {}
        self.open: dict[str, tuple[str, int]] = {}   # open size -> the input and the axis that tell it
        self.source: Any = None                      # the operation that nodes are made for

    def name(self, wanted: str) -> str:
        """A name that nothing has yet."""
        found, number = wanted, 1
        while found in self.used:
            found, number = f"{wanted}_{number}", number + 1
        self.used.add(found)
        return found

    def node(self, kind: str, *inputs: str, outputs: int = 1, into: list[Any] | None = None, **attributes: Any) -> Any:
        """The value, or values, of a new node."""
        base = getattr(self.source, "name", kind)
        found = [self.name(base) for _ in range(outputs)]
        (self.nodes if into is None else into).append(helper.make_node(kind, inputs, found, name=found[0], **attributes))
        return found[0] if outputs == 1 else found

    def constant(self, array: Any, dtype: Any = None, name: str = "constant") -> str:
        """An initializer; one for equal small arrays."""
        array = np.ascontiguousarray(np.asarray(array, dtype)).reshape(np.shape(array))
        key = (array.dtype.str, array.shape, array.tobytes()) if array.size <= 64 else None
        if key is not None and key in self.known:
            return self.known[key]
        element_type(array.dtype)
        found = self.name(name)
        self.initializers[found] = numpy_helper.from_array(array, found)
        self.arrays[found] = array
        if key is not None:
            self.known[key] = found
        return found

    # -- sizes --------------------------------------------------------------------------------------------------------
    def symbol(self, name: str) -> str:
        """An open size: an int64 scalar."""
        if name not in self.known:
            source, axis = self.open[name]
            line = self.node("Shape", source, start=axis, end=axis + 1, into=self.sizes)
            self.known[name] = self.node("Squeeze", line, self.constant([0], INT64), into=self.sizes)
        return self.known[name]

    def size(self, size: Any) -> str:
        """An int64 scalar."""
        if not isinstance(size, Size):
            return self.constant(int(size), INT64)
        found = self.known.get(size)
        if found is None:
            parts = []
            for term, factor in size.terms.items():
                value = self.constant(factor, INT64) if factor != 1 or not term else ""
                for symbol in term:
                    value = self.node("Mul", value, self.symbol(symbol), into=self.sizes) if value else self.symbol(symbol)
                parts.append(value)
            found = parts[0]
            for part in parts[1:]:
                found = self.node("Add", found, part, into=self.sizes)
            self.known[size] = found
        return found

    def shape(self, shape: Sequence[Any]) -> str:
        """An int64 vector."""
        shape = tuple(shape)
        if all(isinstance(size, int) for size in shape):
            return self.constant(np.array(shape, np.int64))
        found = self.known.get(("shape", shape))
        if found is None:
            parts = [self.node("Unsqueeze", self.size(size), self.constant([0], INT64), into=self.sizes) for size in shape]
            found = self.known[("shape", shape)] = self.node("Concat", *parts, axis=0, into=self.sizes)
        return found

    # -- values -------------------------------------------------------------------------------------------------------
    def number(self, number: Any, dtype: np.dtype[Any]) -> str:
        """A scalar of a dtype, maybe of the sizes."""
        if isinstance(number, Size):
            return self.cast(self.size(number), dtype)
        if isinstance(number, Ratio):
            double = np.dtype(np.float64)
            size, factor = self.cast(self.size(number.size), double), self.constant(number.factor, double)
            if number.law == "unbiased":
                found = self.node("Div", size, self.node("Sub", size, factor))
            else:
                found = self.node("Div", factor, size) if number.law == "over" else self.node("Mul", factor, size)
            return self.cast(found, dtype)
        return self.constant(number, dtype)

    def value(self, value: Any) -> str:
        """The name of a step's value or of a known one."""
        if isinstance(value, Step):
            return self.values[value.id]
        if isinstance(value, Known):
            if value.array.size > 64 and value.is_filled():
                return self.node("Expand", self.constant(value.array.flat[0], value.dtype), self.shape(value.shape))
            key = id(value.array)
            if key not in self.known:
                self.known[key] = self.constant(value.array, name=value.name or "constant")
            return self.known[key]
        if isinstance(value, Filled):
            return self.node("Expand", self.number(value.number, value.dtype), self.shape(value.shape))
        if isinstance(value, Listed):
            parts = [self.node("Unsqueeze", self.number(n, value.dtype), self.constant([0], INT64)) for n in value.numbers]
            return self.node("Reshape", self.node("Concat", *parts, axis=0), self.shape(value.shape))
        if isinstance(value, Spread):
            return self.node("Expand", self.value(value.core), self.shape(value.shape))
        if isinstance(value, Ramp):
            return self.ramp(value)
        if isinstance(value, Items):
            raise Formless("a list of tensors whose elements nothing tells")
        raise Formless("it takes a variable itself, not its value")

    def ramp(self, value: Ramp) -> str:
        places = self.node("Range", self.constant(0, INT64), self.size(value.shape[value.axis]), self.constant(1, INT64))
        line = self.node("Add", self.number(value.start, value.dtype),
                         self.node("Mul", self.cast(places, value.dtype), self.number(value.step, value.dtype)))
        column = self.node("Reshape", line, self.constant([-1, *[1] * (len(value.shape) - value.axis - 1)], INT64))
        return self.node("Expand", column, self.shape(value.shape))

    def cast(self, name: str, dtype: np.dtype[Any]) -> str:
        """The value in another type."""
        return self.node("Cast", name, to=element_type(dtype))

    def laid_out(self, name: str, order: Sequence[int]) -> str:
        """The value with its axes in another order; of a weight, there and then."""
        if tuple(order) == tuple(range(len(order))):
            return name
        if name in self.arrays:
            key = ("laid out", name, tuple(order))
            if key not in self.known:
                self.known[key] = self.constant(np.transpose(self.arrays[name], order), name=f"{name}/laid_out")
            return self.known[key]
        return self.node("Transpose", name, perm=list(order))

    def info(self, name: str, dtype: np.dtype[Any], shape: Any) -> Any:
        """Type and shape of an input or output."""
        sizes = None if shape is None else [size if isinstance(size, int) else str(size) for size in shape]
        return helper.make_tensor_value_info(name, element_type(dtype), sizes)
