"""Image files as tensors: JPEG, PNG, GIF and BMP. Pillow decodes (the extra `images`); any op takes any of the kinds that fit its result.

JPEG is decoded by the accurate integer transform with smooth upsampling, TensorFlow's dct_method='INTEGER_ACCURATE'; its default is a
faster one that differs by a few units where contrast is sharp.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...core import errors, shapes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, as_dtype, float32, int32, int64, uint8, uint16
from ...core.export import export
from ...core.known import known_value
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.tensor import Tensor
from ...kernels import images
from ...kernels.contract import Namespace
from ..elementwise.comparison import equal
from ..scopes import name_scope
from ..string.text import substr

_WRONG = "Trying to decode {kind} format using {op} op. Use `decode_{name}` or `decode_image` instead."


def content_of(contents: Any) -> bytes:
    """The bytes of a scalar string."""
    return bytes(np.asarray(contents, object).item())


def refusing(call: Callable[[], Any]) -> Any:
    """What the call gives; what it refuses is an InvalidArgumentError, a missing Pillow an UnimplementedError."""
    try:
        return call()
    except ValueError as error:
        raise errors.InvalidArgumentError(None, None, str(error)) from None
    except images.NoPillow as error:
        raise errors.UnimplementedError(None, None, str(error)) from None


def _scalar(contents: Spec) -> None:
    require(contents.shape is None or contents.shape == (), f"Shape must be rank 0 but is rank {len(contents.shape or ())}")


class _Decode(Op):
    """What the ops that decode one still image share."""
    host = True         # a file's size is in the file

    @property
    def asked(self) -> int:
        """The attribute `channels`, where the op type has it."""
        return int(getattr(self, "channels", 0))

    def infer(self, contents: Spec) -> Spec:
        _scalar(contents)
        return Spec(self._type(), (None, None, self._static_channels()))

    def _type(self) -> DType:
        return uint8

    def _static_channels(self) -> int | None:
        return self.asked or None

    def kernel(self, xp: Namespace, contents: Any) -> Any:
        return refusing(lambda: in_type(*self.decoded(content_of(contents)), self._type()))

    def decoded(self, data: bytes) -> tuple[Any, str]:
        """(the image, its kind) of a file of any kind but BMP, and of a GIF with one frame."""
        kind = images.kind_of(data)
        if kind == "BMP":
            raise ValueError("Trying to decode BMP format using a wrong op. Use `decode_bmp` or `decode_image` instead. "
                             f"Op used: {type(self).__name__}")
        check_channels(kind, self.asked)
        if kind == "JPEG":
            return images.decode_jpeg(data, self.asked, getattr(self, "ratio", 1)), kind
        if kind == "PNG":
            return images.decode_png(data, self.asked, self._type() is not uint8), kind
        frames = images.decode_gif(data)
        if len(frames) != 1:
            raise ValueError(f"Got {len(frames)} frames, but animated gifs can only be decoded by tf.io.decode_gif or tf.io.decode_image")
        return frames[0], kind


def check_channels(kind: str, channels: int) -> None:
    """ValueError for numbers of channels that an image of this kind is not converted to."""
    allowed = {"BMP": (0, 3, 4), "GIF": (0, 3)}.get(kind, (0, 1, 3, 4))
    if channels not in allowed:
        words = ", ".join(map(str, allowed[:-1])) + f" or {allowed[-1]}"
        raise ValueError(f"`channels` must be {words} for {kind}, but got {channels}")


def in_type(pixels: Any, kind: str, dtype: DType) -> Any:
    """Pixels (uint16 where a PNG was asked for more than 8 bits) as uint8, uint16 or float32 in [0, 1], by TensorFlow's factors."""
    if dtype is float32:
        return pixels.astype(np.float32) * np.float32(1 / np.iinfo(pixels.dtype).max)
    if dtype is uint16 and pixels.dtype == np.uint8:
        return pixels.astype(np.uint16) * np.uint16(256)
    return pixels


class _Jpeg(_Decode):
    """Attributes of TensorFlow's JPEG ops; see the module for what Pillow does of them."""
    channels: int = 0
    ratio: int = 1
    fancy_upscaling: bool = True
    try_recover_truncated: bool = False
    acceptable_fraction: float = 1.0
    dct_method: str = ""

    def kernel(self, xp: Namespace, contents: Any) -> Any:
        if self.ratio not in (1, 2, 4, 8):
            raise errors.InvalidArgumentError(None, None, f"ratio must be 1, 2, 4, or 8, got {self.ratio}")
        return super().kernel(xp, contents)


