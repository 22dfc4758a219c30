"""The patches of images and volumes under a sliding window."""
from __future__ import annotations

from functools import reduce
from math import prod
from typing import Any, ClassVar

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

_REAL = (dtypes.float32, dtypes.float64, int32, dtypes.uint8, dtypes.int16, dtypes.int8, int64, dtypes.bfloat16, dtypes.uint16,
         dtypes.float16, dtypes.uint32, dtypes.uint64)


class Patches(Op):
    """Patches of [batch, axes of the window ..., channels], each flattened into the channels."""
    ksizes: list[int]
    strides: list[int]
    padding: str = one_word("SAME", "VALID")
    T: Any
    rates: Any
    axes: ClassVar[int] = 2         # along which the window moves
    back: ClassVar[str] = ""        # the op of the gradient

    def _windows(self) -> list[tuple[int, int, int]]:
        """(size, stride, rate) along each axis of the window."""
        return list(zip(self.ksizes[1:-1], self.strides[1:-1], self.rates[1:-1]))

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
            return Spec(self.T, (None,) * (self.axes + 2))
        require(len(x.shape) == self.axes + 2, f"Shape must be rank {self.axes + 2} but is rank {len(x.shape)}")
        counts = [self._sizes(d, *window)[0] for d, window in zip(x.shape[1:-1], self._windows())]
        c = x.shape[-1]
        return Spec(self.T, (x.shape[0], *counts, None if c is None else c * prod(self.ksizes[1:-1])))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        n, c = x.shape[0], x.shape[-1]
        places, good = self._inside(x.shape[1:-1])
        picked = xp.take(xp.reshape(x, (n, prod(x.shape[1:-1]), c)), np.where(good, places, 0), 1)
        if not good.all():
            picked = xp.where(good[..., None], picked, np.zeros((), x.dtype))
        return xp.reshape(picked, (n, *good.shape[:self.axes], prod(good.shape[self.axes:]) * c))

    def _inside(self, sizes: tuple[int, ...]) -> tuple[Any, Any]:
        """[outputs per axis ..., window per axis ...]: which pixel, row-major, each element of each window is, and if there is one."""
        places, good = [], []
        for axis, (d, (k, s, r)) in enumerate(zip(sizes, self._windows())):
            count, before = self._sizes(d, k, s, r)
            at = np.arange(count)[:, None] * s + np.arange(k)[None, :] * r - before
            shape = [1] * (2 * self.axes)
            shape[axis], shape[self.axes + axis] = count, k
            places.append(at.reshape(shape))
            good.append(((at >= 0) & (at < d)).reshape(shape))
        pixels = places[0]
        for size, at in zip(sizes[1:], places[1:]):
            pixels = pixels * size + at
        return pixels, reduce(np.logical_and, good)

    def _attributes(self) -> dict[str, Any]:
        return {"ksizes": self.ksizes, "strides": self.strides, "padding": self.padding}

    def grad(self, op: Operation, dy: Any) -> Any:
        return (make(_BACK[self.back], shape_internal(op.inputs[0]), dy, **self._attributes()),)


class PatchesGrad(Patches):
    """Patches added back to where they were cut out. Ops of ours; TensorFlow uses a sparse matrix product."""

    def infer(self, shape: Any, dy: Any) -> Spec:  # type: ignore[override]
        return Spec(self.T, shape.partial if shape.value is None else tuple(int(d) for d in shape.value))

    def kernel(self, xp: Namespace, shape: Any, dy: Any) -> Any:  # type: ignore[override]
        n, *sizes, c = (int(d) for d in shape)
        places, good = self._inside(tuple(sizes))
        outputs, window = tuple(range(self.axes)), tuple(range(self.axes, 2 * self.axes))
        order = np.flatnonzero(np.moveaxis(good, window, outputs))        # window element by window element
        places, parts = np.moveaxis(places, window, outputs).ravel()[order], xp.reshape(dy, (n, *good.shape, c))
        parts = xp.transpose(parts, (*[a + 1 for a in (*window, *outputs)], 0, 2 * self.axes + 1))
        parts = xp.take(xp.reshape(parts, (good.size, n, c)), order, 0)
        added = xp.scatter_rows(xp.zeros((prod(sizes), n, c), self.T.np), places, parts, "add", 1)
        return xp.transpose(xp.reshape(added, (*sizes, n, c)), (self.axes, *outputs, self.axes + 1))

    def grad(self, op: Operation, ddx: Any) -> Any:
        return None, make(_FORTH[type(self).__name__], ddx, **self._attributes())


class ImageWindow(Patches):
    """A window over rows and columns, which may be dilated."""
    least = {"ksizes": 4}
    back = "ImagePatchesGrad"
    rates: list[int]
    T: DType = one_of(*_REAL, dtypes.complex64, dtypes.complex128, dtypes.bool_)

    def _attributes(self) -> dict[str, Any]:
        return {**super()._attributes(), "rates": self.rates}


class ExtractImagePatches(ImageWindow, sig="images: T -> patches: T"):
    """The patches under a sliding window, flattened into the channels."""


class ImagePatchesGrad(PatchesGrad, ImageWindow, sig="shape: int32, dy: T -> images: T", static={"shape": 1}):
    """The gradient of ExtractImagePatches."""


class VolumeWindow(Patches):
    """A window over planes, rows and columns."""
    least = {"ksizes": 5, "strides": 5}
    axes = 3
    back = "VolumePatchesGrad"
    rates = (1,) * 5
    T: DType = one_of(*_REAL)

    def check(self, *inputs: Spec) -> None:
        for words, found in (("ksizes", self.ksizes), ("strides", self.strides)):
            require(len(found) == 5, f"{words} must have 5 numbers, got {len(found)}")
            require(min(found) > 0, f"{words} must be positive, got {list(found)}")
            require(found[0] == found[-1] == 1, f"{words} must be 1 along batch and channels, got {list(found)}")


class ExtractVolumePatches(VolumeWindow, sig="input: T -> patches: T"):
    """The patches under a sliding box, flattened into the channels."""


class VolumePatchesGrad(PatchesGrad, VolumeWindow, sig="shape: int32, dy: T -> input: T", static={"shape": 1}):
    """The gradient of ExtractVolumePatches."""


_BACK = {"ImagePatchesGrad": ImagePatchesGrad, "VolumePatchesGrad": VolumePatchesGrad}
_FORTH = {"ImagePatchesGrad": ExtractImagePatches, "VolumePatchesGrad": ExtractVolumePatches}


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


@export("extract_volume_patches")
def extract_volume_patches(input: Any, ksizes: Any, strides: Any, padding: Any, name: str | None = None) -> Tensor:
    """The patches of [batch, planes, rows, cols, channels] volumes under a box of ksizes, moved by strides; each patch flattened into
    the channels. ksizes and strides: five numbers, 1 for batch and channels. padding: "SAME" (zeros beyond the border) or "VALID"."""
    return make(ExtractVolumePatches, input, name=name, ksizes=tuple(ksizes), strides=tuple(strides), padding=padding)
