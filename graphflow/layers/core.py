"""Dense, Dropout and Flatten."""
from __future__ import annotations

import math
from typing import Any

from ..core import shapes
from ..core.constant import constant
from ..core.convert import convert_to_tensor
from ..core.dtypes import as_dtype
from ..core.export import export
from ..core.tensor import Tensor
from ..core.tensor_shape import TensorShape, as_shape
from ..ops.array.axes import expand_dims, transpose
from ..ops.array.basic import identity, reshape, shape
from ..ops.linalg.matmul import matmul
from ..ops.linalg.products import tensordot
from ..ops.nn.bias import bias_add
from ..ops.nn.dropout import dropout as nn_dropout
from .arguments import ZEROS, activation_of, choose, format_of, initializer_of
from .base import Layer
from .spec import InputSpec


@export("layers.Dense")
class Dense(Layer):
    """activation(inputs kernel + bias): inputs [..., n] become [..., units]; n must be known."""

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
                 bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
                 name: str | None = None, **kwargs: Any):
        super().__init__(trainable, name, activity_regularizer=activity_regularizer, **kwargs)
        self.units = int(units)
        if self.units <= 0:
            raise ValueError(f"Received an invalid value for `units`, expected a positive integer. Received: {units}")
        self.activation, self.use_bias = activation_of(activation), use_bias
        self.kernel_initializer, self.bias_initializer = initializer_of(kernel_initializer), initializer_of(bias_initializer)
        self.kernel_regularizer, self.bias_regularizer = kernel_regularizer, bias_regularizer
        self.kernel_constraint, self.bias_constraint = kernel_constraint, bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        dtype = as_dtype(self._dtype or "float32")
        if not (dtype.is_floating or dtype.is_complex):
            raise TypeError(f"A Dense layer can only be built with a floating-point dtype. Received: {self._dtype}; tf.cast the inputs "
                            "to tf.float32 first.")
        known = shapes.as_tuple(input_shape)
        if not known or known[-1] is None:
            raise ValueError("The last dimension of the inputs to a Dense layer should be defined. Found None. Full input shape received: "
                             f"{known}")
        self.kernel = self.add_weight("kernel", [known[-1], self.units], initializer=self.kernel_initializer,
                                      regularizer=self.kernel_regularizer, constraint=self.kernel_constraint)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight("bias", [self.units], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                                        constraint=self.bias_constraint)
        self.input_spec = InputSpec(min_ndim=2, axes={-1: known[-1]})
        self.built = True

    def call(self, inputs: Any) -> Any:
        known = inputs.static
        if known is None or len(known) == 2:
            outputs = matmul(inputs, self.kernel)
        else:
            outputs = tensordot(inputs, self.kernel, [[len(known) - 1], [0]])
            outputs.set_shape([*known[:-1], self.units])
        if self.bias is not None:
            outputs = bias_add(outputs, self.bias)
        return self.activation(outputs) if self.activation is not None else outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        known = shapes.as_tuple(input_shape)
        return TensorShape(None) if known is None else TensorShape([*known[:-1], self.units])


@export("layers.dense")
def dense(inputs: Any, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = None,
          bias_initializer: Any = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
          activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True,
          name: str | None = None, reuse: Any = None) -> Tensor:
    """activation(inputs kernel + bias): inputs [..., n] become [..., units].

    The variables are `name`/kernel [n, units] and `name`/bias [units]; reuse takes those of an earlier layer of that name.
    """
    return Dense(units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
                 activity_regularizer, kernel_constraint, bias_constraint, trainable, name, _scope=name, _reuse=reuse)(inputs)


@export("layers.Dropout")
class Dropout(Layer):
    """Sets a share `rate` of the inputs to 0 while training and multiplies the others by 1 / (1 - rate)."""

    def __init__(self, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, name: str | None = None, **kwargs: Any):
        super().__init__(name=name, **kwargs)
        if isinstance(rate, (int, float)) and not 0 <= rate <= 1:
            raise ValueError(f"Invalid value {rate} received for `rate`, expected a value between 0 and 1.")
        self.rate, self.noise_shape, self.seed = rate, noise_shape, seed

    def call(self, inputs: Any, training: Any = False) -> Any:
        return choose(training, lambda: nn_dropout(inputs, noise_shape=self._noise_shape(inputs), seed=self.seed, rate=self.rate),
                      lambda: identity(inputs))

    def _noise_shape(self, inputs: Any) -> Any:
        """noise_shape with the inputs' sizes, read when the graph runs, in place of None."""
        wanted = self.noise_shape
        if not isinstance(wanted, (list, tuple)):
            return wanted
        sizes = shape(inputs)
        return convert_to_tensor([sizes[i] if n is None else n for i, n in enumerate(wanted)])

    def compute_output_shape(self, input_shape: Any) -> Any:
        return as_shape(input_shape)


@export("layers.dropout")
def dropout(inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: int | None = None, training: Any = False,
            name: str | None = None) -> Tensor:
    """inputs with a share `rate` set to 0 and the rest scaled up, where `training` (a bool or a tensor) is true; else inputs."""
    return Dropout(rate, noise_shape, seed, name)(inputs, training=training)


@export("layers.Flatten")
class Flatten(Layer):
    """Inputs [batch, ...] as [batch, everything else]."""

    def __init__(self, data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = format_of(data_format or "channels_last")
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Any:
        rank = len(inputs.static)
        if self.data_format == "channels_first" and rank > 1:
            inputs = transpose(inputs, [0, *range(2, rank), 1])
        known = inputs.static
        if rank == 1:
            return expand_dims(inputs, axis=1)
        if None not in known[1:]:
            return reshape(inputs, constant([-1, math.prod(known[1:])]))
        if known[0] is not None:
            return reshape(inputs, constant([known[0], -1]))
        return reshape(inputs, [shape(inputs)[0], -1])

    def compute_output_shape(self, input_shape: Any) -> Any:
        known = shapes.as_tuple(input_shape)
        if known is None:
            return TensorShape([None, None])
        return TensorShape([known[0], shapes.num_elements(known[1:])])


@export("layers.flatten")
def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Tensor:
    """inputs [batch, ...] as [batch, everything else]."""
    return Flatten(data_format, name=name)(inputs)
