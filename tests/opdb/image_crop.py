"""tf.image: cropping, padding, mirroring, turning."""

from __future__ import annotations

import numpy as np

from . import FLOATING, HALF, error, row, sample, zeros

KINDS = FLOATING + HALF + ("int32", "uint8")
NUMBER = np.asarray(1, np.int32)


def _cut(image, top, left, height, width):
    return image[..., int(top):int(top) + int(height), int(left):int(left) + int(width), :]


def _bordered(image, top, left, height, width):
    found = np.zeros((*image.shape[:-3], height, width, image.shape[-1]), image.dtype)
    found[..., int(top):int(top) + image.shape[-3], int(left):int(left) + image.shape[-2], :] = image
    return found


row("Slice", "image.crop_to_bounding_box", dtypes=KINDS, reference=_cut, samples=lambda rand: [
    sample(rand(4, 6, 3), 1, 2, 2, 3), sample(rand(4, 6, 3), 0, 0, 4, 6), sample(rand(4, 6, 1), NUMBER, 2, 2, 3)],
    errors=[error(ValueError, "height must be >= target + offset.", zeros(4, 6, 3), 1, 2, 4, 3),
            error(ValueError, "offset_width must be >= 0.", zeros(4, 6, 3), 0, -1, 1, 3),
            error(ValueError, "target_width must be > 0.", zeros(4, 6, 3), 0, 0, 1, 0),
            error(ValueError, "must have either 3 or 4 dimensions", zeros(4, 6), 0, 0, 1, 2),
            error("errors.InvalidArgumentError", "height must be >= target + offset.", zeros(4, 6, 3), np.asarray(3, np.int32), 2, 4, 3)])
row("Pad", "image.pad_to_bounding_box", dtypes=KINDS, reference=_bordered, samples=lambda rand: [
    sample(rand(4, 6, 3), 1, 2, 8, 9), sample(rand(4, 6, 3), 0, 0, 4, 6), sample(rand(4, 6, 1), NUMBER, 2, 8, 9)],
    errors=[error(ValueError, "width must be <= target - offset", zeros(4, 6, 3), 1, 2, 8, 7),
            error(ValueError, "offset_height must be >= 0", zeros(4, 6, 3), -1, 2, 8, 9),
            error("errors.InvalidArgumentError", "height must be <= target - offset", zeros(4, 6, 3), np.asarray(5, np.int32), 2, 8, 9)])


def _middle(image, fraction):
    top, left = (int((size - size * float(fraction)) / 2) for size in image.shape[-3:-1])
    return _cut(image, top, left, image.shape[-3] - 2 * top, image.shape[-2] - 2 * left)


row("Slice", "image.central_crop", dtypes=KINDS, reference=_middle, shapes=False, samples=lambda rand: [
    sample(rand(2, 4, 6, 3), 0.5), sample(rand(7, 9, 1), 0.3), sample(rand(5, 8, 3), np.asarray(0.6, np.float32))],
    errors=[error(ValueError, "central_fraction must be within (0, 1]", zeros(4, 6, 3), 1.5),
            error(ValueError, "rank = 3 or rank = 4", zeros(1, 1, 4, 6, 3), 0.5)])
row("Slice", lambda tf, x, *unknown: tf.image.central_crop(tf.placeholder_with_default(x, unknown), 0.5), name="central_crop, sizes unknown",
    samples=lambda rand: [sample(rand(7, 6, 3), None, 6, 3), sample(rand(2, 7, 6, 3), None, None, None, 3)], shapes=False,
    dtypes=("float32",), reference=lambda image, *unknown: _middle(image, 0.5))


