"""tf.image: colours, brightness and the like."""

from __future__ import annotations

import colorsys

import numpy as np

from . import FLOATING, HALF, error, row, sample, zeros

GRAY = np.array([0.2989, 0.5870, 0.1140])
KINDS = ("float32", "float16", "uint8")
UNIT = {"domain": (0.02, 0.98)}
HSV_GRADIENT = "TensorFlow writes out the gradient in 250 nodes"


def _bytes(rand, *shape):
    return rand.ints(0, 256, *shape, dtype="uint8")


def _pixels(convert):
    """A reference by a function of one pixel's three channels; integer images by way of floats in [0, 1]."""
    def reference(images, *arguments, **named):
        scale = np.iinfo(images.dtype).max if images.dtype.kind in "iu" else 1
        flat = [convert(*pixel, *arguments, **named) for pixel in images.reshape(-1, 3).astype(np.float64) / scale]
        found = np.reshape(flat, images.shape)
        return np.floor(found * (scale + 0.5) + 1e-4).astype(images.dtype) if scale != 1 else found.astype(images.dtype)
    return reference


def _turned(r, g, b, delta):
    h, s, v = colorsys.rgb_to_hsv(r, g, b)
    return colorsys.hsv_to_rgb((h + delta) % 1, s, v)


def _saturated(r, g, b, factor):
    h, s, v = colorsys.rgb_to_hsv(r, g, b)
    return colorsys.hsv_to_rgb(h, min(1, max(0, s * factor)), v)


BAD = [error(ValueError, "must be 3 but is 4", zeros(4, 6, 4))]
row("RGBToHSV", "image.rgb_to_hsv", dtypes=FLOATING + HALF, gradient=False, **UNIT, reference=_pixels(colorsys.rgb_to_hsv), errors=BAD,
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(3)), sample(np.array([[0.5, 0.5, 0.5], [0, 0, 0], [0.2, 0.7, 0.7]]))])
row("RGBToHSV", "image.rgb_to_hsv", name="gradient of rgb_to_hsv", **UNIT, nodes=HSV_GRADIENT, tolerance=50.0,
    samples=lambda rand: [sample(rand.distinct(2, 4, 3))])
row("HSVToRGB", "image.hsv_to_rgb", dtypes=FLOATING + HALF, gradient=False, **UNIT, reference=_pixels(colorsys.hsv_to_rgb), errors=BAD,
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(3)), sample(np.array([[0.5, 0, 0.5], [0, 0, 0], [0, 1.0, 1.0]]))])
row("AdjustHue", "image.adjust_hue", dtypes=KINDS, gradient=False, **UNIT,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 0.1), sample(rand(4, 6, 3), -0.7), sample(rand(4, 6, 3), np.asarray(0.4, np.float32))],
    errors=[error(ValueError, "must be at least rank 3", zeros(4, 3), 0.1),
            error("errors.InvalidArgumentError", "must have 3 channels", zeros(4, 6, 2), 0.1)])
row("AdjustHue", "image.adjust_hue", name="adjust_hue of bytes", dtypes=("float32",), gradient=False, reference=_pixels(_turned),
    samples=lambda rand: [sample(_bytes(rand, 4, 6, 3), 0.25)])
row("AdjustSaturation", "image.adjust_saturation", dtypes=KINDS, gradient=False, **UNIT,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 0.5), sample(rand(4, 6, 3), 3.0), sample(rand(4, 6, 3), np.asarray(0.0, np.float32))],
    errors=[error("errors.InvalidArgumentError", "must have 3 channels", zeros(4, 6, 2), 0.1)])
row("AdjustSaturation", "image.adjust_saturation", name="adjust_saturation of bytes", dtypes=("float32",), gradient=False,
    reference=_pixels(_saturated), samples=lambda rand: [sample(_bytes(rand, 4, 6, 3), 0.6), sample(_bytes(rand, 4, 6, 3), 2.0)])


def _contrasted(images, factor):
    wide = images.astype(np.float64)
    mean = wide.mean((-3, -2), keepdims=True)
    return ((wide - mean) * factor + mean).astype(images.dtype)


row("AdjustContrastv2", "image.adjust_contrast", dtypes=("float32", "float16"), gradient=False, reference=_contrasted,
    samples=lambda rand: [sample(rand(2, 4, 6, 3), 0.7), sample(rand(4, 6, 2), 2.5), sample(rand(4, 6, 1), np.asarray(0.0, np.float32))],
    errors=[error(ValueError, "must be at least rank 3", zeros(4, 3), 0.1)])
row("AdjustContrastv2", "image.adjust_contrast", name="adjust_contrast of bytes", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample(_bytes(rand, 4, 6, 3), 0.6), sample(_bytes(rand, 2, 4, 6, 3), 3.0)])
row("AddV2", "image.adjust_brightness", dtypes=KINDS, domain=(0, 1), samples=lambda rand: [
    sample(rand(4, 6, 3), 0.25), sample(rand(2, 3), -0.5), sample(rand(2, 3), np.asarray(0.5, np.float32)), sample(_bytes(rand, 4, 6, 3), 0.1)])
row("Pow", "image.adjust_gamma", dtypes=KINDS, **UNIT, samples=lambda rand: [
    sample(rand(4, 6, 3), 0.5, 2.0), sample(rand(2, 3)), sample(_bytes(rand, 4, 6, 3), 0.7)],
    errors=[error(ValueError, "Gamma should be a non-negative real number.", zeros(2, 3), -1),
            error("errors.InvalidArgumentError", "Gamma should be", zeros(2, 3), np.asarray(-1, np.float32))])
