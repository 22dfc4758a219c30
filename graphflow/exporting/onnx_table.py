"""What each primitive of a plan is in ONNX: a function of the builder, the step and the names of its arguments."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..plan.node import BINARY_BOOL, COMPLEX_PARTS, ELEMENTWISE
from .general import Filled, Known, Step
from .onnx_builder import INT64, Builder
from .planned import Formless
from .python_lines import constants_of

Make = Callable[[Builder, Step, list[str]], Any]
BOOL, DOUBLE = np.dtype(bool), np.dtype(np.float64)
SAME = {"add": "Add", "subtract": "Sub", "multiply": "Mul", "power": "Pow", "maximum": "Max", "minimum": "Min", "greater": "Greater",
        "greater_equal": "GreaterOrEqual", "less": "Less", "less_equal": "LessOrEqual", "equal": "Equal", "logical_and": "And",
        "logical_or": "Or", "logical_xor": "Xor", "logical_not": "Not", "bitwise_and": "BitwiseAnd", "bitwise_or": "BitwiseOr",
        "bitwise_xor": "BitwiseXor", "invert": "BitwiseNot", "negative": "Neg", "abs": "Abs", "sign": "Sign", "exp": "Exp", "log": "Log",
        "sqrt": "Sqrt", "tanh": "Tanh", "sigmoid": "Sigmoid", "sin": "Sin", "cos": "Cos", "tan": "Tan", "arcsin": "Asin", "arccos": "Acos",
        "arctan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "arcsinh": "Asinh", "arccosh": "Acosh", "arctanh": "Atanh", "erf": "Erf",
        "floor": "Floor", "ceil": "Ceil", "rint": "Round", "reciprocal": "Reciprocal", "isnan": "IsNaN", "isinf": "IsInf", "where": "Where"}


def elementwise(b: Builder, step: Step, args: list[str]) -> str:
    prim, dtypes = step.prim, [a.dtype for a in step.args]
    if any(dtype.kind == "c" for dtype in (step.dtype, *dtypes)) or prim in COMPLEX_PARTS:
        raise Formless("ONNX has no complex numbers")
    if prim == "cast":
        return b.cast(args[0], step.dtype)
    kind = np.result_type(*(dtypes[1:] if prim == "where" else dtypes))
    if prim == "divide" and kind.kind in "iub":
        kind = DOUBLE
    args = [a if dtype == kind or (prim == "where" and i == 0) else b.cast(a, kind) for i, (a, dtype) in enumerate(zip(args, dtypes))]
    if kind.kind == "b" and prim in ("equal", "not_equal", "greater", "less", "greater_equal", "less_equal"):
        args = [b.cast(a, np.dtype(np.int32)) for a in args]
    composed = COMPOSED.get(prim)
    if composed is not None:
        return composed(b, kind, args)
    if prim not in SAME:
        raise Formless(f"ONNX has no {prim}")
    found: str = b.node(SAME[prim], *args)
    return found if step.dtype == kind or prim in BINARY_BOOL or step.dtype == BOOL else b.cast(found, step.dtype)


def _floor_divide(b: Builder, kind: np.dtype[Any], args: list[str]) -> str:
    if kind.kind == "f":
        return b.node("Floor", b.node("Div", *args))
    return b.node("Div", b.node("Sub", args[0], b.node("Mod", *args)), args[1])


def _remainder(b: Builder, kind: np.dtype[Any], args: list[str]) -> str:
    if kind.kind == "f":
        return b.node("Sub", args[0], b.node("Mul", b.node("Floor", b.node("Div", *args)), args[1]))
    return b.node("Mod", *args)


def _trunc(b: Builder, kind: np.dtype[Any], args: list[str]) -> str:
    return b.node("Mul", b.node("Sign", args[0]), b.node("Floor", b.node("Abs", args[0])))


def _is_finite(b: Builder, kind: np.dtype[Any], args: list[str]) -> str:
    return b.node("Not", b.node("Or", b.node("IsNaN", args[0]), b.node("IsInf", args[0])))


COMPOSED: dict[str, Callable[[Builder, np.dtype[Any], list[str]], str]] = {
    "divide": lambda b, kind, args: b.node("Div", *args), "floor_divide": _floor_divide, "remainder": _remainder, "trunc": _trunc,
    "fmod": lambda b, kind, args: b.node("Mod", *args, fmod=1), "isfinite": _is_finite,
    "not_equal": lambda b, kind, args: b.node("Not", b.node("Equal", *args)),
    "square": lambda b, kind, args: b.node("Mul", args[0], args[0]),
    "rsqrt": lambda b, kind, args: b.node("Reciprocal", b.node("Sqrt", args[0])),
    "log1p": lambda b, kind, args: b.node("Log", b.node("Add", args[0], b.constant(1, kind))),
    "expm1": lambda b, kind, args: b.node("Sub", b.node("Exp", args[0]), b.constant(1, kind)),
    "erfc": lambda b, kind, args: b.node("Sub", b.constant(1, kind), b.node("Erf", args[0])),
}


REDUCTIONS = {"sum": "ReduceSum", "prod": "ReduceProd", "max": "ReduceMax", "min": "ReduceMin", "any": "ReduceMax", "all": "ReduceMin"}


def reduction(b: Builder, step: Step, args: list[str]) -> str:
    axes, keep = step.par
    name = REDUCTIONS[step.prim]
    value = b.cast(args[0], np.dtype(np.int32)) if step.prim in ("any", "all") or step.args[0].dtype.kind == "b" else args[0]
    found = b.node(name, value, b.constant(axes, INT64), keepdims=int(keep))
    return b.cast(found, step.dtype) if value is not args[0] else found


def extreme(b: Builder, step: Step, args: list[str]) -> str:
    return b.node("ArgMax" if step.prim == "argmax" else "ArgMin", args[0], axis=step.par, keepdims=0)


def reshape(b: Builder, step: Step, args: list[str]) -> str:
    return b.node("Reshape", args[0], b.shape(step.par), allowzero=1)


def sliced(b: Builder, step: Step, args: list[str]) -> str:
    """Slices of the axes, then the axes of single indices gone and those of None there."""
    rank, starts, ends, axes, steps, gone, new = len(step.args[0].shape), [], [], [], [], [], []
    index = list(step.par)
    if Ellipsis in index:
        at = index.index(Ellipsis)
        index[at:at + 1] = [slice(None)] * (rank - sum(i is not None and i is not Ellipsis for i in index))
    axis = place = 0
    for part in index:
        if part is None:
            new.append(place)
            place += 1
            continue
        if isinstance(part, slice):
            if part != slice(None):
                by = 1 if part.step is None else part.step
                starts.append((0 if by > 0 else -1) if part.start is None else part.start)
                ends.append((2 ** 62 if by > 0 else -2 ** 62) if part.stop is None else part.stop)
                axes.append(axis)
                steps.append(by)
            place += 1
        else:
            starts.append(part)
            ends.append(2 ** 62 if part == -1 else part + 1 if isinstance(part, int) else _next(part))
            axes.append(axis)
            steps.append(1)
            gone.append(axis)
        axis += 1
    found = args[0]
    if axes:
        found = b.node("Slice", found, b.shape(starts), b.shape(ends), b.constant(axes, INT64), b.constant(steps, INT64))
    if gone:
        found = b.node("Squeeze", found, b.constant(gone, INT64))
    return b.node("Unsqueeze", found, b.constant(new, INT64)) if new else found


def _next(size: Any) -> Any:
    return type(size)({**size.terms, (): size.terms.get((), 0) + 1})


def spatial(win: Any) -> dict[str, Any]:
    """Attributes of a window. Formless for one that crops its input."""
    if any(pad < 0 for pads in win.pads for pad in pads):
        raise Formless("ONNX has no windows with negative pads")
    return {"strides": list(win.strides), "dilations": list(win.dilations),
            "pads": [lo for lo, _ in win.pads] + [hi for _, hi in win.pads]}


def _first(rank: int) -> list[int]:
    return [0, rank - 1, *range(1, rank - 1)]


def _last(rank: int) -> list[int]:
    return [0, *range(2, rank), 1]


def channels_first(b: Builder, step: Step, x: str, kind: str, *more: str, **attributes: Any) -> str:
    """A node of images with channels as their second axis."""
    rank = len(step.shape)
    found = b.node(kind, b.laid_out(x, _first(rank)), *more, **attributes)
    return b.node("Transpose", found, perm=_last(rank))


def conv(b: Builder, step: Step, args: list[str]) -> str:
    (win,), rank = step.par, len(step.shape)
    filters = b.laid_out(args[1], [rank - 1, rank - 2, *range(rank - 2)])
    return channels_first(b, step, args[0], "Conv", filters, group=step.args[0].shape[-1] // step.args[1].shape[-2], **spatial(win))


def depthwise(b: Builder, step: Step, args: list[str]) -> str:
    (win,), rank = step.par, len(step.shape)
    channels = step.args[1].shape[-2]
    filters = b.laid_out(args[1], [rank - 2, rank - 1, *range(rank - 2)])
    filters = b.node("Reshape", filters, b.constant([step.shape[-1], 1, *step.args[1].shape[:-2]], INT64))
    return channels_first(b, step, args[0], "Conv", filters, group=channels, **spatial(win))


def transposed_conv(b: Builder, step: Step, args: list[str]) -> str:
    """The gradient of a convolution by its input is a transposed convolution."""
    (shape, win), rank = step.par, len(step.shape)
    dy = step.args[1].shape
    given = [(n - 1) * s + (k - 1) * d + 1 - lo - hi if isinstance(n, int) else None
             for n, s, k, d, (lo, hi) in zip(dy[1:-1], win.strides, win.size, win.dilations, win.pads)]
    if any(g is None or not isinstance(n, int) or n < g for g, n in zip(given, shape[1:-1])):
        raise Formless("a transposed convolution of images whose size is open")
    more = [n - g for g, n in zip(given, shape[1:-1]) if g is not None]
    filters = b.laid_out(args[0], [rank - 1, rank - 2, *range(rank - 2)])
    return channels_first(b, step, args[1], "ConvTranspose", filters, group=shape[-1] // step.args[0].shape[-2], output_padding=more,
                          **spatial(win))


def pool(b: Builder, step: Step, args: list[str]) -> str:
    (win,) = step.par
    if step.prim == "max_pool":
        return channels_first(b, step, args[0], "MaxPool", kernel_shape=list(win.size), **spatial(win))
    return channels_first(b, step, args[0], "AveragePool", kernel_shape=list(win.size), count_include_pad=0, **spatial(win))


def one_hot(b: Builder, step: Step, args: list[str]) -> str:
    depth, axis = step.par
    rank = len(step.args[0].shape)
    classes = b.node("Range", b.constant(0, INT64), b.size(depth), b.constant(1, INT64))
    classes = b.node("Reshape", classes, b.constant([-1, *[1] * (rank - axis)], INT64))
    indices = b.node("Unsqueeze", b.cast(args[0], INT64), b.constant([axis], INT64))
    return b.node("Where", b.node("Equal", indices, classes), args[1], args[2])


def cumulative(b: Builder, step: Step, args: list[str]) -> str:
    how, axis = step.par
    if how != "sum":
        raise Formless(f"ONNX has no cumulative {how}")
    return b.node("CumSum", args[0], b.constant(axis, INT64))


def ordered(b: Builder, step: Step, args: list[str]) -> str:
    """Places of the greatest, or of all from the least on."""
    size = step.par[0] if step.prim == "top_positions" else step.shape[-1]
    largest = int(step.prim == "top_positions")
    return b.node("TopK", args[0], b.shape([size]), axis=-1, largest=largest, sorted=1, outputs=2)[1]


def scatter_rows(b: Builder, step: Step, args: list[str]) -> str:
    how, depth = step.par
    reductions = {"update": "none", "add": "add", "sub": "add", "mul": "mul", "min": "min", "max": "max"}
    if how not in reductions or len(step.args[1].shape) != 1:
        raise Formless(f"ONNX has no scatter that does {how}")
    shape = step.args[0].shape
    rows = args[0] if depth == 1 else b.node("Reshape", args[0], b.node("Concat", b.constant([-1], INT64), b.shape(shape[depth:]), axis=0))
    updates = b.node("Neg", args[2]) if how == "sub" else args[2]
    updates = b.node("Expand", updates, b.shape([step.args[1].shape[0], *shape[depth:]]))
    places = b.node("Unsqueeze", b.cast(args[1], INT64), b.constant([1], INT64))
    found = b.node("ScatterND", rows, places, updates, reduction=reductions[how])
    return found if depth == 1 else b.node("Reshape", found, b.shape(shape))


def segment_reduce(b: Builder, step: Step, args: list[str]) -> str:
    _, how = step.par
    ids = step.args[1]
    if how != "sum" or len(ids.shape) != 1:
        raise Formless(f"ONNX has no reduction of segments by {how}")
    places = b.cast(args[1], INT64)
    there = b.node("GreaterOrEqual", places, b.constant(0, INT64))      # negative ids are left out
    wide = b.node("Reshape", there, b.shape([ids.shape[0], *[1] * (len(step.shape) - 1)]))
    rows = b.node("Where", wide, args[0], b.constant(0, step.dtype))
    places = b.node("Unsqueeze", b.node("Max", places, b.constant(0, INT64)), b.constant([1], INT64))
    zeros = b.node("Expand", b.constant(0, step.dtype), b.shape(step.shape))
    return b.node("ScatterND", zeros, places, rows, reduction="add")


def band_part(b: Builder, step: Step, args: list[str]) -> str:
    rows, columns = step.shape[-2:]
    if not all(isinstance(a, Known) for a in step.args[1:]) or not all(isinstance(n, int) for n in (rows, columns)):
        raise Formless("a band of a matrix of open size")
    lower, upper = (int(a.array) for a in step.args[1:])
    distance = np.arange(rows)[:, None] - np.arange(columns)
    mask = ((lower < 0) | (distance <= lower)) & ((upper < 0) | (-distance <= upper))
    return b.node("Where", b.constant(mask), args[0], b.constant(0, step.dtype))


def resize_images(b: Builder, step: Step, args: list[str]) -> str:
    rows, columns = (b.constant(known.array, name=known.name) for known in constants_of(step))
    return b.node("Einsum", b.cast(args[0], step.dtype), rows, columns, equation="nhwc,ah,bw->nabc")


def concatenate(b: Builder, step: Step, args: list[str]) -> str:
    return b.node("Concat", *_of_one_type(b, step, args), axis=step.par)


def _of_one_type(b: Builder, step: Step, args: list[str]) -> list[str]:
    return [a if given.dtype == step.dtype else b.cast(a, step.dtype) for a, given in zip(args, step.args)]


def product(b: Builder, step: Step, args: list[str]) -> str:
    args = _of_one_type(b, step, args)
    return b.node("MatMul", *args) if step.prim == "matmul" else b.node("Einsum", *args, equation=step.par)


TABLE: dict[str, Make] = {
    **dict.fromkeys(ELEMENTWISE, elementwise), **dict.fromkeys(("sum", "prod", "max", "min", "any", "all"), reduction),
    "argmax": extreme, "argmin": extreme, "reshape": reshape, "slice": sliced, "concatenate": concatenate, "matmul": product,
    "einsum": product,
    "transpose": lambda b, step, args: b.laid_out(args[0], step.par),
    "broadcast_to": lambda b, step, args: b.node("Expand", args[0], b.shape(step.par)),
    "copy": lambda b, step, args: args[0],
    "take": lambda b, step, args: b.node("Gather", *args, axis=step.par),
    "take_along": lambda b, step, args: b.node("GatherElements", *args, axis=-1),
    "conv": conv, "depthwise_conv": depthwise, "conv_input_gradient": transposed_conv, "max_pool": pool, "avg_pool": pool,
    "one_hot": one_hot,
    "cumulative": cumulative, "top_positions": ordered, "sorted_positions": ordered, "scatter_rows": scatter_rows,
    "segment_reduce": segment_reduce, "band_part": band_part, "resize_images": resize_images,
}


def value(b: Builder, step: Step, args: Sequence[str]) -> Any:
    """The name of a step's value. Formless for what ONNX has no form of."""
    found = TABLE.get(step.prim)
    if found is None:
        raise Formless(f"ONNX has no {step.prim}")
    return found(b, step, list(args))


def scalar(known: Any) -> Any:
    """The number that a known array repeats, for work by elements; None for other arrays."""
    if isinstance(known, Filled):
        return known.number
    return known.array.flat[0] if isinstance(known, Known) and known.array.ndim and known.is_filled() else None
