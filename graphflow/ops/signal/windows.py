"""Windows: vectors that fade a frame in and out. Formulas: Harris, On the use of windows for harmonic analysis, 1978."""
from __future__ import annotations

import math
from typing import Any

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, float32
from ...core.export import export
from ...core.known import constant_value
from ...core.tensor import Tensor
from .. import functions as F


def _arguments(window_length: Any, dtype: Any) -> tuple[Tensor, DType]:
    """The length as an int32 scalar, and the dtype; ValueError for a dtype that is not floating, or a length that is no scalar."""
    kind = dtypes.as_dtype(dtype)
    if not kind.is_floating:
        raise ValueError(f"dtype must be a floating point type. Found {kind!r}")
    length = convert_to_tensor(window_length, dtypes.int32, name="window_length")
    if length.static not in (None, ()):
        raise ValueError(f"Shape {length.shape} must have rank 0: the length of a window is a scalar")
    return length, kind


def _raised_cosine(window_length: Any, periodic: Any, dtype: Any, a: float, b: float) -> Tensor:
    """a - b cos(2 pi n / N), N the length, or one less where the window shall be symmetric."""
    length, kind = _arguments(window_length, dtype)
    if constant_value(length) == 1:
        return F.ones([1], kind)
    even = 1 - length % 2
    period = F.cast(length + F.cast(convert_to_tensor(periodic, dtypes.bool), dtypes.int32) * even - 1, kind)
    place = F.cast(F.range(length), kind)
    return _but_one(length, a - b * F.cos(2 * math.pi * place / period))


def _but_one(length: Tensor, window: Tensor) -> Tensor:
    """The window, but 1 where the run says that its length is 1."""
    return window if constant_value(length) is not None else F.where_v2(F.equal(length, 1), F.ones_like(window), window)


@export("signal.hann_window")
def hann_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The Hann window, [window_length]. periodic: of a period of window_length where that is even, else symmetric."""
    with context.default_graph().name_scope(name or "hann_window"):
        return _raised_cosine(window_length, periodic, dtype, 0.5, 0.5)


@export("signal.hamming_window")
def hamming_window(window_length: Any, periodic: Any = True, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The Hamming window, [window_length]. periodic: of a period of window_length where that is even, else symmetric."""
    with context.default_graph().name_scope(name or "hamming_window"):
        return _raised_cosine(window_length, periodic, dtype, 0.54, 0.46)


def _kaiser(length: Tensor, beta: Any, kind: DType) -> Tensor:
    if constant_value(length) == 1:
        return F.ones([1], kind)
    half = (F.cast(length, kind) - 1) / 2
    place = F.cast(F.range(length), kind) - half
    beta = F.cast(beta, kind)
    arch = beta * F.sqrt(F.relu(1 - F.square(place / half)))
    return _but_one(length, F.exp(arch - beta) * (F.bessel_i0e(arch) / F.bessel_i0e(beta)))


@export("signal.kaiser_window")
def kaiser_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The Kaiser window, [window_length]: I0(beta sqrt(1 - x^2)) / I0(beta) over x in [-1, 1]."""
    with context.default_graph().name_scope(name or "kaiser_window"):
        length, kind = _arguments(window_length, dtype)
        return _kaiser(length, beta, kind)


@export("signal.kaiser_bessel_derived_window")
def kaiser_bessel_derived_window(window_length: Any, beta: Any = 12.0, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The window whose halves are the roots of a Kaiser window's running sum, [window_length]; for `tf.signal.mdct`."""
    with context.default_graph().name_scope(name or "kaiser_bessel_derived_window"):
        length, kind = _arguments(window_length, dtype)
        total = F.cumsum(_kaiser(length // 2 + 1, beta, kind))
        half = F.sqrt(total[:-1] / total[-1])
        return F.concat([half, F.reverse(half, [0])], 0)


@export("signal.vorbis_window")
def vorbis_window(window_length: Any, dtype: Any = float32, name: str | None = None) -> Tensor:
    """The power-complementary window of Vorbis I, [window_length]: sin(pi / 2 sin^2(pi (n + 1/2) / N))."""
    with context.default_graph().name_scope(name or "vorbis_window"):
        length, kind = _arguments(window_length, dtype)
        place = F.cast(F.range(length), kind) + 0.5
        return F.sin(math.pi / 2 * F.square(F.sin(math.pi / F.cast(length, kind) * place)))
