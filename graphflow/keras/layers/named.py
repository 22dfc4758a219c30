"""Layers as plain values and back."""
from __future__ import annotations

from typing import Any

from ...core.export import export
from ..utils.objects import Deferred, deserialize_keras_object, objects_of, serialize_keras_object

_MODELS = {"Model": "keras.Model", "Functional": "keras.Model", "Network": "keras.Model", "Sequential": "keras.Sequential"}


@export("keras.layers.serialize")
def serialize(layer: Any) -> Any:
    """{'class_name', 'config'} of a layer or a model."""
    return serialize_keras_object(layer)


@export("keras.layers.deserialize")
def deserialize(config: Any, custom_objects: Any = None) -> Any:
    """The layer, or model, of what `serialize` gave."""
    known = {**objects_of("layers"), **{name: Deferred(public) for name, public in _MODELS.items()}}
    return deserialize_keras_object(config, known, custom_objects, "layer")
