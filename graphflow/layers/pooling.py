"""Pooling layers: the largest or the mean value of each window."""
from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.export import export
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.array.axes import expand_dims, squeeze, transpose
from ..ops.conv.pool import avg_pool, avg_pool3d, max_pool, max_pool3d
from .arguments import format_of, padding_of, sizes_of
from .base import Layer
from .convolution import out_length, tf_format
from .spec import InputSpec


class Pooling(Layer):
    """What pooling layers share: windows along `rank` spatial axes, reduced by `function`."""
    rank = 2
    function: Any = None

    def __init__(self, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last", name: str | None = None,
                 **kwargs: Any):
        super().__init__(name=name, **kwargs)
        self.pool_size = sizes_of(pool_size, self.rank, "pool_size")
        self.strides = self.pool_size if strides is None else sizes_of(strides, self.rank, "strides")
        self.padding, self.data_format = padding_of(padding), format_of(data_format)
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def call(self, inputs: Any) -> Any:
        first, padding = self.data_format == "channels_first", self.padding.upper()
        size, steps = self.pool_size, self.strides
        if self.rank == 3:
            # the ops for volumes know the channels last only
            inputs = transpose(inputs, (0, 2, 3, 4, 1)) if first else inputs
            outputs = type(self).function(inputs, (1, *size, 1), (1, *steps, 1), padding)
            return transpose(outputs, (0, 4, 1, 2, 3)) if first else outputs
        axis = 3 if first else 2
        if self.rank == 1:
            inputs, size, steps = expand_dims(inputs, axis), (*size, 1), (*steps, 1)
        window, steps = ((1, 1, *size), (1, 1, *steps)) if first else ((1, *size, 1), (1, *steps, 1))
        outputs = type(self).function(inputs, window, steps, padding, data_format=tf_format(self.data_format, 2))
        return squeeze(outputs, axis) if self.rank == 1 else outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        known, first = shapes.as_tuple(input_shape), self.data_format == "channels_first"
        if known is None:
            return TensorShape([None] * (self.rank + 2))
        space = [out_length(n, k, self.padding, s, 1) for n, k, s in zip(known[2:] if first else known[1:-1], self.pool_size, self.strides)]
        return TensorShape([known[0], known[1], *space] if first else [known[0], *space, known[-1]])


@export("layers.MaxPooling1D")
class MaxPooling1D(Pooling):
    """The largest value of each window of inputs [batch, length, channels]."""
    rank, function = 1, staticmethod(max_pool)


@export("layers.AveragePooling1D")
class AveragePooling1D(Pooling):
    """The mean of each window of inputs [batch, length, channels]."""
    rank, function = 1, staticmethod(avg_pool)


@export("layers.MaxPooling2D")
class MaxPooling2D(Pooling):
    """The largest value of each window of images [batch, height, width, channels]."""
    rank, function = 2, staticmethod(max_pool)


@export("layers.AveragePooling2D")
class AveragePooling2D(Pooling):
    """The mean of each window of images [batch, height, width, channels]."""
    rank, function = 2, staticmethod(avg_pool)


@export("layers.MaxPooling3D")
class MaxPooling3D(Pooling):
    """The largest value of each window of volumes [batch, depth, height, width, channels]."""
    rank, function = 3, staticmethod(max_pool3d)


@export("layers.AveragePooling3D")
class AveragePooling3D(Pooling):
    """The mean of each window of volumes [batch, depth, height, width, channels]."""
    rank, function = 3, staticmethod(avg_pool3d)


@export("layers.max_pooling1d")
def max_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                  name: str | None = None) -> Tensor:
    """The largest value of each window of inputs [batch, length, channels]."""
    return MaxPooling1D(pool_size, strides, padding, data_format, name)(inputs)


@export("layers.average_pooling1d")
def average_pooling1d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                      name: str | None = None) -> Tensor:
    """The mean of each window of inputs [batch, length, channels]."""
    return AveragePooling1D(pool_size, strides, padding, data_format, name)(inputs)


@export("layers.max_pooling2d")
def max_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                  name: str | None = None) -> Tensor:
    """The largest value of each window of images [batch, height, width, channels]."""
    return MaxPooling2D(pool_size, strides, padding, data_format, name)(inputs)


@export("layers.average_pooling2d")
def average_pooling2d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                      name: str | None = None) -> Tensor:
    """The mean of each window of images [batch, height, width, channels]."""
    return AveragePooling2D(pool_size, strides, padding, data_format, name)(inputs)


@export("layers.max_pooling3d")
def max_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                  name: str | None = None) -> Tensor:
    """The largest value of each window of volumes [batch, depth, height, width, channels]."""
    return MaxPooling3D(pool_size, strides, padding, data_format, name)(inputs)


@export("layers.average_pooling3d")
def average_pooling3d(inputs: Any, pool_size: Any, strides: Any, padding: str = "valid", data_format: str = "channels_last",
                      name: str | None = None) -> Tensor:
    """The mean of each window of volumes [batch, depth, height, width, channels]."""
    return AveragePooling3D(pool_size, strides, padding, data_format, name)(inputs)
