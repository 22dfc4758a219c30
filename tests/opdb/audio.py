"""Rows of the op database: sound."""

from __future__ import annotations

import struct
import wave
from io import BytesIO

import numpy as np

from . import error, row, sample

I = "errors.InvalidArgumentError"
PLAIN = {"dtypes": ("float32",), "gradient": False, "shapes": False}


def written(samples, channels, rate, width=2):
    """A WAV file as Python's own module writes it."""
    out = BytesIO()
    with wave.open(out, "wb") as target:
        target.setnchannels(channels)
        target.setsampwidth(width)
        target.setframerate(int(rate))
        target.writeframes(samples.astype("<i2").tobytes())
    return np.array(out.getvalue(), object)


def file(frames, channels, width=2):
    """A file of noise."""
    return written(np.random.RandomState(frames).randint(-2 ** 15, 2 ** 15, frames * channels * width // 2), channels, 16000, width)


def encoded(audio, rate):
    return written(np.clip(np.round(audio.astype("f8") * 2 ** 15), -2 ** 15, 2 ** 15 - 1), audio.shape[1], rate)


def with_chunk(data):
    """The same file with a chunk of another kind before its samples."""
    data = data.item()
    chunk = b"LIST" + struct.pack("<I", 4) + b"abcd"
    return np.array(data[:4] + struct.pack("<I", len(data) - 8 + len(chunk)) + data[8:36] + chunk + data[36:], object)


def tone(rand, samples, channels):
    waves = np.sin(np.outer(np.arange(samples) / 3.0, np.arange(1, channels + 1)))
    return (0.5 * waves + 0.1 * rand(samples, channels)).astype("f4")


row("DecodeWav", lambda tf, x, **kw: list(tf.audio.decode_wav(x, **kw)), **PLAIN, samples=lambda r: [
        *[sample(file(n, c)) for n, c in ((1, 1), (7, 2), (20, 3))], sample(with_chunk(file(5, 1))),
        *[sample(file(6, c), desired_channels=d, desired_samples=s) for c in (1, 2) for d, s in ((1, 4), (3, 9), (2, -1), (-1, 5))]],
    errors=[error(I, "Header mismatch", np.array(b"RIFX" + b"\0" * 40, object)), error(I, "Bad audio format", file(4, 1, width=1)),
            error(I, "too short", np.array(file(9, 1).item()[:50], object))])
row("EncodeWav", "audio.encode_wav", **PLAIN, reference=encoded, samples=lambda r: [
        sample(tone(r, n, c), rate) for n, c, rate in ((1, 1, 8000), (30, 2, 44100), (0, 1, 16000))] + [
            sample(np.array([[1.0, -1.0], [1.5, -3.0], [0.99999, 1e-5]], "f4"), 100)],
    errors=[error(I, "at least one channel", np.zeros((3, 0), "f4"), 8000), error(I, "sample_rate must be positive", np.zeros((3, 1), "f4"), 0)])
row("AudioSpectrogram", lambda tf, x, **kw: tf.raw_ops.AudioSpectrogram(input=x, **kw), **PLAIN, samples=lambda r: [
        sample(tone(r, n, c), window_size=w, stride=s, magnitude_squared=q)
        for n, c, w, s in ((64, 1, 16, 8), (100, 2, 30, 7), (5, 1, 8, 2), (9, 1, 9, 3), (40, 1, 2, 5)) for q in (False, True)],
    errors=[error(ValueError, "stride must be positive", np.zeros((9, 1), "f4"), window_size=4, stride=0)])
row("Mfcc", lambda tf, x, rate, **kw: tf.raw_ops.Mfcc(spectrogram=x, sample_rate=rate, **kw), **PLAIN, tolerance=20.0, samples=lambda r: [
        sample(r(2, 3, 257) ** 2 + np.float32(0.01), 16000), sample(r(1, 4, 129) ** 2 + np.float32(0.01), 8000, upper_frequency_limit=3000.0),
        sample(r(1, 2, 65) ** 2, 8000, filterbank_channel_count=8, dct_coefficient_count=5, lower_frequency_limit=300.0),
        sample(np.zeros((1, 1, 33), "f4"), 4000, filterbank_channel_count=4, dct_coefficient_count=4, upper_frequency_limit=1500.0)],
    errors=[error(I, "no more than the 8 channels", np.ones((1, 1, 65), "f4"), 8000, filterbank_channel_count=8, dct_coefficient_count=9)])
