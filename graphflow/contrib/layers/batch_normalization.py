"""tf.contrib.layers.batch_norm. Ioffe and Szegedy, "Batch normalization", 2015.

Where it does what tf.layers.BatchNormalization does it is that layer; what that layer cannot (updates at once or in other collections,
weights of the examples, zero-debiased means, inputs of rank 2 by the fused operation) is built here.
"""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.moving_averages import assign_moving_average
from ..framework.arg_scopes import add_arg_scope
from ..framework.model_variables import model_variable
from .collecting import add_variable, channels_of, constant_value, finish, get_variable_collections, smart_cond, variable_getter

_KINDS = ("moving_mean", "moving_variance", "beta", "gamma")


@export("contrib.layers.batch_norm", "contrib.slim.batch_norm")
@add_arg_scope
def batch_norm(inputs: Any, decay: float = 0.999, center: bool = True, scale: bool = False, epsilon: float = 0.001,
               activation_fn: Any = None, param_initializers: Any = None, param_regularizers: Any = None,
               updates_collections: Any = tf.GraphKeys.UPDATE_OPS, is_training: Any = True, reuse: Any = None,
               variables_collections: Any = None, outputs_collections: Any = None, trainable: bool = True, batch_weights: Any = None,
               fused: bool | None = None, data_format: str = "NHWC", zero_debias_moving_mean: bool = False, scope: Any = None,
               renorm: bool = False, renorm_clipping: Any = None, renorm_decay: float = 0.99, adjustment: Any = None) -> Any:
    """inputs less their mean, over their deviation, times gamma plus beta: by the batch where is_training, else by moving statistics.

    inputs: any rank with channels last (NHWC) or second (NCHW), their number known. is_training: bool or scalar tensor.
    updates_collections: where the updates of the moving statistics go, for the training step to run; None: they happen before the output.
    param_initializers, param_regularizers: {'beta', 'gamma', 'moving_mean', 'moving_variance': ...}. batch_weights: one for each example.
    zero_debias_moving_mean: corrects the mean's start from 0. renorm, renorm_clipping, renorm_decay, adjustment: NotImplementedError.
    """
    channels_of(data_format)
    inputs = tf.convert_to_tensor(inputs)
    plain = updates_collections == tf.GraphKeys.UPDATE_OPS and not zero_debias_moving_mean
    fits = batch_weights is None and not renorm and adjustment is None and inputs.shape.ndims in (2, 4)
    if fused in (None, True) and fits and (not plain or inputs.shape.ndims == 2):
        how: _Normalizer = _Fused(decay, epsilon, updates_collections, is_training, data_format, zero_debias_moving_mean)
    elif batch_weights is None and plain:
        return _by_layer(inputs, decay, center, scale, epsilon, activation_fn, param_initializers or {}, param_regularizers or {},
                         is_training, reuse, variables_collections, outputs_collections, trainable, True if fused is None else fused,
                         data_format, scope, {"renorm": renorm, "renorm_clipping": renorm_clipping, "renorm_momentum": renorm_decay,
                                              "adjustment": adjustment})
    elif renorm:
        raise ValueError("renorm is not supported with batch_weights, updates_collections or zero_debias_moving_mean")
    else:
        how = _Moments(decay, epsilon, updates_collections, is_training, data_format, zero_debias_moving_mean)
        how.batch_weights = batch_weights
    getter = None if how.fused else variable_getter()
    with tf.variable_scope(scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=getter) as sc:
        return finish(how.normalize(inputs, center, scale, param_initializers or {}, param_regularizers or {}, variables_collections,
                                    trainable), sc, outputs_collections, activation_fn)


