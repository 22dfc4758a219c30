"""The patches of images under a sliding window."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import dtypes
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from .basic import shape_internal


class ExtractImagePatches(Op, sig="images: T -> patches: T"):
    """The patches under a sliding window, flattened into the channels."""
    least = {"ksizes": 4}
    ksizes: list[int]
    strides: list[int]
    rates: list[int]
    T: DType = one_of(dtypes.float32, dtypes.float64, int32, dtypes.uint8, dtypes.int16, dtypes.int8, int64, dtypes.bfloat16,
                      dtypes.uint16, dtypes.float16, dtypes.uint32, dtypes.uint64, dtypes.complex64, dtypes.complex128, dtypes.bool_)
    padding: str = one_word("SAME", "VALID")

    def _sizes(self, d: int | None, k: int, s: int, r: int) -> tuple[Any, int]:
        """(number of windows, padding before) along an axis."""
        span = (k - 1) * r + 1
        if d is None:
            return None, 0
        if self.padding == "VALID":
            require(d - span + s > -s, f"Computed output size would be negative: the window spans {span} pixels, the image has {d}")
            return max(0, -(-(d - span + 1) // s)), 0
        count = -(-d // s)
        return count, max(0, (count - 1) * s + span - d) // 2

    def infer(self, x: Spec) -> Spec:
        if x.shape is None:
            return Spec(self.T, (None,) * 4)
        require(len(x.shape) == 4, f"Shape must be rank 4 but is rank {len(x.shape)}")
        n, h, w, c = x.shape
        rows = self._sizes(h, self.ksizes[1], self.strides[1], self.rates[1])[0]
        cols = self._sizes(w, self.ksizes[2], self.strides[2], self.rates[2])[0]
        return Spec(self.T, (n, rows, cols, None if c is None else c * self.ksizes[1] * self.ksizes[2]))

    def _places(self, shape: Any) -> tuple[Any, Any]:
        """Rows and columns (with the border's offset) that each window reads: [windows, k] each."""
        found = []
        for d, k, s, r in zip(shape[1:3], self.ksizes[1:3], self.strides[1:3], self.rates[1:3]):
            count, before = self._sizes(d, k, s, r)
            found.append(np.arange(count)[:, None] * s + np.arange(k)[None, :] * r - before)
        return found[0], found[1]

    def kernel(self, xp: Namespace, x: Any) -> Any:
        n, h, w, c = x.shape
        places, good = self._inside(x.shape)
        picked = xp.take(xp.reshape(x, (n, h * w, c)), np.where(good, places, 0), 1)
        if not good.all():
            picked = xp.where(good[..., None], picked, np.zeros((), x.dtype))
        return xp.reshape(picked, (n, *good.shape[:2], good.shape[2] * good.shape[3] * c))

    def _inside(self, shape: tuple[int, ...]) -> tuple[Any, Any]:
        """[out rows, out cols, window rows, window cols]: which pixel, row-major, each element of each window is, and if there is one."""
        rows, cols = self._places(shape)
        good = ((rows >= 0) & (rows < shape[1]))[:, None, :, None] & ((cols >= 0) & (cols < shape[2]))[None, :, None, :]
        return rows[:, None, :, None] * shape[2] + cols[None, :, None, :], good

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(ImagePatchesGrad, shape_internal(op.inputs[0]), dy, ksizes=self.ksizes, strides=self.strides, rates=self.rates,
                     padding=self.padding),)


class ImagePatchesGrad(ExtractImagePatches, sig="shape: int32, dy: T -> images: T", static={"shape": 1}):
    """Patches added back to where they were cut out. An op of ours; TensorFlow uses a sparse matrix product."""

    def infer(self, shape: Any, dy: Any) -> Spec:  # type: ignore[override]
        return Spec(self.T, shape.partial if shape.value is None else tuple(int(d) for d in shape.value))

    def kernel(self, xp: Namespace, shape: Any, dy: Any) -> Any:  # type: ignore[override]
        n, h, w, c = (int(d) for d in shape)
        places, good = self._inside((n, h, w, c))
        order = np.flatnonzero(np.moveaxis(good, (2, 3), (0, 1)))        # window element by window element
        places, parts = np.moveaxis(places, (2, 3), (0, 1)).ravel()[order], xp.reshape(dy, (n, *good.shape, c))
        parts = xp.reshape(xp.transpose(parts, (3, 4, 1, 2, 0, 5)), (good.size, n, c))
        added = xp.scatter_rows(xp.zeros((h * w, n, c), self.T.np), places, xp.take(parts, order, 0), "add", 1)
        return xp.transpose(xp.reshape(added, (h, w, n, c)), (2, 0, 1, 3))

    def grad(self, op: Operation, ddx: Any) -> Any:
        return None, make(ExtractImagePatches, ddx, ksizes=self.ksizes, strides=self.strides, rates=self.rates, padding=self.padding)


@export("extract_image_patches", "image.extract_image_patches")
def extract_image_patches(images: Any, ksizes: Any = None, strides: Any = None, rates: Any = None, padding: Any = None,
                          name: str | None = None, sizes: Any = None) -> Tensor:
    """The patches of [batch, rows, cols, channels] images under a window of ksizes, moved by strides, dilated by rates; each
    patch flattened into the channels."""
    padding = padding.decode() if isinstance(padding, bytes) else padding
    if not isinstance(padding, str):
        raise TypeError(f"Expected string for argument 'padding' not {padding!r}.")
    return make(ExtractImagePatches, images, name=name, ksizes=tuple(ksizes if sizes is None else sizes),
                strides=tuple(strides), rates=tuple(rates), padding=padding)


@export("image.extract_patches")
def extract_patches(images: Any, sizes: Any, strides: Any, rates: Any, padding: Any, name: str | None = None) -> Tensor:
    """`tf.extract_image_patches`, under TF2's name."""
    return extract_image_patches(images, sizes, strides, rates, padding, name)
