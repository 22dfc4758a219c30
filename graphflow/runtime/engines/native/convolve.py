"""Convolution of images that lie channels-last, and its gradient by the filters, as native functions.

A function goes through chunks of the work; a chunk goes through strips: some rows of one image. Where windows reach beyond the image, the
rows that a strip needs are first laid out with zeros around them. Then blocks of results are held in registers: of a convolution, pixels
side by side (and one below the other) times vectors of filters; of the gradient by the filters, elements of a window times vectors of
filters. Each turn of the innermost loop reads some numbers and some vectors, and adds all products of the one with the other.

A block that would go beyond the end begins earlier: a convolution computes what it shares with the block before it twice; the gradient
adds zero for it. Chunks of the gradient have sums of their own, which are added up after all are done.
"""
from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .code import Code, Whole
from .values import BYTES, Value


class Shape(NamedTuple):
    """What the code of a function depends on. vectors: of filters in a block. rows, across: pixels in a block of a convolution; rows and
    elements of a window in one of the gradient. apart: bytes between the inputs of neighbouring pixels. masked: whether the last
    vector of filters may not be a whole one. copies: whether strips are laid out with zeros around them. tail: lanes of the last
    vector, fewer where that is enough."""
    kind: str
    lanes: int
    vectors: int
    rows: int
    across: int
    apart: int
    masked: bool
    copies: bool
    tail: int


# strips: in all, of an image. rows, outputs: of a strip, of an image; reach: input rows of a strip. below: input rows between those of
# neighbouring output rows. before: rows of padding. taps: windows are rows of `taps` pieces of `length` elements.
_GEOMETRY = ("chunks", "strips", "strips_of_image", "rows", "outputs", "reach", "below", "before",
             "image", "row", "height", "left", "middle", "right", "shift", "strip_row", "strip_bytes",
             "window_rows", "row_step", "taps", "tap_step", "length", "groups", "group_of_x", "group_of_filters", "vectors", "blocks",
             "last", "filter", "width")
CONV = (*_GEOMETRY, "group_of_y", "y_image", "y_row", "y_pixel", "down", "across")
GRADIENT = (*_GEOMETRY, "group_of_y", "y_image", "y_row", "y_pixel", "window_blocks", "pieces", "sums_bytes")
ARRAYS = ("x", "filters", "y", "strip")


class _Function(Code):
    def __init__(self, shape: Shape, names: tuple[str, ...]):
        super().__init__(names, ARRAYS, shape.lanes)
        self.shape, self.size = shape, BYTES[shape.kind]

    def __getitem__(self, name: str) -> Whole:
        return self.numbers[name]

    def strip(self, chunk: str, image: Whole, top: Whole, reach: Whole) -> tuple[str, Whole]:
        """(where a strip begins whose first input row is `top`, bytes of its rows)."""
        x = self.at(self.arrays["x"], self.mul(image, self["image"]))
        if not self.shape.copies:
            return self.at(x, self.add(self.mul(top, self["row"]), self["shift"])), self["row"]
        strip = self.at(self.arrays["strip"], self.mul(chunk, self["strip_bytes"]))

        def row(i: str) -> None:
            to, y = self.at(strip, self.mul(i, self["strip_row"])), self.add(top, i)

            def inside() -> None:
                self.clear(to, self["left"])
                middle = self.at(to, self["left"])
                self.copy(middle, self.at(x, self.add(self.mul(y, self["row"]), self["shift"])), self["middle"])
                self.clear(self.at(middle, self["middle"]), self["right"])
            self.when(self.test(y, "ult", self["height"]), inside, lambda: self.clear(to, self["strip_row"]))
        self.each(0, reach, row)
        return strip, self["strip_row"]

    def chunk(self, number: str) -> tuple[Whole, Whole]:
        """The first and the last strip of a chunk."""
        return (self.div(self.mul(number, self["strips"]), self["chunks"]),
                self.div(self.mul(self.add(number, 1), self["strips"]), self["chunks"]))

    def block(self, number: str) -> tuple[Whole, str | None]:
        """The first vector of a block of filters, and the mask of its last one."""
        first = self.least(self.mul(number, self.shape.vectors), self.sub(self["vectors"], self.shape.vectors))
        if not self.shape.masked:
            return first, None
        is_last = self.test(self.add(number, 1), "eq", self["blocks"])
        count = self.raw(f"select i1 {is_last}, i64 {self['last']}, i64 {self.lanes}")
        with self.in_lanes(self.shape.vectors - 1):
            return first, self.below(count)

    @contextlib.contextmanager
    def in_lanes(self, v: int) -> Iterator[None]:
        """What is made inside has as many lanes as that vector of a block."""
        self.lanes = self.shape.tail if v == self.shape.vectors - 1 else self.shape.lanes
        yield
        self.lanes = self.shape.lanes

    def kind_of(self, v: int) -> str:
        with self.in_lanes(v):
            return self.type(self.shape.kind)

    def typed(self, values: Sequence[str]) -> list[tuple[str, str]]:
        """Values of blocks, with their types."""
        return [(self.kind_of(i % self.shape.vectors), value) for i, value in enumerate(values)]

    def several(self, pointer: str, mask: str | None) -> list[Value]:
        """The vectors of a block."""
        found = []
        for v in range(self.shape.vectors):
            with self.in_lanes(v):
                found.append(self.vector(self.shape.kind, self.at(pointer, v * self.shape.lanes * self.size),
                                         mask if v == self.shape.vectors - 1 else None))
        return found

    def products(self, numbers: dict[tuple[int, int], Value], vectors: list[Value], totals: Sequence[str]) -> list[str]:
        """totals + numbers times vectors."""
        found, low = [], ", ".join(f"i32 {i}" for i in range(self.shape.tail))
        for number, i in zip(numbers.values(), range(0, len(totals), self.shape.vectors)):
            for v, vector in enumerate(vectors):
                with self.in_lanes(v):
                    each = number if self.lanes == self.shape.lanes else Value(self, number.kind, self.raw(
                        f"shufflevector <{self.shape.lanes} x {number.kind}> {number.text}, <{self.shape.lanes} x {number.kind}> poison, "
                        f"<{self.lanes} x i32> <{low}>"))
                    found.append(self.fma(each, vector, Value(self, number.kind, totals[i + v])).text)
        return found


