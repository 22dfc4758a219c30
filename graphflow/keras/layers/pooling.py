"""Pooling, on that of tf.layers, and pooling of everything."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers import pooling as plain
from ...layers.arguments import padding_of, sizes_of
from ..backend.settings import data_format_of
from ..engine.layer import Layer


class _Pool(Layer):
    rank = 2

    def __init__(self, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: Any = None, **kwargs: Any):
        Layer.__init__(self, **kwargs)
        self.pool_size: Any = sizes_of(pool_size, self.rank, "pool_size")
        self.strides: Any = self.pool_size if strides is None else sizes_of(strides, self.rank, "strides")
        self.padding = padding_of(padding)
        self.data_format = data_format_of(data_format)
        self.input_spec = tf.keras.layers.InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        order = ("strides", "pool_size", "padding", "data_format") if self.rank == 1 else ("pool_size", "padding", "strides", "data_format")
        return {**super().get_config(), **{name: getattr(self, name) for name in order}}


@export("keras.layers.MaxPooling1D", "keras.layers.MaxPool1D")
class MaxPooling1D(plain.MaxPooling1D, _Pool):
    """The largest value of each window of inputs [batch, length, channels]."""
    __init__ = _Pool.__init__


@export("keras.layers.AveragePooling1D", "keras.layers.AvgPool1D")
class AveragePooling1D(plain.AveragePooling1D, _Pool):
    """The mean of each window of inputs [batch, length, channels]."""
    __init__ = _Pool.__init__


@export("keras.layers.MaxPooling2D", "keras.layers.MaxPool2D")
class MaxPooling2D(plain.MaxPooling2D, _Pool):
    """The largest value of each window of images."""
    __init__ = _Pool.__init__


@export("keras.layers.AveragePooling2D", "keras.layers.AvgPool2D")
class AveragePooling2D(plain.AveragePooling2D, _Pool):
    """The mean of each window of images."""
    __init__ = _Pool.__init__


@export("keras.layers.MaxPooling3D", "keras.layers.MaxPool3D")
class MaxPooling3D(plain.MaxPooling3D, _Pool):
    """The largest value of each window of volumes."""
    __init__ = _Pool.__init__


@export("keras.layers.AveragePooling3D", "keras.layers.AvgPool3D")
class AveragePooling3D(plain.AveragePooling3D, _Pool):
    """The mean of each window of volumes."""
    __init__ = _Pool.__init__


class _Global(Layer):
    """The largest value, or the mean, over all of time or space."""
    rank = 2
    function: Any = None

    def __init__(self, data_format: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = data_format_of(data_format)
        self.keepdims = kwargs.pop("keepdims", False)
        self.input_spec = tf.keras.layers.InputSpec(ndim=self.rank + 2)

    @property
    def axes(self) -> list[int]:
        """The axes of time or space."""
        start = 2 if self.data_format == "channels_first" else 1
        return list(range(start, start + self.rank))

    def call(self, inputs: Any) -> Any:
        return type(self).function(inputs, self.axes if self.rank > 1 else self.axes[0])

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        return tf.TensorShape([sizes[0], sizes[1] if self.data_format == "channels_first" else sizes[-1]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format, "keepdims": self.keepdims}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        if config.pop("keepdims", False):
            raise NotImplementedError(f"{cls.__name__}(keepdims=True): follow it by a Reshape.")
        return cls(**config)


@export("keras.layers.GlobalMaxPooling1D", "keras.layers.GlobalMaxPool1D")
class GlobalMaxPooling1D(_Global):
    """The largest value over time."""
    rank, function = 1, staticmethod(tf.reduce_max)


@export("keras.layers.GlobalAveragePooling1D", "keras.layers.GlobalAvgPool1D")
class GlobalAveragePooling1D(_Global):
    """The mean over time, of the steps that are not masked."""
    rank, function = 1, staticmethod(tf.reduce_mean)
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        axis = self.axes[0]
        if mask is None:
            return tf.reduce_mean(inputs, axis)
        mask = tf.expand_dims(tf.cast(mask, inputs.dtype.base_dtype), 2 if self.data_format == "channels_last" else 1)
        return tf.reduce_sum(inputs * mask, axis) / tf.reduce_sum(mask, axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: there is no time left."""


@export("keras.layers.GlobalMaxPooling2D", "keras.layers.GlobalMaxPool2D")
class GlobalMaxPooling2D(_Global):
    """The largest value over images."""
    function = staticmethod(tf.reduce_max)


@export("keras.layers.GlobalAveragePooling2D", "keras.layers.GlobalAvgPool2D")
class GlobalAveragePooling2D(_Global):
    """The mean over images."""
    function = staticmethod(tf.reduce_mean)


@export("keras.layers.GlobalMaxPooling3D", "keras.layers.GlobalMaxPool3D")
class GlobalMaxPooling3D(_Global):
    """The largest value over volumes."""
    rank, function = 3, staticmethod(tf.reduce_max)


@export("keras.layers.GlobalAveragePooling3D", "keras.layers.GlobalAvgPool3D")
class GlobalAveragePooling3D(_Global):
    """The mean over volumes."""
    rank, function = 3, staticmethod(tf.reduce_mean)
