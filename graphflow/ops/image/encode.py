"""Tensors as image files, JPEG by Pillow (the extra `images`) and PNG; images with JPEG's noise."""
from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from ...core import context, errors, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, string, uint8, uint16
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, one_word, require
from ...core.tensor import Tensor
from ...formats.png import encode_png as png_file
from ...kernels import images
from ...kernels.contract import Namespace
from ..array.basic import identity
from ..random.distributions import random_uniform
from .color import convert_image_dtype
from .decode import decode_jpeg, refusing


def _three(image: Spec) -> None:
    require(image.shape is None or len(image.shape) == 3, f"Shape must be rank 3 but is rank {len(image.shape or ())}")


def _text(data: bytes) -> Any:
    out = np.empty((), object)
    out[()] = data
    return out


def _jpeg(image: Any, quality: int, wanted: str = "", **more: Any) -> Any:
    shape = list(image.shape)
    if not 0 <= quality <= 100:
        raise errors.InvalidArgumentError(None, None, f"quality must be in [0,100], got {quality}")
    if wanted and shape[2] != {"grayscale": 1, "rgb": 3}[wanted]:
        raise errors.InvalidArgumentError(None, None, f"format {wanted} expects {1 if wanted == 'grayscale' else 3} channels, got {shape}")
    if shape[2] not in (1, 3):
        raise errors.InvalidArgumentError(None, None, f"image must have 1 or 3 channels, got {shape}")
    if not image.size:
        raise errors.InvalidArgumentError(None, None, f"image must not be empty, got {shape}")
    return _text(refusing(lambda: images.encode_jpeg(np.ascontiguousarray(image), quality, **more)))


class EncodeJpeg(Op, sig="image: uint8 -> contents: string", host=True):
    """A JPEG file of one image."""
    format: str = one_word("", "grayscale", "rgb", default="")
    quality: int = 95
    progressive: bool = False
    optimize_size: bool = False
    chroma_downsampling: bool = True
    density_unit: str = one_word("in", "cm", default="in")
    x_density: int = 300
    y_density: int = 300
    xmp_metadata: str = ""

    def infer(self, image: Spec) -> Spec:
        _three(image)
        return Spec(string, ())

    def kernel(self, xp: Namespace, image: Any) -> Any:
        factor = 2.54 if self.density_unit == "cm" else 1
        density = round(self.x_density * factor), round(self.y_density * factor)
        return _jpeg(image, self.quality, self.format, progressive=self.progressive, optimize=self.optimize_size,
                     downsample=self.chroma_downsampling, density=density, xmp=self.xmp_metadata.encode())


class EncodeJpegVariableQuality(Op, sig="images: uint8, quality: int32 -> contents: string", host=True):
    """A JPEG file of a quality that is a tensor."""

    def infer(self, image: Spec, quality: Spec) -> Spec:
        _three(image)
        require(shapes.compatible(quality.shape, ()), f"quality must be a scalar, not of shape {shapes.describe(quality.shape)}")
        return Spec(string, ())

    def kernel(self, xp: Namespace, image: Any, quality: Any) -> Any:
        return _jpeg(image, int(quality))


class EncodePng(Op, sig="image: T -> contents: string", host=True):
    """PNG files of images [..., height, width, channels]."""
    compression: int = -1
    T: DType = one_of(uint8, uint16, default=uint8)

    def infer(self, image: Spec) -> Spec:
        require(image.shape is None or len(image.shape) >= 3, f"Shape must be at least rank 3 but is rank {len(image.shape or ())}")
        return Spec(string, None if image.shape is None else image.shape[:-3])

    def kernel(self, xp: Namespace, image: Any) -> Any:
        if not -1 <= self.compression <= 9:
            raise errors.InvalidArgumentError(None, None, f"compression should be in [-1,9], got {self.compression}")
        if image.shape[-1] not in (1, 2, 3, 4):
            raise errors.InvalidArgumentError(None, None, f"image must have 1, 2, 3, or 4 channels, got {image.shape[-1]}")
        out = np.empty(image.shape[:-3], object)
        for place in np.ndindex(out.shape):
            out[place] = refusing(partial(png_file, image[place], self.compression))
        return out


@export("image.encode_jpeg", "io.encode_jpeg")
def encode_jpeg(image: Any, format: str = "", quality: int = 95, progressive: bool = False, optimize_size: bool = False,
                chroma_downsampling: bool = True, density_unit: str = "in", x_density: int = 300, y_density: int = 300,
                xmp_metadata: str = "", name: str | None = None) -> Tensor:
    """A JPEG file, a scalar string, of uint8 [height, width, 1 or 3]. format: '', 'grayscale' or 'rgb', checked against the channels.

    quality: 0 to 100; density_unit: 'in' or 'cm', of x_density and y_density. InvalidArgumentError for other channels and qualities.
    """
    return make(EncodeJpeg, image, name=name, format=format, quality=quality, progressive=progressive, optimize_size=optimize_size,
                chroma_downsampling=chroma_downsampling, density_unit=density_unit, x_density=x_density, y_density=y_density,
                xmp_metadata=xmp_metadata)


@export("image.encode_png", "io.encode_png")
def encode_png(image: Any, compression: int = -1, name: str | None = None) -> Tensor:
    """PNG files of uint8 or uint16 [..., height, width, 1 to 4 channels]. compression: 0 to 9, or -1 for zlib's own choice."""
    return make(EncodePng, image, name=name, compression=compression)


@export("image.adjust_jpeg_quality")
def adjust_jpeg_quality(image: Any, jpeg_quality: Any, dct_method: str = "", name: str | None = None) -> Tensor:
    """An image [height, width, 1 or 3] as it is after being saved as JPEG of that quality, 0 to 100; the image's dtype."""
    with context.default_graph().name_scope(name or "adjust_jpeg_quality"):
        image = identity(convert_to_tensor(image, name="image"))
        channels = image.shape.as_list()[-1] if image.static is not None else None
        small = convert_image_dtype(image, uint8, saturate=True)
        data = make(EncodeJpegVariableQuality, small, convert_to_tensor(jpeg_quality, int32))
        found = decode_jpeg(data, channels=channels or 0, dct_method=dct_method)
        return identity(convert_image_dtype(found, image.dtype.base_dtype, saturate=True))


@export("image.random_jpeg_quality")
def random_jpeg_quality(image: Any, min_jpeg_quality: int, max_jpeg_quality: int, seed: int | None = None) -> Tensor:
    """adjust_jpeg_quality with a quality drawn from [min_jpeg_quality, max_jpeg_quality)."""
    if not (0 <= min_jpeg_quality <= 100 and 0 <= max_jpeg_quality <= 100):
        raise ValueError("jpeg encoding range must be between 0 and 100.")
    if min_jpeg_quality >= max_jpeg_quality:
        raise ValueError("`min_jpeg_quality` must be less than `max_jpeg_quality`.")
    return adjust_jpeg_quality(image, random_uniform([], min_jpeg_quality, max_jpeg_quality, seed=seed, dtype=int32))
