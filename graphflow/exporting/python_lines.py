"""What each primitive of a plan is in numpy: (step, its arguments as text) -> an expression. Names of python_helpers.py are used freely."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..kernels.resize import TAPS
from ..plan.node import ELEMENTWISE
from . import python_helpers
from .general import Known, Step
from .planned import refused
from .python_text import AND, ATOM, CALL, COMPARE, OR, PLUS, TIMES, UNARY, XOR, Text, call, dtype_text, index_text, infix, shape_text

INFIX = {"add": ("+", PLUS), "subtract": ("-", PLUS), "multiply": ("*", TIMES), "divide": ("/", TIMES), "floor_divide": ("//", TIMES),
         "remainder": ("%", TIMES), "greater": (">", COMPARE), "greater_equal": (">=", COMPARE), "less": ("<", COMPARE),
         "less_equal": ("<=", COMPARE), "equal": ("==", COMPARE), "not_equal": ("!=", COMPARE), "logical_and": ("&", AND),
         "logical_or": ("|", OR), "logical_xor": ("^", XOR), "bitwise_and": ("&", AND), "bitwise_or": ("|", OR), "bitwise_xor": ("^", XOR)}
PREFIX = {"negative": "-", "logical_not": "~", "invert": "~"}
HELPED = frozenset(("sigmoid", "rsqrt", "erf", "erfc", "lgamma"))
NUMPYS = {"real": "np.real", "imag": "np.imag", "rint": "np.round", "conj": "np.conj", "abs": "np.abs"}


def expression(step: Step, args: list[Text]) -> Text:
    """The value of a step. NotImplementedError, naming operation and line, for what numpy has no form of."""
    found = TABLE.get(step.prim)
    if found is None:
        raise refused(step, f"numpy has no {step.prim}")
    return found(step, args)


def elementwise(step: Step, args: list[Text]) -> Text:
    prim = step.prim
    if prim in INFIX:
        return infix(*INFIX[prim], *args)
    if prim in PREFIX:
        return Text(PREFIX[prim] + args[0].within(UNARY), UNARY)
    if prim == "cast":
        return Text(f"{args[0].within(CALL)}.astype({dtype_text(step.dtype)})", CALL)
    if prim in HELPED:
        return call(prim, *args)
    if prim == "make_complex":
        return Text(f"({args[0].within(PLUS)} + 1j * {args[1].within(UNARY)}).astype({dtype_text(step.dtype)})", CALL)
    if prim == "square":
        return infix("*", TIMES, args[0], args[0]) if args[0].binds == ATOM else call("np.square", *args)
    name = NUMPYS.get(prim, f"np.{prim}")
    if not hasattr(np, name[3:]):
        raise refused(step, f"numpy has no {prim}")
    return call(name, *args)


def axis_of(axes: tuple[int, ...], rank: int) -> Any:
    """What numpy's axis= is told; None for all axes."""
    return None if len(axes) == rank else axes[0] if len(axes) == 1 else axes


def reduction(step: Step, args: list[Text]) -> Text:
    axes, keep = step.par
    source = step.args[0]
    name = {"max": "np.max", "min": "np.min", "any": "np.any", "all": "np.all"}.get(step.prim, f"np.{step.prim}")
    short = step.prim in ("sum", "prod") and step.dtype.itemsize < 4 and step.dtype.kind not in "iu"
    dtype = "np.float32" if short else dtype_text(step.dtype) if step.prim in ("sum", "prod") and step.dtype.kind in "iu" else None
    initial = None
    if step.prim in ("max", "min") and any(not isinstance(source.shape[a], int) or source.shape[a] == 0 for a in axes):
        initial = _identity(step.prim, step.dtype)          # of no elements
    found = call(name, args[0], axis=axis_of(axes, len(source.shape)), dtype=dtype, keepdims=True if keep else None, initial=initial)
    return Text(f"{found.text}.astype({dtype_text(step.dtype)})", CALL) if short else found


def _identity(prim: str, dtype: np.dtype[Any]) -> str:
    if dtype.kind == "f":
        return "-np.inf" if prim == "max" else "np.inf"
    return f"np.iinfo({dtype_text(dtype)}).{'min' if prim == 'max' else 'max'}"


def reshape(step: Step, args: list[Text]) -> Text:
    if not step.args[0].shape:
        return call("np.reshape", args[0], shape_text(step.par))
    return Text(f"{args[0].within(CALL)}.reshape({', '.join(map(str, step.par)) or '()'})", CALL)


def transpose(step: Step, args: list[Text]) -> Text:
    return Text(f"{args[0].within(CALL)}.T" if step.par == (1, 0) else f"{args[0].within(CALL)}.transpose{shape_text(step.par)}", CALL)


def take(step: Step, args: list[Text]) -> Text:
    return Text(f"{args[0].within(CALL)}[{args[1].text}]", CALL) if step.par == 0 else call("np.take", *args, axis=step.par)


def windowed(step: Step, args: list[Text]) -> Text:
    """Convolutions and pools: the arrays, a shape for gradients, then the window."""
    *known, win = step.par
    pool = "pool" in step.prim
    return call(step.prim, *args, *[shape_text(shape) for shape in known], **({"size": shape_text(win.size)} if pool else {}),
                strides=shape_text(win.strides), pads=win.pads, dilations=shape_text(win.dilations))


def cumulative(step: Step, args: list[Text]) -> Text:
    how, axis = step.par
    function = {"sum": "np.cumsum", "prod": "np.cumprod", "logsumexp": "log_sum_exp_along"}[how]
    return call(function, args[0], axis=axis, dtype=dtype_text(step.dtype) if how != "logsumexp" else None)


