"""Non-maximum suppression: of boxes that overlap, the best ones."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float16, float32, int32
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels import boxes as kernels
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal

_TYPES = (float16, float32)


class Suppression(Op):
    """Base. Inputs: boxes, scores, how many at most, and thresholds. No gradient, as in TensorFlow."""
    host = True         # how many boxes stay depends on the scores

    def infer(self, boxes: Spec, scores: Spec, *limits: Spec) -> Any:
        for spec, rank in ((boxes, 2), (scores, 1), *((limit, 0) for limit in limits)):
            require(spec.shape is None or len(spec.shape) == rank, f"Shape must be rank {rank} but is rank {len(spec.shape or ())}")
        if boxes.shape is not None:
            require(boxes.shape[1] in (None, 4), f"Dimension must be 4 but is {boxes.shape[1]}")
            require(scores.shape is None or None in (boxes.shape[0], scores.shape[0]) or boxes.shape[0] == scores.shape[0],
                    f"Dimensions must be equal, but are {boxes.shape[0]} and {scores.shape and scores.shape[0]}")
        return Spec(int32, (None,))

    def select(self, boxes: np.ndarray, scores: np.ndarray, count: Any, threshold: Any, score_threshold: Any = -np.inf) -> np.ndarray:
        require(0 <= threshold <= 1, f"iou_threshold must be in [0, 1], got {threshold}")
        require(count >= 0, f"max_output_size must be non-negative, got {count}")
        return kernels.suppress(scores, int(count), kernels.overlaps_with(boxes), threshold, score_threshold)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return self.select(*inputs)

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * len(op.inputs)


class NonMaxSuppression(Suppression, sig="boxes: float32, scores: float32, max_output_size: int32 -> selected_indices: int32"):
    """The indices of the chosen boxes; in graphs of early TF 1.x."""
    iou_threshold: float = 0.5

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        boxes, scores, count = inputs
        return self.select(boxes, scores, count, self.iou_threshold)


class NonMaxSuppressionV2(Suppression, sig="boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold "
                                           "-> selected_indices: int32"):
    """The indices of the chosen boxes; in graphs of TF 1.x."""
    T: DType = one_of(_TYPES, default=float32)
    T_threshold: DType = one_of(_TYPES, default=float32)


class NonMaxSuppressionV3(Suppression, sig="boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
                                           "score_threshold: T_threshold -> selected_indices: int32"):
    """The indices of the chosen boxes."""
    T: DType = one_of(_TYPES, default=float32)
    T_threshold: DType = one_of(_TYPES, default=float32)


class NonMaxSuppressionV4(Suppression, Several, sig="boxes: T, scores: T, max_output_size: int32, iou_threshold: T_threshold, "
                                           "score_threshold: T_threshold -> selected_indices: int32, valid_outputs: int32",
                          static={"max_output_size": 0}):
    """The indices of the chosen boxes, filled up with zeros if wanted, and how many are chosen."""
    T: DType = one_of(_TYPES, default=float32)
    T_threshold: DType = one_of(_TYPES, default=float32)
    pad_to_max_output_size: bool = False

    def infer(self, *inputs: Any) -> Any:
        super().infer(*inputs)
        size = inputs[2].value
        return Spec(int32, (int(size) if self.pad_to_max_output_size and size is not None else None,)), Spec(int32, ())

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        found = self.select(*inputs)
        return _filled(found, inputs[2], self.pad_to_max_output_size), np.int32(len(found))


class NonMaxSuppressionV5(Suppression, Several, sig="boxes: T, scores: T, max_output_size: int32, iou_threshold: T, score_threshold: T, "
                                           "soft_nms_sigma: T -> selected_indices: int32, selected_scores: T, valid_outputs: int32",
                          static={"max_output_size": 0}):
    """Indices and scores of the chosen boxes and how many are chosen; boxes that overlap may lose score instead of being dropped."""
    T: DType = one_of(_TYPES, default=float32)
    pad_to_max_output_size: bool = False

    def infer(self, *inputs: Any) -> Any:
        super().infer(*inputs)
        size = inputs[2].value
        length = (int(size) if self.pad_to_max_output_size and size is not None else None,)
        return Spec(int32, length), Spec(self.T, length), Spec(int32, ())

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        boxes, scores, count, _, score_threshold, sigma = inputs
        require(sigma >= 0, f"soft_nms_sigma_tensor must be non-negative, got {sigma}")
        if sigma > 0:
            found, theirs = kernels.suppress_softly(scores, int(count), kernels.overlaps_with(boxes), score_threshold, float(sigma))
        else:
            found = self.select(*inputs[:5])
            theirs = scores[found]
        padded = self.pad_to_max_output_size
        return _filled(found, count, padded), _filled(theirs, count, padded), np.int32(len(found))


class NonMaxSuppressionWithOverlaps(Suppression, sig="overlaps: float32, scores: float32, max_output_size: int32, "
                                                     "overlap_threshold: float32, score_threshold: float32 -> selected_indices: int32"):
    """The indices of the chosen ones, from a matrix of how much each overlaps each."""

    def infer(self, overlaps: Spec, *others: Spec) -> Any:
        shape = overlaps.shape
        require(shape is None or len(shape) == 2, f"Shape must be rank 2 but is rank {len(shape or ())}")
        require(shape is None or None in shape or shape[0] == shape[1], f"Dimensions must be equal, but are {shape and shape[0]} and "
                                                                       f"{shape and shape[1]}")
        return super().infer(Spec(float32, None if shape is None else (shape[0], 4)), *others)

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        overlaps, scores, count, threshold, score_threshold = inputs
        return kernels.suppress(scores, int(count), lambda box, others: overlaps[others, box], threshold, score_threshold)


def _filled(values: np.ndarray, count: Any, padded: bool) -> np.ndarray:
    return np.pad(values, (0, int(count) - len(values))) if padded else values


@export("image.non_max_suppression")
def non_max_suppression(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5, score_threshold: Any = float("-inf"),
                        name: str | None = None) -> Tensor:
    """Indices (int32, best first) of at most max_output_size boxes: those that overlap no better one chosen by more than iou_threshold.

    boxes: [n, 4], any two opposite corners (y1, x1, y2, x2). scores: [n]; not above score_threshold: never chosen.
    Overlap is the area of the intersection over the area of the union.
    """
    with context.default_graph().name_scope(name or "non_max_suppression"):
        iou_threshold = convert_to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = convert_to_tensor(score_threshold, name="score_threshold")
        return make(NonMaxSuppressionV3, boxes, scores, max_output_size, iou_threshold, score_threshold)


@export("image.non_max_suppression_with_scores")
def non_max_suppression_with_scores(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                                    score_threshold: Any = float("-inf"), soft_nms_sigma: Any = 0.0,
                                    name: str | None = None) -> tuple[Tensor, Tensor]:
    """(indices, scores) of the boxes chosen as by `non_max_suppression`. With soft_nms_sigma > 0 boxes that overlap a better one lose
    score, by exp(-overlap^2 / (2 soft_nms_sigma)), instead of being dropped."""
    with context.default_graph().name_scope(name or "non_max_suppression_with_scores"):
        iou_threshold = convert_to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = convert_to_tensor(score_threshold, name="score_threshold")
        soft_nms_sigma = convert_to_tensor(soft_nms_sigma, name="soft_nms_sigma")
        found = make(NonMaxSuppressionV5, boxes, scores, max_output_size, iou_threshold, score_threshold, soft_nms_sigma)
        return found[0], found[1]


@export("image.non_max_suppression_padded")
def non_max_suppression_padded(boxes: Any, scores: Any, max_output_size: Any, iou_threshold: Any = 0.5,
                               score_threshold: Any = float("-inf"), pad_to_max_output_size: bool = False, name: str | None = None,
                               sorted_input: bool = False, canonicalized_coordinates: bool = False,
                               tile_size: int = 512) -> tuple[Tensor, Tensor]:
    """(indices, how many): as `non_max_suppression`, the indices filled up with zeros if pad_to_max_output_size.

    boxes: [n, 4]; with pad_to_max_output_size also [..., n, 4], a batch of images of which each is done by itself. Nodes of TF 1.x's type
    NonMaxSuppressionV4, where TensorFlow 2 calls a function made of loops; sorted_input, canonicalized_coordinates and tile_size only help
    those and change no result. ValueError for batches that are not padded.
    """
    with context.default_graph().name_scope(name or "non_max_suppression_padded"):
        boxes = convert_to_tensor(boxes, name="boxes")
        scores = convert_to_tensor(scores, name="scores")
        iou_threshold = convert_to_tensor(iou_threshold, name="iou_threshold")
        score_threshold = convert_to_tensor(score_threshold, name="score_threshold")

        def chosen(image: Any) -> tuple[Tensor, Tensor]:
            found = make(NonMaxSuppressionV4, image[0], image[1], max_output_size, iou_threshold, score_threshold,
                         pad_to_max_output_size=pad_to_max_output_size)
            return found[0], found[1]

        known = boxes.static if boxes.static is not None else None if scores.static is None else (*scores.static, 4)
        if known is not None and len(known) <= 2 or known is None and not pad_to_max_output_size:
            return chosen((boxes, scores))
        if not pad_to_max_output_size:
            raise ValueError(f"'pad_to_max_output_size' (value {pad_to_max_output_size}) must be True for batched input")
        outside, row = shape_internal(scores)[:-1], shape_internal(scores)[-1:]
        images = F.reshape(boxes, F.concat([[-1], row, [4]], 0)), F.reshape(scores, F.concat([[-1], row], 0))
        indices, counts = F.map_fn(chosen, images, dtype=(int32, int32))
        indices, counts = F.reshape(indices, F.concat([outside, [max_output_size]], 0)), F.reshape(counts, outside)
        before = None if known is None else known[:-2]
        if before is not None:
            counts.set_shape(before)
            size = constant_value(convert_to_tensor(max_output_size))
            indices.set_shape((*before, None if size is None else int(size)))
        return indices, counts


@export("image.non_max_suppression_overlaps")
def non_max_suppression_overlaps(overlaps: Any, scores: Any, max_output_size: Any, overlap_threshold: Any = 0.5,
                                 score_threshold: Any = float("-inf"), name: str | None = None) -> Tensor:
    """As `non_max_suppression`, from a matrix [n, n] of how much each overlaps each (in any measure)."""
    with context.default_graph().name_scope(name or "non_max_suppression_overlaps"):
        overlap_threshold = convert_to_tensor(overlap_threshold, name="overlap_threshold")
        return make(NonMaxSuppressionWithOverlaps, overlaps, scores, max_output_size, overlap_threshold,
                    score_threshold)