class DecodeJpeg(_Jpeg, sig="contents: string -> image: uint8"):
    """An image file as uint8 [height, width, channels]."""


class DecodeAndCropJpeg(_Jpeg, sig="contents: string, crop_window: int32 -> image: uint8"):
    """A part (top, left, height, width) of a JPEG file."""

    def infer(self, contents: Spec, crop_window: Spec) -> Spec:  # type: ignore[override]
        _scalar(contents)
        require(shapes.compatible(crop_window.shape, (4,)), f"crop_window must be [top, left, height, width], not of shape "
                                                            f"{shapes.describe(crop_window.shape)}")
        return Spec(uint8, (None, None, self._static_channels()))

    def kernel(self, xp: Namespace, contents: Any, crop_window: Any) -> Any:  # type: ignore[override]
        whole = super().kernel(xp, contents)
        top, left, height, width = (int(n) for n in crop_window)
        if min(top, left) < 0 or min(height, width) < 1 or top + height > whole.shape[0] or left + width > whole.shape[1]:
            raise errors.InvalidArgumentError(None, None, f"Invalid crop window: rows {top} to {top + height}, columns {left} to "
                                                          f"{left + width} of an image of {whole.shape[0]} x {whole.shape[1]}")
        return np.ascontiguousarray(whole[top : top + height, left : left + width])


class DecodePng(_Decode, sig="contents: string -> image: dtype"):
    """An image file as uint8 or uint16 [height, width, channels]."""
    channels: int = 0
    dtype: DType = one_of(uint8, uint16, default=uint8)

    def _type(self) -> DType:
        return self.dtype


class DecodeBmp(_Decode, sig="contents: string -> image: uint8"):
    """A BMP file as uint8 [height, width, channels]."""
    channels: int = 0

    def decoded(self, data: bytes) -> tuple[Any, str]:
        kind = images.kind_of(data)
        if kind != "BMP":
            raise ValueError(_WRONG.format(kind=kind, op="DecodeBmp", name=kind.lower()))
        check_channels(kind, self.asked)
        return images.bitmap(data, self.asked), kind


class DecodeGif(_Decode, sig="contents: string -> image: uint8"):
    """A GIF file, or another one as a single frame, as uint8 [frames, height, width, 3]."""

    def infer(self, contents: Spec) -> Spec:
        _scalar(contents)
        return Spec(uint8, (None, None, None, 3))

    def decoded(self, data: bytes) -> tuple[Any, str]:
        if images.kind_of(data) == "GIF":
            return images.decode_gif(data), "GIF"
        pixels, kind = super().decoded(data)
        return images.in_channels(pixels, 3)[None], kind


class DecodeImage(_Decode, sig="contents: string -> image: dtype"):
    """An image file of any kind; a GIF has a first axis for its frames where expand_animations, else it is its first frame."""
    channels: int = 0
    dtype: DType = one_of(uint8, uint16, float32, default=uint8)
    expand_animations: bool = True

    def infer(self, contents: Spec) -> Spec:
        _scalar(contents)
        return Spec(self.dtype, None if self.expand_animations else (None, None, self._static_channels()))

    def _type(self) -> DType:
        return self.dtype

    def decoded(self, data: bytes) -> tuple[Any, str]:
        kind = images.kind_of(data)
        check_channels(kind, self.asked)
        if kind == "BMP":
            return images.bitmap(data, self.asked), kind
        if kind == "GIF":
            frames = images.decode_gif(data)
            return frames if self.expand_animations else frames[0], kind
        return super().decoded(data)


class ExtractJpegShape(Op, sig="contents: string -> image_shape: output_type", host=True):
    """Height, width and channels of a JPEG file, without decoding it."""
    output_type: DType = one_of(int32, int64, default=int32)

    def infer(self, contents: Spec) -> Spec:
        _scalar(contents)
        return Spec(self.output_type, (3,))

    def kernel(self, xp: Namespace, contents: Any) -> Any:
        return np.array(refusing(lambda: images.jpeg_shape(content_of(contents))), self.output_type.np)