def conv(shape: Shape) -> tuple[str, list[str]]:
    """y = the convolution of x with filters."""
    f = _Function(shape, CONV)
    size, kind, wide = f.size, shape.kind, f.lanes * f.size
    cells = [(r, a, v) for r in range(shape.rows) for a in range(shape.across) for v in range(shape.vectors)]

    def strip(chunk: str, number: str) -> None:
        image, part = f.div(number, f["strips_of_image"]), f.rem(number, f["strips_of_image"])
        first = f.least(f.mul(part, f["rows"]), f.sub(f["outputs"], f["rows"]))
        start, row = f.strip(chunk, image, f.sub(f.mul(first, f["below"]), f["before"]), f["reach"])
        result = f.at(f.arrays["y"], f.add(f.mul(image, f["y_image"]), f.mul(first, f["y_row"])))
        f.each(0, f["groups"], lambda g: f.each(0, f["blocks"], lambda b: block(start, row, result, g, b)))

    def block(start: str, row: Whole, result: str, group: str, number: str) -> None:
        vector, mask = f.block(number)
        filters = f.at(f.arrays["filters"], f.add(f.mul(group, f["group_of_filters"]), f.mul(vector, wide)))
        x = f.at(start, f.mul(group, f["group_of_x"]))
        y = f.at(result, f.add(f.mul(group, f["group_of_y"]), f.mul(vector, wide)))
        between = f.mul(row, f["below"])

        def pixels(down: str, across: str) -> None:
            r = f.least(f.mul(down, shape.rows), f.sub(f["rows"], shape.rows))
            c = f.least(f.mul(across, shape.across), f.sub(f["width"], shape.across))
            corner = f.at(x, f.add(f.mul(r, between), f.mul(c, shape.apart)))
            sums = window(f, corner, between, filters, mask)
            for (i, k, v), total in zip(cells, sums):
                place = f.add(f.mul(f.add(r, i), f["y_row"]), f.add(f.mul(f.add(c, k), f["y_pixel"]), v * wide))
                with f.in_lanes(v):
                    f.put(Value(f, kind, total), f.at(y, place), mask if v == shape.vectors - 1 else None)
        f.each(0, f["down"], lambda d: f.each(0, f["across"], lambda a: pixels(d, a)))

    def window(f: _Function, corner: str, between: Whole, filters: str, mask: str | None) -> list[str]:
        def element(begins: list[str], i: str, state: list[str]) -> list[str]:
            w, offset = state[0], f.mul(i, size)
            vectors = f.several(w, mask)
            numbers = {}
            for r, begin in enumerate(begins):
                here = f.at(begin, offset)
                for a in range(shape.across):
                    numbers[r, a] = f.number(kind, f.at(here, a * shape.apart))
            return [f.at(w, f["filter"]), *f.products(numbers, vectors, state[1:])]

        def tap(begin: str, t: str, state: list[str]) -> list[str]:
            here = f.at(begin, f.mul(t, f["tap_step"]))
            begins = [f.at(here, f.mul(between, r)) for r in range(shape.rows)]
            return f.loop(0, f["length"], lambda i, s: element(begins, i, s), typed(state))

        def line(i: str, state: list[str]) -> list[str]:
            begin = f.at(corner, f.mul(i, f["row_step"]))
            return f.loop(0, f["taps"], lambda t, s: tap(begin, t, s), typed(state))

        def typed(state: list[str]) -> list[tuple[str, str]]:
            return [("ptr", state[0]), *f.typed(state[1:])]
        return f.loop(0, f["window_rows"], line, typed([filters, *["zeroinitializer"] * len(cells)]))[1:]

    def chunk(number: str) -> None:
        first, last = f.chunk(number)
        f.each(first, last, lambda i: strip(number, i))
    f.each("%lo", "%hi", chunk)
    return f.finish()


