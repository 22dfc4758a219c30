"""Activations with arguments or weights."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..activations import functions as activations
from ..backend.settings import cast_to_floatx
from ..engine.layer import Layer
from .arguments import config_of, take


class _Elementwise(Layer):
    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        return tf.TensorShape(input_shape)


@export("keras.layers.LeakyReLU")
class LeakyReLU(_Elementwise):
    """x where it is positive, else alpha x."""

    def __init__(self, alpha: Any = 0.3, **kwargs: Any):
        super().__init__(**kwargs)
        if alpha is None:
            raise ValueError(f"The alpha value of a Leaky ReLU layer cannot be None, needs a float. Got {alpha}")
        self.alpha = cast_to_floatx(alpha)

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, alpha=float(self.alpha))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": float(self.alpha)}


@export("keras.layers.PReLU")
class PReLU(_Elementwise):
    """x where it is positive, else alpha x with a learned alpha; shared_axes: axes along which alpha is one."""

    def __init__(self, alpha_initializer: Any = "zeros", alpha_regularizer: Any = None, alpha_constraint: Any = None,
                 shared_axes: Any = None, **kwargs: Any):
        super().__init__(**kwargs)
        take(self, alpha_initializer=alpha_initializer, alpha_regularizer=alpha_regularizer, alpha_constraint=alpha_constraint)
        self.shared_axes = None if shared_axes is None else list(shared_axes) if isinstance(shared_axes, (list, tuple)) else [shared_axes]

    def build(self, input_shape: Any) -> None:
        sizes = tf.TensorShape(input_shape).as_list()[1:]
        for axis in self.shared_axes or ():
            sizes[axis - 1] = 1
        self.alpha = self.add_weight("alpha", sizes, initializer=self.alpha_initializer, regularizer=self.alpha_regularizer,
                                     constraint=self.alpha_constraint)
        self.built = True

    def call(self, inputs: Any) -> Any:
        return tf.nn.relu(inputs) + -self.alpha * tf.nn.relu(-inputs)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **config_of(self, "alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes")}


@export("keras.layers.ELU")
class ELU(_Elementwise):
    """x where it is positive, else alpha (exp(x) - 1)."""

    def __init__(self, alpha: Any = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.alpha = cast_to_floatx(alpha)

    def call(self, inputs: Any) -> Any:
        return activations.elu(inputs, float(self.alpha))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alpha": float(self.alpha)}


@export("keras.layers.ThresholdedReLU")
class ThresholdedReLU(_Elementwise):
    """x where it is above theta, else 0."""

    def __init__(self, theta: Any = 1.0, **kwargs: Any):
        super().__init__(**kwargs)
        self.theta = cast_to_floatx(theta)

    def call(self, inputs: Any) -> Any:
        return inputs * tf.cast(tf.greater(inputs, tf.cast(self.theta, inputs.dtype.base_dtype)), inputs.dtype.base_dtype)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "theta": float(self.theta)}


@export("keras.layers.Softmax")
class Softmax(_Elementwise):
    """exp(x) over its sum along an axis."""

    def __init__(self, axis: int = -1, **kwargs: Any):
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, inputs: Any) -> Any:
        return activations.softmax(inputs, axis=self.axis)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "axis": self.axis}


@export("keras.layers.ReLU")
class ReLU(_Elementwise):
    """max(x, 0), at most max_value; below the threshold negative_slope (x - threshold)."""

    def __init__(self, max_value: Any = None, negative_slope: Any = 0, threshold: Any = 0, **kwargs: Any):
        super().__init__(**kwargs)
        if max_value is not None and max_value < 0.0:
            raise ValueError(f"max_value of a ReLU layer cannot be a negative value. Received: {max_value}")
        if negative_slope is None or negative_slope < 0.0:
            raise ValueError(f"negative_slope of a ReLU layer cannot be a negative value. Received: {negative_slope}")
        self.max_value = None if max_value is None else cast_to_floatx(max_value)
        self.negative_slope, self.threshold = cast_to_floatx(negative_slope), cast_to_floatx(threshold)

    def call(self, inputs: Any) -> Any:
        return activations.relu(inputs, alpha=float(self.negative_slope),
                                max_value=None if self.max_value is None else float(self.max_value),
                                threshold=float(self.threshold))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "max_value": self.max_value, "negative_slope": self.negative_slope, "threshold": self.threshold}
