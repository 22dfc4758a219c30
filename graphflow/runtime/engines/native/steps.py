"""The table of steps: functions, their parameters, and the cells that hold the addresses of arrays."""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ....kernels import parallel
from ....plan.node import Node
from . import images, loops, machine, pools, products, rows
from .driver import driver
from .groups import Item
from .loops import Work
from .primitives import neutral
from .specify import Reach, Specified, arranged, specify
from .walk import packed, sliced, sliced_shape, spread, walk

_WORTH = 4_000_000       # multiplications from which on a product is split over threads
_BLAS = 1 << 18          # above, BLAS would use threads of its own


class Step(NamedTuple):
    """One call: the text of a loop (None: a product, whose dtype `product` says), its parameters, how far its range goes."""
    text: str | None
    product: str
    numbers: list[int]
    length: int
    split: bool


class Table:
    """Steps of a program; `cell` numbers the arrays that they use."""

    def __init__(self, arrangement: Any):
        self.arrangement = arrangement
        self.steps: list[Step] = []
        self.texts: dict[str, list[str]] = {}
        self.cells: dict[Any, int] = {}
        self.aliases: dict[Any, int] = {}           # nodes whose memory is another's -> the number of its cell
        self.known: list[np.ndarray] = []           # constants, kept alive
        self.parts: dict[Any, int] = {}             # sums of parts -> their bytes
        self.threaded = False

    def cell(self, base: Any) -> int:
        """The number of the cell of a node's memory, of a known array or of a place for sums of parts."""
        key = base.id if base.__class__ is Node else base if base.__class__ is tuple else ("known", id(base))
        found = self.aliases.get(key)
        if found is not None:
            return found
        found = self.cells.get(key)
        if found is None:
            found = self.cells[key] = len(self.cells)
            if isinstance(base, np.ndarray):
                self.known.append(base)
        return found

    def alias(self, node_id: int, base: Any) -> None:
        """Has a node's memory be that of a value that is bound by itself."""
        self.aliases[node_id] = self.cell(base)

    def there(self, node: Node) -> bool:
        """Whether a node's memory is known."""
        return node.id in self.cells or node.id in self.aliases

    def add(self, item: Item) -> None:
        if item.kind == "product":
            self.product(item.nodes[0])
        elif item.kind == "join":
            self.join(item.nodes[0])
        elif item.kind == "rows":
            self.rows(item.nodes[0])
        elif item.kind == "conv":
            images.add(self, item.nodes[0])
        elif item.kind == "pool":
            pools.add(self, item.nodes[0])
        else:
            a = self.arrangement
            self.loop(specify(item, lambda node: node.id not in a.inside, a.owners))

    def copy(self, value: Any, into: Reach) -> None:
        """Puts a value where `into` says."""
        each = walk(value, self.arrangement.owners)
        assert each is not None
        reads = [Reach(each.root, value.dtype, each.offset, spread(value.shape, each.strides, value.shape))]
        self.loop(arranged(value.shape, reads, [], [(0, into)], []))

    def join(self, node: Node) -> None:
        strides = packed(node.shape)
        if node.prim == "concatenate":
            at, axis = 0, node.par % len(node.shape)
            for part in node.args:
                self.copy(part, Reach(node, node.dtype, at * strides[axis], strides))
                at += part.shape[axis]
            return
        self.keep_first(node)
        value, index = node.args[1], getattr(node.par[0], "value", node.par[0])
        offset, inside = sliced(node.shape, strides, index)
        shape = sliced_shape(node.shape, index)
        each = walk(value, self.arrangement.owners)
        assert each is not None
        reads = [Reach(each.root, value.dtype, each.offset, spread(value.shape, each.strides, shape))]
        self.loop(arranged(shape, reads, [], [(0, Reach(node, node.dtype, offset, inside))], []))

    def keep_first(self, node: Node) -> None:
        """Puts the first argument into the result's memory, unless it is there."""
        if not self.arrangement.in_place(node):
            self.copy(node.args[0], Reach(node, node.dtype, 0, packed(node.shape)))

    def rows(self, node: Node) -> None:
        made = rows.describe(node, self.arrangement.owners)
        assert made is not None
        if node.prim == "scatter_rows":
            self.keep_first(node)
        elif node.prim == "segment_reduce":
            self.fill(Reach(node, node.dtype, 0, packed(node.shape)), node.par[1])
        numbers = [n for base, offset in made.arrays for n in (self.cell(base), offset)]
        self.texts[made.text] = made.declared
        self.steps.append(Step(made.text, "", [*numbers, *made.numbers], made.length, False))

    def product(self, node: Node) -> None:
        p = products.describe(node, self.arrangement.owners)
        assert p is not None
        a, b = (products.walk(value, self.arrangement.owners) for value in node.args)
        assert a is not None and b is not None
        size = node.dtype.itemsize
        for k in range(p.times):
            more = [k * stride * size for stride in p.strides]
            self.multiply(p, node.dtype, (a.root, a.offset * size + more[0]), (b.root, b.offset * size + more[1]), (node, more[2]))

    def multiply(self, p: products.Product, dtype: np.dtype[Any], a: tuple[Any, int], b: tuple[Any, int], c: tuple[Any, int]) -> None:
        """A product of arrays, each given by its owner and an offset in bytes."""
        known = products.blas.found()
        assert known is not None
        size = dtype.itemsize
        by_column = p.columns > p.rows
        row = size * (1 if p.transposed[0] else p.leading[0])
        column = size * (p.leading[1] if p.transposed[1] else 1)
        numbers = [known.single if size == 4 else known.double, *(n for base, offset in (a, b, c) for n in (self.cell(base), offset)),
                   *(112 if t else 111 for t in p.transposed), p.rows, p.columns, p.depth, *p.leading, by_column,
                   p.batch, *(s * size for s in p.steps), row, column]
        work = p.rows * p.columns * p.depth
        count = p.batch if p.batch > 1 else p.columns if by_column else p.rows
        split = work * p.batch >= _WORTH and count > 1
        self.threaded |= split or work >= _BLAS
        self.steps.append(Step(None, str(dtype), [int(n) for n in numbers], count, split))

    def loop(self, made: Specified) -> None:
        loop = made.loop
        first = len(loop.reads) + len(loop.writes)
        for k in made.filled:
            reach = made.streams[first + k][0]
            self.fill(reach, loop.sums[k].how)

        def cell(i: int, base: Any) -> int:
            k = i - first
            return self.cell(self.part(base, made.partial[k], loop.sums[k].into.dtype) if k >= 0 and made.partial[k] else base)

        self.steps.append(Step(self.text(loop), "", made.numbers(cell), made.length, made.split))
        self.threaded |= made.split
        for k, count in enumerate(made.partial):
            if count:
                self.combine(loop.sums[k].how, made.streams[first + k][0], count)

    def text(self, loop: loops.Loop) -> str:
        found = _texts.get(loop)
        if found is None:
            found = _texts[loop] = loops.text(loop)
            if len(_texts) > 300:
                _texts.pop(next(iter(_texts)))
        self.texts[found[0]] = found[1]
        return found[0]

    def part(self, base: Any, count: int, dtype: str) -> Any:
        key = ("parts", count, base if base.__class__ is tuple else base.id)
        self.parts[key] = count * np.dtype(dtype).itemsize
        return key

    def scratch(self, what: str, size: int) -> Any:
        """Memory for the time of a node, of at least so many bytes; all nodes that call it by one name share it."""
        key = ("scratch", what)
        self.parts[key] = max(size, self.parts.get(key, 0))
        return key

    def step(self, text: str, numbers: list[int], length: int, split: bool) -> None:
        self.steps.append(Step(text, "", numbers, length, split))
        self.threaded |= split

    def combine(self, how: str, into: Reach, count: int) -> None:
        """Adds up the sums of parts."""
        source = self.part(into.base, count, into.dtype.str)
        self.loop(arranged((count,), [Reach(source, into.dtype, 0, (1,))], [], [], [(how, 0, into._replace(strides=(0,)))]))

    def fill(self, into: Reach, how: str) -> None:
        """Puts a sum's neutral value into all of its memory."""
        value = np.full((), neutral(how, into.dtype), into.dtype)
        size = into.base.size
        self.loop(arranged((size,), [Reach(value, into.dtype, 0, (0,))], _NOTHING, [(0, into._replace(strides=(1,)))], []))

    def parts_of(self, step: Step) -> int:
        """In how many parts a step's range is split: several for each thread, if that leaves BLAS enough rows."""
        several = 2 if step.text is None and step.length < 64 * parallel.THREADS else 8
        return min(step.length, several // 2 * parallel.THREADS, 1 << 15)

    def finish(self) -> tuple[np.ndarray, np.ndarray, list[Any]]:
        """(the table, all parameters, what holds the code)."""
        found = machine.functions(self.texts)
        drive = driver()
        numbers = np.array([n for step in self.steps for n in step.numbers], np.int64)
        rows, at = [], int(numbers.ctypes.data)
        pool = drive.pool
        if any(step.split for step in self.steps):
            pool.start()
        for step in self.steps:
            function = drive.products[step.product] if step.text is None else found[step.text].address
            rows.append((function, at, 0, step.length, pool.address if step.split else 0, self.parts_of(step)))
            at += 8 * len(step.numbers)
        return np.array(rows, np.int64).reshape(-1, 6), numbers, list(found.values())


_texts: dict[loops.Loop, tuple[str, list[str]]] = {}
_NOTHING: list[Work] = []