def filter_gradient(shape: Shape) -> tuple[str, list[str]]:
    """`filters`: sums of chunks, from x and y, the gradient by the convolution's result."""
    f = _Function(shape, GRADIENT)
    size, kind, wide = f.size, shape.kind, f.lanes * f.size
    cells = [(r, a, v) for r in range(shape.rows) for a in range(shape.across) for v in range(shape.vectors)]

    def strip(chunk: str, sums: str, number: str) -> None:
        image, part = f.div(number, f["strips_of_image"]), f.rem(number, f["strips_of_image"])
        first = f.mul(part, f["rows"])
        rows = f.least(f["rows"], f.sub(f["outputs"], first))
        reach = f.sub(f["reach"], f.mul(f.sub(f["rows"], rows), f["below"]))
        start, row = f.strip(chunk, image, f.sub(f.mul(first, f["below"]), f["before"]), reach)
        y = f.at(f.arrays["y"], f.add(f.mul(image, f["y_image"]), f.mul(first, f["y_row"])))
        f.each(0, f["groups"], lambda g: f.each(0, f["blocks"], lambda b: block(start, row, rows, y, sums, g, b)))

    def block(start: str, row: Whole, rows: Whole, y0: str, sums0: str, group: str, number: str) -> None:
        vector, mask = f.block(number)
        x = f.at(start, f.mul(group, f["group_of_x"]))
        y = f.at(y0, f.add(f.mul(group, f["group_of_y"]), f.mul(vector, wide)))
        sums = f.at(sums0, f.add(f.mul(group, f["group_of_filters"]), f.mul(vector, wide)))
        fresh = [f.test(f.add(vector, v), "sge", f.mul(number, shape.vectors)) for v in range(shape.vectors)]
        between = f.mul(row, f["below"])

        def piece(w: str, t: str, p: str) -> None:
            i = f.least(f.mul(p, shape.across), f.sub(f["length"], shape.across))
            top = f.mul(w, shape.rows)
            corner = f.at(x, f.add(f.mul(top, f["row_step"]), f.add(f.mul(t, f["tap_step"]), f.mul(i, size))))
            corners = [f.at(corner, f.mul(f["row_step"], r)) for r in range(shape.rows)]
            found = f.loop(0, rows, lambda oy, s: line(corners, oy, s), f.typed(["zeroinitializer"] * len(cells)))
            for (r, a, v), total in zip(cells, found):
                place = f.add(f.mul(f.add(top, r), f["taps"]), t)
                place = f.add(f.mul(place, f["length"]), f.add(i, a))
                to = f.at(sums, f.add(f.mul(place, f["filter"]), v * wide))
                m = mask if v == shape.vectors - 1 else None
                new = f.test(f.add(i, a), "sge", f.mul(p, shape.across))
                both = f.raw(f"and i1 {new}, {fresh[v]}")
                with f.in_lanes(v):
                    counts = f.raw(f"select i1 {both}, {f.type(kind)} {total}, {f.type(kind)} zeroinitializer")
                    f.put(f.vector(kind, to, m) + Value(f, kind, counts), to, m)

        def line(corners: list[str], oy: str, state: list[str]) -> list[str]:
            begins = [f.at(c, f.mul(oy, between)) for c in corners]
            dy = f.at(y, f.mul(oy, f["y_row"]))

            def pixel(ox: str, state: list[str]) -> list[str]:
                vectors = f.several(f.at(dy, f.mul(ox, f["y_pixel"])), mask)
                offset = f.mul(ox, shape.apart)
                numbers = {(r, a): f.number(kind, f.at(f.at(begin, offset), a * size)) for r, begin in enumerate(begins)
                           for a in range(shape.across)}
                return f.products(numbers, vectors, state)
            return f.loop(0, f["width"], pixel, f.typed(state))
        f.each(0, f["window_blocks"], lambda w: f.each(0, f["taps"], lambda t: f.each(0, f["pieces"], lambda p: piece(w, t, p))))

    def chunk(number: str) -> None:
        sums = f.at(f.arrays["filters"], f.mul(number, f["sums_bytes"]))
        f.clear(sums, f["sums_bytes"])
        first, last = f.chunk(number)
        f.each(first, last, lambda i: strip(number, sums, i))
    f.each("%lo", "%hi", chunk)
    return f.finish()
