"""Boxes: drawn on images, and chosen at random around objects."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core import context
from ...core.dtypes import DType, float16, float32, int8, int16, int32, int64, uint8
from ...core.errors import InvalidArgumentError
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.run_context import Context
from ...core.tensor import Tensor
from ...kernels import boxes as kernels
from ...kernels import random as draws
from ...kernels.contract import Namespace
from ..random.base import RandomOp
from .resize_ops import batch_of_images


class DrawBoundingBoxes(Op, sig="images: T, boxes: float32 -> output: T", host=True):
    """Images with the outlines of boxes, in ten colours in turn."""
    T: DType = one_of(float32, float16, default=float32)

    def infer(self, images: Spec, boxes: Spec, *colors: Spec) -> Spec:
        depth = batch_of_images(images)[3]
        require(depth in (None, 1, 3, 4), f"Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA), got {depth}")
        require(boxes.shape is None or len(boxes.shape) == 3, f"Shape must be rank 3 but is rank {len(boxes.shape or ())}")
        require(boxes.shape is None or boxes.shape[2] in (None, 4), f"Dimension must be 4 but is {boxes.shape and boxes.shape[2]}")
        return Spec(self.T, images.shape)

    def kernel(self, xp: Namespace, images: np.ndarray, boxes: np.ndarray, colors: np.ndarray | None = None) -> np.ndarray:
        require(images.shape[3] in (1, 3, 4), f"Channel depth should be either 1 (GRY), 3 (RGB), or 4 (RGBA), got {images.shape[3]}")
        require(len(images) == len(boxes), f"The batch sizes should be the same, got {len(images)} images and boxes for {len(boxes)}")
        if colors is not None and len(colors):
            require(colors.shape[1] >= images.shape[3],
                    f"colors must have at least {images.shape[3]} channels, as the images, got shape {list(colors.shape)}")
        return kernels.draw_boxes(images, boxes, colors)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,) * len(op.inputs)


class DrawBoundingBoxesV2(DrawBoundingBoxes, sig="images: T, boxes: float32, colors: float32 -> output: T", host=True):
    """Images with the outlines of boxes, in the given colours in turn."""

    def grad(self, op: Operation, dy: Any) -> Any:
        raise LookupError(f"No gradient defined for operation '{op.name}' (op type: {op.type})")


@export("image.draw_bounding_boxes")
def draw_bounding_boxes(images: Any, boxes: Any, name: str | None = None, colors: Any = None) -> Tensor:
    """Images with the outlines of boxes, one pixel wide. It has no gradient.

    images: float32 or float16, [batch, height, width, 1, 3 or 4 channels]. boxes: float32 [batch, n, 4], (y_min, x_min, y_max, x_max) in
    shares of the image. colors: [k, channels], taken in turn; None: ten fixed ones (white on gray images).
    """
    if colors is None:
        return make(DrawBoundingBoxes, images, boxes, name=name)
    return make(DrawBoundingBoxesV2, images, boxes, colors, name=name)


class DistortedBox(NamedTuple):
    """begin, size: [3], for tf.slice; bboxes: float32 [1, 1, 4], for tf.image.draw_bounding_boxes."""
    begin: Tensor
    size: Tensor
    bboxes: Tensor


class SampleDistortedBoundingBoxV2(RandomOp, Several, sig="image_size: T, bounding_boxes: float32, min_object_covered: float32 "
                                                 "-> begin: T, size: T, bboxes: float32"):
    """A random part of an image that covers enough of one of the boxes."""
    min_object_covered: Any                     # an attribute of the first version only
    T: DType = one_of(uint8, int8, int16, int32, int64)
    seed: int = 0
    seed2: int = 0
    aspect_ratio_range: list[float] = (0.75, 1.33)  # type: ignore[assignment]
    area_range: list[float] = (0.05, 1.0)  # type: ignore[assignment]
    max_attempts: int = 100
    use_image_if_no_bounding_boxes: bool = False

    def infer(self, size: Spec, boxes: Spec, *covered: Spec) -> Any:
        require(size.shape is None or len(size.shape) == 1, f"Shape must be rank 1 but is rank {len(size.shape or ())}")
        require(size.shape is None or size.shape[0] in (None, 3), f"Dimension must be 3 but is {size.shape and size.shape[0]}")
        require(boxes.shape is None or len(boxes.shape) == 3, f"Shape must be rank 3 but is rank {len(boxes.shape or ())}")
        require(boxes.shape is None or boxes.shape[2] in (None, 4), f"Dimension must be 4 but is {boxes.shape and boxes.shape[2]}")
        return Spec(self.T, (3,)), Spec(self.T, (3,)), Spec(float32, (1, 1, 4))

    def run(self, ctx: Context, size: np.ndarray, boxes: np.ndarray, covered: Any = None) -> Any:
        covered = self.min_object_covered if covered is None else float(covered)
        height, width = int(size[0]), int(size[1])
        objects = _objects(boxes.reshape(-1, 4), height, width, ctx.operation)
        if not objects:
            if not self.use_image_if_no_bounding_boxes:
                raise InvalidArgumentError(None, ctx.operation, "No bounding boxes provided as input. One must enable "
                                           "use_image_if_no_bounding_boxes if you wish to not provide any bounding boxes.")
            objects = [draws.Box(0, 0, width, height)]
        (narrow, wide), (small, large) = self.aspect_ratio_range, self.area_range
        if not (0 < narrow <= wide and 0 < small <= large):
            raise InvalidArgumentError(None, ctx.operation, "aspect_ratio_range and area_range must hold two positive numbers in order, "
                                       f"got {self.aspect_ratio_range} and {self.area_range}")
        limits = draws.Limits((narrow, wide), (small, large), covered, self.max_attempts)
        place = self.stream(ctx).reserve_words(draws.WORDS_PER_ATTEMPT * self.max_attempts)
        part = draws.sample_box(place, height, width, objects, limits)
        shares = np.array([part.top, part.left, part.bottom, part.right], np.float32) / np.array([height, width] * 2, np.float32)
        size = np.array([part.bottom - part.top, part.right - part.left, -1]).astype(self.T.np)
        return np.array([part.top, part.left, 0], self.T.np), size, shares.reshape(1, 1, 4)


class SampleDistortedBoundingBox(SampleDistortedBoundingBoxV2, sig="image_size: T, bounding_boxes: float32 -> begin: T, size: T, "
                                                                   "bboxes: float32"):
    """As SampleDistortedBoundingBoxV2, in graphs of early TF 1.x."""
    min_object_covered: float = 0.1


def _objects(boxes: np.ndarray, height: int, width: int, op: Any) -> list[Any]:
    if boxes.size and not (boxes.min() >= 0 and boxes.max() <= 1):
        raise InvalidArgumentError(None, op, f"All bounding box coordinates must be in [0.0, 1.0], but they go from {boxes.min()} to "
                                             f"{boxes.max()}")
    if boxes.size and not ((boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])).all():
        raise InvalidArgumentError(None, op, "Bounding boxes need y_min < y_max and x_min < x_max")
    pixels = (boxes * np.array([height, width, height, width], np.float32)).astype(np.int64).tolist()
    return [draws.Box(left, top, right, bottom) for top, left, bottom, right in pixels]


@export("image.sample_distorted_bounding_box")
def sample_distorted_bounding_box(image_size: Any, bounding_boxes: Any, seed: int | None = None, seed2: int | None = None,
                                  min_object_covered: Any = 0.1, aspect_ratio_range: Any = None, area_range: Any = None,
                                  max_attempts: int | None = None, use_image_if_no_bounding_boxes: bool | None = None,
                                  name: str | None = None) -> DistortedBox:
    """A random part of an image that covers at least min_object_covered of one of the boxes; after max_attempts tries (100) all of it.

    image_size: integers [3], (height, width, channels). bounding_boxes: float32 [batch, n, 4], (y_min, x_min, y_max, x_max).
    aspect_ratio_range: of width / height, by default (0.75, 1.33); area_range: shares of the image's area, by default (0.05, 1).
    use_image_if_no_bounding_boxes: where n is 0 the whole image is the object; else that is an error.
    """
    with context.default_graph().name_scope("sample_distorted_bounding_box"):
        return DistortedBox(*make(
            SampleDistortedBoundingBoxV2, image_size, bounding_boxes, min_object_covered, name=name, seed=seed or 0, seed2=seed2 or 0,
            aspect_ratio_range=tuple(aspect_ratio_range or (0.75, 1.33)), area_range=tuple(area_range or (0.05, 1.0)),
            max_attempts=100 if max_attempts is None else max_attempts,
            use_image_if_no_bounding_boxes=bool(use_image_if_no_bounding_boxes)))