def bitcast(step: Step, args: list[Text]) -> Text:
    old, new = step.par
    if old.itemsize != new.itemsize:
        raise refused(step, f"the bits of {old} as {new}")
    return Text(f"np.ascontiguousarray({args[0].text}).view({dtype_text(new)})", CALL)


def write_slice(step: Step, args: list[Text]) -> Text:
    (index,) = step.par
    parts = index if isinstance(index, tuple) else (index,)
    return call("write_slice", *args, Text(f"np.s_[{index_text(parts)}]"))


def with_parameters(step: Step, args: list[Text]) -> Text:
    return call(step.prim, *args, *[repr(p) if isinstance(p, str) else shape_text(p) if isinstance(p, tuple) else str(p) for p in step.par])


def draw(step: Step, args: list[Text]) -> Text:
    """numpy's generator of random numbers: of the same law, but other numbers than graphflow's."""
    how, shape, dtype = step.par
    function = {"uniform": "random", "normal": "standard_normal"}.get(how)
    if getattr(step.args[0], "prim", "") != "stream":
        raise refused(step, "random numbers that a seed in the run determines")
    if dtype.kind != "f":
        raise refused(step, f"random numbers of type {dtype}")
    wide = dtype if dtype.itemsize >= 4 else np.dtype(np.float32)
    if how == "truncated_normal":
        found = call(how, args[0], shape_text(shape), dtype_text(wide))
    elif function is None:
        raise refused(step, f"random numbers of the kind {how}")
    else:
        found = call(f"{args[0].text}.{function}", shape_text(shape), dtype_text(wide))
    return found if wide is dtype else Text(f"{found.text}.astype({dtype_text(dtype)})", CALL)


def draw_integers(step: Step, args: list[Text]) -> Text:
    shape, dtype = step.par
    if getattr(step.args[0], "prim", "") != "stream":
        raise refused(step, "random numbers that a seed in the run determines")
    return call(f"{args[0].text}.integers", *args[1:], shape_text(shape), dtype_text(dtype))


def resize_images(step: Step, args: list[Text]) -> Text:
    """Rows and columns mixed by matrices, in float64."""
    mixed = call("np.einsum", "'nhwc,ah,bw->nabc'", Text(f"{args[0].within(CALL)}.astype(np.float64)"), *args[1:], optimize=True)
    return Text(f"{mixed.text}.astype({dtype_text(step.dtype)})", CALL)


def constants_of(step: Step) -> list[Known]:
    """Known arrays that a step takes besides its arguments: the weights of resizing, [out, in] by axis."""
    if step.prim not in ("resize_images", "resize_images_gradient"):
        return []
    how, size, corners, half = step.par
    found = []
    for k, axis in enumerate(("rows", "columns")):
        given = step.args[0].shape[k + 1]
        small, big = (given, size[k]) if step.prim == "resize_images" else (size[k], given)
        if not isinstance(small, int) or not isinstance(big, int):
            raise refused(step, "images of open size", "give their height and width: --shape NAME=SIZES")
        taps = TAPS[how](small, big, corners, half)
        matrix = np.zeros((big, small), np.float32)
        np.add.at(matrix, (np.arange(big)[:, None], taps.pixels), taps.weights)
        found.append(Known(matrix if step.prim == "resize_images" else np.ascontiguousarray(matrix.T), f"{step.source.name}/{axis}"))
    return found


WINDOWED = ("conv", "conv_filter_gradient", "conv_input_gradient", "depthwise_conv", "depthwise_filter_gradient",
            "depthwise_input_gradient", "max_pool", "max_pool_gradient", "avg_pool", "avg_pool_gradient")
TABLE: dict[str, Callable[[Step, list[Text]], Text]] = {
    **dict.fromkeys(ELEMENTWISE, elementwise), **dict.fromkeys(("sum", "prod", "max", "min", "any", "all"), reduction),
    "argmax": lambda step, args: call("np.argmax", args[0], axis=step.par),
    "argmin": lambda step, args: call("np.argmin", args[0], axis=step.par),
    "reshape": reshape, "transpose": transpose, "take": take, "cumulative": cumulative, "bitcast": bitcast, "write_slice": write_slice,
    "broadcast_to": lambda step, args: call("np.broadcast_to", args[0], shape_text(step.par)),
    "slice": lambda step, args: Text(f"{args[0].within(CALL)}[{index_text(step.par)}]", CALL),
    "copy": lambda step, args: call("np.array", args[0]),
    "matmul": lambda step, args: infix("@", TIMES, *args),
    "einsum": lambda step, args: call("np.einsum", repr(step.par), *args, optimize=True if len(args) > 1 else None),
    "concatenate": lambda step, args: call("np.concatenate", f"[{', '.join(a.text for a in args)}]", axis=step.par),
    "sorted_positions": lambda step, args: call("np.argsort", args[0], axis=-1, kind="'stable'"),
    "take_along": lambda step, args: call("np.take_along_axis", *args, axis=-1),
    **dict.fromkeys(WINDOWED, windowed), "resize_images": resize_images, "resize_images_gradient": resize_images,
    "draw": draw, "draw_integers": draw_integers,
    **dict.fromkeys(("one_hot", "band_part", "segment_reduce", "scatter_rows", "sparse_product", "top_positions", "search_rows"),
                    with_parameters),
}
assert all(hasattr(python_helpers, name) for name in (*WINDOWED, *HELPED))
