"""Padding, cropping and enlarging of time, images and volumes."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers.arguments import sizes_of
from ..backend.images import resize_images, resize_volumes
from ..backend.settings import data_format_of
from ..engine.layer import Layer


def _pairs(value: Any, rank: int, name: str) -> tuple[tuple[int, int], ...]:
    """((before, after), ...) of each axis, from a number, a number for each axis, or pairs."""
    if isinstance(value, int):
        return ((value, value),) * rank
    value = tuple(value)
    if len(value) != rank:
        raise ValueError(f"`{name}` should have {rank} elements. Received: {value}.")
    return tuple((v, v) if isinstance(v, int) else (int(v[0]), int(v[1])) for v in value)


class _Spatial(Layer):
    """Layers with `rank` spatial axes, channels first or last."""
    rank = 2

    def __init__(self, data_format: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        if self.rank > 1:
            self.data_format = data_format_of(data_format)
        else:
            self.data_format = "channels_last"
        self.input_spec = tf.keras.layers.InputSpec(ndim=self.rank + 2)

    @property
    def first_axis(self) -> int:
        """The first spatial axis."""
        return 2 if self.data_format == "channels_first" else 1

    def lengths(self, sizes: list[Any]) -> list[Any]:
        """The output's spatial sizes."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: Any) -> Any:
        found = list(tf.TensorShape(input_shape).as_list())
        start = self.first_axis
        found[start:start + self.rank] = self.lengths(found[start:start + self.rank])
        return tf.TensorShape(found)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **({"data_format": self.data_format} if self.rank > 1 else {})}


class _Padding(_Spatial):
    def __init__(self, padding: Any = 1, data_format: Any = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self._pads = ((padding, padding),) if self.rank == 1 and isinstance(padding, int) else (
            (tuple(padding),) if self.rank == 1 else _pairs(padding, self.rank, "padding"))
        self.padding: Any = self._pads[0] if self.rank == 1 else self._pads

    def lengths(self, sizes: list[Any]) -> list[Any]:
        return [None if n is None else n + a + b for n, (a, b) in zip(sizes, self._pads)]

    def call(self, inputs: Any) -> Any:
        around = [(0, 0)] * (self.rank + 2)
        around[self.first_axis:self.first_axis + self.rank] = list(self._pads)
        return tf.pad(inputs, [list(pair) for pair in around])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "padding": self.padding}


@export("keras.layers.ZeroPadding1D")
class ZeroPadding1D(_Padding):
    """Zeros before and after the time steps: a number, or (before, after)."""
    rank = 1


@export("keras.layers.ZeroPadding2D")
class ZeroPadding2D(_Padding):
    """Zeros around images: a number, (rows, columns), or ((top, bottom), (left, right))."""

    def __init__(self, padding: Any = (1, 1), data_format: Any = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


@export("keras.layers.ZeroPadding3D")
class ZeroPadding3D(_Padding):
    """Zeros around volumes."""
    rank = 3

    def __init__(self, padding: Any = (1, 1, 1), data_format: Any = None, **kwargs: Any):
        super().__init__(padding, data_format, **kwargs)


class _Cropping(_Spatial):
    def __init__(self, cropping: Any, data_format: Any = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self._cuts = ((cropping, cropping),) if self.rank == 1 and isinstance(cropping, int) else (
            (tuple(cropping),) if self.rank == 1 else _pairs(cropping, self.rank, "cropping"))
        self.cropping: Any = self._cuts[0] if self.rank == 1 else self._cuts

    def lengths(self, sizes: list[Any]) -> list[Any]:
        return [None if n is None else n - a - b for n, (a, b) in zip(sizes, self._cuts)]

    def call(self, inputs: Any) -> Any:
        parts = [slice(None)] * (self.rank + 2)
        for i, (a, b) in enumerate(self._cuts):
            parts[self.first_axis + i] = slice(a, -b if b else None)
        return inputs[tuple(parts)]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "cropping": self.cropping}


@export("keras.layers.Cropping1D")
class Cropping1D(_Cropping):
    """Leaves out time steps at both ends."""
    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any):
        super().__init__(cropping, **kwargs)


@export("keras.layers.Cropping2D")
class Cropping2D(_Cropping):
    """Leaves out what lies around images."""

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: Any = None, **kwargs: Any):
        super().__init__(cropping, data_format, **kwargs)


@export("keras.layers.Cropping3D")
class Cropping3D(_Cropping):
    """Leaves out what lies around volumes."""
    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None, **kwargs: Any):
        super().__init__(cropping, data_format, **kwargs)


@export("keras.layers.UpSampling1D")
class UpSampling1D(_Spatial):
    """Each time step `size` times."""
    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = int(size)

    def lengths(self, sizes: list[Any]) -> list[Any]:
        return [None if n is None else n * self.size for n in sizes]

    def call(self, inputs: Any) -> Any:
        return tf.keras.backend.repeat_elements(inputs, self.size, axis=1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}


@export("keras.layers.UpSampling2D")
class UpSampling2D(_Spatial):
    """Images `size` times as large: 'nearest' pixels or 'bilinear' ones."""

    def __init__(self, size: Any = (2, 2), data_format: Any = None, interpolation: str = "nearest", **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.size = sizes_of(size, 2, "size")
        if interpolation not in ("nearest", "bilinear"):
            raise ValueError(f'`interpolation` argument should be one of "nearest", "bilinear". Received: "{interpolation}".')
        self.interpolation = interpolation

    def lengths(self, sizes: list[Any]) -> list[Any]:
        return [None if n is None else n * s for n, s in zip(sizes, self.size)]

    def call(self, inputs: Any) -> Any:
        return resize_images(inputs, self.size[0], self.size[1], self.data_format, self.interpolation)

    def get_config(self) -> dict[str, Any]:
        return {"name": self.name, **super().get_config(), "size": self.size, "interpolation": self.interpolation}


@export("keras.layers.UpSampling3D")
class UpSampling3D(_Spatial):
    """Volumes `size` times as large."""
    rank = 3

    def __init__(self, size: Any = (2, 2, 2), data_format: Any = None, **kwargs: Any):
        super().__init__(data_format, **kwargs)
        self.size = sizes_of(size, 3, "size")

    def lengths(self, sizes: list[Any]) -> list[Any]:
        return [None if n is None else n * s for n, s in zip(sizes, self.size)]

    def call(self, inputs: Any) -> Any:
        return resize_volumes(inputs, self.size[0], self.size[1], self.size[2], self.data_format)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "size": self.size}
