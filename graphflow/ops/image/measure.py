"""Measures of images and of pairs of images: gradients, edges, variation, signal to noise ratio."""
from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...core import context
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32
from ...core.export import export
from ...core.make import make
from ...core.operation import Operation
from ...core.tensor import Tensor
from ..array.axes import shape_n, size
from ..array.basic import cast, identity, reshape, shape_internal
from ..array.fill import zeros
from ..array.joining import concat
from ..array.pad import pad
from ..array.stacking import stack, unstack
from ..array.tile import tile
from ..checks.asserts import assert_
from ..conv.depthwise import depthwise_conv2d
from ..elementwise.binary import Sub, squared_difference
from ..elementwise.comparison import equal, greater_equal
from ..elementwise.unary import abs_, log
from ..reduce.reduction import reduce_all, reduce_mean, reduce_sum
from .color import convert_image_dtype

# I. Sobel, G. Feldman, "A 3x3 isotropic gradient operator", 1968: down and to the right.
SOBEL = np.array([[[-1, -2, -1], [0, 0, 0], [1, 2, 1]], [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]])


@export("image.image_gradients")
def image_gradients(image: Any) -> tuple[Tensor, Tensor]:
    """(dy, dx): the next pixel down, or to the right, minus this one; 0 in the last row, or column.

    image: [batch, height, width, channels].
    """
    image = convert_to_tensor(image, name="image")
    if image.static is not None and len(image.static) != 4:
        raise ValueError(f"image_gradients expects a 4D tensor [batch_size, h, w, d], not {image.shape}.")
    whole = shape_internal(image)
    batch, height, width, depth = unstack(whole, 4)
    dy = image[:, 1:, :, :] - image[:, :-1, :, :]
    dx = image[:, :, 1:, :] - image[:, :, :-1, :]
    found = []
    for difference, last, axis in ((dy, [batch, 1, width, depth], 1), (dx, [batch, height, 1, depth], 2)):
        found.append(reshape(concat([difference, zeros(stack(last), image.dtype.base_dtype)], axis), whole))
    return found[0], found[1]


@export("image.sobel_edges")
def sobel_edges(image: Any) -> Tensor:
    """The slopes (dy, dx) by the Sobel filters, [batch, height, width, channels, 2]; borders are mirrored.

    image: floating [batch, height, width, channels].
    """
    image = convert_to_tensor(image, name="image")
    whole = shape_internal(image)
    kernels = constant_op(np.expand_dims(np.transpose(SOBEL, (1, 2, 0)), -2).astype(np.float64), image.dtype.base_dtype)
    kernels = tile(kernels, [1, 1, whole[-1], 1], name="sobel_filters")
    padded = pad(image, [[0, 0], [1, 1], [1, 1], [0, 0]], mode="REFLECT")
    edges = reshape(depthwise_conv2d(padded, kernels, [1, 1, 1, 1], "VALID"), concat([whole, [2]], 0))
    if image.static is not None:
        edges.set_shape([*image.static, 2])
    return edges


@export("image.total_variation")
def total_variation(images: Any, name: str | None = None) -> Tensor:
    """The sum of the absolute differences of neighbouring pixels, of an image [height, width, channels] or of each of a batch."""
    with context.default_graph().name_scope(name or "total_variation"):
        images = convert_to_tensor(images, name="images")
        rank = None if images.static is None else len(images.static)
        if rank == 3:
            down, right, axes = images[1:, :, :] - images[:-1, :, :], images[:, 1:, :] - images[:, :-1, :], None
        elif rank == 4:
            down, right, axes = images[:, 1:, :, :] - images[:, :-1, :, :], images[:, :, 1:, :] - images[:, :, :-1, :], [1, 2, 3]
        else:
            raise ValueError(f"'images' must be either 3 or 4-dimensional, got shape {images.shape}.")
        return reduce_sum(abs_(down), axis=axes) + reduce_sum(abs_(right), axis=axes)


def compatible_shapes(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor, list[Operation]]:
    """The shapes of two images, and operations that check that they can be compared; ValueError if it is known that they cannot."""
    a, b = first.static, second.static
    if a is not None and b is not None:
        first.shape.with_rank_at_least(3)[-3:].assert_is_compatible_with(second.shape.with_rank_at_least(3)[-3:])
        for d, e in zip(a[:-3][::-1], b[:-3][::-1]):
            if 1 not in (d, e) and None not in (d, e) and d != e:
                raise ValueError(f"Two images are not compatible: {first.shape} and {second.shape}")
    shape_a, shape_b = shape_n([first, second])
    checks = [assert_(greater_equal(size(shape_a), 3), [shape_a, shape_b], summarize=10),
              assert_(reduce_all(equal(shape_a[-3:], shape_b[-3:])), [shape_a, shape_b], summarize=10)]
    return shape_a, shape_b, checks


@export("image.psnr")
def psnr(a: Any, b: Any, max_val: Any, name: str | None = None) -> Tensor:
    """The peak signal to noise ratio of each pair of images, in decibels; float32, without the last three axes.

    a, b: [..., height, width, channels], of one dtype. max_val: the range of their values, 255 of uint8 images.
    """
    with context.default_graph().name_scope(name or "PSNR"):
        a, b = convert_to_tensor(a, name="a"), convert_to_tensor(b, name="b")
        peak = convert_image_dtype(cast(max_val, a.dtype.base_dtype), float32)
        a, b = convert_image_dtype(a, float32), convert_image_dtype(b, float32)
        error = reduce_mean(squared_difference(a, b), [-3, -2, -1])
        decibels = make(Sub, 20 * log(peak) / log(10.0), np.float32(10 / math.log(10)) * log(error), name="psnr")
        _, _, checks = compatible_shapes(a, b)
        with context.default_graph().control_dependencies(checks):
            return identity(decibels)
