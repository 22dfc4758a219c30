"""How a convolution is cut into chunks, strips and blocks, and the numbers that its function (convolve.py) is called with."""
from __future__ import annotations

from typing import Any, NamedTuple

from ....kernels import parallel
from ....kernels.windows import Window

WORTH = 2_000_000        # multiplications from which on work is split over threads
STRIP = 1 << 17          # bytes of input that a strip should not go beyond
MOST_SUMS = 1 << 18      # bytes of sums of which each thread has several


class Image(NamedTuple):
    """An array [n, *size, channels] in memory: its owner, an offset and distances (image, row, pixel) in bytes."""
    base: Any
    offset: int
    shape: tuple[int, int, int, int]
    image: int
    row: int
    pixel: int


def vectors_at_once(vectors: int, registers: int) -> int:
    """How many vectors of filters a block has: many, so that what is read of the input serves many products, and few for nothing."""
    def cost(v: int) -> float:
        return -(-vectors // v) * v * (1 + 0.06 * (4 - v))
    return min(range(1, min(vectors, 4 if registers > 16 else 3) + 1), key=cost)


def blocks(vectors: int, width: int, height: int, registers: int) -> tuple[int, int, int]:
    """(vectors, rows, pixels) of a block of a convolution."""
    v = vectors_at_once(vectors, registers)
    most = registers - 4 if v == 1 else (registers - 2 - v) // v
    across = even(width, most)
    return v, even(height, most // across) if across == width else 1, across


def even(length: int, most: int) -> int:
    """The size of parts of a length that are as even as can be, of at most so many."""
    return -(-length // -(-length // most))


def geometry(x: Image, y: Image, sizes: tuple[int, int, int, int], win: Window, itemsize: int, lanes: int, vectors: int,
              least_rows: int) -> tuple[dict[str, int], bool]:
    """(parameters that both functions have, whether strips are laid out with zeros around them)."""
    n, h, w, c = x.shape
    kh, kw, each, count = sizes
    (sy, sx), (dy, dx), ((top, _), (before, _)) = win.strides, win.dilations, win.pads
    oh, ow = y.shape[1:3]
    groups = c // each
    wide = (ow - 1) * sx + (kw - 1) * dx + 1
    copies = top > 0 or before > 0 or wide - before > w or (oh - 1) * sy + (kh - 1) * dy + 1 - top > h
    first, last = min(max(before, 0), wide), max(0, min(wide, w + before))
    middle = max(0, last - first)
    strip_row = wide * x.pixel
    most = max(least_rows, (STRIP // strip_row - (kh - 1) * dy - 1) // sy + 1, 1)
    rows = max(even(oh, most), least_rows)
    reach = (rows - 1) * sy + (kh - 1) * dy + 1
    joined = dx == 1 and groups == 1
    total = -(-(count // groups) // lanes)
    return {"strips": n * -(-oh // rows), "strips_of_image": -(-oh // rows), "rows": rows, "outputs": oh, "reach": reach, "below": sy,
            "before": top, "image": x.image, "row": x.row, "height": h, "left": (wide - middle if middle == 0 else first) * x.pixel,
            "middle": middle * x.pixel, "right": (0 if middle == 0 else wide - last) * x.pixel, "shift": max(0, -before) * x.pixel,
            "strip_row": strip_row, "strip_bytes": reach * strip_row, "window_rows": kh, "row_step": dy * (strip_row if copies else x.row),
            "taps": 1 if joined else kw, "tap_step": dx * x.pixel, "length": kw * c if joined else each, "groups": groups,
            "group_of_x": each * itemsize, "group_of_filters": count // groups * itemsize, "vectors": total, "blocks": -(-total // vectors),
            "last": (count // groups - 1) % lanes + 1, "filter": count * itemsize, "width": ow, "group_of_y": count // groups * itemsize,
            "y_image": y.image, "y_row": y.row, "y_pixel": y.pixel}, copies


def tail(filters: int, blocks: int, lanes: int, itemsize: int) -> tuple[bool, int]:
    """(whether the last vector of a block needs a mask, its lanes)."""
    last, tail = (filters - 1) % lanes + 1, lanes
    while blocks == 1 and tail * itemsize > 16 and last <= tail // 2:
        tail //= 2
    return last < tail, tail


def chunks(work: int, strips: int, most: int) -> int:
    return max(1, min(strips, most)) if work >= WORTH and parallel.THREADS > 1 else 1


