"""tf.image.extract_glimpse: a window on each image of a batch."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import float32
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .resize_ops import batch_of_images, checked_size, static_size


class ExtractGlimpse(Op, sig="input: float32, size: int32, offsets: float32 -> glimpse: float32", static={"size": 1}, host=True):
    """A window on each image; noise where it reaches out of the image."""
    centered: bool = True
    normalized: bool = True
    uniform_noise: bool = True
    noise: str = "uniform"

    def infer(self, images: Spec, size: Any, offsets: Spec) -> Spec:
        batch, _, _, channels = batch_of_images(images)
        require(offsets.shape is None or len(offsets.shape) == 2, f"Shape must be rank 2 but is rank {len(offsets.shape or ())}")
        require(offsets.shape is None or offsets.shape[1] in (None, 2), f"Dimension must be 2 but is {offsets.shape and offsets.shape[1]}")
        return Spec(float32, (batch, *static_size(size), channels))

    def kernel(self, xp: Namespace, images: np.ndarray, size: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        height, width = checked_size(size)
        require(len(offsets) == len(images), f"offset should have the same batch size as the input, got {len(offsets)} and {len(images)}")
        out = self._noise(images, (height, width))
        for glimpse, image, (top, left) in zip(out, images, self._corners(images.shape, (height, width), offsets)):
            rows, cols = (slice(max(0, -first), min(length, whole - first)) for first, length, whole in
                          ((top, height, image.shape[0]), (left, width, image.shape[1])))
            if rows.start < rows.stop and cols.start < cols.stop:
                glimpse[rows, cols] = image[rows.start + top:rows.stop + top, cols.start + left:cols.stop + left]
        return out

    def _corners(self, shape: Any, size: tuple[int, int], offsets: np.ndarray) -> list[list[int]]:
        """The upper left pixel of each window."""
        whole = np.array(shape[1:3], np.float32)
        places = offsets * whole if self.normalized else offsets
        if self.centered:
            places = places / np.float32(2) + whole / np.float32(2)
        return np.trunc(places - np.array(size, np.float32) / np.float32(2)).astype(np.int64).tolist()

    def _noise(self, images: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """Noise in the range of each image's channel, uniform or with its mean and deviation; the same numbers every time."""
        shape = (len(images), *size, images.shape[3])
        kind = self.noise or ("uniform" if self.uniform_noise else "gaussian")
        if kind == "zero" or not images.size:
            return np.zeros(shape, np.float32)
        generator = np.random.Generator(np.random.PCG64(0))     # not an op with a state
        least, most = images.min((1, 2), keepdims=True), images.max((1, 2), keepdims=True)
        if kind == "uniform":
            return least + (most - least) * generator.random(shape, np.float32)
        wide = images.mean((1, 2), keepdims=True) + images.std((1, 2), keepdims=True) * generator.standard_normal(shape, np.float32)
        return np.clip(wide, least, most)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,) * len(op.inputs)


@export("image.extract_glimpse")
def extract_glimpse(input: Any, size: Any, offsets: Any, centered: bool = True, normalized: bool = True, uniform_noise: bool = True,
                    name: str | None = None) -> Tensor:
    """Windows of `size` (height, width) on [batch, height, width, channels] images, their middles at offsets. It has no gradient.

    offsets: float32 [batch, 2], (y, x). normalized: in shares of the image, else in pixels; centered: from the middle of the image, where
    normalized ones go from -1 to 1, else from its upper left corner. Where a window reaches out of the image there is noise in the range
    of the image, uniform whatever uniform_noise says (as in TensorFlow); its numbers are not TensorFlow's.
    """
    return make(ExtractGlimpse, input, size, offsets, name=name, centered=centered, normalized=normalized,
                uniform_noise=uniform_noise)
