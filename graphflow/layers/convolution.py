"""Convolutions of one, two and three spatial axes. One base class: the rank says how many."""
from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.export import export
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import reshape
from ..ops.array.pad import pad
from ..ops.conv.space import convolution
from ..ops.nn.bias import bias_add
from .arguments import ZEROS, activation_of, format_of, initializer_of, padding_of, sizes_of
from .base import Layer
from .spec import InputSpec

_FORMATS = {"channels_last": ("NWC", "NHWC", "NDHWC"), "channels_first": ("NCW", "NCHW", "NCDHW")}


def tf_format(data_format: str, rank: int) -> str:
    """The name that ops have for it: 'channels_last' of rank 2 is 'NHWC'."""
    return _FORMATS[data_format][rank - 1]


def out_length(size: int | None, kernel: int, padding: str, stride: int, dilation: int) -> int | None:
    """How long one axis of a convolution's output is."""
    if size is None:
        return None
    window = (kernel - 1) * dilation + 1
    return -(-(size - window + 1 if padding == "valid" else size) // stride)


class Convolution(Layer):
    """activation(convolution of inputs with kernel + bias); inputs [batch, space..., channels] with `rank` spatial axes."""
    rank = 2
    transposed = False

    def __init__(self, filters: int, kernel_size: Any, strides: Any, padding: str, data_format: str, dilation_rate: Any, activation: Any,
                 use_bias: bool, kernel_initializer: Any, bias_initializer: Any, kernel_regularizer: Any, bias_regularizer: Any,
                 activity_regularizer: Any, kernel_constraint: Any, bias_constraint: Any, trainable: bool, name: str | None, **kwargs: Any):
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = int(filters)
        if self.filters <= 0:
            raise ValueError(f"Invalid value for argument `filters`. Expected a strictly positive value. Received filters={filters}.")
        self.kernel_size = sizes_of(kernel_size, self.rank, "kernel_size")
        self.strides = sizes_of(strides, self.rank, "strides")
        self.dilation_rate = sizes_of(dilation_rate, self.rank, "dilation_rate")
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError("`strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: "
                             f"strides={self.strides} and dilation_rate={self.dilation_rate}")
        self.padding = padding_of(padding, causal=self.rank == 1 and not self.transposed)
        self.data_format = format_of(data_format)
        self.activation, self.use_bias = activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = initializer_of(kernel_initializer), initializer_of(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _axis(self) -> int:
        """The channels' axis, counted from the end."""
        return -1 - self.rank if self.data_format == "channels_first" else -1

    def channels_of(self, input_shape: Any) -> int:
        """How many channels the inputs have, remembered for later inputs; ValueError when the graph does not say."""
        known = shapes.as_tuple(input_shape)
        if known is None or known[self._axis] is None:
            raise ValueError(f"The channel dimension of the inputs should be defined. The input_shape received is {known}, where axis "
                             f"{self._axis} (0-based) is the channel dimension, which found to be `None`. Give the placeholder its size.")
        channels = int(known[self._axis] or 0)
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._axis: channels})
        return channels

    def build(self, input_shape: Any) -> None:
        channels = self.channels_of(input_shape)
        ends = (self.filters, channels) if self.transposed else (channels, self.filters)
        self.kernel = self.add_weight("kernel", [*self.kernel_size, *ends], initializer=self.kernel_initializer,
                                      regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        self.add_bias()
        self.built = True

    def add_bias(self) -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.filters], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                                        constraint=self.bias_constraint)

    def causal(self, inputs: Any) -> Any:
        """Inputs with zeros in front, so that an output sees no later input."""
        front = [self.dilation_rate[0] * (self.kernel_size[0] - 1), 0]
        return pad(inputs, [[0, 0], front, [0, 0]] if self.data_format == "channels_last" else [[0, 0], [0, 0], front])

    def call(self, inputs: Any) -> Any:
        known = inputs.static
        padding = "valid" if self.padding == "causal" else self.padding
        if self.padding == "causal":
            inputs = self.causal(inputs)
        outputs = convolution(inputs, self.kernel, padding.upper(), list(self.strides), list(self.dilation_rate),
                              type(self).__name__, tf_format(self.data_format, self.rank))
        if self.bias is not None and self.rank == 1 and self.data_format == "channels_first":
            outputs = outputs + reshape(self.bias, (1, self.filters, 1))
        elif self.bias is not None:
            outputs = bias_add(outputs, self.bias, data_format=tf_format(self.data_format, self.rank))
        if known is not None:
            outputs.set_shape(self.compute_output_shape(known))
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        known = shapes.as_tuple(input_shape)
        if known is None:
            return TensorShape([None] * (self.rank + 2))
        first = self.data_format == "channels_first"
        space = [out_length(*each) for each in zip(known[2:] if first else known[1:-1], self.kernel_size, [self.padding] * self.rank,
                                                   self.strides, self.dilation_rate)]
        return TensorShape([known[0], self.filters, *space] if first else [known[0], *space, self.filters])


@export("layers.Conv1D")
class Conv1D(Convolution):
    """Convolution along one axis: inputs [batch, length, channels]; the kernel is [kernel_size, channels, filters]."""
    rank = 1

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
                 dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                         bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                         trainable, name, **kwargs)


@export("layers.Conv2D")
class Conv2D(Convolution):
    """Convolution of images: inputs [batch, height, width, channels]; the kernel is [rows, columns, channels, filters]."""
    rank = 2

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str = "channels_last",
                 dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                         bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                         trainable, name, **kwargs)


@export("layers.Conv3D")
class Conv3D(Convolution):
    """Convolution of volumes: inputs [batch, depth, height, width, channels]."""
    rank = 3

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
                 data_format: str = "channels_last", dilation_rate: Any = (1, 1, 1), activation: Any = None, use_bias: bool = True,
                 kernel_initializer: Any = None, bias_initializer: Any = ZEROS, kernel_regularizer: Any = None,
                 bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
                 bias_constraint: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                         bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                         trainable, name, **kwargs)


@export("layers.conv1d")
def conv1d(inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: str = "channels_last",
           dilation_rate: Any = 1, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
           bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
           activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Tensor:
    """Convolution along one axis of inputs [batch, length, channels], with bias and activation. padding: also 'causal'."""
    return Conv1D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                  bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                  trainable, name, _scope=name, _reuse=reuse)(inputs)


@export("layers.conv2d")
def conv2d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = (1, 1), activation: Any = None, use_bias: bool = True,
           kernel_initializer: Any = None, bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
           activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Tensor:
    """Convolution of images [batch, height, width, channels], with bias and activation."""
    return Conv2D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                  bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                  trainable, name, _scope=name, _reuse=reuse)(inputs)


@export("layers.conv3d")
def conv3d(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
           data_format: str = "channels_last", dilation_rate: Any = (1, 1, 1), activation: Any = None, use_bias: bool = True,
           kernel_initializer: Any = None, bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
           activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
           name: str | None = None, reuse: Any = None) -> Tensor:
    """Convolution of volumes [batch, depth, height, width, channels], with bias and activation."""
    return Conv3D(filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias, kernel_initializer,
                  bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                  trainable, name, _scope=name, _reuse=reuse)(inputs)
