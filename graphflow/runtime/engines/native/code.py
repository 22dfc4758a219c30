"""A native function (parameters, cells, lo, hi) with loops, branches and whole numbers; `Emitter` makes its arithmetic.

A whole number is an int, which is folded, or the name of an i64. Values that change in a loop are handed from turn to turn, so that they
stay in registers: no pass of LLVM's is asked to find that out.
"""
from __future__ import annotations

from collections.abc import Callable, Sequence

from .values import BYTES, Emitter, Value

Whole = int | str
Carried = list[tuple[str, str]]        # LLVM's type and the name


class Code(Emitter):
    def __init__(self, names: Sequence[str], pointers: Sequence[str], lanes: int):
        """pointers: arrays, each of which has two parameters: the number of its cell and an offset. names: the parameters after them."""
        super().__init__(lanes)
        self.labels = 0
        self.where = "entry"
        self.label("entry")
        count = 0
        self.arrays: dict[str, str] = {}
        for name in pointers:
            cell = self.raw(f"getelementptr i64, ptr %cells, i64 {self._parameter(count)}")
            start = self.raw(f"load ptr, ptr {cell}")
            self.arrays[name] = self.raw(f"getelementptr i8, ptr {start}, i64 {self._parameter(count + 1)}")
            count += 2
        self.numbers: dict[str, Whole] = {name: self._parameter(count + i) for i, name in enumerate(names)}

    def _parameter(self, i: int) -> str:
        return self.raw(f"load i64, ptr {self.raw(f'getelementptr i64, ptr %parameters, i64 {i}')}")

    def label(self, name: str) -> None:
        super().label(name)
        self.where = name

    def finish(self) -> tuple[str, list[str]]:
        """(the function @FN, declarations of what it calls)."""
        self.say("ret void")
        head = "define void @FN(ptr noalias %parameters, ptr noalias %cells, i64 %lo, i64 %hi) {"
        return "\n".join([head, *self.lines, "}"]), list(self.declared)

    # -- whole numbers
    def add(self, a: Whole, b: Whole) -> Whole:
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        return b if a == 0 else a if b == 0 else self.raw(f"add i64 {a}, {b}")

    def sub(self, a: Whole, b: Whole) -> Whole:
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if b == 0 else self.raw(f"sub i64 {a}, {b}")

    def mul(self, a: Whole, b: Whole) -> Whole:
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        return 0 if 0 in (a, b) else b if a == 1 else a if b == 1 else self.raw(f"mul i64 {a}, {b}")

    def div(self, a: Whole, b: Whole) -> Whole:
        """The quotient of numbers that are not negative."""
        return a // b if isinstance(a, int) and isinstance(b, int) else self.raw(f"udiv i64 {a}, {b}")

    def rem(self, a: Whole, b: Whole) -> Whole:
        return a % b if isinstance(a, int) and isinstance(b, int) else self.raw(f"urem i64 {a}, {b}")

    def up(self, a: Whole, b: Whole) -> Whole:
        """a / b rounded up, at least 0."""
        some = self.most(a, 0)
        return self.div(self.add(some, self.sub(b, 1)), b)

    def least(self, a: Whole, b: Whole) -> Whole:
        return min(a, b) if isinstance(a, int) and isinstance(b, int) else self._extreme("slt", a, b)

    def most(self, a: Whole, b: Whole) -> Whole:
        return max(a, b) if isinstance(a, int) and isinstance(b, int) else self._extreme("sgt", a, b)

    def _extreme(self, how: str, a: Whole, b: Whole) -> str:
        return self.raw(f"select i1 {self.test(a, how, b)}, i64 {a}, i64 {b}")

    def test(self, a: Whole, how: str, b: Whole) -> str:
        return self.raw(f"icmp {how} i64 {a}, {b}")

    def at(self, pointer: str, offset: Whole) -> str:
        """The address so many bytes further on."""
        return pointer if offset == 0 else self.raw(f"getelementptr i8, ptr {pointer}, i64 {offset}")

    # -- loops and branches
    def loop(self, first: Whole, last: Whole, body: Callable[[str, list[str]], list[str]], carried: Carried) -> list[str]:
        """Turns with a number from `first` to below `last`: body(number, values) gives the next turn's values. The last ones come out."""
        self.labels += 1
        k, before = self.labels, self.where
        some = self.test(first, "slt", last)
        self.say(f"br i1 {some}, label %loop{k}, label %after{k}")
        self.label(f"loop{k}")
        place = len(self.lines)
        inside = [self.name() for _ in carried]
        new = body(f"%i{k}", inside)
        end = self.where
        self.say(f"%next{k} = add i64 %i{k}, 1")
        more = self.raw(f"icmp slt i64 %next{k}, {last}")
        self.say(f"br i1 {more}, label %loop{k}, label %after{k}")
        phis = [f"  %i{k} = phi i64 [ {first}, %{before} ], [ %next{k}, %{end} ]"]
        phis += [f"  {name} = phi {kind} [ {start}, %{before} ], [ {value}, %{end} ]"
                 for (kind, start), name, value in zip(carried, inside, new)]
        self.lines[place:place] = phis
        self.label(f"after{k}")
        return [self.raw(f"phi {kind} [ {start}, %{before} ], [ {value}, %{end} ]") for (kind, start), value in zip(carried, new)]

    def each(self, first: Whole, last: Whole, body: Callable[[str], None]) -> None:
        """A loop that hands nothing on."""
        def turn(i: str, _: list[str]) -> list[str]:
            body(i)
            return []
        self.loop(first, last, turn, [])

    def when(self, flag: str, yes: Callable[[], None], no: Callable[[], None] | None = None) -> None:
        self.labels += 1
        k = self.labels
        self.say(f"br i1 {flag}, label %yes{k}, label %{'no' if no else 'end'}{k}")
        self.label(f"yes{k}")
        yes()
        self.say(f"br label %end{k}")
        if no is not None:
            self.label(f"no{k}")
            no()
            self.say(f"br label %end{k}")
        self.label(f"end{k}")

    # -- memory
    def vector(self, kind: str, pointer: str, mask: str | None = None) -> Value:
        """A vector from memory; where a mask is false it is 0 and memory is not touched."""
        wide, size = self.type(kind), BYTES[kind]
        if mask is None:
            return self.made(kind, f"load {wide}, ptr {pointer}, align {size}")
        name = f"@llvm.masked.load.v{self.lanes}{_SHORT[kind]}.p0"
        self.declared[f"declare {wide} {name}(ptr, i32, {self.type('i1')}, {wide})"] = None
        return self.made(kind, f"call {wide} {name}(ptr {pointer}, i32 {size}, {self.type('i1')} {mask}, {wide} zeroinitializer)")

    def put(self, value: Value, pointer: str, mask: str | None = None) -> None:
        wide, size = self.type(value.kind), BYTES[value.kind]
        if mask is None:
            self.say(f"store {wide} {value.text}, ptr {pointer}, align {size}")
            return
        name = f"@llvm.masked.store.v{self.lanes}{_SHORT[value.kind]}.p0"
        self.declared[f"declare void {name}({wide}, ptr, i32, {self.type('i1')})"] = None
        self.say(f"call void {name}({wide} {value.text}, ptr {pointer}, i32 {size}, {self.type('i1')} {mask})")

    def number(self, kind: str, pointer: str) -> Value:
        """One number from memory, in all lanes."""
        return self.spread(kind, self.raw(f"load {kind}, ptr {pointer}, align {BYTES[kind]}"))

    def below(self, count: Whole) -> str:
        """The mask of the first lanes."""
        wide = self.type("i64")
        return self.raw(f"icmp slt {wide} <{', '.join(f'i64 {i}' for i in range(self.lanes))}>, {self.spread('i64', str(count)).text}")

    def copy(self, to: str, source: str, size: Whole) -> None:
        self.declared["declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"] = None
        self.say(f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {size}, i1 false)")

    def clear(self, to: str, size: Whole) -> None:
        self.declared["declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)"] = None
        self.say(f"call void @llvm.memset.p0.i64(ptr {to}, i8 0, i64 {size}, i1 false)")


_SHORT = {"float": "f32", "double": "f64"}
