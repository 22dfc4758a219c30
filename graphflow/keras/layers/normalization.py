"""BatchNormalization and LayerNormalization."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...layers import normalization as plain
from ..backend.state import learning_phase
from ..engine.layer import Layer
from .arguments import config_of, take


@export("keras.layers.BatchNormalization")
class BatchNormalization(plain.BatchNormalization, Layer):
    """gamma (inputs - mean) / sqrt(variance + epsilon) + beta: statistics of the batch while training, moving ones otherwise."""
    supports_masking = True

    def __init__(self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
                 beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", moving_mean_initializer: Any = "zeros",
                 moving_variance_initializer: Any = "ones", beta_regularizer: Any = None, gamma_regularizer: Any = None,
                 beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
                 renorm_momentum: float = 0.99, fused: bool | None = None, trainable: bool = True,
                 virtual_batch_size: int | None = None, adjustment: Any = None, name: str | None = None, **kwargs: Any):
        Layer.__init__(self, trainable=trainable, name=name, **kwargs)
        refused = [n for n, given in (("renorm", renorm), ("virtual_batch_size", virtual_batch_size is not None),
                                      ("adjustment", adjustment is not None)) if given]
        if refused:
            raise NotImplementedError(f"BatchNormalization: {', '.join(refused)} is not there; leave it out, or build the normalization "
                                      "from "
                                      "tf.nn.moments and tf.nn.batch_normalization.")
        self.axis = list(axis) if isinstance(axis, (list, tuple)) else [int(axis)]
        self._given_axis = axis
        self.momentum, self.epsilon, self.center, self.scale, self.fused = momentum, epsilon, center, scale, fused
        take(self, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer, moving_mean_initializer=moving_mean_initializer,
             moving_variance_initializer=moving_variance_initializer, beta_regularizer=beta_regularizer,
             gamma_regularizer=gamma_regularizer,
             beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)

    def build(self, input_shape: Any) -> None:
        self._scope = _NoScope()
        super().build(input_shape)

    def call(self, inputs: Any, training: Any = None) -> Any:
        training = learning_phase() if training is None else training
        return super().call(inputs, training)

    def get_config(self) -> dict[str, Any]:
        axis = list(self.axis) if self.built or isinstance(self._given_axis, (list, tuple)) else self._given_axis
        return {**super().get_config(), "axis": axis, **config_of(
            self, "momentum", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer", "moving_mean_initializer",
            "moving_variance_initializer", "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")}


class _NoScope:
    """Stands for the variable scope that layers of tf.layers have."""
    partitioner = None

    def set_partitioner(self, partitioner: Any) -> None:
        """There is none."""


@export("keras.layers.LayerNormalization")
class LayerNormalization(Layer):
    """gamma (inputs - mean) / sqrt(variance + epsilon) + beta, with the statistics of each sample along `axis` (Ba and others, 2016)."""
    supports_masking = True

    def __init__(self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True, beta_initializer: Any = "zeros",
                 gamma_initializer: Any = "ones", beta_regularizer: Any = None, gamma_regularizer: Any = None, beta_constraint: Any = None,
                 gamma_constraint: Any = None, trainable: bool = True, name: str | None = None, **kwargs: Any):
        super().__init__(name=name, trainable=trainable, **kwargs)
        self.axis: Any = list(axis) if isinstance(axis, (list, tuple)) else axis
        self.epsilon, self.center, self.scale = epsilon, center, scale
        take(self, beta_initializer=beta_initializer, gamma_initializer=gamma_initializer, beta_regularizer=beta_regularizer,
             gamma_regularizer=gamma_regularizer, beta_constraint=beta_constraint, gamma_constraint=gamma_constraint)

    def build(self, input_shape: Any) -> None:
        sizes = tf.TensorShape(input_shape).as_list()
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        self.axis = [a % len(sizes) for a in axes]
        shape = [sizes[a] for a in self.axis]
        if None in shape:
            raise ValueError(f"Input has an unknown size along axis {self.axis}: {sizes}")
        self.gamma = self.add_weight("gamma", shape, initializer=self.gamma_initializer, regularizer=self.gamma_regularizer,
                                     constraint=self.gamma_constraint) if self.scale else None
        self.beta = self.add_weight("beta", shape, initializer=self.beta_initializer, regularizer=self.beta_regularizer,
                                    constraint=self.beta_constraint) if self.center else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        known = inputs.static
        spread = [known[i] if i in self.axis else 1 for i in range(len(known))]

        def across(v: Any) -> Any:
            return None if v is None else v if self.axis == [len(known) - 1] else tf.reshape(v, spread)
        mean, variance = tf.nn.moments(inputs, self.axis, keep_dims=True)
        outputs = tf.nn.batch_normalization(inputs, mean, variance, across(self.beta), across(self.gamma), self.epsilon)
        outputs.set_shape(known)
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(self, "axis", "epsilon", "center", "scale", "beta_initializer", "gamma_initializer",
                                                    "beta_regularizer", "gamma_regularizer", "beta_constraint", "gamma_constraint")}
