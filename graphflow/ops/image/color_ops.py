"""The op types of colour: hue, saturation and value, and what changes them. Channels are the last axis.

Hue is an angle in turns: 0 red, 1/3 green, 2/3 blue. Kernels work in float32 or wider; narrower images are widened first.
"""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8
from ...core.op import Op, Spec, one_of, require, require_rank
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.basic import cast
from ..array.stacking import stack
from ..elementwise.comparison import greater, greater_equal, less, less_equal, logical_and
from ..elementwise.division import div_no_nan
from ..elementwise.unary import square


def _wide(xp: Namespace, x: Any) -> Any:
    return xp.astype(x, np.float32) if x.dtype.itemsize < 4 else x


def _ramp(xp: Namespace, hue: Any, centre: int) -> Any:
    """1 near the middle of a channel's colours, 0 far from it; hue in sixths of a turn, centre: 3 for red, 2 green, 4 blue."""
    distance = xp.abs(hue - centre)
    return xp.clip(distance - 1 if centre == 3 else 2 - distance, 0, 1)


def rgb_to_hsv_values(xp: Namespace, images: Any) -> tuple[Any, Any, Any, Any]:
    """(hue in turns, the greatest channel, the least channel, their difference)."""
    r, g, b = images[..., 0], images[..., 1], images[..., 2]
    most, least = xp.maximum(xp.maximum(r, g), b), xp.minimum(xp.minimum(r, g), b)
    span = most - least
    norm = 1 / (6 * xp.where(span > 0, span, 1))
    hue = xp.where(r == most, norm * (g - b), xp.where(g == most, norm * (b - r) + 2 / 6, norm * (r - g) + 4 / 6))
    hue = xp.where(span > 0, hue, 0)
    return xp.where(hue < 0, hue + 1, hue), most, least, span


def _painted(xp: Namespace, hue: Any, least: Any, span: Any) -> Any:
    """Images of a hue in turns, from the least channel and the span to the greatest."""
    return xp.stack([least + span * _ramp(xp, hue * 6, centre) for centre in (3, 2, 4)], -1)


class _Colors(Op):
    """Images in, images of the same shape out; the last axis has three channels."""
    T: Any

    def infer(self, images: Spec, *factor: Spec) -> Spec:
        shape = images.shape
        if shape is not None:
            require(len(shape) >= 1, "Shape must be at least rank 1 but is rank 0")
            require(shape[-1] in (None, 3), f"Dimension must be 3 but is {shape[-1]}")
        return Spec(self.T, None if shape is None else (*shape[:-1], 3))


class RGBToHSV(_Colors, sig="images: T -> output: T"):
    """Hue, saturation and value of red, green and blue."""
    T: DType = one_of(float16, bfloat16, float32, float64, default=float32)

    def kernel(self, xp: Namespace, images: Any) -> Any:
        hue, most, _, span = rgb_to_hsv_values(xp, _wide(xp, images))
        return xp.astype(xp.stack([hue, xp.where(most > 0, span / xp.where(most > 0, most, 1), 0), most], -1), self.T.np)

    def grad(self, op: Operation, dy: Tensor) -> Any:
        dy = convert_to_tensor(dy)
        r, g, b = (op.inputs[0][..., i] for i in (0, 1, 2))
        dh, ds, dv = (dy[..., i] for i in (0, 1, 2))

        def both(x: Tensor, y: Tensor) -> Tensor:
            return cast(logical_and(x, y), dy.dtype.base_dtype)
        # which channel counts as the greatest and the least where some are equal is TensorFlow's choice
        most = [both(greater_equal(r, b), greater_equal(r, g)), both(greater(g, r), greater_equal(g, b)),
                both(greater(b, r), greater(b, g))]
        least = [both(less(r, b), less(r, g)), both(less_equal(g, r), less(g, b)), both(less_equal(b, r), less_equal(b, g))]
        value, low = (m[0] * r + m[1] * g + m[2] * b for m in (most, least))
        span = value - low
        around = most[0] * (g - b) + most[1] * (b - r) + most[2] * (r - g)
        found = []
        for i in (0, 1, 2):
            from_saturation = div_no_nan(most[i] * low, square(value)) - div_no_nan(least[i], value)
            turn = most[(i + 2) % 3] - most[(i + 1) % 3]
            from_hue = div_no_nan(turn, span) - div_no_nan(around * (most[i] - least[i]), square(span))
            found.append(dv * most[i] + ds * from_saturation + dh * from_hue / 6)
        return (stack(found, axis=-1),)


