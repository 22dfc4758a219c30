"""What names of metrics stand for."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ..utils.objects import deserialize_keras_object, interpreted, objects_of, serialize_keras_object

_SHORT = {"acc": "accuracy", "ACC": "accuracy", "bce": "binary_crossentropy", "BCE": "binary_crossentropy"}


@export("keras.metrics.serialize")
def serialize(metric: Any) -> Any:
    """The metric as plain values."""
    return serialize_keras_object(metric)


@export("keras.metrics.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The metric of that name or config."""
    if isinstance(config, str):
        config = _SHORT.get(config, config)
    return deserialize_keras_object(config, objects_of("metrics"), custom_objects, "metric function")


@export("keras.metrics.get")
def get(identifier: Any) -> Any:
    """A metric for a name, a config or a function; None for None."""
    return interpreted(identifier, deserialize, "metric")
