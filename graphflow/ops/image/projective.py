"""Images under projective transforms, on which tf.contrib.image's rotations and translations stand."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, bfloat16, float16, float32, float64, int32, int64, uint8
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels import projective
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from .resize_ops import batch_of_images, checked_size, static_size

_INTERPOLATIONS, _MODES = ("NEAREST", "BILINEAR"), ("CONSTANT", "NEAREST", "REFLECT", "WRAP")


class ImageProjectiveTransformV2(Op, sig="images: dtype, transforms: float32, output_shape: int32 -> transformed_images: dtype",
                                 static={"output_shape": 1}, host=True):
    """Each pixel of the result is the one of the image to which its transform sends it."""
    dtype: DType = one_of(uint8, int32, int64, float16, bfloat16, float32, float64)
    interpolation: str
    fill_mode: str = "CONSTANT"

    def infer(self, images: Spec, transforms: Spec, size: Any) -> Spec:
        for what, word, words in (("interpolation", self.interpolation, _INTERPOLATIONS), ("fill_mode", self.fill_mode, _MODES)):
            require(word in words, f"{what} must be one of {', '.join(words)}, got {word!r}")
        require(transforms.shape is None or len(transforms.shape) == 2, f"transforms: Shape must be rank 2 but is {transforms.shape}")
        count, numbers = transforms.shape or (None, None)
        require(numbers in (None, 8), f"transforms must have 8 numbers for each image, but have {numbers}")
        batch, _, _, channels = batch_of_images(images)
        require(count in (None, 1) or batch is None or count == batch,
                f"transforms must be one, or one for each of {batch} images, not {count}")
        return Spec(self.dtype, (batch, *static_size(size), channels))

    def kernel(self, xp: Namespace, images: np.ndarray, transforms: np.ndarray, size: np.ndarray) -> np.ndarray:
        return projective.transformed(images, transforms, checked_size(size), self.interpolation == "BILINEAR", self.fill_mode)

    def grad(self, op: Operation, dy: Tensor) -> Any:
        """The gradient's image under the inverse transforms, which is TensorFlow's: not the exact one."""
        images, transforms, _ = op.inputs
        inverse = to_flat(F.matrix_inverse(to_matrices(transforms)))
        size = shape_internal(images)[1:3]
        return project(dy, inverse, size, self.interpolation, self.fill_mode), None, None


def project(images: Tensor, transforms: Any, size: Any, interpolation: str, fill_mode: str = "CONSTANT") -> Tensor:
    """The node ImageProjectiveTransformV2."""
    return make(ImageProjectiveTransformV2, images, transforms, size, interpolation=interpolation, fill_mode=fill_mode)


def to_matrices(transforms: Tensor) -> Tensor:
    """[n, 3, 3] of [n, 8]: the ninth number is 1."""
    count = shape_internal(transforms)[0]
    return F.reshape(F.concat([transforms, F.ones([count, 1], transforms.dtype)], 1), [-1, 3, 3])


def to_flat(matrices: Tensor) -> Tensor:
    """[n, 8] of [n, 3, 3]: divided by the ninth number, without it."""
    flat = F.reshape(matrices, [-1, 9])
    return (flat / flat[:, 8:9])[:, :8]
