"""What holds for all of Keras in this process: the float type, epsilon, the order of an image's axes."""
from __future__ import annotations

from typing import Any

import numpy as np

import graphflow as tf

from ...core.export import export

_SETTINGS: dict[str, Any] = {"floatx": "float32", "epsilon": 1e-07, "image_data_format": "channels_last"}


@export("keras.backend.backend")
def backend() -> str:
    """'tensorflow', the name of what Keras runs on."""
    return "tensorflow"


@export("keras.backend.floatx")
def floatx() -> str:
    """The default float type, 'float32'."""
    return str(_SETTINGS["floatx"])


@export("keras.backend.set_floatx")
def set_floatx(value: str) -> None:
    """Sets the default float type: 'float16', 'float32' or 'float64'."""
    if value not in ("float16", "float32", "float64"):
        raise ValueError(f"Unknown `floatx` value: {value}. Expected one of {{'float16', 'float32', 'float64'}}")
    _SETTINGS["floatx"] = str(value)


@export("keras.backend.epsilon")
def epsilon() -> float:
    """The small number that keeps divisions and logarithms finite, 1e-07."""
    return float(_SETTINGS["epsilon"])


@export("keras.backend.set_epsilon")
def set_epsilon(value: float) -> None:
    """Sets what `epsilon()` gives."""
    _SETTINGS["epsilon"] = value


@export("keras.backend.image_data_format")
def image_data_format() -> str:
    """'channels_last' or 'channels_first'."""
    return str(_SETTINGS["image_data_format"])


@export("keras.backend.set_image_data_format")
def set_image_data_format(data_format: str) -> None:
    """Sets the default order of an image's axes."""
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(f"Unknown `data_format`: {data_format}. Expected one of {{'channels_last', 'channels_first'}}")
    _SETTINGS["image_data_format"] = str(data_format)


@export("keras.backend.cast_to_floatx")
def cast_to_floatx(x: Any) -> Any:
    """An array, or a tensor, of the default float type."""
    if hasattr(x, "graph"):
        return tf.cast(x, floatx())
    return np.asarray(x, dtype=floatx())


def data_format_of(value: Any) -> str:
    """A layer's argument `data_format`: None means the default."""
    found = str(value or image_data_format()).lower()
    if found not in ("channels_first", "channels_last"):
        raise ValueError(f'The `data_format` argument must be one of "channels_first", "channels_last". Received: {value}')
    return found
