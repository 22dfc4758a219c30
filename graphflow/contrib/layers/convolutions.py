"""Convolutions of tf.contrib.layers, upon those of tf.layers."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from ..homes import layers_and_slim
from .collecting import channels_of, finish, get_variable_collections, run_layer, variable_getter
from .fully import NAMES
from .measures import last_dimension, two_element_tuple
from .random_initializers import XAVIER, ZEROS

_FORMATS = ("NWC", "NCW", "NHWC", "NCHW", "NDHWC", "NCDHW")


@layers_and_slim("convolution")
@add_arg_scope
def convolution(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: str | None = None,
                rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
                weights_initializer: Any = XAVIER, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
                biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
                trainable: bool = True, scope: Any = None, conv_dims: int | None = None) -> Any:
    """activation_fn(convolution of inputs with weights, plus biases): inputs of rank 3, 4 or 5, with 1, 2 or 3 axes of space.

    rate: of dilation. conv_dims: how many axes of space there must be (None: as the inputs have). normalizer_fn (with normalizer_params)
    stands in place of the biases. Variables `weights` and `biases` under `scope`, by default Conv, Conv_1, ...
    """
    if data_format is not None and data_format not in _FORMATS:
        raise ValueError(f"Invalid data_format: {data_format!r}: one of {', '.join(_FORMATS)}")
    with tf.variable_scope(scope, "Conv", [inputs], reuse=reuse, custom_getter=variable_getter(NAMES)) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if conv_dims is not None and rank != conv_dims + 2:
            raise ValueError(f"Convolution expects input with rank {conv_dims + 2}, got {rank}")
        if rank not in (3, 4, 5):
            raise ValueError(f"Convolution not supported for input with rank {rank}")
        kind: Any = {3: tf.layers.Conv1D, 4: tf.layers.Conv2D, 5: tf.layers.Conv3D}[rank]
        layer = kind(num_outputs, kernel_size, strides=stride, padding=padding,
                     data_format=channels_of(data_format or "NHWC", _FORMATS), dilation_rate=rate,
                     use_bias=not normalizer_fn and biases_initializer is not None, kernel_initializer=weights_initializer,
                     bias_initializer=biases_initializer, kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer,
                     trainable=trainable, name=sc.name, dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse)
        outputs = run_layer(layer, inputs, variables_collections)
        return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)


@layers_and_slim("convolution1d", "conv1d")
@add_arg_scope
def convolution1d(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: str | None = None,
                  rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
                  weights_initializer: Any = XAVIER, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
                  biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
                  trainable: bool = True, scope: Any = None) -> Any:
    """tf.contrib.layers.convolution of inputs with one axis of space: rank 3."""
    return convolution(inputs, num_outputs, kernel_size, stride, padding, data_format, rate, activation_fn, normalizer_fn,
                       normalizer_params, weights_initializer, weights_regularizer, biases_initializer, biases_regularizer, reuse,
                       variables_collections, outputs_collections, trainable, scope, conv_dims=1)


@layers_and_slim("convolution2d", "conv2d")
@add_arg_scope
def convolution2d(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: str | None = None,
                  rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
                  weights_initializer: Any = XAVIER, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
                  biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
                  trainable: bool = True, scope: Any = None) -> Any:
    """tf.contrib.layers.convolution of images: rank 4."""
    return convolution(inputs, num_outputs, kernel_size, stride, padding, data_format, rate, activation_fn, normalizer_fn,
                       normalizer_params, weights_initializer, weights_regularizer, biases_initializer, biases_regularizer, reuse,
                       variables_collections, outputs_collections, trainable, scope, conv_dims=2)


@layers_and_slim("convolution3d", "conv3d")
@add_arg_scope
def convolution3d(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME", data_format: str | None = None,
                  rate: Any = 1, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None, normalizer_params: Any = None,
                  weights_initializer: Any = XAVIER, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
                  biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
                  trainable: bool = True, scope: Any = None) -> Any:
    """tf.contrib.layers.convolution of volumes: rank 5."""
    return convolution(inputs, num_outputs, kernel_size, stride, padding, data_format, rate, activation_fn, normalizer_fn,
                       normalizer_params, weights_initializer, weights_regularizer, biases_initializer, biases_regularizer, reuse,
                       variables_collections, outputs_collections, trainable, scope, conv_dims=3)


@layers_and_slim("convolution2d_in_plane", "conv2d_in_plane")
@add_arg_scope
def convolution2d_in_plane(inputs: Any, kernel_size: Any, stride: Any = 1, padding: str = "SAME", activation_fn: Any = tf.nn.relu,
                           normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = XAVIER,
                           weights_regularizer: Any = None, biases_initializer: Any = ZEROS, biases_regularizer: Any = None,
                           reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
                           scope: Any = None) -> Any:
    """The same [height, width] kernel over each channel alone: as many channels come out as go in."""
    with tf.variable_scope(scope, "ConvInPlane", [inputs], reuse=reuse) as sc:
        dtype = inputs.dtype.base_dtype
        height, width = two_element_tuple(kernel_size)
        down, across = two_element_tuple(stride)
        channels = last_dimension(inputs.shape, min_rank=4)

        def parameter(name: str, shape: Any, initializer: Any, regularizer: Any) -> Any:
            return model_variable(name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
                                  collections=get_variable_collections(variables_collections, name))

        weights = parameter("weights", [height, width, 1, 1], weights_initializer, weights_regularizer)
        outputs = tf.nn.depthwise_conv2d(inputs, tf.tile(weights, [1, 1, channels, 1]), [1, down, across, 1], padding)
        if normalizer_fn is None and biases_initializer is not None:
            outputs = tf.nn.bias_add(outputs, parameter("biases", [channels], biases_initializer, biases_regularizer))
        return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)
