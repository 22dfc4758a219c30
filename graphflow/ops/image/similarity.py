"""Structural similarity of images, on one scale and on many.

Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to structural similarity",
IEEE Transactions on Image Processing 13 (2004); Z. Wang, E. P. Simoncelli, A. C. Bovik, "Multiscale structural similarity for image
quality assessment", Asilomar 2003.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32, int32
from ...core.export import export
from ...core.make import make
from ...core.tensor import Tensor
from .. import functions as F
from ..array.axes import expand_dims, shape_n
from ..array.basic import cast, identity, reshape, shape_internal
from ..array.fill import range as range_
from ..array.joining import concat
from ..array.pad import pad
from ..array.stacking import stack
from ..array.tile import tile
from ..checks.asserts import assert_
from ..conv.depthwise import depthwise_conv2d
from ..conv.pool import avg_pool
from ..elementwise.binary import Pow
from ..elementwise.comparison import greater_equal, not_equal
from ..elementwise.unary import square
from ..nn.activations import relu
from ..nn.softmax import softmax
from ..reduce.reduction import reduce_all, reduce_any, reduce_mean, reduce_prod
from .color import convert_image_dtype
from .measure import compatible_shapes

SCALES = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)       # how much each scale weighs, from viewers' judgements (Wang et al. 2003)


class Settings(NamedTuple):
    """Size and width of the Gaussian window, and the two constants that keep quotients stable."""
    size: int
    sigma: float
    k1: float
    k2: float


def _window(size: Tensor, sigma: Tensor) -> Tensor:
    """A Gaussian filter [size, size, 1, 1] that sums to 1: a softmax of its exponents."""
    places = cast(range_(size), sigma.dtype.base_dtype)
    places -= cast(size - 1, sigma.dtype.base_dtype) / 2.0
    exponents = square(places)
    exponents *= -0.5 / square(sigma)
    exponents = reshape(exponents, [1, -1]) + reshape(exponents, [-1, 1])
    return reshape(softmax(reshape(exponents, [1, -1])), [size, size, 1, 1])


def _local_mean(x: Tensor, window: Tensor) -> Tensor:
    """The mean around each pixel of [..., height, width, channels] images, weighted by the window."""
    shape = shape_internal(x)
    found = depthwise_conv2d(reshape(x, concat([[-1], shape[-3:]], 0)), window, [1, 1, 1, 1], "VALID")
    return reshape(found, concat([shape[:-3], shape_internal(found)[1:]], 0))


def _similarity(x: Tensor, y: Tensor, window: Tensor, peak: Tensor, settings: Settings) -> tuple[Any, Any]:
    """(likeness of luminance, likeness of contrast and structure) around each pixel; equations 6 to 13 of Wang et al. 2004."""
    c1, c2 = (settings.k1 * peak) ** 2, (settings.k2 * peak) ** 2
    mean_x, mean_y = _local_mean(x, window), _local_mean(y, window)
    product = mean_x * mean_y * 2.0
    squares = square(mean_x) + square(mean_y)
    luminance = (product + c1) / (squares + c1)
    product_mean = _local_mean(x * y, window) * 2.0
    squares_mean = _local_mean(square(x) + square(y), window)
    c2 *= 1.0
    return luminance, (product_mean - product + c2) / (squares_mean - squares + c2)


def _per_channel(x: Tensor, y: Tensor, peak: Tensor, settings: Settings, index_map: bool = False) -> tuple[Tensor, Tensor]:
    """(structural similarity, its part of contrast and structure) of each channel, or with index_map around each pixel."""
    size = constant_op(settings.size, int32)
    sigma = constant_op(settings.sigma, x.dtype.base_dtype)
    shape_x, shape_y = shape_n([x, y])
    checks = [assert_(reduce_all(greater_equal(shape[-3:-1], size)), [shape, size], summarize=8) for shape in (shape_x, shape_y)]
    with context.default_graph().control_dependencies(checks):
        x = identity(x)
    window = tile(_window(size, sigma), [1, 1, shape_x[-1], 1])
    luminance, structure = _similarity(x, y, window, peak, settings)
    if index_map:
        return luminance * structure, structure
    axes = constant_op([-3, -2], int32)
    return reduce_mean(luminance * structure, axes), reduce_mean(structure, axes)


def _prepared(first: Any, second: Any, max_val: Any) -> tuple[Tensor, Tensor, Tensor, tuple[Tensor, Tensor]]:
    """Both images and the peak as floats, and the images' shapes; checked."""
    first, second = convert_to_tensor(first, name="img1"), convert_to_tensor(second, name="img2")
    shape_a, shape_b, checks = compatible_shapes(first, second)
    with context.default_graph().control_dependencies(checks):
        first = identity(first)
    peak = convert_image_dtype(cast(max_val, first.dtype.base_dtype), float32)
    return convert_image_dtype(first, float32), convert_image_dtype(second, float32), peak, (shape_a, shape_b)


