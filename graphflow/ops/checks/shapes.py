"""Assertions about ranks, shapes and dtypes; what the static shape tells is checked while building."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes, shapes
from ...core.convert import convert_to_tensor
from ...core.export import export
from ...core.known import constant_value
from ...core.make import make
from ...core.op import Op, Shape, Spec
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...core.tensor_shape import TensorShape
from ...kernels.contract import Namespace
from .. import functions as F
from ..array.basic import shape_internal
from ..control_flow.flow import group, no_op, with_dependencies
from ..elementwise import comparison
from .asserts import assert_, message_prefix


class EnsureShape(Op, sig="input: T -> output: T"):
    """The input, checked at run against a maybe partial shape."""
    shape: Shape
    T: dtypes.DType

    def infer(self, x: Spec) -> Spec:
        if not shapes.compatible(x.shape, self.shape):
            raise ValueError(f"Shape of tensor {shapes.describe(x.shape)} is not compatible with expected shape "
                             f"{shapes.describe(self.shape)}.")
        return Spec(self.T, shapes.merge(x.shape, self.shape))

    def kernel(self, xp: Namespace, x: Any) -> Any:
        if not shapes.compatible(np.shape(x), self.shape):
            raise ValueError(f"Shape of tensor {list(np.shape(x))} is not compatible with expected shape "
                             f"{shapes.describe(self.shape)}.")
        return x

    def grad(self, op: Operation, dy: Any) -> Any:
        return (dy,)


@export("ensure_shape")
def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """x with `shape` (partly known) merged into its static shape; InvalidArgumentError at run when it does not fit."""
    return make(EnsureShape, x, name=name, shape=shapes.as_tuple(shape))


def _rank_check(x: Any, ranks: list[Tensor], holds: Any, in_graph: Any, data: Any, summarize: Any, failed: Any) -> Operation:
    """An operation that checks the rank, or one that does nothing if the static ranks tell already; failed(ranks) makes the error."""
    for rank in ranks:
        assert_type(rank, dtypes.int32)
    known = [constant_value(rank) for rank in ranks]
    if all(k is not None for k in known):
        if any(k.ndim for k in known):
            raise ValueError("Rank must be a scalar.")
        if x.static is not None:
            if not holds(len(x.static), [int(k) for k in known]):
                raise failed([int(k) for k in known])
            return no_op(name="static_checks_determined_all_ok")
    condition = in_graph(F.rank(x), ranks)
    for rank, value in zip(ranks, known):
        if value is None:
            check = assert_rank(rank, 0, data=["Rank must be a scalar. Received rank: ", rank])
            condition = with_dependencies([check], condition)
    return assert_(condition, data, summarize=summarize)


def _one_rank(function_name: str, words: str, holds: Any, compare: Any) -> Any:
    def check(x: Any, rank: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
              name: str | None = None) -> Operation:
        with context.default_graph().name_scope(name or function_name):
            x, rank = convert_to_tensor(x, name="x"), convert_to_tensor(rank, name="rank")
            prefix = message_prefix(message)
            if data is None:
                data = [prefix, f"Tensor {x.name} must have {words}", rank, "Received shape: ", shape_internal(x)]

            def failed(ranks: list[int]) -> ValueError:
                return ValueError(f"{prefix}Tensor {x.name} must have {words} {ranks[0]}.  Received rank {len(x.static)}, "
                                  f"shape {x.shape}")
            return _rank_check(x, [rank], lambda actual, given: holds(actual, given[0]),
                               lambda actual, given: compare(actual, given[0]), data, summarize, failed)
    check.__name__ = check.__qualname__ = function_name
    check.__doc__ = (f"An operation that raises InvalidArgumentError unless x has {words} `rank` (an int or int32 scalar); "
                     "ValueError at once if the static rank tells.")
    return export(function_name, f"debugging.{function_name}")(check)


assert_rank = _one_rank("assert_rank", "rank", lambda a, b: a == b, comparison.equal)
assert_rank_at_least = _one_rank("assert_rank_at_least", "rank at least", lambda a, b: a >= b, comparison.greater_equal)


def _any_rank(actual: Tensor, ranks: list[Tensor]) -> Tensor:
    if not ranks:
        return convert_to_tensor(False)
    found = comparison.equal(ranks[0], actual)
    for rank in ranks[1:]:
        found = comparison.logical_or(found, comparison.equal(rank, actual))
    return found


@export("assert_rank_in", "debugging.assert_rank_in")
def assert_rank_in(x: Any, ranks: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                   name: str | None = None) -> Operation:
    """An operation that raises InvalidArgumentError unless x has one of `ranks`; ValueError at once if the static rank tells."""
    with context.default_graph().name_scope(name or "assert_rank_in"):
        x = convert_to_tensor(x, name="x")
        ranks = [convert_to_tensor(rank, name="rank") for rank in ranks]
        prefix = message_prefix(message)
        if data is None:
            data = [prefix, f"Tensor {x.name} must have rank in", *ranks, "Received shape: ", shape_internal(x)]

        def failed(given: list[int]) -> ValueError:
            return ValueError(f"{prefix}Tensor {x.name} must have rank in {tuple(given)}.  Received rank {len(x.static)}, "
                              f"shape {x.shape}")
        return _rank_check(x, ranks, lambda actual, given: actual in given, _any_rank, data, summarize, failed)


@export("assert_integer", "debugging.assert_integer")
def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """TypeError unless x is of an integer dtype; an operation that does nothing."""
    with context.default_graph().name_scope(name or "assert_integer"):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(f'{message_prefix(message)}Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype}')
        return no_op("statically_determined_was_integer")


@export("assert_type", "debugging.assert_type")
def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Operation:
    """TypeError unless the tensor is of dtype `tf_type`; an operation that does nothing."""
    wanted = dtypes.as_dtype(tf_type)
    with context.default_graph().name_scope(name or "assert_type"):
        if not hasattr(tensor, "dense_shape"):
            tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype.base_dtype is not wanted.base_dtype:
            raise TypeError(f"{message_prefix(message)}{tensor.name} must be of type {wanted!r}; got {tensor.dtype!r}")
        return no_op("statically_determined_correct_type")


@export("assert_scalar", "debugging.assert_scalar")
def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Tensor:
    """The tensor; ValueError unless its static shape is that of a scalar."""
    with context.default_graph().name_scope(name or "assert_scalar") as scope:
        tensor = convert_to_tensor(tensor, name=scope)
        if tensor.static != ():
            raise ValueError(f"{message_prefix(message)}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}.")
        return tensor


@export("assert_same_float_dtype", "debugging.assert_same_float_dtype")
def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> dtypes.DType:
    """The floating dtype that all `tensors` and `dtype` share (float32 for none); ValueError when they differ."""
    wanted = None if dtype is None else dtypes.as_dtype(dtype).base_dtype
    for item in tensors or ():
        if item is None:
            continue
        found = item.dtype.base_dtype
        if wanted is not None and found is not wanted:
            raise ValueError(f"{getattr(item, 'name', item)}, type={found}, must be of the same type ({wanted}).")
        wanted = found
    wanted = wanted or dtypes.float32
    if not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted


@export("assert_proper_iterable", "debugging.assert_proper_iterable")
def assert_proper_iterable(values: Any) -> None:
    """TypeError for what can be iterated over though nobody means it (tensors, arrays, strings), or cannot be."""
    if isinstance(values, (Tensor, np.ndarray, str, bytes)) or hasattr(values, "dense_shape"):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not hasattr(values, "__iter__"):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


@export("debugging.assert_shapes")
def assert_shapes(shapes: Any, data: Any = None, summarize: int | None = None, message: str | None = None,
                  name: str | None = None) -> Operation:
    """Checks the shapes of several tensors together: {x: ("N", 3), y: ("N",)} or a list of such pairs.

    An entry is a size, a name (equal names, equal sizes) or None; "..." or "*" first allows any axes in front. ValueError at once
    where static shapes tell, an operation that raises InvalidArgumentError for the rest.
    """
    pairs = list(shapes.items()) if isinstance(shapes, dict) else list(shapes)
    with context.default_graph().name_scope(name or "assert_shapes"):
        known = [(x if hasattr(x, "dense_shape") else convert_to_tensor(x), wanted) for x, wanted in pairs if wanted is not None]
        parsed = [(x, *_entries(x, wanted, message)) for x, wanted in known]
        checks = [_rank_of_entries(x, entries, open_front, data, summarize, message) for x, entries, open_front in parsed]
        sizes: dict[Any, tuple[Any, str]] = {}
        for x, entries, open_front in parsed:
            for position, symbol in enumerate(entries):
                if symbol not in (None, "."):
                    axis = position - len(entries) if open_front else position
                    checks.extend(_size_check(x, axis, symbol, sizes, data, summarize, message, list(checks)))
    return group(*checks)


def _entries(x: Any, wanted: Any, message: str | None) -> tuple[tuple[Any, ...], bool]:
    """The entries of a specified shape, without an open front, and whether it had one."""
    prefix = message_prefix(message)
    if isinstance(wanted, TensorShape):
        wanted = wanted.as_list()
    if not hasattr(wanted, "__iter__") and not hasattr(wanted, "__getitem__"):
        raise ValueError(f"{prefix}Tensor {_name(x)}.  Specified shape must be an iterable.  An iterable has the attribute `__iter__` or "
                         f"`__getitem__`.  Received specified shape: {wanted}")
    entries = tuple(wanted)
    open_front = bool(entries) and entries[0] in (Ellipsis, "*")
    entries = entries[1:] if open_front else entries
    if any(e in (Ellipsis, "*") for e in entries):
        raise ValueError(f"{prefix}Tensor {_name(x)} specified shape index.  Symbol `...` or `*` for a variable number of unspecified "
                         f"dimensions is only allowed as the first entry")
    return (entries if entries or open_front else (1,)), open_front     # a scalar is a vector of one element


def _name(x: Any) -> str:
    if not isinstance(x, Tensor):
        return f"shape={x.shape} dtype={x.dtype!r}"
    return x.name


def _rank_of_entries(x: Any, entries: tuple[Any, ...], open_front: bool, data: Any, summarize: Any, message: Any) -> Operation:
    if not isinstance(x, Tensor):
        x = x.dense_shape       # its length is the rank
        wanted = [len(entries)] if len(entries) > 1 else [0, 1]
        length = None if x.static is None else x.static[0]
        if length is not None and not (length >= len(entries) if open_front else length in wanted):
            raise ValueError(f"{message_prefix(message)}A sparse tensor of rank {length} must have rank {'at least ' if open_front else ''}"
                             f"{len(entries)}.")
        return no_op("static_checks_determined_all_ok")
    if len(entries) <= 1 and not open_front:
        return assert_rank_in(x, [0, 1], data, summarize, message)
    if len(entries) <= 1:
        return no_op("static_checks_determined_all_ok")
    return (assert_rank_at_least if open_front else assert_rank)(x, len(entries), data, summarize, message)


def _size_check(x: Any, axis: int, symbol: Any, sizes: dict[Any, Any], data: Any, summarize: Any, message: Any,
                after: list[Operation]) -> list[Operation]:
    """axis: counted from the end below 0; a scalar is a vector of one element."""
    static = x.static if isinstance(x, Tensor) else x.shape.dims and tuple(x.shape.as_list())
    known = None if static is None else (static or (1,))
    place = axis if known is None or axis >= 0 else axis + len(known)       # as it is told
    actual: Any = None if known is None else known[place]
    if actual is None:
        with context.default_graph().control_dependencies(after):
            actual = _sizes(x)[axis]
    where = f"{_name(x)} dimension {place}"
    if isinstance(symbol, int):
        wanted, origin = symbol, "Specified explicitly"
    elif symbol in sizes:
        wanted, other = sizes[symbol]
        origin = f"Specified by tensor {other}"
    else:
        sizes[symbol] = actual, where
        return []
    if isinstance(actual, int) and isinstance(wanted, int):
        if actual != wanted:
            raise ValueError(f"{message_prefix(message)}{origin}.  Tensor {where} must have size {wanted}.  Received size {actual}, "
                             f"shape {x.shape}")
        return []
    shown = data or [message_prefix(message), origin, f"Tensor {_name(x)} dimension", place, "must have size", wanted,
                     "Received shape: ", shape_internal(x) if isinstance(x, Tensor) else x.dense_shape]
    return [assert_(comparison.equal(convert_to_tensor(actual), convert_to_tensor(wanted)), shown, summarize=summarize)]


def _sizes(x: Any) -> Any:
    """The shape in the run, of a scalar [1]."""
    if not isinstance(x, Tensor):
        return F.cast(x.dense_shape, dtypes.int32)
    sizes = shape_internal(x)
    if x.static is not None and x.static != ():
        return sizes
    return F.concat([F.ones(F.expand_dims(1 - F.minimum(F.rank(x), 1), 0), dtypes.int32), sizes], 0)
