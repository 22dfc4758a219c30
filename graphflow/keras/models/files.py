"""Models as files and text: save_model, load_model, weights, JSON; copies of models."""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import graphflow as tf

from ...core.export import export
from ...train.checkpoint import Checkpoint
from ..backend.sessions import session_if_any
from ..saving import hdf5


@export("keras.models.save_model")
def save_model(model: Any, filepath: Any, overwrite: bool = True, include_optimizer: bool = True, save_format: str | None = None,
               signatures: Any = None) -> None:
    """Writes a model to an HDF5 file: architecture, weights, what it was compiled for and the optimizer's state.

    overwrite=False: FileExistsError where the file is there. save_format: 'h5', by default.
    """
    if save_format == "tf" or save_format is None and isinstance(filepath, (str, Path)) and _is_saved_model(filepath):
        raise NotImplementedError("save_format='tf': a model is saved as HDF5 (a name that ends in .h5), its weights by "
                                  "save_weights(path, save_format='tf'), and a SavedModel by tf.saved_model.simple_save(session, folder, "
                                  "inputs, outputs).")
    _check_overwrite(filepath, overwrite)
    hdf5.save_model(model, filepath, include_optimizer)


def _is_saved_model(path: Any) -> bool:
    return os.path.isdir(path)


def _check_overwrite(path: Any, overwrite: bool) -> None:
    if not overwrite and isinstance(path, (str, Path)) and os.path.exists(path):
        raise FileExistsError(f"{path} is there already: save with overwrite=True, or under another name")


@export("keras.models.load_model")
def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True) -> Any:
    """The model of a file that save_model, or Keras, wrote. custom_objects: {name: class or function} of the program's own."""
    if isinstance(filepath, (str, Path)):
        if os.path.isdir(filepath):
            raise NotImplementedError(f"{filepath} is a folder: models are read from HDF5 files; tf.saved_model.loader.load reads a "
                                      "SavedModel.")
        if not os.path.exists(filepath):
            raise OSError(f"No file or directory found at {filepath}")
    return hdf5.load_model(filepath, custom_objects, compile)


class _Weights(Checkpoint):
    """A checkpoint whose root is a model."""

    def __init__(self, model: Any):
        super().__init__()
        self._model = model

    def _trackable_children(self) -> dict[str, Any]:
        return self._model._trackable_children()

    def _make_save_counter(self) -> None:
        """Files of weights count no saves."""


def save_weights(model: Any, filepath: Any, overwrite: bool = True, save_format: str | None = None) -> None:
    """Writes the weights: HDF5 where the name ends in .h5, .hdf5 or .keras or save_format is 'h5', else a checkpoint."""
    if not model.built and not model.layers_have_weights():
        raise ValueError(f"Unable to save the weights of {model.name}, which are not created yet: call the model on inputs first.")
    if _is_hdf5(filepath, save_format):
        _check_overwrite(filepath, overwrite)
        with hdf5.h5py().File(os.fspath(filepath), "w") as file:
            hdf5.write_weights(file, model.layers)
        return
    path = os.fspath(filepath)
    _check_overwrite(path + ".index", overwrite)
    _Weights(model).write(path, session_if_any())
    tf.train.update_checkpoint_state(os.path.dirname(path) or ".", os.path.basename(path), [os.path.basename(path)])


def load_weights(model: Any, filepath: Any, by_name: bool = False, skip_mismatch: bool = False) -> Any:
    """Reads weights of either format. by_name: for layers whose names the HDF5 file has, else in order."""
    path = os.fspath(filepath)
    if not os.path.exists(path + ".index") and os.path.exists(path) and not os.path.isdir(path):
        with hdf5.h5py().File(path, "r") as file:
            group = file["model_weights"] if "layer_names" not in file.attrs and "model_weights" in file else file
            if by_name:
                hdf5.read_weights_by_name(group, model.layers, skip_mismatch)
            else:
                hdf5.read_weights(group, model.layers)
        return None
    if by_name:
        raise NotImplementedError("Weights may only be loaded based on topology into Models when loading TensorFlow-formatted weights (got "
                                  "by_name=True to load_weights).")
    found = _Weights(model)._status(path)
    found.initialize_or_restore(session_if_any())
    return found


