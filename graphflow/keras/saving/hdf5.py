"""Models and weights in HDF5 files, as Keras writes them. Needs h5py: pip install 'graphflow-tf1[keras]'.

    /                       attributes model_config, training_config (JSON), keras_version, backend
    /model_weights          attribute layer_names; in each layer's group the attribute weight_names, and a data set for each weight
    /optimizer_weights      attribute weight_names, and the data sets

A file of weights has in its root what /model_weights holds.
"""
from __future__ import annotations

import json
import os
from typing import Any

import numpy as np

import graphflow as tf

from ..backend.sessions import batch_get_value, batch_set_value
from .values import plain_json

VERSION = "2.2.4-tf"
_LIMIT = 64512      # bytes of an attribute: longer lists of names are cut in parts


def h5py() -> Any:
    """The package; ImportError, with what to do, where it is not installed."""
    try:
        import h5py as found  # at first use: saves 100 ms; only files of models need it
    except ImportError as error:
        raise ImportError("Saving and loading models as HDF5 needs h5py: pip install h5py; or save weights in TensorFlow's format: "
                          "save_weights(path, save_format='tf').") from error
    return found


def _names(group: Any, name: str, values: list[str]) -> None:
    """An attribute with a list of names, in parts where it is too long."""
    data = [value.encode("utf-8") for value in values]
    whole = np.asarray(data)
    if whole.nbytes <= _LIMIT:
        group.attrs[name] = whole if data else np.asarray([], "S1")
        return
    count = 2
    while any(part.nbytes > _LIMIT for part in np.array_split(whole, count)):
        count += 1
    for i, part in enumerate(np.array_split(whole, count)):
        group.attrs[f"{name}{i}"] = part


def _read_names(group: Any, name: str) -> list[str]:
    if name in group.attrs:
        found = list(group.attrs[name])
    else:
        found, i = [], 0
        while f"{name}{i}" in group.attrs:
            found.extend(group.attrs[f"{name}{i}"])
            i += 1
    return [value.decode("utf-8") if isinstance(value, bytes) else str(value) for value in found]


def weights_in_order(layer: Any) -> list[Any]:
    """A layer's weights as files have them: trained ones first."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def write_weights(group: Any, layers: list[Any]) -> None:
    """The weights of layers."""
    _names(group, "layer_names", [layer.name for layer in layers])
    group.attrs["backend"], group.attrs["keras_version"] = b"tensorflow", VERSION.encode()
    for layer in sorted(layers, key=lambda one: one.name):
        own = group.create_group(layer.name)
        weights = weights_in_order(layer)
        values = batch_get_value(weights)
        names = [w.name for w in weights]
        _names(own, "weight_names", names)
        for name, value in zip(names, values):
            _data(own, name, value)


def _data(group: Any, name: str, value: Any) -> None:
    data = group.create_dataset(name, value.shape, dtype=value.dtype)
    if value.shape:
        data[:] = value
    else:
        data[()] = value


def read_weights(group: Any, layers: list[Any]) -> None:
    """Weights for layers in order; ValueError where they do not fit."""
    known = [layer for layer in layers if weights_in_order(layer)]
    names = [name for name in _read_names(group, "layer_names") if _read_names(group[name], "weight_names")]
    if len(names) != len(known):
        raise ValueError(f"Layer count mismatch when loading weights from file. Model expected {len(known)} layers, found {len(names)} "
                         "saved "
                         "layers.")
    pairs: list[Any] = []
    for number, (name, layer) in enumerate(zip(names, known)):
        values = _values(group[name])
        weights = weights_in_order(layer)
        if len(values) != len(weights):
            raise ValueError(f"Weight count mismatch for layer #{number} (named {layer.name} in the current model, {name} in the save "
                             "file). "
                             f"Layer expects {len(weights)} weight(s). Received {len(values)} saved weight(s)")
        pairs.extend(zip(weights, values))
    batch_set_value(pairs)


def read_weights_by_name(group: Any, layers: list[Any], skip_mismatch: bool = False) -> None:
    """Weights for the layers whose names the file has."""
    pairs: list[Any] = []
    saved = _read_names(group, "layer_names")
    for layer in layers:
        if layer.name not in saved:
            continue
        values, weights = _values(group[layer.name]), weights_in_order(layer)
        if len(values) != len(weights):
            if skip_mismatch:
                continue
            raise ValueError(f"Weight count mismatch for layer {layer.name}. Layer expects {len(weights)} weight(s). Received "
                             f"{len(values)} "
                             "saved weight(s)")
        for weight, value in zip(weights, values):
            if tuple(weight.shape.as_list()) != value.shape:
                if skip_mismatch:
                    continue
                raise ValueError(f"Shape mismatch in layer {layer.name} for weight {weight.name}. Weight expects shape "
                                 f"{tuple(weight.shape.as_list())}. Received saved weight with shape {value.shape}")
            pairs.append((weight, value))
    batch_set_value(pairs)


def _values(group: Any) -> list[Any]:
    return [np.asarray(group[name]) for name in _read_names(group, "weight_names")]


def save_model(model: Any, path: Any, include_optimizer: bool) -> None:
    """Architecture, weights, what it was compiled for, and the optimizer's state, in one file."""
    file = path if hasattr(path, "attrs") else h5py().File(os.fspath(path), "w")
    try:
        file.attrs["keras_version"], file.attrs["backend"] = VERSION, "tensorflow"
        file.attrs["model_config"] = plain_json({"class_name": type(model).__name__, "config": model.get_config()})
        write_weights(file.create_group("model_weights"), model.layers)
        if include_optimizer and model.optimizer is not None and hasattr(model.optimizer, "get_config") and hasattr(model.optimizer,
                                                                                                                    "_hyper"):
            file.attrs["training_config"] = plain_json(training_config(model))
            weights = model.optimizer.weights
            if weights:
                group = file.create_group("optimizer_weights")
                _names(group, "weight_names", [w.name for w in weights])
                for weight, value in zip(weights, batch_get_value(weights)):
                    _data(group, weight.name, value)
        file.flush()
    finally:
        if file is not path:
            file.close()


