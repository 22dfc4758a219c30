"""tf.keras.regularizers: penalties on weights and activations, functions of a tensor that return a scalar."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ..backend.settings import floatx
from ..utils.objects import deserialize_keras_object, interpreted, objects_of, serialize_keras_object


def _number(value: Any) -> Any:
    return np.dtype(floatx()).type(value)


@export("keras.regularizers.Regularizer")
class Regularizer:
    """Base class: `__call__(x)` gives the penalty of a tensor."""

    def __call__(self, x: Any) -> Any:
        return 0.0

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        raise NotImplementedError(f"{type(self).__name__} does not implement get_config()")

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """A regularizer from what `get_config` gave."""
        return cls(**config)


@export("keras.regularizers.L1L2")
class L1L2(Regularizer):
    """l1 sum |x| + l2 sum x^2."""

    def __init__(self, l1: float = 0.0, l2: float = 0.0):
        self.l1, self.l2 = _number(l1 or 0.0), _number(l2 or 0.0)

    def __call__(self, x: Any) -> Any:
        total: Any = tf.constant(0.0, x.dtype.base_dtype)
        if self.l1:
            total = total + self.l1 * tf.reduce_sum(tf.abs(x))
        if self.l2:
            total = total + self.l2 * tf.reduce_sum(tf.square(x))
        return total

    def get_config(self) -> dict[str, Any]:
        return {"l1": float(self.l1), "l2": float(self.l2)}


@export("keras.regularizers.l1", "keras.regularizers.L1")
class L1(Regularizer):
    """l1 sum |x|."""

    def __init__(self, l1: float = 0.01, **kwargs: Any):
        self.l1 = _number(kwargs.pop("l", l1))
        _refuse(kwargs)

    def __call__(self, x: Any) -> Any:
        return self.l1 * tf.reduce_sum(tf.abs(x))

    def get_config(self) -> dict[str, Any]:
        return {"l1": float(self.l1)}


@export("keras.regularizers.l2", "keras.regularizers.L2")
class L2(Regularizer):
    """l2 sum x^2."""

    def __init__(self, l2: float = 0.01, **kwargs: Any):
        self.l2 = _number(kwargs.pop("l", l2))
        _refuse(kwargs)

    def __call__(self, x: Any) -> Any:
        return self.l2 * tf.reduce_sum(tf.square(x))

    def get_config(self) -> dict[str, Any]:
        return {"l2": float(self.l2)}


def _refuse(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise TypeError(f"Argument(s) not recognized: {kwargs}")


@export("keras.regularizers.l1_l2")
def l1_l2(l1: float = 0.01, l2: float = 0.01) -> L1L2:
    """l1 sum |x| + l2 sum x^2, both 0.01 by default."""
    return L1L2(l1, l2)


@export("keras.regularizers.serialize")
def serialize(regularizer: Any) -> Any:
    """The regularizer as plain values."""
    return serialize_keras_object(regularizer)


@export("keras.regularizers.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The regularizer of what `serialize` gave."""
    if config == "l1_l2":
        return L1L2(0.01, 0.01)
    return deserialize_keras_object(config, objects_of("regularizers"), custom_objects, "regularizer")


@export("keras.regularizers.get")
def get(identifier: Any) -> Any:
    """A regularizer for a name, a config or a function; None for None."""
    return interpreted(identifier, deserialize, "regularizer")
