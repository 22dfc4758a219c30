"""Rows by number: taking them (`take`) and combining others into them (`scatter_rows`, `segment_reduce`), as native functions.

Numbers were checked before, by a node that stops the run; here one out of range is brought into it (take) or left out (scatter_rows), so
that nothing outside of an array is touched before the run has stopped.

    parameters of take      x, numbers, out (cell and offset each), rows of x, bytes of a row, how many arrays lie one after the other,
                            bytes of one of them in x, in out
    parameters of scatter   out, numbers, updates (cell and offset each), rows of out, elements of a row, elements between updates
"""
from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from ....plan.node import Node
from .primitives import combine
from .values import BYTES, Emitter, Value, kind_of
from .walk import is_packed, walk

HOWS = {"add": "sum", "update": "", "sub": "", "min": "min", "max": "max", "mul": "prod"}
SEGMENTS = {"sum": "add", "prod": "mul"}        # of segments without rows: 0, 1
EMPTY = {"sum": 0, "prod": 1}


def _loads(count: int, pointers: int) -> str:
    lines = [f"  %q{i} = getelementptr i64, ptr %parameters, i64 {i}\n  %v{i} = load i64, ptr %q{i}" for i in range(count)]
    for k in range(pointers):
        lines.append(f"  %c{k} = getelementptr i64, ptr %cells, i64 %v{2 * k}\n  %s{k} = load ptr, ptr %c{k}\n"
                     f"  %p{k} = getelementptr i8, ptr %s{k}, i64 %v{2 * k + 1}")
    return "\n".join(lines)


def _number(kind: str) -> str:
    wide = "" if kind == "i64" else f"\n  %j = sext {kind} %j0 to i64"
    name = "%j" if kind == "i64" else "%j0"
    return f"  %at = getelementptr {kind}, ptr %p1, i64 %i\n  {name} = load {kind}, ptr %at{wide}"


_TAKE = """define void @FN(ptr noalias %parameters, ptr noalias %cells, i64 %lo, i64 %hi) {
entry:
{loads}
  %last = sub i64 %v6, 1
  br label %outer
outer:
  %o = phi i64 [ 0, %entry ], [ %o1, %outerend ]
  %xo = mul i64 %o, %v9
  %yo = mul i64 %o, %v10
  %x = getelementptr i8, ptr %p0, i64 %xo
  %y = getelementptr i8, ptr %p2, i64 %yo
  br label %loop
loop:
  %i = phi i64 [ %lo, %outer ], [ %i1, %loop ]
{number}
  %low = icmp slt i64 %j, 0
  %j1 = select i1 %low, i64 0, i64 %j
  %high = icmp sgt i64 %j1, %last
  %j2 = select i1 %high, i64 %last, i64 %j1
  %from0 = mul i64 %j2, %v7
  %from = getelementptr i8, ptr %x, i64 %from0
  %to0 = mul i64 %i, %v7
  %to = getelementptr i8, ptr %y, i64 %to0
  call void @llvm.memcpy.p0.p0.i64(ptr %to, ptr %from, i64 %v7, i1 false)
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %hi
  br i1 %more, label %loop, label %outerend
outerend:
  %o1 = add i64 %o, 1
  %again = icmp ult i64 %o1, %v8
  br i1 %again, label %outer, label %done
done:
  ret void
}"""
_SCATTER = """define void @FN(ptr noalias %parameters, ptr noalias %cells, i64 %lo, i64 %hi) {
entry:
{loads}
  %whole = and i64 %v7, {mask}
  %some = icmp ne i64 %whole, 0
  br label %loop
loop:
  %i = phi i64 [ %lo, %entry ], [ %i1, %next ]
{number}
  %inside = icmp ult i64 %j, %v6
  br i1 %inside, label %row, label %next
row:
  %y0 = mul i64 %j, %v7
  %y = getelementptr {kind}, ptr %p0, i64 %y0
  %u0 = mul i64 %i, %v8
  %u = getelementptr {kind}, ptr %p2, i64 %u0
  br i1 %some, label %vectors, label %rest
vectors:
  %c = phi i64 [ 0, %row ], [ %cnext, %vectors ]
{vectors}
  %cnext = add i64 %c, {lanes}
  %cmore = icmp ult i64 %cnext, %whole
  br i1 %cmore, label %vectors, label %rest
rest:
  %left = icmp ult i64 %whole, %v7
  br i1 %left, label %singles, label %next
singles:
  %d = phi i64 [ %whole, %rest ], [ %dnext, %singles ]
{singles}
  %dnext = add i64 %d, 1
  %dmore = icmp ult i64 %dnext, %v7
  br i1 %dmore, label %singles, label %next
next:
  %i1 = add i64 %i, 1
  %more = icmp ult i64 %i1, %hi
  br i1 %more, label %loop, label %done
done:
  ret void
}"""


