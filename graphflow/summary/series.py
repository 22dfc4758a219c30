"""tf.summary of TensorFlow 2: numbers, histograms, images, sounds and texts over the steps of a program."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from graphflow.core import context
from graphflow.core.convert import convert_to_tensor
from graphflow.core.dtypes import DType, float32, float64, string, uint8
from graphflow.core.tensor import Tensor
from graphflow.formats import proto, summary_tensors
from graphflow.ops.array.basic import cast
from graphflow.ops.image.color import convert_image_dtype
from graphflow.ops.script import numpy_function

from .recording import in_scope, write


def scalar(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Records a number (any real dtype, as float32). Gives a bool tensor: whether it was. ValueError for more than one number."""
    def tensor() -> Tensor:
        value = convert_to_tensor(data)
        if value.static not in ((), None):
            raise ValueError(f"Expected scalar shape, saw shape: {value.shape}.")
        return cast(value, float32)
    return _series("scalars", name, tensor, step, description)


def histogram(name: str, data: Any, step: Any = None, buckets: int | None = None, description: str | None = None) -> Any:
    """Records how values (real, any shape) spread over `buckets` (30) intervals of one width. A bool tensor: whether it was."""
    count = 30 if buckets is None else int(buckets)
    return _series("histograms", name, lambda: _made(lambda values: summary_tensors.buckets(values, count), data, float64), step,
                   description)


def image(name: str, data: Any, step: Any = None, max_outputs: int = 3, description: str | None = None) -> Any:
    """Records the first images of a batch [batch, height, width, channels], floating in 0 .. 1 or integers. A bool tensor: whether it was.

    channels: 1 (grey), 3 (RGB) or 4 (RGBA). Integers of other types than uint8 count to their greatest.
    """
    def tensor() -> Tensor:
        pixels = convert_image_dtype(convert_to_tensor(data), uint8, saturate=True)
        return _made(lambda values: summary_tensors.pictures(values, max_outputs), pixels, string)
    return _series("images", name, tensor, step, description)


def audio(name: str, data: Any, sample_rate: int, step: Any = None, max_outputs: int = 3, encoding: str | None = None,
          description: str | None = None) -> Any:
    """Records the first sounds of a batch [batch, frames, channels], float32 in -1 .. 1, as WAV files. A bool tensor: whether it was.

    sample_rate: Hz. encoding: "wav", the only one there is; ValueError for another.
    """
    if encoding not in (None, "wav"):
        raise ValueError(f"Unknown encoding: {encoding!r}; there is 'wav'")
    return _series("audio", name, lambda: _made(lambda values: summary_tensors.sounds(values, int(sample_rate), max_outputs), data, string),
                   step, description, summary_tensors.WAV)


def text(name: str, data: Any, step: Any = None, description: str | None = None) -> Any:
    """Records strings (any shape), which TensorBoard shows as Markdown. A bool tensor: whether it was."""
    return _series("text", name, lambda: convert_to_tensor(data, string), step, description)


def _series(plugin: str, name: str, tensor: Callable[[], Any], step: Any, description: str | None, content: bytes = b"") -> Any:
    metadata = proto.SummaryMetadata(plugin_data={"plugin_name": plugin, "content": content}, summary_description=description or "")
    return write(in_scope(name), tensor, step, metadata)


def _made(function: Callable[[np.ndarray[Any, Any]], np.ndarray[Any, Any]], data: Any, dtype: DType) -> Tensor:
    """A tensor that a function of arrays makes."""
    value = convert_to_tensor(data)
    if context.default_graph().eager:
        return convert_to_tensor(function(np.asarray(value)), dtype)
    return numpy_function(function, [value], dtype)
