"""Functions over the rows of tensors, as loops: map_fn, scan, foldl, foldr."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...core import context, nest, shapes
from ...core.constant import constant_op
from ...core.convert import convert_to_tensor
from ...core.dtypes import as_dtype
from ...core.export import export
from ...core.tensor import Tensor
from ...core.values import SparseTensor
from .. import functions as F
from ..data_flow.tensor_array import TensorArray
from ..scopes import beside_inputs
from .while_loop import while_loop


@export("map_fn")
@beside_inputs
def map_fn(fn: Any, elems: Any, dtype: Any = None, parallel_iterations: int | None = None, back_prop: bool = True,
           swap_memory: bool = False, infer_shape: bool = True, name: str | None = None, fn_output_signature: Any = None) -> Any:
    """fn of each row of `elems` (a tensor or nested structure of tensors with the same first dimension), stacked.

    dtype: the structure of dtypes that fn returns, where it is not that of elems. infer_shape=False: the results' shapes may differ
    in what is static. back_prop=False: no gradient flows.
    """
    dtype = fn_output_signature if dtype is None else dtype
    _check(fn, elems, "map_fn")
    wanted = elems if dtype is None else dtype
    with context.default_graph().name_scope(name or "map"):
        rows, count, known = _rows(elems)
        types = [as_dtype(t.dtype if hasattr(t, "dtype") else t) for t in (rows.flat if dtype is None else nest.flatten(dtype))]
        start = constant_op(0)
        results = [TensorArray(t, size=count, dynamic_size=False, infer_shape=infer_shape) for t in types]

        def compute(i: Any, arrays: Any) -> Any:
            values = fn(rows.read(i))
            nest.assert_same_structure(wanted, values)
            flat = nest.flatten(values)
            return i + 1, [array.write(i, value) for array, value in zip(arrays, flat)]

        _, arrays = while_loop(lambda i, _: i < count, compute, (start, results), parallel_iterations=parallel_iterations or 10,
                               back_prop=back_prop, swap_memory=swap_memory, maximum_iterations=count)
        return nest.pack_sequence_as(wanted, [_stacked(array, known) for array in arrays])


@export("scan")
@beside_inputs
def scan(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
         infer_shape: bool = True, reverse: bool = False, name: str | None = None) -> Any:
    """All a_i of a_i = fn(a_(i-1), row i of elems), stacked.

    initializer: a_(-1), a structure of its own; without it the first row is the first result. reverse: from the last row to the first.
    """
    _check(fn, elems, "scan")
    with context.default_graph().name_scope(name or "scan"):
        rows, count, known = _rows(elems, True)
        if initializer is None:
            form, values, done = elems, rows.read_flat(count - 1 if reverse else 0), 1
        else:
            form, values, done = initializer, [convert_to_tensor(v) for v in nest.flatten(initializer)], 0
        arrays = [TensorArray(v.dtype, size=count, element_shape=v.static if infer_shape else None, dynamic_size=False,
                              infer_shape=infer_shape) for v in values]
        if initializer is None:
            arrays = [array.write(count - 1 if reverse else 0, value) for array, value in zip(arrays, values)]

        def compute(i: Any, before: Any, written: Any) -> Any:
            row = rows.read(i)
            result = fn(nest.pack_sequence_as(form, before), row)
            nest.assert_same_structure(form, result)
            flat = [convert_to_tensor(v) for v in nest.flatten(result)]
            return i - 1 if reverse else i + 1, flat, [array.write(i, value) for array, value in zip(written, flat)]

        start = count - 1 - done if reverse else done
        going = (lambda i, _a, _b: i >= 0) if reverse else (lambda i, _a, _b: i < count)
        _, _, arrays = while_loop(going, compute, (start, values, arrays), parallel_iterations=parallel_iterations, back_prop=back_prop,
                                  swap_memory=swap_memory, maximum_iterations=count)
        return nest.pack_sequence_as(form, [_stacked(array, known) for array in arrays])


@export("foldl")
@beside_inputs
def foldl(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
          name: str | None = None) -> Any:
    """The last a_i of a_i = fn(a_(i-1), row i of elems). initializer: a_(-1); without it the first row is the first result."""
    _check(fn, elems, "foldl")
    with context.default_graph().name_scope(name or "foldl"):
        rows, count, _ = _rows(elems, one_by_one=True)
        value = rows.read(0) if initializer is None else nest.map_structure(convert_to_tensor, initializer)
        start = constant_op(1 if initializer is None else 0)
        return while_loop(lambda i, _: i < count, lambda i, a: [i + 1, fn(a, rows.read(i))], [start, value],
                          parallel_iterations=parallel_iterations, back_prop=back_prop, swap_memory=swap_memory,
                          maximum_iterations=count)[1]


@export("foldr")
@beside_inputs
def foldr(fn: Any, elems: Any, initializer: Any = None, parallel_iterations: int = 10, back_prop: bool = True, swap_memory: bool = False,
          name: str | None = None) -> Any:
    """foldl from the last row to the first."""
    _check(fn, elems, "foldr")
    with context.default_graph().name_scope(name or "foldr"):
        rows, count, _ = _rows(elems, one_by_one=True)
        if initializer is None:
            start = count - 1
            value = rows.read(start)
        else:
            start, value = count, nest.map_structure(convert_to_tensor, initializer)

        def compute(i: Any, a: Any) -> Any:
            i = i - 1
            return [i, fn(a, rows.read(i))]

        return while_loop(lambda i, _: i > 0, compute, [start, value], parallel_iterations=parallel_iterations, back_prop=back_prop,
                          swap_memory=swap_memory, maximum_iterations=count)[1]


class _Rows:
    """The rows of a structure of tensors, to be read in a loop."""

    def __init__(self, form: Any, flat: list[Tensor], arrays: list[TensorArray]):
        self.form, self.flat, self.arrays = form, flat, arrays

    def read_flat(self, i: Any) -> list[Tensor]:
        return [array.read(i) for array in self.arrays]

    def read(self, i: Any) -> Any:
        return nest.pack_sequence_as(self.form, self.read_flat(i))


def _check(fn: Callable[..., Any], elems: Any, what: str) -> None:
    if not callable(fn):
        raise TypeError(f"{fn} is not callable. Please provide a callable function.")
    if any(isinstance(leaf, SparseTensor) for leaf in nest.flatten(elems)):
        raise TypeError(f"{what} does not take sparse tensors. To map over the values of one use SparseTensor(x.indices, fn(x.values), "
                        "x.dense_shape); for its rows tf.sparse.to_dense first.")
    if not nest.flatten(elems):
        raise ValueError("elems must be a Tensor or (possibly nested) sequence of Tensors. Received no tensor.")


def _rows(elems: Any, with_shape: bool = False, one_by_one: bool = False) -> tuple[_Rows, Any, Any]:
    """(the rows, how many as an int or tensor, how many as far as static). one_by_one: each array is filled before the next is made."""
    flat = [convert_to_tensor(leaf, name="elem") for leaf in nest.flatten(elems)]
    for t in flat:
        if t.static == ():
            raise ValueError(f"elements in elems must be 1+ dimensional Tensors, not scalars: {t.name}")
    known: Any = (None,)
    for t in flat:
        known = shapes.merge(known, (t.static[0] if t.static else None,))
    count = known[0] if flat[0].static and flat[0].static[0] is not None else F.shape(flat[0])[0]

    def made(t: Tensor) -> TensorArray:
        known = (None if t.static is None else t.static[1:]) if with_shape else None
        return TensorArray(t.dtype, size=count, dynamic_size=False, infer_shape=True, element_shape=known)

    if one_by_one:
        arrays = [made(t).unstack(t) for t in flat]
    else:
        arrays = [array.unstack(t) for array, t in zip([made(t) for t in flat], flat)]
    return _Rows(elems, flat, arrays), count, known[0]


def _stacked(array: TensorArray, count: int | None) -> Tensor:
    result = array.stack()
    if result.static is not None:
        result.set_shape((count, *result.static[1:]))
    return result
