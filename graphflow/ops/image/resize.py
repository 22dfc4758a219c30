"""tf.image.resize_*: images at another size."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import float32, int32
from ...core.export import export
from ...core.known import partial_shape
from ...core.make import make
from ...core.tensor import Tensor
from ..array.axes import expand_dims, squeeze
from ..array.basic import cast
from ..elementwise.binary import Minimum
from ..elementwise.unary import round_
from .dimensions import dimensions
from .resize_ops import Resize, ResizeArea, ResizeBicubic, ResizeBilinear, ResizeNearestNeighbor


@export("image.ResizeMethod")
class ResizeMethod:
    """How `tf.image.resize_images` finds the pixels of the new size."""
    BILINEAR = 0
    NEAREST_NEIGHBOR = 1
    BICUBIC = 2
    AREA = 3


_CLASSES: dict[Any, type[Resize]] = {
    ResizeMethod.BILINEAR: ResizeBilinear, ResizeMethod.NEAREST_NEIGHBOR: ResizeNearestNeighbor,
    ResizeMethod.BICUBIC: ResizeBicubic, ResizeMethod.AREA: ResizeArea,
    "bilinear": ResizeBilinear, "nearest": ResizeNearestNeighbor, "bicubic": ResizeBicubic, "area": ResizeArea,
}


@export("image.resize_bilinear")
def resize_bilinear(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                    half_pixel_centers: bool = False) -> Tensor:
    """[batch, height, width, channels] images at `size` (height, width), each pixel mixed from four; float32."""
    return make(ResizeBilinear, images, size, name=name, align_corners=align_corners,
                half_pixel_centers=half_pixel_centers)


@export("image.resize_nearest_neighbor")
def resize_nearest_neighbor(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                            half_pixel_centers: bool = False) -> Tensor:
    """[batch, height, width, channels] images at `size` (height, width), each pixel a copy of the nearest; the images' dtype."""
    return make(ResizeNearestNeighbor, images, size, name=name, align_corners=align_corners,
                half_pixel_centers=half_pixel_centers)


@export("image.resize_bicubic")
def resize_bicubic(images: Any, size: Any, align_corners: bool = False, name: str | None = None,
                   half_pixel_centers: bool = False) -> Tensor:
    """[batch, height, width, channels] images at `size` (height, width), each pixel mixed from sixteen by cubic convolution; float32."""
    return make(ResizeBicubic, images, size, name=name, align_corners=align_corners,
                half_pixel_centers=half_pixel_centers)


@export("image.resize_area")
def resize_area(images: Any, size: Any, align_corners: bool = False, name: str | None = None) -> Tensor:
    """[batch, height, width, channels] images at `size` (height, width), each pixel the mean of the area it covers; float32.

    It has no gradient."""
    return make(ResizeArea, images, size, name=name, align_corners=align_corners)


@export("image.resize_images", "image.resize")
def resize_images(images: Any, size: Any, method: Any = ResizeMethod.BILINEAR, align_corners: bool = False,
                  preserve_aspect_ratio: bool = False, name: str | None = None) -> Tensor:
    """Images at another size.

    images: [height, width, channels] or [batch, height, width, channels]. size: int32, (height, width).
    method: of `tf.image.ResizeMethod`, or its name. align_corners: corner pixels stay where they are.
    preserve_aspect_ratio: the largest size within `size` that keeps the proportions.
    Returns float32, but with NEAREST_NEIGHBOR, or if the size is known to be the images' own, their dtype.
    TF 0.x's resize_images(images, height, width, method) is understood too, and warns once.
    """
    if isinstance(size, int) and isinstance(method, int):
        warn_once("tf.image.resize_images(images, height, width) is TensorFlow 0.x's: use tf.image.resize_images(images, [height, width])")
        size, method, align_corners = [size, method], int(align_corners), False
    with context.default_graph().name_scope(name or "resize"):
        images = convert_to_tensor(images, name="images")
        if images.static is None:
            raise ValueError("'images' contains no shape: give it a rank, for instance by images.set_shape([None, None, None, 3]).")
        if len(images.static) not in (3, 4):
            raise ValueError(f"'images' must have either 3 or 4 dimensions, got shape {images.shape}.")
        is_batch = len(images.static) == 4
        if not is_batch:
            images = expand_dims(images, 0)
        size = _checked(size)
        if preserve_aspect_ratio:
            size = _fitting(images, size)
        resized = _resized(images, size, method, align_corners)
        return resized if is_batch else squeeze(resized, axis=[0])


def _checked(size: Any) -> Tensor:
    """`size` as a tensor of two int32."""
    size = convert_to_tensor(size, name="size")
    if not size.shape.is_compatible_with([2]):
        raise ValueError(f"'size' must be a 1-D Tensor of 2 elements: new_height, new_width; got shape {size.shape}")
    if size.dtype.base_dtype is not int32:
        raise ValueError(f"'size' must be a 1-D int32 Tensor, got {size.dtype.base_dtype.name}; tf.cast(size, tf.int32) converts.")
    return size


def _fitting(images: Tensor, size: Tensor) -> Tensor:
    """The largest size within `size` that keeps the proportions of the images."""
    _, height, width, _ = dimensions(images, 4)
    by_height = cast(size[0], float32) / cast(height, float32)
    by_width = cast(size[1], float32) / cast(width, float32)
    scale = make(Minimum, by_height, by_width)
    new_height = cast(round_(scale * cast(height, float32)), int32)
    return convert_to_tensor([new_height, cast(round_(scale * cast(width, float32)), int32)], int32, "size")


def _resized(images: Tensor, size: Tensor, method: Any, align_corners: bool) -> Tensor:
    wanted = partial_shape(size) or (None, None)
    if None not in wanted and images.static is not None and images.static[1:3] == wanted:
        return images
    if isinstance(method, (Tensor, bool)) or method not in _CLASSES:
        raise ValueError(f"Resize method is not implemented: {method}; give one of tf.image.ResizeMethod.")
    resized: Tensor = make(_CLASSES[method], images, size, align_corners=align_corners)
    resized.set_shape([None, *wanted, None])
    return resized
