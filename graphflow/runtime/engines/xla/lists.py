"""Lists of tensors in compiled code: an array of rows with a count, of as many rows as there can ever be.

In a loop a list has room for one row per push and turn, so the loop's turns must be bounded by what the plan shows (bounds.py). Before
something is pushed or set nothing is known of the elements of some lists; their `items` are None until then.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ....core.op import Op
from ....kernels.tensor_list import TensorList, unwrapped
from ....ops.array.basic import ZerosLike
from ....ops.data_flow import tensor_list as kinds
from ....ops.data_flow.tensor_list_parts import TensorListGather
from ....ops.elementwise.aggregate import AddN
from ....plan.node import Node, Untraceable
from .values import on_device


class Rows:
    """items: [room, *shape of an element], or None. count: int32, how many of them are elements; a Python int where it is known."""

    def __init__(self, items: Any, count: Any, room: int, dtype: Any):
        self.items, self.count, self.room, self.dtype = items, count, room, dtype

    def with_room(self, room: int) -> Rows:
        """The same list with room for more."""
        more = room - self.room
        items = self.items if self.items is None or not more else jnp.pad(self.items, [(0, more)] + [(0, 0)] * (self.items.ndim - 1))
        return Rows(items, self.count, room, self.dtype)

    def of(self, shape: tuple[int, ...]) -> Rows:
        """The list, its elements zeros of a shape if nothing was known of them."""
        items = jnp.zeros((self.room, *shape), self.dtype) if self.items is None else self.items
        if items.shape[1:] != shape:
            raise Untraceable("a list whose elements differ in shape")
        return Rows(items, self.count, self.room, self.dtype)

    def counted(self) -> Rows:
        """The list with its count as a value of the trace, as loops and branches carry it."""
        return Rows(self.items, jnp.int32(self.count), self.room, self.dtype)


jax.tree_util.register_pytree_node(Rows, lambda rows: ((rows.items, rows.count), (rows.room, rows.dtype)),
                                   lambda meta, parts: Rows(*parts, *meta))


def constant(value: Any) -> Rows:
    """A list that the plan knows. Untraceable for strings, lists of lists and the like."""
    found = unwrapped(value) if value.dtype.kind == "O" and value.shape == () else None
    if not isinstance(found, TensorList) or not on_device(found.dtype) or any(isinstance(item, TensorList) for item in found.items):
        raise Untraceable("a value that no device holds")
    count = len(found.items)
    there = [(i, item) for i, item in enumerate(found.items) if item is not None]
    rows = Rows(None, count, count, found.dtype)
    shape = np.shape(there[0][1]) if there else found.shape
    if shape is None or None in shape:
        return rows
    rows = rows.of(tuple(int(size) for size in shape if size is not None))
    for i, item in there:
        rows.items = rows.items.at[i].set(item)
    return rows


class Found(NamedTuple):
    """What an operation on a list gives, and whether it went wrong (None: it cannot)."""
    value: Any
    wrong: Any = None


def _shape(value: Any) -> tuple[int, ...]:
    """An element's shape that an operation names; it must be a whole one."""
    if value.__class__ is Node or np.ndim(value) == 0 or (np.asarray(value) < 0).any():
        raise Untraceable("a list's elements of unknown shape")
    return tuple(np.asarray(value).tolist())


def _named(rows: Rows, node: Node) -> Rows:
    return rows if rows.items is not None else rows.of(_shape(node.args[-1]))


def _outside(place: Any, rows: Rows) -> Any:
    return (place < 0) | (place >= rows.count)


def from_tensor(node: Node, tensor: Any, *_: Any) -> Found:
    return Found(Rows(tensor, tensor.shape[0], tensor.shape[0], np.dtype(tensor.dtype)))


def push(node: Node, rows: Rows, item: Any) -> Found:
    rows = rows.of(item.shape)
    if isinstance(rows.count, int) and rows.count == rows.room:
        rows = rows.with_room(rows.room + 1)
    items = jax.lax.dynamic_update_index_in_dim(rows.items, item, rows.count, 0)
    return Found(Rows(items, rows.count + 1, rows.room, rows.dtype), None if isinstance(rows.count, int) else rows.count >= rows.room)


def pop(node: Node, rows: Rows, *_: Any) -> Found:
    rows = _named(rows, node)
    if rows.room == 0:
        raise Untraceable("a pop from an empty list")
    last = rows.count - 1
    item = jax.lax.dynamic_index_in_dim(rows.items, jnp.maximum(last, 0), 0, keepdims=False)
    return Found((Rows(rows.items, last, rows.room, rows.dtype), item), jnp.asarray(last < 0))


