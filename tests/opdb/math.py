"""Rows of graphflow/ops/{elementwise,reduce,linalg,segment}: elementwise, comparison, division, reduction, segments, scans, products, counting."""

from __future__ import annotations

import warnings

import numpy as np

from . import COMPLEX, FLOATING, HALF, INTEGER, error, row, sample, zeros
from ._raw import raw

NUMBERS = FLOATING + INTEGER + COMPLEX
REAL = FLOATING + HALF + INTEGER
I = "errors.InvalidArgumentError"


def deprecated(name):
    """The public function of that name without its warning."""
    def function(tf, *inputs, **attrs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return getattr(tf, name)(*inputs, **attrs)
    return function


# ---- one operand ------------------------------------------------------------------------------------------------------------

for name, op, reference, domain, kinks, kinds in (
        ("abs", "Abs", np.abs, (-2, 2), (0.0,), REAL), ("negative", "Neg", np.negative, (-2, 2), (), NUMBERS + HALF),
        ("sign", "Sign", np.sign, (-2, 2), (0.0,), REAL), ("square", "Square", np.square, (-2, 2), (), NUMBERS + HALF),
        ("sqrt", "Sqrt", np.sqrt, (0.3, 2), (), FLOATING + HALF + COMPLEX), ("rsqrt", "Rsqrt", lambda x: 1 / np.sqrt(x), (0.3, 2), (),
                                                                            FLOATING + HALF + COMPLEX),
        ("reciprocal", "Reciprocal", lambda x: 1 / x, (0.3, 2), (), FLOATING + HALF + COMPLEX),
        ("exp", "Exp", np.exp, (-2, 2), (), FLOATING + HALF + COMPLEX), ("expm1", "Expm1", np.expm1, (-2, 2), (), FLOATING),
        ("log", "Log", np.log, (0.3, 3), (), FLOATING + HALF + COMPLEX), ("log1p", "Log1p", np.log1p, (-0.7, 2), (), FLOATING),
        ("sin", "Sin", np.sin, (-3, 3), (), FLOATING + HALF + COMPLEX), ("cos", "Cos", np.cos, (-3, 3), (), FLOATING + HALF + COMPLEX),
        ("tan", "Tan", np.tan, (-1, 1), (), FLOATING), ("asin", "Asin", np.arcsin, (-0.8, 0.8), (), FLOATING),
        ("acos", "Acos", np.arccos, (-0.8, 0.8), (), FLOATING), ("atan", "Atan", np.arctan, (-2, 2), (), FLOATING),
        ("sinh", "Sinh", np.sinh, (-2, 2), (), FLOATING), ("cosh", "Cosh", np.cosh, (-2, 2), (), FLOATING),
        ("tanh", "Tanh", np.tanh, (-2, 2), (), FLOATING + HALF + COMPLEX), ("asinh", "Asinh", np.arcsinh, (-2, 2), (), FLOATING),
        ("acosh", "Acosh", np.arccosh, (1.2, 3), (), FLOATING), ("atanh", "Atanh", np.arctanh, (-0.8, 0.8), (), FLOATING),
        ("sigmoid", "Sigmoid", lambda x: 1 / (1 + np.exp(-x)), (-3, 3), (), FLOATING + HALF + COMPLEX),
        ("floor", "Floor", np.floor, (-2, 2), (-1.0, 0.0, 1.0), FLOATING + HALF),
        ("ceil", "Ceil", np.ceil, (-2, 2), (-1.0, 0.0, 1.0), FLOATING + HALF),
        ("rint", "Rint", np.rint, (-2, 2), (-1.5, -0.5, 0.5, 1.5), FLOATING), ("round", "Round", np.rint, (-2, 2), (-1.5, -0.5, 0.5, 1.5),
                                                                              FLOATING)):
    row(op, name, samples=lambda r: [sample(r(2, 3)), sample(r())], dtypes=kinds, reference=reference, domain=domain, kinks=kinks,
        gradient=name not in ("floor", "ceil", "rint", "round"))

row("Round", "round", name="round, ties to even", dtypes=("float32",), gradient=False, reference=lambda x: np.float32([-2, 0, 0, 2, 2]),
    samples=lambda r: [sample(np.float32([-1.5, -0.5, 0.5, 1.5, 2.5]))])
for name, op in (("is_nan", "IsNan"), ("is_inf", "IsInf"), ("is_finite", "IsFinite")):
    row(op, name, samples=lambda r: [sample(np.float32([1, np.nan, np.inf, -np.inf]))], dtypes=("float32",), gradient=False,
        reference=lambda x, f={"is_nan": np.isnan, "is_inf": np.isinf, "is_finite": np.isfinite}[name]: f(x))
row("Inv", lambda tf, x: raw(tf, "Inv", x=x), name="Inv", domain=(0.3, 2), samples=lambda r: [sample(r(3))], reference=lambda x: 1 / x)
row("LogicalNot", "logical_not", samples=lambda r: [sample(r.bools(4))], dtypes=("float32",), gradient=False, reference=np.logical_not)
row("Softplus", "math.log_sigmoid", samples=lambda r: [sample(r(2, 3))], reference=lambda x: -np.logaddexp(0, -x))

# ---- complex numbers ----------------------------------------------------------------------------------------------------------

row("Complex", "complex", samples=lambda r: [sample(r(2, 3), r(2, 3)), sample(r(2, 3), r(3))], gradient=False,
    reference=lambda a, b: (a + 1j * b).astype("c8" if a.dtype == np.float32 else "c16"))
for name, op, reference in (("real", "Real", np.real), ("imag", "Imag", np.imag), ("conj", "Conj", np.conj), ("angle", "Angle", np.angle),
                            ("abs", "ComplexAbs", np.abs)):
    row(op, name, name=f"{name} of complex numbers", samples=lambda r: [sample(r(2, 3))], dtypes=COMPLEX, reference=reference, gradient=False,
        domain=(0.3, 2))
row("DivNoNan", "sign", name="sign of complex numbers", samples=lambda r: [sample(r(3))], dtypes=COMPLEX, gradient=False,
    reference=lambda x: x / np.abs(x))

# ---- two operands -------------------------------------------------------------------------------------------------------------


def pairs(r):
    return [sample(r(2, 3), r(2, 3)), sample(r(2, 3), r(3)), sample(r(2, 1), r(1, 3)), sample(r(), r(2, 3))]


for name, op, reference, domain, kinds in (
        ("add", "AddV2", np.add, (-2, 2), NUMBERS + HALF), ("subtract", "Sub", np.subtract, (-2, 2), NUMBERS + HALF),
        ("multiply", "Mul", np.multiply, (-2, 2), NUMBERS + HALF), ("divide", "RealDiv", np.divide, (0.3, 2), FLOATING + HALF + COMPLEX),
        ("realdiv", "RealDiv", np.divide, (0.3, 2), FLOATING + COMPLEX), ("pow", "Pow", np.power, (0.3, 2), FLOATING + INTEGER),
        ("squared_difference", "SquaredDifference", lambda x, y: (x - y) ** 2, (-2, 2), FLOATING + HALF + INTEGER),
        ("atan2", "Atan2", np.arctan2, (0.3, 2), FLOATING), ("math.divide_no_nan", "DivNoNan", np.divide, (0.3, 2), FLOATING),
        ("math.multiply_no_nan", "MulNoNan", np.multiply, (0.3, 2), FLOATING), ("math.xlogy", "Xlogy", lambda x, y: x * np.log(y), (0.3, 2),
                                                                              FLOATING),
        ("math.xdivy", "Xdivy", np.divide, (0.3, 2), FLOATING), ("math.xlog1py", "Xlog1py", lambda x, y: x * np.log1p(y), (0.3, 2), FLOATING)):
    row(op, name, samples=pairs, dtypes=kinds, reference=reference, domain=domain, second=name != "realdiv")
row("Add", lambda tf, x: tf.add(["a", "b"], tf.constant("c")), name="add of strings", samples=lambda r: [sample(r(1))], dtypes=("float32",),
    gradient=False, reference=lambda x: np.array([b"ac", b"bc"], object))
for name, op, reference in (("maximum", "Maximum", np.maximum), ("minimum", "Minimum", np.minimum)):
    row(op, name, samples=lambda r: [sample(r.distinct(2, 3), r.distinct(2, 3) + 0.05), sample(r.distinct(2, 3), r.distinct(3) + 0.03)],
        dtypes=REAL, reference=reference, second=False)
row(("DivNoNan", "MulNoNan", "Xlogy", "Xdivy", "Xlog1py"), name="zeros that win", dtypes=("float32",), gradient=False,
    function=lambda tf, x, y: [tf.math.divide_no_nan(x, y), tf.math.multiply_no_nan(x, y), tf.math.xlogy(y, y), tf.math.xdivy(y, y),
                               tf.math.xlog1py(y, y - 1)],
    samples=lambda r: [sample(np.float32([1, np.inf, np.nan]), np.float32([0, 0, 0]))], reference=lambda x, y: [np.zeros(3, "f4")] * 5)
for name, op, reference, kinds in (
        ("floordiv", "FloorDiv", lambda x, y: np.floor(x / y) if x.dtype.kind == "f" else x // y, FLOATING + INTEGER),
        ("floor_div", "FloorDiv", lambda x, y: np.floor(x / y) if x.dtype.kind == "f" else x // y, FLOATING + INTEGER),
        ("floormod", "FloorMod", lambda x, y: x - np.floor(x / y) * y if x.dtype.kind == "f" else x % y, FLOATING + INTEGER),
        ("truncatediv", "TruncateDiv", lambda x, y: np.trunc(x / y).astype(x.dtype), INTEGER),
        ("truncatemod", "TruncateMod", np.fmod, FLOATING + INTEGER)):
    row(op, name, samples=lambda r: [sample(r(2, 3), r(3)), sample(-r(2, 3), r(2, 3)), sample(r(2, 3), -r(3))], dtypes=kinds,
        reference=reference, domain=(0.4, 2.9), gradient=name == "floormod", second=False,
        errors=[error(I, "Integer division by zero", np.int32([1, 2]), np.int32([1, 0]))] if name == "floordiv" else None)
row("RealDiv", "truediv", name="truediv of integers", samples=lambda r: [sample(r.ints(1, 9, 4), r.ints(1, 9, 4))], dtypes=("float32",),
    gradient=False, reference=lambda x, y: x / y)
row("FloorDiv", deprecated("div"), name="div of integers", samples=lambda r: [sample(r.ints(-9, 9, 6), r.ints(1, 5, 6))], dtypes=("float32",),
    gradient=False, reference=lambda x, y: x // y)
row("Div", lambda tf, x, y: raw(tf, "Div", x=x, y=y), name="Div", domain=(0.3, 2), samples=pairs, reference=np.divide)
row("Mod", lambda tf, x, y: raw(tf, "Mod", x=x, y=y), name="Mod", domain=(0.3, 2), samples=pairs, reference=np.fmod, gradient=False)
row("BatchMatMul", lambda tf, x, y: raw(tf, "BatchMatMul", x=x, y=y), name="BatchMatMul", samples=lambda r: [sample(r(2, 2, 3), r(2, 3, 4))],
    reference=np.matmul)
row("DivNoNan", "math.reciprocal_no_nan", samples=lambda r: [sample(r(3))], domain=(0.3, 2), reference=lambda x: 1 / x)
row("NextAfter", "math.nextafter", samples=lambda r: [sample(r(3), r(3))], reference=np.nextafter, gradient=False)
row("Mul", "scalar_mul", samples=lambda r: [sample(2.0, r(2, 3))], reference=lambda a, x: (2 * x).astype(x.dtype))

for name, op, reference in (("less", "Less", np.less), ("less_equal", "LessEqual", np.less_equal), ("greater", "Greater", np.greater),
                            ("greater_equal", "GreaterEqual", np.greater_equal), ("equal", "Equal", np.equal),
                            ("not_equal", "NotEqual", np.not_equal)):
    row(op, name, samples=lambda r: [sample(r.ints(0, 3, 2, 3), r.ints(0, 3, 3)), sample(r(2, 3), r(2, 3))], dtypes=FLOATING + HALF + INTEGER,
        reference=reference, gradient=False,
        errors=[error(ValueError, "Dimensions must be equal, but are 2 and 3", zeros(2), zeros(3))])
for name, op, reference in (("logical_and", "LogicalAnd", np.logical_and), ("logical_or", "LogicalOr", np.logical_or),
                            ("logical_xor", "LogicalAnd", np.logical_xor)):
    row(op, name, samples=lambda r: [sample(r.bools(2, 4), r.bools(4))], dtypes=("float32",), reference=reference, gradient=False)
row("ApproximateEqual", "approximate_equal", samples=lambda r: [sample(np.float32([1, 2, 3]), np.float32([1, 2.05, 4]), tolerance=0.1)],
    dtypes=("float32",), gradient=False, reference=lambda x, y, tolerance: np.abs(x - y) < tolerance, oracle="not in compat.v1")
for name, op, reference in (("bitwise.bitwise_and", "BitwiseAnd", np.bitwise_and), ("bitwise.bitwise_or", "BitwiseOr", np.bitwise_or),
                            ("bitwise.bitwise_xor", "BitwiseXor", np.bitwise_xor), ("bitwise.left_shift", "LeftShift", np.left_shift),
                            ("bitwise.right_shift", "RightShift", np.right_shift)):
    row(op, name, samples=lambda r: [sample(r.ints(0, 60, 2, 3), r.ints(0, 5, 3))], dtypes=("float32",), reference=reference, gradient=False)
row("Invert", "bitwise.invert", samples=lambda r: [sample(r.ints(-9, 9, 4))], dtypes=("float32",), reference=np.invert, gradient=False)

row(("Add", "Sub", "Mul"), name="Python operators", domain=(0.5, 2), nodes=True,
    function=lambda tf, x, y: [x + y, x - 1, 2 * x, x / y, 1 / x, x // y, x % y, x ** 2, 2.0 ** x, -x, abs(x), 3 - x],
    samples=lambda r: [sample(r(2, 3), r(3))], gradient=False,
    reference=lambda x, y: [x + y, x - 1, 2 * x, x / y, 1 / x, np.floor(x / y), x - np.floor(x / y) * y, x ** 2,
                            (2.0 ** x).astype(x.dtype), -x, abs(x), 3 - x])
row(("Less", "LogicalAnd", "BitwiseAnd"), name="operators that compare and combine", dtypes=("float32",), gradient=False,
    function=lambda tf, x, i: [x < 1, x <= 1, x > 1, x >= 1, (x > 0) & (x < 1), (x > 0) | (x < -1), (x > 0) ^ (x < 1), ~(x > 0), i & 3, i | 4,
                               i ^ 1, ~i],
    samples=lambda r: [sample(r(5), r.ints(0, 9, 5))],
    reference=lambda x, i: [x < 1, x <= 1, x > 1, x >= 1, (x > 0) & (x < 1), (x > 0) | (x < -1), (x > 0) ^ (x < 1), ~(x > 0), i & 3, i | 4,
                            i ^ 1, ~i])

# ---- reductions ---------------------------------------------------------------------------------------------------------------


def axes(r):
    return [sample(r(2, 3)), sample(r(2, 3), axis=1), sample(r(2, 3, 4), axis=[0, -1]), sample(r(2, 3), axis=[0], keepdims=True)]


def reducer(function):
    def reference(x, axis=None, keepdims=False):
        return np.asarray(function(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)).astype(x.dtype)
    return reference


for name, op, reference, kinds in (
        ("reduce_sum", "Sum", reducer(np.sum), NUMBERS + HALF), ("reduce_prod", "Prod", reducer(np.prod), FLOATING + INTEGER),
        ("reduce_mean", "Mean", reducer(np.mean), FLOATING + HALF + COMPLEX),
        ("math.reduce_euclidean_norm", "EuclideanNorm", reducer(lambda x, **k: np.sqrt(np.sum(x * x, **k))), FLOATING),
        ("reduce_logsumexp", "Log", reducer(lambda x, **k: np.log(np.sum(np.exp(x), **k))), FLOATING),
        ("math.reduce_variance", "Mean", reducer(np.var), FLOATING), ("math.reduce_std", "Sqrt", reducer(np.std), FLOATING)):
    row(op, name, samples=axes, dtypes=kinds, reference=reference, domain=(0.3, 2), tolerance=2.0)
row("Mean", "reduce_mean", name="reduce_mean of integers", dtypes=("float32",), gradient=False, reference=lambda x: np.int32(-1),
    samples=lambda r: [sample(np.int32([-1, -2, -2]))])
for name, op, reference in (("reduce_max", "Max", np.max), ("reduce_min", "Min", np.min)):
    row(op, name, samples=lambda r: [sample(r.distinct(2, 3)), sample(r.distinct(2, 3), axis=1), sample(r.distinct(2, 3), axis=[0],
                                                                                                     keepdims=True)],
        dtypes=REAL, reference=reducer(reference), second=False)
row("Max", "reduce_max", name="reduce_max of nothing", samples=lambda r: [sample(zeros(0, 2), axis=0)], dtypes=("float32",), gradient=False,
    reference=lambda x, axis: np.full(2, -np.inf, "f4"))
for name, op, reference in (("reduce_all", "All", np.all), ("reduce_any", "Any", np.any)):
    row(op, name, samples=lambda r: [sample(r.bools(2, 3)), sample(r.bools(2, 3), axis=1, keepdims=True)], dtypes=("float32",), gradient=False,
        reference=lambda x, axis=None, keepdims=False, f=reference: np.asarray(f(x, axis=axis, keepdims=keepdims)))
for name, op, reference in (("argmax", "ArgMax", np.argmax), ("argmin", "ArgMin", np.argmin)):
    row(op, name, samples=lambda r: [sample(r.distinct(3, 4), 1), sample(r.distinct(3, 4)), sample(r.distinct(5), axis=0)], dtypes=REAL,
        gradient=False, reference=lambda x, axis=0, f=reference: np.asarray(f(x, axis), np.int64),
        errors=[error(ValueError, "must be in the range", zeros(2, 3), 2)])
row("ArgMax", "arg_max", samples=lambda r: [sample(r.distinct(3, 4), 1)], gradient=False, reference=lambda x, d: np.argmax(x, d))
row("ArgMin", "arg_min", samples=lambda r: [sample(r.distinct(3, 4), 1)], gradient=False, reference=lambda x, d: np.argmin(x, d))
row("Sum", "count_nonzero", samples=lambda r: [sample(r.ints(0, 2, 3, 4)), sample(r.ints(0, 2, 3, 4), axis=1)], dtypes=("float32",),
    gradient=False, reference=lambda x, axis=None: np.asarray(np.count_nonzero(x, axis=axis), np.int64))
row("Sum", "reduce_sum", name="reduce_sum over a wrong axis", samples=lambda r: [sample(r(2))], reference=lambda x: np.sum(x),
    errors=[error(ValueError, "Invalid reduction dimension", zeros(2, 3), axis=2)])

for name, op, identity, accumulate in (("cumsum", "Cumsum", 0, np.cumsum), ("cumprod", "Cumprod", 1, np.cumprod)):
    def running(x, axis=0, exclusive=False, reverse=False, identity=identity, accumulate=accumulate):
        x = np.flip(x, axis) if reverse else x
        if exclusive:
            lead = np.full_like(x.take([0], axis), identity)
            x = np.concatenate([lead, x.take(range(x.shape[axis] - 1), axis)], axis)
        x = accumulate(x, axis).astype(x.dtype)
        return np.flip(x, axis) if reverse else x
    row(op, name, samples=lambda r: [sample(r(3, 4)), sample(r(3, 4), 1, exclusive=True), sample(r(3, 4), axis=-1, reverse=True),
                                     sample(r(3, 4), 0, exclusive=True, reverse=True)], domain=(0.5, 2), dtypes=NUMBERS, reference=running,
        errors=[error("errors.InvalidArgumentError", "Expected scan axis in the range [-2, 2), but got 2", zeros(2, 3), 2)])
row("CumulativeLogsumexp", "math.cumulative_logsumexp", samples=lambda r: [sample(r(3, 4)), sample(r(3, 4), 1, reverse=True)], second=False,
    reference=lambda x, axis=0, reverse=False: np.log(np.flip(np.cumsum(np.exp(np.flip(x, axis)), axis), axis)) if reverse
    else np.log(np.cumsum(np.exp(x), axis)))

# ---- segments -----------------------------------------------------------------------------------------------------------------

IDS = np.int32([0, 0, 2, 3, 3])
MIXED = np.int32([2, 0, -1, 2, 3])
FULL = np.int32([2, 0, -1, 1, 2])


def by_segment(function, empty, count=None):
    def reference(x, ids, n=None):
        n = n if n is not None else int(ids.max()) + 1
        return np.stack([function(x[ids == k]) if (ids == k).any() else np.full(x.shape[1:], empty(x.dtype)) for k in range(n)]).astype(x.dtype)
    return reference


def least(dtype):
    return np.finfo(dtype).min if dtype.kind == "f" else np.iinfo(dtype).min


def most(dtype):
    return np.finfo(dtype).max if dtype.kind == "f" else np.iinfo(dtype).max


for label, op, function, empty, unsorted_empty in (
        ("sum", "Sum", lambda v: v.sum(0), lambda d: 0, lambda d: 0), ("prod", "Prod", lambda v: v.prod(0), lambda d: 1, lambda d: 1),
        ("max", "Max", lambda v: v.max(0), lambda d: 0, least), ("min", "Min", lambda v: v.min(0), lambda d: 0, most)):
    row(f"Segment{op}", f"segment_{label}", samples=lambda r: [sample(r.distinct(5, 2), IDS)], dtypes=FLOATING + INTEGER,
        reference=by_segment(function, empty), domain=(0.3, 2), second=label in ("sum", "prod"),
        errors=[error(I, "segment ids are not increasing", zeros(2, 3), np.int32([1, 0]))])
    row(f"UnsortedSegment{op}", f"unsorted_segment_{label}", name=f"unsorted_segment_{label} with empty segments",
        samples=lambda r: [sample(r.distinct(5, 2), MIXED, 5)], dtypes=FLOATING[1:] + INTEGER, gradient=False,
        reference=by_segment(function, unsorted_empty))
    row(f"UnsortedSegment{op}", f"unsorted_segment_{label}", samples=lambda r: [sample(r.distinct(5, 2), FULL, 3)], dtypes=FLOATING + INTEGER, reference=by_segment(function, unsorted_empty), domain=(0.3, 2), second=label == "sum",
        errors=[error(I, "is out of range [0, 2)", zeros(2, 3), np.int32([1, 2]), 2)])
row("SegmentMean", "segment_mean", samples=lambda r: [sample(r(5, 2), IDS)], reference=by_segment(lambda v: v.mean(0), lambda d: 0))
row("UnsortedSegmentSum", "unsorted_segment_mean", samples=lambda r: [sample(r(5, 2), MIXED, 5)],
    reference=by_segment(lambda v: v.mean(0), lambda d: 0))
row("UnsortedSegmentSum", "unsorted_segment_sqrt_n", samples=lambda r: [sample(r(5, 2), MIXED, 5)],
    reference=by_segment(lambda v: v.sum(0) / np.sqrt(len(v)), lambda d: 0))
for label, op, function in (("sum", "Sum", lambda v: v.sum(0)), ("mean", "Mean", lambda v: v.mean(0)),
                            ("sqrt_n", "SqrtN", lambda v: v.sum(0) / np.sqrt(len(v)))):
    def gathered(x, indices, ids, num_segments=None, sparse_gradient=False, function=function):
        return by_segment(function, lambda d: 0)(x[indices], ids, num_segments)
    row((f"SparseSegment{op}", f"SparseSegment{op}Grad"), f"sparse_segment_{label}", reference=gathered, second=False,
        samples=lambda r: [sample(r(4, 2), np.int32([3, 0, 0, 1]), np.int32([0, 0, 2, 2]))],
        errors=[error(I, "out of range", zeros(2, 3), np.int32([2]), np.int32([0]))])
    row(f"SparseSegment{op}WithNumSegments", f"sparse_segment_{label}", name=f"sparse_segment_{label}, counted", reference=gathered,
        second=False, samples=lambda r: [sample(r(4, 2), np.int32([3, 0, 0, 1]), np.int32([0, 0, 2, 2]), num_segments=4)])
    row((f"SparseSegment{op}", f"SparseSegment{op}GradV2"), f"sparse_segment_{label}", name=f"sparse_segment_{label}, sparse gradient",
        reference=gathered, second=False,
        samples=lambda r: [sample(r(4, 2), np.int32([3, 0, 0, 1]), np.int32([0, 0, 2, 2]), sparse_gradient=True)])

# ---- sums and products --------------------------------------------------------------------------------------------------------

row("AddN", "add_n", samples=lambda r: [sample([r(2, 3), r(2, 3), r(2, 3)])], dtypes=NUMBERS + HALF, reference=lambda xs: xs[0] + xs[1] + xs[2],
    errors=[error(ValueError, "at least one Tensor", [])])
row("AddN", deprecated("accumulate_n"), name="accumulate_n", samples=lambda r: [sample([r(2, 3), r(2, 3)])], reference=lambda xs: xs[0] + xs[1])


def flipped(x, flip, conjugate=False):
    x = np.swapaxes(x, -1, -2) if flip else x
    return np.conj(x) if conjugate and flip else x


row("MatMul", "matmul", samples=lambda r: [sample(r(2, 3), r(3, 4)), sample(r(3, 2), r(3, 4), transpose_a=True),
                                           sample(r(2, 3), r(4, 3), transpose_b=True),
                                           sample(r(3, 2), r(4, 3), transpose_a=True, transpose_b=True)],
    dtypes=FLOATING + HALF + INTEGER + COMPLEX,
    reference=lambda a, b, transpose_a=False, transpose_b=False: flipped(a, transpose_a) @ flipped(b, transpose_b), tolerance=2.0,
    errors=[error(ValueError, "Dimensions must be equal, but are 3 and 2", zeros(2, 3), zeros(2, 3))])
row("BatchMatMulV2", "matmul", name="matmul of stacks",
    samples=lambda r: [sample(r(5, 2, 3), r(5, 3, 4)), sample(r(5, 3, 2), r(5, 4, 3), adjoint_a=True, adjoint_b=True), sample(r(1, 2, 3), r(5, 3, 4)),
                       sample(r(5, 2, 3), r(3, 4)), sample(r(5, 2, 3), r(5, 4, 3), transpose_b=True)],
    dtypes=FLOATING + COMPLEX, tolerance=2.0,
    reference=lambda a, b, adjoint_a=False, adjoint_b=False, transpose_b=False: flipped(a, adjoint_a, True) @ flipped(
        b, adjoint_b or transpose_b, adjoint_b))
row("SparseMatMul", "matmul", name="matmul of sparse matrices", dtypes=("float32",), reference=lambda a, b, **_: a @ b, gradient=False,
    samples=lambda r: [sample(r(2, 3), r(3, 4), a_is_sparse=True)])
row("BatchMatMulV3", lambda tf, a, b: tf.matmul(a, b, output_type=tf.int32), name="matmul with an output dtype", dtypes=("float32",),
    gradient=False, samples=lambda r: [sample(np.int8([[1, 2]]), np.int8([[100], [100]]))], reference=lambda a, b: np.int32([[300]]))
row("MatMul", "linalg.matvec", samples=lambda r: [sample(r(2, 3), r(3))], reference=lambda a, b: a @ b)
row("MatMul", "tensordot", samples=lambda r: [sample(r(2, 3, 4), r(4, 5), 1), sample(r(2, 3, 4), r(4, 3, 5), [[2, 1], [0, 1]]),
                                              sample(r(2), r(3), 0)], reference=lambda a, b, n: np.tensordot(a, b, n), tolerance=2.0)
for equation, shapes in (("ij,jk->ik", [(2, 3), (3, 4)]), ("ij->ji", [(2, 3)]), ("bij,bjk->bik", [(2, 2, 3), (2, 3, 2)]), ("i,j->ij", [(2,), (3,)]),
                         ("ii->i", [(3, 3)]), ("ijk->k", [(2, 3, 4)]), ("ij,ij->", [(2, 3), (2, 3)]), ("...ij,jk->...ik", [(2, 2, 3), (3, 4)]),
                         ("ij,jk,kl->il", [(2, 3), (3, 2), (2, 4)])):
    row("Einsum", "einsum", name=f"einsum {equation}", samples=lambda r, e=equation, s=shapes: [sample(e, *[r(*d) for d in s])],
        reference=lambda e, *xs: np.einsum(e, *xs), tolerance=2.0,
        nodes="TensorFlow's order of summed labels varies from process to process" if equation in ("ijk->k",) else True)
row("Cross", "cross", samples=lambda r: [sample(r(2, 3), r(2, 3))], reference=np.cross, dtypes=FLOATING + INTEGER)
row("Sum", "trace", samples=lambda r: [sample(r(3, 3)), sample(r(2, 3, 3))], reference=lambda x: np.trace(x, axis1=-2, axis2=-1))
row("Mul", "math.polyval", samples=lambda r: [sample([1.0, -2.0, 3.0], r(4))], dtypes=("float32",), reference=np.polyval)

# ---- counting, casts ----------------------------------------------------------------------------------------------------------

row("DenseBincount", "bincount", samples=lambda r: [sample(r.ints(0, 5, 9)), sample(r.ints(0, 5, 9), minlength=8), sample(r.ints(0, 5, 9), r(9), None, 3)],
    dtypes=FLOATING, gradient=False,
    reference=lambda x, w=None, m=None, top=None, minlength=0: (np.bincount(x, minlength=minlength).astype("i4") if w is None
                                                                else np.bincount(x, w)[:top].astype(w.dtype)))
row("HistogramFixedWidth", "histogram_fixed_width", samples=lambda r: [sample(r(20), [-1.0, 1.0], 5)], dtypes=("float32",), gradient=False,
    reference=lambda x, limits, n: np.bincount(np.clip(np.floor((x + 1) / 0.4), 0, 4).astype(int), minlength=5).astype("i4"))
row("Floor", "histogram_fixed_width_bins", samples=lambda r: [sample(r(20), [-1.0, 1.0], 5)], dtypes=("float32",), gradient=False,
    reference=lambda x, limits, n: np.clip(np.floor((x + 1) / 0.4), 0, 4).astype("i4"))
row("ScatterNd", "confusion_matrix", samples=lambda r: [sample(r.ints(0, 3, 9), r.ints(0, 3, 9), 3)], dtypes=("float32",), gradient=False,
    reference=lambda a, b, n: np.array([[((a == i) & (b == j)).sum() for j in range(n)] for i in range(n)], "i4"),
    nodes="its checks are plain Assert nodes here")
row("ClipByValue", lambda tf, x: tf.saturate_cast(x, tf.uint8), name="saturate_cast", domain=(-300, 300), gradient=False, dtypes=FLOATING,
    samples=lambda r: [sample(r(20))], reference=lambda x: np.clip(x, 0, 255).astype("u1"))
for name, dtype in (("to_float", "f4"), ("to_double", "f8"), ("to_int32", "i4"), ("to_int64", "i8"), ("to_complex64", "c8"),
                    ("to_complex128", "c16")):
    row("Cast", deprecated(name), name=name, samples=lambda r: [sample(r.ints(-9, 9, 3, dtype="int16"))], dtypes=("float32",), gradient=False,
        reference=lambda x, d=dtype: x.astype(d))

# ---- op types that no public function makes -----------------------------------------------------------------------------------

for op, reference in (("TanhGrad", lambda y, dy: dy * (1 - y * y)), ("SigmoidGrad", lambda y, dy: dy * y * (1 - y)),
                      ("ReciprocalGrad", lambda y, dy: -dy * y * y), ("InvGrad", lambda y, dy: -dy * y * y),
                      ("SqrtGrad", lambda y, dy: dy * 0.5 / y), ("RsqrtGrad", lambda y, dy: dy * -0.5 * y ** 3)):
    row(op, lambda tf, y, dy, op=op: raw(tf, op, y=y, dy=dy), name=op, samples=lambda r: [sample(r(2, 3), r(2, 3))], domain=(0.3, 0.9),
        reference=lambda y, dy, f=reference: f(y, dy).astype(y.dtype))
row("Bincount", lambda tf, x, w: raw(tf, "Bincount", arr=x, size=4, weights=w), name="Bincount", gradient=False,
    samples=lambda r: [sample(r.ints(0, 6, 9), r(9))], reference=lambda x, w: np.bincount(x, w, 6)[:4].astype(w.dtype),
    errors=[error(I, "must be non-negative", np.int32([-1]), zeros(0))])
row("Bucketize", lambda tf, x: raw(tf, "Bucketize", input=x, boundaries=[-1.0, 0.5, 1.0]), name="Bucketize", gradient=False,
    samples=lambda r: [sample(r(12))], reference=lambda x: np.digitize(x, [-1.0, 0.5, 1.0]).astype("i4"))
