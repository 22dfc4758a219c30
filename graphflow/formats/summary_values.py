"""Summary messages of arrays, as the summary ops of TensorFlow 1 make them.

Each function returns a Summary; ValueError says what does not fit, in TensorFlow's words.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphflow.formats import proto
from graphflow.formats.histogram import histogram
from graphflow.formats.png import encode_png
from graphflow.formats.tensor_proto import proto_from_array
from graphflow.formats.wav import encode_wav

BAD_COLOR = (255, 0, 0, 255)
_TOO_DARK = 1e-6  # images whose values stay below it are all zero


def scalar_summary(tags: np.ndarray[Any, Any], values: np.ndarray[Any, Any]) -> Any:
    """One simple value per tag. tags: array of bytes; values: real, of the same shape."""
    if tags.shape != values.shape:
        name = f" (tag '{_text(tags.flat[0])}')" if tags.size == 1 else ""
        raise ValueError(f"tags and values are not the same shape: {list(tags.shape)} != {list(values.shape)}{name}")
    summary = proto.Summary()
    for tag, value in zip(tags.ravel().tolist(), values.ravel().tolist(), strict=True):
        summary.value.add(tag=_text(tag), simple_value=value)
    return summary


def histogram_summary(tag: Any, values: np.ndarray[Any, Any]) -> Any:
    """The histogram of all values."""
    try:
        return proto.Summary(value=[proto.Summary.Value(tag=_text(tag), histo=histogram(values))])
    except ValueError as error:
        raise ValueError(f"{error} for: {_text(tag)}") from None


def image_summary(tag: Any, images: np.ndarray[Any, Any], max_images: int = 3, bad_color: Any = BAD_COLOR) -> Any:
    """PNG files of the first images. images: uint8 or floating, [batch, height, width, 1, 3 or 4].

    Floating images are scaled one by one: to 0 .. 255 if no value is negative, else so that 0 becomes 128. Pixels with a
    value that is not finite become `bad_color`.
    """
    if images.ndim != 4 or images.shape[3] not in (1, 3, 4):
        raise ValueError(f"Tensor must be 4-D with last dim 1, 3, or 4, not [{','.join(map(str, images.shape))}]")
    _, height, width, channels = images.shape
    summary = proto.Summary()
    for i, image in enumerate(images[:max_images]):
        pixels = image if image.dtype == np.uint8 else normalized(image, np.array(bad_color, np.uint8)[:channels])
        value = summary.value.add(tag=_numbered(tag, "image", i, max_images))
        value.image.height, value.image.width, value.image.colorspace = height, width, channels
        value.image.encoded_image_string = encode_png(pixels)
    return summary


def normalized(image: np.ndarray[Any, Any], bad_color: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One floating image [height, width, channels] as uint8."""
    image = image if image.dtype == np.float64 else image.astype(np.float32)
    finite = np.isfinite(image).all(axis=2)
    good = image[finite]
    low, high = (good.min(), good.max()) if good.size else (0.0, 0.0)
    kind = image.dtype.type
    if low < 0:
        largest = max(abs(low), abs(high))
        scale, offset = (kind(0) if largest < _TOO_DARK else kind(127) / largest), kind(128)
    else:
        scale, offset = (kind(0) if high < _TOO_DARK else kind(255) / high), kind(0)
    pixels = np.empty(image.shape, np.uint8)
    pixels[finite] = (good * scale + offset).astype(np.uint8)
    pixels[~finite] = bad_color
    return pixels


def audio_summary(tag: Any, sounds: np.ndarray[Any, Any], sample_rate: float, max_outputs: int = 3) -> Any:
    """WAV files of the first sounds. sounds: floating in -1 .. 1, [batch, frames] or [batch, frames, channels]."""
    if sounds.ndim not in (2, 3):
        raise ValueError(f"Tensor must be 3-D or 2-D, got: [{','.join(map(str, sounds.shape))}]")
    if sample_rate <= 0:
        raise ValueError(f"sample_rate must be positive, got {sample_rate}")
    sounds = sounds if sounds.ndim == 3 else sounds[:, :, None]
    summary = proto.Summary()
    for i, sound in enumerate(sounds[:max_outputs]):
        value = summary.value.add(tag=_numbered(tag, "audio", i, max_outputs))
        audio = value.audio
        audio.sample_rate, audio.length_frames, audio.num_channels = float(sample_rate), sound.shape[0], sound.shape[1]
        audio.encoded_audio_string = encode_wav(sound, int(sample_rate))
        audio.content_type = "audio/wav"
    return summary


def tensor_summary(tag: Any, array: np.ndarray[Any, Any], serialized_metadata: bytes, number: int | None = None) -> Any:
    """A whole tensor with the metadata of a plugin. number: the DataType, by default that of the array's type."""
    metadata = proto.parse(serialized_metadata, proto.SummaryMetadata, f"metadata of the summary {_text(tag)}")
    value = proto.Summary.Value(tag=_text(tag), metadata=metadata)
    value.tensor.CopyFrom(proto_from_array(array, number, content=True))
    return proto.Summary(value=[value])


def merged_summary(summaries: list[bytes]) -> Any:
    """All values of several summaries; a tag may occur once."""
    merged, seen = proto.Summary(), set()
    for data in summaries:
        for value in proto.parse(data, proto.Summary, "a summary to merge").value:
            if value.tag in seen:
                raise ValueError(f"Duplicate tag {value.tag} found in summary inputs")
            seen.add(value.tag)
            merged.value.add().CopyFrom(value)
    return merged


def _numbered(tag: Any, what: str, index: int, most: int) -> str:
    return f"{_text(tag)}/{what}" if most == 1 else f"{_text(tag)}/{what}/{index}"


def _text(tag: Any) -> str:
    return tag.decode("utf-8", "replace") if isinstance(tag, bytes) else str(tag)
