"""tf.image: resizing."""

from __future__ import annotations

import math

import numpy as np

from . import FLOATING, HALF, error, row, sample, zeros

F = np.float32
WIDE = ("float32", "float16", "float64", "int32", "uint8", "int16", "int64")
ALIGNED, CENTRES = {"align_corners": True}, {"half_pixel_centers": True}


def _sizes(rand, *more):
    """Images and sizes: smaller, greater, one pixel, from one pixel; with each of the flags."""
    found = []
    for flags in ({}, *more):
        found += [sample(rand(2, 4, 6, 3), [3, 5], **flags), sample(rand(1, 5, 3, 2), [11, 7], **flags),
                  sample(rand(1, 5, 4, 1), [1, 2], **flags), sample(rand(2, 1, 1, 2), [3, 2], **flags),
                  sample(rand(1, 9, 12, 1), [4, 5], **flags)]
    return found


def _position(i, size, out, align_corners, half_pixel_centers):
    step = F(size - 1) / F(out - 1) if align_corners and out > 1 else F(size) / F(out)
    return (F(i) + F(0.5)) * step - F(0.5) if half_pixel_centers else F(i) * step


def _linear(size, out, align_corners=False, half_pixel_centers=False):
    """The matrix [out, size] that resizes an axis linearly."""
    matrix = np.zeros((out, size))
    for i in range(out):
        at = _position(i, size, out, align_corners, half_pixel_centers)
        low = math.floor(at)
        matrix[i, min(max(low, 0), size - 1)] += 1 - (at - low)
        matrix[i, min(max(math.ceil(at), 0), size - 1)] += at - low
    return matrix


def _cubic(size, out, align_corners=False, half_pixel_centers=False):
    a = -0.5 if half_pixel_centers else -0.75
    matrix = np.zeros((out, size))
    for i in range(out):
        at = _position(i, size, out, align_corners, half_pixel_centers)
        low = math.floor(at)
        share = round(float(at - F(low)) * 1024) / 1024
        for tap in range(-1, 3):
            x = abs(tap - share)
            weight = ((a + 2) * x - (a + 3)) * x * x + 1 if x <= 1 else ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
            if half_pixel_centers and not 0 <= low + tap < size:
                continue
            matrix[i, min(max(low + tap, 0), size - 1)] += weight
    return matrix / matrix.sum(1, keepdims=True) if half_pixel_centers else matrix


def _area(size, out, align_corners=False):
    step = _position(1, size, out, align_corners, False) if out > 1 else F(size)
    if step == 0:
        return np.ones((out, 1))
    matrix = np.zeros((out, size))
    for i in range(out):
        start, end = F(i) * step, F(i + 1) * step
        for pixel in range(math.floor(start), math.ceil(end)):
            matrix[i, min(pixel, size - 1)] += max(0, min(pixel + 1, end) - max(pixel, start)) / step
    return matrix


def _nearest(size, out, align_corners=False, half_pixel_centers=False):
    matrix = np.zeros((out, size))
    for i in range(out):
        at = _position(i, size, out, align_corners, half_pixel_centers) + (0.5 if half_pixel_centers else 0)
        matrix[i, min(math.floor(at + 0.5 if align_corners else at), size - 1)] = 1
    return matrix


def _resized(matrix, keep=False):
    def reference(images, size, **flags):
        rows, cols = (matrix(images.shape[axis], int(size[axis - 1]), **flags) for axis in (1, 2))
        found = np.einsum("nhwc,ih,jw->nijc", images.astype(np.float64), rows, cols)
        return found.astype(images.dtype if keep else np.float32)
    return reference


BAD = [error(ValueError, "must be rank 4 but is rank 3", zeros(4, 6, 3), [3, 5]), error(ValueError, "must be 2", zeros(1, 4, 6, 3), [3, 5, 4]),
       error("errors.InvalidArgumentError", "must be positive", zeros(1, 4, 6, 3), np.array([0, 5], np.int32)),
       error("errors.InvalidArgumentError", "non-zero size", zeros(1, 0, 6, 3), [3, 5])]