def _jpeg_attributes(fancy_upscaling: bool, try_recover_truncated: bool, acceptable_fraction: float, dct_method: str) -> dict[str, Any]:
    if try_recover_truncated:
        raise NotImplementedError("try_recover_truncated is not there: read the file by Pillow with ImageFile.LOAD_TRUNCATED_IMAGES, and "
                                  "save it anew")
    return {"fancy_upscaling": bool(fancy_upscaling), "acceptable_fraction": float(acceptable_fraction), "dct_method": dct_method}


@export("image.decode_jpeg", "io.decode_jpeg")
def decode_jpeg(contents: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True, try_recover_truncated: bool = False,
                acceptable_fraction: float = 1, dct_method: str = "", name: str | None = None) -> Tensor:
    """A JPEG file, a scalar string, as uint8 [height, width, channels]; PNG and GIF files with one frame are taken too.

    channels: 0, those of the file, 1 or 3. ratio: 1, 2, 4 or 8, scaled down while decoding. fancy_upscaling and dct_method change
    nothing: values are those of INTEGER_ACCURATE with smooth upsampling. InvalidArgumentError for what is no image.
    """
    more = _jpeg_attributes(fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method)
    return make(DecodeJpeg, contents, name=name, channels=channels or 0, ratio=ratio, **more)


@export("image.decode_and_crop_jpeg", "io.decode_and_crop_jpeg")
def decode_and_crop_jpeg(contents: Any, crop_window: Any, channels: int = 0, ratio: int = 1, fancy_upscaling: bool = True,
                         try_recover_truncated: bool = False, acceptable_fraction: float = 1, dct_method: str = "",
                         name: str | None = None) -> Tensor:
    """The part crop_window, int32 [top, left, height, width], of a JPEG file; other arguments as decode_jpeg's."""
    more = _jpeg_attributes(fancy_upscaling, try_recover_truncated, acceptable_fraction, dct_method)
    window = convert_to_tensor(crop_window, int32)
    found = make(DecodeAndCropJpeg, contents, window, name=name, channels=channels or 0, ratio=ratio, **more)
    known = known_value(window)
    if known is not None:
        found.set_shape([int(known[2]), int(known[3]), None])
    return found


@export("image.decode_png", "io.decode_png")
def decode_png(contents: Any, channels: int = 0, dtype: Any = uint8, name: str | None = None) -> Tensor:
    """A PNG file, a scalar string, as uint8 or uint16 [height, width, channels]; channels: 0, those of the file, 1, 3 or 4."""
    return make(DecodePng, contents, name=name, channels=channels or 0, dtype=as_dtype(dtype))


@export("image.decode_gif", "io.decode_gif")
def decode_gif(contents: Any, name: str | None = None) -> Tensor:
    """A GIF file, a scalar string, as uint8 [frames, height, width, 3]."""
    return make(DecodeGif, contents, name=name)


@export("image.decode_bmp", "io.decode_bmp")
def decode_bmp(contents: Any, channels: int = 0, name: str | None = None) -> Tensor:
    """A BMP file, a scalar string, as uint8 [height, width, channels]; channels: 0, those of the file, 3 or 4."""
    return make(DecodeBmp, contents, name=name, channels=channels or 0)


@export("image.decode_image", "io.decode_image")
def decode_image(contents: Any, channels: int | None = None, dtype: Any = uint8, name: str | None = None,
                 expand_animations: bool = True) -> Tensor:
    """A JPEG, PNG, GIF or BMP file, a scalar string, as [height, width, channels]; a GIF as [frames, height, width, 3], or as its first
    frame without expand_animations. dtype: uint8, uint16, or float32 in [0, 1]. With expand_animations the static shape is unknown."""
    with name_scope(name, "decode_image"):
        return make(DecodeImage, contents, channels=channels or 0, dtype=as_dtype(dtype), expand_animations=expand_animations)


@export("image.extract_jpeg_shape", "io.extract_jpeg_shape")
def extract_jpeg_shape(contents: Any, output_type: Any = int32, name: str | None = None) -> Tensor:
    """[height, width, channels] of a JPEG file, without decoding it."""
    return make(ExtractJpegShape, contents, name=name, output_type=as_dtype(output_type))


@export("image.is_jpeg", "io.is_jpeg")
def is_jpeg(contents: Any, name: str | None = None) -> Tensor:
    """Whether a scalar string begins like a JPEG file."""
    with name_scope(name, "is_jpeg"):
        return equal(substr(contents, 0, 3), b"\xff\xd8\xff", name=name)
