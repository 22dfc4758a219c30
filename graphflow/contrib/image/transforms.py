"""Rotations, translations and projective transforms of images, and the eight numbers that stand for them."""
from __future__ import annotations

from typing import Any

import graphflow as tf

from ...core.export import export
from ...ops.image.projective import project, to_flat, to_matrices

_TYPES = ("uint8", "int32", "int64", "float16", "float32", "float64")


def _batched(images: Any) -> tuple[Any, int]:
    """(images [batch, height, width, channels], the rank that they had); TypeError for other dtypes and ranks."""
    images = tf.convert_to_tensor(images, name="images")
    if images.dtype.base_dtype.name not in _TYPES:
        raise TypeError(f"Invalid dtype {images.dtype.base_dtype.name} of images: give one of {', '.join(_TYPES)}")
    rank = images.shape.ndims
    if rank is None:
        raise TypeError("image_or_images rank must be statically known: give it one by set_shape")
    if rank not in (2, 3, 4):
        raise TypeError(f"Images should have rank between 2 and 4, but have {rank}")
    if rank == 2:
        return images[None, :, :, None], rank
    return (images[None] if rank == 3 else images), rank


@export("contrib.image.rotate")
def rotate(images: Any, angles: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images turned counterclockwise about their middles by angles in radians; black where they came from outside.

    images: [batch, height, width, channels], [height, width, channels] or [height, width], of a fixed rank; uint8, int32, int64, float16,
    float32 or float64. angles: one, or one for each image, float32. interpolation: "NEAREST" or "BILINEAR". Raises TypeError for others.
    """
    with tf.name_scope(name, "rotate"):
        batch, _ = _batched(images)
        size = tf.cast(tf.shape(batch)[1:3], tf.float32)
        return transform(images, angles_to_projective_transforms(angles, size[0], size[1]), interpolation=interpolation)


@export("contrib.image.translate")
def translate(images: Any, translations: Any, interpolation: str = "NEAREST", name: str | None = None) -> Any:
    """Images shifted by (dx, dy) pixels, [2] or [batch, 2]; black where they came from outside. See `rotate` for the rest."""
    with tf.name_scope(name, "translate"):
        return transform(images, translations_to_projective_transforms(translations), interpolation=interpolation)


@export("contrib.image.transform")
def transform(images: Any, transforms: Any, interpolation: str = "NEAREST", output_shape: Any = None, name: str | None = None) -> Any:
    """Images under projective transforms: eight numbers, or eight for each image, float32.

    (a0, a1, a2, b0, b1, b2, c0, c1) send the point (x, y) of the result to ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) of the image,
    with k = c0 x + c1 y + 1. output_shape: (height, width) of the result, by default the images'. See `rotate` for the rest; ValueError
    for other interpolations. The gradient for the images is that of TensorFlow: the gradient of the result under the inverse transforms.
    """
    with tf.name_scope(name, "transform"):
        batch, rank = _batched(images)
        transforms = tf.convert_to_tensor(transforms, tf.float32, name="transforms")
        if transforms.shape.ndims not in (1, 2):
            raise TypeError(f"Transforms should have rank 1 or 2, but got rank {transforms.shape.ndims}")
        transforms = transforms[None] if transforms.shape.ndims == 1 else transforms
        size = tf.shape(batch)[1:3] if output_shape is None else tf.convert_to_tensor(output_shape, tf.int32, name="output_shape")
        found = project(batch, transforms, size, interpolation.upper())
        if rank == 2:
            return found[0, :, :, 0]
        return found[0] if rank == 3 else found


@export("contrib.image.angles_to_projective_transforms")
def angles_to_projective_transforms(angles: Any, image_height: Any, image_width: Any, name: str | None = None) -> Any:
    """float32 [n, 8]: rotations by angles in radians, one or [n], about the middle of an image of that height and width."""
    with tf.name_scope(name, "angles_to_projective_transforms"):
        angles = tf.convert_to_tensor(angles, tf.float32, name="angles")
        if angles.shape.ndims not in (0, 1):
            raise TypeError(f"Angles should have a rank 0 or 1, but have {angles.shape.ndims}")
        angles = angles[None] if angles.shape.ndims == 0 else angles
        cosine, sine, right, bottom = tf.cos(angles), tf.sin(angles), image_width - 1, image_height - 1
        shift_x = (right - (cosine * right - sine * bottom)) / 2.0
        shift_y = (bottom - (sine * right + cosine * bottom)) / 2.0
        none = tf.zeros_like(angles)
        return tf.stack([cosine, -sine, shift_x, sine, cosine, shift_y, none, none], 1)


@export("contrib.image.translations_to_projective_transforms")
def translations_to_projective_transforms(translations: Any, name: str | None = None) -> Any:
    """float32 [n, 8]: shifts by (dx, dy) pixels, [2] or [n, 2]."""
    with tf.name_scope(name, "translations_to_projective_transforms"):
        shifts = tf.convert_to_tensor(translations, tf.float32, name="translations")
        if shifts.shape.ndims not in (1, 2):
            raise TypeError(f"Translations should have rank 1 or 2, but have {shifts.shape.ndims}")
        shifts = shifts[None] if shifts.shape.ndims == 1 else shifts
        none, one = tf.zeros_like(shifts[:, 0]), tf.ones_like(shifts[:, 0])
        return tf.stack([one, none, -shifts[:, 0], none, one, -shifts[:, 1], none, none], 1)


@export("contrib.image.compose_transforms")
def compose_transforms(*transforms: Any) -> Any:
    """The transforms one after the other, [n, 8]: the last is applied to the image first. ValueError without any."""
    if not transforms:
        raise ValueError("compose_transforms: no transforms given")
    with tf.name_scope("compose_transforms"):
        found = flat_transforms_to_matrices(transforms[0])
        for one in transforms[1:]:
            found = tf.matmul(found, flat_transforms_to_matrices(one))
        return matrices_to_flat_transforms(found)


@export("contrib.image.flat_transforms_to_matrices")
def flat_transforms_to_matrices(transforms: Any) -> Any:
    """float32 [n, 3, 3] of the eight numbers of transforms, [8] or [n, 8]; ValueError for other shapes."""
    with tf.name_scope("flat_transforms_to_matrices"):
        transforms = tf.convert_to_tensor(transforms, tf.float32, name="transforms")
        if transforms.shape.ndims not in (1, 2) or transforms.shape[-1].value not in (8, None):
            raise ValueError(f"Transforms should be 1D or 2D with 8 numbers each, got: {transforms}")
        return to_matrices(tf.reshape(transforms, [-1, 8]))


@export("contrib.image.matrices_to_flat_transforms")
def matrices_to_flat_transforms(transform_matrices: Any) -> Any:
    """float32 [n, 8] of matrices [3, 3] or [n, 3, 3], divided by their last number; ValueError for other shapes."""
    with tf.name_scope("matrices_to_flat_transforms"):
        matrices = tf.convert_to_tensor(transform_matrices, tf.float32, name="matrices")
        if matrices.shape.ndims not in (2, 3) or any(n.value not in (3, None) for n in matrices.shape[-2:]):
            raise ValueError(f"Matrices should be 3 by 3, one or a batch of them, got: {matrices}")
        return to_flat(matrices)
