"""Boxes drawn on images, and the choice among boxes that overlap."""
from __future__ import annotations

import heapq
import math
from collections.abc import Callable

import numpy as np

# The colours that boxes get in turn: red, green, blue, opacity.
COLORS = np.array([[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [0.5, 0, 0.5, 1],
                   [0.5, 0.5, 0, 1], [0.5, 0, 0, 1], [0, 0, 0.5, 1], [0, 1, 1, 1], [1, 0, 1, 1]], np.float32)


def draw_boxes(images: np.ndarray, boxes: np.ndarray, colors: np.ndarray | None) -> np.ndarray:
    """Images with the outlines of boxes, one pixel wide.

    images: [batch, height, width, 1, 3 or 4]; boxes: [batch, n, 4], (y1, x1, y2, x2) in shares of the image; colors: [k, >= channels]
    or None. Edges outside of the image are not drawn, nor boxes of which nothing is inside.
    """
    out = images.copy()
    _, height, width, depth = images.shape
    table = (COLORS if colors is None or not len(colors) else colors).astype(images.dtype)
    if depth == 1 and (colors is None or not len(colors)):
        table = np.ones_like(table)
    reach = np.array([height - 1, width - 1, height - 1, width - 1], np.float32)
    for picture, its_boxes in zip(out, boxes):
        for number, (top, left, bottom, right) in enumerate(np.trunc(its_boxes.astype(np.float32) * reach).astype(np.int64).tolist()):
            if top > bottom or left > right or top >= height or bottom < 0 or left >= width or right < 0:
                continue
            color = table[number % len(table), :depth]
            rows, cols = slice(max(top, 0), min(bottom, height - 1) + 1), slice(max(left, 0), min(right, width - 1) + 1)
            for row in (top, bottom):
                if 0 <= row < height:
                    picture[row, cols] = color
            for col in (left, right):
                if 0 <= col < width:
                    picture[rows, col] = color
    return out


def overlaps_with(boxes: np.ndarray) -> Callable[[int, np.ndarray], np.ndarray]:
    """A function of (box, others): the area of the intersection over that of the union with each; 0 for empty boxes. boxes: [n, 4]."""
    low, high = np.minimum(boxes[:, :2], boxes[:, 2:]), np.maximum(boxes[:, :2], boxes[:, 2:])
    areas = np.prod(high - low, 1)

    def overlap(box: int, others: np.ndarray) -> np.ndarray:
        sides = np.maximum(np.minimum(high[box], high[others]) - np.maximum(low[box], low[others]), 0)
        common = sides[:, 0] * sides[:, 1]
        usable = (areas[box] > 0) & (areas[others] > 0)
        whole = areas[box] + areas[others] - common
        return np.where(usable, common / np.where(usable, whole, 1), 0)
    return overlap


def suppress(scores: np.ndarray, count: int, overlap: Callable[[int, np.ndarray], np.ndarray], threshold: float,
             score_threshold: float) -> np.ndarray:
    """At most `count` of the boxes, best first: each that overlaps none chosen before by more than the threshold; indices, int32."""
    order = np.argsort(-scores, kind="stable")
    order = order[scores[order] > score_threshold]
    chosen: list[int] = []
    while len(order) and len(chosen) < count:
        best = int(order[0])
        chosen.append(best)
        order = order[1:]
        order = order[~(overlap(best, order) > threshold)]
    return np.array(chosen, np.int32)


def suppress_softly(scores: np.ndarray, count: int, overlap: Callable[[int, np.ndarray], np.ndarray], score_threshold: float,
                    sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """As `suppress`, but overlapping boxes only lose score, by exp(-overlap^2 / (2 sigma)); (indices, scores).

    N. Bodla et al., "Soft-NMS", ICCV 2017, equation 4.
    """
    kind, scale = scores.dtype.type, -0.5 / sigma
    waiting = [(-float(score), i, 0) for i, score in enumerate(scores) if score > score_threshold]
    heapq.heapify(waiting)
    chosen: list[int] = []
    found: list[float] = []
    while waiting and len(chosen) < count:
        negative, box, seen = heapq.heappop(waiting)
        before = score = kind(-negative)
        for similarity in overlap(box, np.array(chosen[seen:][::-1], np.int64)):
            score = kind(score * kind(math.exp(kind(kind(scale) * similarity * similarity))))
            if score <= score_threshold:
                break
        if score == before:
            chosen.append(box)
            found.append(score)
        elif score > score_threshold:
            heapq.heappush(waiting, (-float(score), box, len(chosen)))
    return np.array(chosen, np.int32), np.array(found, scores.dtype)
