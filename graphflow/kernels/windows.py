"""Geometry of sliding windows, shared by convolutions and pools: padding, output sizes, blocks that fit in the cache.

Arrays are channels-last, [batch, *space, channels]; every tuple here has one entry per spatial axis.
"""
from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

Pads = tuple[tuple[int, int], ...]


class Window(NamedTuple):
    """A window that slides over the spatial axes. `pads` are rows of zeros before and after each axis; negative ones crop."""
    size: tuple[int, ...]
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: Pads

    def outputs(self, inputs: Sequence[int]) -> tuple[int, ...]:
        """Number of positions along each axis of an input with these sizes."""
        return tuple(max(0, (n + lo + hi - (k - 1) * d - 1) // s + 1)
                     for n, k, s, d, (lo, hi) in zip(inputs, self.size, self.strides, self.dilations, self.pads))

    def region(self, outputs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        """The range of each axis of the input that ranges of outputs see; it may reach into the pads."""
        return [(a * s - lo, (b - 1) * s + (k - 1) * d + 1 - lo)
                for (a, b), k, s, d, (lo, _) in zip(outputs, *self)]

    def trimmed(self, inputs: Sequence[int]) -> tuple[Window, tuple[slice, ...]]:
        """The window without the outer taps that meet nothing but padding at every position, and the slices of the taps that are left.

        A slice is empty where no tap meets the input. So the cost of a wide window, or of one with far taps, is bounded by the input.
        """
        cuts = []
        pads = []
        for n, m, k, s, d, (lo, hi) in zip(inputs, self.outputs(inputs), *self):
            first = min(k - 1, max(0, -((max(0, m - 1) * s - lo) // d)))     # tap t meets inputs t d - lo, + s, ..., + (m - 1) s
            last = max(first, min(k - 1, (n - 1 + lo) // d))
            meets = first * d - lo < n and last * d - lo + (m - 1) * s >= 0
            cuts.append(slice(first, last + 1) if meets else slice(0, 0))
            pads.append((lo - first * d, hi - (k - 1 - last) * d))
        sizes = tuple(cut.stop - cut.start for cut in cuts)
        return Window(sizes, self.strides, self.dilations, tuple(pads)), tuple(cuts)

    @property
    def is_point(self) -> bool:
        """Each output sees exactly the one input at its own place."""
        return all(k == 1 for k in self.size) and all(s == 1 for s in self.strides) and not any(map(any, self.pads))


def window(inputs: Sequence[int], size: Sequence[int], strides: Sequence[int], padding: str = "VALID",
           dilations: Sequence[int] | None = None, explicit: Sequence[Sequence[int]] | None = None) -> Window:
    """The Window for TensorFlow's padding words; `explicit` holds (before, after) per axis for padding="EXPLICIT".

    SAME gives ceil(input / stride) outputs, with the odd row of zeros after.
    """
    dilations = tuple(dilations) if dilations is not None else (1,) * len(size)
    if padding == "EXPLICIT":
        pads: Pads = tuple((int(lo), int(hi)) for lo, hi in (() if explicit is None else explicit))
        if len(pads) != len(size):
            raise ValueError(f"EXPLICIT padding needs {len(size)} pairs, got {explicit}")
    elif padding == "SAME":
        totals = [max(0, (-(-n // s) - 1) * s + (k - 1) * d + 1 - n) for n, k, s, d in zip(inputs, size, strides, dilations)]
        pads = tuple((total // 2, total - total // 2) for total in totals)
    elif padding == "VALID":
        pads = ((0, 0),) * len(size)
    else:
        raise ValueError(f"padding must be SAME, VALID or EXPLICIT, not {padding!r}")
    return Window(tuple(size), tuple(strides), dilations, pads)


class Box(NamedTuple):
    """A block of outputs that is contiguous in row-major order: ranges of the batch and of each spatial axis."""
    ranges: tuple[tuple[int, int], ...]
    first: int        # flat number of its first position
    size: int

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(b - a for a, b in self.ranges)

    @property
    def slices(self) -> tuple[slice, ...]:
        return tuple(slice(a, b) for a, b in self.ranges)


def boxes(shape: Sequence[int], most: int) -> list[Box]:
    """Cuts the positions of `shape` (batch, *outputs) into boxes of at most about `most` positions."""
    if not all(shape):
        return []
    axis = 0
    while axis < len(shape) - 1 and math.prod(shape[axis + 1:]) > most:
        axis += 1
    inner = math.prod(shape[axis + 1:])
    step = max(1, most // inner)
    result, first = [], 0
    for outer in np.ndindex(*shape[:axis]):
        for a in range(0, shape[axis], step):
            b = min(a + step, shape[axis])
            ranges = (*((i, i + 1) for i in outer), (a, b), *((0, n) for n in shape[axis + 1:]))
            result.append(Box(ranges, first, (b - a) * inner))
            first += (b - a) * inner
    return result


def taps(win: Window) -> Iterator[tuple[int, ...]]:
    """The places inside a window, in row-major order."""
    return np.ndindex(*win.size)


def tap_slices(win: Window, tap: Sequence[int], inputs: Sequence[int],
               outputs: Sequence[int]) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """(output slices, input slices) of the positions whose window has this tap inside the input, without batch and channels."""
    out, source = [], []
    for t, n, m, s, d, (lo, _) in zip(tap, inputs, outputs, win.strides, win.dilations, win.pads):
        shift = t * d - lo                                   # input index = output index * s + shift
        a = max(0, -(shift // s))
        b = min(m, (n - 1 - shift) // s + 1)
        b = max(a, b)
        out.append(slice(a, b))
        source.append(slice(a * s + shift, a * s + shift + (b - a - 1) * s + 1 if b > a else a * s + shift, s)
                      if b > a else slice(0, 0))
    return tuple(out), tuple(source)
