"""Conversions of dtype: the to_* functions of TF1, saturate_cast, bucketize."""
from __future__ import annotations

from typing import Any

import numpy as np

from ...core import context, dtypes
from ...core.convert import convert_to_tensor
from ...core.deprecation import warn_once
from ...core.dtypes import as_dtype, float32, float64, int32, int64
from ...core.export import export
from ...core.make import make
from ...core.op import Op, Spec, one_of
from ...core.operation import Operation
from ...core.tensor import Tensor
from ...kernels.contract import Namespace
from ..array.basic import cast
from .clip import ClipByValue
from .complex import real_


def _to(dtype: Any, function_name: str, default: str) -> Any:
    def function(x: Any, name: str | None = default) -> Any:
        warn_once(f"tf.{function_name} is deprecated: use tf.cast(x, tf.{dtype.name})")
        return cast(x, dtype, name=name)
    function.__name__ = function.__qualname__ = function_name
    function.__doc__ = f"x as {dtype.name}. Deprecated: use `tf.cast`."
    return export(function_name)(function)


to_float = _to(float32, "to_float", "ToFloat")
to_double = _to(float64, "to_double", "ToDouble")
to_int32 = _to(int32, "to_int32", "ToInt32")
to_int64 = _to(int64, "to_int64", "ToInt64")
to_bfloat16 = _to(dtypes.bfloat16, "to_bfloat16", "ToBFloat16")
to_complex64 = _to(dtypes.complex64, "to_complex64", "ToComplex64")
to_complex128 = _to(dtypes.complex128, "to_complex128", "ToComplex128")


def _limit(source: Any, target: Any, least: bool) -> Any:
    """The least (or greatest) number of `source` that `target` can hold."""
    number = source.np.type
    inner, outer = (source.min, target.min) if least else (source.max, target.max)
    limit = number(max(inner, outer) if least else min(float(inner), float(outer)) if source.is_floating else min(inner, outer))
    wide = np.float64 if source.is_floating or target.is_floating else object
    over = np.asarray(limit, wide) < np.asarray(outer, wide) if least else np.asarray(limit, wide) > np.asarray(outer, wide)
    return np.nextafter(limit, number(0), dtype=source.np) if over and source.is_floating else limit


@export("saturate_cast", "dtypes.saturate_cast")
def saturate_cast(value: Any, dtype: Any, name: str | None = None) -> Tensor:
    """`value` as another dtype, where numbers beyond its range become its least and greatest."""
    target = as_dtype(dtype).base_dtype
    with context.default_graph().name_scope(name or "saturate_cast") as scope:
        value = convert_to_tensor(value, name="value")
        source = value.dtype.base_dtype
        if source.is_complex:
            if target.is_complex:
                return cast(value, target, name=scope)
            value, source = real_(value), source.real_dtype
        low, high = _limit(source, target.real_dtype, True), _limit(source, target.real_dtype, False)
        value = make(ClipByValue, value, convert_to_tensor(low, source), convert_to_tensor(high, source), name="clamp")
        return cast(value, target, name=scope)


class Bucketize(Op, sig="input: T -> output: int32"):
    """The number of boundaries that are not above each element."""
    T: dtypes.DType = one_of((int32, int64, float32, float64))
    boundaries: list[float]

    def infer(self, x: Spec) -> Spec:
        return Spec(int32, x.shape)

    def kernel(self, xp: Namespace, x: Any) -> Any:
        places = xp.search_rows(np.asarray([self.boundaries], np.float32), xp.reshape(x, (1, x.size)), "right")
        return xp.astype(xp.reshape(places, x.shape), np.int32)

    def grad(self, op: Operation, dy: Any) -> Any:
        return (None,)


def bucketize(input: Any, boundaries: Any, name: str | None = None) -> Tensor:
    """int32: in which of the intervals between the sorted boundaries each element lies (0 below the first)."""
    return make(Bucketize, input, name=name, boundaries=[float(b) for b in boundaries])
