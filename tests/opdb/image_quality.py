"""tf.image: slopes, edges, variation, signal to noise, structural similarity."""

from __future__ import annotations

import numpy as np

from . import FLOATING, error, row, sample, zeros


def _slopes(image):
    dy, dx = np.zeros_like(image), np.zeros_like(image)
    dy[:, :-1], dx[:, :, :-1] = image[:, 1:] - image[:, :-1], image[:, :, 1:] - image[:, :, :-1]
    return dy, dx


def _edges(image):
    wide = np.pad(image, [(0, 0), (1, 1), (1, 1), (0, 0)], mode="reflect").astype(np.float64)
    filters = np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]), np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    height, width = image.shape[1:3]
    return np.stack([sum(f[i, j] * wide[:, i:i + height, j:j + width] for i in range(3) for j in range(3)) for f in filters], -1)


def _variation(image):
    down, right = np.diff(image, axis=-3), np.diff(image, axis=-2)
    return np.abs(down).sum((-3, -2, -1)) + np.abs(right).sum((-3, -2, -1))


row("Sub", "image.image_gradients", reference=_slopes, samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(1, 2, 3, 1))],
    errors=[error(ValueError, "image_gradients expects a 4D tensor", zeros(4, 6, 3))])
row("DepthwiseConv2dNative", "image.sobel_edges", reference=_edges, samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(1, 3, 3, 1))],
    shapes=False)
row("Abs", "image.total_variation", reference=_variation, shapes=False, tolerance=3.0, samples=lambda rand: [
    sample(rand.distinct(2, 4, 6, 3)), sample(rand.distinct(4, 6, 3))],
    errors=[error(ValueError, "must be either 3 or 4-dimensional", zeros(4, 6))])
row("ExtractImagePatches", "image.extract_patches", dtypes=FLOATING, gradient=False, samples=lambda rand: [
    sample(rand(2, 5, 6, 2), [1, 2, 3, 1], [1, 1, 2, 1], [1, 1, 1, 1], "SAME")])


def _pair(rand, *shape):
    first = rand(*shape)
    return first, np.clip(first + 0.2 * (rand(*shape) - 0.5), 0.01, 0.99)


