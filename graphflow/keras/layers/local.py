"""Convolutions whose kernel is another one at each place."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ...layers.arguments import sizes_of
from ...layers.convolution import out_length
from ..backend.settings import data_format_of
from ..engine.layer import Layer
from .arguments import config_of, take


class _Local(Layer):
    rank = 1

    def __init__(self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", data_format: Any = None,
                 activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, implementation: int = 1,
                 **kwargs: Any):
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        name = type(self).__name__
        if padding.lower() != "valid":
            raise ValueError(f"Invalid border mode for {name} (only \"valid\" is supported): {padding}")
        if implementation != 1:
            raise NotImplementedError(f"{name}(implementation={implementation}): weights are kept as implementation 1 has them; leave the "
                                      "argument out.")
        self.filters, self.padding, self.implementation = filters, "valid", implementation
        self.kernel_size, self.strides = sizes_of(kernel_size, self.rank, "kernel_size"), sizes_of(strides, self.rank, "strides")
        self.data_format = data_format_of(data_format)
        take(self, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer, bias_initializer=bias_initializer,
             kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
             bias_constraint=bias_constraint)
        self.input_spec = tf.keras.layers.InputSpec(ndim=self.rank + 2)

    def _space(self, input_shape: Any) -> list[Any]:
        sizes = tf.TensorShape(input_shape).as_list()
        space = sizes[2:] if self.data_format == "channels_first" else sizes[1:-1]
        return [out_length(n, k, "valid", s, 1) for n, k, s in zip(space, self.kernel_size, self.strides)]

    def build(self, input_shape: Any) -> None:
        sizes = tf.TensorShape(input_shape).as_list()
        channels: Any = sizes[1] if self.data_format == "channels_first" else sizes[-1]
        self._places = self._space(input_shape)
        if channels is None or None in self._places:
            raise ValueError(f"The spatial dimensions and channels of the inputs to a {type(self).__name__} layer should be fully-defined, "
                             f"but layer received an inputs shape {sizes}: its weights differ from place to place.")
        count = int(np.prod(self._places))
        self.kernel = self.add_weight("kernel", (count, int(np.prod(self.kernel_size)) * channels, self.filters),
                                      initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
                                      constraint=self.kernel_constraint)
        self.bias: Any = None
        if self.use_bias:
            self.bias = self.add_weight("bias", (*self._places, self.filters), initializer=self.bias_initializer,
                                        regularizer=self.bias_regularizer, constraint=self.bias_constraint)
        self.built = True

    def call(self, inputs: Any) -> Any:
        first, rank = self.data_format == "channels_first", self.rank
        x: Any = tf.transpose(inputs, [0, *range(2, rank + 2), 1]) if first else inputs
        channels = x.shape.as_list()[-1]
        for axis, (count, size, stride) in enumerate(zip(self._places, self.kernel_size, self.strides)):
            x = tf.gather(x, np.arange(count)[:, None] * stride + np.arange(size), axis=1 + 2 * axis)       # [batch, place, within, ...]
        places, within = [1 + 2 * i for i in range(rank)], [2 + 2 * i for i in range(rank)]
        inner = [2 * rank + 1, *within] if first else [*within, 2 * rank + 1]
        x = tf.transpose(x, [0, *places, *inner])
        patches = tf.reshape(x, [-1, int(np.prod(self._places)), int(np.prod(self.kernel_size)) * channels])
        found = tf.transpose(tf.matmul(tf.transpose(patches, [1, 0, 2]), self.kernel), [1, 0, 2])
        found = tf.reshape(found, [-1, *self._places, self.filters])
        if not first:
            return self.activation(found if self.bias is None else found + self.bias)
        found = tf.transpose(found, [0, rank + 1, *range(1, rank + 1)])
        if self.bias is not None:
            found = found + tf.reshape(self.bias, (1, self.filters, *self._places))       # Keras takes the numbers in this order
        return self.activation(found)

    def compute_output_shape(self, input_shape: Any) -> Any:
        batch, space = tf.TensorShape(input_shape).as_list()[0], self._space(input_shape)
        return tf.TensorShape([batch, self.filters, *space] if self.data_format == "channels_first" else [batch, *space, self.filters])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(
            self, "filters", "kernel_size", "strides", "padding", "data_format", "activation", "use_bias", "kernel_initializer",
            "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
            "implementation")}


@export("keras.layers.LocallyConnected1D")
class LocallyConnected1D(_Local):
    """Convolution along one axis with another kernel at each place: inputs [batch, length, channels], both known."""


@export("keras.layers.LocallyConnected2D")
class LocallyConnected2D(_Local):
    """Convolution of images with another kernel at each place: inputs [batch, height, width, channels], all known but the batch."""
    rank = 2
