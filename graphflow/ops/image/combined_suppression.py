"""Non-maximum suppression of many classes and images at once."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32, int32
from ...core.export import export
from ...core.make import make
from ...core.op import Spec, require
from ...core.operation import Operation
from ...core.outcomes import Several
from ...core.tensor import Tensor
from ...kernels import boxes as kernels
from ...kernels.contract import Namespace


class CombinedSuppression(NamedTuple):
    """nmsed_boxes: [batch, k, 4]; nmsed_scores, nmsed_classes: [batch, k], float32; valid_detections: [batch], int32; the rest is 0."""
    nmsed_boxes: Tensor
    nmsed_scores: Tensor
    nmsed_classes: Tensor
    valid_detections: Tensor


class CombinedNonMaxSuppression(
        Several,
        sig="boxes: float32, scores: float32, max_output_size_per_class: int32, max_total_size: int32, iou_threshold: float32, "
            "score_threshold: float32 -> nmsed_boxes: float32, nmsed_scores: float32, nmsed_classes: float32, valid_detections: int32",
        static={"max_output_size_per_class": 0, "max_total_size": 0}, host=True):
    """The best boxes of each image, no two of one class overlapping."""
    pad_per_class: bool = False
    clip_boxes: bool = True

    def _length(self, per_class: Any, total: Any, classes: int | None) -> int | None:
        if total is None or (self.pad_per_class and (per_class is None or classes is None)):
            return None
        return min(int(total), int(per_class) * int(classes or 0)) if self.pad_per_class else int(total)

    def infer(self, boxes: Spec, scores: Spec, per_class: Any, total: Any, *thresholds: Spec) -> Any:
        for spec, rank in ((boxes, 4), (scores, 3), *((s, 0) for s in (per_class, total, *thresholds))):
            require(spec.shape is None or len(spec.shape) == rank, f"Shape must be rank {rank} but is rank {len(spec.shape or ())}")
        batch, classes = (boxes.shape or (None,))[0], (scores.shape or (None,))[-1]
        if boxes.shape is not None:
            require(boxes.shape[3] in (None, 4), f"Dimension must be 4 but is {boxes.shape[3]}")
            require(None in (boxes.shape[2], classes) or boxes.shape[2] in (1, classes),
                    f"third dimension of boxes must be either 1 or equal to the third dimension of scores, got {boxes.shape[2]} and "
                    f"{classes}")
        if boxes.shape is not None and scores.shape is not None:
            for axis, what in enumerate(("batch size", "number of boxes")):
                pair = boxes.shape[axis], scores.shape[axis]
                require(None in pair or pair[0] == pair[1], f"boxes and scores must have the same {what}, got {pair[0]} and {pair[1]}")
        length = self._length(per_class.value, total.value, classes)
        return (Spec(float32, (batch, length, 4)), Spec(float32, (batch, length)), Spec(float32, (batch, length)), Spec(int32, (batch,)))

    def kernel(self, xp: Namespace, boxes: np.ndarray, scores: np.ndarray, per_class: Any, total: Any, threshold: Any,
               score_threshold: Any) -> Any:
        require(0 <= threshold <= 1, f"iou_threshold must be in [0, 1], got {threshold}")
        require(per_class > 0 and total > 0, f"max_size_per_class and max_total_size must be positive, got {per_class} and {total}")
        batch, classes = len(boxes), scores.shape[2]
        length = self._length(per_class, total, classes) or 0
        found = (np.zeros((batch, length, 4), np.float32), np.zeros((batch, length), np.float32), np.zeros((batch, length), np.float32),
                 np.zeros(batch, np.int32))
        for image in range(batch):
            of_classes = []
            for kind in range(classes):
                its_boxes, its_scores = boxes[image, :, min(kind, boxes.shape[2] - 1)], scores[image, :, kind]
                chosen = kernels.suppress(its_scores, int(per_class), kernels.overlaps_with(its_boxes), threshold, score_threshold)
                of_classes.append((its_boxes[chosen], its_scores[chosen], np.full(len(chosen), kind)))
            if not of_classes:
                continue
            parts = [np.concatenate(part) for part in zip(*of_classes)]
            best = np.argsort(-parts[1], kind="stable")[:length]
            for target, part in zip(found, parts):
                target[image, :len(best)] = part[best]
            found[3][image] = len(best)
        if self.clip_boxes:
            np.clip(found[0], 0, 1, found[0])
        return found

    def grad(self, op: Operation, *dy: Any) -> Any:
        return (None,) * len(op.inputs)


@export("image.combined_non_max_suppression")
def combined_non_max_suppression(boxes: Any, scores: Any, max_output_size_per_class: Any, max_total_size: Any, iou_threshold: Any = 0.5,
                                 score_threshold: Any = float("-inf"), pad_per_class: bool = False, clip_boxes: bool = True,
                                 name: str | None = None) -> CombinedSuppression:
    """`non_max_suppression` for each class, and then the best max_total_size of all classes, for each image of a batch.

    boxes: [batch, n, 1 or classes, 4], normalized (y1, x1, y2, x2); scores: [batch, n, classes]. pad_per_class: no longer than
    max_output_size_per_class times the number of classes; clip_boxes: results lie in [0, 1].
    """
    with context.default_graph().name_scope(name or "combined_non_max_suppression"):
        iou_threshold = convert_to_tensor(iou_threshold, float32, "iou_threshold")
        score_threshold = convert_to_tensor(score_threshold, float32, "score_threshold")
        max_total_size = convert_to_tensor(max_total_size)
        return CombinedSuppression(*make(CombinedNonMaxSuppression, boxes, scores, max_output_size_per_class, max_total_size, iou_threshold,
                                         score_threshold, pad_per_class=pad_per_class, clip_boxes=clip_boxes))
