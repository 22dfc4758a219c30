"""tf.keras.activations: functions of a tensor."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..backend.activations import hard_sigmoid as backend_hard_sigmoid
from ..backend.activations import relu as backend_relu
from ..utils.objects import deserialize_keras_object, get_registered_name, objects_of

_RENAMED = {"softmax_v2": "softmax"}


@export("keras.activations.softmax")
def softmax(x: Any, axis: int = -1) -> Any:
    """exp(x) over its sum along `axis`; at least two dimensions."""
    rank = len(x.static)
    if rank < 2:
        raise ValueError(f"Cannot apply softmax to a tensor that is 1D. Received input: {x}")
    return tf.nn.softmax(x) if rank == 2 else tf.nn.softmax(x, axis=axis)


@export("keras.activations.elu")
def elu(x: Any, alpha: float = 1.0) -> Any:
    """x where it is positive, else alpha (exp(x) - 1)."""
    found = tf.nn.elu(x)
    return found if alpha == 1 else tf.where(x > 0, found, alpha * found)


@export("keras.activations.selu")
def selu(x: Any) -> Any:
    """Scaled elu (Klambauer and others, 2017)."""
    return tf.nn.selu(x)


@export("keras.activations.softplus")
def softplus(x: Any) -> Any:
    """log(exp(x) + 1)."""
    return tf.nn.softplus(x)


@export("keras.activations.softsign")
def softsign(x: Any) -> Any:
    """x / (|x| + 1)."""
    return tf.nn.softsign(x)


@export("keras.activations.swish")
def swish(x: Any) -> Any:
    """x sigmoid(x)."""
    return x * tf.sigmoid(x)


@export("keras.activations.gelu")
def gelu(x: Any, approximate: bool = False) -> Any:
    """x times the share of standard normal numbers below x (Hendrycks and Gimpel, 2016)."""
    if approximate:
        return 0.5 * x * (1.0 + tf.tanh(0.7978845608028654 * (x + 0.044715 * tf.pow(x, 3))))
    return 0.5 * x * (1.0 + tf.erf(x / 1.4142135623730951))


@export("keras.activations.relu")
def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0) -> Any:
    """max(x, 0); below the threshold alpha (x - threshold), at most max_value."""
    return backend_relu(x, alpha=alpha, max_value=max_value, threshold=threshold)


@export("keras.activations.tanh")
def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return tf.tanh(x)


@export("keras.activations.sigmoid")
def sigmoid(x: Any) -> Any:
    """1 / (1 + exp(-x))."""
    return tf.sigmoid(x)


@export("keras.activations.exponential")
def exponential(x: Any) -> Any:
    """exp(x)."""
    return tf.exp(x)


@export("keras.activations.hard_sigmoid")
def hard_sigmoid(x: Any) -> Any:
    """0.2 x + 0.5, cut to [0, 1]."""
    return backend_hard_sigmoid(x)


@export("keras.activations.linear")
def linear(x: Any) -> Any:
    """x itself."""
    return x


@export("keras.activations.serialize")
def serialize(activation: Any) -> Any:
    """The name of an activation."""
    if activation is None:
        return "linear"
    if hasattr(activation, "get_config"):
        from_config: Any = {"class_name": get_registered_name(type(activation)), "config": activation.get_config()}
        return from_config
    name = get_registered_name(activation)
    return _RENAMED.get(name, name)


@export("keras.activations.deserialize")
def deserialize(name: Any, custom_objects: Any = None) -> Any:
    """The activation of that name."""
    return deserialize_keras_object(name, {**objects_of("layers"), **objects_of("activations")}, custom_objects, "activation function")


@export("keras.activations.get")
def get(identifier: Any) -> Any:
    """An activation for a name, a config or a function; `linear` for None."""
    if identifier is None:
        return linear
    if isinstance(identifier, (str, dict)):
        return deserialize(identifier)
    if callable(identifier):
        return identifier
    raise TypeError(f"Could not interpret activation function identifier: {identifier}")
