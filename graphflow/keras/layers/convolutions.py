"""Convolutions, on those of tf.layers."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers import convolution as plain
from ...layers import separable as plain_separable
from ...layers import transposed as plain_transposed
from ...layers.arguments import padding_of, sizes_of
from ...layers.convolution import out_length, tf_format
from ..backend.settings import data_format_of
from ..engine.layer import Layer
from .arguments import config_of, take

_COMMON = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")
_KERNEL = ("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint",
           "bias_constraint")


class _Conv(Layer):
    """What convolutions share: the arguments, which are parsed here, and the config."""
    rank = 2
    transposed = False
    filters: int
    _weights: tuple[str, ...] = _KERNEL

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
                 dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        self._set(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer, kwargs,
                  kernel_initializer=kernel_initializer, bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
                  bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint, bias_constraint=bias_constraint)

    def _set(self, filters: Any, kernel_size: Any, strides: Any, padding: str, data_format: Any, dilation_rate: Any, activation: Any,
             use_bias: bool, activity_regularizer: Any, kwargs: dict[str, Any], **weights: Any) -> None:
        Layer.__init__(self, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = 0 if filters is None else int(filters)
        if filters is not None and self.filters <= 0:
            raise ValueError(f"Invalid value for argument `filters`. Expected a strictly positive value. Received filters={filters}.")
        self.kernel_size = sizes_of(kernel_size, self.rank, "kernel_size")
        self.strides = sizes_of(strides, self.rank, "strides")
        self.dilation_rate = sizes_of(dilation_rate, self.rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError("`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                             f"strides={self.strides} and dilation_rate={self.dilation_rate}")
        self.padding = padding_of(padding, causal=self.rank == 1 and not self.transposed)
        self.data_format = data_format_of(data_format)
        take(self, activation=activation, use_bias=use_bias, **weights)
        self.input_spec = tf.keras.layers.InputSpec(ndim=self.rank + 2)

    def get_config(self) -> dict[str, Any]:
        more: Any = {"groups": 1} if type(self).__name__ in ("Conv1D", "Conv2D", "Conv3D", "Conv1DTranspose", "Conv2DTranspose",
                                                        "Conv3DTranspose", "SeparableConv1D", "SeparableConv2D", "DepthwiseConv2D") else {}
        return {**super().get_config(), **config_of(self, *self._arguments), **more,
                **config_of(self, "activation", "use_bias", *self._weights)}

    _arguments: tuple[str, ...] = _COMMON

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what get_config gave."""
        config = dict(config)
        if config.pop("groups", 1) != 1:
            raise NotImplementedError(f"{cls.__name__} with groups: convolve the groups apart and concatenate them.")
        return cls(**config)


@export("keras.layers.Conv1D", "keras.layers.Convolution1D")
class Conv1D(plain.Conv1D, _Conv):
    """Convolution along one axis: inputs [batch, length, channels]. padding: also 'causal'."""
    __init__ = _Conv.__init__


@export("keras.layers.Conv2D", "keras.layers.Convolution2D")
class Conv2D(plain.Conv2D, _Conv):
    """Convolution of images: inputs [batch, height, width, channels]; the kernel is [rows, columns, channels, filters]."""
    __init__ = _Conv.__init__


@export("keras.layers.Conv3D", "keras.layers.Convolution3D")
class Conv3D(plain.Conv3D, _Conv):
    """Convolution of volumes: inputs [batch, depth, height, width, channels]."""
    __init__ = _Conv.__init__


class _Transposed(_Conv):
    transposed = True

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", output_padding: Any = None,
                 data_format: Any = None, dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
                 **kwargs: Any):
        self._set(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer, kwargs,
                  kernel_initializer=kernel_initializer, bias_initializer=bias_initializer, kernel_regularizer=kernel_regularizer,
                  bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint, bias_constraint=bias_constraint)
        self.output_padding = None if output_padding is None else sizes_of(output_padding, self.rank, "output_padding", zero=True)
        for stride, more in zip(self.strides, self.output_padding or ()):
            if more >= stride:
                raise ValueError(f"Strides must be greater than output padding. Received strides={self.strides}, "
                                 f"output_padding={self.output_padding}")

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_padding": self.output_padding}


@export("keras.layers.Conv2DTranspose", "keras.layers.Convolution2DTranspose")
class Conv2DTranspose(plain_transposed.Conv2DTranspose, _Transposed):
    """Transposed convolution of images: stride s makes height and width s times as large (padding 'same')."""
    __init__ = _Transposed.__init__


@export("keras.layers.Conv3DTranspose", "keras.layers.Convolution3DTranspose")
class Conv3DTranspose(plain_transposed.Conv3DTranspose, _Transposed):
    """Transposed convolution of volumes."""
    __init__ = _Transposed.__init__

    def get_config(self) -> dict[str, Any]:
        return {key: value for key, value in super().get_config().items() if key != "dilation_rate"}


