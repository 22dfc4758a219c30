"""Sparse writes to variables: scatter_* by rows, scatter_nd_* by coordinates, ref style and resource style."""
from __future__ import annotations

import types
from contextlib import nullcontext
from typing import Any, ClassVar

from ...core import context
from ...core.convert import convert_to_tensor
from ...core.dtypes import DType
from ...core.effects import UPDATE, by_signature
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of, require
from ...core.operation import Operation
from ...core.outcomes import Effect
from ...core.shapes import compatible, describe
from ...kernels.contract import Namespace
from ..array.axes import expand_dims
from ..array.basic import cast, reshape, shape_internal
from ..array.coordinates import combined, in_range
from ..array.fill import Range, ones_like
from ..array.joining import concat
from ..dtype_sets import INDEX
from ..elementwise.binary import Mul
from ..elementwise.mold import NUMERIC
from .assign import is_ref


class Rows(Op):
    """Base of the ops that write rows; `how` is the combination's name in kernels.scatter."""
    mutates = True  # the variable's own array is written where nobody else looks at it
    how: ClassVar[str] = ""

    def kernel(self, xp: Namespace, ref: Any, indices: Any, updates: Any) -> Any:
        if updates.shape not in ((), (*indices.shape, *ref.shape[1:])):
            raise ValueError("Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                             f"{describe(updates.shape)}, indices.shape {describe(indices.shape)}, params.shape {describe(ref.shape)}")
        in_range(xp, indices, ref.shape[0])
        if self.how == "div" and ref.dtype.kind in "iu":
            xp.check(updates == 0, "Integer division by zero")
        rows = updates if updates.shape == () else xp.reshape(updates, (indices.size, *ref.shape[1:]))
        return xp.scatter_rows(ref, xp.ravel(indices), rows, self.how, 1)


class RefRows(Rows):
    """Rows of a ref-style variable written by index."""
    T: Any
    Tindices: DType = one_of(INDEX)
    use_locking: bool = False

    def infer(self, ref: Any, indices: Any, updates: Any) -> Any:
        _rows_fit(ref, indices, updates)
        return Spec(self.T, ref.shape)


class ResourceRows(Rows, Effect):
    """Rows of a resource variable written by index."""
    Tindices: DType = one_of(INDEX)

    def infer(self, resource: Any, indices: Any, updates: Any) -> Any:
        _rows_fit(resource, indices, updates)
        return ()

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, resource=UPDATE)


def _rows_fit(ref: Any, indices: Any, updates: Any) -> None:
    if ref.shape is not None and indices.shape is not None and updates.shape not in (None, ()):
        require(compatible(updates.shape, indices.shape + ref.shape[1:]),
                "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = [], got updates.shape "
                f"{describe(updates.shape)}, indices.shape {describe(indices.shape)}, params.shape {describe(ref.shape)}")


class Elements(Op):
    """Base of the ops that write elements or slices by coordinates."""
    bad_indices_policy: Any
    mutates = True
    how: ClassVar[str] = ""

    def kernel(self, xp: Namespace, ref: Any, indices: Any, updates: Any) -> Any:
        return combined(xp, ref, indices, updates, self.how, self.bad_indices_policy, "shape")


class RefElements(Elements):
    """Elements or slices of a ref-style variable written by coordinates."""
    T: Any
    Tindices: DType = one_of(INDEX)
    use_locking: bool = False
    bad_indices_policy: str = ""

    def infer(self, ref: Any, indices: Any, updates: Any) -> Any:
        _elements_fit(ref, indices, updates)
        return Spec(self.T, ref.shape)


class ResourceElements(Elements, Effect):
    """Elements or slices of a resource variable written by coordinates."""
    Tindices: DType = one_of(INDEX)
    use_locking: bool = True
    bad_indices_policy: str = ""

    def infer(self, ref: Any, indices: Any, updates: Any) -> Any:
        _elements_fit(ref, indices, updates)
        return ()

    def accesses(self, operation: Operation) -> Any:
        return by_signature(operation, ref=UPDATE)


def _elements_fit(ref: Any, indices: Any, updates: Any) -> None:
    if ref.shape is not None and indices.shape and updates.shape is not None and indices.shape[-1] is not None:
        depth = indices.shape[-1]
        require(depth <= len(ref.shape), f"index innermost dimension length must be <= ref rank: {depth} vs. {len(ref.shape)}")
        require(compatible(updates.shape, indices.shape[:-1] + ref.shape[depth:]),
                f"Must have updates.shape = indices.shape[:-1] + params_shape[{depth}:], got updates.shape {describe(updates.shape)}, "
                f"indices.shape {describe(indices.shape)}, params_shape {describe(ref.shape)}")


_WITHOUT_GRADIENT: dict[type[Op], tuple[str, ...]] = {RefRows: ("add", "sub", "mul", "div"), RefElements: ("add", "sub", "update")}


def _table(base: type[Op], sig: str, dtype: str, **names: str) -> dict[str, type[Op]]:
    """One op per combination: {how: class}. dtype: the attribute that holds the variable's dtype. names: how -> op type."""
    found: dict[str, type[Op]] = {}
    for how, name in names.items():
        body: dict[str, Any] = {"__module__": __name__, "__doc__": f"{base.__doc__} Combined by: {how}.", "how": how,
                                "__annotations__": {dtype: DType}, "differentiable": how not in _WITHOUT_GRADIENT.get(base, ())}
        if how != "update":
            body[dtype] = one_of(NUMERIC)
        elif base in (RefRows, RefElements):
            body["__annotations__"] = {dtype: DType, "use_locking": bool}
            body["use_locking"] = True
        found[how] = types.new_class(name, (base,), {"sig": sig}, lambda space, body=body: space.update(body))  # type: ignore[misc]
    return found


