"""WAV files of 16-bit samples."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np


def encode_wav(samples: np.ndarray[Any, Any], sample_rate: int) -> bytes:
    """The WAV file of a sound. samples: floating, [frames, channels], 1.0 is full volume; louder ones are clipped."""
    channels = samples.shape[1]
    scaled = samples.astype(np.float32) * np.float32(1 << 15)
    rounded = np.sign(scaled) * np.floor(np.abs(scaled) + np.float32(0.5))  # halves away from zero
    data = np.clip(rounded, -(1 << 15), (1 << 15) - 1).astype("<i2").tobytes()
    fmt = struct.pack("<HHIIHH", 1, channels, sample_rate, sample_rate * channels * 2, channels * 2, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt
    return head + b"data" + struct.pack("<I", len(data)) + data