class Rows(NamedTuple):
    """text and declarations of the function; what its first three arrays are (value, offset in bytes); other parameters; its range."""
    text: str
    declared: list[str]
    arrays: list[tuple[Any, int]]
    numbers: list[int]
    length: int


def _packed(value: Any, owners: Any) -> tuple[Any, int] | None:
    each = walk(value, owners)
    if each is None or not is_packed(value.shape, each.strides):
        return None
    return each.root, each.offset * value.dtype.itemsize


def describe(node: Node, owners: Any) -> Rows | None:
    """None where these functions cannot do it."""
    places = [_packed(a, owners) for a in node.args]
    numbers = node.args[1]
    if numbers.dtype not in (np.int32, np.int64) or places[1] is None:
        return None
    if node.prim == "take":
        return _take(node, places)
    return _segments(node, places) if node.prim == "segment_reduce" else _scatter(node, places, owners)


def combines(dtype: np.dtype[Any]) -> bool:
    """Whether rows of these numbers can be combined."""
    return dtype.kind in "fiu" and kind_of(dtype) is not None


def reduces(how: str, dtype: np.dtype[Any]) -> bool:
    """Whether rows of these numbers can be combined by segment."""
    return how in SEGMENTS and combines(dtype)


def _take(node: Node, places: list[Any]) -> Rows | None:
    x, numbers = node.args
    if places[0] is None:
        return None
    axis = node.par % len(x.shape)
    row = math.prod(x.shape[axis + 1:]) * x.dtype.itemsize
    text = _TAKE.replace("{loads}", _loads(11, 3)).replace("{number}", _number(str(kind_of(numbers.dtype))))
    declared = ["declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)"]
    rest = [x.shape[axis], row, math.prod(x.shape[:axis]), x.shape[axis] * row, numbers.size * row]
    return Rows(text, declared, [places[0], places[1], (node, 0)], rest, numbers.size)


def _scatter(node: Node, places: list[Any], owners: Any) -> Rows | None:
    target, numbers, updates = node.args
    how, depth = node.par
    if how not in HOWS or not combines(node.dtype) or updates.dtype != node.dtype or places[2] is None:
        return None
    row = math.prod(target.shape[depth:])
    if len(numbers.shape) != 1 or updates.shape not in ((), (numbers.size, *target.shape[depth:])) or (updates.shape == () and row != 1):
        return None
    rest = [math.prod(target.shape[:depth]), row, row if updates.shape else 0]
    return Rows(combining(how, node.dtype, numbers.dtype), [], [(node, 0), places[1], places[2]], rest, numbers.size)


def _segments(node: Node, places: list[Any]) -> Rows | None:
    """Into memory that holds what segments without rows get."""
    x, ids = node.args
    count, how = node.par
    if not reduces(how, node.dtype) or places[0] is None or x.dtype != node.dtype:
        return None
    row = math.prod(x.shape[len(ids.shape):])
    return Rows(combining(SEGMENTS[how], node.dtype, ids.dtype), [], [(node, 0), places[1], places[0]], [count, row, row], ids.size)


def combining(how: str, dtype: np.dtype[Any], numbers: np.dtype[Any]) -> str:
    """The text of the function that combines rows."""
    kind, lanes = str(kind_of(dtype)), 8
    parts = {"loads": _loads(9, 3), "mask": str(-lanes), "lanes": str(lanes), "number": _number(str(kind_of(numbers))), "kind": kind,
             "vectors": _combination(how, kind, lanes, "%c", dtype.kind == "u"),
             "singles": _combination(how, kind, 1, "%d", dtype.kind == "u")}
    text = _SCATTER
    for name, value in parts.items():
        text = text.replace("{" + name + "}", value)
    return text


def _combination(how: str, kind: str, lanes: int, at: str, unsigned: bool) -> str:
    e = Emitter(lanes)
    e.count = 100 * lanes
    wide, size = e.type(kind), BYTES[kind]
    y = e.raw(f"getelementptr {kind}, ptr %y, i64 {at}")
    u = e.raw(f"getelementptr {kind}, ptr %u, i64 {at}")
    old, new = (Value(e, kind, e.raw(f"load {wide}, ptr {p}, align {size}")) for p in (y, u))
    found = new if how == "update" else old - new if how == "sub" else combine(HOWS[how], old, new, unsigned)
    e.say(f"store {wide} {found.text}, ptr {y}, align {size}")
    return "\n".join(e.lines)
