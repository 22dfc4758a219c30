"""One or a few lines of Python per plan node."""
from __future__ import annotations

from typing import Any

import numpy as np

from ....kernels import ordering, products
from ....kernels.arithmetic import select, widened
from ....kernels.namespace import numpy_namespace
from ....kernels.reductions import column_products, folded, folds
from ....plan.kernels import KERNELS
from ....plan.node import BINARY_BOOL, COMPLEX_PARTS, ELEMENTWISE, VIEWS, Node

UFUNCS = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "floor_divide": np.floor_divide,
          "remainder": np.remainder, "fmod": np.fmod, "power": np.power, "maximum": np.maximum, "minimum": np.minimum,
          "arctan2": np.arctan2, "greater": np.greater, "greater_equal": np.greater_equal, "less": np.less,
          "less_equal": np.less_equal, "equal": np.equal, "not_equal": np.not_equal, "logical_and": np.logical_and,
          "logical_or": np.logical_or, "logical_xor": np.logical_xor, "logical_not": np.logical_not, "negative": np.negative,
          "exp": np.exp, "expm1": np.expm1, "log": np.log, "log1p": np.log1p, "sqrt": np.sqrt, "tanh": np.tanh, "sin": np.sin,
          "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan, "sinh": np.sinh,
          "cosh": np.cosh, "arcsinh": np.arcsinh, "arccosh": np.arccosh, "arctanh": np.arctanh, "abs": np.abs, "sign": np.sign,
          "square": np.square, "floor": np.floor, "ceil": np.ceil, "rint": np.rint, "trunc": np.trunc,
          "reciprocal": np.reciprocal, "conj": np.conjugate, "isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite,
          "bitwise_and": np.bitwise_and, "bitwise_or": np.bitwise_or, "bitwise_xor": np.bitwise_xor, "invert": np.invert,
          "left_shift": np.left_shift, "right_shift": np.right_shift, "nextafter": np.nextafter}
INFIX = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "greater": ">", "less": "<", "greater_equal": ">=",
         "less_equal": "<=", "equal": "==", "not_equal": "!="}
_LOGICAL = {"logical_and": " & ", "logical_or": " | ", "logical_xor": " ^ "}      # of numpy's bool scalars
FOLDED = {"sum": folded(np.add), "prod": folded(np.multiply), "max": folded(np.maximum), "min": folded(np.minimum)}
REDUCERS = {"sum": np.add.reduce, "prod": np.multiply.reduce, "max": np.maximum.reduce, "min": np.minimum.reduce,
            "any": np.logical_or.reduce, "all": np.logical_and.reduce}
GLOBALS: dict[str, Any] = {"np": np, "matmul": np.matmul, "split_matmul": products.matmul,
                           "copyto": np.copyto, "take": np.take, "concatenate": np.concatenate,
                           "where": np.where, "broadcast_to": np.broadcast_to, "argmax": ordering.argmax, "argmin": ordering.argmin,
                           **UFUNCS, **{f"reduce_{k}": v for k, v in REDUCERS.items()},
                           **{f"folded_{k}": v for k, v in FOLDED.items()}}