def _by_layer(inputs: Any, decay: float, center: bool, scale: bool, epsilon: float, activation_fn: Any, initializers: Any,
              regularizers: Any, is_training: Any, reuse: Any, variables_collections: Any, outputs_collections: Any, trainable: bool,
              fused: bool, data_format: str, scope: Any, more: dict[str, Any]) -> Any:
    with tf.variable_scope(scope, "BatchNorm", [inputs], reuse=reuse, custom_getter=variable_getter()) as sc:
        zeros, ones = tf.zeros_initializer(), tf.ones_initializer()
        layer = tf.layers.BatchNormalization(
            1 if data_format == "NCHW" else -1, decay, epsilon, center, scale, beta_initializer=initializers.get("beta", zeros),
            gamma_initializer=initializers.get("gamma", ones), moving_mean_initializer=initializers.get("moving_mean", zeros),
            moving_variance_initializer=initializers.get("moving_variance", ones), beta_regularizer=regularizers.get("beta"),
            gamma_regularizer=regularizers.get("gamma"), trainable=trainable, name=sc.name, fused=fused, _scope=sc, _reuse=reuse, **more)
        outputs = layer(inputs, training=is_training)
        for kind in _KINDS:
            if getattr(layer, kind) is not None:
                add_variable(getattr(layer, kind), variables_collections, kind)
        return finish(outputs, sc, outputs_collections, activation_fn)


class _Normalizer:
    """What the two ways that are built here share: their variables, and how the moving statistics are updated."""

    fused = False

    def __init__(self, decay: float, epsilon: float, updates_collections: Any, is_training: Any, data_format: str, zero_debias: bool):
        self.decay, self.epsilon, self.updates_collections, self.is_training = decay, epsilon, updates_collections, is_training
        self.first, self.data_format, self.zero_debias = data_format == "NCHW", data_format, zero_debias
        self.batch_weights: Any = None

    def normalize(self, inputs: Any, center: bool, scale: bool, initializers: Any, regularizers: Any, variables_collections: Any,
                  trainable: bool) -> Any:
        raise NotImplementedError

    def parameters(self, shape: Any, dtype: Any, center: bool, scale: bool, initializers: Any, regularizers: Any,
                   variables_collections: Any, trainable: bool) -> tuple[Any, Any, Any, Any]:
        """beta, gamma (None where there is none), moving mean and variance."""

        def make(name: str, start: Any, learned: bool) -> Any:
            return model_variable(name, shape=shape, dtype=dtype, initializer=initializers.get(name, start),
                                  regularizer=regularizers.get(name) if learned else None,
                                  collections=get_variable_collections(variables_collections, name), trainable=learned and trainable)

        beta = make("beta", tf.zeros_initializer(), True) if center else self.none(0.0, dtype, shape)
        gamma = make("gamma", tf.ones_initializer(), True) if scale else self.none(1.0, dtype, shape)
        with tf.variable_scope(tf.get_variable_scope()) as local:
            local.set_partitioner(None)       # moving statistics are never cut in slices
            mean = make("moving_mean", tf.zeros_initializer(), False)
            variance = make("moving_variance", tf.ones_initializer(), False)
        return beta, gamma, mean, variance

    def none(self, value: float, dtype: Any, shape: Any) -> Any:
        """What stands for a parameter that is left out."""
        return None

    def update(self, moving: tuple[Any, Any], batch: tuple[Any, Any]) -> list[Any]:
        return [assign_moving_average(moving[0], batch[0], self.decay, zero_debias=self.zero_debias),
                assign_moving_average(moving[1], batch[1], self.decay, zero_debias=False)]

    def collect(self, moving: tuple[Any, Any], batch: tuple[Any, Any]) -> None:
        """Puts the updates, or the variables where it is not training, in their collections."""
        for update in smart_cond(self.is_training, lambda: self.update(moving, batch), lambda: list(moving)):
            tf.add_to_collections(self.updates_collections, update)