@export("image.ssim")
def ssim(img1: Any, img2: Any, max_val: Any, filter_size: int = 11, filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03,
         return_index_map: bool = False) -> Tensor:
    """The structural similarity of each pair of images, up to 1; float32, without the last three axes.

    img1, img2: [..., height, width, channels] of one dtype, at least filter_size pixels high and wide. max_val: the range of their values.
    return_index_map: around each pixel instead of the mean, [..., height - filter_size + 1, width - filter_size + 1].
    """
    with context.default_graph().name_scope("SSIM"):
        x, y, peak, _ = _prepared(img1, img2, max_val)
        found, _ = _per_channel(x, y, peak, Settings(filter_size, filter_sigma, k1, k2), return_index_map)
        return reduce_mean(found, [-1])


@export("image.ssim_multiscale")
def ssim_multiscale(img1: Any, img2: Any, max_val: Any, power_factors: Sequence[float] = SCALES, filter_size: int = 11,
                    filter_sigma: float = 1.5, k1: float = 0.01, k2: float = 0.03) -> Tensor:
    """The structural similarity of each pair of images over several scales, each half the one before; float32, in [0, 1].

    img1, img2: [..., height, width, channels] of one dtype, at least filter_size pixels high and wide on the last scale.
    power_factors: the weight of each scale.
    """
    with context.default_graph().name_scope("MS-SSIM"):
        x, y, peak, shapes = _prepared(img1, img2, max_val)
        images, heads, tails = [x, y], [shape[:-3] for shape in shapes], [shape[-3:] for shape in shapes]
        halves = constant_op([2, 2, 1], int32)
        found = []
        for scale in range(len(power_factors)):
            with context.default_graph().name_scope(f"Scale{scale}"):
                if scale:
                    smaller = _halved(images, tails, halves)
                    tails = [shape[1:] for shape in shape_n(smaller)]
                    images = [reshape(z, concat([head, tail], 0)) for z, head, tail in zip(smaller, heads, tails)]
                whole, structure = _per_channel(images[0], images[1], peak, Settings(filter_size, filter_sigma, k1, k2))
                found.append(relu(structure))
        found[-1] = relu(whole)         # luminance counts on the last scale only
        powers = make(Pow, stack(found, axis=-1), list(power_factors), name="Pow")
        return reduce_mean(reduce_prod(powers, [-1]), [-1])


def _halved(images: list[Tensor], tails: list[Tensor], halves: Tensor) -> list[Tensor]:
    """Batches of the images at half their size, odd ones by one mirrored pixel more."""
    flat = [reshape(x, concat([[-1], tail], 0)) for x, tail in zip(images, tails)]
    over = tails[0] % halves

    def mirrored() -> list[Tensor]:
        odd = pad(expand_dims(over, -1), [[1, 0], [1, 0]])
        return [pad(x, odd, mode="SYMMETRIC") for x in flat]

    even = F.cond(reduce_any(not_equal(over, 0)), mirrored, lambda: flat)
    return [avg_pool(x, [1, 2, 2, 1], [1, 2, 2, 1], "VALID") for x in even]
