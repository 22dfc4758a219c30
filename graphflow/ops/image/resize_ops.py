"""The op types that resize images, and their gradients; the arithmetic is in `kernels.resize`."""
from __future__ import annotations

from typing import Any, ClassVar

from ...core.dtypes import DType, bfloat16, float16, float32, float64, int8, int16, int32, int64, uint8, uint16
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels import resize as kernels
from ...kernels.contract import Namespace
from ..array.basic import shape_internal

IMAGES = (int8, uint8, int16, uint16, int32, int64, bfloat16, float16, float32, float64)


def batch_of_images(spec: Spec) -> Any:
    """The shape of a batch of images, unknown dimensions if need be."""
    if spec.shape is None:
        return (None,) * 4
    require(len(spec.shape) == 4, f"Shape must be rank 4 but is rank {len(spec.shape)}")
    return spec.shape


def static_size(size: Any) -> tuple[int | None, int | None]:
    """(height, width) as far as a static `size` input tells; ValueError if it cannot be a size."""
    require(size.shape is None or len(size.shape) == 1, f"Shape must be rank 1 but is rank {len(size.shape or ())}")
    require(size.shape is None or size.shape[0] in (None, 2), f"Dimension must be 2 but is {size.shape and size.shape[0]}")
    return tuple(size.partial) if size.partial is not None else (None, None)


def checked_size(size: Any) -> tuple[int, int]:
    """(height, width) at run; ValueError unless both are positive."""
    height, width = (int(d) for d in size)
    require(height > 0 and width > 0, f"output dimensions must be positive, got size [{height}, {width}]")
    return height, width


class Resize(Op):
    """Images at another size. Results are float32 whatever the images are; `how` as in kernels.resize."""
    how: ClassVar[str] = ""
    align_corners: Any = False
    half_pixel_centers: Any = False

    def infer(self, images: Spec, size: Any) -> Spec:
        n, _, _, c = batch_of_images(images)
        return Spec(float32, (n, *static_size(size), c))

    def kernel(self, xp: Namespace, images: Any, size: Any) -> Any:
        require(images.shape[1] > 0 and images.shape[2] > 0, f"input image must be of non-zero size, got {list(images.shape)}")
        return xp.resize_images(images, self.how, checked_size(size), self.align_corners, self.half_pixel_centers)


class _Gradient(Op):
    """What flows back to images of the second input's shape."""
    T: Any
    how: ClassVar[str] = ""
    align_corners: Any = False
    half_pixel_centers: Any = False

    def infer(self, grads: Spec, original: Spec) -> Spec:
        n, _, _, c = batch_of_images(grads)
        return Spec(self.T, (n, *batch_of_images(original)[1:3], c))

    def kernel(self, xp: Namespace, grads: Any, original: Any) -> Any:
        dx = xp.resize_images_gradient(grads, self.how, tuple(original.shape[1:3]), self.align_corners, self.half_pixel_centers)
        return xp.astype(dx, self.T.np)


class ResizeBilinear(Resize, sig="images: T, size: int32 -> resized_images: float32", static={"size": 1}):
    """Each pixel a mixture of the four around its position."""
    how = "linear"
    T: DType = one_of(IMAGES)
    align_corners: bool = False
    half_pixel_centers: bool = False

    def grad(self, op: Operation, dy: Tensor) -> Any:
        return make(ResizeBilinearGrad, dy, op.inputs[0], align_corners=self.align_corners,
                    half_pixel_centers=self.half_pixel_centers), None


class ResizeBilinearGrad(_Gradient, sig="grads: float32, original_image: T -> output: T"):
    """The gradient of ResizeBilinear."""
    how = "linear"
    T: DType = one_of(float32, bfloat16, float16, float64)
    align_corners: bool = False
    half_pixel_centers: bool = False

    def grad(self, op: Operation, dy: Tensor) -> Any:
        return None, None           # as in TensorFlow


class ResizeBicubic(Resize, sig="images: T, size: int32 -> resized_images: float32", static={"size": 1}):
    """Each pixel a mixture of the sixteen around its position, by cubic convolution."""
    how = "cubic"
    T: DType = one_of(IMAGES)
    align_corners: bool = False
    half_pixel_centers: bool = False

    def grad(self, op: Operation, dy: Tensor) -> Any:
        images = op.inputs[0]
        if images.dtype.base_dtype not in (float32, float64):
            return None, None
        return make(ResizeBicubicGrad, dy, images, align_corners=self.align_corners,
                    half_pixel_centers=self.half_pixel_centers), None


class ResizeBicubicGrad(_Gradient, sig="grads: float32, original_image: T -> output: T"):
    """The gradient of ResizeBicubic."""
    how = "cubic"
    T: DType = one_of(float32, float64)
    align_corners: bool = False
    half_pixel_centers: bool = False


class ResizeArea(Resize, sig="images: T, size: int32 -> resized_images: float32", static={"size": 1}):
    """Each pixel the mean of the area it covers."""
    how = "area"
    T: DType = one_of(IMAGES)
    align_corners: bool = False


class ResizeNearestNeighbor(Resize, sig="images: T, size: int32 -> resized_images: T", static={"size": 1}):
    """Each pixel a copy of the nearest one."""
    T: DType = one_of(IMAGES)
    align_corners: bool = False
    half_pixel_centers: bool = False

    def infer(self, images: Spec, size: Any) -> Spec:
        return Spec(self.T, super().infer(images, size).shape)

    def kernel(self, xp: Namespace, images: Any, size: Any) -> Any:
        require(images.shape[1] > 0 and images.shape[2] > 0, f"input image must be of non-zero size, got {list(images.shape)}")
        for axis, count in enumerate(checked_size(size), 1):
            images = xp.take(images, kernels.nearest(images.shape[axis], count, self.align_corners, self.half_pixel_centers), axis)
        return images

    def grad(self, op: Operation, dy: Tensor) -> Any:
        images = op.inputs[0]
        static = images.static
        size = static[1:3] if static is not None and None not in static[1:3] else shape_internal(images)[1:3]
        return make(ResizeNearestNeighborGrad, dy, size, align_corners=self.align_corners,
                    half_pixel_centers=self.half_pixel_centers), None


class ResizeNearestNeighborGrad(Op, sig="grads: T, size: int32 -> output: T", static={"size": 1}):
    """The gradient of ResizeNearestNeighbor, for images of a size."""
    T: DType = one_of(uint8, int8, int32, float16, float32, float64, bfloat16)
    align_corners: bool = False
    half_pixel_centers: bool = False

    def infer(self, grads: Spec, size: Any) -> Spec:
        n, _, _, c = batch_of_images(grads)
        return Spec(self.T, (n, *static_size(size), c))

    def kernel(self, xp: Namespace, grads: Any, size: Any) -> Any:
        return xp.resize_images_gradient(grads, "nearest", checked_size(size), self.align_corners, self.half_pixel_centers)
