"""Pooling of tf.contrib.layers, upon that of tf.layers; it has a name scope and no variables."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import add_arg_scope
from .collecting import channels_of, collect_named_outputs
from .measures import n_positive_integers

_IMAGES, _VOLUMES = ("NCHW", "NHWC"), ("NCDHW", "NDHWC")


def _pooled(kind: Any, default: str, formats: tuple[str, ...], inputs: Any, kernel_size: Any, stride: Any, padding: str,
            data_format: str, outputs_collections: Any, scope: Any) -> Any:
    order = channels_of(data_format, formats)
    with tf.name_scope(scope, default, [inputs]) as sc:
        inputs = tf.convert_to_tensor(inputs)
        outputs = kind(kernel_size, stride, padding=padding, data_format=order, _scope=sc)(inputs)
        return collect_named_outputs(outputs_collections, sc, outputs)


@export("contrib.layers.avg_pool2d", "contrib.slim.avg_pool2d")
@add_arg_scope
def avg_pool2d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NHWC",
               outputs_collections: Any = None, scope: Any = None) -> Any:
    """Means of windows of images (rank 4)."""
    return _pooled(tf.layers.AveragePooling2D, "AvgPool2D", _IMAGES, inputs, kernel_size, stride, padding, data_format, outputs_collections,
                   scope)


@export("contrib.layers.avg_pool3d", "contrib.slim.avg_pool3d")
@add_arg_scope
def avg_pool3d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NDHWC",
               outputs_collections: Any = None, scope: Any = None) -> Any:
    """Means of windows of volumes (rank 5)."""
    return _pooled(tf.layers.AveragePooling3D, "AvgPool3D", _VOLUMES, inputs, kernel_size, stride, padding, data_format,
                   outputs_collections, scope)


@export("contrib.layers.max_pool2d", "contrib.slim.max_pool2d")
@add_arg_scope
def max_pool2d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NHWC",
               outputs_collections: Any = None, scope: Any = None) -> Any:
    """Maxima of windows of images (rank 4)."""
    return _pooled(tf.layers.MaxPooling2D, "MaxPool2D", _IMAGES, inputs, kernel_size, stride, padding, data_format, outputs_collections,
                   scope)


@export("contrib.layers.max_pool3d", "contrib.slim.max_pool3d")
@add_arg_scope
def max_pool3d(inputs: Any, kernel_size: Any, stride: Any = 2, padding: str = "VALID", data_format: str = "NDHWC",
               outputs_collections: Any = None, scope: Any = None) -> Any:
    """Maxima of windows of volumes (rank 5)."""
    return _pooled(tf.layers.MaxPooling3D, "MaxPool3D", _VOLUMES, inputs, kernel_size, stride, padding, data_format, outputs_collections,
                   scope)


@export("contrib.layers.pool", "contrib.slim.pool")
@add_arg_scope
def pool(inputs: Any, kernel_size: Any, pooling_type: str, padding: str = "VALID", data_format: str | None = None,
         dilation_rate: Any = 1, stride: Any = 1, outputs_collections: Any = None, scope: Any = None) -> Any:
    """tf.nn.pool with one number for all axes of space where one is given; pooling_type: 'MAX' or 'AVG'."""
    with tf.name_scope(scope, f"{pooling_type.lower()}_pool", [inputs]) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise ValueError("Rank of inputs must be known")
        if rank < 3:
            raise ValueError("Rank of inputs must be >= 3")
        window, rates, steps = (n_positive_integers(rank - 2, value) for value in (kernel_size, dilation_rate, stride))
        outputs = tf.nn.pool(input=inputs, window_shape=window, pooling_type=pooling_type, padding=padding, data_format=data_format,
                             dilation_rate=rates, strides=steps, name=sc)
        return collect_named_outputs(outputs_collections, sc, outputs)