def _fitted(image, height, width):
    rows, cols = image.shape[-3:-1]
    cut = _cut(image, max((rows - height) // 2, 0) if rows > height else 0, 0, min(rows, height), cols)
    cut = _cut(cut, 0, (cols - width) // 2 if cols > width else 0, min(rows, height), min(cols, width))
    return _bordered(cut, max((height - rows) // 2, 0), max((width - cols) // 2, 0), height, width)


TARGETS = [(4, 2), (2, 10), (8, 8), (4, 6), (2, 4)]     # differences even: which side gets the odd pixel is the oracle's to say
ODD = [(5, 3), (2, 9), (9, 9), (3, 3)]
row(("Slice", "Pad"), "image.resize_image_with_crop_or_pad", dtypes=KINDS, reference=_fitted,
    samples=lambda rand: [sample(rand(4, 6, 3), *t) for t in TARGETS],
    errors=[error(ValueError, "target_height must be > 0.", zeros(4, 6, 3), 0, 9)])
row(("Slice", "Pad"), "image.resize_image_with_crop_or_pad", name="crop_or_pad by odd numbers of pixels", dtypes=("float32",),
    samples=lambda rand: [*[sample(rand(4, 6, 2), *t) for t in ODD], sample(rand(4, 6, 1), np.asarray(3, np.int32), np.asarray(9, np.int32))])
row(("Slice", "Pad"), lambda tf, x, *size: tf.image.resize_with_crop_or_pad(tf.placeholder_with_default(x, [None] * x.shape.ndims), *size),
    name="crop_or_pad, sizes unknown", dtypes=("float32",), shapes=False,
    samples=lambda rand: [*[sample(rand(4, 6, 2), *t) for t in ODD], sample(rand(2, 4, 6, 1), 5, 3)])
row(("ResizeBilinear", "Pad"), "image.resize_image_with_pad", dtypes=("float32", "uint8"),
    samples=lambda rand: [sample(rand(4, 6, 3), 8, 8), sample(rand(4, 6, 3), 3, 9), sample(rand(6, 5, 1), 12, 10, method=1),
                          sample(rand(6, 5, 1), np.asarray(9, np.int32), np.asarray(10, np.int32))])
BATCH = {"dtypes": ("float32", "int32"), "shapes": False}       # an image of unknown rank is taken for a single one
row("Slice", "image.crop_to_bounding_box", name="crop of a batch", **BATCH, reference=_cut,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 1, 2, 2, 3)])
row("Pad", "image.pad_to_bounding_box", name="pad of a batch", **BATCH, reference=_bordered,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 1, 2, 8, 9)])
row(("Slice", "Pad"), "image.resize_image_with_crop_or_pad", name="crop_or_pad of a batch", **BATCH, reference=_fitted,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 2, 10)])
row(("ResizeBilinear", "Pad"), "image.resize_image_with_pad", name="resize_image_with_pad of a batch", **BATCH,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 8, 8)])


row("ReverseV2", "image.flip_left_right", dtypes=KINDS, reference=lambda image: image[..., ::-1, :],
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3))],
    errors=[error(ValueError, "must be at least three-dimensional", zeros(4, 6)), error(ValueError, "must be > 0", zeros(0, 4, 3)),
            error(ValueError, "must have either 3 or 4 dimensions", zeros(1, 2, 3, 4, 5))])
row("ReverseV2", "image.flip_up_down", dtypes=KINDS, reference=lambda image: image[..., ::-1, :, :],
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3))])
for way in ("left_right", "up_down"):
    row(("ReverseV2", "RandomUniform"), f"image.random_flip_{way}", dtypes=("float32", "uint8"), shapes=False,
        samples=lambda rand: [sample(rand(7, 4, 6, 3), seed=3), sample(rand(1, 4, 6, 3), seed=4)])
    row(("ReverseV2", "RandomUniform"), f"image.random_flip_{way}", name=f"random_flip_{way} of one image", dtypes=("float32", "uint8"),
        gradient=False, shapes=False, samples=lambda rand: [sample(rand(4, 6, 3), seed=seed) for seed in (1, 2, 3, 4)],
        nodes="conds are Switch and Merge there; compared under control flow v2 (tests/ops/control_flow)")
row("Transpose", "image.transpose_image", dtypes=KINDS, reference=lambda image: np.swapaxes(image, -3, -2),
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3))])


def _turned(image, k=1):
    return np.rot90(image, int(k), axes=(image.ndim - 3, image.ndim - 2))


TURNS = {"reference": _turned, "shapes": False, "nodes": "conds are Switch and Merge there; compared under control flow v2 (tests/ops/control_flow)"}
row(("ReverseV2", "Transpose"), "image.rot90", dtypes=KINDS, gradient=False, **TURNS,
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), *[sample(rand(4, 6, 2), k=k) for k in (0, 1, 2, 3, -1, 6)]])
row(("ReverseV2", "Transpose"), "image.rot90", name="gradient of rot90", oracle="TensorFlow fails to build it: its cond confuses shapes", **TURNS,
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), *[sample(rand(4, 6, 2), k=k) for k in (0, 2, 3)]])
row(("ReverseV2", "Transpose"), "image.rot90", name="rot90 by a tensor", dtypes=("float32",), gradient=False, **TURNS,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), NUMBER), *[sample(rand(4, 6, 2), np.asarray(k, np.int32)) for k in (0, 2, 7)]])
