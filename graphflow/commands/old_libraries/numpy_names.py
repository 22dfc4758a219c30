"""What numpy had and has no more (removed in 1.24, 2.0 and later), by the functions that its notes name in their place."""
from __future__ import annotations

import ast
import builtins
import pickle
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

allow_pickle = False      # of np.load where the program does not say; numpy before 1.16.3 read pickled objects


def names() -> Mapping[str, Any]:
    """{name: value} of the removed names; those of functions whose behaviour changed too."""
    renamed = {
        "float_": "float64", "complex_": "complex128", "cfloat": "complex128", "singlecomplex": "complex64", "longfloat": "longdouble",
        "string_": "bytes_", "unicode_": "str_", "int0": "intp", "uint0": "uintp", "bool8": "bool_", "object0": "object_", "bool": "bool_",
        "Inf": "inf", "Infinity": "inf", "infty": "inf", "PINF": "inf", "NaN": "nan", "NAN": "nan", "product": "prod", "round_": "round",
        "cumproduct": "cumprod", "alltrue": "all", "sometrue": "any", "row_stack": "vstack", "mat": "asmatrix", "rank": "ndim",
        "typeDict": "sctypeDict", "trapz": "trapezoid"}
    found: dict[str, Any] = {old: getattr(np, new) for old, new in renamed.items() if not _has(old) and _has(new)}
    for old in ("int", "float", "object", "str", "complex"):
        found[old] = getattr(builtins, old)
    own = {"long": int, "unicode": str, "NINF": -np.inf, "PZERO": 0.0, "NZERO": -0.0, "asscalar": _asscalar, "in1d": _in1d, "msort": _msort,
           "asfarray": _asfarray, "alen": _alen, "find_common_type": _find_common_type, "safe_eval": ast.literal_eval,
           "loads": pickle.loads, "issubclass_": _issubclass, "cast": _Cast(), "obj2sctype": _obj2sctype, "disp": print,
           "deprecate": lambda *a, **k: (lambda f: f)}
    found |= {old: value for old, value in own.items() if not _has(old)}
    return found | {"array": _ragged(np.array), "asarray": _ragged(np.asarray), "fromstring": _fromstring, "load": _load}


def _has(name: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")       # numpy 1 warns of names that will go, or come back
        return hasattr(np, name)


def _ragged(make: Any) -> Any:
    """np.array and np.asarray, which made rows of different lengths an array of objects until numpy 1.24."""
    def old(*args: Any, **kwargs: Any) -> Any:
        try:
            return make(*args, **kwargs)
        except ValueError as error:
            if "inhomogeneous shape" not in str(error) or len(args) > 1 or kwargs.get("dtype") is not None:
                raise
            return make(*args, **{**kwargs, "dtype": builtins.object})
    old.__name__ = make.__name__
    return old


def _fromstring(string: Any, dtype: Any = builtins.float, count: int = -1, *, sep: str = "", **kwargs: Any) -> Any:
    if sep:
        return np.fromstring(string, dtype, count, sep=sep, **kwargs)
    data = string.encode("latin-1") if isinstance(string, builtins.str) else string
    return np.frombuffer(data, dtype, count).copy()


def _load(file: Any, mmap_mode: Any = None, allow_pickle: Any = None, *args: Any, **kwargs: Any) -> Any:
    wanted = globals()["allow_pickle"] if allow_pickle is None else allow_pickle
    return np.load(file, mmap_mode, wanted, *args, **kwargs)


def _asscalar(a: Any) -> Any:
    return np.asarray(a).item()


def _in1d(ar1: Any, ar2: Any, assume_unique: builtins.bool = False, invert: builtins.bool = False) -> Any:
    return np.isin(np.ravel(ar1), ar2, assume_unique=assume_unique, invert=invert)


def _msort(a: Any) -> Any:
    return np.sort(a, axis=0)


def _asfarray(a: Any, dtype: Any = np.float64) -> Any:
    return np.asarray(a, dtype if np.issubdtype(dtype, np.inexact) else np.float64)


def _alen(a: Any) -> builtins.int:
    return len(np.atleast_1d(a))


def _find_common_type(array_types: Any, scalar_types: Any) -> Any:
    return np.result_type(*array_types, *scalar_types)


def _issubclass(arg1: Any, arg2: Any) -> builtins.bool:
    return isinstance(arg1, type) and issubclass(arg1, arg2)


def _obj2sctype(rep: Any, default: Any = None) -> Any:
    try:
        return np.dtype(rep).type
    except TypeError:
        return default


class _Cast:
    """np.cast['f'](x)."""

    def __getitem__(self, kind: Any) -> Any:
        return lambda x: np.asarray(x).astype(kind)


def old_attribute(value: Any, name: builtins.str) -> Any:
    """value.`name`, where objects have lost that method."""
    try:
        return getattr(value, name)
    except AttributeError:
        found = _METHODS.get(name, lambda v: None)(value)
        if found is None:
            raise
        return found


def _method(kind: type | tuple[type, ...], call: Any) -> Any:
    return lambda value: (lambda *a, **k: call(value, *a, **k)) if isinstance(value, kind) else None


_ARRAYS = (np.ndarray, np.generic)
_METHODS: dict[builtins.str, Any] = {
    "tostring": _method(_ARRAYS, lambda v, *a, **k: v.tobytes(*a, **k)),
    "ptp": _method(_ARRAYS, np.ptp),
    "itemset": _method(np.ndarray, lambda v, *a: v.__setitem__(a[0] if len(a) == 2 else (0,) * v.ndim, a[-1])),
    "newbyteorder": _method(np.ndarray, lambda v, *a: v.view(v.dtype.newbyteorder(*a))),
    "isAlive": lambda v: getattr(v, "is_alive", None),
    "getchildren": lambda v: (lambda: list(v)) if hasattr(v, "iter") else None,
    "getiterator": lambda v: getattr(v, "iter", None),
}
OLD_METHODS = frozenset(_METHODS)
