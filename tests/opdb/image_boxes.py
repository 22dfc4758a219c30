"""tf.image: boxes drawn, cut out, chosen; glimpses."""

from __future__ import annotations

import math

import numpy as np

from . import error, row, sample, zeros
from ._raw import raw

ONE = ("float32",)


def _boxes(rand, *shape):
    """Boxes in [0, 1] with their corners in order, none empty."""
    values = rand.generator.uniform(0, 1, (*shape, 2, 2))
    values = np.sort(values, axis=-2)
    values[..., 1, :] = np.minimum(1, values[..., 1, :] + 0.1)
    return np.asarray(values.reshape(*shape, 4), np.float32)


def _which(*numbers):
    return np.array(numbers, np.int32)


def _cropped(image, boxes, which, size, method="bilinear", extrapolation_value=0):
    height, width = image.shape[1:3]
    out = np.full((len(boxes), *size, image.shape[3]), extrapolation_value, np.float64)
    for n, (y1, x1, y2, x2) in enumerate(boxes.astype(np.float64)):
        for i in range(size[0]):
            y = (y1 + (y2 - y1) * i / (size[0] - 1) if size[0] > 1 else (y1 + y2) / 2) * (height - 1)
            for j in range(size[1]):
                x = (x1 + (x2 - x1) * j / (size[1] - 1) if size[1] > 1 else (x1 + x2) / 2) * (width - 1)
                if not (0 <= y <= height - 1 and 0 <= x <= width - 1):
                    continue
                if method == "nearest":
                    out[n, i, j] = image[which[n], math.floor(y + 0.5), math.floor(x + 0.5)]
                    continue
                top, left, dy, dx = math.floor(y), math.floor(x), y - math.floor(y), x - math.floor(x)
                around = [[image[which[n], min(top + a, height - 1), min(left + b, width - 1)].astype(np.float64) for b in (0, 1)]
                          for a in (0, 1)]
                out[n, i, j] = ((1 - dy) * ((1 - dx) * around[0][0] + dx * around[0][1])
                                + dy * ((1 - dx) * around[1][0] + dx * around[1][1]))
    return out.astype(np.float32)


EDGES = np.array([[-0.3, 0.1, 0.8, 1.2], [0.9, 0.7, 0.1, 0.2], [0.2, 0.3, 0.2, 0.3]], np.float32)   # outside, upside down, a point
row(("CropAndResize", "CropAndResizeGradImage", "CropAndResizeGradBoxes"), "image.crop_and_resize", reference=_cropped,
    dtypes=("float32", "float16", "uint8", "int32"), gradient=False, samples=lambda rand: [
        sample(rand(2, 4, 6, 3), _boxes(rand, 5), _which(0, 1, 1, 0, 1), [3, 5]), sample(rand(1, 7, 5, 2), EDGES, _which(0, 0, 0), [4, 2]),
        sample(rand(2, 4, 6, 3), _boxes(rand, 3), _which(0, 1, 1), [1, 1]),
        sample(rand(1, 7, 5, 2), EDGES, _which(0, 0, 0), [4, 3], method="nearest", extrapolation_value=0.5)],
    errors=[error("errors.InvalidArgumentError", "values outside [0, batch_size)", zeros(1, 4, 4, 1), zeros(2, 4), _which(0, 1), [2, 2]),
            error(ValueError, "Dimension must be 4 but is 3", zeros(1, 4, 4, 1), zeros(2, 3), _which(0, 0), [2, 2]),
            error(ValueError, "not in the list of allowed values", zeros(1, 4, 4, 1), zeros(2, 4), _which(0, 0), [2, 2], method="cubic"),
            error(ValueError, "Cannot specify both", zeros(1, 4, 4, 1), zeros(2, 4), _which(0, 0), [2, 2], box_indices=_which(0, 0))])
row(("CropAndResize", "CropAndResizeGradImage", "CropAndResizeGradBoxes"), "image.crop_and_resize", name="gradients of crop_and_resize",
    dtypes=ONE, tolerance=5.0, samples=lambda rand: [
        sample(rand(2, 4, 6, 3), _boxes(rand, 5), _which(0, 1, 1, 0, 1), [3, 5]), sample(rand(1, 7, 5, 2), EDGES, _which(0, 0, 0), [4, 2]),
        sample(rand(2, 4, 6, 3), _boxes(rand, 3), _which(0, 1, 1), [1, 1]),
        sample(rand(1, 7, 5, 2), EDGES, _which(0, 0, 0), [4, 3], method="nearest")])

COLORS = np.array([[1.0, 0.5, 0.0, 0.25], [0.0, 0.25, 1.0, 0.5]], np.float32)
FAR = np.array([[[0.2, 0.3, 1.4, 1.5], [-0.5, -0.5, 0.4, 0.4], [1.2, 0.1, 1.4, 0.4], [0.6, 0.6, 0.3, 0.9], [0, 0, 1, 1]]], np.float32)


