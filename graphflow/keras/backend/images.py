"""Larger images and volumes, and padding, of tf.keras.backend."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from .settings import data_format_of


@export("keras.backend.repeat_elements")
def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Each element along an axis `rep` times."""
    size = x.static[axis]
    if size is not None:
        return tf.concat([part for part in tf.split(x, size, axis) for _ in range(rep)], axis)
    rank = len(x.static)
    axis %= rank
    multiples = [1] * (rank + 1)
    multiples[axis + 1] = rep
    found = tf.tile(tf.expand_dims(x, axis + 1), multiples)
    sizes = [tf.shape(x)[i] * (rep if i == axis else 1) for i in range(rank)]
    found = tf.reshape(found, tf.stack(sizes))
    found.set_shape([None if i == axis else n for i, n in enumerate(x.static)])
    return found


@export("keras.backend.resize_images")
def resize_images(x: Any, height_factor: int, width_factor: int, data_format: Any, interpolation: str = "nearest") -> Any:
    """Images height_factor times as high and width_factor times as wide."""
    first = data_format_of(data_format) == "channels_first"
    if first:
        x = tf.transpose(x, [0, 2, 3, 1])
    known = x.static
    sizes = tf.stack([tf.shape(x)[1] * height_factor, tf.shape(x)[2] * width_factor]) if None in known[1:3] else \
        tf.constant([known[1] * height_factor, known[2] * width_factor])
    if interpolation == "nearest":
        x = tf.image.resize_nearest_neighbor(x, sizes, half_pixel_centers=True)
    elif interpolation == "bilinear":
        x = tf.image.resize_bilinear(x, sizes, half_pixel_centers=True)
    else:
        raise ValueError(f"interpolation should be one of 'nearest' or 'bilinear', got {interpolation}")
    x.set_shape([known[0], None if known[1] is None else known[1] * height_factor, None if known[2] is None else known[2] * width_factor,
                 known[3]])
    return tf.transpose(x, [0, 3, 1, 2]) if first else x


@export("keras.backend.resize_volumes")
def resize_volumes(x: Any, depth_factor: int, height_factor: int, width_factor: int, data_format: Any) -> Any:
    """Volumes with each element repeated along three axes."""
    start = 2 if data_format_of(data_format) == "channels_first" else 1
    for i, factor in enumerate((depth_factor, height_factor, width_factor)):
        x = repeat_elements(x, factor, start + i)
    return x


@export("keras.backend.temporal_padding")
def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Zeros before and after the time steps of [batch, time, features]."""
    return tf.pad(x, [[0, 0], [padding[0], padding[1]], [0, 0]])


@export("keras.backend.spatial_2d_padding")
def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Zeros around images."""
    space = [list(padding[0]), list(padding[1])]
    first = data_format_of(data_format) == "channels_first"
    return tf.pad(x, [[0, 0], [0, 0], *space] if first else [[0, 0], *space, [0, 0]])


@export("keras.backend.spatial_3d_padding")
def spatial_3d_padding(x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Zeros around volumes."""
    space = [list(pair) for pair in padding]
    first = data_format_of(data_format) == "channels_first"
    return tf.pad(x, [[0, 0], [0, 0], *space] if first else [[0, 0], *space, [0, 0]])
