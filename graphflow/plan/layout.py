"""Where the values of a plan are kept, as plain data: what engines follow, `explain` prints and the viewer draws."""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np


class Place(NamedTuple):
    """The home of one value. kind: one of KINDS. name: of the variable or buffer. over: id of the node that is viewed or whose memory is
    taken over, as it is not needed any more. loop: number of the fused loop that computes the value."""
    kind: str
    name: str = ""
    over: int | None = None
    loop: int | None = None

    def words(self, first: int = 0) -> str:
        """Such as "buffer b1, over %4"; without the loop. first: the id that numbers of values count from."""
        over = None if self.over is None else self.over - first
        if self.kind == "view":
            return f"view of %{over}"
        where = {"variable": f"variable {self.name}", "in place": f"in place: {self.name}", "buffer": f"buffer {self.name}"}
        return where.get(self.kind, self.kind) + (f", over %{over}" if over is not None else "")


KINDS = {
    "fed": "an array of the caller",
    "variable": "a variable's array, read",
    "in place": "a variable's array: its new value is computed straight into it",
    "buffer": "memory that the plan keeps and that several values share one after the other",
    "cache": "a block of a fused loop that never leaves the processor's cache",
    "view": "another shape of a value that is somewhere else",
    "number": "a single number, no array",
    "carried": "the array of the value that a loop carries, which is not needed any more when the next one is computed",
    "own array": "an array made for this value, such as one that is fetched",
}


class Buffer(NamedTuple):
    """Memory that a plan keeps from run to run, for values of one shape and dtype."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) * self.dtype.itemsize


class Layout(NamedTuple):
    """places: by node id. loops: number of fused loops. buffers: by name. separate: bytes that the values in buffers and loops would
    take if each had memory of its own."""
    places: dict[int, Place]
    loops: int
    buffers: dict[str, Buffer]
    separate: int

    def summary(self) -> str:
        """One line: loops, buffers, what sharing saves."""
        loops = f"{self.loops} fused loop{'s' if self.loops != 1 else ''}, " if self.loops else ""
        in_place = sum(place.kind == "in place" for place in self.places.values())
        size = size_text(sum(buffer.size for buffer in self.buffers.values()))
        some = f"{len(self.buffers)} buffer{'s' if len(self.buffers) != 1 else ''}"
        return f"{loops}{some} of {size} for values of {size_text(self.separate)}, {in_place} written in place"


def size_text(count: int) -> str:
    """Bytes as people read them."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if size >= 100 or unit == "B" else f"{size:.3g} {unit}"
