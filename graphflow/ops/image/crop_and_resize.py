"""tf.image.crop_and_resize: boxes cut out of images, all resized to one size."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core.dtypes import DType, float16, float32, float64, int8, int16, int32, int64, uint8, uint16
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels import crops
from ...kernels.contract import Namespace
from ..array.basic import shape_internal
from .resize_ops import batch_of_images, checked_size, static_size

_IMAGES = (uint8, uint16, int8, int16, int32, int64, float16, float32, float64)


def _count(boxes: Spec, which: Spec) -> int | None:
    """The number of boxes; ValueError unless there is an image for each."""
    require(boxes.shape is None or len(boxes.shape) == 2, f"Shape must be rank 2 but is rank {len(boxes.shape or ())}")
    require(which.shape is None or len(which.shape) == 1, f"Shape must be rank 1 but is rank {len(which.shape or ())}")
    count, sides = boxes.shape or (None, None)
    require(sides in (None, 4), f"Dimension must be 4 but is {sides}")
    images = which.shape[0] if which.shape else None
    require(count is None or images is None or count == images, f"Dimension must be {count} but is {images}")
    return images if count is None else count


def _checked(which: np.ndarray, batch: int) -> np.ndarray:
    require(not which.size or 0 <= which.min() <= which.max() < batch,
            f"box_index has values outside [0, batch_size): {which.tolist()} of {batch} images")
    return which.astype(np.int64)


class CropAndResize(Op, sig="image: T, boxes: float32, box_ind: int32, crop_size: int32 -> crops: float32", static={"crop_size": 1},
                    host=True):
    """A crop of crop_size for each box."""
    T: DType = one_of(_IMAGES)
    method: str = one_word("bilinear", "nearest", default="bilinear")
    extrapolation_value: float = 0.0

    def infer(self, image: Spec, boxes: Spec, which: Spec, size: Any) -> Spec:
        return Spec(float32, (_count(boxes, which), *static_size(size), batch_of_images(image)[3]))

    def kernel(self, xp: Namespace, image: np.ndarray, boxes: np.ndarray, which: np.ndarray, size: np.ndarray) -> np.ndarray:
        require(not len(boxes) or 0 not in image.shape[1:3], f"image dimensions must be positive, got {list(image.shape)}")
        return crops.crop_and_resize(image, boxes, _checked(which, len(image)), checked_size(size), self.method == "nearest",
                                     self.extrapolation_value)

    def grad(self, op: Operation, dy: Tensor) -> Any:
        image, boxes, which, _ = op.inputs
        to_image = None
        if image.dtype.base_dtype in (float16, float32, float64):
            static = image.static
            shape = list(static) if static is not None and None not in static else shape_internal(image)
            to_image = make(CropAndResizeGradImage, dy, boxes, which, shape, T=image.dtype.base_dtype, method=self.method)
        return to_image, make(CropAndResizeGradBoxes, dy, image, boxes, which), None, None


class CropAndResizeGradImage(Op, sig="grads: float32, boxes: float32, box_ind: int32, image_size: int32 -> output: T",
                             static={"image_size": 1}, host=True):
    """The gradient of CropAndResize for the image."""
    T: DType = one_of(float32, float16, float64)
    method: str = one_word("bilinear", "nearest", default="bilinear")

    def infer(self, dy: Spec, boxes: Spec, which: Spec, shape: Any) -> Spec:
        return Spec(self.T, shape.partial or (None,) * 4)

    def kernel(self, xp: Namespace, dy: np.ndarray, boxes: np.ndarray, which: np.ndarray, shape: np.ndarray) -> np.ndarray:
        sizes = tuple(int(d) for d in shape)
        return crops.crop_image_gradient(dy, boxes, _checked(which, sizes[0]), sizes, self.method == "nearest", self.T.np)


class CropAndResizeGradBoxes(Op, sig="grads: float32, image: T, boxes: float32, box_ind: int32 -> output: float32", host=True):
    """The gradient of CropAndResize for the boxes."""
    T: DType = one_of(_IMAGES)
    method: str = one_word("bilinear", default="bilinear")

    def infer(self, dy: Spec, image: Spec, boxes: Spec, which: Spec) -> Spec:
        return Spec(float32, (_count(boxes, which), 4))

    def kernel(self, xp: Namespace, dy: np.ndarray, image: np.ndarray, boxes: np.ndarray, which: np.ndarray) -> np.ndarray:
        return crops.crop_boxes_gradient(dy, image, boxes, _checked(which, len(image)))


@export("image.crop_and_resize")
def crop_and_resize(image: Any, boxes: Any, box_ind: Any = None, crop_size: Any = None, method: str = "bilinear",
                    extrapolation_value: float = 0, name: str | None = None, box_indices: Any = None) -> Tensor:
    """Boxes cut out of images, each resized to crop_size (height, width); float32 [num_boxes, height, width, channels].

    image: [batch, height, width, channels]. boxes: float32 [num_boxes, 4], (y1, x1, y2, x2), where 0 is the first row or column of pixels
    and 1 the last; y1 > y2 turns the crop upside down. box_ind: int32 [num_boxes], the image of each box.
    method: "bilinear" or "nearest". extrapolation_value: what lies outside of the image.
    """
    which = box_ind if box_indices is None else box_indices
    if box_ind is not None and box_indices is not None:
        raise ValueError("Cannot specify both 'box_indices' and 'box_ind'.")
    if method not in ("bilinear", "nearest"):
        raise ValueError(f"Value for attr 'method' of \"{method}\" is not in the list of allowed values: \"bilinear\", \"nearest\"")
    return make(CropAndResize, image, boxes, which, crop_size, name=name, method=method,
                extrapolation_value=extrapolation_value)
