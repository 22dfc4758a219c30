"""tf.contrib.layers.fully_connected, the same with an activation in its name, bias_add, and the layer functions of the first TensorFlow."""
from __future__ import annotations

import functools
from typing import Any

import graphflow as tf

from ...core.export import export, export_values
from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from .collecting import channels_of, finish, get_variable_collections, run_layer, variable_getter
from .random_initializers import XAVIER, ZEROS

NAMES = {"bias": "biases", "kernel": "weights"}


@export("contrib.layers.fully_connected", "contrib.slim.fully_connected")
@add_arg_scope
def fully_connected(inputs: Any, num_outputs: int, activation_fn: Any = tf.nn.relu, normalizer_fn: Any = None,
                    normalizer_params: Any = None, weights_initializer: Any = XAVIER, weights_regularizer: Any = None,
                    biases_initializer: Any = ZEROS, biases_regularizer: Any = None, reuse: Any = None,
                    variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None) -> Any:
    """activation_fn(inputs weights + biases): inputs [..., n] become [..., num_outputs]; n must be known.

    normalizer_fn (with normalizer_params) stands in place of the biases, which are left out too where biases_initializer is None.
    Variables `weights` and `biases` under `scope`, by default fully_connected, fully_connected_1, ...
    """
    if not hasattr(type(num_outputs), "__index__"):
        raise ValueError(f"num_outputs type should be one of [int], got {type(num_outputs)}.")
    with tf.variable_scope(scope, "fully_connected", [inputs], reuse=reuse, custom_getter=variable_getter(NAMES)) as sc:
        inputs = tf.convert_to_tensor(inputs)
        layer = tf.layers.Dense(int(num_outputs), None, not normalizer_fn and biases_initializer is not None, weights_initializer,
                                biases_initializer, weights_regularizer, biases_regularizer, trainable=trainable, name=sc.name,
                                dtype=inputs.dtype.base_dtype, _scope=sc, _reuse=reuse)
        outputs = run_layer(layer, inputs, variables_collections)
        return finish(outputs, sc, outputs_collections, activation_fn, normalizer_fn, normalizer_params)


@export("contrib.layers.bias_add", "contrib.slim.bias_add")
@add_arg_scope
def bias_add(inputs: Any, activation_fn: Any = None, initializer: Any = ZEROS, regularizer: Any = None,
             reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True,
             data_format: str = "NHWC", scope: Any = None) -> Any:
    """activation_fn(inputs + biases), one for each channel; ValueError where their number is unknown."""
    first = channels_of(data_format) == "channels_first"
    with tf.variable_scope(scope, "BiasAdd", [inputs], reuse=reuse) as sc:
        inputs = tf.convert_to_tensor(inputs)
        rank = inputs.shape.ndims
        if rank is None:
            raise ValueError("Dims of shape must be known but is None")
        if first and rank != 4:
            raise ValueError("Data format NCHW only supports 4D Tensor")
        features = inputs.shape.as_list()[1 if first else -1]
        if features is None:
            raise ValueError("`C` dimension must be known but is None")
        biases = model_variable("biases", shape=[features], dtype=inputs.dtype.base_dtype, initializer=initializer,
                                regularizer=regularizer, trainable=trainable,
                                collections=get_variable_collections(variables_collections, "biases"))
        return finish(tf.nn.bias_add(inputs, biases, data_format=data_format), sc, outputs_collections, activation_fn)


@export("contrib.layers.legacy_fully_connected")
def legacy_fully_connected(x: Any, num_output_units: int, activation_fn: Any = None, weight_init: Any = XAVIER,
                           bias_init: Any = ZEROS, name: str | None = None,
                           weight_collections: Any = (tf.GraphKeys.WEIGHTS,), bias_collections: Any = (tf.GraphKeys.BIASES,),
                           output_collections: Any = (tf.GraphKeys.ACTIVATIONS,), trainable: bool = True,
                           weight_regularizer: Any = None, bias_regularizer: Any = None) -> Any:
    """activation_fn(x weights + bias) of the first TensorFlow: variables `weights` and `bias` in GraphKeys.WEIGHTS and BIASES."""
    with tf.variable_scope(name, "fully_connected", [x]):
        x = tf.convert_to_tensor(x)
        if x.shape.ndims is None:
            raise ValueError("dims of x must be known but is None")
        if x.shape.ndims < 2:
            raise ValueError(f"rank of x must be at least 2 not: {x.shape.ndims}")
        sizes = x.shape.as_list()
        if sizes[-1] is None:
            raise ValueError("last dimension of x must be known but is None")

        def weight(leaf: str, shape: list[int], initializer: Any, collections: Any, regularizer: Any) -> Any:
            return tf.get_variable(leaf, shape=shape, dtype=x.dtype.base_dtype, initializer=initializer, regularizer=regularizer,
                                   trainable=trainable, collections=[*dict.fromkeys([*(collections or ()), tf.GraphKeys.GLOBAL_VARIABLES])])

        w = weight("weights", [sizes[-1], num_output_units], weight_init, weight_collections, weight_regularizer)
        y = tf.matmul(x if len(sizes) <= 2 else tf.reshape(x, [-1, sizes[-1]]), w)
        if bias_init is not None:
            y = tf.nn.bias_add(y, weight("bias", [num_output_units], bias_init, bias_collections, bias_regularizer))
        if len(sizes) > 2:
            y = tf.reshape(y, tf.stack([*tf.unstack(tf.shape(x))[:-1], num_output_units]))
            y.set_shape([*sizes[:-1], num_output_units])
        if activation_fn is not None:
            y = activation_fn(y)
        tf.add_to_collections([*(output_collections or ()), tf.GraphKeys.ACTIVATIONS], y)
        return y


linear = functools.partial(fully_connected, activation_fn=None)
relu = functools.partial(fully_connected, activation_fn=tf.nn.relu)
relu6 = functools.partial(fully_connected, activation_fn=tf.nn.relu6)
elu = functools.partial(fully_connected, activation_fn=tf.nn.elu)
legacy_linear = functools.partial(legacy_fully_connected, activation_fn=None)
legacy_relu = functools.partial(legacy_fully_connected, activation_fn=tf.nn.relu)
export_values(__name__, **{f"contrib__layers__{name}": name for name in ("linear", "relu", "relu6", "elu", "legacy_linear", "legacy_relu")},
              **{f"contrib__slim__{name}": name for name in ("linear", "relu", "relu6", "elu")})
