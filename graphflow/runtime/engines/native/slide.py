"""Windows that slide over images, channel by channel: pools, depthwise convolution and their gradients, as native functions.

Channels lie last, and are the lanes of vectors. A place of the smaller image (`y`) looks through its window at elements of the larger one
(`x`); taps beyond the image are left out, not read. The functions of the first kind make a vector of y of those of x, those of the
second add to x what a vector of y says. The range of the first is one of rows of all images, that of the second one of images.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .code import Carried, Code, Whole
from .values import BYTES, Value

NAMES = ("height", "width", "outputs", "across", "window_rows", "window_columns", "stride", "stride_across", "dilation",
         "dilation_across", "before", "before_across", "x_image", "x_row", "x_pixel", "y_image", "y_row", "y_pixel", "vectors", "last",
         "filter_row", "filter_column", "chunks", "images", "sums_bytes")
ARRAYS = ("x", "y", "other")


class Shape(NamedTuple):
    """masked: whether the last vector of channels is not a whole one. least: the least number of its kind, of max pools."""
    kind: str
    lanes: int
    masked: bool
    least: float


class Seen(NamedTuple):
    """Which taps of a window are inside the image: first and last, and where the first tap of all lies."""
    rows: tuple[Whole, Whole]
    columns: tuple[Whole, Whole]
    top: Whole
    left: Whole


class _Function(Code):
    def __init__(self, shape: Shape):
        super().__init__(NAMES, ARRAYS, shape.lanes)
        self.shape, self.wide = shape, shape.lanes * BYTES[shape.kind]

    def __getitem__(self, name: str) -> Whole:
        return self.numbers[name]

    def reach(self, output: Whole, way: str) -> tuple[Whole, Whole, Whole]:
        """(place of the first tap, first and last tap inside the image) of a window, along an axis."""
        size, limit = (self["window_columns"], self["width"]) if way else (self["window_rows"], self["height"])
        step = self["dilation" + way]
        start = self.sub(self.mul(output, self["stride" + way]), self["before" + way])
        return start, self.up(self.sub(0, start), step), self.least(size, self.up(self.sub(limit, start), step))

    def columns(self, row: Whole, each: Callable[..., None]) -> None:
        """each(place in y from the image's start, rows' first, columns' first, their taps) for each place of a row."""
        top, first, last = self.reach(row, "")

        def place(column: str) -> None:
            left, begin, end = self.reach(column, "_across")
            y = self.add(self.mul(row, self["y_row"]), self.mul(column, self["y_pixel"]))
            each(y, top, left, (first, last), (begin, end))
        self.each(0, self["across"], place)

    def channels(self, each: Callable[[Whole, str | None], None]) -> None:
        """each(bytes to its place, mask) for each vector."""
        def vector(i: str) -> None:
            mask = None
            if self.shape.masked:
                end = self.test(self.add(i, 1), "eq", self["vectors"])
                mask = self.below(self.raw(f"select i1 {end}, i64 {self['last']}, i64 {self.lanes}"))
            each(self.mul(i, self.wide), mask)
        self.each(0, self["vectors"], vector)

    def taps(self, seen: Seen, each: Callable[[Whole, Whole, list[str]], list[str]], carried: Carried) -> list[str]:
        """each(place in x, place in filters, values) for each tap that is inside."""
        kinds = [kind for kind, _ in carried]

        def row(r: str, state: list[str]) -> list[str]:
            y = self.mul(self.add(seen.top, self.mul(r, self["dilation"])), self["x_row"])

            def column(c: str, state: list[str]) -> list[str]:
                x = self.mul(self.add(seen.left, self.mul(c, self["dilation_across"])), self["x_pixel"])
                weight = self.add(self.mul(r, self["filter_row"]), self.mul(c, self["filter_column"]))
                return each(self.add(y, x), weight, state)
            return self.loop(*seen.columns, column, list(zip(kinds, state)))
        return self.loop(*seen.rows, row, carried)

    def gather(self, vector: Callable[..., Value]) -> tuple[str, list[str]]:
        """y[place] = vector(x, where x's window is, mask, offset of the channels, counts) for each row of the range."""
        def row(number: str) -> None:
            image, y = self.div(number, self["outputs"]), self.rem(number, self["outputs"])
            x = self.at(self.arrays["x"], self.mul(image, self["x_image"]))
            out = self.at(self.arrays["y"], self.mul(image, self["y_image"]))

            def place(offset: Whole, top: Whole, left: Whole, rows: tuple[Whole, Whole], columns: tuple[Whole, Whole]) -> None:
                def channels(way: Whole, mask: str | None) -> None:
                    found = vector(self.at(x, way), Seen(rows, columns, top, left), mask, way)
                    self.put(found, self.at(self.at(out, offset), way), mask)
                self.channels(channels)
            self.columns(y, place)
        self.each("%lo", "%hi", row)
        return self.finish()

    def scatter(self, vector: Callable[..., None]) -> tuple[str, list[str]]:
        """vector(x, place of dy, window, mask, offset of the channels) for each place, after x was filled with 0."""
        def image(number: str) -> None:
            x = self.at(self.arrays["x"], self.mul(number, self["x_image"]))
            self.clear(x, self["x_image"])
            y = self.at(self.arrays["y"], self.mul(number, self["y_image"]))
            other = self.at(self.arrays["other"], self.mul(number, self["x_image"]))

            def place(offset: Whole, top: Whole, left: Whole, rows: tuple[Whole, Whole], columns: tuple[Whole, Whole]) -> None:
                self.channels(lambda way, mask: vector(self.at(x, way), self.at(self.at(y, offset), way), self.at(other, way),
                                                       Seen(rows, columns, top, left), mask, way))
            self.each(0, self["outputs"], lambda row: self.columns(row, place))
        self.each("%lo", "%hi", image)
        return self.finish()

    def largest(self, x: str, window: Seen, mask: str | None) -> Value:
        """The greatest number of a window; NaN only where all are."""
        kind = self.shape.kind

        def tap(place: Whole, _: Whole, state: list[str]) -> list[str]:
            new, best = self.vector(kind, self.at(x, place), mask), Value(self, kind, state[0])
            better = self.binary("or", new > best, best.is_nan())
            return [better.choose(new, best).text]
        nothing = self.constant(kind, float("nan")).text
        return Value(self, kind, self.taps(window, tap, [(self.type(kind), nothing)])[0])

    def share(self, window: Seen) -> Value:
        """1 / how many taps are inside."""
        (first, last), (begin, end) = window.rows, window.columns
        count = self.mul(self.sub(last, first), self.sub(end, begin))
        kind = self.shape.kind
        return self.spread(kind, self.raw(f"fdiv {kind} 1.0, {self.raw(f'sitofp i64 {count} to {kind}')}"))


def max_pool(shape: Shape) -> tuple[str, list[str]]:
    f = _Function(shape)

    def vector(x: str, window: Seen, mask: str | None, _: Whole) -> Value:
        found = f.largest(x, window, mask)
        return found.is_nan().choose(f.constant(shape.kind, shape.least), found)
    return f.gather(vector)


def avg_pool(shape: Shape) -> tuple[str, list[str]]:
    f = _Function(shape)

    def vector(x: str, window: Seen, mask: str | None, _: Whole) -> Value:
        def tap(place: Whole, _: Whole, state: list[str]) -> list[str]:
            return [(Value(f, shape.kind, state[0]) + f.vector(shape.kind, f.at(x, place), mask)).text]
        return Value(f, shape.kind, f.taps(window, tap, [(f.type(shape.kind), "zeroinitializer")])[0]) * f.share(window)
    return f.gather(vector)


def depthwise(shape: Shape) -> tuple[str, list[str]]:
    """other: filters [rows, columns, channels]."""
    f = _Function(shape)

    def vector(x: str, window: Seen, mask: str | None, way: Whole) -> Value:
        filters = f.at(f.arrays["other"], way)

        def tap(place: Whole, weight: Whole, state: list[str]) -> list[str]:
            each = f.vector(shape.kind, f.at(x, place), mask)
            return [f.fma(each, f.vector(shape.kind, f.at(filters, weight), mask), Value(f, shape.kind, state[0])).text]
        return Value(f, shape.kind, f.taps(window, tap, [(f.type(shape.kind), "zeroinitializer")])[0])
    return f.gather(vector)


def max_pool_gradient(shape: Shape) -> tuple[str, list[str]]:
    """x: the gradient by `other`, which was pooled. dy goes to the first of the greatest."""
    f = _Function(shape)

    def vector(dx: str, dy: str, x: str, window: Seen, mask: str | None, _: Whole) -> None:
        best, grad = f.largest(x, window, mask), f.vector(shape.kind, dy, mask)

        def tap(place: Whole, _: Whole, state: list[str]) -> list[str]:
            there = f.at(dx, place)
            found = f.binary("and", f.vector(shape.kind, f.at(x, place), mask).equals(best), ~Value(f, "i1", state[0]))
            f.put(f.vector(shape.kind, there, mask) + found.choose(grad, f.constant(shape.kind, 0.0)), there, mask)
            return [f.binary("or", found, Value(f, "i1", state[0])).text]
        f.taps(window, tap, [(f.type("i1"), "zeroinitializer")])
    return f.scatter(vector)


def avg_pool_gradient(shape: Shape) -> tuple[str, list[str]]:
    f = _Function(shape)

    def vector(dx: str, dy: str, _: str, window: Seen, mask: str | None, way: Whole) -> None:
        grad = f.vector(shape.kind, dy, mask) * f.share(window)

        def tap(place: Whole, _: Whole, state: list[str]) -> list[str]:
            there = f.at(dx, place)
            f.put(f.vector(shape.kind, there, mask) + grad, there, mask)
            return state
        f.taps(window, tap, [])
    return f.scatter(vector)


def depthwise_input_gradient(shape: Shape) -> tuple[str, list[str]]:
    f = _Function(shape)

    def vector(dx: str, dy: str, _: str, window: Seen, mask: str | None, way: Whole) -> None:
        grad, filters = f.vector(shape.kind, dy, mask), f.at(f.arrays["other"], way)

        def tap(place: Whole, weight: Whole, state: list[str]) -> list[str]:
            there = f.at(dx, place)
            f.put(f.fma(grad, f.vector(shape.kind, f.at(filters, weight), mask), f.vector(shape.kind, there, mask)), there, mask)
            return state
        f.taps(window, tap, [])
    return f.scatter(vector)


def depthwise_filter_gradient(shape: Shape) -> tuple[str, list[str]]:
    """other: sums of chunks, [rows, columns, channels] each, of x times y. The range is one of chunks of images."""
    f = _Function(shape)

    def tap(sums: str, image: Whole, r: str, c: str) -> None:
        x = f.at(f.arrays["x"], f.mul(image, f["x_image"]))
        y = f.at(f.arrays["y"], f.mul(image, f["y_image"]))

        def axis(t: str, way: str, limit: Whole, count: Whole) -> tuple[Whole, Whole, Whole]:
            """(place of the tap at the first output, first and last output that sees the image through it)."""
            shift = f.sub(f.mul(t, f["dilation" + way]), f["before" + way])
            step = f["stride" + way]
            return shift, f.up(f.sub(0, shift), step), f.least(count, f.up(f.sub(limit, shift), step))
        top, first, last = axis(r, "", f["height"], f["outputs"])
        left, begin, end = axis(c, "_across", f["width"], f["across"])
        to = f.at(sums, f.add(f.mul(r, f["filter_row"]), f.mul(c, f["filter_column"])))

        def channels(way: Whole, mask: str | None) -> None:
            def row(i: str, state: list[str]) -> list[str]:
                xs = f.at(f.at(x, way), f.mul(f.add(top, f.mul(i, f["stride"])), f["x_row"]))
                ys = f.at(f.at(y, way), f.mul(i, f["y_row"]))

                def column(k: str, state: list[str]) -> list[str]:
                    a = f.vector(shape.kind, f.at(xs, f.mul(f.add(left, f.mul(k, f["stride_across"])), f["x_pixel"])), mask)
                    b = f.vector(shape.kind, f.at(ys, f.mul(k, f["y_pixel"])), mask)
                    return [f.fma(a, b, Value(f, shape.kind, state[0])).text]
                return f.loop(begin, end, column, [(f.type(shape.kind), state[0])])
            there = f.at(to, way)
            start = f.vector(shape.kind, there, mask).text
            found = f.loop(first, last, row, [(f.type(shape.kind), start)])
            f.put(Value(f, shape.kind, found[0]), there, mask)
        f.channels(channels)

    def chunk(number: str) -> None:
        sums = f.at(f.arrays["other"], f.mul(number, f["sums_bytes"]))
        f.clear(sums, f["sums_bytes"])
        first = f.div(f.mul(number, f["images"]), f["chunks"])
        last = f.div(f.mul(f.add(number, 1), f["images"]), f["chunks"])
        f.each(first, last, lambda image: f.each(0, f["window_rows"], lambda r: f.each(
            0, f["window_columns"], lambda c: tap(sums, image, r, c))))
    f.each("%lo", "%hi", chunk)
    return f.finish()
