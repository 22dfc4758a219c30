"""Brightness, contrast, hue, saturation and gamma, given or at random; standardization.

Integer images are converted to floats in [0, 1], changed, and converted back.
"""
from __future__ import annotations

from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import float16, float32
from ...core.export import export
from ...core.make import make
from ...core.op import require
from ...core.tensor import Tensor
from ..array.basic import cast, shape_internal
from ..control_flow.flow import with_dependencies
from ..elementwise.binary import AddV2, Maximum
from ..elementwise.division import RealDiv
from ..elementwise.unary import rsqrt
from ..random.distributions import random_uniform
from ..reduce.composed import reduce_std
from ..reduce.reduction import reduce_mean, reduce_prod
from .color import convert_image_dtype
from .color_ops import AdjustContrastv2, AdjustHue, AdjustSaturation
from .dimensions import check, check_at_least_3d


def _floats(image: Tensor) -> Tensor:
    """The image in a dtype that the op types of colour take."""
    return image if image.dtype.base_dtype in (float16, float32) else convert_image_dtype(image, float32)


def _restored(image: Tensor, original: Tensor, saturate: bool = True) -> Tensor:
    return convert_image_dtype(image, original.dtype.base_dtype, saturate=saturate)


@export("image.adjust_brightness")
def adjust_brightness(image: Any, delta: Any) -> Tensor:
    """The image plus delta; 1 is the whole range of an integer image, which saturates."""
    with context.default_graph().name_scope("adjust_brightness") as scope:
        image = convert_to_tensor(image, name="image")
        floats = _floats(image)
        return _restored(make(AddV2, floats, cast(delta, floats.dtype.base_dtype), name=scope), image)


@export("image.adjust_contrast")
def adjust_contrast(images: Any, contrast_factor: Any) -> Tensor:
    """Each channel's distance from its mean over height and width, multiplied. Integer images saturate. It has no gradient.

    images: [..., height, width, channels].
    """
    with context.default_graph().name_scope("adjust_contrast") as scope:
        images = convert_to_tensor(images, name="images")
        return _restored(make(AdjustContrastv2, _floats(images), contrast_factor, name=scope), images)


@export("image.adjust_gamma")
def adjust_gamma(image: Any, gamma: Any = 1, gain: Any = 1) -> Tensor:
    """gain * image ** gamma, of an image in [0, 1] or an integer one, which saturates. gamma: not negative."""
    with context.default_graph().name_scope("adjust_gamma"):
        image = convert_to_tensor(image, name="image")
        floats = _floats(image)
        checks = check(gamma >= 0, "Gamma should be a non-negative real number.")
        if checks:
            gamma = with_dependencies(checks, gamma)
        return _restored(gain * floats ** gamma, image)


@export("image.adjust_hue")
def adjust_hue(image: Any, delta: Any, name: str | None = None) -> Tensor:
    """The image with all hues turned by delta, in turns. It has no gradient.

    image: [..., height, width, 3], red, green and blue.
    """
    with context.default_graph().name_scope(name or "adjust_hue"):
        image = convert_to_tensor(image, name="image")
        return _restored(make(AdjustHue, _floats(image), delta), image, saturate=False)


@export("image.adjust_saturation")
def adjust_saturation(image: Any, saturation_factor: Any, name: str | None = None) -> Tensor:
    """The image with all saturations multiplied. It has no gradient.

    image: [..., height, width, 3], red, green and blue.
    """
    with context.default_graph().name_scope(name or "adjust_saturation"):
        image = convert_to_tensor(image, name="image")
        return _restored(make(AdjustSaturation, _floats(image), saturation_factor), image, saturate=False)


@export("image.random_brightness")
def random_brightness(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_brightness` by a random delta in [-max_delta, max_delta)."""
    require(max_delta >= 0, "max_delta must be non-negative.")
    return adjust_brightness(image, random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_contrast")
def random_contrast(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_contrast` by a random factor in [lower, upper)."""
    _check_range(lower, upper)
    return adjust_contrast(image, random_uniform([], lower, upper, seed=seed))


@export("image.random_hue")
def random_hue(image: Any, max_delta: float, seed: int | None = None) -> Tensor:
    """`adjust_hue` by a random delta in [-max_delta, max_delta); max_delta: in [0, 0.5]."""
    require(max_delta <= 0.5, "max_delta must be <= 0.5.")
    require(max_delta >= 0, "max_delta must be non-negative.")
    return adjust_hue(image, random_uniform([], -max_delta, max_delta, seed=seed))


@export("image.random_saturation")
def random_saturation(image: Any, lower: float, upper: float, seed: int | None = None) -> Tensor:
    """`adjust_saturation` by a random factor in [lower, upper)."""
    _check_range(lower, upper)
    return adjust_saturation(image, random_uniform([], lower, upper, seed=seed))


def _check_range(lower: float, upper: float) -> None:
    require(upper > lower, "upper must be > lower.")
    require(lower >= 0, "lower must be non-negative.")


@export("image.per_image_standardization", old=["image.per_image_whitening"])
def per_image_standardization(image: Any) -> Tensor:
    """Each image minus its mean, divided by its standard deviation (at least 1 / sqrt(number of elements)); float32.

    image: [height, width, channels] or [batch, height, width, channels].
    """
    with context.default_graph().name_scope("per_image_standardization") as scope:
        image = convert_to_tensor(image, name="image")
        image = with_dependencies(check_at_least_3d(image, require_static=False), image)
        image = cast(image, float32)
        count = reduce_prod(shape_internal(image)[-3:])
        mean = reduce_mean(image, axis=[-1, -2, -3], keepdims=True)
        deviation = reduce_std(image, axis=[-1, -2, -3], keepdims=True)
        least = rsqrt(cast(count, float32))
        deviation = make(Maximum, deviation, least)
        return make(RealDiv, image - mean, deviation, name=scope)
