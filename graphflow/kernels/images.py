"""Image files as arrays: JPEG, PNG and GIF by Pillow, BMP by formats.bmp; conversions of channels and types as TensorFlow makes them."""
from __future__ import annotations

import io
from typing import Any

import numpy as np

from graphflow.formats.bmp import decode_bmp
from graphflow.formats.png import decode_png16

Array = np.ndarray[Any, Any]

KINDS = {b"\xff\xd8\xff": "JPEG", b"\x89PNG\r\n\x1a\n": "PNG", b"GIF8": "GIF", b"BM": "BMP"}


class NoPillow(Exception):
    """Pillow is not installed."""


def _pillow() -> Any:
    try:
        from PIL import Image  # at first use: an extra, and 30 ms
    except ImportError:
        raise NoPillow("image files are read and written by Pillow, which is not installed: pip install 'graphflow-tf1[images]'") from None
    return Image


def kind_of(data: bytes) -> str:
    """JPEG, PNG, GIF or BMP, by its first bytes. ValueError for another kind."""
    for start, kind in KINDS.items():
        if data.startswith(start):
            return kind
    raise ValueError(f"Unknown image file format. One of JPEG, PNG, GIF, BMP required; the {len(data)} bytes begin with {data[:8]!r}")


def _opened(data: bytes, kind: str) -> Any:
    """The image, its pixels not read yet."""
    pillow = _pillow()
    try:
        return pillow.open(io.BytesIO(data), formats=[kind])
    except (OSError, SyntaxError, ValueError, pillow.DecompressionBombError) as error:
        raise ValueError(f"Invalid {kind} data, size {len(data)}: {_told(error)}") from None


def _pixels(image: Any, data: bytes, kind: str) -> Array:
    try:
        return np.asarray(image)
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise ValueError(f"Invalid {kind} data, size {len(data)}: {_told(error)}") from None


def _told(error: Exception) -> str:
    return str(error).split(" <_io")[0].removesuffix("'").strip() or type(error).__name__


def _with_depth(pixels: Array) -> Array:
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def decode_jpeg(data: bytes, channels: int = 0, ratio: int = 1) -> Array:
    """uint8 [height, width, channels]; channels 0: those of the file (3 for CMYK). ratio 1, 2, 4, 8: scaled down while decoding."""
    image = _opened(data, "JPEG")
    if image.mode == "CMYK":
        return in_channels(_of_inks(_pixels(image, data, "JPEG")), channels)
    wanted = {0: image.mode, 1: "L", 3: "RGB", 4: "RGB"}[channels]
    if ratio > 1 or wanted != image.mode:
        width, height = image.size
        image.draft(wanted, (max(width // ratio, 1), max(height // ratio, 1)))
    pixels = _with_depth(_pixels(image, data, "JPEG"))
    return in_channels(pixels, channels)


def _of_inks(inks: Array) -> Array:
    """RGB of cyan, magenta, yellow and black, of which Pillow has 255 where there is all of the ink."""
    left = 255 - inks.astype(np.int32)
    return (left[:, :, :3] * left[:, :, 3:] // 255).astype(np.uint8)


def jpeg_shape(data: bytes) -> tuple[int, int, int]:
    """(height, width, channels) of a JPEG file, without decoding it."""
    image = _opened(data, "JPEG")
    return image.size[1], image.size[0], len(image.getbands())


def decode_png(data: bytes, channels: int = 0, wide: bool = False) -> Array:
    """uint8, or uint16 where wide, [height, width, channels]; channels 0: those of the file, palettes as colours."""
    if data[24:25] == b"\x10":      # 16 bits a channel, of which Pillow keeps 8
        pixels = in_channels(decode_png16(data), channels)
        return pixels if wide else (pixels >> 8).astype(np.uint8)
    image = _opened(data, "PNG")
    _pixels(image, data, "PNG")
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode == "1":
        image = image.convert("L")
    pixels = in_channels(_with_depth(_pixels(image, data, "PNG")), channels)
    return pixels.astype(np.uint16) * np.uint16(257) if wide else pixels


def decode_gif(data: bytes) -> Array:
    """uint8 [frames, height, width, 3], each frame as it is shown."""
    image = _opened(data, "GIF")
    frames = []
    try:
        for number in range(image.n_frames):
            image.seek(number)
            frames.append(np.asarray(image.convert("RGB")))
    except (OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        raise ValueError(f"Invalid GIF data, size {len(data)}: {_told(error)}") from None
    return np.stack(frames)


def bitmap(data: bytes, channels: int = 0) -> Array:
    """uint8 [height, width, channels] of a BMP file."""
    return in_channels(decode_bmp(data), channels)


def in_channels(pixels: Array, channels: int) -> Array:
    """The image with 1 (grey), 3 or 4 channels; 0 leaves it."""
    own = pixels.shape[2]
    if channels in (0, own):
        return pixels
    colour, alpha = (pixels, None) if own in (1, 3) else (pixels[:, :, :-1], pixels[:, :, -1:])
    if channels == 1:
        return colour if colour.shape[2] == 1 else _grey(colour)
    if colour.shape[2] == 1:
        colour = np.repeat(colour, 3, 2)
    if channels == 3:
        return np.ascontiguousarray(colour)
    if alpha is None:
        alpha = np.full((*colour.shape[:2], 1), np.iinfo(pixels.dtype).max, pixels.dtype)
    return np.concatenate([colour, alpha], 2)


def _grey(colour: Array) -> Array:
    """libpng's sum of red, green and blue in parts of 32,768; of 16 bits it is rounded."""
    weighted = colour.astype(np.int64) @ np.array([9797, 19234, 3737])
    return ((weighted + (16384 if colour.dtype == np.uint16 else 0)) >> 15).astype(colour.dtype)[:, :, None]


def encode_jpeg(pixels: Array, quality: int = 95, progressive: bool = False, optimize: bool = False, downsample: bool = True,
                density: tuple[int, int] = (300, 300), xmp: bytes = b"") -> bytes:
    """The JPEG file of uint8 [height, width, 1 or 3]. density: dots per inch. xmp: metadata in Adobe's format."""
    image = _pillow().fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)
    more: dict[str, Any] = {"xmp": xmp} if xmp else {}
    if pixels.shape[2] == 3:
        more["subsampling"] = 2 if downsample else 0
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality, progressive=progressive, optimize=optimize, dpi=density, **more)
    return file.getvalue()