class _Separable(_Conv):
    _weights = ("depthwise_initializer", "pointwise_initializer", "bias_initializer", "depthwise_regularizer", "pointwise_regularizer",
                "bias_regularizer", "activity_regularizer", "depthwise_constraint", "pointwise_constraint", "bias_constraint")
    _arguments = (*_COMMON, "depth_multiplier")

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
                 dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = "glorot_uniform", pointwise_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                 pointwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        self._set(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer, kwargs,
                  depthwise_initializer=depthwise_initializer, pointwise_initializer=pointwise_initializer,
                  bias_initializer=bias_initializer, depthwise_regularizer=depthwise_regularizer,
                  pointwise_regularizer=pointwise_regularizer, bias_regularizer=bias_regularizer,
                  depthwise_constraint=depthwise_constraint, pointwise_constraint=pointwise_constraint, bias_constraint=bias_constraint)
        self.depth_multiplier = depth_multiplier

    def get_config(self) -> dict[str, Any]:
        kernel = {"kernel_initializer": config_of(self, "depthwise_initializer")["depthwise_initializer"], "kernel_regularizer": None,
                  "kernel_constraint": None}     # Keras writes what the layer does not use
        return {**super().get_config(), **kernel}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A layer from what get_config gave."""
        return super().from_config({key: value for key, value in config.items() if not key.startswith("kernel_") or key == "kernel_size"})


@export("keras.layers.SeparableConv1D", "keras.layers.SeparableConvolution1D")
class SeparableConv1D(plain_separable.SeparableConv1D, _Separable):
    """One filter per channel along one axis, then a mix of the channels."""
    __init__ = _Separable.__init__


@export("keras.layers.SeparableConv2D", "keras.layers.SeparableConvolution2D")
class SeparableConv2D(plain_separable.SeparableConv2D, _Separable):
    """One filter per channel of images, then a mix of the channels."""
    __init__ = _Separable.__init__


@export("keras.layers.DepthwiseConv2D")
class DepthwiseConv2D(_Conv):
    """depth_multiplier filters for each channel of images; channels are not mixed."""
    _weights = ("depthwise_initializer", "bias_initializer", "depthwise_regularizer", "bias_regularizer", "activity_regularizer",
                "depthwise_constraint", "bias_constraint")
    _arguments = (*_COMMON[1:], "depth_multiplier")

    def __init__(self, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", depth_multiplier: int = 1, data_format: Any = None,
                 dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", depthwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        self._set(None, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, activity_regularizer, kwargs,
                  depthwise_initializer=depthwise_initializer, bias_initializer=bias_initializer,
                  depthwise_regularizer=depthwise_regularizer, bias_regularizer=bias_regularizer,
                  depthwise_constraint=depthwise_constraint, bias_constraint=bias_constraint)
        self.depth_multiplier = depth_multiplier

    @property
    def _axis(self) -> int:
        return 1 if self.data_format == "channels_first" else 3

    def build(self, input_shape: Any) -> None:
        sizes = tf.TensorShape(input_shape).as_list()
        if len(sizes) < 4 or sizes[self._axis] is None:
            raise ValueError(f"The channel dimension of the inputs to `DepthwiseConv2D` should be defined. Received: {sizes}.")
        channels: Any = sizes[self._axis]
        self.depthwise_kernel = self.add_weight("depthwise_kernel", (*self.kernel_size, channels, self.depth_multiplier),
                                                initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
                                                constraint=self.depthwise_constraint)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", (channels * self.depth_multiplier,), initializer=self.bias_initializer,
                                        regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.input_spec = tf.keras.layers.InputSpec(ndim=4, axes={self._axis: channels})
        self.built = True

    def call(self, inputs: Any) -> Any:
        first = self.data_format == "channels_first"
        form = tf_format(self.data_format, 2)
        steps = (1, 1, *self.strides) if first else (1, *self.strides, 1)
        outputs = tf.nn.depthwise_conv2d(inputs, self.depthwise_kernel, list(steps), self.padding.upper(), list(self.dilation_rate),
                                         data_format=form)
        if self.bias is not None:
            outputs = tf.nn.bias_add(outputs, self.bias, data_format=form)
        return self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        first = self.data_format == "channels_first"
        space = [out_length(*each) for each in zip(sizes[2:] if first else sizes[1:3], self.kernel_size, [self.padding] * 2, self.strides,
                                                   self.dilation_rate)]
        channels = int(sizes[self._axis] or 0) * self.depth_multiplier
        return tf.TensorShape([sizes[0], channels, *space] if first else [sizes[0], *space, channels])
