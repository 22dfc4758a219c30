"""RandomCrop, the op type of the first TensorFlow, in graphs that it wrote; `tf.random_crop` is made of other ops since."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, float32, float64, int8, int16, int32, int64, uint8
from ...core.op import Spec, one_of, require, require_rank
from ...core.run_context import Context
from .base import RandomOp


class RandomCrop(RandomOp, sig="image: T, size: int64 -> output: T", static={"size": 1}):
    """A part of an image [height, width, channels] of `size` [height, width], from a random place."""
    T: DType = one_of(uint8, int8, int16, int32, int64, float32, float64)
    seed: int = 0
    seed2: int = 0

    def infer(self, image: Any, size: Any) -> Spec:
        require_rank(image, 3)
        require_rank(size, 1)
        channels = None if image.shape is None else image.shape[2]
        sizes = (None, None) if size.value is None else (int(size.value[0]), int(size.value[1]))
        return Spec(self.T, (*sizes, channels))

    def run(self, ctx: Context, image: np.ndarray, size: np.ndarray) -> np.ndarray:
        for wanted, whole in zip(size.tolist(), image.shape):
            require(0 <= wanted <= whole, f"size {size.tolist()} must be at most that of the image, {list(image.shape)}")
        words = iter(self.stream(ctx).reserve_words(2).words(2).tolist())
        left, top = [next(words) % (whole - wanted + 1) if wanted < whole else 0
                     for wanted, whole in zip(size.tolist()[::-1], image.shape[1::-1])]
        return image[top:top + int(size[0]), left:left + int(size[1])]
