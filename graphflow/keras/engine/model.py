"""Model: a network that trains, tells about itself and is saved."""
from __future__ import annotations

import inspect
from typing import Any

import graphflow as tf

from ...core.export import export
from ...core.late import Late
from ..saving.values import plain_json
from .configs import config_of, ends_from
from .summary import print_summary
from .training import Trained

_late = Late(files="graphflow.keras.models.files")  # at first use: saves h5py and checkpoints for models that are not written


@export("keras.Model", "keras.models.Model")
class Model(Trained):
    """`Model(inputs, outputs)` is the graph of layers between tensors of `Input` and what layers made of them.

    A subclass makes its layers in `__init__` and calls them in `call(inputs)`.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Model and (len(args) >= 2 or "outputs" in kwargs):
            return super().__new__(Functional)
        return super().__new__(cls)

    def summary(self, line_length: int | None = None, positions: Any = None, print_fn: Any = None) -> None:
        """Prints the layers, their output shapes and sizes. print_fn: called with each line in place of print."""
        if self._map is None and not self.built:
            raise ValueError("This model has not yet been built. Build the model first by calling `build()` or by calling the model on a "
                             "batch "
                             "of data.")
        print_summary(self, line_length, positions, print_fn)

    def get_config(self) -> dict[str, Any]:
        """The graph of layers, as plain values."""
        if self._map is None:
            raise NotImplementedError(f"{type(self).__name__} is a class with a `call` of its own, which no config can tell: define "
                                      "get_config and from_config, or save its weights.")
        return config_of(self)

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """A model from what get_config gave."""
        if "layers" not in config:
            return cls(**config)
        inputs, outputs, _ = ends_from(config, custom_objects)
        model = cls(inputs=inputs, outputs=outputs, name=config.get("name"))
        if config.get("trainable") is False:
            model.trainable = False
        return model

    # -- files: tf.keras.models has the functions ---------------------------------------------------------------------
    def save(self, filepath: Any, overwrite: bool = True, include_optimizer: bool = True, save_format: str | None = None,
             signatures: Any = None) -> None:
        """Writes the model to an HDF5 file: tf.keras.models.save_model."""
        tf.keras.models.save_model(self, filepath, overwrite, include_optimizer, save_format, signatures)

    def save_weights(self, filepath: Any, overwrite: bool = True, save_format: str | None = None) -> None:
        """Writes the weights: HDF5 where the name ends in .h5, .hdf5 or .keras or save_format is 'h5', else a checkpoint."""
        _late.files.save_weights(self, filepath, overwrite, save_format)

    def load_weights(self, filepath: Any, by_name: bool = False, skip_mismatch: bool = False) -> Any:
        """Reads weights of either format. by_name: for layers whose names the HDF5 file has, else in order."""
        return _late.files.load_weights(self, filepath, by_name, skip_mismatch)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON: tf.keras.models.model_from_json reads it."""
        return plain_json({"class_name": type(self).__name__, "config": self.get_config(), "keras_version": "2.2.4-tf",
                           "backend": "tensorflow"}, **kwargs)

    def to_yaml(self, **kwargs: Any) -> str:
        """Refused, as YAML can run code: use to_json."""
        raise RuntimeError("Method `model.to_yaml()` has been removed due to security risk of arbitrary code execution. Please use "
                           "`model.to_json()` instead.")

    def _trackable_children(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        number = 0
        for place, layer in enumerate(self.layers):
            if layer.weights:
                found[f"layer_with_weights-{number}"] = layer
                number += 1
            found[f"layer-{place}"] = layer
        return {**found, **super()._trackable_children()}

    @property
    def _passes_training(self) -> bool:
        return "training" in inspect.signature(self.call).parameters


class Functional(Model):
    """A Model by its inputs and outputs."""

    def _kind(self) -> str:
        return "model" if type(self) is Functional else type(self).__name__