def _is_hdf5(path: Any, save_format: str | None) -> bool:
    if save_format is None:
        return str(path).endswith((".h5", ".keras", ".hdf5"))
    kind = save_format.lower().strip()
    if kind in ("tensorflow", "tf"):
        if str(path).endswith((".h5", ".keras", ".hdf5")):
            raise ValueError(f'save_weights got save_format="tf"/"tensorflow", but the filepath ({path}) looks like an HDF5 file. Omit the '
                             '".h5"/".keras" when saving in TensorFlow format.')
        return False
    if kind in ("hdf5", "h5", "keras"):
        return True
    raise ValueError(f"Unknown format {save_format}. Was expecting one of {{'tf', 'h5'}}.")


@export("keras.models.model_from_json")
def model_from_json(json_string: str, custom_objects: Any = None) -> Any:
    """A model from what to_json gave, with new weights."""
    return model_from_config(json.loads(json_string), custom_objects)


@export("keras.models.model_from_config")
def model_from_config(config: Any, custom_objects: Any = None) -> Any:
    """A model from {'class_name', 'config'}."""
    if isinstance(config, list):
        raise TypeError(f"`model_from_config` expects a dictionary, not a list. Received: config={config}. Did you meant to use "
                        "`Sequential.from_config(config)`?")
    return tf.keras.layers.deserialize(config, custom_objects=custom_objects)


@export("keras.models.model_from_yaml")
def model_from_yaml(yaml_string: str, custom_objects: Any = None) -> Any:
    """Refused, as YAML can run code: use to_json and model_from_json."""
    raise RuntimeError("Method `model_from_yaml()` has been removed due to security risk of arbitrary code execution. Please use "
                       "`Model.to_json()` and `model_from_json()` instead.")


@export("keras.models.clone_model")
def clone_model(model: Any, input_tensors: Any = None, clone_function: Any = None) -> Any:
    """A model of the same layers with new weights. clone_function(layer): what stands in a layer's place."""
    if model._map is None and not hasattr(model, "_row"):
        raise ValueError("Expected `model` argument to be a functional `Model` instance, but got a subclassed model instead.")
    make = clone_function or (lambda layer: type(layer).from_config(layer.get_config()))
    if hasattr(model, "_row"):
        twin = tf.keras.Sequential([make(layer) for layer in model._row if not hasattr(layer, "is_placeholder") or input_tensors is None],
                                   name=model.name)
        if input_tensors is not None:
            twin(input_tensors)
        return twin
    return _copy(model, input_tensors, make)


def _copy(model: Any, input_tensors: Any, make: Any) -> Any:
    new = {id(layer): make(layer) for layer in model._map.layers if not hasattr(layer, "is_placeholder")}
    values: dict[int, Any] = {}
    given = [None] * len(model.inputs) if input_tensors is None else tf.nest.flatten(input_tensors)
    for own, tensor in zip(model.inputs, given):
        layer = own._keras_history.layer
        values[id(own)] = tensor if tensor is not None else tf.keras.Input(
            batch_shape=layer._batch_input_shape, dtype=layer.dtype, name=layer.name)
    for level in model._map.nodes:
        for node in level:
            if not node.histories or all(id(x) in values for x in node.flat_outputs):
                continue
            arguments = tf.nest.map_structure(lambda x: values.get(id(x), x), node.arguments)
            found = new[id(node.outbound_layer)](tf.nest.map_structure(lambda x: values[id(x)], node.input_tensors), **arguments)
            values.update(zip(map(id, node.flat_outputs), tf.nest.flatten(found)))
    ends = [[values[id(x)] for x in side] for side in (model.inputs, model.outputs)]
    return tf.keras.Model(*(end[0] if len(end) == 1 else end for end in ends), name=model.name)