def lines(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    """Python that assigns the node's value to `target`; `out` names the buffer to compute into; constant(v) names a value."""
    prim = node.prim
    if prim in UFUNCS:
        return [f"{target} = {_ufunc(node, prim, args, out, constant)}"]
    if prim == "reshape":
        if node.par == () and node.args[0].shape and node.dtype.kind != "O":  # a number of its own: a where of scalars hands it on
            return [f"{target} = {args[0]}.reshape(())[()]"]
        return [f"{target} = {args[0]}.reshape({node.par})"] if node.args[0].shape else [f"{target} = np.reshape({args[0]}, {node.par})"]
    if prim == "transpose":
        return [f"{target} = {args[0]}.transpose({node.par})"]
    if prim == "broadcast_to":
        return [f"{target} = broadcast_to({args[0]}, {node.par})"]
    if prim == "slice":
        return [f"{target} = {args[0]}[{constant(node.par.value)}]"]
    if prim == "item":
        return [f"{target} = {args[0]}[{node.par}]"]
    if prim in SPECIAL:
        return _special(node, target, args, out, constant)
    if prim in KERNELS:
        values = [*args, *(constant(value) for value in node.par), *([f"out={out}"] if out else [])]
        return [f"{target} = {constant(getattr(numpy_namespace, prim))}({', '.join(values)}){'' if node.shape else '[()]'}"]
    function = globals()["_" + prim]
    return function(node, target, args, out, constant)


SPECIAL = ELEMENTWISE - set(UFUNCS) - {"sigmoid", "rsqrt", "where", "cast"}


def _special(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    """An elementwise function of ours, which takes no buffer."""
    value = f"{constant(getattr(numpy_namespace, node.prim))}({', '.join(args)})"
    if out is not None:
        return [f"copyto({out}, {value})", f"{target} = {out}"]
    if node.prim in COMPLEX_PARTS:                # numpy's is a view of the complex numbers
        value = f"np.array({value})"
    return [f"{target} = {value}{'' if node.shape else '[()]'}"]


_CLIPS = 1 << 12        # elements from which on numpy's clip is quicker than its maximum with a number, which is not vectorised


def _clipped(node: Node, prim: str) -> int | None:
    """Which argument of a maximum or minimum is an array that clip may bound by the other one, a number. Signs of zeros stay right."""
    if prim not in ("maximum", "minimum") or node.size < _CLIPS or node.dtype not in (np.float32, np.float64):
        return None
    for i, other in enumerate(node.args):
        if other.__class__ is not Node and np.shape(other) == () and not np.isnan(other):
            return None if other == 0 and (prim == "minimum" or np.signbit(other) or i == 0) else 1 - i     # numpy 1 prefers the bound
    return None


def _ufunc(node: Node, prim: str, args: list[str], out: str | None, constant: Any) -> str:
    if not node.shape and prim in _LOGICAL:
        return _LOGICAL[prim].join(args)
    if not node.shape and prim in INFIX and (node.dtype.kind in "fiu" or prim in BINARY_BOOL):
        return f"{args[0]} {INFIX[prim]} {args[1]}"
    place = _clipped(node, prim)
    if place is not None:
        number = args[1 - place]
        low, high = (number, constant(np.inf)) if prim == "maximum" else (constant(-np.inf), number)
        into = f", {out}" if out else ""
        value = f"np.clip({args[place]}, {low}, {high}{into})"
        return f"abs({value}{into})" if place == 0 and node.args[1] == 0 else value      # of equal zeros the second argument wins
    into = f", out={out}" if prim in ("maximum", "minimum") else f", {out}"  # numpy deprecates their third positional argument
    return f"{prim}({', '.join(args)}{into if out else ''})"


def _sigmoid(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    """1 / (1 + exp(-x)), which keeps its digits where it is small (tanh does not); short numbers by way of float32."""
    if not node.shape or node.dtype not in (np.float32, np.float64):
        return _special(node, target, args, out, constant)
    one = constant(node.dtype.type(1))
    if out is None:
        out = target
        first = f"{out} = negative({args[0]})"
    else:
        first = f"negative({args[0]}, {out})"
    return [first, f"exp({out}, {out})", f"add({out}, {one}, {out})", f"{target} = reciprocal({out}, {out})"]


def _rsqrt(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    if out is None:
        return [f"{target} = reciprocal(sqrt({args[0]}))"]
    return [f"sqrt({args[0]}, {out})", f"{target} = reciprocal({out}, {out})"]


def _where(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    if out is None:
        return [f"{target} = where({', '.join(args)})"] if node.shape else [f"{target} = {args[1]} if {args[0]} else {args[2]}"]
    if node.size >= 4096 and node.dtype.itemsize == 4 and all(a.dtype == node.dtype for a in node.args[1:]):
        return [f"{target} = {constant(select)}({', '.join(args)}, {out})"]
    return [f"copyto({out}, {args[2]})", f"copyto({out}, {args[1]}, where={args[0]})", f"{target} = {out}"]


def _cast(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    if node.dtype == np.float32 and node.args[0].dtype == np.float16 and node.size >= 4096:
        return [f"{target} = {constant(widened)}({args[0]}, {out})"]
    if out is None:
        return [f"{target} = {args[0]}.astype({constant(node.dtype)})"]
    return [f"copyto({out}, {args[0]}, 'unsafe')", f"{target} = {out}"]


def _copy(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    if out is None:
        return [f"{target} = np.array({args[0]}, order='C')"]
    return [f"copyto({out}, {args[0]})", f"{target} = {out}"]


def _matmul(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    if node.dtype.kind in "iu":
        product = constant(products.integers)
    else:
        product = "split_matmul" if node.size * node.args[0].shape[-1] >= products.WORTH else "matmul"
    return [f"{target} = {product}({args[0]}, {args[1]}{', ' + out if out else ''})"]


def _concatenate(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    return [f"{target} = concatenate(({', '.join(args)},), {node.par}{', ' + out if out else ''})"]


def _take(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    # indices were checked; to clip them spares numpy a copy of the result, which it makes to keep `out` whole on errors
    return [f"{target} = take({args[0]}, {args[1]}, {node.par}, {out}, 'clip')"]


def _einsum(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    columns = _column_products(node)
    if columns is not None:
        shape = (node.args[0].size // columns, columns)
        parts = ", ".join(f"{constant(np.ascontiguousarray)}({a}).reshape({shape})" for a in args)
        into = f", {out}.reshape({columns})" if out else ""
        return [f"{target} = {constant(column_products)}({parts}{into}).reshape({node.shape})"]
    value = f"np.einsum({node.par!r}, {', '.join(args)}, optimize={len(args) > 1}{f', out={out}' if out else ''})"
    return [f"{target} = {value if out else f'np.array({value})'}{'' if node.shape else '[()]'}"]    # numpy may give a view


def _column_products(node: Node) -> int | None:
    """How many columns are left of a sum of products over leading axes, which numpy's einsum takes row by short row."""
    inputs, _, output = node.par.partition("->")
    first, _, second = inputs.partition(",")
    if first != second or not output or output == first or not first.endswith(output) or node.dtype not in (np.float32, np.float64):
        return None
    if len(node.args) != 2 or len(set(first)) != len(first) or any(a.dtype != node.dtype for a in node.args) or not node.args[0].size:
        return None
    return int(node.size)


def _argmax(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    return [f"{target} = {node.prim}({args[0]}, {node.par})"]


_argmin = _argmax


def _reduction(node: Node, target: str, args: list[str], out: str | None, constant: Any) -> list[str]:
    axes, keep = node.par
    source = node.args[0]
    name = f"folded_{node.prim}" if node.prim in FOLDED and folds(source.shape, axes, node.prim) else f"reduce_{node.prim}"
    small_float = node.dtype.itemsize == 2 and node.prim in ("sum", "prod") and node.dtype.kind not in "iu"
    if small_float:  # half precision adds up in single precision
        return [f"{target} = {name}({args[0]}, {axes}, {constant(np.dtype(np.float32))}, None, {keep}).astype({constant(node.dtype)})"]
    if node.prim == "sum" and _is_column_sum(node):
        return _column_sum(node, target, args[0], out, constant)
    initial = ""
    if node.prim in ("max", "min") and any(source.shape[a] == 0 for a in axes):
        initial = f", {constant(_identity(node.prim, node.dtype))}"
    dtype = constant(node.dtype) if node.prim in ("sum", "prod") and node.dtype.kind in "iu" else "None"
    return [f"{target} = {name}({args[0]}, {axes}, {dtype}, {out}, {keep}{initial})"]


_COLUMNS = 1 << 19      # elements; above, BLAS starts threads for ones @ x, which take far longer than the sum


def _is_column_sum(node: Node) -> bool:
    """A sum over all axes but the last, of an array that lies in memory row by row."""
    x = node.args[0]
    return (node.dtype in (np.float32, np.float64) and len(x.shape) > 1 and node.par[0] == tuple(range(len(x.shape) - 1))
            and 1 < x.shape[-1] <= 1024 and 32 <= x.size // x.shape[-1]
            and x.size <= _COLUMNS and (x.prim not in VIEWS or x.prim == "reshape"))


def _column_sum(node: Node, target: str, x: str, out: str | None, constant: Any) -> list[str]:
    """ones @ x: numpy adds up row by row, which takes 8 times as long with 16 columns and twice as long with 512."""
    columns = node.args[0].shape[-1]
    rows = node.args[0].size // columns
    matrix = x if node.args[0].shape == (rows, columns) else f"{x}.reshape(({rows}, {columns}))"
    product = f"matmul({constant(np.ones(rows, node.dtype))}, {matrix}"
    if out is None:
        return [f"{target} = {product}).reshape({node.shape})"]
    return [f"{product}, {out}.reshape({columns}))", f"{target} = {out}"]


_sum = _prod = _max = _min = _any = _all = _reduction


def _identity(prim: str, dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return dtype.type(-np.inf if prim == "max" else np.inf)
    info = np.iinfo(dtype)
    return dtype.type(info.min if prim == "max" else info.max)
