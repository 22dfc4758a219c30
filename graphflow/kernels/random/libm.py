"""float32 logarithm, sine and cosine, rounded as the C library rounds them that TensorFlow is built on.

A float32 normal number is made of one logarithm, one sine and one cosine. Each is computed in float64 and rounded once, so it
is within 0.82 ulp of the truth; but which neighbour a hard case is rounded to is the habit of a library. These functions have
the habit of glibc, so that seeded normals agree with TensorFlow's bit for bit, and on every platform.
Figures (table and polynomial coefficients): Arm Optimized Routines, MIT licence, by way of glibc 2.28 and later.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# log(z) = log(c) + log1p(z/c - 1) for the sixteenth of [0.7, 1.4) that z lies in: 1/c and log(c)
_TABLE = """
    1.661ec79f8f3bep+0 -1.57bf7808caadep-2    1.571ed4aaf883dp+0 -1.2bef0a7c06ddbp-2    1.49539f0f010bp+0  -1.01eae7f513a67p-2
    1.3c995b0b80385p+0 -1.b31d8a68224e9p-3    1.30d190c8864a5p+0 -1.6574f0ac07758p-3    1.25e227b0b8eap+0  -1.1aa2bc79c81p-3
    1.1bb4a4a1a343fp+0 -1.a4e76ce8c0e5ep-4    1.12358f08ae5bap+0 -1.1973c5a611cccp-4    1.0953f419900a7p+0 -1.252f438e10c1ep-5
    1p+0                0p+0                  1.e608cfd9a47acp-1  1.aa5aa5df25984p-5    1.ca4b31f026aap-1   1.c5e53aa362eb4p-4
    1.b2036576afce6p-1  1.526e57720db08p-3    1.9c2d163a1aa2dp-1  1.bc2860d22477p-3     1.886e6037841edp-1  1.1058bc8a07ee1p-2
    1.767dcf5534862p-1  1.4043057b6ee09p-2
"""
_INVERSE, _LOG = np.array([float.fromhex(figure) for figure in _TABLE.split()]).reshape(16, 2).T.copy()
_LN2 = float.fromhex("0x1.62e42fefa39efp-1")
_LOG1P = [float.fromhex(c) for c in ("-0x1.ffffef20a4123p-2", "0x1.5575b0be00b6ap-2", "-0x1.00ea348b88334p-2")]
_SINE = [float.fromhex(c) for c in ("-0x1.555545995a603p-3", "0x1.1107605230bc4p-7", "-0x1.994eb3774cf24p-13")]
_COSINE = [float.fromhex(c) for c in ("-0x1.ffffffd0c621cp-2", "0x1.55553e1068f19p-5", "-0x1.6c087e89a359dp-10", "0x1.99343027bf8c3p-16")]
_TABLE_START = np.int32(0x3F330000)  # the float32 0.699...: the table covers one octave from there


def log_float32(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Natural logarithm of positive normal numbers, shape [n]."""
    bits = x.view(np.int32)
    steps = bits - _TABLE_START
    sixteenth = (steps >> 19) & 15
    octave = steps >> 23
    steps &= np.int32(-1 << 23)
    r = (bits - steps).view(np.float32).astype(np.float64)
    r *= _INVERSE.take(sixteenth)
    r -= 1
    square = r * r
    y = r * _LOG1P[1] + _LOG1P[0]
    y += square * _LOG1P[2]
    y *= square
    r += octave * _LN2 + _LOG.take(sixteenth)
    y += r
    return y.astype(np.float32)


def sin_cos_float32(angle: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Sine and cosine of angles between 0 and 100, shape [n]."""
    x = angle.astype(np.float64)
    quarter = np.floor(x * (2 / np.pi) + 0.5)
    x -= quarter * (np.pi / 2)
    sine, cosine = _near_zero(x)
    turns = quarter.astype(np.uint32)
    odd = (turns & np.uint32(1)).astype(np.bool_)
    swapped = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    for values, turn in zip(swapped, (turns, turns + np.uint32(1)), strict=True):
        bits = values.view(np.uint32)
        bits ^= (turn & np.uint32(2)) << np.uint32(30)  # the sign bit
    return swapped


def _near_zero(x: NDArray[np.float64]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Sine and cosine between -pi/4 and pi/4; the order of the sums is part of the result."""
    x2 = x * x
    x3, x4 = x2 * x, x2 * x2
    high = x2 * _SINE[2] + _SINE[1]
    high *= x3 * x2
    sine = x3 * _SINE[0]
    sine += x
    sine += high
    high = x2 * _COSINE[3] + _COSINE[2]
    high *= x4 * x2
    cosine = x2 * _COSINE[0]
    cosine += 1
    cosine += x4 * _COSINE[1]
    cosine += high
    return sine.astype(np.float32), cosine.astype(np.float32)
