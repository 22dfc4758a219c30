"""layer_norm, instance_norm and group_norm of tf.contrib.layers: normalization by the statistics of each example alone."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from .collecting import channels_of, finish, get_variable_collections


def _ranked(inputs: Any) -> Any:
    inputs = tf.convert_to_tensor(inputs)
    if inputs.shape.ndims is None:
        raise ValueError(f"Inputs {inputs.name} has undefined rank. Give it one with set_shape or tf.reshape.")
    return inputs


def _parameter(name: str, start: Any, wanted: bool, shape: Any, inputs: Any, initializers: Any, variables_collections: Any,
               trainable: bool, across: Any = None) -> Any:
    """The variable beta or gamma, reshaped to be broadcast; None where it is not wanted."""
    if not wanted:
        return None
    variable = model_variable(name, shape=shape, dtype=inputs.dtype.base_dtype, initializer=(initializers or {}).get(name, start),
                              collections=get_variable_collections(variables_collections, name), trainable=trainable)
    return variable if across is None else tf.reshape(variable, across)


@export("contrib.layers.layer_norm", "contrib.slim.layer_norm")
@add_arg_scope
def layer_norm(inputs: Any, center: bool = True, scale: bool = True, activation_fn: Any = None, reuse: Any = None,
               variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, begin_norm_axis: int = 1,
               begin_params_axis: int = -1, scope: Any = None) -> Any:
    """inputs normalized over the axes from begin_norm_axis on (Ba et al., 2016); beta and gamma have the axes from begin_params_axis on.

    Raises ValueError where the rank, or a size that beta and gamma need, is unknown.
    """
    with tf.variable_scope(scope, "LayerNorm", [inputs], reuse=reuse) as sc:
        inputs = _ranked(inputs)
        rank = inputs.shape.ndims
        first = begin_norm_axis + rank if begin_norm_axis < 0 else begin_norm_axis
        if begin_params_axis >= rank or first >= rank:
            raise ValueError(f"begin_params_axis ({begin_params_axis}) and begin_norm_axis ({first}) must be < rank(inputs) ({rank})")
        shape = inputs.shape[begin_params_axis:]
        if not shape.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name}: shape(inputs)[{begin_params_axis}:] is not fully defined: {inputs.shape}")
        beta = _parameter("beta", tf.zeros_initializer(), center, shape, inputs, None, variables_collections, trainable)
        gamma = _parameter("gamma", tf.ones_initializer(), scale, shape, inputs, None, variables_collections, trainable)
        mean, variance = tf.nn.moments(inputs, list(range(first, rank)), keep_dims=True)
        epsilon = 1e-3 if inputs.dtype.base_dtype == tf.float16 else 1e-12
        outputs = tf.nn.batch_normalization(inputs, mean, variance, offset=beta, scale=gamma, variance_epsilon=epsilon)
        outputs.set_shape(inputs.shape)
        return finish(outputs, sc, outputs_collections, activation_fn)


@export("contrib.layers.instance_norm", "contrib.slim.instance_norm")
@add_arg_scope
def instance_norm(inputs: Any, center: bool = True, scale: bool = True, epsilon: float = 1e-6, activation_fn: Any = None,
                  param_initializers: Any = None, reuse: Any = None, variables_collections: Any = None, outputs_collections: Any = None,
                  trainable: bool = True, data_format: str = "NHWC", scope: Any = None) -> Any:
    """Each channel of each example less its mean, over its deviation (Ulyanov et al., 2016)."""
    inputs = _ranked(inputs)
    channels_first = channels_of(data_format) == "channels_first"
    with tf.variable_scope(scope, "InstanceNorm", [inputs], reuse=reuse) as sc:
        rank = inputs.shape.ndims
        axis = 1 if channels_first else rank - 1
        shape = inputs.shape[axis:axis + 1]
        if not shape.is_fully_defined():
            raise ValueError(f"Inputs {inputs.name} has undefined channels dimension {shape}.")
        across = [1, *shape.as_list(), *[1] * (rank - 2)] if channels_first else None
        beta = _parameter("beta", tf.zeros_initializer(), center, shape, inputs, param_initializers, variables_collections, trainable,
                          across)
        gamma = _parameter("gamma", tf.ones_initializer(), scale, shape, inputs, param_initializers, variables_collections, trainable,
                           across)
        mean, variance = tf.nn.moments(inputs, [i for i in range(1, rank) if i != axis], keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, epsilon, name="instancenorm")
        return finish(outputs, sc, outputs_collections, activation_fn)


@export("contrib.layers.group_norm", "contrib.slim.group_norm")
@add_arg_scope
def group_norm(inputs: Any, groups: int = 32, channels_axis: int = -1, reduction_axes: Any = (-3, -2), center: bool = True,
               scale: bool = True, epsilon: float = 1e-6, activation_fn: Any = None, param_initializers: Any = None, reuse: Any = None,
               variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, scope: Any = None,
               mean_close_to_zero: bool = False) -> Any:
    """inputs normalized over reduction_axes and over the channels of one of `groups` groups (Wu and He, 2018).

    mean_close_to_zero: the variance from sums of squares, which loses digits where means are large. Raises ValueError for axes that
    are not there or whose sizes are unknown, and for a number of channels that is no multiple of groups.
    """
    inputs = _ranked(inputs)
    rank, sizes = inputs.shape.ndims, inputs.shape.as_list()
    if channels_axis > rank - 1:
        raise ValueError("Axis is out of bounds.")
    now = tf.shape(inputs)
    whole = [now[i] if size is None else size for i, size in enumerate(sizes)]
    axis = channels_axis + rank if channels_axis < 0 else channels_axis
    channels = sizes[axis]
    if channels is None:
        raise ValueError(f"Inputs {inputs.name} has undefined channel dimension: {axis}.")
    reduced = [a + rank if a < 0 else a for a in reduction_axes]
    for a in reduced:
        if a >= rank:
            raise ValueError("Axis is out of bounds.")
        if sizes[a] is None:
            raise ValueError(f"Inputs {inputs.name} has undefined dimensions {a}.")
        if a == axis:
            raise ValueError("reduction_axis must be mutually exclusive with channels_axis")
    if groups > channels:
        raise ValueError(f"Invalid groups {groups} for {channels} channels.")
    if channels % groups:
        raise ValueError(f"{channels} channels is not commensurate with {groups} groups.")
    parts = [groups, channels // groups]
    across = [1] * axis + parts + [1] * (rank - axis - 1)
    inputs = tf.reshape(inputs, whole[:axis] + parts + whole[axis + 1:])
    axes = [axis + 1, *(a + 1 if a > axis else a for a in reduced)]
    with tf.variable_scope(scope, "GroupNorm", [inputs], reuse=reuse) as sc:
        beta = _parameter("beta", tf.zeros_initializer(), center, [channels], inputs, param_initializers, variables_collections, trainable,
                          across)
        gamma = _parameter("gamma", tf.ones_initializer(), scale, [channels], inputs, param_initializers, variables_collections, trainable,
                           across)
        if mean_close_to_zero:
            count, mean_sum, square_sum, _ = tf.nn.sufficient_statistics(inputs, axes, keep_dims=True)
            mean, variance = tf.nn.normalize_moments(count, mean_sum, square_sum, shift=None)
        else:
            mean, variance = tf.nn.moments(inputs, axes, keep_dims=True)
        gain = tf.rsqrt(variance + epsilon)
        offset = -mean * gain
        if gamma is not None:
            gain, offset = gain * gamma, offset * gamma
        if beta is not None:
            offset = offset + beta
        return finish(tf.reshape(inputs * gain + offset, whole), sc, outputs_collections, activation_fn)