ROWS = _table(RefRows, "ref: &T, indices: Tindices, updates: T -> output_ref: &T", "T",
              update="ScatterUpdate", add="ScatterAdd", sub="ScatterSub", mul="ScatterMul", div="ScatterDiv", min="ScatterMin",
              max="ScatterMax")
ROWS_RESOURCE = _table(ResourceRows, "resource: @, indices: Tindices, updates: dtype ->", "dtype",
                       update="ResourceScatterUpdate", add="ResourceScatterAdd", sub="ResourceScatterSub", mul="ResourceScatterMul",
                       div="ResourceScatterDiv", min="ResourceScatterMin", max="ResourceScatterMax")
ELEMENTS = _table(RefElements, "ref: &T, indices: Tindices, updates: T -> output_ref: &T", "T",
                  update="ScatterNdUpdate", add="ScatterNdAdd", sub="ScatterNdSub", min="ScatterNdMin", max="ScatterNdMax")
ELEMENTS_RESOURCE = _table(ResourceElements, "ref: @, indices: Tindices, updates: T ->", "T",
                           update="ResourceScatterNdUpdate", add="ResourceScatterNdAdd", sub="ResourceScatterNdSub",
                           min="ResourceScatterNdMin", max="ResourceScatterNdMax")


def _public(how: str, nd: bool, locking: bool, doc: str) -> Any:
    classes, resources = (ELEMENTS, ELEMENTS_RESOURCE) if nd else (ROWS, ROWS_RESOURCE)

    def function(ref: Any, indices: Any, updates: Any, use_locking: bool = locking, name: str | None = None) -> Any:
        if is_ref(ref):
            return make(classes[how], ref, indices, updates, name=name, use_locking=use_locking)
        updates = convert_to_tensor(updates, ref.dtype.base_dtype)
        return ref._lazy_read(make(resources[how], ref.handle, indices, updates, name=name))
    function.__name__ = function.__qualname__ = f"scatter_{'nd_' if nd else ''}{how}"
    function.__doc__ = doc
    return export(function.__name__)(function)


_ROW_DOC = """Variable rows by index: {}; returns the variable's value afterwards.

    indices: integers in [0, len(ref)), any shape; the same one may come several times{}. updates: shape
    indices.shape + ref.shape[1:], or a scalar. An index out of range raises InvalidArgumentError at run.
    """
_ND_DOC = """Variable elements or slices by coordinates: {}; returns the variable's value afterwards.

    indices: shape [..., k], the first k coordinates of each element or slice. updates: shape indices.shape[:-1] + ref.shape[k:].
    """
_LAST, _ALL = " (the last one counts)", " (all of them count)"
scatter_update = _public("update", False, True, _ROW_DOC.format("ref[indices] = updates", _LAST))
scatter_add = _public("add", False, False, _ROW_DOC.format("ref[indices] += updates", _ALL))
scatter_sub = _public("sub", False, False, _ROW_DOC.format("ref[indices] -= updates", _ALL))
scatter_mul = _public("mul", False, False, _ROW_DOC.format("ref[indices] *= updates", _ALL))
scatter_div = _public("div", False, False, _ROW_DOC.format("ref[indices] /= updates", _ALL))
scatter_min = _public("min", False, False, _ROW_DOC.format("ref[indices] = minimum(ref[indices], updates)", _ALL))
scatter_max = _public("max", False, False, _ROW_DOC.format("ref[indices] = maximum(ref[indices], updates)", _ALL))
scatter_nd_update = _public("update", True, True, _ND_DOC.format("ref[indices] = updates"))
scatter_nd_add = _public("add", True, False, _ND_DOC.format("ref[indices] += updates"))
scatter_nd_sub = _public("sub", True, False, _ND_DOC.format("ref[indices] -= updates"))


@export("batch_scatter_update")
def batch_scatter_update(ref: Any, indices: Any, updates: Any, use_locking: bool = True, name: str | None = None) -> Any:
    """ref[i, ..., indices[i, ..., k]] = updates[i, ..., k]: rows written where all leading axes but the last go together.

    indices: shape [b0, ..., bn, k], each in [0, ref.shape[n+1]). updates: shape indices.shape + ref.shape[n+2:].
    """
    graph = context.default_graph()
    with graph.name_scope(name) if name else nullcontext():
        indices = convert_to_tensor(indices, name="indices")
        sizes = shape_internal(indices)
        if indices.static is None:
            raise ValueError("batch_scatter_update does not allow indices with unknown shape.")
        last = expand_dims(indices, -1)
        rank = len(indices.static)
        coordinates = []
        for axis in range(rank - 1):
            count = sizes[axis]
            wide: list[Any] = [1] * (rank + 1)
            wide[axis] = count
            place = reshape(make(Range, 0, count, 1), wide)
            if place.dtype.base_dtype is not last.dtype.base_dtype:
                place = cast(place, last.dtype)
            coordinates.append(make(Mul, place, ones_like(last), name="mul"))
        return scatter_nd_update(ref, concat([*coordinates, last], -1), updates, use_locking=use_locking)