row("Pow", "image.adjust_gamma", name="adjust_gamma by a tensor", dtypes=("float32",), **UNIT,
    samples=lambda rand: [sample(rand(2, 3), np.asarray(1.5, np.float32)), sample(_bytes(rand, 2, 3, 1), np.asarray(1.5, np.float32))])
for change, argument in (("brightness", 0.2), ("hue", 0.2), ("saturation", 0.4), ("contrast", 0.4), ("gamma", 0.4)):
    row("Cast", f"image.adjust_{change}", name=f"adjust_{change} of float64 in float32", dtypes=("float64",), gradient=False, tolerance=1e4,
        samples=lambda rand, argument=argument: [sample(rand(4, 6, 3), argument)], **UNIT)
for change, op, arguments, wrong, words in (
        ("brightness", "AddV2", (0.3,), (-0.3,), "max_delta must be non-negative"),
        ("contrast", "AdjustContrastv2", (0.3, 1.7), (1.7, 0.3), "upper must be > lower"),
        ("hue", "AdjustHue", (0.3,), (0.6,), "max_delta must be <= 0.5"),
        ("saturation", "AdjustSaturation", (0.3, 1.7), (-0.3, 1.7), "lower must be non-negative")):
    row((op, "RandomUniform"), f"image.random_{change}", dtypes=("float32", "uint8"), gradient=False, domain=(0, 1),
        samples=lambda rand, arguments=arguments: [sample(rand(4, 6, 3), *arguments, seed=3), sample(_bytes(rand, 4, 6, 3), *arguments, seed=4)],
        errors=[error(ValueError, words, zeros(2, 3, 3), *wrong)])


def _standard(image):
    wide = image.astype(np.float32)
    axes = (-1, -2, -3)
    least = 1 / np.sqrt(np.prod(wide.shape[-3:]))
    return (wide - wide.mean(axes, keepdims=True)) / np.maximum(wide.std(axes, keepdims=True), least)


row("RealDiv", "image.per_image_standardization", dtypes=("float32", "float16", "uint8"), reference=_standard,
    samples=lambda rand: [sample(rand(4, 6, 3)), sample(rand(2, 4, 6, 3)), sample(np.full((2, 3, 1), 0.25))],
    errors=[error(ValueError, "must be at least three-dimensional", zeros(4, 3))])
row("MatMul", "image.rgb_to_grayscale", dtypes=("float32", *HALF, "uint8", "int16"), domain=(0, 1), gradient=False,
    samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3)), sample(_bytes(rand, 4, 6, 3)), sample(rand(3))])
row("MatMul", "image.rgb_to_grayscale", name="rgb_to_grayscale of float64 in float32", dtypes=("float64",), gradient=False, tolerance=1e4,
    reference=lambda images: images @ GRAY[:, None], samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3))])
row("MatMul", "image.rgb_to_grayscale", name="gradient of rgb_to_grayscale", dtypes=("float32",),
    reference=lambda images: images.astype(np.float64) @ GRAY[:, None], samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(4, 6, 3))])
row("Tile", "image.grayscale_to_rgb", dtypes=FLOATING + ("uint8",), reference=lambda images: np.repeat(images, 3, -1),
    samples=lambda rand: [sample(rand(2, 4, 6, 1)), sample(rand(4, 6, 1))],
    errors=[error(ValueError, "Last dimension of a grayscale image should be size 1", zeros(4, 6, 3)),
            error(ValueError, "must be at least two-dimensional", zeros(1))])
for space in ("yiq", "yuv"):
    for way in (f"rgb_to_{space}", f"{space}_to_rgb"):
        row("MatMul", f"image.{way}", dtypes=FLOATING + HALF, shapes=False, samples=lambda rand: [sample(rand(2, 4, 6, 3)), sample(rand(5, 3))])
    row("MatMul", lambda tf, x, space=space: getattr(tf.image, f"{space}_to_rgb")(getattr(tf.image, f"rgb_to_{space}")(x)),
        name=f"{space} and back", dtypes=("float32",), reference=lambda x: x, samples=lambda rand: [sample(rand(4, 6, 3))], shapes=False, tolerance=10.0)


def _converted(image, dtype, saturate=False):
    """Floats by rounding down a range of equal shares; integers by shifting."""
    if image.dtype.kind == "f":
        return image.astype(dtype) if dtype.startswith("float") else np.floor(image * (np.iinfo(dtype).max + 0.5)).astype(dtype)
    top = np.iinfo(image.dtype).max
    if dtype.startswith("float"):
        return (image / top).astype(dtype)
    return np.floor(image.astype(object) * (np.iinfo(dtype).max + 1) / (top + 1)).astype(dtype)


row(("Mul", "Cast", "Identity"), "image.convert_image_dtype", dtypes=("float32", "uint8", "int16", "float64", "uint16", "int32"), domain=(0, 1),
    gradient=False, reference=_converted,
    samples=lambda rand: [sample(rand(4, 6, 3), dtype, saturate=s) for dtype in ("uint8", "int16", "float32", "float64") for s in (False, True)],
    errors=[error(AttributeError, "dtype must be either floating point or integer", zeros(2, 3), "string")])
row(("Mul", "Cast", "ClipByValue"), "image.convert_image_dtype", name="convert_image_dtype beyond the range", dtypes=("float32",), gradient=False,
    samples=lambda rand: [sample(rand(4, 6, 3), dtype, saturate=True) for dtype in ("uint8", "int16", "uint16", "int32")]
    + [sample(rand.ints(-3000, 3000, 4, 6), dtype, saturate=s) for dtype in ("uint8", "int16", "int64", "float16") for s in (False, True)])
row(("Mul", "Cast", "Identity"), "image.convert_image_dtype", name="gradient of convert_image_dtype", samples=lambda rand: [sample(rand(4, 6), "float64")])
