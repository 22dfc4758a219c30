"""tf.keras.constraints: what is done to a weight after each update."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.settings import epsilon
from ..utils.objects import deserialize_keras_object, interpreted, objects_of, serialize_keras_object


@export("keras.constraints.Constraint")
class Constraint:
    """Base class: `__call__(w)` gives the value that takes w's place."""

    def __call__(self, w: Any) -> Any:
        return w

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A constraint from what `get_config` gave."""
        return cls(**config)


def _norm(w: Any, axis: Any) -> Any:
    return tf.sqrt(tf.reduce_sum(tf.square(w), axis=axis, keepdims=True))


@export("keras.constraints.MaxNorm", "keras.constraints.max_norm")
class MaxNorm(Constraint):
    """Weights whose norm along `axis` is above max_value are scaled down to it."""

    def __init__(self, max_value: float = 2, axis: Any = 0):
        self.max_value, self.axis = max_value, axis

    def __call__(self, w: Any) -> Any:
        norms = _norm(w, self.axis)
        desired = tf.clip_by_value(norms, 0.0, self.max_value)
        return w * (desired / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"max_value": self.max_value, "axis": self.axis}


@export("keras.constraints.NonNeg", "keras.constraints.non_neg")
class NonNeg(Constraint):
    """Negative weights become 0."""

    def __call__(self, w: Any) -> Any:
        return w * tf.cast(tf.greater_equal(w, 0.0), w.dtype.base_dtype)


@export("keras.constraints.UnitNorm", "keras.constraints.unit_norm")
class UnitNorm(Constraint):
    """Weights are scaled to norm 1 along `axis`."""

    def __init__(self, axis: Any = 0):
        self.axis = axis

    def __call__(self, w: Any) -> Any:
        return w / (epsilon() + _norm(w, self.axis))

    def get_config(self) -> dict[str, Any]:
        return {"axis": self.axis}


@export("keras.constraints.MinMaxNorm", "keras.constraints.min_max_norm")
class MinMaxNorm(Constraint):
    """Norms along `axis` are moved into [min_value, max_value] by a share `rate` of the way."""

    def __init__(self, min_value: float = 0.0, max_value: float = 1.0, rate: float = 1.0, axis: Any = 0):
        self.min_value, self.max_value, self.rate, self.axis = min_value, max_value, rate, axis

    def __call__(self, w: Any) -> Any:
        norms = _norm(w, self.axis)
        desired = self.rate * tf.clip_by_value(norms, self.min_value, self.max_value) + (1 - self.rate) * norms
        return w * (desired / (epsilon() + norms))

    def get_config(self) -> dict[str, Any]:
        return {"min_value": self.min_value, "max_value": self.max_value, "rate": self.rate, "axis": self.axis}


@export("keras.constraints.RadialConstraint", "keras.constraints.radial_constraint")
class RadialConstraint(Constraint):
    """Kernels [rows, columns, ...] become constant along circles around their centre (rows and columns equal)."""

    def __call__(self, w: Any) -> Any:
        static = w.static
        if len(static) != 4:
            raise ValueError(f"The weight tensor must have rank 4. Received weight tensor with shape: {static}")
        height, width, channels, kernels = static
        w = tf.reshape(w, (height, width, channels * kernels))
        slices = [_kernel(w[:, :, i], height) for i in range(channels * kernels)]
        return tf.reshape(tf.stack(slices, axis=-1), (height, width, channels, kernels))


def _kernel(kernel: Any, size: int) -> Any:
    start = size // 2
    kernel = kernel[start:, start:]
    padding = [[1, 1], [1, 1]]
    found = tf.reshape(kernel[0, 0], (1, 1))
    if size % 2 == 0:
        found = tf.tile(found, (2, 2))
        steps = range(1, start)
    else:
        steps = range(1, start + 1)
    for i in steps:
        found = tf.pad(found, padding, constant_values=0) + kernel[i, 0] * _ring(int(found.shape[0]) + 2)
    return found


def _ring(size: int) -> Any:
    inner = tf.ones((size - 2, size - 2))
    return tf.ones((size, size)) - tf.pad(inner, [[1, 1], [1, 1]])


@export("keras.constraints.serialize")
def serialize(constraint: Any) -> Any:
    """The constraint as plain values."""
    return serialize_keras_object(constraint)


@export("keras.constraints.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The constraint of what `serialize` gave."""
    return deserialize_keras_object(config, objects_of("constraints"), custom_objects, "constraint")


@export("keras.constraints.get")
def get(identifier: Any) -> Any:
    """A constraint for a name, a config or a function; None for None."""
    return interpreted(identifier, deserialize, "constraint function")