def _drawn(images, boxes, colors=None):
    table = np.array([[1, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 1], [0, 1, 0, 1], [.5, 0, .5, 1], [.5, .5, 0, 1], [.5, 0, 0, 1], [0, 0, .5, 1],
                      [0, 1, 1, 1], [1, 0, 1, 1]])
    out = images.copy()
    _, height, width, depth = images.shape
    for n, m in np.ndindex(boxes.shape[:2]):
        color = (colors[m % len(colors)] if colors is not None else table[m % 10] if depth > 1 else np.ones(1))[:depth]
        top, left, bottom, right = (int(np.float32(e) * np.float32(k - 1)) for e, k in zip(boxes[n, m], (height, width, height, width)))
        for y, x in np.ndindex(height, width):
            if top <= y <= bottom and left <= x <= right and (y in (top, bottom) or x in (left, right)):
                out[n, y, x] = color
    return out


row("DrawBoundingBoxes", "image.draw_bounding_boxes", dtypes=("float32", "float16"), gradient=False, reference=_drawn,
    samples=lambda rand: [sample(rand(2, 9, 12, 3), _boxes(rand, 2, 12)), sample(rand(1, 9, 12, 1), _boxes(rand, 1, 3)),
                          sample(rand(1, 9, 12, 4), FAR)],
    errors=[error(ValueError, "Channel depth should be either 1", zeros(1, 4, 4, 2), zeros(1, 2, 4)),
            error(ValueError, "Dimension must be 4 but is 5", zeros(1, 4, 4, 3), zeros(1, 2, 5))])
row("DrawBoundingBoxesV2", lambda tf, images, boxes, colors: tf.image.draw_bounding_boxes(images, boxes, colors=colors), dtypes=ONE,
    name="draw_bounding_boxes in colors", gradient=False, reference=_drawn,
    samples=lambda rand: [sample(rand(2, 9, 12, 3), _boxes(rand, 2, 4), COLORS), sample(rand(1, 9, 12, 1), _boxes(rand, 1, 3), COLORS)])

OBJECTS = np.array([[[0.1, 0.2, 0.5, 0.9], [0.3, 0.3, 0.7, 0.7]]], np.float32)
SIZE = np.array([40, 60, 3], np.int32)
row("SampleDistortedBoundingBoxV2", "image.sample_distorted_bounding_box", dtypes=ONE, gradient=False, samples=lambda rand: [
    *[sample(SIZE, OBJECTS, seed=seed) for seed in range(1, 9)],
    sample(SIZE, OBJECTS, 3, 4, 0.9, [0.5, 2.0], [0.1, 0.6], 20), sample(SIZE, OBJECTS, 3, 4, 1.0, [0.9, 1.1], [0.1, 0.2], 3),
    sample(SIZE, zeros(1, 0, 4), 5, use_image_if_no_bounding_boxes=True), sample(np.array([7, 5, 1], np.int64), OBJECTS, 6, area_range=[0.3, 1.0])],
    errors=[error("errors.InvalidArgumentError", "No bounding boxes provided as input", SIZE, zeros(1, 0, 4)),
            error("errors.InvalidArgumentError", "must be in [0.0, 1.0]", SIZE, OBJECTS * 2)])
row("SampleDistortedBoundingBox", lambda tf, size, boxes, **more: raw(tf, "SampleDistortedBoundingBox", image_size=size, bounding_boxes=boxes, **more),
    name="SampleDistortedBoundingBox", dtypes=ONE, gradient=False, samples=lambda rand: [
        sample(SIZE, OBJECTS, seed=7, seed2=8), sample(SIZE, OBJECTS, seed=7, seed2=8, min_object_covered=0.75)])


def _overlap(a, b):
    (ay, ax), (aY, aX) = np.minimum(a[:2], a[2:]), np.maximum(a[:2], a[2:])
    (by, bx), (bY, bX) = np.minimum(b[:2], b[2:]), np.maximum(b[:2], b[2:])
    common = max(0, min(aY, bY) - max(ay, by)) * max(0, min(aX, bX) - max(ax, bx))
    areas = (aY - ay) * (aX - ax), (bY - by) * (bX - bx)
    return common / (sum(areas) - common) if min(areas) > 0 else 0


def _chosen(boxes, scores, count, iou_threshold=0.5, score_threshold=-np.inf):
    found = []
    for i in np.argsort(-scores, kind="stable"):
        if scores[i] > score_threshold and len(found) < count and all(_overlap(boxes[i], boxes[j]) <= iou_threshold for j in found):
            found.append(i)
    return np.array(found, np.int32)


def _crowd(rand, n=40):
    """Boxes of which many overlap, some with corners in another order, one empty; and scores, some equal."""
    boxes = np.concatenate([_boxes(rand, n - 3), [[0.8, 0.2, 0.1, 0.9], [0.2, 0.3, 0.2, 0.9], [0.1, 0.2, 0.8, 0.9]]]).astype(np.float64)
    return boxes, np.round(rand.generator.uniform(0, 1, n), 1)