def training_config(model: Any) -> dict[str, Any]:
    """What the model was compiled for."""
    given = model._compile_arguments
    return {"loss": given["loss"], "metrics": given["metrics"], "weighted_metrics": given["weighted_metrics"],
            "sample_weight_mode": given["sample_weight_mode"], "loss_weights": given["loss_weights"],
            "optimizer_config": {"class_name": type(model.optimizer).__name__, "config": model.optimizer.get_config()}}


def load_model(path: Any, custom_objects: Any, compile: bool) -> Any:
    """The model of a file; compiled where it says for what."""
    file = path if hasattr(path, "attrs") else h5py().File(os.fspath(path), "r")
    try:
        config = file.attrs.get("model_config")
        if config is None:
            raise ValueError(f"No model config found in the file at {path}: it holds weights only; make the model and call load_weights.")
        model = tf.keras.layers.deserialize(json.loads(_text(config)), custom_objects=custom_objects)
        read_weights(file["model_weights"], model.layers)
        training = file.attrs.get("training_config")
        if compile and training is not None:
            with tf.keras.utils.custom_object_scope(custom_objects or {}):
                _compile(model, json.loads(_text(training)), custom_objects)
            if "optimizer_weights" in file and model.outputs is not None:
                _restore_optimizer(model, file["optimizer_weights"])
        return model
    finally:
        if file is not path:
            file.close()


def _text(value: Any) -> str:
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _compile(model: Any, config: dict[str, Any], custom_objects: Any) -> None:
    optimizer = tf.keras.optimizers.deserialize(config["optimizer_config"], custom_objects=custom_objects)
    model.compile(optimizer=optimizer, loss=_objects(config.get("loss")), metrics=_objects(config.get("metrics")),
                  weighted_metrics=_objects(config.get("weighted_metrics")), loss_weights=config.get("loss_weights"),
                  sample_weight_mode=config.get("sample_weight_mode"))


def _objects(value: Any) -> Any:
    """Losses and metrics of a config: those of a class as objects, names as they are."""
    if isinstance(value, dict) and set(value) >= {"class_name", "config"}:
        for home in (tf.keras.losses, tf.keras.metrics):
            try:
                return home.deserialize(value)
            except ValueError:
                continue
        raise ValueError(f"Unknown loss or metric {value['class_name']}: give it in custom_objects")
    if isinstance(value, dict):
        return {key: _objects(item) for key, item in value.items()}
    return [_objects(item) for item in value] if isinstance(value, list) else value


def _restore_optimizer(model: Any, group: Any) -> None:
    """Makes the training step, so that the optimizer has its slots, and gives these their values."""
    model._step("train")
    values = _values(group)
    if len(values) == len(model.optimizer.weights):
        model.optimizer.set_weights(values)
