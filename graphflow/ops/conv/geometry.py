"""What convolution and pooling ops share: reading strides and data formats, output shapes, channels-last views."""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...core.op import Shape, require
from ...kernels.contract import Namespace
from ...kernels.windows import Window, window


def channels_first(data_format: str) -> bool:
    return data_format.startswith("NC")


def spatial(values: Sequence[Any], data_format: str) -> tuple[Any, ...]:
    """The spatial entries of a list with one entry per axis."""
    return tuple(values[2:]) if channels_first(data_format) else tuple(values[1:-1])


def channel(shape: Sequence[Any], data_format: str) -> Any:
    return shape[1 if channels_first(data_format) else -1]


def assemble(batch: Any, space: Sequence[Any], channels: Any, data_format: str) -> tuple[Any, ...]:
    return (batch, channels, *space) if channels_first(data_format) else (batch, *space, channels)


def to_last(xp: Namespace, x: Any, data_format: str) -> Any:
    """A view with the channels last."""
    return xp.transpose(x, (0, *range(2, len(x.shape)), 1)) if channels_first(data_format) else x


def from_last(xp: Namespace, x: Any, data_format: str) -> Any:
    """The reverse of to_last."""
    return xp.transpose(x, (0, len(x.shape) - 1, *range(1, len(x.shape) - 1))) if channels_first(data_format) else x


def explicit_pairs(op: Any) -> list[tuple[int, int]] | None:
    """EXPLICIT padding of the spatial axes, from an attribute that lists (before, after) of all axes."""
    flat = getattr(op, "explicit_paddings", ())
    if op.padding != "EXPLICIT":
        return None
    return list(spatial(list(zip(flat[::2], flat[1::2])), op.data_format))


def window_of(op: Any, inputs: Sequence[int], size: Sequence[int]) -> Window:
    """The kernels' window for an op with strides, padding, data_format and maybe dilations and explicit_paddings."""
    dilations = getattr(op, "dilations", None)
    return window(inputs, size, spatial(op.strides, op.data_format), op.padding,
                  spatial(dilations, op.data_format) if dilations else None, explicit_pairs(op))


def output_space(op: Any, inputs: Sequence[int | None], size: Sequence[int | None]) -> tuple[int | None, ...]:
    """Static output sizes; ValueError where the window is larger than its input."""
    strides = spatial(op.strides, op.data_format)
    dilations = spatial(getattr(op, "dilations", None) or (1,) * len(op.strides), op.data_format)
    pairs = explicit_pairs(op) or [(0, 0)] * len(strides)
    result: list[int | None] = []
    for n, k, s, d, (lo, hi) in zip(inputs, size, strides, dilations, pairs):
        if n is None or (k is None and op.padding != "SAME"):
            result.append(None)
        elif op.padding == "SAME":
            result.append(-(-n // s))
        else:
            reach = (k - 1) * d + 1  # type: ignore[operator]
            require(n + lo + hi >= reach, f"Negative dimension size caused by subtracting {reach} from {n + lo + hi}")
            result.append((n + lo + hi - reach) // s + 1)
    return tuple(result)


def check_lists(op: Any, rank: int, *names: str) -> None:
    """Each named list attribute has one positive entry per axis, and 1 for batch and channels."""
    for name in names:
        values = getattr(op, name)
        require(len(values) == rank, f"{type(op).__name__} requires the {name} attribute to contain {rank} values, but got: "
                f"{len(values)}")
        require(all(v > 0 for v in values), f"{name} must be positive, got {list(values)}")
        if name != "ksize":
            fixed = (values[0], channel(values, op.data_format))
            require(fixed == (1, 1), f"Current implementation does not yet support {name} in the batch and depth dimensions, "
                    f"got {list(values)}")


def check_padding(padding: Any) -> None:
    """ValueError for other paddings than these two, where functions move blocks of pixels about."""
    require(padding in ("SAME", "VALID"), f'`padding` must be "SAME" or "VALID", not {padding!r}')


def rank_is(shape: Shape, rank: int) -> None:
    require(shape is None or len(shape) == rank, f"Shape must be rank {rank} but is rank {len(shape or ())}")
