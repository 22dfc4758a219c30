"""Running an operation's kernel on real arrays: what `call` nodes do; and what `check` and `stream` nodes do."""
from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ....core import errors
from ....kernels.complaints import complaint
from ....kernels.namespace import in_place_namespace, numpy_namespace
from ....plan.complaints import USER_ERRORS, failure
from ....plan.concrete import rechecker
from ....plan.expected import Observed, Unexpected, observable
from ....plan.ir import Call, Draws
from ....plan.node import Node

_SCALARS = (np.generic, bytes, str, int, float, complex)


NAMESPACES = (numpy_namespace, in_place_namespace)      # of kernels, and of those that own what they write


def caller(par: Call, context: Any, observed: Observed | None = None, spaces: Any = NAMESPACES,
           steady: frozenset[int] = frozenset()) -> Callable[..., Any]:
    """A function of the arguments that returns the result (an array), or a list of results when there are several.

    context: what a stateful operation runs with, for the session that the plan is compiled for. observed: notes shapes that are not known.
    spaces: what kernels compute with. steady: arguments that a result may be a window on (windows.py).
    """
    call = _caller(par, context, spaces, steady)
    if par.guards:
        return _guarded(call, par)
    if observed is not None and observable(par):
        observed.calls += 1
        return _noted(call, par, observed)
    return call


def _guarded(call: Callable[..., Any], par: Call) -> Callable[..., Any]:
    """A call whose results must have the shapes that the plan was made for."""
    single, wanted = len(par.results) == 1, [(i, par.results[i][0]) for i in par.guards]

    def guarded(*args: Any) -> Any:
        found = call(*args)
        for i, shape in wanted:
            if (found if single else found[i]).shape != shape:
                raise Unexpected
        return found
    return guarded


def _noted(call: Callable[..., Any], par: Call, observed: Observed) -> Callable[..., Any]:
    single, op = len(par.results) == 1, par.op

    def noted(*args: Any) -> Any:
        found = call(*args)
        if observed.left:
            observed.note(op, (found,) if single else found)
        return found
    return noted


def _caller(par: Call, context: Any, spaces: Any, steady: frozenset[int]) -> Callable[..., Any]:
    op_def, op = par.op_def, par.op
    if op_def.stateful:
        run, first = op_def.run, context
    else:
        run, first = op_def.kernel, spaces[bool(par.mutates)]
    count, mutates = len(par.results), par.mutates
    recheck = rechecker(op, par.unread) if par.unchecked else None
    dtypes = [dtype for _, dtype in par.results]

    def checked(value: Any, dtype: np.dtype[Any], args: Sequence[Any]) -> Any:
        if dtype.kind == "O":
            return np.asarray(value, object) if value is None or isinstance(value, _SCALARS) else value
        if value.__class__ is not np.ndarray or value.dtype != dtype:
            value = np.asarray(value, dtype)
        for a in args:  # a view of an argument would change when the argument's buffer is reused
            if a is value or (value.base is not None and a.__class__ is np.ndarray and np.may_share_memory(a, value)):
                return np.array(value)
        return value

    def call(*args: Any) -> Any:
        try:
            if recheck is not None:
                recheck(args)
            result = run(first, *args)
        except errors.OpError as error:
            raise failure(op, error) from error.__cause__
        except USER_ERRORS as error:
            raise failure(op, error, args) from error
        if count == 1:
            if result.__class__ is tuple or result.__class__ is list:
                result = result[0]
            return checked(result, dtypes[0], () if mutates else [a for i, a in enumerate(args) if i not in steady] if steady else args)
        results = list(result) if isinstance(result, (tuple, list)) else [result]
        if count == 0:
            return None
        return [checked(r, d, args if i >= mutates else ()) for i, (r, d) in enumerate(zip(results, dtypes))]

    return call


def quick_caller(par: Call) -> Callable[..., Any] | None:
    """`caller` of an operation on lists of numbers, whose arguments and results need no look; None for any other."""
    op, quick = par.op, par.op_def.quick
    if quick is None or par.op_def.element_dtype.np.kind == "O":
        return None

    def call(first: Any, *rest: Any) -> Any:
        try:
            return quick(first, *rest)
        except errors.OpError as error:
            raise failure(op, error) from error.__cause__
    return call


def taker(par: Draws, context: Any) -> Callable[[], Any]:
    """What a `stream` does: the place in the operation's stream of this session, which moves on."""
    op_def = par.op._op_def
    return lambda: op_def.take(context, par.blocks)


def refuse(node: Node) -> Callable[..., Any]:
    """What a `check` does with its flags, when one is set, and the values that it is about: the error of its operation."""
    text, shapes = node.par

    def fail(bad: Any, values: Any = None) -> None:
        raise failure(node.source, ValueError(complaint(text, bad, values)), [types.SimpleNamespace(shape=shape) for shape in shapes])
    return fail
