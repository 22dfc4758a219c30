"""The tracing array namespace: kernels run on it become plan nodes.

Known values (constants, shapes, axes) are numpy arrays and are computed at once. Nodes are hash-consed, so work that occurs
twice is one node; the simplifications of `plan.simplify` are tried when a node is made.
"""
from __future__ import annotations

import functools
from typing import Any

import numpy as np

from ..core.shapes import describe
from ..kernels.interrupts import whole
from ..kernels.namespace import numpy_namespace
from .kernels import KERNELS, Index, hashable
from .node import BINARY_BOOL, BINARY_SAME, COMPLEX_PARTS, UNARY_BOOL, UNARY_FLOAT, UNARY_SAME, Node, Unknown, Untraceable, at_work
from .simplify import simplify_elementwise

_SCALARS = (bool, int, float, complex)
_BOOL = np.dtype(bool)
_PASSED_ON = frozenset(("pi", "e", "inf", "nan", "newaxis", "float32", "float64", "float16", "int32", "int64", "finfo", "iinfo"))


class Tracer:
    """`xp` while a plan is traced. `with tracer:` sends the operators of nodes to it, in this thread."""

    def __init__(self) -> None:
        self.inputs: list[Node] = []
        self.nodes: list[Node] = []
        self.table: dict[Any, Node] = {}
        self.kept: dict[int, np.ndarray] = {}     # arrays named by id in keys; kept so that ids stay theirs
        self.source: Any = None                   # the operation being traced
        self.arguments: Any = ()                  # its arguments
        self._outer: list[Any] = []

    @whole
    def __enter__(self) -> Tracer:
        self._outer.append(at_work.tracer)
        at_work.tracer = self
        return self

    @whole
    def __exit__(self, *exception: object) -> None:
        at_work.tracer = self._outer.pop()

    # -- nodes --------------------------------------------------------------------------------------------------------
    def new(self, prim: str, args: tuple[Any, ...], par: Any, shape: Any, dtype: np.dtype[Any], merge: bool = True) -> Node:
        """The node for this work: an equal one if there is one already."""
        key = None
        if merge:
            try:
                key = (prim, par, dtype, shape, *[a.id if a.__class__ is Node else self._key(a) for a in args])
                known = self.table.get(key)
                if known is not None:
                    return known
            except TypeError:
                key = None
        node = Node(prim, args, par, shape, dtype, self.source)
        self.nodes.append(node)
        if key is not None:
            self.table[key] = node
        return node

    def _key(self, array: np.ndarray) -> Any:
        if array.size <= 8 and array.dtype.kind != "O":
            return array.dtype.str, array.shape, array.tobytes()
        self.kept[id(array)] = array
        return "id", id(array)

    def input(self, prim: str, key: Any, shape: Any, dtype: np.dtype[Any]) -> Node:
        """An input of the plan: a `feed` (key: its position), a `variable` (its key) or an `argument` of a body (its position)."""
        node = Node(prim, (), key, shape, dtype, self.source)
        self.inputs.append(node)
        return node

    # -- elementwise --------------------------------------------------------------------------------------------------
    def elementwise(self, name: str, *values: Any) -> Any:
        if not any(v.__class__ is Node for v in values):
            return getattr(numpy_namespace, name)(*values)
        dtype = _common_dtype(values[1:] if name == "where" else values)
        args = tuple([v if v.__class__ is Node else np.asarray(v, dtype if isinstance(v, _SCALARS) else None) for v in values])
        if name == "divide" and dtype.kind in "iub":
            dtype = np.dtype(np.float64)
        if (name in UNARY_FLOAT and dtype.kind in "iubO") or dtype.kind == "O":
            raise Untraceable(f"{name} of {dtype}")
        shape = args[0].shape
        for a in args[1:]:
            if a.shape != shape:
                shape = np.broadcast_shapes(shape, a.shape)
        found = simplify_elementwise(self, name, args, shape, dtype)
        if found is not None:
            return found
        result = _BOOL if name in BINARY_BOOL or name in UNARY_BOOL else dtype
        if dtype.kind == "c" and (name == "abs" or name in COMPLEX_PARTS):
            result = np.dtype(np.float32 if dtype.itemsize == 8 else np.float64)
        elif name == "make_complex":
            result = np.dtype(np.complex64 if dtype.itemsize == 4 else np.complex128)
        return self.new(name, args, None, shape, result)

    def astype(self, x: Any, dtype: Any) -> Any:
        dtype = np.dtype(dtype)
        if x.__class__ is not Node:
            return np.asarray(x).astype(dtype)
        if x.dtype == dtype:
            return x
        if dtype.kind in "OSU" or x.dtype.kind in "OSU":
            raise Untraceable("strings")
        return self.new("cast", (x,), None, x.shape, dtype)

    def clip(self, x: Any, low: Any, high: Any) -> Any:
        return self.elementwise("minimum", self.elementwise("maximum", x, low), high)

    # -- reductions ---------------------------------------------------------------------------------------------------
    def _reduce(self, name: str, x: Any, axis: Any, keepdims: bool) -> Any:
        if x.__class__ is not Node:
            return getattr(np, name)(x, axis=axis, keepdims=keepdims)
        rank = len(x.shape)
        over = tuple(range(rank)) if axis is None else (axis,) if isinstance(axis, (int, np.integer)) else tuple(axis)
        over = tuple(sorted({int(a) % rank for a in over})) if rank else ()
        dtype = _BOOL if name in ("any", "all") else x.dtype
        if not over:
            return self.astype(x, dtype)
        if (dtype.kind == "b" and name in ("sum", "prod")) or x.dtype.kind == "O":
            raise Untraceable(f"{name} of {x.dtype}")
        shape = tuple([1 if i in over else d for i, d in enumerate(x.shape) if keepdims or i not in over])
        return self.new(name, (x,), (over, bool(keepdims)), shape, dtype)

    def sum(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("sum", x, axis, keepdims)

    def prod(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("prod", x, axis, keepdims)

    def max(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("max", x, axis, keepdims)

    def min(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("min", x, axis, keepdims)

    def any(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("any", x, axis, keepdims)

    def all(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return self._reduce("all", x, axis, keepdims)

    def mean(self, x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        if x.__class__ is not Node:
            return np.mean(x, axis=axis, keepdims=keepdims)
        total = self.sum(x, axis=axis, keepdims=keepdims)
        return total / (x.size / max(total.size, 1))

    def argmax(self, x: Any, axis: int = 0) -> Any:
        return self._arg("argmax", x, axis)

    def argmin(self, x: Any, axis: int = 0) -> Any:
        return self._arg("argmin", x, axis)

    def _arg(self, name: str, x: Any, axis: int) -> Any:
        if x.__class__ is not Node:
            return getattr(numpy_namespace, name)(x, axis)
        axis = int(axis) % len(x.shape)
        return self.new(name, (x,), axis, x.shape[:axis] + x.shape[axis + 1:], np.dtype(np.int64))

    # -- linear algebra and axes --------------------------------------------------------------------------------------
    def matmul(self, a: Any, b: Any) -> Any:
        """Matrix products; transposed operands are read in place."""
        if a.__class__ is not Node and b.__class__ is not Node:
            return np.matmul(a, b)
        dtype = _common_dtype((a, b))
        if dtype.kind not in "iufc" or min(a.ndim, b.ndim) < 2:
            raise Untraceable(f"matmul of {dtype}")
        if a.shape[-1] != b.shape[-2]:
            raise ValueError(f"Matrix size-incompatible: In[0]: {describe(a.shape)}, In[1]: {describe(b.shape)}")
        shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
        return self.new("matmul", (a, b), None, shape, dtype)

    def transpose(self, x: Any, axes: Any = None) -> Any:
        if x.__class__ is not Node:
            return np.transpose(x, axes)
        rank = len(x.shape)
        order = tuple(range(rank))[::-1] if axes is None else tuple(int(a) % rank for a in axes)
        if order == tuple(range(rank)):
            return x
        if x.prim == "transpose":
            return self.transpose(x.args[0], tuple(x.par[a] for a in order))
        return self.new("transpose", (x,), order, tuple(x.shape[a] for a in order), x.dtype)

    def swapaxes(self, x: Any, a: int, b: int) -> Any:
        order = list(range(len(x.shape)))
        order[a], order[b] = order[b], order[a]
        return self.transpose(x, order)

    def reshape(self, x: Any, shape: Any) -> Any:
        if x.__class__ is not Node:
            return np.reshape(x, shape)
        wanted = (int(shape),) if isinstance(shape, (int, np.integer)) else tuple(int(d) for d in shape)
        if -1 in wanted:
            rest = 1
            for d in wanted:
                rest *= d if d != -1 else 1
            if rest == 0 or x.size % rest:
                raise ValueError(f"Cannot reshape a tensor with {x.size} elements to shape {list(wanted)}")
            wanted = tuple(x.size // rest if d == -1 else d for d in wanted)
        count = 1
        for d in wanted:
            count *= d
        if count != x.size:
            raise ValueError(f"Cannot reshape a tensor with {x.size} elements to shape {list(wanted)} ({count} elements)")
        if wanted == x.shape:
            return x
        if x.prim == "reshape":
            return self.reshape(x.args[0], wanted)
        return self.new("reshape", (x,), wanted, wanted, x.dtype)

    def ravel(self, x: Any) -> Any:
        return self.reshape(x, (-1,)) if x.__class__ is Node else np.ravel(x)

    def expand_dims(self, x: Any, axis: int) -> Any:
        rank = len(x.shape) + 1
        axis = int(axis) % rank
        return self.reshape(x, x.shape[:axis] + (1,) + x.shape[axis:])

    def squeeze(self, x: Any, axis: Any = None) -> Any:
        rank = len(x.shape)
        drop = {i for i, d in enumerate(x.shape) if d == 1} if axis is None else \
            {int(a) % rank for a in (axis if isinstance(axis, (tuple, list)) else (axis,))}
        return self.reshape(x, tuple(d for i, d in enumerate(x.shape) if i not in drop))

    def broadcast_to(self, x: Any, shape: Any) -> Any:
        shape = tuple(int(d) for d in shape)
        if x.__class__ is not Node:
            return np.broadcast_to(x, shape)
        if shape == x.shape:
            return x
        if np.broadcast_shapes(x.shape, shape) != shape:
            raise ValueError(f"Incompatible shapes: cannot broadcast {list(x.shape)} to {list(shape)}")
        return self.new("broadcast_to", (x,), shape, shape, x.dtype)

    def slice(self, x: Any, index: Any) -> Any:
        """x[index] for ints, slices, None and Ellipsis."""
        index = index if isinstance(index, tuple) else (index,)
        if any(not (i is None or i is Ellipsis or isinstance(i, (int, np.integer, slice))) for i in index):
            raise Untraceable("indexing by arrays")
        index = tuple(int(i) if isinstance(i, np.integer) else i for i in index)
        shape = np.broadcast_to(np.int8(0), x.shape)[index].shape
        if shape == x.shape and all(i in (Ellipsis, slice(None)) for i in index):
            return x
        return self.new("slice", (x,), Index(index), shape, x.dtype)

    def concatenate(self, parts: Any, axis: int = 0) -> Any:
        parts = tuple(parts)
        if not any(p.__class__ is Node for p in parts):
            return np.concatenate(parts, axis)
        axis = int(axis) % len(parts[0].shape)
        dtype = _common_dtype(parts)
        for p in parts:
            if p.shape[:axis] + p.shape[axis + 1:] != parts[0].shape[:axis] + parts[0].shape[axis + 1:]:
                raise ValueError(f"ConcatOp : Dimensions of inputs should match: shape[0] = {list(parts[0].shape)} vs. {list(p.shape)}")
        filled = [p for p in parts if p.shape[axis]]
        if len(filled) == 1:
            return filled[0]
        shape = parts[0].shape[:axis] + (sum(p.shape[axis] for p in parts),) + parts[0].shape[axis + 1:]
        return self.new("concatenate", parts, axis, shape, dtype)

    def stack(self, parts: Any, axis: int = 0) -> Any:
        return self.concatenate([self.expand_dims(p, axis % (len(p.shape) + 1)) if p.__class__ is Node else np.expand_dims(p, axis)
                                 for p in parts], axis % (len(parts[0].shape) + 1))

    def take(self, x: Any, indices: Any, axis: int = 0) -> Any:
        """Rows by index; indices must be in range (checked by the op that uses it)."""
        if x.__class__ is not Node and indices.__class__ is not Node:
            return np.take(x, indices, axis)
        axis = int(axis) % len(x.shape)
        shape = x.shape[:axis] + tuple(indices.shape) + x.shape[axis + 1:]
        return self.new("take", (x, indices if indices.__class__ is Node else np.asarray(indices)), axis, shape, x.dtype)

    def zeros_like(self, x: Any, dtype: Any = None) -> Any:
        return np.broadcast_to(np.zeros((), dtype or x.dtype), x.shape)

    def ones_like(self, x: Any, dtype: Any = None) -> Any:
        return np.broadcast_to(np.ones((), dtype or x.dtype), x.shape)

    def zeros(self, shape: Any, dtype: Any) -> Any:
        return np.broadcast_to(np.zeros((), dtype), shape)

    def full_like(self, x: Any, value: Any, dtype: Any = None) -> Any:
        return np.broadcast_to(np.asarray(value, dtype or x.dtype), x.shape)

    def shape(self, x: Any) -> Any:
        return x.shape

    def ndim(self, x: Any) -> int:
        return len(x.shape)

    def where(self, condition: Any, x: Any, y: Any) -> Any:
        return self.elementwise("where", condition, x, y)

    def known(self, value: Any) -> Any:
        """The value of an argument that shapes depend on."""
        if value.__class__ is Node:
            raise Unknown("shapes that depend on values")
        return np.asarray(value)

    def einsum(self, equation: str, *arrays: Any) -> Any:
        """Sums of products; equation: numpy's, explicit, without ellipses, every output letter once."""
        if not any(a.__class__ is Node for a in arrays):
            return numpy_namespace.einsum(equation, *arrays)
        sizes = {letter: d for labels, a in zip(equation.partition("->")[0].split(","), arrays) for letter, d in zip(labels, a.shape)}
        shape = tuple(sizes[letter] for letter in equation.partition("->")[2])
        args = tuple([a if a.__class__ is Node else np.asarray(a) for a in arrays])
        return self.new("einsum", args, equation, shape, _common_dtype(args))

    def check(self, bad: Any, text: str, values: Any = None) -> None:
        """Fails the run, for the operation being traced, where a flag is set; text and values: see `kernels.complaints`."""
        if bad.__class__ is Node or np.any(bad):        # what is known to fail fails when its turn comes
            shapes = tuple([getattr(a, "shape", None) for a in self.arguments])
            args = (bad,) if values is None else (bad, values)
            self.new("check", tuple([a if a.__class__ is Node else np.asarray(a) for a in args]), (text, shapes), (), _BOOL)

    def kernel(self, name: str, *args: Any) -> Any:
        """A kernel on arrays, followed by its known parameters."""
        row = KERNELS[name]
        count = row.arrays
        arrays = tuple(a if a.__class__ is Node else np.asarray(a) for a in args[:count])
        if not any(a.__class__ is Node for a in arrays):
            return getattr(numpy_namespace, name)(*args)
        known = tuple(hashable(value) for value in args[count:])
        dtype = arrays[0].dtype if row.dtype is None else row.dtype(*(a.dtype for a in arrays), *known)
        return self.new(name, arrays, known, row.shape(*(a.shape for a in arrays), *known), dtype)

    def __getattr__(self, name: str) -> Any:
        if name in KERNELS:
            return functools.partial(self.kernel, name)
        if name in _PASSED_ON:
            return getattr(np, name)
        raise Untraceable(f"xp.{name}")


def _common_dtype(values: Any) -> np.dtype[Any]:
    """The dtype that numpy (2.x) would compute in; Python scalars follow the arrays."""
    arrays = [v.dtype for v in values if not isinstance(v, _SCALARS)]
    dtype = arrays[0]
    for other in arrays[1:]:
        if other is not dtype and other != dtype:
            dtype = np.result_type(dtype, other)
    for v in values:
        if isinstance(v, float) and dtype.kind in "iub":
            return np.dtype(np.float64)
        if isinstance(v, complex) and dtype.kind != "c":
            return np.dtype(np.complex128)
        if isinstance(v, int) and not isinstance(v, bool) and dtype.kind == "b":
            return np.dtype(np.int64)
    return dtype


def _add_elementwise() -> None:
    for name in UNARY_FLOAT | UNARY_SAME | UNARY_BOOL | BINARY_SAME | BINARY_BOOL | COMPLEX_PARTS | {"make_complex"}:
        def function(self: Tracer, *values: Any, name: str = name) -> Any:
            return self.elementwise(name, *values)
        setattr(Tracer, name, function)
    for alias, name in {"absolute": "abs", "mod": "remainder", "round": "rint", "true_divide": "divide", "conjugate": "conj"}.items():
        setattr(Tracer, alias, getattr(Tracer, name))


_add_elementwise()
