"""Pictures that are turned, moved, sheared, zoomed, brightened: arrays of one picture, in coordinates (row, column).

A transformation is a 3 x 3 matrix from places in the new picture to places in the old one, around the picture's middle; SciPy finds the
values between pixels.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.export import export
from ...core.late import Late
from .pictures import array_to_img, img_to_array, pillow

_late = Late(ndimage="scipy.ndimage", enhance="PIL.ImageEnhance")  # at first use: saves 60 ms, and SciPy for programs without it


def _ndimage() -> Any:
    try:
        return _late.ndimage
    except ImportError:
        raise ImportError("Image transformations require SciPy. Install SciPy: python -m pip install scipy") from None


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> Any:
    """Rotation, shift, shear and zoom, one after the other; None where nothing changes."""
    turn, slant = np.deg2rad(theta), np.deg2rad(shear)
    parts = []
    if theta:
        parts.append([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    if tx or ty:
        parts.append([[1, 0, tx], [0, 1, ty], [0, 0, 1]])
    if shear:
        parts.append([[1, -np.sin(slant), 0], [0, np.cos(slant), 0], [0, 0, 1]])
    if zx != 1 or zy != 1:
        parts.append([[zx, 0, 0], [0, zy, 0], [0, 0, 1]])
    return None if not parts else np.linalg.multi_dot(parts) if len(parts) > 1 else np.asarray(parts[0])


@export("keras.preprocessing.image.apply_affine_transform")
def apply_affine_transform(x: Any, theta: float = 0, tx: float = 0, ty: float = 0, shear: float = 0, zx: float = 1, zy: float = 1,
                           row_axis: int = 0, col_axis: int = 1, channel_axis: int = 2, fill_mode: str = "nearest", cval: float = 0.0,
                           order: int = 1) -> Any:
    """A picture turned by theta degrees, moved by tx rows and ty columns, sheared by degrees, zoomed; the same shape.

    fill_mode: 'nearest', 'constant' (cval), 'reflect' or 'wrap', what stands outside; order: of the splines between pixels.
    ImportError where SciPy is not installed.
    """
    ndimage = _ndimage()
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    middle = np.eye(3)
    middle[:2, 2] = x.shape[row_axis] / 2 + 0.5, x.shape[col_axis] / 2 + 0.5
    matrix = middle @ matrix @ np.linalg.inv(middle)
    planes = [ndimage.affine_transform(plane, matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval)
              for plane in np.moveaxis(x, channel_axis, 0)]
    return np.moveaxis(np.stack(planes), 0, channel_axis)


@export("keras.preprocessing.image.apply_channel_shift")
def apply_channel_shift(x: Any, intensity: float, channel_axis: int = 0) -> Any:
    """A picture with `intensity` added, within its least and greatest values."""
    return np.clip(x + np.asarray(intensity, x.dtype), x.min(), x.max())


@export("keras.preprocessing.image.apply_brightness_shift")
def apply_brightness_shift(x: Any, brightness: float) -> Any:
    """A picture, stretched to 0 .. 255, whose brightness is multiplied. ImportError where Pillow is not installed."""
    pillow()
    return img_to_array(_late.enhance.Brightness(array_to_img(x)).enhance(brightness))


@export("keras.preprocessing.image.random_rotation")
def random_rotation(x: Any, rg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
                    cval: float = 0.0, interpolation_order: int = 1) -> Any:
    """A picture turned by up to `rg` degrees either way; numpy's global generator chooses."""
    return apply_affine_transform(x, theta=np.random.uniform(-rg, rg), row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis,
                                  fill_mode=fill_mode, cval=cval, order=interpolation_order)


@export("keras.preprocessing.image.random_shift")
def random_shift(x: Any, wrg: float, hrg: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
                 cval: float = 0.0, interpolation_order: int = 1) -> Any:
    """A picture moved by up to these shares of its width and height."""
    tx = np.random.uniform(-hrg, hrg) * x.shape[row_axis]
    ty = np.random.uniform(-wrg, wrg) * x.shape[col_axis]
    return apply_affine_transform(x, tx=tx, ty=ty, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode,
                                  cval=cval, order=interpolation_order)


@export("keras.preprocessing.image.random_shear")
def random_shear(x: Any, intensity: float, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
                 cval: float = 0.0, interpolation_order: int = 1) -> Any:
    """A picture sheared by up to `intensity` degrees either way."""
    return apply_affine_transform(x, shear=np.random.uniform(-intensity, intensity), row_axis=row_axis, col_axis=col_axis,
                                  channel_axis=channel_axis, fill_mode=fill_mode, cval=cval, order=interpolation_order)


@export("keras.preprocessing.image.random_zoom")
def random_zoom(x: Any, zoom_range: Any, row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest",
                cval: float = 0.0, interpolation_order: int = 1) -> Any:
    """A picture zoomed by factors from zoom_range, a pair (low, high), one for rows and one for columns."""
    if len(zoom_range) != 2:
        raise ValueError(f"`zoom_range` should be a tuple or list of two floats. Received: {zoom_range}")
    zx, zy = (1, 1) if tuple(zoom_range) == (1, 1) else np.random.uniform(zoom_range[0], zoom_range[1], 2)
    return apply_affine_transform(x, zx=zx, zy=zy, row_axis=row_axis, col_axis=col_axis, channel_axis=channel_axis, fill_mode=fill_mode,
                                  cval=cval, order=interpolation_order)


@export("keras.preprocessing.image.random_channel_shift")
def random_channel_shift(x: Any, intensity_range: float, channel_axis: int = 0) -> Any:
    """A picture with a number from -intensity_range .. intensity_range added to all channels."""
    return apply_channel_shift(x, np.random.uniform(-intensity_range, intensity_range), channel_axis)


@export("keras.preprocessing.image.random_brightness")
def random_brightness(x: Any, brightness_range: Any) -> Any:
    """A picture with a brightness from brightness_range, a pair (low, high)."""
    if len(brightness_range) != 2:
        raise ValueError(f"`brightness_range should be tuple or list of two floats. Received: {brightness_range}")
    return apply_brightness_shift(x, np.random.uniform(brightness_range[0], brightness_range[1]))
