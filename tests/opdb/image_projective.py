"""Rows of the op database: images under projective transforms."""

from __future__ import annotations

import numpy as np

from . import error, row, sample

MODES = ("CONSTANT", "NEAREST", "REFLECT", "WRAP")
TURN = [0.8, -0.6, 2.1, 0.6, 0.8, -1.3, 0, 0]
TILT = [1.1, 0.2, -1.4, 0.1, 0.9, 0.7, 0.013, -0.021]
FAR = [2.3, 0, -7.4, 0, 3.1, -8.2, 0, 0]


def numbers(*transforms):
    return np.array(transforms, "f4")


row("ImageProjectiveTransformV2", lambda tf, x, t, size, **kw: tf.raw_ops.ImageProjectiveTransformV2(
        images=x, transforms=tf.cast(t, tf.float32), output_shape=size, **kw), dtypes=("float32", "uint8", "int32", "float16"), gradient=False,
    tolerance=4.0, samples=lambda r: [
        *[sample(r(2, 5, 7, 2), numbers(TURN), np.array([5, 7], "i4"), interpolation=i, fill_mode=m)
          for i in ("NEAREST", "BILINEAR") for m in MODES],
        *[sample(r(2, 4, 6, 1), numbers(TILT, FAR), np.array([9, 3], "i4"), interpolation=i, fill_mode=m)
          for i in ("NEAREST", "BILINEAR") for m in MODES],
        sample(r(1, 1, 1, 3), numbers(FAR), np.array([2, 2], "i4"), interpolation="BILINEAR"),
        sample(r(3, 4, 4, 1), numbers([1, 0, 0, 0, 1, 0, 0, 0]), np.array([4, 4], "i4"), interpolation="NEAREST")],
    errors=[error(ValueError, "8 numbers", np.zeros((1, 3, 3, 1), "f4"), np.zeros((1, 7), "f4"), np.array([3, 3], "i4"),
                  interpolation="NEAREST"),
            error(ValueError, "one for each of 3 images", np.zeros((3, 3, 3, 1), "f4"), np.zeros((2, 8), "f4"), np.array([3, 3], "i4"),
                  interpolation="NEAREST")])
