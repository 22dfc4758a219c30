"""Sequential: layers in a row."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .input_layer import Input, InputLayer
from .layer import Layer, mask_of
from .model import Functional, Model


@export("keras.Sequential", "keras.models.Sequential")
class Sequential(Functional):
    """Layers in a row, each on the output of the one before. The first may say `input_shape`; else the first data tells it."""

    def __init__(self, layers: Any = None, name: str | None = None):
        super().__init__(name=name)
        self._row: list[Any] = []
        for layer in layers if isinstance(layers, (list, tuple)) else [layers] if layers is not None else []:
            self.add(layer)

    @property
    def layers(self) -> list[Any]:
        """The layers, without that of the input."""
        found = self._row
        return found[1:] if found and isinstance(found[0], InputLayer) else found[:]

    def _nested(self) -> list[Any]:
        return list(self._row)

    def add(self, layer: Any) -> None:
        """Adds a layer at the end."""
        if hasattr(layer, "_keras_history"):
            layer = layer._keras_history.layer
        if not isinstance(layer, Layer):
            raise TypeError(f"The added layer must be an instance of class Layer. Received: layer={layer} of type {type(layer)}.")
        if any(layer.name == other.name for other in self._row):
            raise ValueError(f"All layers added to a Sequential model should have unique names. Name \"{layer.name}\" is already the name "
                             "of a "
                             "layer in this model. Update the `name` argument to pass a unique name.")
        self.built = False
        if not self._row:
            self._begin(layer)
        elif self.outputs is not None and self._map is not None:
            output = layer(self.outputs[0])
            if len(tf.nest.flatten(output)) != 1:
                raise ValueError("All layers in a Sequential model should have a single output tensor. For multi-output layers, use the "
                                 "functional API.")
            self._row.append(layer)
            self._set_graph(self.inputs[0], output)
            return
        else:
            self._row.append(layer)

    def _begin(self, layer: Any) -> None:
        """The first layer: an input where its shape is known."""
        if isinstance(layer, InputLayer):
            self._row.append(layer)
            tensor = layer._inbound_nodes[-1].output_tensors
            self._set_graph(tensor, tensor)
            return
        shape, dtype = first_shape(layer)
        if shape is not None:
            tensor = Input(batch_shape=shape, dtype=dtype, name=f"{layer.name}_input")
            output = layer(tensor)
            self._row.extend([tensor._keras_history.layer, layer])
            self._set_graph(tensor, output)
        else:
            self._row.append(layer)

    def pop(self) -> None:
        """Takes the last layer away."""
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        self._row.pop()
        if not self.layers:
            self._row.clear()
            self.inputs = self.outputs = self._map = None
            self.built = False
        elif self._map is not None:
            self._row[-1]._outbound_nodes = []
            self._set_graph(self.inputs[0], self._row[-1].output)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The output of the last layer."""
        if self._map is not None:
            return super().call(inputs, training, mask)
        outputs = inputs
        for layer in self.layers:
            arguments: dict[str, Any] = {}
            if layer._takes("mask") and mask is not None:
                arguments["mask"] = mask
            if layer._takes("training"):
                arguments["training"] = training
            outputs = layer(outputs, **arguments)
            mask = mask_of(outputs) if isinstance(outputs, tf.Tensor) else None
        return outputs

    def build(self, input_shape: Any = None) -> None:
        """Makes the weights for inputs of that shape, with the batch."""
        if self._map is None:
            if input_shape is None:
                raise ValueError("You must provide an `input_shape` argument.")
            super().build(input_shape)
        self.built = True

    def _build_for(self, inputs: Any) -> None:
        self.built = True

    def predict_classes(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """The most probable class of each sample; where there is one output only, whether it is above 0.5."""
        found = self.predict(x, batch_size=batch_size, verbose=verbose)
        return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")

    def predict_proba(self, x: Any, batch_size: int = 32, verbose: int = 0) -> Any:
        """The same as predict."""
        return self.predict(x, batch_size, verbose)

    def get_config(self) -> dict[str, Any]:
        """The configs of the layers."""
        return {"name": self.name, "layers": [{"class_name": layer.__class__.__name__,
                                               "config": layer.get_config()} for layer in self._row]}

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """A model from what get_config gave."""
        name = config.get("name") if isinstance(config, dict) else None
        layers = config["layers"] if isinstance(config, dict) else config
        model = cls(name=name)
        for layer in layers:
            model.add(tf.keras.layers.deserialize(layer, custom_objects=custom_objects))
        if isinstance(config, dict) and config.get("build_input_shape") and model._map is None and model.layers:
            model.build(config["build_input_shape"])
        return model


def first_shape(layer: Any) -> tuple[Any, Any]:
    """The shape of inputs, with the batch, that a layer asks for, and their dtype; (None, None) where it asks for none."""
    while isinstance(layer, Model):
        if not layer.layers:
            raise ValueError("Cannot add an empty model to a `Sequential` model.")
        if layer._map is not None:
            tensor = layer.inputs[0]
            return tuple(tensor.shape.as_list()), tensor.dtype.base_dtype.name
        layer = layer.layers[0]
    shape = getattr(layer, "_batch_input_shape", None)
    return shape, layer.dtype if shape is not None else None
