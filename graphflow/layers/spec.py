"""InputSpec: the rank, dtype and sizes that a layer wants of its input, checked before anything is made."""
from __future__ import annotations

from typing import Any

from ..core import nest
from ..core.dtypes import as_dtype
from ..core.export import export
from ..core.tensor import Tensor


@export("layers.InputSpec", "keras.layers.InputSpec")
class InputSpec:
    """dtype, shape (None: any size), ndim or max_ndim and min_ndim, axes {axis: size}; None leaves a thing open."""

    def __init__(self, dtype: Any = None, shape: Any = None, ndim: int | None = None, max_ndim: int | None = None,
                 min_ndim: int | None = None, axes: dict[int, int | None] | None = None):
        self.dtype = None if dtype is None else as_dtype(dtype).name
        self.shape = shape
        self.ndim = ndim if shape is None else len(shape)
        self.max_ndim, self.min_ndim, self.axes = max_ndim, min_ndim, dict(axes or {})

    def __repr__(self) -> str:
        parts = (("dtype", self.dtype), ("shape", self.shape), ("ndim", self.ndim), ("max_ndim", self.max_ndim),
                 ("min_ndim", self.min_ndim), ("axes", self.axes))
        return f"InputSpec({', '.join(f'{name}={value}' for name, value in parts if value)})"

    def check(self, x: Any, place: int, layer: str) -> None:
        """ValueError when the tensor x, input number `place` of the layer, does not fit."""
        known = x.static
        start = f'Input {place} of layer "{layer}" is incompatible with the layer: '
        if self.dtype is not None and x.dtype.base_dtype.name != self.dtype:
            raise ValueError(f"{start}expected dtype={self.dtype}, found dtype={x.dtype.base_dtype.name}")
        if known is None:
            if self.ndim is not None or self.min_ndim is not None or self.max_ndim is not None:
                raise ValueError(f"{start}its rank is undefined, but the layer requires a defined rank. Give it one: "
                                 f"{getattr(x, 'name', 'x')} = tf.reshape(...), or set_shape.")
            return
        rank, full = len(known), f"Full shape received: {known}"
        if self.ndim is not None and rank != self.ndim:
            raise ValueError(f"{start}expected ndim={self.ndim}, found ndim={rank}. {full}")
        if self.max_ndim is not None and rank > self.max_ndim:
            raise ValueError(f"{start}expected max_ndim={self.max_ndim}, found ndim={rank}. {full}")
        if self.min_ndim is not None and rank < self.min_ndim:
            raise ValueError(f"{start}expected min_ndim={self.min_ndim}, found ndim={rank}. {full}")
        wanted = [(axis, size) for axis, size in [*self.axes.items(), *enumerate(self.shape or ())] if size is not None]
        for axis, size in wanted:
            if known[axis] not in (size, None):
                raise ValueError(f"{start}expected axis {axis} of input shape to have value {size}, but received input with "
                                 f"shape {known}")


def check_inputs(spec: Any, inputs: Any, layer: str) -> None:
    """Checks inputs (one tensor, or nested ones) against one InputSpec or a list of them."""
    if spec is None:
        return
    specs, tensors = nest.flatten(spec), [x for x in nest.flatten(inputs) if x is not None]
    if len(specs) != len(tensors):
        raise ValueError(f'Layer "{layer}" expects {len(specs)} input(s), but it received {len(tensors)} input tensors. Inputs received: '
                         f"{inputs}")
    for place, (one, x) in enumerate(zip(specs, tensors)):
        if one is not None and isinstance(x, Tensor):
            one.check(x, place, layer)
