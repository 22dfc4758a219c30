"""Separable convolutions: one filter per channel, then a mix of the channels."""
from __future__ import annotations

from typing import Any

from ..core.export import export
from ..core.tensor import Tensor
from ..ops.array.axes import expand_dims, squeeze
from ..ops.conv.depthwise import separable_conv2d as nn_separable_conv2d
from ..ops.nn.bias import bias_add
from .arguments import ZEROS, initializer_of
from .convolution import Convolution, tf_format


class Separable(Convolution):
    """What both share; kernels are [space..., channels, depth_multiplier] and [1..., channels * depth_multiplier, filters]."""

    def __init__(self, filters: int, kernel_size: Any, strides: Any, padding: str, data_format: str, dilation_rate: Any,
                 depth_multiplier: int, activation: Any, use_bias: bool, depthwise_initializer: Any, pointwise_initializer: Any,
                 bias_initializer: Any, depthwise_regularizer: Any, pointwise_regularizer: Any, bias_regularizer: Any,
                 activity_regularizer: Any, depthwise_constraint: Any, pointwise_constraint: Any, bias_constraint: Any, trainable: bool,
                 name: str | None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, None, bias_initializer,
                         None, bias_regularizer, activity_regularizer, None, bias_constraint, trainable, name, **kwargs)
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = initializer_of(depthwise_initializer)
        self.pointwise_initializer = initializer_of(pointwise_initializer)
        self.depthwise_regularizer, self.pointwise_regularizer = depthwise_regularizer, pointwise_regularizer
        self.depthwise_constraint, self.pointwise_constraint = depthwise_constraint, pointwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = self.channels_of(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", [*self.kernel_size, channels, self.depth_multiplier], initializer=self.depthwise_initializer,
            regularizer=self.depthwise_regularizer, constraint=self.depthwise_constraint)
        self.pointwise_kernel = self.add_weight(
            "pointwise_kernel", [*[1] * self.rank, channels * self.depth_multiplier, self.filters], initializer=self.pointwise_initializer,
            regularizer=self.pointwise_regularizer, constraint=self.pointwise_constraint)
        self.add_bias()
        self.built = True

    def convolve(self, inputs: Any, depthwise: Any, pointwise: Any, strides: tuple[int, ...], padding: str, rate: tuple[int, ...]) -> Any:
        steps = (1, 1, *strides) if self.data_format == "channels_first" else (1, *strides, 1)
        form = tf_format(self.data_format, 2)
        outputs = nn_separable_conv2d(inputs, depthwise, pointwise, steps, padding.upper(), rate, data_format=form)
        return outputs if self.bias is None else bias_add(outputs, self.bias, data_format=form)


@export("layers.SeparableConv1D")
class SeparableConv1D(Separable):
    """Separable convolution along one axis: inputs [batch, length, channels]."""
    rank = 1

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
                 dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = None, pointwise_initializer: Any = None, bias_initializer: Any = ZEROS,
                 depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
                 bias_constraint: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
                         depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                         bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, trainable,
                         name, **kwargs)

    def call(self, inputs: Any) -> Any:
        if self.padding == "causal":
            inputs = self.causal(inputs)
        axis = 2 if self.data_format == "channels_first" else 1
        inputs = expand_dims(inputs, axis)
        outputs = self.convolve(inputs, expand_dims(self.depthwise_kernel, 0), expand_dims(self.pointwise_kernel, 0), self.strides * 2,
                                "valid" if self.padding == "causal" else self.padding, (1, *self.dilation_rate))
        outputs = squeeze(outputs, [axis])
        return self.activation(outputs) if self.activation is not None else outputs


@export("layers.SeparableConv2D")
class SeparableConv2D(Separable):
    """Separable convolution of images: inputs [batch, height, width, channels]."""
    rank = 2

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str = "channels_last",
                 dilation_rate: Any = (1, 1), depth_multiplier: int = 1, activation: Any = None, use_bias: bool = True,
                 depthwise_initializer: Any = None, pointwise_initializer: Any = None, bias_initializer: Any = ZEROS,
                 depthwise_regularizer: Any = None, pointwise_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, depthwise_constraint: Any = None, pointwise_constraint: Any = None,
                 bias_constraint: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
                         depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                         bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, trainable,
                         name, **kwargs)

    def call(self, inputs: Any) -> Any:
        outputs = self.convolve(inputs, self.depthwise_kernel, self.pointwise_kernel, self.strides, self.padding, self.dilation_rate)
        return self.activation(outputs) if self.activation is not None else outputs


@export("layers.separable_conv1d")
def separable_conv1d(inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
                     data_format: str = "channels_last", dilation_rate: Any = 1, depth_multiplier: int = 1, activation: Any = None,
                     use_bias: bool = True, depthwise_initializer: Any = None, pointwise_initializer: Any = None,
                     bias_initializer: Any = ZEROS, depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                     pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                     reuse: Any = None) -> Tensor:
    """Separable convolution along one axis of inputs [batch, length, channels], with bias and activation."""
    return SeparableConv1D(filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
                           depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                           bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, trainable,
                           name, _scope=name, _reuse=reuse)(inputs)


@export("layers.separable_conv2d")
def separable_conv2d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", dilation_rate: Any = (1, 1), depth_multiplier: int = 1, activation: Any = None,
                     use_bias: bool = True, depthwise_initializer: Any = None, pointwise_initializer: Any = None,
                     bias_initializer: Any = ZEROS, depthwise_regularizer: Any = None, pointwise_regularizer: Any = None,
                     bias_regularizer: Any = None, activity_regularizer: Any = None, depthwise_constraint: Any = None,
                     pointwise_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                     reuse: Any = None) -> Tensor:
    """Separable convolution of images [batch, height, width, channels], with bias and activation."""
    return SeparableConv2D(filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
                           depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer, pointwise_regularizer,
                           bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint, bias_constraint, trainable,
                           name, _scope=name, _reuse=reuse)(inputs)
