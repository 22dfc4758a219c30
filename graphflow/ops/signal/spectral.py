"""Short-time Fourier transforms and back."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.dtypes import float32
from ...core.export import export
from ...core.known import constant_value
from ...core.tensor import Tensor
from .. import functions as F
from .frames import frame, overlap_and_add
from .windows import hann_window

Window = Callable[..., Any] | None


def _power_of_two(length: Tensor) -> Any:
    """The least power of two that is not below a length."""
    known = constant_value(length)
    if known is not None:
        return 1 << max(int(known) - 1, 0).bit_length()
    exponent = F.ceil(F.log(F.cast(length, dtypes.float64)) / F.log(convert_to_tensor(2.0, dtypes.float64)))
    return F.cast(F.pow(convert_to_tensor(2.0, dtypes.float64), exponent), dtypes.int32)


@export("signal.stft")
def stft(signals: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Window = hann_window, pad_end: bool = False,
         name: str | None = None) -> Tensor:
    """The spectra of overlapping frames: [..., samples] floating becomes [..., frames, fft_length // 2 + 1] complex.

    fft_length: the least power of two that is not below frame_length by default. window_fn(length, dtype=...): the window that each frame
    is multiplied by, None for none. pad_end: frames at the end are completed by zeros.
    """
    with context.default_graph().name_scope(name or "stft"):
        signals = convert_to_tensor(signals, name="signals")
        if signals.static is not None and len(signals.static) < 1:
            raise ValueError(f"Shape {signals.shape} must have rank at least 1")
        length = convert_to_tensor(frame_length, name="frame_length")
        points = _power_of_two(length) if fft_length is None else fft_length
        frames = frame(signals, frame_length, frame_step, pad_end)
        if window_fn is not None:
            frames = frames * window_fn(frame_length, dtype=frames.dtype)
        return F.rfft(frames, [points])


@export("signal.inverse_stft_window_fn")
def inverse_stft_window_fn(frame_step: Any, forward_window_fn: Callable[..., Any] = hann_window,
                           name: str | None = None) -> Callable[..., Tensor]:
    """A function of (frame_length, dtype) that gives the window with which `tf.signal.inverse_stft` undoes `tf.signal.stft`
    (Griffin and Lim 1984, eq. 7): the forward window by the sum of its squares over all frames that overlap."""
    def window(frame_length: Any, dtype: Any = float32) -> Tensor:
        with context.default_graph().name_scope(name or "inverse_stft_window_fn"):
            length, step = convert_to_tensor(frame_length, dtypes.int32), convert_to_tensor(frame_step, dtypes.int32)
            for scalar in (length, step):
                if scalar.static not in (None, ()):
                    raise ValueError(f"Shape {scalar.shape} must have rank 0")
            forward = forward_window_fn(frame_length, dtype=dtype)
            overlaps = -(-length // step)
            squares = F.pad(F.square(forward), F.stack([F.stack([0, overlaps * step - length])]))
            whole = F.reduce_sum(F.reshape(squares, F.stack([overlaps, step])), 0)
            return forward / F.tile(whole, F.stack([overlaps]))[:length]
    return window


@export("signal.inverse_stft")
def inverse_stft(stfts: Any, frame_length: Any, frame_step: Any, fft_length: Any = None, window_fn: Window = hann_window,
                 name: str | None = None) -> Tensor:
    """The signals of spectra: [..., frames, fft_length // 2 + 1] complex becomes [..., samples] floating, the sum of windowed frames.

    With window_fn = tf.signal.inverse_stft_window_fn(frame_step) it undoes `tf.signal.stft` where frames overlap fully.
    """
    with context.default_graph().name_scope(name or "inverse_stft"):
        stfts = convert_to_tensor(stfts, name="stfts")
        length = convert_to_tensor(frame_length, dtypes.int32, name="frame_length")
        points = convert_to_tensor(_power_of_two(length) if fft_length is None else fft_length, dtypes.int32)
        frames = F.irfft(stfts, F.expand_dims(points, 0))
        known, wanted = constant_value(points), constant_value(length)
        if known is None or wanted is None:
            missing = F.maximum(0, length - points)
            frames = F.pad(frames, F.concat([F.zeros(F.stack([F.rank(frames) - 1, 2]), dtypes.int32), [[0, missing]]], 0))[..., :length]
        elif int(wanted) > int(known):
            frames = F.pad(frames, [[0, 0]] * (len(frames.static or ()) - 1) + [[0, int(wanted) - int(known)]])
        else:
            frames = frames[..., :int(wanted)]
        if window_fn is not None:
            frames = frames * window_fn(frame_length, dtype=frames.dtype)
        return overlap_and_add(frames, frame_step)
