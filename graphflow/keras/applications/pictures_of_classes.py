"""What goes into a network of ImageNet and what comes out: pixels in its range, classes by their names."""
from __future__ import annotations

import json
from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export
from ..backend.settings import data_format_of, floatx
from .network import models_folder

_MEANS, _TORCH, _DEVIATIONS = (103.939, 116.779, 123.68), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)     # the first blue, green, red


@export("keras.applications.imagenet_utils.preprocess_input")
def preprocess_input(x: Any, data_format: str | None = None, mode: str = "caffe") -> Any:
    """Pixels 0 .. 255 as a network wants them: an array or tensor [height, width, 3], or a batch; K.floatx() for integers.

    mode: 'caffe': blue, green, red, without the mean of ImageNet's; 'tf': -1 .. 1; 'torch': 0 .. 1, normalised by channel.
    """
    if mode not in ("caffe", "tf", "torch"):
        raise ValueError(f"Unknown mode {mode}: one of 'caffe', 'tf', 'torch'")
    axis = -1 if data_format_of(data_format) == "channels_last" else -3
    if not isinstance(x, tf.Tensor):
        x = np.asarray(x)
        x = x.astype(floatx()) if not np.issubdtype(x.dtype, np.floating) else x.copy()
    elif not x.dtype.is_floating:
        x = tf.cast(x, floatx())
    if mode == "tf":
        return x / 127.5 - 1.0

    def by_channel(values: tuple[float, ...]) -> Any:
        return np.reshape(np.asarray(values, x.dtype.as_numpy_dtype if isinstance(x, tf.Tensor) else x.dtype), (3,) + (1,) * (-1 - axis))

    if mode == "torch":
        return (x / 255.0 - by_channel(_TORCH)) / by_channel(_DEVIATIONS)
    turned = tf.reverse(x, [axis]) if isinstance(x, tf.Tensor) else np.flip(x, axis)
    return turned - by_channel(_MEANS)


@export("keras.applications.vgg16.preprocess_input", "keras.applications.vgg19.preprocess_input",
        "keras.applications.resnet50.preprocess_input", "keras.applications.resnet.preprocess_input")
def preprocess_caffe(x: Any, data_format: str | None = None) -> Any:
    """Pixels in the order blue, green, red, without the mean of ImageNet's."""
    return preprocess_input(x, data_format, "caffe")


@export("keras.applications.inception_v3.preprocess_input", "keras.applications.inception_resnet_v2.preprocess_input",
        "keras.applications.xception.preprocess_input", "keras.applications.mobilenet.preprocess_input",
        "keras.applications.mobilenet_v2.preprocess_input", "keras.applications.resnet_v2.preprocess_input")
def preprocess_scaled(x: Any, data_format: str | None = None) -> Any:
    """Pixels from -1 to 1."""
    return preprocess_input(x, data_format, "tf")


@export("keras.applications.densenet.preprocess_input")
def preprocess_torch(x: Any, data_format: str | None = None) -> Any:
    """Pixels from 0 to 1, normalised by channel."""
    return preprocess_input(x, data_format, "torch")


@export(*(f"keras.applications.{module}.decode_predictions" for module in (
    "imagenet_utils", "vgg16", "vgg19", "resnet50", "resnet", "resnet_v2", "inception_v3", "inception_resnet_v2", "xception", "mobilenet",
    "mobilenet_v2", "densenet")))
def decode_predictions(preds: Any, top: int = 5) -> list[list[tuple[str, str, float]]]:
    """The `top` classes of each row of predictions [batch, 1000], best first: (WordNet's number, name, score).

    The names are read from imagenet_class_index.json in ~/.keras/models (KERAS_HOME); NotImplementedError where it is not there.
    """
    preds = np.asarray(preds)
    if preds.ndim != 2 or preds.shape[1] != 1000:
        raise ValueError("`decode_predictions` expects a batch of predictions (i.e. a 2D array of shape (samples, 1000)). Found array with "
                         f"shape: {preds.shape}")
    path = models_folder() / "imagenet_class_index.json"
    if not path.exists():
        raise NotImplementedError(f"The names of ImageNet's classes are not downloaded: put Keras's file {path.name} into {path.parent}")
    names = json.loads(path.read_text(encoding="utf-8"))
    return [[(*names[str(i)], row[i]) for i in row.argsort()[::-1][:top]] for row in preds]
