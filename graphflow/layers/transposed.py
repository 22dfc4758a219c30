"""Transposed convolutions: the gradient of a convolution as a layer, which makes images larger."""
from __future__ import annotations

from typing import Any

from ..core import shapes
from ..core.export import export
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape
from ..ops.array.basic import shape
from ..ops.array.stacking import stack
from ..ops.conv.conv import conv2d_transpose as nn_conv2d_transpose
from ..ops.conv.conv import conv3d_transpose as nn_conv3d_transpose
from ..ops.nn.bias import bias_add
from .arguments import ZEROS
from .convolution import Convolution, tf_format


def _length(size: Any, kernel: int, padding: str, stride: int, more: int | None = None) -> Any:
    """How long one axis of the output is, of an int or a scalar tensor. more: the padding of the output, which decides it."""
    if size is None:
        return None
    if more is not None:
        return (size - 1) * stride + kernel - 2 * (kernel // 2 if padding == "same" else 0) + more
    longer = size * stride
    return longer + max(kernel - stride, 0) if padding == "valid" else longer


class Transposed(Convolution):
    """What transposed convolutions share; the kernel is [space..., filters, channels]."""
    transposed = True
    output_padding: Any = None

    def _lengths(self, space: Any) -> list[Any]:
        more = self.output_padding or [None] * self.rank
        return [_length(n, k, self.padding, s, p) for n, k, s, p in zip(space, self.kernel_size, self.strides, more)]

    def call(self, inputs: Any) -> Any:
        known, first = inputs.static, self.data_format == "channels_first"
        axes = range(2, 2 + self.rank) if first else range(1, 1 + self.rank)
        sizes = shape(inputs)
        batch = sizes[0]
        # a volume's sizes are always read when the graph runs, those of an image only where they are unknown
        space = [known[axis] if self.rank == 2 and known[axis] is not None else sizes[axis] for axis in axes]
        space = self._lengths(space)
        wanted = stack([batch, self.filters, *space] if first else [batch, *space, self.filters])
        if self.rank == 2:
            wanted[0]     # TensorFlow's layer makes this unused slice; seeds that count the ops made so far depend on it
        steps = (1, 1, *self.strides) if first else (1, *self.strides, 1)
        transpose = nn_conv2d_transpose if self.rank == 2 else nn_conv3d_transpose
        outputs = transpose(inputs, self.kernel, wanted, steps, self.padding.upper(), tf_format(self.data_format, self.rank))
        outputs.set_shape(self.compute_output_shape(known))
        if self.bias is not None:
            outputs = bias_add(outputs, self.bias, data_format=tf_format(self.data_format, self.rank))
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        known, first = shapes.as_tuple(input_shape), self.data_format == "channels_first"
        if known is None:
            return TensorShape([None] * (self.rank + 2))
        space = self._lengths(known[2:] if first else known[1:-1])
        return TensorShape([known[0], self.filters, *space] if first else [known[0], *space, self.filters])


@export("layers.Conv2DTranspose")
class Conv2DTranspose(Transposed):
    """Transposed convolution of images: stride s makes height and width s times as large (padding 'same')."""
    rank = 2

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", data_format: str = "channels_last",
                 activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = ZEROS,
                 kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
                 kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: str | None = None,
                 **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, 1, activation, use_bias, kernel_initializer,
                         bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                         trainable, name, **kwargs)


@export("layers.Conv3DTranspose")
class Conv3DTranspose(Transposed):
    """Transposed convolution of volumes."""
    rank = 3

    def __init__(self, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
                 data_format: str = "channels_last", activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any):
        super().__init__(filters, kernel_size, strides, padding, data_format, 1, activation, use_bias, kernel_initializer,
                         bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint,
                         trainable, name, **kwargs)


@export("layers.conv2d_transpose")
def conv2d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                     bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                     activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
                     trainable: bool = True, name: str | None = None, reuse: Any = None) -> Tensor:
    """Transposed convolution of images [batch, height, width, channels], with bias and activation."""
    return Conv2DTranspose(filters, kernel_size, strides, padding, data_format, activation, use_bias, kernel_initializer,
                           bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint,
                           bias_constraint, trainable, name, _scope=name, _reuse=reuse)(inputs)


@export("layers.conv3d_transpose")
def conv3d_transpose(inputs: Any, filters: int, kernel_size: Any, strides: Any = (1, 1, 1), padding: str = "valid",
                     data_format: str = "channels_last", activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                     bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                     activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
                     trainable: bool = True, name: str | None = None, reuse: Any = None) -> Tensor:
    """Transposed convolution of volumes [batch, depth, height, width, channels], with bias and activation."""
    return Conv3DTranspose(filters, kernel_size, strides, padding, data_format, activation, use_bias, kernel_initializer,
                           bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer, kernel_constraint,
                           bias_constraint, trainable, name, _scope=name, _reuse=reuse)(inputs)