def get(node: Node, rows: Rows, index: Any, *_: Any) -> Found:
    rows = _named(rows, node)
    if rows.room == 0:
        raise Untraceable("an element of an empty list")
    return Found(jax.lax.dynamic_index_in_dim(rows.items, index, 0, keepdims=False), _outside(index, rows))


def put(node: Node, rows: Rows, index: Any, item: Any) -> Found:
    if node.par.op_def.resize_if_index_out_of_bounds or rows.room == 0:
        raise Untraceable("a list that grows where it is written")
    rows = rows.of(item.shape)
    items = jax.lax.dynamic_update_index_in_dim(rows.items, item, index, 0)
    return Found(Rows(items, rows.count, rows.room, rows.dtype), _outside(index, rows))


def stack(node: Node, rows: Rows, *_: Any) -> Found:
    if node.shape is None:
        raise Untraceable("a stack of unknown size")
    rows, size = rows.of(node.shape[1:]), node.shape[0]
    return Found(rows.with_room(max(size, rows.room)).items[:size], None if isinstance(rows.count, int) else rows.count != size)


def gather(node: Node, rows: Rows, indices: Any, *_: Any) -> Found:
    rows = _named(rows, node)
    return Found(jnp.take(rows.items, indices, 0, mode="clip"), _outside(indices, rows).any())


def length(node: Node, rows: Rows) -> Found:
    return Found(np.int32(rows.count) if isinstance(rows.count, int) else rows.count)


def element_shape(node: Node, rows: Rows) -> Found:
    if rows.items is None:
        raise Untraceable("the shape of a list's elements before there are any")
    return Found(np.array(rows.items.shape[1:], node.par.results[0][1]))


def reserve(node: Node, shape: Any, count: Any) -> Found:
    """A list of unset elements; how many, and of which shape, the plan must know."""
    if isinstance(count, jax.core.Tracer) or isinstance(shape, jax.core.Tracer):
        raise Untraceable("a list of unknown length")
    rows = Rows(None, int(count), int(count), node.par.op_def.element_dtype.np)
    return Found(rows if np.ndim(shape) == 0 or (np.asarray(shape) < 0).any() else rows.of(tuple(np.asarray(shape).tolist())))


def zeros(node: Node, rows: Rows) -> Found:
    return Found(Rows(None if rows.items is None else jnp.zeros_like(rows.items), rows.count, rows.room, rows.dtype))


def add(node: Node, *lists: Any) -> Found:
    known = [rows for rows in lists if rows.items is not None]
    if not known:
        return Found(lists[0])
    room = max(rows.room for rows in lists)
    total = sum(rows.with_room(room).items for rows in known)
    return Found(Rows(total, lists[0].count, room, lists[0].dtype))


LISTS: dict[type[Op], Callable[..., Found]] = {
    kinds.TensorListFromTensor: from_tensor, kinds.TensorListPushBack: push, kinds.TensorListPopBack: pop, kinds.TensorListGetItem: get,
    kinds.TensorListSetItem: put, kinds.TensorListStack: stack, TensorListGather: gather, kinds.TensorListLength: length,
    kinds.TensorListElementShape: element_shape, kinds.TensorListReserve: reserve}
ON_LISTS_TOO: dict[type[Op], Callable[..., Found]] = {ZerosLike: zeros, AddN: add}


def function(node: Node) -> Callable[..., Found] | None:
    """What a `call` node does with lists, if that is what it does."""
    kind = type(node.par.op_def)
    if kind in LISTS:
        return LISTS[kind]
    return ON_LISTS_TOO.get(kind) if len(node.par.results) == 1 and node.par.results[0][1].kind == "O" else None


def apply(function: Callable[..., Found], node: Node, given: list[Any]) -> Found:
    """What a function of this module gives. Untraceable where what the operation takes for lists are none in compiled code."""
    takes_none = function in (from_tensor, reserve)
    if not takes_none and not all(isinstance(value, Rows) for value in (given if function is add else given[:1])):
        raise Untraceable("a list that no device holds")
    return function(node, *given)


def grows(node: Node) -> bool:
    """Whether a `call` gives its list with one more element."""
    return isinstance(node.par.op_def, kinds.TensorListPushBack)
