"""Max pools over channels: the largest of each group of neighbouring channels.

A group is a window along the last axis, so the kernels see each pixel's channels as an image of one row and one channel.
"""
from __future__ import annotations

from typing import Any

from ...core.op import require
from ...kernels.contract import Namespace
from ...kernels.windows import Window, window
from .geometry import channel, spatial


def deep(op: Any) -> bool:
    """Whether a pool's windows lie along the channels."""
    return channel(op.ksize, op.data_format) > 1


def check_depth(op: Any, sizes: Any) -> None:
    """What TensorFlow asks of such a pool."""
    size, stride = channel(op.ksize, op.data_format), channel(op.strides, op.data_format)
    alone = {1} == {*spatial(op.ksize, op.data_format), *spatial(op.strides, op.data_format)}
    require(alone, "MaxPooling supports exactly one of pooling across depth or pooling across width/height, "
            f"got ksize {list(op.ksize)}, strides {list(op.strides)}")
    require(size == stride, f"Depthwise max pooling requires the depth window to equal the depth stride, got {size} and {stride}")
    channels = channel(sizes, op.data_format)
    require(channels is None or channels % size == 0,
            f"Depthwise max pooling requires the depth window to evenly divide the input depth, got {size} and {channels}")


def as_rows(xp: Namespace, x: Any) -> Any:
    """[batch, height, width, channels] as [pixels, 1, channels, 1]."""
    return xp.reshape(x, (x.shape[0] * x.shape[1] * x.shape[2], 1, x.shape[3], 1))


def depth_window(op: Any, channels: int) -> Window:
    """The window over what `as_rows` gives."""
    size = (1, channel(op.ksize, op.data_format))
    return window((1, channels), size, size, "VALID")
