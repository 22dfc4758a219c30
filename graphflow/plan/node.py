"""Plan nodes: array primitives applied to nodes and known arrays. Immutable; equal work is one node (see tracing).

Primitives: INPUTS take what a plan is given: a fed array, a variable's value, an argument of a body plan; `call` runs an operation's
kernel on real arrays, `item` takes one of several results; `copy` owns its data; VIEWS share their argument's memory; ELEMENTWISE work
element by element with broadcasting; REDUCTIONS work along axes; `cond` and `loop` run plans that they hold; `check` fails the run
where a flag is set (see `kernels.complaints`); `stream` takes the next blocks of an operation's random stream and gives their place,
uint64 [3] (key, counter), from which `draw` makes numbers; `matmul`, `einsum`, `concatenate`, `take` are themselves; `plan.kernels` lists
the rest. A node knows neither tracer nor session: operators on nodes go to the tracer that is at work in this thread.
"""
from __future__ import annotations

import itertools
import threading
from typing import Any

import numpy as np

UNARY_FLOAT = frozenset(("exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "tanh", "sigmoid", "sin", "cos", "tan", "arcsin", "arccos",
                         "arctan", "sinh", "cosh", "arcsinh", "arccosh", "arctanh", "erf", "erfc", "erfinv", "ndtri", "lgamma",
                         "digamma", "bessel_i0", "bessel_i0e", "bessel_i1", "bessel_i1e"))
UNARY_SAME = frozenset(("negative", "abs", "sign", "square", "floor", "ceil", "rint", "trunc", "reciprocal", "conj",
                        "invert"))
UNARY_BOOL = frozenset(("isnan", "isinf", "isfinite", "logical_not"))
BINARY_SAME = frozenset(("add", "subtract", "multiply", "divide", "floor_divide", "remainder", "power", "maximum", "minimum",
                         "arctan2", "fmod", "nextafter", "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift",
                         "igamma", "igammac", "igamma_grad_a", "zeta", "polygamma", "betainc"))
BINARY_BOOL = frozenset(("greater", "greater_equal", "less", "less_equal", "equal", "not_equal", "logical_and", "logical_or",
                         "logical_xor"))
COMPLEX_PARTS = frozenset(("real", "imag"))
ELEMENTWISE = UNARY_FLOAT | UNARY_SAME | UNARY_BOOL | BINARY_SAME | BINARY_BOOL | COMPLEX_PARTS | {"where", "cast", "make_complex"}
REDUCTIONS = frozenset(("sum", "prod", "max", "min", "any", "all", "argmax", "argmin"))
VIEWS = frozenset(("reshape", "transpose", "broadcast_to", "slice"))
INPUTS = frozenset(("feed", "variable", "argument"))
HOLDERS = frozenset(("cond", "loop"))    # hold plans of their own (plan.bodies); `item` takes their results

_ids = itertools.count()


class _NoTracer:
    """Stands where no plan is being traced."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"{name} of a plan's node outside of tracing: use `with tracer:`")


class _AtWork(threading.local):
    tracer: Any = _NoTracer()


at_work = _AtWork()          # .tracer: the one that traces in this thread


class Untraceable(Exception):
    """A kernel asked for something that only real arrays have; its operation becomes a `call` node.

    Kernels that mean to do so say host = True on their class; for others it is a fault, and lowering warns (but for strings).
    """


class Unknown(Untraceable):
    """A kernel needs the value of an array for the shapes of its results, and the plan does not know it. Its operation is called."""


class Node:
    """A value in a plan. shape None: known only when the plan runs. args: nodes and numpy arrays; par: static parameters."""
    __slots__ = ("args", "contents", "dtype", "id", "par", "prim", "shape", "source")
    __array_ufunc__ = None  # numpy arrays leave mixed arithmetic to us

    prim: str
    args: tuple[Any, ...]
    par: Any
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    id: int                      # unique in the process
    source: Any                  # the operation that it was made for
    contents: Any                # of a list or optional: what is known of the values in it (core.contents), while the plan is made

    def __init__(self, prim: str, args: tuple[Any, ...], par: Any, shape: Any, dtype: np.dtype[Any], source: Any = None):
        self.prim, self.args, self.par, self.shape, self.dtype, self.source = prim, args, par, shape, dtype, source
        self.id, self.contents = next(_ids), None

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> int:
        size = 1
        for d in self.shape:
            size *= d
        return size

    @property
    def T(self) -> Any:
        return at_work.tracer.transpose(self)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        return at_work.tracer.astype(self, dtype)

    def reshape(self, *shape: Any) -> Any:
        return at_work.tracer.reshape(self, shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape)

    def transpose(self, *axes: Any) -> Any:
        return at_work.tracer.transpose(self, axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None)

    def sum(self, axis: Any = None, keepdims: bool = False) -> Any:
        return at_work.tracer.sum(self, axis=axis, keepdims=keepdims)

    def max(self, axis: Any = None, keepdims: bool = False) -> Any:
        return at_work.tracer.max(self, axis=axis, keepdims=keepdims)

    def min(self, axis: Any = None, keepdims: bool = False) -> Any:
        return at_work.tracer.min(self, axis=axis, keepdims=keepdims)

    def __getitem__(self, index: Any) -> Any:
        return at_work.tracer.slice(self, index)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a scalar")
        return self.shape[0]

    def __iter__(self) -> Any:
        return (self[i] for i in range(self.shape[0]))

    def __bool__(self) -> bool:
        raise Untraceable("a branch on a value")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise Untraceable("a real array")

    def __int__(self) -> int:
        raise Untraceable("a number")

    __float__ = __index__ = __int__

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise Untraceable(f"array.{name}")

    def __neg__(self) -> Any:
        return at_work.tracer.negative(self)

    def __abs__(self) -> Any:
        return at_work.tracer.abs(self)

    def __invert__(self) -> Any:
        return at_work.tracer.logical_not(self) if self.dtype == bool else _untraceable("invert")

    def __repr__(self) -> str:
        return f"%{self.id}"

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: Any) -> Any:
        return at_work.tracer.equal(self, other)

    def __ne__(self, other: Any) -> Any:
        return at_work.tracer.not_equal(self, other)


def _operators() -> None:
    binary = {"add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "floordiv": "floor_divide",
              "mod": "remainder", "pow": "power", "matmul": "matmul"}
    for short, name in binary.items():
        def forward(self: Node, other: Any, name: str = name) -> Any:
            return getattr(at_work.tracer, name)(self, other)

        def backward(self: Node, other: Any, name: str = name) -> Any:
            return getattr(at_work.tracer, name)(other, self)
        setattr(Node, f"__{short}__", forward)
        setattr(Node, f"__r{short}__", backward)
    for short, name in {"gt": "greater", "ge": "greater_equal", "lt": "less", "le": "less_equal"}.items():
        def compare(self: Node, other: Any, name: str = name) -> Any:
            return getattr(at_work.tracer, name)(self, other)
        setattr(Node, f"__{short}__", compare)
    for short, name in {"and": "logical_and", "or": "logical_or", "xor": "logical_xor"}.items():
        def logic(self: Node, other: Any, name: str = name) -> Any:
            return getattr(at_work.tracer, name)(self, other) if self.dtype == bool else _untraceable(name)
        setattr(Node, f"__{short}__", logic)
        setattr(Node, f"__r{short}__", logic)


def bodies(node: Node) -> dict[str, Any]:
    """The plans that a node holds: `then` and `orelse` of a cond, `test` and `body` of a loop."""
    return node.par._asdict() if node.prim in HOLDERS else {}


def _untraceable(what: str) -> Any:
    raise Untraceable(what)


_operators()
