"""Transposed and separable convolutions of tf.contrib.layers, upon those of tf.layers."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from ..homes import layers_and_slim
from .collecting import channels_of, finish, get_variable_collections, run_layer, variable_getter
from .fully import NAMES
from .measures import channel_dimension, two_element_tuple
from .random_initializers import XAVIER, ZEROS

_SEPARABLE = {"bias": "biases", "depthwise_kernel": "depthwise_weights", "pointwise_kernel": "pointwise_weights"}


def _transposed(kind: Any, default: str, formats: tuple[str, ...], inputs: Any, num_outputs: int, kernel_size: Any, stride: Any,
                padding: str, data_format: str, activation_fn: Any, normalizer_fn: Any, normalizer_params: Any, weights_initializer: Any,
                weights_regularizer: Any, biases_initializer: Any, biases_regularizer: Any, reuse: Any, variables_collections: Any,
                outputs_collections: Any, trainable: bool, scope: Any) -> Any:
    with tf.variable_scope(scope, default, [inputs], reuse=reuse, custom_getter=variable_getter(NAMES)) as sc:
        order = channels_of(data_format, formats)
        inputs = tf.convert_to_tensor(inputs)
        layer = kind(num_outputs, kernel_size, strides=stride, padding=padding, data_format=order,
                     use_bias=not normalizer_fn and biases_initializer is not None, kernel_initializer=weights_initializer,
                     bias_initializer=biases_initializer, kernel_regularizer=weights_regularizer, bias_regularizer=biases_regularizer,
                     trainable=trainable, name=sc.name, dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse)
        outputs = run_layer(layer, inputs, variables_collections)
        return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)


@layers_and_slim("convolution2d_transpose", "conv2d_transpose")
@add_arg_scope
def convolution2d_transpose(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
                            data_format: str = "NHWC", activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
                            normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
                            biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
                            variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
                            scope: Any = None) -> Any:
    """The transpose of a convolution with that stride: images become `stride` times as large with padding SAME.

    Variables `weights` [height, width, num_outputs, channels] and `biases` under `scope`, by default Conv2d_transpose.
    """
    return _transposed(tf.layers.Conv2DTranspose, "Conv2d_transpose", ("NCHW", "NHWC"), inputs, num_outputs, kernel_size, stride, padding,
                       data_format, activation_fn, normalizer_fn, normalizer_params, weights_initializer, weights_regularizer,
                       biases_initializer, biases_regularizer, reuse, variables_collections, outputs_collections, trainable, scope)


@layers_and_slim("convolution3d_transpose", "conv3d_transpose")
@add_arg_scope
def convolution3d_transpose(inputs: Any, num_outputs: int, kernel_size: Any, stride: Any = 1, padding: str = "SAME",
                            data_format: str = "NDHWC", activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
                            normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
                            biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
                            variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
                            scope: Any = None) -> Any:
    """convolution2d_transpose for volumes: rank 5, data_format NDHWC or NCDHW."""
    return _transposed(tf.layers.Conv3DTranspose, "Conv3d_transpose", ("NCDHW", "NDHWC"), inputs, num_outputs, kernel_size, stride, padding,
                       data_format, activation_fn, normalizer_fn, normalizer_params, weights_initializer, weights_regularizer,
                       biases_initializer, biases_regularizer, reuse, variables_collections, outputs_collections, trainable, scope)


@layers_and_slim("separable_convolution2d", "separable_conv2d")
@add_arg_scope
def separable_convolution2d(inputs: Any, num_outputs: int | None, kernel_size: Any, depth_multiplier: int = 1, stride: Any = 1,
                            padding: str = "SAME", data_format: str = "NHWC", rate: Any = 1, activation_fn: Any = tf.nn.relu,
                            normalizer_fn: Any = None, normalizer_params: Any = None, weights_initializer: Any = XAVIER,
                            pointwise_initializer: Any = None, weights_regularizer: Any = None, biases_initializer: Any = ZEROS,
                            biases_regularizer: Any = None, reuse: Any = None, variables_collections: Any = None,
                            outputs_collections: Any = None, trainable: bool = True, scope: Any = None) -> Any:
    """A convolution of each channel alone, then one of size 1 x 1 over all of them; num_outputs None: the first one only.

    Variables `depthwise_weights`, `pointwise_weights` and `biases` under `scope`, by default SeparableConv2d.
    """
    order = channels_of(data_format)
    with tf.variable_scope(scope, "SeparableConv2d", [inputs], reuse=reuse, custom_getter=variable_getter(_SEPARABLE)) as sc:
        inputs = tf.convert_to_tensor(inputs)
        if num_outputs is None:
            outputs = _depthwise(inputs, kernel_size, depth_multiplier, stride, padding, data_format, order, rate, normalizer_fn,
                                 weights_initializer, weights_regularizer, biases_initializer, biases_regularizer, variables_collections,
                                 trainable)
            return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)
        layer = tf.layers.SeparableConv2D(
            num_outputs, kernel_size, strides=stride, padding=padding, data_format=order, dilation_rate=two_element_tuple(rate),
            depth_multiplier=depth_multiplier, use_bias=not normalizer_fn and biases_initializer is not None,
            depthwise_initializer=weights_initializer, pointwise_initializer=pointwise_initializer or weights_initializer,
            bias_initializer=biases_initializer, depthwise_regularizer=weights_regularizer, pointwise_regularizer=weights_regularizer,
            bias_regularizer=biases_regularizer, trainable=trainable, name=sc.name, dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse)
        outputs = run_layer(layer, inputs, variables_collections, "depthwise_kernel", "pointwise_kernel")
        return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)


def _depthwise(inputs: Any, kernel_size: Any, depth_multiplier: int, stride: Any, padding: str, data_format: str, order: str, rate: Any,
               normalizer_fn: Any, weights_initializer: Any, weights_regularizer: Any, biases_initializer: Any, biases_regularizer: Any,
               variables_collections: Any, trainable: bool) -> Any:
    channels = channel_dimension(inputs.shape, order, min_rank=4)
    steps = list(two_element_tuple(stride))

    def parameter(name: str, kind: str, shape: Any, initializer: Any, regularizer: Any) -> Any:
        return model_variable(name, shape=shape, dtype=inputs.dtype.base_dtype, initializer=initializer, regularizer=regularizer,
                              trainable=trainable, collections=get_variable_collections(variables_collections, kind))

    weights = parameter("depthwise_weights", "weights", [*two_element_tuple(kernel_size), channels, depth_multiplier], weights_initializer,
                        weights_regularizer)
    outputs = tf.nn.depthwise_conv2d(inputs, weights, [1, 1, *steps] if order == "channels_first" else [1, *steps, 1], padding,
                                     rate=two_element_tuple(rate), data_format=data_format)
    if normalizer_fn is None and biases_initializer is not None:
        biases = parameter("biases", "biases", [depth_multiplier * channels], biases_initializer, biases_regularizer)
        outputs = tf.nn.bias_add(outputs, biases, data_format=data_format)
    return outputs
