"""A signal as overlapping frames, and back; axes shifted so that the zero frequency is in the middle."""
from __future__ import annotations

from typing import Any

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.known import constant_value
from ...core.tensor import Tensor
from .. import functions as F


@export("signal.frame")
def frame(signal: Any, frame_length: Any, frame_step: Any, pad_end: bool = False, pad_value: Any = 0, axis: int = -1,
          name: str | None = None) -> Tensor:
    """Frames of frame_length along `axis`, one every frame_step: [..., samples, ...] becomes [..., frames, frame_length, ...].

    pad_end: the last frames, which the signal does not fill, are completed by pad_value; else they are left out.
    """
    with context.default_graph().name_scope(name or "frame"):
        signal = convert_to_tensor(signal, name="signal")
        length, step = (convert_to_tensor(v, dtypes.int32, name=n) for v, n in ((frame_length, "frame_length"), (frame_step, "frame_step")))
        for scalar, what in ((length, "frame_length"), (step, "frame_step")):
            if scalar.static not in (None, ()):
                raise ValueError(f"Shape {scalar.shape} must have rank 0: {what} is a scalar")
        if signal.static is None:
            raise ValueError("tf.signal.frame needs a signal of known rank; set_shape gives it one")
        place = axis + len(signal.static) if axis < 0 else axis
        if not 0 <= place < len(signal.static):
            raise ValueError(f"axis = {axis} is not an axis of a signal of shape {signal.shape}")
        samples = _size(signal, place)
        if pad_end:
            value = convert_to_tensor(pad_value, signal.dtype.base_dtype)
            frames = -(-samples // step)
            missing = F.maximum(0, length + step * (frames - 1) - samples)
            before = [[0, 0] for _ in range(place)]
            after = [[0, 0] for _ in range(len(signal.static) - place - 1)]
            signal = F.pad(signal, F.stack([*before, [0, missing], *after]), constant_values=value)
        else:
            frames = F.maximum(0, 1 + (samples - length) // step)
        starts = F.range(frames) * step
        found = F.gather(signal, F.expand_dims(starts, 1) + F.expand_dims(F.range(length), 0), axis=place)
        known = [None if v is None else int(v) for v in (constant_value(frames), constant_value(length))]
        static = [*signal.static[:place], *known, *signal.static[place + 1:]]
        found.set_shape(static)
        return found


def _size(signal: Tensor, place: int) -> Any:
    static = signal.static[place] if signal.static is not None else None
    return F.shape(signal)[place] if static is None else convert_to_tensor(static, dtypes.int32)


@export("signal.overlap_and_add")
def overlap_and_add(signal: Any, frame_step: Any, name: str | None = None) -> Tensor:
    """The sum of frames, each frame_step after the one before: [..., frames, frame_length] becomes [..., samples].

    frame_step: an integer that is known while the graph is built, as frame_length must be.
    """
    with context.default_graph().name_scope(name or "overlap_and_add"):
        signal = convert_to_tensor(signal, name="signal")
        if signal.static is not None and len(signal.static) < 2:
            raise ValueError(f"Shape {signal.shape} must have rank at least 2: frames of samples")
        step = convert_to_tensor(frame_step, name="frame_step")
        if step.static not in (None, ()) or not step.dtype.is_integer:
            raise ValueError(f"frame_step must be an integer scalar, got {step}")
        hop = constant_value(step)
        length = None if signal.static is None else signal.static[-1]
        if hop is None or length is None:
            raise NotImplementedError("tf.signal.overlap_and_add: frame_step and the length of frames must be static")
        hop, parts = int(hop), -(-length // int(hop))
        outer, frames = F.shape(signal)[:-2], _size(signal, len(signal.static) - 2)
        signal = F.pad(signal, [[0, 0]] * (len(signal.static) - 1) + [[0, parts * hop - length]])
        moved = []
        for i in range(parts):      # what lies in the i-th step of each frame goes i steps further
            flat = F.reshape(signal[..., i * hop:(i + 1) * hop], F.concat([outer, [frames * hop]], 0))
            moved.append(F.pad(flat, [[0, 0]] * (len(signal.static) - 2) + [[i * hop, (parts - 1 - i) * hop]]))
        total = F.add_n(moved)[..., :(frames - 1) * hop + length]
        count = signal.static[-2]
        total.set_shape([*signal.static[:-2], None if count is None else max((count - 1) * hop + length, 0)])
        return total


@export("signal.fftshift")
def fftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """The tensor rolled by half of each axis (all of them, or one, or several), so that the zero frequency is in the middle."""
    with context.default_graph().name_scope(name or "fftshift"):
        return _shifted(x, axes, 1)


@export("signal.ifftshift")
def ifftshift(x: Any, axes: Any = None, name: str | None = None) -> Tensor:
    """Undoes `tf.signal.fftshift`, also for odd sizes."""
    with context.default_graph().name_scope(name or "ifftshift"):
        return _shifted(x, axes, -1)


def _shifted(x: Any, axes: Any, sign: int) -> Tensor:
    x = convert_to_tensor(x)
    axes = F.range(F.rank(x)) if axes is None else convert_to_tensor(axes, dtypes.int32)
    return F.roll(x, sign * (F.gather(F.shape(x), axes % F.rank(x)) // 2), axes)
