"""Cosine transforms of types I to IV over the last axis, by a real Fourier transform of twice the length (Makhoul 1980), and the modified
one of overlapping frames (Princen, Johnson and Bradley 1987)."""
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.tensor import Tensor
from .. import functions as F
from .frames import frame, overlap_and_add
from .windows import vorbis_window

_INVERSE = {1: 1, 2: 3, 3: 2, 4: 4}


def _check(x: Tensor, type_: Any, axis: Any, n: Any, norm: Any) -> None:
    if axis != -1:
        raise NotImplementedError(f"axis must be -1. Got: {axis}")
    if n is not None and n < 1:
        raise ValueError("n should be a positive integer or None")
    if type_ not in _INVERSE:
        raise ValueError("Types I, II, III and IV (I)DCT are supported.")
    if norm not in (None, "ortho"):
        raise ValueError(f"Unknown normalization. Expected None or 'ortho', got: {norm}")
    if type_ == 1:
        if norm == "ortho":
            raise ValueError("Normalization is not supported for the Type-I DCT.")
        if x.static is not None and x.static[-1] is not None and x.static[-1] < 2:
            raise ValueError("Type-I DCT requires the dimension to be greater than one.")


@export("signal.dct", "spectral.dct")
def dct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None) -> Tensor:
    """The discrete cosine transform over the last axis, of the input's shape and floating dtype.

    type: 1 to 4. n: the input is cut or completed by zeros to that length. norm: None, or "ortho" (types 2 to 4) for an orthonormal one.
    Types 2 and 3 undo each other up to a factor 2n, 1 itself up to 2(n - 1), 4 itself up to 2n. NotImplementedError for another axis.
    """
    with context.default_graph().name_scope(name or "dct"):
        x = convert_to_tensor(input)
        _check(x, type, axis, n, norm)
        if n is not None:
            width = x.static[-1] if x.static is not None else None
            if width is None:
                raise NotImplementedError("tf.signal.dct with n needs an input whose last size is known while the graph is built")
            x = x[..., :n] if n <= width else F.pad(x, [[0, 0]] * (len(x.static or ()) - 1) + [[0, n - width]])
        return _TYPES[type](x, norm)


@export("signal.idct", "spectral.idct")
def idct(input: Any, type: int = 2, n: int | None = None, axis: int = -1, norm: str | None = None, name: str | None = None) -> Tensor:
    """The inverse of `tf.signal.dct` of that type, without its factor: the transform of type 3 for 2, 2 for 3, itself for 1 and 4."""
    with context.default_graph().name_scope(name or "idct"):
        _check(convert_to_tensor(input), type, axis, n, norm)
        return dct(input, _INVERSE[type], n, axis, norm)


def _length(x: Tensor) -> Any:
    return F.shape(x)[-1] if x.static is None or x.static[-1] is None else x.static[-1]


def _turn(n: Any, dtype: Any, sign: int) -> Tensor:
    """2 exp(sign i pi k / 2n) for k below n."""
    angle = F.cast(F.range(n), dtype) * (sign * math.pi * 0.5) / F.cast(n, dtype)
    return 2 * F.complex(F.cos(angle), F.sin(angle))


def _weights(first: Any, others: Any, n: Any) -> Tensor:
    """A vector of n: one number, then another."""
    return F.concat([F.expand_dims(first, 0), F.fill(F.expand_dims(n - 1, 0), others)], 0)


def _first(x: Tensor, norm: str | None) -> Tensor:
    return F.real(F.rfft(F.concat([x, x[..., -2:0:-1]], -1)))


def _second(x: Tensor, norm: str | None) -> Tensor:
    n = _length(x)
    found = F.real(F.rfft(x, [2 * n])[..., :n] * _turn(n, x.dtype, -1))
    if norm is None:
        return found
    first = 0.5 * F.rsqrt(F.cast(n, x.dtype))
    return found * _weights(first, first * math.sqrt(2.0), n)


def _third(x: Tensor, norm: str | None) -> Tensor:
    n = _length(x)
    if norm is None:
        x = x * F.cast(n, x.dtype)
    else:
        first = F.sqrt(F.cast(n, x.dtype))
        x = x * _weights(first, first * math.sqrt(0.5), n)
    return F.irfft(_turn(n, x.dtype, 1) * F.complex(x, F.zeros_like(x)), [2 * n])[..., :n]


def _fourth(x: Tensor, norm: str | None) -> Tensor:
    n = _length(x)
    found = F.real(F.rfft(x, [4 * n])[..., :2 * n] * _turn(2 * n, x.dtype, -1))[..., 1::2]
    return found if norm is None else found * math.sqrt(0.5) * F.rsqrt(F.cast(n, x.dtype))


_TYPES: dict[int, Callable[[Tensor, str | None], Tensor]] = {1: _first, 2: _second, 3: _third, 4: _fourth}


@export("signal.mdct")
def mdct(signals: Any, frame_length: Any, window_fn: Any = vorbis_window, pad_end: bool = False, norm: str | None = None,
         name: str | None = None) -> Tensor:
    """The modified cosine transform of frames that overlap by half: [..., samples] becomes [..., frames, frame_length / 2].

    frame_length: a multiple of 4. window_fn: as for `tf.signal.stft`; None for a constant one. norm: None or "ortho".
    """
    with context.default_graph().name_scope(name or "mdct"):
        signals = convert_to_tensor(signals, name="signals")
        if frame_length % 4:
            raise ValueError("The frame length must be a multiple of 4.")
        frames = frame(signals, frame_length, frame_length // 2, pad_end)
        frames = frames * (math.sqrt(0.5) if window_fn is None else window_fn(frame_length, dtype=frames.dtype))
        a, b, c, d = F.split(frames, 4, -1)
        return dct(F.concat([-F.reverse(c, [-1]) - d, a - F.reverse(b, [-1])], -1), 4, norm=norm)


@export("signal.inverse_mdct")
def inverse_mdct(mdcts: Any, window_fn: Any = vorbis_window, norm: str | None = None, name: str | None = None) -> Tensor:
    """The signals of `tf.signal.mdct` with the same window and norm: [..., frames, n] becomes [..., samples]."""
    with context.default_graph().name_scope(name or "inverse_mdct"):
        mdcts = convert_to_tensor(mdcts, name="mdcts")
        half = _length(mdcts)
        found = dct(mdcts, 4, norm=norm)
        if norm is None:
            found = found * (0.5 / F.cast(half, found.dtype))
        a, b = F.split(found, 2, -1)
        frames = F.concat([b, -F.reverse(b, [-1]), -F.reverse(a, [-1]), -a], -1)
        frames = frames * (math.sqrt(0.5) if window_fn is None else window_fn(2 * half, dtype=frames.dtype))
        return overlap_and_add(frames, half)