def _bytes(rand, *shape):
    first = rand.ints(0, 256, *shape, dtype="uint8")
    return first, np.asarray(first // 2 + rand.ints(0, 128, *shape, dtype="uint8"), np.uint8)


def _decibels(a, b, max_val):
    return 10 * np.log10(float(max_val) ** 2 / np.mean((a.astype(np.float64) - b) ** 2, (-3, -2, -1)))


UNIT = {"domain": (0.05, 0.95), "dtypes": ("float32",)}
row("SquaredDifference", "image.psnr", **UNIT, tolerance=5.0, shapes=False, reference=_decibels, samples=lambda rand: [
    sample(*_pair(rand, 2, 4, 6, 3), 1.0), sample(*_pair(rand, 4, 6, 3), 1.0), sample(*_bytes(rand, 4, 6, 3), 255),
    sample(rand(3, 4, 6, 1), rand(4, 6, 1), 1.0)],
    errors=[error(ValueError, "must be equal, but are 6 and 5", zeros(4, 6, 3), zeros(4, 5, 3), 1.0),
            error(ValueError, "must be equal, but are 2 and 3", zeros(2, 4, 6, 3), zeros(3, 4, 6, 3), 1.0)])


def _similarity(x, y, peak, size=11, sigma=1.5, k1=0.01, k2=0.03):
    """Wang et al. 2004, straight from its equations: (similarity, structure) around each pixel."""
    places = np.arange(size) - (size - 1) / 2
    window = np.exp(-places**2 / (2 * sigma**2))
    window = np.outer(window, window) / np.outer(window, window).sum()
    scale = np.iinfo(x.dtype).max if x.dtype.kind == "u" else 1
    x, y, peak = x.astype(np.float64) / scale, y.astype(np.float64) / scale, peak / scale
    height, width = (d - size + 1 for d in x.shape[-3:-1])

    def mean(z):
        return sum(window[i, j] * z[..., i:i + height, j:j + width, :] for i in range(size) for j in range(size))
    mx, my, c1, c2 = mean(x), mean(y), (k1 * peak) ** 2, (k2 * peak) ** 2
    structure = (2 * (mean(x * y) - mx * my) + c2) / (mean(x * x) - mx**2 + mean(y * y) - my**2 + c2)
    return (2 * mx * my + c1) / (mx**2 + my**2 + c1) * structure, structure


def _ssim(x, y, max_val, filter_size=11, return_index_map=False, **more):
    found = _similarity(x, y, max_val, filter_size)[0].mean(-1)
    return found if return_index_map else found.mean((-2, -1))


KNOWN = "the shape of the window is known while building, where TensorFlow computes it"
row("DepthwiseConv2dNative", "image.ssim", **UNIT, nodes=KNOWN, tolerance=5.0, shapes=False, reference=_ssim, samples=lambda rand: [
    sample(*_pair(rand, 2, 14, 15, 3), 1.0), sample(*_bytes(rand, 14, 15, 3), 255), sample(*_pair(rand, 14, 15, 3), 1.0, filter_size=5)],
    errors=[error(ValueError, "must have rank at least 3", zeros(14, 15), zeros(14, 15), 1.0),
            error(ValueError, "Two images are not compatible", zeros(2, 14, 15, 3), zeros(3, 14, 15, 3), 1.0),
            error(ValueError, "are incompatible", zeros(14, 15, 3), zeros(14, 12, 3), 1.0),
            error(ValueError, "Negative dimension size", zeros(4, 15, 3), zeros(4, 15, 3), 1.0)])
row("DepthwiseConv2dNative", "image.ssim", name="map of structural similarity", **UNIT, nodes=KNOWN, tolerance=5.0, shapes=False, gradient=False,
    reference=_ssim, samples=lambda rand: [sample(*_pair(rand, 2, 12, 13, 3), 1.0, return_index_map=True)])


def _halved(x):
    x = np.pad(x, [*[(0, 0)] * (x.ndim - 3), (0, x.shape[-3] % 2), (0, x.shape[-2] % 2), (0, 0)], mode="symmetric")
    return (x[..., ::2, ::2, :] + x[..., 1::2, ::2, :] + x[..., ::2, 1::2, :] + x[..., 1::2, 1::2, :]) / 4


def _many_scales(x, y, max_val, power_factors=(0.0448, 0.2856, 0.3001, 0.2363, 0.1333), filter_size=11):
    product = 1.0
    for scale, power in enumerate(power_factors):
        if scale:
            x, y = _halved(x), _halved(y)
        whole, structure = _similarity(x, y, max_val, filter_size)
        used = whole if scale == len(power_factors) - 1 else structure
        product = product * np.maximum(used.mean((-3, -2)), 0) ** power
    return product.mean(-1)


SCALES = {"shapes": False, "tolerance": 5.0, "reference": _many_scales,
          "nodes": "conds are Switch and Merge there; compared under control flow v2 (tests/ops/control_flow)"}
row(("DepthwiseConv2dNative", "MirrorPad"), "image.ssim_multiscale", **UNIT, **SCALES, gradient=False, samples=lambda rand: [
    sample(*_pair(rand, 2, 37, 41, 3), 1.0, filter_size=3), sample(*_pair(rand, 13, 17, 1), 1.0, [0.4, 0.6], 5)])
row(("DepthwiseConv2dNative", "MirrorPad"), "image.ssim_multiscale", name="gradient of ssim_multiscale", **UNIT, **SCALES,
    samples=lambda rand: [sample(*_pair(rand, 13, 17, 2), 1.0, [0.4, 0.6], 5)])