class HSVToRGB(_Colors, sig="images: T -> output: T"):
    """Red, green and blue of hue, saturation and value."""
    T: DType = one_of(float16, bfloat16, float32, float64, default=float32)

    def kernel(self, xp: Namespace, images: Any) -> Any:
        images = _wide(xp, images)
        hue, saturation, value = images[..., 0], images[..., 1], images[..., 2]
        ramps = [(1 - saturation + saturation * _ramp(xp, hue * 6, centre)) * value for centre in (3, 2, 4)]
        return xp.astype(xp.stack(ramps, -1), self.T.np)

    def grad(self, op: Operation, dy: Tensor) -> Any:
        return (None,)          # as in TensorFlow


class _Adjust(Op):
    """Images and a scalar; no gradient, as in TensorFlow."""
    T: Any

    def infer(self, images: Spec, factor: Spec) -> Spec:
        shape = images.shape
        require(shape is None or len(shape) >= 3, f"Shape must be at least rank 3 but is rank {len(shape or ())}")
        require(factor.shape in (None, ()), f"Shape must be rank 0 but is rank {len(factor.shape or ())}")
        return Spec(self.T, shape)


def _three_channels(images: Any) -> None:
    require(images.shape[-1] == 3, f"input must have 3 channels but instead has {images.shape[-1]} channels")


class AdjustContrastv2(_Adjust, sig="images: T, contrast_factor: float32 -> output: T"):
    """The distance of each channel from its mean over the image, multiplied."""
    T: DType = one_of(float16, float32, default=float32)

    def kernel(self, xp: Namespace, images: Any, factor: Any) -> Any:
        wide = _wide(xp, images)
        mean = xp.mean(wide, axis=(-3, -2), keepdims=True)
        return xp.astype((wide - mean) * factor + mean, self.T.np)


class AdjustContrast(Op, sig="images: T, contrast_factor: float32, min_value: float32, max_value: float32 -> output: float32"):
    """As AdjustContrastv2, in floats cut to [min_value, max_value]: the op of the first TensorFlow."""
    T: DType = one_of(uint8, int8, int16, int32, int64, float32, float64)

    def infer(self, images: Spec, *scalars: Spec) -> Spec:
        require(images.shape is None or len(images.shape) >= 3, f"Shape must be at least rank 3 but is rank {len(images.shape or ())}")
        for scalar in scalars:
            require_rank(scalar, 0)
        return Spec(float32, images.shape)

    def kernel(self, xp: Namespace, images: Any, factor: Any, low: Any, high: Any) -> Any:
        wide = xp.astype(images, np.float32)
        mean = xp.mean(wide, axis=(-3, -2), keepdims=True)
        return xp.clip((wide - mean) * factor + mean, low, high)


class AdjustHue(_Adjust, sig="images: T, delta: float32 -> output: T"):
    """The hue of each pixel turned by delta."""
    T: DType = one_of(float16, float32, default=float32)

    def kernel(self, xp: Namespace, images: Any, delta: Any) -> Any:
        _three_channels(images)
        hue, _, least, span = rgb_to_hsv_values(xp, _wide(xp, images))
        turned = hue + delta
        return xp.astype(_painted(xp, turned - xp.floor(turned), least, span), self.T.np)


class AdjustSaturation(_Adjust, sig="images: T, scale: float32 -> output: T"):
    """The saturation of each pixel multiplied, and cut to [0, 1]."""
    T: DType = one_of(float16, float32, default=float32)

    def kernel(self, xp: Namespace, images: Any, scale: Any) -> Any:
        _three_channels(images)
        hue, most, _, span = rgb_to_hsv_values(xp, _wide(xp, images))
        saturation = xp.where(most > 0, span / xp.where(most > 0, most, 1), 0)
        new_span = xp.clip(saturation * scale, 0, 1) * most
        return xp.astype(_painted(xp, hue, most - new_span, new_span), self.T.np)
