"""Python functions as operations."""
from __future__ import annotations

import itertools
import os
import traceback
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np

from ..core import context, dtypes, errors
from ..core.convert import convert_to_tensor
from ..core.dtypes import DType, as_dtype, c_name
from ..core.export import export
from ..core.make import make
from ..core.op import Spec
from ..core.operation import Operation
from ..core.outcomes import Several
from ..core.run_context import Context
from ..kernels.contract import Namespace

_functions: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()  # token -> function, which its graph keeps alive
_numbers = itertools.count()


class _Function:
    """A Python function that can be referred to weakly."""
    __slots__ = ("__weakref__", "call")

    def __init__(self, call: Callable[..., Any]):
        self.call = call


def _as_array(value: Any, dtype: DType, token: str, i: int, op: Any) -> Any:
    """A returned value as an array; InvalidArgumentError unless it has the dtype that was declared."""
    if dtype is dtypes.string:
        raw = np.asarray(value, object if not isinstance(value, np.ndarray) else None)
        out = np.empty(raw.shape, object)
        out.ravel()[:] = [v.encode() if isinstance(v, str) else bytes(v) for v in raw.ravel().tolist()]
        return out
    array = np.asarray(value)
    if array.dtype == object:
        strange = next((v for v in array.ravel().tolist() if not isinstance(v, (str, bytes))), None)
        if strange is not None:
            raise errors.InternalError(None, op, f"Unsupported object type {type(strange).__name__}: the {i}-th value that {token} "
                                                 f"returned is no {c_name(dtype)}")
    if array.dtype != dtype.np:
        raise errors.InvalidArgumentError(None, op, f"{i}-th value returned by {token} is {c_name(array.dtype)}, but expects "
                                                    f"{c_name(dtype)}")
    return np.array(array)


# Python's exceptions in a callback -> what the run raises, as TensorFlow has it; UnknownError for all others.
_ERRORS: tuple[tuple[tuple[type[Exception], ...], type[errors.CodedError]], ...] = (
    ((NotImplementedError,), errors.UnimplementedError), ((StopIteration,), errors.OutOfRangeError),
    ((MemoryError,), errors.ResourceExhaustedError), ((ValueError, TypeError), errors.InvalidArgumentError))


def _failure(op: Any, error: Exception) -> errors.OpError:
    """The error of a run in which the user's function raised `error`: its kind and text, and the line that raised it."""
    cls = next((mine for theirs, mine in _ERRORS if isinstance(error, theirs)), errors.UnknownError)
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"\n  raised at {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}"
    return cls(None, op, f"{type(error).__name__}: {error}{where}")


class _PyFunc(Several):
    may_wait = True        # a Python function may wait for anything, and may run the session itself
    token: str
    Tin: list[DType]
    Tout: list[DType]

    def infer(self, *inputs: Spec) -> tuple[Spec, ...]:
        return tuple(Spec(t, None) for t in self.Tout)

    def call(self, op: Any, values: Any) -> Any:
        token = self.token.decode() if isinstance(self.token, bytes) else self.token
        function = _functions.get(token)
        if function is None:
            raise errors.FailedPreconditionError(None, op, f"callback {token} is not found; a graph with py_func can only be run by the "
                                                           "program that built it")
        try:
            result = function.call(*[np.array(v)[()] if np.ndim(v) == 0 else np.array(v) for v in values])
        except errors.OpError:
            raise
        except Exception as error:
            raise _failure(op, error) from error
        if result is None and not self.Tout:
            return ()
        results = list(result) if isinstance(result, (list, tuple)) else [result]
        if len(results) != len(self.Tout):
            raise errors.InvalidArgumentError(None, op, f"{token} returns {len(results)} values, but expects to see "
                                                        f"{len(self.Tout)} values.")
        return tuple(_as_array(v, t, token, i, op) for i, (v, t) in enumerate(zip(results, self.Tout)))

    def grad(self, op: Operation, *dy: Any) -> Any:
        return [None] * len(op.inputs)


class PyFunc(_PyFunc, sig="input: [Tin] -> output: [Tout]", stateful=True):
    """Calls a Python function on numpy arrays, once per run."""

    def run(self, ctx: Context, *inputs: Any) -> Any:
        return self.call(ctx.operation, inputs)


class PyFuncStateless(_PyFunc, sig="input: [Tin] -> output: [Tout]", host=True, folds=False):
    """Calls a Python function that depends on its inputs only; equal calls may be done once."""

    def kernel(self, xp: Namespace, *inputs: Any) -> Any:
        return self.call(None, inputs)


def _script(func: Any, inp: Any, Tout: Any, stateful: bool, name: str | None) -> Any:
    if not callable(func):
        raise ValueError(f"Expected func to be callable. Received func={func} of type {type(func)}.")
    inputs = [x if not hasattr(x, "_as_graph_element") else convert_to_tensor(x) for x in inp]
    many = isinstance(Tout, (list, tuple))
    types = [as_dtype(t).base_dtype for t in (Tout if many else [Tout])]
    token = f"pyfunc_{next(_numbers)}"
    _functions[token] = kept = _Function(func)
    graph = context.default_graph()
    try:
        if not graph.eager:
            graph.__dict__.setdefault("_py_funcs", []).append(kept)
        result = make(PyFunc if stateful else PyFuncStateless, inputs, name=name, token=token, Tout=types)
    finally:
        if graph.eager:                # it has been called
            del _functions[token]
    return result if many or not result else result[0]  # the operation itself, if there is nothing that it returns


@export("py_func")
def py_func(func: Callable[..., Any], inp: Any, Tout: Any, stateful: bool = True, name: str | None = None) -> Any:
    """func(*arrays) as an operation: gets numpy arrays of `inp`, returns arrays (or numbers, strings) of the dtypes `Tout`.

    Tout: a dtype (one tensor comes back) or a list (a list comes back; the operation, if it is empty). stateful=False: func depends on
    its inputs only, and equal calls may be done once. The static shapes are unknown, and there is no gradient; give one by
    `tf.RegisterGradient` and `graph.gradient_override_map({"PyFunc": name})`. A returned dtype that is not the declared one raises
    InvalidArgumentError.
    """
    return _script(func, inp, Tout, stateful, name)


@export("numpy_function")
def numpy_function(func: Any = None, inp: Any = None, Tout: Any = None, stateful: bool = True, name: str | None = None) -> Any:
    """As `tf.py_func`; with Tout alone, a decorator."""
    if Tout is None:
        raise TypeError("Missing required argument: 'Tout'")
    if func is None:
        if inp is not None:
            raise TypeError("Don't set the `inp` argument when using tf.numpy_function as a decorator (`func=None`).")
        return lambda function: lambda *args: _script(function, args, Tout, stateful, name)
    if inp is None:
        raise TypeError("Missing argument `inp`: the list of arguments to the function")
    return _script(func, inp, Tout, stateful, name)