row(("ResizeBilinear", "ResizeBilinearGrad"), "image.resize_bilinear", dtypes=("float32", "float16", "int32", "uint8", "int16", "int64"),
    samples=lambda rand: _sizes(rand, ALIGNED, CENTRES), reference=_resized(_linear), errors=BAD)
row(("ResizeBicubic", "ResizeBicubicGrad"), "image.resize_bicubic", dtypes=("float32", "float16", "int32", "uint8", "int16", "int64"),
    samples=lambda rand: _sizes(rand, ALIGNED, CENTRES), reference=_resized(_cubic), errors=BAD)
row("ResizeArea", "image.resize_area", dtypes=WIDE, gradient=False, samples=lambda rand: _sizes(rand, ALIGNED), reference=_resized(_area))
row(("ResizeNearestNeighbor", "ResizeNearestNeighborGrad"), "image.resize_nearest_neighbor", dtypes=FLOATING + HALF + ("int32", "uint8"),
    second=False, samples=lambda rand: _sizes(rand, ALIGNED, CENTRES), reference=_resized(_nearest, keep=True))
row("ResizeBilinear", lambda tf, images, size: tf.image.resize_bilinear(images, size), name="resize_bilinear of a fed size",
    dtypes=("float32",), samples=lambda rand: [sample(rand(1, 4, 6, 3), np.array([3, 5], np.int32))], reference=_resized(_linear))

METHODS = {0: _linear, 1: _nearest, 2: _cubic, 3: _area}


def _resize_images(images, size, method=0, preserve_aspect_ratio=False, **flags):
    batch = images if images.ndim == 4 else images[None]
    if preserve_aspect_ratio:
        scale = min(size[0] / batch.shape[1], size[1] / batch.shape[2])
        size = [round(batch.shape[1] * scale), round(batch.shape[2] * scale)]
    found = batch if tuple(size) == batch.shape[1:3] else _resized(METHODS[method], keep=method == 1)(batch, size, **flags)
    return found if images.ndim == 4 else found[0]


row(("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"), "image.resize_images", dtypes=("float32", "uint8"), reference=_resize_images,
    samples=lambda rand: [
        sample(rand(2, 4, 6, 3), [3, 5]), sample(rand(4, 6, 3), [3, 5]), sample(rand(4, 6, 3), [7, 9], method=1, align_corners=True),
        sample(rand(4, 6, 3), [7, 9], method=2), sample(rand(2, 4, 6, 1), [8, 5], preserve_aspect_ratio=True),
        sample(rand(4, 6, 1), np.array([3, 8], np.int32), preserve_aspect_ratio=True)],
    errors=[error(ValueError, "must be a 1-D Tensor of 2 elements", zeros(4, 6, 3), [3, 5, 4]),
            error(ValueError, "must be a 1-D int32 Tensor", zeros(4, 6, 3), [3.5, 5.0]),
            error(ValueError, "Resize method is not implemented: 7", zeros(4, 6, 3), [3, 5], method=7),
            error(ValueError, "must have either 3 or 4 dimensions", zeros(4, 6), [3, 5])], shapes=False)
row("ResizeArea", "image.resize_images", name="resize_images by area", dtypes=("float32", "uint8"), gradient=False,
    reference=_resize_images, samples=lambda rand: [sample(rand(4, 6, 3), [3, 5], method=3), sample(rand(2, 4, 6, 3), [8, 9], method=3)], shapes=False)
row(("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"), lambda tf, images, size: [
    tf.image.resize_images(images, size, method=method) for method in (
        tf.image.ResizeMethod.BILINEAR, tf.image.ResizeMethod.NEAREST_NEIGHBOR, tf.image.ResizeMethod.BICUBIC, tf.image.ResizeMethod.AREA)],
    name="resize_images by each method", dtypes=("float32",), gradient=False, shapes=False,
    reference=lambda images, size: [_resize_images(images, size, method) for method in (0, 1, 2, 3)],
    samples=lambda rand: [sample(rand(2, 6, 8, 3), [3, 4])])