for name, more in (("", {}), ("V2", {"iou_threshold": np.float32(0.4)})):
    row(f"NonMaxSuppression{name}", lambda tf, b, s, n=name, more=more: raw(tf, f"NonMaxSuppression{n}", boxes=b, scores=s, max_output_size=7, **more),
        name=f"NonMaxSuppression{name} as a node", dtypes=ONE, gradient=False, samples=lambda rand: [sample(*_crowd(rand))],
        reference=lambda b, s, more=more: _chosen(b, s, 7, more.get("iou_threshold", 0.5)))
row("NonMaxSuppressionV3", "image.non_max_suppression", dtypes=ONE, gradient=False, reference=_chosen, samples=lambda rand: [
    sample(*_crowd(rand), 5), sample(*_crowd(rand), 100, 0.3), sample(*_crowd(rand), 100, 0.9, 0.45), sample(*_crowd(rand), 0),
    sample(zeros(0, 4), zeros(0), 3)],
    errors=[error(ValueError, "Dimension must be 4 but is 5", zeros(3, 5), zeros(3), 2),
            error(ValueError, "Dimensions must be equal, but are 3 and 2", zeros(3, 4), zeros(2), 2),
            error("errors.InvalidArgumentError", "iou_threshold must be in [0, 1]", zeros(3, 4), zeros(3), 2, 1.5)])
row("NonMaxSuppressionV3", "image.non_max_suppression", name="non_max_suppression of halves", dtypes=("float16",), gradient=False,
    samples=lambda rand: [sample(*_crowd(rand), 5, np.float32(0.3), np.float32(0.1))])
row("NonMaxSuppressionV5", "image.non_max_suppression_with_scores", dtypes=ONE, gradient=False, samples=lambda rand: [
    sample(*_crowd(rand), 9), sample(*_crowd(rand), 30, soft_nms_sigma=0.5), sample(*_crowd(rand), 9, 0.2, 0.3, 0.1)])
row("NonMaxSuppressionV4", "image.non_max_suppression_padded", dtypes=ONE, gradient=False,
    nodes="TensorFlow 2 calls a function made of loops; this is the node of TF 1.x",
    # TensorFlow 2 looks at the first box only to tell which corner is which
    samples=lambda rand: [sample(_boxes(rand, 30), rand.generator.uniform(0, 1, 30), 9, score_threshold=0.05),
                          sample(_boxes(rand, 40), rand.generator.uniform(0, 1, 40), 30, 0.2, 0.3, pad_to_max_output_size=True)],
    reference=lambda b, s, n, iou=0.5, score_threshold=-np.inf, pad_to_max_output_size=False: (
        lambda f: (np.pad(f, (0, n - len(f))) if pad_to_max_output_size else f, np.int32(len(f))))(_chosen(b, s, n, iou, score_threshold)))
row("NonMaxSuppressionWithOverlaps", "image.non_max_suppression_overlaps", dtypes=ONE, gradient=False, domain=(0, 1),
    samples=lambda rand: [sample(rand(9, 9), rand(9), 5), sample(rand(9, 9), rand(9), 9, 0.8, 0.2)])
row("CombinedNonMaxSuppression", "image.combined_non_max_suppression", dtypes=ONE, gradient=False, domain=(0, 1), samples=lambda rand: [
    sample(_boxes(rand, 2, 12, 1), rand(2, 12, 3), 3, 5), sample(_boxes(rand, 2, 12, 3) * 1.5, rand(2, 12, 3), 3, 40, 0.3, 0.4),
    sample(_boxes(rand, 2, 12, 1), rand(2, 12, 3), 3, 40, pad_per_class=True),
    sample(_boxes(rand, 1, 12, 1) * 1.5, rand(1, 12, 2), 3, 4, 0.2, 0.1, True, False)],
    errors=[error(ValueError, "third dimension of boxes", zeros(1, 5, 2, 4), zeros(1, 5, 3), 3, 3)])

CORNERS = np.array([[0.0, 0.0], [0.3, -0.2]], np.float32)
row("ExtractGlimpse", "image.extract_glimpse", dtypes=ONE, gradient=False, samples=lambda rand: [
    sample(rand(2, 7, 6, 3), [3, 2], CORNERS), sample(rand(2, 7, 6, 1), [2, 3], CORNERS * 4, normalized=False),
    sample(rand(2, 7, 6, 1), [2, 3], np.abs(CORNERS) * 0.5 + 0.5, centered=False),
    sample(rand(2, 7, 6, 1), [2, 3], CORNERS + 3, centered=False, normalized=False, uniform_noise=False)],
    errors=[error(ValueError, "Dimension must be 2 but is 3", zeros(1, 4, 4, 1), [2, 2], zeros(1, 3))])
row("ExtractGlimpse", lambda tf, x, o: raw(tf, "ExtractGlimpse", input=x, size=[5, 9], offsets=o, noise="zero", uniform_noise=False), dtypes=ONE,
    name="glimpses beyond the image", gradient=False, samples=lambda rand: [sample(rand(2, 4, 6, 2), CORNERS * 2)])