class _Fused(_Normalizer):
    """By the fused operation; rows of rank 2 are images of one pixel."""

    fused = True

    def none(self, value: float, dtype: Any, shape: Any) -> Any:
        return tf.constant(value, dtype=dtype, shape=shape)

    def normalize(self, inputs: Any, center: bool, scale: bool, initializers: Any, regularizers: Any, variables_collections: Any,
                  trainable: bool) -> Any:
        given = inputs
        channels = inputs.shape.as_list()[1 if self.first else -1]
        if channels is None:
            raise ValueError(f"Inputs {inputs.name} has undefined `C` dimension: {inputs.shape}. Give the placeholder that size.")
        if given.shape.ndims == 2:
            inputs = tf.reshape(inputs, [-1, channels, 1, 1] if self.first else [-1, 1, 1, channels])
        beta, gamma, *moving = self.parameters([channels], tf.float32, center, scale, initializers, regularizers, variables_collections,
                                               trainable)

        def by_batch() -> Any:
            return tf.nn.fused_batch_norm(inputs, gamma, beta, epsilon=self.epsilon, data_format=self.data_format)

        def by_moving() -> Any:
            return tf.nn.fused_batch_norm(inputs, gamma, beta, mean=moving[0], variance=moving[1], epsilon=self.epsilon, is_training=False,
                                          data_format=self.data_format)

        outputs, mean, variance = smart_cond(self.is_training, by_batch, by_moving)
        if constant_value(self.is_training) in (None, True, 1):
            if self.updates_collections is None:
                outputs = self._updated(outputs, (moving[0], moving[1]), (mean, variance))
            else:
                self.collect((moving[0], moving[1]), (mean, variance))
        outputs.set_shape(inputs.shape)
        if given.shape.ndims != 2:
            return outputs
        rows = given.shape.as_list()[0]
        return tf.reshape(outputs, [-1 if rows is None else rows, channels])

    def _updated(self, outputs: Any, moving: tuple[Any, Any], batch: tuple[Any, Any]) -> Any:
        def update() -> Any:
            with tf.control_dependencies(self.update(moving, batch)):
                return tf.identity(outputs)

        return smart_cond(self.is_training, update, lambda: outputs)


class _Moments(_Normalizer):
    """By means and products, for any rank and with weights of the examples."""

    def normalize(self, inputs: Any, center: bool, scale: bool, initializers: Any, regularizers: Any, variables_collections: Any,
                  trainable: bool) -> Any:
        rank, shape = inputs.shape.ndims, inputs.shape
        if rank is None:
            raise ValueError(f"Inputs {inputs.name} has undefined rank. Give it one with set_shape or tf.reshape.")
        channels = shape.as_list()[1 if self.first else -1]
        if channels is None:
            raise ValueError(f"Inputs {inputs.name} has undefined channels dimension: {shape}. Give the placeholder that size.")
        weights = self.batch_weights
        if weights is not None:
            weights = tf.convert_to_tensor(weights)
            shape[0:1].assert_is_compatible_with(weights.shape)
            weights = tf.reshape(weights, [-1] + [1] * (rank - 1))
        beta, gamma, *moving = self.parameters([channels], inputs.dtype.base_dtype, center, scale, initializers, {}, variables_collections,
                                               trainable)
        mean, variance = self._statistics(inputs, weights, (moving[0], moving[1]))
        if self.first:
            across = [1, channels] + [1] * (rank - 2)
            mean, variance, beta, gamma = (None if v is None else tf.reshape(v, across) for v in (mean, variance, beta, gamma))
        outputs = tf.nn.batch_normalization(inputs, mean, variance, beta, gamma, self.epsilon)
        outputs.set_shape(shape)
        return outputs

    def _statistics(self, inputs: Any, weights: Any, moving: tuple[Any, Any]) -> Any:
        if constant_value(self.is_training) not in (None, True, 1):
            return moving
        rank = inputs.shape.ndims
        axes = [0, *range(2, rank)] if self.first else list(range(rank - 1))
        if weights is None:
            found = tf.nn.moments(inputs, axes, keep_dims=self.first)
        else:
            found = tf.nn.weighted_moments(inputs, axes, weights, keep_dims=self.first)
        batch = (tf.reshape(found[0], [-1]), tf.reshape(found[1], [-1])) if self.first else (found[0], found[1])
        if self.updates_collections is not None:
            self.collect(moving, batch)
            return smart_cond(self.is_training, lambda: batch, lambda: moving)

        def update() -> Any:
            with tf.control_dependencies(self.update(moving, batch)):
                return tf.identity(batch[0]), tf.identity(batch[1])

        return smart_cond(self.is_training, update, lambda: moving)
