"""Colours: conversions between spaces and dtypes."""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype, float32, int32
from ...core.export import export
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ..array.axes import expand_dims, rank
from ..array.basic import cast, identity, shape_internal
from ..array.fill import ones
from ..array.joining import concat
from ..array.tile import tile
from ..checks.asserts import assert_equal, assert_greater_equal
from ..control_flow.flow import with_dependencies
from ..elementwise.binary import Mul
from ..elementwise.casts import saturate_cast
from ..elementwise.division import FloorDiv
from ..linalg.products import tensordot
from .color_ops import HSVToRGB, RGBToHSV

GRAY = [0.2989, 0.5870, 0.1140]         # luma of ITU-R BT.601
# From red, green, blue (rows) to luma and two chromas (columns), of NTSC (YIQ) and of PAL (YUV), and back.
RGB_TO_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617], [0.114, -0.32134392, 0.31119955]]
YIQ_TO_RGB = [[1.0, 1.0, 1.0], [0.95598634, -0.27201283, -1.10674021], [0.6208248, -0.64720424, 1.70423049]]
RGB_TO_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512], [0.114, 0.43601035, -0.10001026]]
YUV_TO_RGB = [[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185], [1.13988303, -0.58062185, 0.0]]


@export("image.convert_image_dtype")
def convert_image_dtype(image: Any, dtype: Any, saturate: bool = False, name: str | None = None) -> Tensor:
    """The image in another dtype, scaled: numbers from 0 to the greatest of an integer dtype are 0 to 1 in a floating one.

    saturate: numbers beyond the dtype's range become its least or greatest, instead of wrapping around.
    """
    image = convert_to_tensor(image, name="image")
    dtype, source = as_dtype(dtype), image.dtype.base_dtype
    if not dtype.is_floating and not dtype.is_integer:
        raise AttributeError(f"dtype must be either floating point or integer, got {dtype.name}")
    if dtype is source:
        return identity(image, name=name)
    with context.default_graph().name_scope(name or "convert_image") as scope:
        if source.is_integer and dtype.is_integer:
            return _between_integers(image, dtype, saturate, scope)
        if source.is_floating and dtype.is_floating:
            return cast(image, dtype, name=scope)
        if source.is_integer:
            return make(Mul, cast(image, dtype), 1.0 / source.max, name=scope)
        scaled = make(Mul, image, dtype.max + 0.5)      # + 0.5: 1.0 becomes the greatest, and each number gets an equal share
        return saturate_cast(scaled, dtype, name=scope) if saturate else cast(scaled, dtype, name=scope)


def _between_integers(image: Tensor, dtype: Any, saturate: bool, scope: str) -> Tensor:
    source = image.dtype.base_dtype
    if source.max > dtype.max:
        scaled = make(FloorDiv, image, (source.max + 1) // (dtype.max + 1), name="floordiv")
        return saturate_cast(scaled, dtype, name=scope) if saturate else cast(scaled, dtype, name=scope)
    wide = saturate_cast(image, dtype) if saturate else cast(image, dtype)
    return make(Mul, wide, (dtype.max + 1) // (source.max + 1), name=scope)


@export("image.rgb_to_grayscale")
def rgb_to_grayscale(images: Any, name: str | None = None) -> Tensor:
    """The luma of images whose last axis holds red, green and blue; that axis becomes one wide. The images' dtype."""
    with context.default_graph().name_scope(name or "rgb_to_grayscale") as scope:
        images = convert_to_tensor(images, name="images")
        gray = tensordot(convert_image_dtype(images, float32), GRAY, [-1, -1])
        return convert_image_dtype(expand_dims(gray, -1), images.dtype.base_dtype, name=scope)


@export("image.grayscale_to_rgb")
def grayscale_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Images whose last axis is one wide, with that channel as red, green and blue."""
    with context.default_graph().name_scope(name or "grayscale_to_rgb") as scope:
        images = convert_to_tensor(images, name="images")
        images = with_dependencies(_check_gray(images), images)
        before = expand_dims(rank(images) - 1, 0)
        multiples = concat([ones(before, int32), expand_dims(3, 0)], 0)
        found = tile(images, multiples, name=scope)
        if images.static is not None:
            found.set_shape([*images.static[:-1], 3])
        return found


def _check_gray(images: Tensor) -> list[Operation]:
    static = images.static
    if static is not None:
        if len(static) < 2:
            raise ValueError(f"A grayscale image (shape {images.shape}) must be at least two-dimensional.")
        if static[-1] not in (None, 1):
            raise ValueError(f"Last dimension of a grayscale image should be size 1, got shape {images.shape}.")
        if None not in static:
            return []
    return [assert_equal(shape_internal(images)[-1], 1, message="Last dimension of a grayscale image should be size 1."),
            assert_greater_equal(rank(images), 3, message="A grayscale image must be at least two-dimensional.")]


@export("image.rgb_to_hsv")
def rgb_to_hsv(images: Any, name: str | None = None) -> Tensor:
    """Hue, saturation and value, each in [0, 1], of images whose last axis holds red, green and blue in [0, 1]."""
    return make(RGBToHSV, images, name=name)


@export("image.hsv_to_rgb")
def hsv_to_rgb(images: Any, name: str | None = None) -> Tensor:
    """Red, green and blue of images whose last axis holds hue, saturation and value, each in [0, 1]. It has no gradient."""
    return make(HSVToRGB, images, name=name)


def _linear(function_name: str, matrix: list[list[float]], doc: str) -> Any:
    def function(images: Any) -> Tensor:
        images = convert_to_tensor(images, name="images")
        kernel = convert_to_tensor(matrix, images.dtype.base_dtype, "kernel")
        return tensordot(images, kernel, [[len(images.shape) - 1], [0]])
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = doc
    return export(f"image.{function_name}")(function)


rgb_to_yiq = _linear("rgb_to_yiq", RGB_TO_YIQ, "Luma and two chromas of NTSC, of floating images; the last axis holds red, green, blue.")
yiq_to_rgb = _linear("yiq_to_rgb", YIQ_TO_RGB, "Red, green and blue of floating images; the last axis holds luma and the chromas of NTSC.")
rgb_to_yuv = _linear("rgb_to_yuv", RGB_TO_YUV, "Luma and two chromas of PAL, of floating images; the last axis holds red, green, blue.")
yuv_to_rgb = _linear("yuv_to_rgb", YUV_TO_RGB, "Red, green and blue of floating images; the last axis holds luma and the chromas of PAL.")
