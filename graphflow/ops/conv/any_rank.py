"""TensorFlow 2's names that take sequences, images and volumes alike."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.tensor import Tensor
from ..array.basic import shape_internal
from . import conv, pool

_MAX = {3: (pool.max_pool1d, "NWC"), 4: (pool.max_pool2d, "NHWC"), 5: (pool.max_pool3d, "NDHWC")}
_AVERAGE = {3: (pool.avg_pool1d, "NWC"), 4: (pool.avg_pool, "NHWC"), 5: (pool.avg_pool3d, "NDHWC")}


def _pooled(functions: Any, input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None, name: str | None) -> Tensor:
    input = convert_to_tensor(input, name="input")
    rank = None if input.static is None else len(input.static)
    if rank is None and data_format is not None:
        rank = {"NWC": 3, "NCW": 3, "NHWC": 4, "NCHW": 4, "NDHWC": 5, "NCDHW": 5}.get(data_format)
    if rank not in functions:
        raise ValueError(f"`input` rank must be 3, 4 or 5: batch, 1 to 3 spatial dimensions, channels. Received: shape {input.shape}")
    function, usual = functions[rank]
    return function(input, ksize, strides, padding, data_format or usual, name)


@export("nn.max_pool_v2")
def max_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """The largest element of each window of sequences [batch, width, channels], images or volumes; see `tf.nn.max_pool`.

    data_format: by default channels last. ksize, strides: one number, one for each spatial axis, or one for each axis.
    """
    return _pooled(_MAX, input, ksize, strides, padding, data_format, name)


@export("nn.avg_pool_v2")
def avg_pool_v2(input: Any, ksize: Any, strides: Any, padding: Any, data_format: str | None = None, name: str | None = None) -> Tensor:
    """The mean of each window of sequences [batch, width, channels], images or volumes; arguments as for `tf.nn.max_pool_v2`."""
    return _pooled(_AVERAGE, input, ksize, strides, padding, data_format, name)


@export("nn.conv_transpose")
def conv_transpose(input: Any, filters: Any, output_shape: Any, strides: Any, padding: Any = "SAME", data_format: str | None = None,
                   dilations: Any = None, name: str | None = None) -> Tensor:
    """The transpose of a convolution of sequences, images or volumes, by the length of output_shape: 3, 4 or 5.

    Arguments as for `tf.nn.conv1d_transpose`, `tf.nn.conv2d_transpose`, `tf.nn.conv3d_transpose`.
    """
    if isinstance(output_shape, Tensor):
        length = output_shape.static[0] if output_shape.static else None
    elif hasattr(output_shape, "__len__"):
        length = len(output_shape)
    else:
        raise ValueError(f"`output_shape` must be a tensor or sized collection. Received: {output_shape}")
    if length not in (3, 4, 5):
        raise ValueError(f"`output_shape` must be of length 3, 4 or 5. Received: output_shape={output_shape} of length {length}.")
    name = name or "conv_transpose"
    if length == 3:
        return conv.conv1d_transpose(input, filters, output_shape, strides, padding, data_format or "NWC", dilations, name)
    if length == 4:
        return conv.conv2d_transpose(input, filters, output_shape, strides, padding, data_format or "NHWC", name, dilations=dilations)
    return conv.conv3d_transpose(input, filters, output_shape, strides, padding, data_format or "NDHWC", name, dilations=dilations)


@export("conv2d_backprop_input_v2")
def conv2d_backprop_input_v2(input: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any, use_cudnn_on_gpu: bool = True,
                             explicit_paddings: Any = (), data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1),
                             name: str | None = None) -> Tensor:
    """`tf.nn.conv2d_backprop_input` for the shape of `input`, whose values do not matter."""
    return conv.conv2d_backprop_input(shape_internal(input), filter, out_backprop, strides, _pairs(padding, explicit_paddings),
                                      use_cudnn_on_gpu, data_format, dilations, name)


@export("conv2d_backprop_filter_v2")
def conv2d_backprop_filter_v2(input: Any, filter: Any, out_backprop: Any, strides: Any, padding: Any, use_cudnn_on_gpu: bool = True,
                              explicit_paddings: Any = (), data_format: str = "NHWC", dilations: Any = (1, 1, 1, 1),
                              name: str | None = None) -> Tensor:
    """`tf.nn.conv2d_backprop_filter` for the shape of `filter`, whose values do not matter."""
    return conv.conv2d_backprop_filter(input, shape_internal(filter), out_backprop, strides, _pairs(padding, explicit_paddings),
                                       use_cudnn_on_gpu, data_format, dilations, name)


def _pairs(padding: Any, explicit: Any) -> Any:
    """"EXPLICIT" with its list of sizes as pairs; other paddings as they are."""
    return [list(explicit[i:i + 2]) for i in range(0, len(explicit), 2)] if padding == "EXPLICIT" else padding
