"""The text of a fused loop. It depends on the loop's structure only: lengths, distances and addresses are read from a table of numbers.

    void loop(parameters, cells, lo, hi)      goes through [lo, hi) of its first axis

`cells` holds addresses of arrays; a stream's parameters are the number of its cell, an offset in bytes, and its distances along the axes
where it moves. The last axis is walked in vectors, with a masked one for what is left. What does not move along it is read before it.
"""
from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .primitives import combine, evaluate, neutral
from .values import BYTES, Emitter, Value, in_memory, kind_of

CHUNK = 8192       # elements that a loop over one axis does in a row; sums add up the sums of chunks


class Stream(NamedTuple):
    """An array that a loop reads or writes. moves: along which of the outer axes. inner: 0 it does not move along the last axis, 1 by one
    element, 2 by a distance of its own."""
    dtype: str
    moves: tuple[bool, ...]
    inner: int


class Work(NamedTuple):
    """A primitive: dtypes of its result and of its arguments, which are numbers of streams read, then of earlier works."""
    prim: str
    dtypes: tuple[str, ...]
    args: tuple[int, ...]


class Sum(NamedTuple):
    """A reduction of a value into a stream; it goes over the axes along which the stream does not move."""
    how: str
    value: int
    into: Stream


class Loop(NamedTuple):
    """rank: axes; 0 for single numbers. ragged: the first axis counts chunks, the last of which may be shorter. main, tail: whether
    there are whole vectors, and something left."""
    lanes: int
    rank: int
    ragged: bool
    main: bool
    tail: bool
    reads: tuple[Stream, ...]
    works: tuple[Work, ...]
    writes: tuple[tuple[int, Stream], ...]
    sums: tuple[Sum, ...]


def parameters(rank: int, stream: Stream, cell: int, offset: int, strides: tuple[int, ...]) -> list[int]:
    """The numbers of a stream, in the order in which the loop reads them. offset, strides: in elements."""
    size = np.dtype(stream.dtype).itemsize
    moving = [strides[d] * size for d in range(max(rank - 1, 0)) if stream.moves[d]]
    return [cell, offset * size, *moving, *([strides[-1] * size] if stream.inner == 2 else [])]


def text(loop: Loop) -> tuple[str, list[str]]:
    """(the function @FN, declarations of what it calls)."""
    return _Text(loop).write()


