"""tf.keras.preprocessing.image: pictures in files as arrays and back, by Pillow (the extra `images`)."""
from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np

from ...core.export import export
from ...core.late import Late
from ..backend.settings import data_format_of, floatx

_late = Late(image="PIL.Image")  # at first use: saves 20 ms, and Pillow for programs without pictures

_METHODS = {"nearest": "NEAREST", "bilinear": "BILINEAR", "bicubic": "BICUBIC", "hamming": "HAMMING", "box": "BOX", "lanczos": "LANCZOS"}
_MODES = {"rgb": "RGB", "rgba": "RGBA", "grayscale": "L"}
_DEEP_GRAYS = ("I;16", "I")


def pillow() -> Any:
    """The module PIL.Image. ImportError, with what to do, where Pillow is not installed."""
    try:
        return _late.image
    except ImportError:
        raise ImportError("Could not import PIL.Image. The use of `load_img` and `array_to_img` requires Pillow: python -m pip install "
                          "pillow") from None


@export("keras.preprocessing.image.img_to_array", "keras.utils.img_to_array")
def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> Any:
    """The pixels of a picture, or of an array [height, width (, channels)]: [height, width, channels], or channels first.

    dtype: float32 (K.floatx()) by default. ValueError for other ranks.
    """
    first = data_format_of(data_format) == "channels_first"
    found = np.asarray(img, dtype=dtype or floatx())
    if found.ndim not in (2, 3):
        raise ValueError(f"Unsupported image shape: {found.shape}")
    if found.ndim == 2:
        found = found[:, :, None]
    return found.transpose(2, 0, 1) if first else found


@export("keras.preprocessing.image.array_to_img", "keras.utils.array_to_img")
def array_to_img(x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None) -> Any:
    """A Pillow picture of an array [height, width, channels] with 1, 3 or 4 channels.

    scale: the values are moved and stretched to 0 .. 255. ValueError for other shapes.
    """
    image = pillow()
    found = np.asarray(x, dtype=dtype or floatx())
    if found.ndim != 3:
        raise ValueError(f"Expected image array to have rank 3 (single image). Got array with shape: {found.shape}")
    if data_format_of(data_format) == "channels_first":
        found = found.transpose(1, 2, 0)
    if scale:
        found = found - found.min() if found.min() < 0 else found
        largest = found.max()
        found = found / largest * 255 if largest != 0 else found
    channels = found.shape[2]
    if channels in (3, 4):
        return image.fromarray(np.ascontiguousarray(found.astype(np.uint8)))
    if channels != 1:
        raise ValueError(f"Unsupported channel number: {channels}; a picture has 1, 3 or 4")
    gray = found[:, :, 0]
    return image.fromarray(gray.astype(np.int32)) if gray.max() > 255 else image.fromarray(gray.astype(np.uint8))


@export("keras.preprocessing.image.save_img", "keras.utils.save_img")
def save_img(path: Any, x: Any, data_format: str | None = None, file_format: str | None = None, scale: bool = True, **kwargs: Any) -> None:
    """Writes an array as a picture; the format is that of the name's ending, or file_format."""
    picture = array_to_img(x, data_format, scale)
    ending = (file_format or os.fspath(path).rpartition(".")[2]).lower()
    if picture.mode == "RGBA" and ending in ("jpg", "jpeg"):
        warnings.warn("The JPG format does not support RGBA images, converting to RGB.", stacklevel=2)
        picture = picture.convert("RGB")
    picture.save(path, format=file_format, **kwargs)


@export("keras.preprocessing.image.load_img", "keras.utils.load_img")
def load_img(path: Any, grayscale: bool = False, color_mode: str = "rgb", target_size: Any = None, interpolation: str = "nearest") -> Any:
    """A Pillow picture of a file. color_mode: 'rgb', 'rgba' or 'grayscale'; target_size: (height, width)."""
    if grayscale:
        warnings.warn("grayscale is deprecated. Please use color_mode = \"grayscale\"", stacklevel=2)
        color_mode = "grayscale"
    if color_mode not in _MODES:
        raise ValueError('color_mode must be "grayscale", "rgb", or "rgba"')
    if interpolation not in _METHODS:
        raise ValueError(f"Invalid interpolation method {interpolation} specified. Supported methods are {', '.join(sorted(_METHODS))}")
    image = pillow()
    with image.open(path) as opened:
        mode = _MODES[color_mode]
        keeps = opened.mode == mode or mode == "L" and opened.mode in _DEEP_GRAYS
        picture = opened.copy() if keeps else opened.convert(mode)
    if target_size is None or picture.size == (target_size[1], target_size[0]):
        return picture
    methods = getattr(image, "Resampling", image)
    return picture.resize((target_size[1], target_size[0]), getattr(methods, _METHODS[interpolation]))
