"""Sound: RIFF WAVE files of 16-bit samples, spectra of windows, cepstral coefficients on the mel scale.

A file: "RIFF", its length less 8, "WAVE", then chunks of (name, length, content, a zero where the length is odd): "fmt " with format (1:
plain samples), channels, sample rate, bytes a second, bytes a frame and bits a sample; "data" with the samples, little-endian, channel by
channel of each frame. Others are passed over.
"""
from __future__ import annotations

import struct

import numpy as np

FULL_SCALE = 1 << 15


def decode_wav(data: bytes) -> tuple[np.ndarray, int]:
    """(samples [frames, channels] in [-1, 1), sample rate) of a file; ValueError where it is none, or is of another kind."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"Header mismatch: Expected RIFF and WAVE but found {data[:4]!r} and {data[8:12]!r} at the beginning of the file")
    at, channels, rate = 12, 0, 0
    while at + 8 <= len(data):
        name, length = data[at:at + 4], struct.unpack_from("<I", data, at + 4)[0]
        content = data[at + 8:at + 8 + length]
        if len(content) < length:
            raise ValueError(f"Data too short in chunk {name!r}: it says {length} bytes, the file has {len(content)} of them")
        if name == b"fmt ":
            channels, rate = _format(content)
        if name == b"data":
            if not channels:
                raise ValueError('the chunk "data" comes before the chunk "fmt "')
            frames = np.frombuffer(content[:len(content) // (2 * channels) * 2 * channels], "<i2").reshape(-1, channels)
            return frames.astype(np.float32) / np.float32(FULL_SCALE), rate
        at += 8 + length + length % 2
    raise ValueError('No "data" chunk found in the WAV file')


def _format(content: bytes) -> tuple[int, int]:
    """(channels, sample rate) of a chunk "fmt "."""
    if len(content) < 16:
        raise ValueError(f"Bad format chunk size for WAV: Expected 16 or more, but got {len(content)}")
    kind, channels, rate, per_second, per_frame, bits = struct.unpack_from("<HHIIHH", content)
    if kind not in (1, 0xFFFE) or bits != 16:
        raise ValueError(f"Bad audio format for WAV: Expected 1 (PCM) with 16 bits a sample, but got {kind} with {bits}")
    if not channels:
        raise ValueError("Bad number of channels for WAV: Expected 1 or more, but got 0")
    if per_frame != 2 * channels or per_second != per_frame * rate:
        raise ValueError(f"Bad bytes a second or a frame for WAV: {per_second} and {per_frame}, with {channels} channels at {rate} Hz")
    return channels, rate


def encode_wav(samples: np.ndarray, rate: int) -> bytes:
    """The file of samples [frames, channels]; those outside of [-1, 1) are clipped."""
    numbers = np.clip(np.round(samples.astype(np.float64) * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2").tobytes()
    channels = samples.shape[1]
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * channels * 2, channels * 2, 16)
    return b"RIFF" + struct.pack("<I", 36 + len(numbers)) + b"WAVE" + form + struct.pack("<4sI", b"data", len(numbers)) + numbers


def spectrogram_sizes(samples: int, window: int, stride: int) -> tuple[int, int]:
    """(windows, frequencies) for that many samples: the transform is as long as the next power of two."""
    return 0 if samples < window else 1 + (samples - window) // stride, (1 << (window - 1).bit_length()) // 2 + 1


def spectrogram(sound: np.ndarray, window: int, stride: int, squared: bool) -> np.ndarray:
    """[channels, windows, frequencies] of [samples, channels]: magnitudes, or their squares, under a periodic Hann window."""
    count, bins = spectrogram_sizes(len(sound), window, stride)
    if not count:
        return np.zeros((sound.shape[1], 0, bins), np.float32)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    cuts = np.lib.stride_tricks.sliding_window_view(sound.T.astype(np.float64), window, axis=1)[:, ::stride]
    spectra = np.fft.rfft(cuts * hann, 2 * (bins - 1)) if bins > 1 else (cuts * hann).sum(-1, keepdims=True)
    power = spectra.real ** 2 + spectra.imag ** 2
    return (power if squared else np.sqrt(power)).astype(np.float32)


def mel_filters(bins: int, rate: int, channels: int, low: float, high: float) -> np.ndarray:
    """[bins, channels]: triangles of equal width on the mel scale, 1127 ln(1 + f / 700), between the two frequencies."""
    def mel(hertz: np.ndarray | float) -> np.ndarray:
        return 1127.0 * np.log1p(np.asarray(hertz, np.float64) / 700.0)
    step = 0.5 * rate / (bins - 1)
    first, last = int(1.5 + low / step), int(high / step)
    edges = mel(low) + (mel(high) - mel(low)) / (channels + 1) * np.arange(channels + 2)
    weights = np.zeros((bins, channels))
    for place in range(first, min(last, bins - 1) + 1):
        here = mel(place * step)
        band = max(int(np.searchsorted(edges[1:-1], here, "left")), 0)       # between edges[band] and edges[band + 1]
        rising = (edges[band + 1] - here) / (edges[band + 1] - edges[band])
        if band > 0:
            weights[place, band - 1] = rising
        if band < channels:
            weights[place, band] = 1 - rising
    return weights


def cepstra(power: np.ndarray, rate: int, channels: int, coefficients: int, low: float, high: float) -> np.ndarray:
    """[..., coefficients]: the cosine transform of the logarithms of magnitudes on the mel scale, of squared magnitudes [..., bins]."""
    bands = np.sqrt(power.astype(np.float64)) @ mel_filters(power.shape[-1], rate, channels, low, high)
    angles = np.outer(np.arange(channels) + 0.5, np.arange(coefficients)) * (np.pi / channels)
    return (np.log(np.maximum(bands, 1e-12)) @ (np.sqrt(2.0 / channels) * np.cos(angles))).astype(np.float32)