class _Text:
    def __init__(self, loop: Loop):
        self.loop, self.e = loop, Emitter(loop.lanes if loop.rank else 1)
        self.next = 0
        self.streams: list[Stream] = [*loop.reads, *(s for _, s in loop.writes), *(s.into for s in loop.sums)]
        self.distance: dict[tuple[int, int], str] = {}          # stream, axis (-1: the last)
        self.values: dict[int, Value] = {}                       # of streams that do not move along the last axis
        self.kept: dict[int, str] = {}                           # where a sum's vector is kept between rows
        self.extents: list[str] = []

    # -- parameters
    def parameter(self) -> str:
        where = self.e.raw(f"getelementptr i64, ptr %parameters, i64 {self.next}")
        self.next += 1
        return self.e.raw(f"load i64, ptr {where}")

    def pointer(self) -> str:
        cell = self.e.raw(f"getelementptr i64, ptr %cells, i64 {self.parameter()}")
        start = self.e.raw(f"load ptr, ptr {cell}")
        return self.e.raw(f"getelementptr i8, ptr {start}, i64 {self.parameter()}")

    # -- one element or vector
    def load(self, dtype: str, pointer: str, mask: str | None = None) -> Value:
        e, kind = self.e, kind_of(np.dtype(dtype))
        assert kind is not None
        stored, size = in_memory(kind), BYTES[kind]
        wide = e.type(stored)
        if mask is None:
            text = f"load {wide}, ptr {pointer}, align {size}"
        else:
            name = f"@llvm.masked.load.v{e.lanes}{_short(stored)}.p0"
            e.declared[f"declare {wide} {name}(ptr, i32, {e.type('i1')}, {wide})"] = None
            text = f"call {wide} {name}(ptr {pointer}, i32 {size}, {e.type('i1')} {mask}, {wide} zeroinitializer)"
        return self._truth(e.made(stored, text), kind)

    def _truth(self, value: Value, kind: str) -> Value:
        return value.compare("ne", 0) if kind == "i1" else value

    def gather(self, dtype: str, pointers: str, mask: str) -> Value:
        e, kind = self.e, kind_of(np.dtype(dtype))
        assert kind is not None
        stored = in_memory(kind)
        wide, name = e.type(stored), f"@llvm.masked.gather.v{e.lanes}{_short(stored)}.v{e.lanes}p0"
        e.declared[f"declare {wide} {name}({e.type('ptr')}, i32, {e.type('i1')}, {wide})"] = None
        text = f"call {wide} {name}({e.type('ptr')} {pointers}, i32 {BYTES[kind]}, {e.type('i1')} {mask}, {wide} zeroinitializer)"
        return self._truth(e.made(stored, text), kind)

    def stored(self, value: Value) -> Value:
        return value.convert("zext", "i8") if value.kind == "i1" else value

    def store(self, value: Value, pointer: str, mask: str | None = None) -> None:
        e, value = self.e, self.stored(value)
        wide, size = e.type(value.kind), BYTES[value.kind]
        if mask is None:
            e.say(f"store {wide} {value.text}, ptr {pointer}, align {size}")
            return
        name = f"@llvm.masked.store.v{e.lanes}{_short(value.kind)}.p0"
        e.declared[f"declare void {name}({wide}, ptr, i32, {e.type('i1')})"] = None
        e.say(f"call void {name}({wide} {value.text}, ptr {pointer}, i32 {size}, {e.type('i1')} {mask})")

    def scatter(self, value: Value, pointers: str, mask: str) -> None:
        e, value = self.e, self.stored(value)
        wide, name = e.type(value.kind), f"@llvm.masked.scatter.v{e.lanes}{_short(value.kind)}.v{e.lanes}p0"
        e.declared[f"declare void {name}({wide}, {e.type('ptr')}, i32, {e.type('i1')})"] = None
        e.say(f"call void {name}({wide} {value.text}, {e.type('ptr')} {pointers}, i32 {BYTES[value.kind]}, {e.type('i1')} {mask})")

    # -- the whole
    def write(self) -> tuple[str, list[str]]:
        e, loop = self.e, self.loop
        e.label("entry")
        if loop.rank:
            self.extents = ["", *(self.parameter() for _ in range(loop.rank - 1))]
            self.total = self.parameter() if loop.ragged else ""
        pointers = []
        for i, stream in enumerate(self.streams):
            pointers.append(self.pointer())
            for d in range(loop.rank - 1):
                if stream.moves[d]:
                    self.distance[i, d] = self.parameter()
            if stream.inner == 2:
                self.distance[i, -1] = self.parameter()
        if loop.rank:
            for k in range(len(loop.sums)):
                if self.scope(k) is not None:
                    kind = kind_of(np.dtype(loop.sums[k].into.dtype))
                    self.kept[k] = e.raw(f"alloca {e.type(str(kind))}, align 64")
            self.nest(0, pointers, "entry")
        else:
            self.single(pointers)
        e.say("ret void")
        head = "define void @FN(ptr noalias %parameters, ptr noalias %cells, i64 %lo, i64 %hi) {"
        return "\n".join([head, *e.lines, "}"]), list(e.declared)

    def single(self, pointers: list[str]) -> None:
        loop = self.loop
        values = [self.load(s.dtype, p) for s, p in zip(loop.reads, pointers)]
        self.evaluate(values)
        for (value, _), pointer in zip(loop.writes, pointers[len(loop.reads):]):
            self.store(values[value], pointer)
        for total, pointer in zip(loop.sums, pointers[len(loop.reads) + len(loop.writes):]):
            self.store(values[total.value], pointer)

    def evaluate(self, values: list[Value]) -> None:
        for work in self.loop.works:
            dtypes = tuple(np.dtype(d) for d in work.dtypes)
            values.append(evaluate(self.e, work.prim, dtypes, [values[a] for a in work.args]))

    # -- sums
    def scope(self, k: int) -> int | None:
        """The first of the last axes that a sum goes over; None when it does not go over the last one."""
        into = self.loop.sums[k].into
        if into.inner:
            return None
        axis = self.loop.rank - 1
        while axis > 0 and not into.moves[axis - 1]:
            axis -= 1
        return axis

    def begin_sums(self, axis: int) -> None:
        for k, total in enumerate(self.loop.sums):
            if self.scope(k) == axis:
                dtype = np.dtype(total.into.dtype)
                start = self.e.constant(str(kind_of(dtype)), neutral(total.how, dtype))
                self.e.say(f"store {self.e.type(start.kind)} {start.text}, ptr {self.kept[k]}, align 64")

    def end_sums(self, axis: int, pointers: list[str]) -> None:
        e, loop = self.e, self.loop
        first = len(loop.reads) + len(loop.writes)
        for k, total in enumerate(loop.sums):
            if self.scope(k) != axis:
                continue
            dtype = np.dtype(total.into.dtype)
            kind = str(kind_of(dtype))
            found = self.across(total.how, e.made(kind, f"load {e.type(kind)}, ptr {self.kept[k]}, align 64"), dtype.kind == "u")
            lanes, e.lanes = e.lanes, 1
            if not all(total.into.moves[:axis]):
                found = combine(total.how, self.load(total.into.dtype, pointers[first + k]), found, dtype.kind == "u")
            self.store(found, pointers[first + k])
            e.lanes = lanes

    def across(self, how: str, x: Value, unsigned: bool) -> Value:
        """The lanes of a vector, combined by halves; a single number."""
        e, lanes = self.e, self.e.lanes
        while e.lanes > 1:
            wide, half = e.type(x.kind), e.lanes // 2
            halves = [e.raw(f"shufflevector {wide} {x.text}, {wide} poison, <{half} x i32> <{', '.join(f'i32 {i}' for i in part)}>")
                      for part in (range(half), range(half, 2 * half))]
            e.lanes = half
            if half == 1:
                halves = [e.raw(f"extractelement <1 x {x.kind}> {h}, i32 0") for h in halves]
            x = combine(how, Value(e, x.kind, halves[0]), Value(e, x.kind, halves[1]), unsigned)
        e.lanes = lanes
        return x

    # -- loops
    def nest(self, axis: int, pointers: list[str], before: str) -> None:
        """The loop over an axis and all inside; `before` is the block that leads to it."""
        e, loop = self.e, self.loop
        self.constants(axis, pointers)
        self.begin_sums(axis)
        if axis == loop.rank - 1:
            self.inner(pointers)
            self.end_sums(axis, pointers)
            return
        first, last = ("%lo", "%hi") if axis == 0 else ("0", self.extents[axis])
        e.say(f"br label %before{axis}")
        e.label(f"before{axis}")
        e.say(f"br label %loop{axis}")
        e.label(f"loop{axis}")
        e.say(f"%i{axis} = phi i64 [ {first}, %before{axis} ], [ %next{axis}, %end{axis} ]")
        if axis == 0 and loop.ragged:
            done = e.raw(f"mul i64 %i0, {self.extents[1]}")
            rest = e.raw(f"sub i64 {self.total}, {done}")
            shorter = e.raw(f"icmp ult i64 {rest}, {self.extents[1]}")
            self.length = e.raw(f"select i1 {shorter}, i64 {rest}, i64 {self.extents[1]}")
        inside = list(pointers)
        for i, stream in enumerate(self.streams):
            if stream.moves[axis]:
                way = e.raw(f"mul i64 %i{axis}, {self.distance[i, axis]}")
                inside[i] = e.raw(f"getelementptr i8, ptr {pointers[i]}, i64 {way}")
        self.nest(axis + 1, inside, f"loop{axis}")
        e.say(f"br label %end{axis}")
        e.label(f"end{axis}")
        e.say(f"%next{axis} = add i64 %i{axis}, 1")
        go_on = e.raw(f"icmp ult i64 %next{axis}, {last}")
        e.say(f"br i1 {go_on}, label %loop{axis}, label %after{axis}")
        e.label(f"after{axis}")
        self.end_sums(axis, pointers)

    def constants(self, axis: int, pointers: list[str]) -> None:
        """Reads what does not move from here on."""
        for i, stream in enumerate(self.loop.reads):
            if i in self.values or stream.inner or any(stream.moves[axis:]):
                continue
            lanes, self.e.lanes = self.e.lanes, 1
            number = self.load(stream.dtype, pointers[i])
            self.e.lanes = lanes
            self.values[i] = self.e.spread(number.kind, number.text)

    def inner(self, pointers: list[str]) -> None:
        e, loop = self.e, self.loop
        length = self.length if loop.ragged else self.extents[-1]
        sums = [k for k in range(len(loop.sums)) if k in self.kept]
        kinds = {k: str(kind_of(np.dtype(loop.sums[k].into.dtype))) for k in sums}
        state = {k: e.raw(f"load {e.type(kinds[k])}, ptr {self.kept[k]}, align 64") for k in sums}
        whole = e.raw(f"and i64 {length}, {-loop.lanes}") if loop.main and loop.tail else length
        at = "0"
        if loop.main:
            e.say("br label %start")
            e.label("start")
            some = e.raw(f"icmp ne i64 {whole}, 0")
            e.say(f"br i1 {some}, label %vectors, label %whole")
            e.label("vectors")
            e.say("%c = phi i64 [ 0, %start ], [ %cnext, %vectors ]")
            place = len(e.lines)
            inside = {k: f"%s{k}" for k in sums}
            new = self.body(pointers, "%c", None, inside)
            phis = [f"  %s{k} = phi {e.type(kinds[k])} [ {state[k]}, %start ], [ {new[k]}, %vectors ]" for k in sums]
            e.lines[place:place] = phis
            e.say(f"%cnext = add i64 %c, {loop.lanes}")
            more = e.raw(f"icmp ult i64 %cnext, {whole}")
            e.say(f"br i1 {more}, label %vectors, label %whole")
            e.label("whole")
            state = {k: e.raw(f"phi {e.type(kinds[k])} [ {state[k]}, %start ], [ {new[k]}, %vectors ]") for k in sums}
            at = whole
        if loop.tail:
            e.say("br label %tail")
            e.label("tail")
            left = e.raw(f"sub i64 {length}, {at}")
            if loop.main:
                any_left = e.raw(f"icmp ne i64 {left}, 0")
                e.say(f"br i1 {any_left}, label %rest, label %done")
                e.label("rest")
            short = e.raw(f"trunc i64 {left} to i32")
            counted = e.spread("i32", short)
            mask = e.raw(f"icmp ult {e.type('i32')} {_lanes(loop.lanes)}, {counted.text}")
            new = self.body(pointers, at, mask, state)
            if loop.main:
                e.say("br label %done")
                e.label("done")
                state = {k: e.raw(f"phi {e.type(kinds[k])} [ {state[k]}, %tail ], [ {new[k]}, %rest ]") for k in sums}
            else:
                state = new
        for k in sums:
            e.say(f"store {e.type(kinds[k])} {state[k]}, ptr {self.kept[k]}, align 64")

    def place(self, i: int, pointers: list[str], at: str) -> str:
        """The address of an element of a stream on the last axis, or a vector of them."""
        e, stream = self.e, self.streams[i]
        if stream.inner == 1:
            return e.raw(f"getelementptr {in_memory(str(kind_of(np.dtype(stream.dtype))))}, ptr {pointers[i]}, i64 {at}")
        count = e.raw(f"add {e.type('i64')} {e.spread('i64', at).text}, {_lanes(e.lanes, 'i64')}")
        ways = e.raw(f"mul {e.type('i64')} {count}, {e.spread('i64', self.distance[i, -1]).text}")
        return e.raw(f"getelementptr i8, ptr {pointers[i]}, {e.type('i64')} {ways}")

    def body(self, pointers: list[str], at: str, mask: str | None, state: dict[int, str]) -> dict[int, str]:
        """One vector of work at a place of the last axis; the new vectors of the sums."""
        e, loop = self.e, self.loop
        every = "splat (i1 true)"
        values: list[Value] = []
        for i, stream in enumerate(loop.reads):
            if i in self.values:
                values.append(self.values[i])
            elif stream.inner == 1:
                values.append(self.load(stream.dtype, self.place(i, pointers, at), mask))
            else:
                values.append(self.gather(stream.dtype, self.place(i, pointers, at), mask or every))
        self.evaluate(values)
        first = len(loop.reads)
        for k, (value, stream) in enumerate(loop.writes):
            where = self.place(first + k, pointers, at)
            if stream.inner == 1:
                self.store(values[value], where, mask)
            else:
                self.scatter(values[value], where, mask or every)
        first += len(loop.writes)
        new: dict[int, str] = {}
        for k, total in enumerate(loop.sums):
            more, unsigned = values[total.value], np.dtype(total.into.dtype).kind == "u"
            if k in state:
                before = Value(e, more.kind, state[k])
                found = combine(total.how, before, more, unsigned)
                new[k] = found.text if mask is None else Value(e, "i1", mask).choose(found, before).text
                continue
            where = self.place(first + k, pointers, at)
            if total.into.inner == 1:
                self.store(combine(total.how, self.load(total.into.dtype, where, mask), more, unsigned), where, mask)
            else:
                before = self.gather(total.into.dtype, where, mask or every)
                self.scatter(combine(total.how, before, more, unsigned), where, mask or every)
        return new


def _short(kind: str) -> str:
    return {"float": "f32", "double": "f64"}.get(kind, kind)


def _lanes(count: int, kind: str = "i32") -> str:
    return f"<{', '.join(f'{kind} {i}' for i in range(count))}>"
