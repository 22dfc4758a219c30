"""What names of optimizers stand for; an optimizer of tf.train as one of Keras."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ..utils.objects import Deferred, deserialize_keras_object, objects_of, serialize_keras_object
from .base import Optimizer


class TFOptimizer:
    """An optimizer of tf.train, with the functions that models use."""

    def __init__(self, optimizer: Any):
        self.optimizer = optimizer
        self._iterations: Any = None

    @property
    def iterations(self) -> Any:
        """The variable that counts steps."""
        if self._iterations is None:
            self._iterations = tf.Variable(0, name="iterations", trainable=False, dtype=tf.int64, use_resource=True)
        return self._iterations

    def get_gradients(self, loss: Any, params: Any) -> list[Any]:
        """The gradients of a loss."""
        return [g for g, _ in self.optimizer.compute_gradients(loss, params)]

    def get_updates(self, loss: Any, params: Any) -> list[Any]:
        """The operations of one step down the gradient of a loss."""
        grads = self.optimizer.compute_gradients(loss, list(params))
        return [self.optimizer.apply_gradients(grads, global_step=self.iterations)]

    @property
    def weights(self) -> list[Any]:
        raise NotImplementedError("an optimizer of tf.train keeps its slots for itself: use one of tf.keras.optimizers to save its state")

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError("an optimizer of tf.train has no config: use one of tf.keras.optimizers to save it with a model")

    def from_config(self, config: Any) -> Any:
        raise NotImplementedError("an optimizer of tf.train has no config: use one of tf.keras.optimizers")


@export("keras.optimizers.serialize")
def serialize(optimizer: Any) -> Any:
    """The optimizer as plain values."""
    return serialize_keras_object(optimizer)


@export("keras.optimizers.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The optimizer of what `serialize` gave; class names in small letters too."""
    known: dict[str, Any] = {}
    for name, found in objects_of("optimizers").items():
        if name[0].isupper():
            known[name] = known[name.lower()] = found
    known["Ftrl"] = known["ftrl"] = Deferred("keras.optimizers.Ftrl")
    if config["class_name"].lower() in known:
        config = {**config, "class_name": config["class_name"].lower()}
    return deserialize_keras_object(config, known, custom_objects, "optimizer")


@export("keras.optimizers.get")
def get(identifier: Any) -> Any:
    """An optimizer for a name or a config; one of tf.train is wrapped."""
    if isinstance(identifier, (Optimizer, TFOptimizer)):
        return identifier
    if isinstance(identifier, tf.train.Optimizer):
        return TFOptimizer(identifier)
    if isinstance(identifier, dict):
        return deserialize(identifier)
    if isinstance(identifier, str):
        return deserialize({"class_name": identifier, "config": {}})
    if hasattr(identifier, "get_updates"):
        return identifier
    raise ValueError(f"Could not interpret optimizer identifier: {identifier}")
