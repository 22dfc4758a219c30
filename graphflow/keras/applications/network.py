"""What all networks of tf.keras.applications share: input, end, weights from a file.

A network is a function that makes layers after each other; `Network` holds the arguments that all of them take. Weights are read from a
local file only: `weights=PATH`, or 'imagenet' where the file that Keras keeps of it lies in ~/.keras/models (KERAS_HOME).
"""
from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import graphflow as tf

from ..backend.settings import image_data_format
from ..engine.mapping import get_source_inputs


class Network:
    """A network while it is made. include_top: with the layers that name classes; size, least: of pictures, by default and at least.

    Raises ValueError for arguments that do not go together, NotImplementedError where the weights of 'imagenet' are not on this machine.
    """

    def __init__(self, name: str, size: int, least: int, include_top: bool, weights: Any, input_tensor: Any, input_shape: Any,
                 pooling: str | None, classes: int, file: str | None = None):
        self.name, self.include_top, self.pooling, self.classes = name, include_top, pooling, classes
        self.weights = self._file(weights, file or f"{name}_weights_tf_dim_ordering_tf_kernels{'' if include_top else '_notop'}.h5")
        if weights == "imagenet" and include_top and classes != 1000:
            raise ValueError("If using `weights` as `\"imagenet\"` with `include_top` as true, `classes` should be 1000")
        first = image_data_format() == "channels_first"
        self.axis = 1 if first else 3
        shape = self._shape(input_shape, size, least, weights, first)
        self.rows = size if weights == "imagenet" else shape[1 if first else 0]
        if input_tensor is None:
            self.input = tf.keras.layers.Input(shape=shape)
        elif tf.keras.backend.is_keras_tensor(input_tensor):
            self.input = input_tensor
        else:
            self.input = tf.keras.layers.Input(tensor=input_tensor, shape=shape)

    def _file(self, weights: Any, known: str) -> Path | None:
        if weights is None:
            return None
        if weights != "imagenet":
            if not os.path.exists(weights):
                raise ValueError("The `weights` argument should be either `None` (random initialization), `imagenet` (pre-training on "
                                 f"ImageNet), or the path to the weights file to be loaded; there is no file {weights}")
            return Path(weights)
        path = models_folder() / known
        if not path.exists():
            raise NotImplementedError(f"{self.name}: the weights of ImageNet are not downloaded. Put Keras's file {known} into "
                                      f"{path.parent}, or say weights=None for random ones, or weights=PATH for those of a file")
        return path

    def _shape(self, shape: Any, size: int, least: int, weights: Any, first: bool) -> Any:
        channels = shape[0 if first else -1] if weights != "imagenet" and shape and len(shape) == 3 else 3
        usual = (channels, size, size) if first else (size, size, channels)
        if not shape:
            return usual if self.include_top else tuple(channels if v == channels and i == (0 if first else 2) else None
                                                        for i, v in enumerate(usual))
        if len(shape) != 3:
            raise ValueError(f"`input_shape` must be a tuple of three integers. Got {shape}")
        if weights == "imagenet" and self.include_top and tuple(shape) != usual:
            raise ValueError(f"When setting `include_top=True` and loading `imagenet` weights, `input_shape` should be {usual}.")
        sizes = shape[1:] if first else shape[:2]
        if any(v is not None and v < least for v in sizes):
            raise ValueError(f"Input size must be at least {least}x{least}; got `input_shape={tuple(shape)}`")
        if self.include_top and None in shape:
            raise ValueError(f"If `include_top` is True, you should specify a static `input_shape`. Got `input_shape={tuple(shape)}`")
        return tuple(shape)

    def pooled(self, x: Any) -> Any:
        """What stands in place of a top: global pooling where it is asked for."""
        if self.pooling == "avg":
            return tf.keras.layers.GlobalAveragePooling2D()(x)
        return tf.keras.layers.GlobalMaxPooling2D()(x) if self.pooling == "max" else x

    def classified(self, x: Any, name: str) -> Any:
        """The usual top: an average over the picture, then classes; without a top, what `pooled` gives."""
        if not self.include_top:
            return self.pooled(x)
        x = tf.keras.layers.GlobalAveragePooling2D(name="avg_pool")(x)
        return tf.keras.layers.Dense(self.classes, activation="softmax", name=name)(x)

    def model(self, x: Any, name: str | None = None) -> Any:
        """The model of all layers up to x, with its weights."""
        inputs: Any = get_source_inputs(self.input)
        found = tf.keras.Model(inputs, x, name=name or self.name)
        if self.weights is not None:
            found.load_weights(str(self.weights))
        return found


def models_folder() -> Path:
    """The folder in which Keras keeps files of models."""
    return Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "models"
