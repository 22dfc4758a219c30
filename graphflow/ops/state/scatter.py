"""Sparse writes to variables: scatter_* by rows, scatter_nd_* by coordinates, ref style and resource style."""
from __future__ import annotations

from typing import Any

from ...core.convert import convert_to_tensor
from ...core.dtypes import DType, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, one_of, require
from ...core.shapes import compatible
from ...kernels.scatter import scatter_elements, scatter_rows
from ..math.mold import NUMERIC
from .assign import is_ref

_INDEX = (int32, int64)


class Scatter(Op):
    """Base of the ops that write rows; `how` is the combination's name in kernels.scatter."""
    host, mutates = True, True  # the variable's own array is written where nobody else looks at it
    how: Any = None

    def infer(self, ref: Any, indices: Any, updates: Any) -> Any:
        if ref.shape is not None and indices.shape is not None and updates.shape not in (None, ()):
            require(compatible(updates.shape, indices.shape + ref.shape[1:]),
                    f"updates must have shape indices.shape + ref.shape[1:] or be a scalar: {updates.shape}, {indices.shape}, {ref.shape}")
        return ref

    def kernel(self, xp: Any, ref: Any, indices: Any, updates: Any) -> Any:
        return scatter_rows(ref, indices, updates, self.how)


class ScatterNd_(Scatter):
    """Base of the ops that write elements or slices by coordinates."""

    def infer(self, ref: Any, indices: Any, updates: Any) -> Any:
        if ref.shape is not None and indices.shape and updates.shape is not None and indices.shape[-1] is not None:
            depth = indices.shape[-1]
            require(depth <= len(ref.shape), f"index innermost dimension length must be <= ref rank: {depth} vs. {len(ref.shape)}")
            require(compatible(updates.shape, indices.shape[:-1] + ref.shape[depth:]),
                    f"updates must have shape indices.shape[:-1] + ref.shape[{depth}:]: {updates.shape}, {indices.shape}, {ref.shape}")
        return ref

    def kernel(self, xp: Any, ref: Any, indices: Any, updates: Any) -> Any:
        return scatter_elements(ref, indices, updates, self.how)


def _no_outputs(self: Any, *specs: Any) -> Any:
    """`infer` of the resource ops: the variable's shape is not known here."""
    return ()


def _define(base: type[Op], name: str, how: str, resource: bool, locking: bool) -> type[Op]:
    plain = how == "update"
    indices = "Tindices"
    body: dict[str, Any] = {"__module__": __name__, "how": how}
    if resource:
        dtype = "T" if base is ScatterNd_ else "dtype"
        first = "ref" if base is ScatterNd_ else "resource"
        body.update(infer=_no_outputs, writes=(first,), __doc__=f"{_DOC[base]}, for a resource variable: {how}.")
        sig = f"{first}: @, indices: {indices}, updates: {dtype} ->"
    else:
        dtype = "T"
        body["__doc__"] = f"{_DOC[base]}: {how}."
        sig = f"ref: &T, indices: {indices}, updates: T -> output_ref: &T"
    annotations: dict[str, Any] = {dtype: DType, indices: DType}
    body[indices] = one_of(_INDEX)
    if not plain:
        body[dtype] = one_of(NUMERIC)
    if not resource or base is ScatterNd_:
        annotations["use_locking"], body["use_locking"] = bool, locking
    if base is ScatterNd_:
        annotations["bad_indices_policy"], body["bad_indices_policy"] = str, ""
    body["__annotations__"] = annotations
    return type(name, (base,), body, sig=sig)


_DOC = {Scatter: "Rows of a variable written by index", ScatterNd_: "Elements or slices of a variable written by coordinates"}
_HOW = ("update", "add", "sub", "mul", "div", "min", "max")
_HOW_ND = ("update", "add", "sub", "min", "max")
ROWS = {how: _define(Scatter, f"Scatter{how.capitalize()}", how, False, how == "update") for how in _HOW}
ROWS_RESOURCE = {how: _define(Scatter, f"ResourceScatter{how.capitalize()}", how, True, False) for how in _HOW}
ELEMENTS = {how: _define(ScatterNd_, f"ScatterNd{how.capitalize()}", how, False, how == "update") for how in _HOW_ND}
ELEMENTS_RESOURCE = {how: _define(ScatterNd_, f"ResourceScatterNd{how.capitalize()}", how, True, True) for how in _HOW_ND}


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
