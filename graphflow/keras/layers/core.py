"""Dense, and layers without weights that change shapes or apply a function."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core import shapes
from ...core.export import export
from ...layers import core as plain
from ..activations import functions as activations
from ..engine.layer import Layer
from .arguments import config_of, take

_WEIGHTS = ("kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint",
            "bias_constraint")


@export("keras.layers.Dense")
class Dense(plain.Dense, Layer):
    """activation(inputs kernel + bias): inputs [..., n] become [..., units]; n must be known."""

    def __init__(self, units: int, activation: Any = None, use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
                 bias_initializer: Any = "zeros", kernel_regularizer: Any = None, bias_regularizer: Any = None,
                 activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None, **kwargs: Any):
        Layer.__init__(self, activity_regularizer=activity_regularizer, **kwargs)
        self.units = units if isinstance(units, int) else int(units)
        if self.units <= 0:
            raise ValueError(f"Received an invalid value for `units`, expected a positive integer. Received: units={units}")
        take(self, activation=activation, use_bias=use_bias, kernel_initializer=kernel_initializer, bias_initializer=bias_initializer,
             kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer, kernel_constraint=kernel_constraint,
             bias_constraint=bias_constraint)
        self.input_spec = tf.keras.layers.InputSpec(min_ndim=2)
        self.supports_masking = True

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(self, "units", "activation", "use_bias", *_WEIGHTS)}


@export("keras.layers.Activation")
class Activation(Layer):
    """A function of each element, or of the last axis (softmax)."""
    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": activations.serialize(self.activation)}


@export("keras.layers.Flatten")
class Flatten(plain.Flatten, Layer):
    """Inputs [batch, ...] as [batch, everything else]."""

    def __init__(self, data_format: Any = None, **kwargs: Any):
        Layer.__init__(self, **kwargs)
        self.data_format = (data_format or tf.keras.backend.image_data_format()).lower()
        self.input_spec = tf.keras.layers.InputSpec(min_ndim=1)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "data_format": self.data_format}


@export("keras.layers.Reshape")
class Reshape(Layer):
    """Inputs [batch, ...] as [batch, *target_shape]; one size may be -1: what is left."""

    def __init__(self, target_shape: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def _known(self, sizes: Any) -> list[Any]:
        """target_shape with its -1 found out, where the inputs' sizes are known."""
        target = list(self.target_shape)
        if -1 not in target:
            total, wanted = shapes.num_elements(tuple(sizes)), shapes.num_elements(tuple(target))
            if total is not None and total != wanted:
                raise ValueError(f"total size of new array must be unchanged, input_shape = {list(sizes)}, output_shape = {target}")
            return target
        if None in sizes:
            return [None if n == -1 else n for n in target]
        rest = 1
        for n in target:
            rest *= n if n != -1 else 1
        total = shapes.num_elements(tuple(sizes)) or 0
        if target.count(-1) > 1 or rest == 0 or total % rest:
            raise ValueError(f"total size of new array must be unchanged, input_shape = {list(sizes)}, output_shape = {target}")
        return [total // rest if n == -1 else n for n in target]

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        return tf.TensorShape([sizes[0], *self._known(sizes[1:])])

    def call(self, inputs: Any) -> Any:
        found = tf.reshape(inputs, tf.stack([tf.shape(inputs)[0], *self.target_shape]))
        if inputs.static is not None:
            found.set_shape(self.compute_output_shape(inputs.static))
        return found

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "target_shape": self.target_shape}


@export("keras.layers.Permute")
class Permute(Layer):
    """Axes in another order: dims counts them from 1, without the batch."""

    def __init__(self, dims: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.dims = tuple(dims)
        if sorted(dims) != list(range(1, len(dims) + 1)):
            raise ValueError(f"Invalid permutation argument `dims` for Permute Layer. The set of indices in `dims` must be consecutive and "
                             f"start from 1. Received dims={dims}")
        self.input_spec = tf.keras.layers.InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Any) -> Any:
        return tf.transpose(inputs, (0, *self.dims))

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        return tf.TensorShape([sizes[0], *(sizes[d] for d in self.dims)])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "dims": self.dims}


@export("keras.layers.RepeatVector")
class RepeatVector(Layer):
    """Inputs [batch, n] as [batch, times, n]: each vector n times."""

    def __init__(self, n: int, **kwargs: Any):
        super().__init__(**kwargs)
        if not isinstance(n, int):
            raise TypeError(f"Expected an integer value for `n`, got {type(n)}.")
        self.n = n
        self.input_spec = tf.keras.layers.InputSpec(ndim=2)

    def call(self, inputs: Any) -> Any:
        return tf.tile(tf.expand_dims(inputs, 1), tf.stack([1, self.n, 1]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        sizes = tf.TensorShape(input_shape).as_list()
        return tf.TensorShape([sizes[0], self.n, sizes[1]])

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "n": self.n}


@export("keras.layers.ActivityRegularization")
class ActivityRegularization(Layer):
    """Passes inputs on and adds l1 sum |x| + l2 sum x^2, over the batch, to the loss."""
    supports_masking = True

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any):
        super().__init__(activity_regularizer=tf.keras.regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1, self.l2 = l1, l2

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "l1": self.l1, "l2": self.l2}


@export("keras.layers.Masking")
class Masking(Layer):
    """Masks time steps whose features all equal mask_value, and sets them to 0."""
    supports_masking = True
    _sets_masks_itself = True

    def __init__(self, mask_value: Any = 0.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return tf.reduce_any(tf.not_equal(inputs, self.mask_value), axis=-1)

    def call(self, inputs: Any) -> Any:
        kept = tf.reduce_any(tf.not_equal(inputs, self.mask_value), axis=-1, keepdims=True)
        outputs = inputs * tf.cast(kept, inputs.dtype.base_dtype)
        outputs._keras_mask = tf.squeeze(kept, axis=-1)
        return outputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mask_value": self.mask_value}
