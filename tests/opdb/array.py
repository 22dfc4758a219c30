"""Rows of graphflow/ops/array."""

from __future__ import annotations

import numpy as np

from . import COMPLEX, FLOATING, HALF, INTEGER, error, row, sample, zeros
from ._raw import raw
from .state import on_resource

ANY = FLOATING + HALF + INTEGER + COMPLEX[:1] + ("bool",)
NUMBERS = FLOATING + INTEGER
I = "errors.InvalidArgumentError"


def _ref(tf, value, use):
    """use(v) for a ref-style variable v that has just been assigned."""
    variable = tf.Variable(tf.zeros(value.shape, value.dtype), use_resource=False)
    with tf.control_dependencies([variable.assign(value)]):
        return use(variable)


def _after(tf, x):
    with tf.control_dependencies([tf.no_op()]):
        return tf.identity(x)


# ---- basic ----------------------------------------------------------------------------------------------------------------

row("Const", lambda tf, x: tf.constant([[1.5, 2.0]]) + x, name="constant", samples=lambda r: [sample(r(2))], dtypes=("float32",),
    reference=lambda x: np.array([[1.5, 2]], "f4") + x)
row("Placeholder", lambda tf, x: tf.identity(x), name="placeholder", samples=lambda r: [sample(r(2))], dtypes=ANY, reference=lambda x: x)
row("Identity", "identity", samples=lambda r: [sample(r(2, 3))], dtypes=ANY, reference=lambda x: x)
row("IdentityN", "identity_n", samples=lambda r: [sample([r(2), r(3)])], reference=lambda xs: xs)
row("StopGradient", "stop_gradient", samples=lambda r: [sample(r(2, 3))], dtypes=ANY, reference=lambda x: x, gradient=False)
row("GuaranteeConst", "guarantee_const", samples=lambda r: [sample(r(2, 3))], reference=lambda x: x, gradient=False)
row("PlaceholderWithDefault", "placeholder_with_default", samples=lambda r: [sample(r(2, 3), [None, 3])], reference=lambda x, s: x)
row("Bitcast", lambda tf, x: tf.bitcast(x, tf.int32), name="bitcast", samples=lambda r: [sample(r(2, 3))], dtypes=("float32",),
    reference=lambda x: x.view("int32"), gradient=False)
row("Bitcast", lambda tf, x: tf.bitcast(x, tf.int32), name="bitcast to smaller", samples=lambda r: [sample(r(2, 3))],
    dtypes=("float64",), reference=lambda x: x.view("int32").reshape(2, 3, 2), gradient=False)
row("Cast", lambda tf, x: tf.cast(x, tf.int32), name="cast to int32", samples=lambda r: [sample(r(2, 3))], dtypes=FLOATING,
    reference=lambda x: x.astype("int32"), gradient=False)
row("Cast", lambda tf, x: tf.cast(tf.cast(x, tf.float32), tf.complex64), name="cast to complex64", dtypes=("float64",),
    samples=lambda r: [sample(r(3))], reference=lambda x: x.astype("f4").astype("c8"), gradient=False)
row("Shape", lambda tf, x: tf.shape(tf.placeholder_with_default(x, None)), name="shape", samples=lambda r: [sample(r(2, 3)), sample(r())],
    gradient=False, reference=lambda x: np.array(x.shape, "int32").reshape(-1))
row("Size", lambda tf, x: tf.size(tf.placeholder_with_default(x, None)), name="size", samples=lambda r: [sample(r(2, 3)), sample(r())],
    gradient=False, reference=lambda x: np.int32(x.size))
row("Rank", lambda tf, x: tf.rank(tf.placeholder_with_default(x, None)), name="rank", samples=lambda r: [sample(r(2, 3)), sample(r())],
    gradient=False, reference=lambda x: np.int32(x.ndim))
row("ShapeN", "shape_n", samples=lambda r: [sample([r(2, 3), r(4)])], gradient=False,
    reference=lambda xs: [np.array(x.shape, "int32") for x in xs])
row("Reshape", "reshape", samples=lambda r: [sample(r(2, 6), [3, 4]), sample(r(2, 6), [-1]), sample(r(2, 6), [4, -1]), sample(r(1), [])],
    dtypes=ANY, reference=lambda x, s: x.reshape(s),
    errors=[error(ValueError, "Cannot reshape a tensor with 6 elements to shape [4]", zeros(2, 3), [4]),
            error(ValueError, "Cannot reshape a tensor with 6 elements", zeros(2, 3), [-1, 4])])
row("Fill", "fill", samples=lambda r: [sample([2, 3], r()), sample([], r())], dtypes=ANY, reference=lambda s, v: np.full(s, v, v.dtype))
row("BroadcastTo", "broadcast_to", samples=lambda r: [sample(r(3), [2, 3]), sample(r(2, 1), [2, 4]), sample(r(), [2])], dtypes=NUMBERS,
    reference=lambda x, s: np.broadcast_to(x, s))
row("ZerosLike", lambda tf, x: tf.zeros_like(x, optimize=False), name="zeros_like", samples=lambda r: [sample(r(2, 3))], dtypes=ANY,
    gradient=False, reference=lambda x: np.zeros_like(x))
row("Fill", "ones_like", samples=lambda r: [sample(r(2, 3))], dtypes=ANY, gradient=False, reference=lambda x: np.ones_like(x))
row("Fill", lambda tf, n: tf.zeros([n, 2]), name="zeros", samples=lambda r: [sample(r.ints(3, 4))], dtypes=("float32",), gradient=False,
    reference=lambda n: np.zeros((n, 2), "f4"))
row("Fill", lambda tf, n: tf.ones(tf.stack([n, 2]), tf.int32), name="ones", samples=lambda r: [sample(r.ints(3, 4))], dtypes=("float32",),
    gradient=False, reference=lambda n: np.ones((n, 2), "i4"))
row("Const", lambda tf, x: [tf.zeros([2, 3]), tf.ones([2], tf.bool), tf.zeros([2], tf.string)], name="zeros of a constant shape",
    samples=lambda r: [sample(r(1))], dtypes=("float32",), gradient=False,
    reference=lambda x: [np.zeros((2, 3), "f4"), np.ones(2, bool), np.array([b"", b""], object)])

# ---- where ----------------------------------------------------------------------------------------------------------------

row("Where", "where", name="where, positions", samples=lambda r: [sample(r.bools(3, 4)), sample(r.bools(5))], dtypes=("float32",),
    gradient=False, reference=lambda c: np.argwhere(c))
row("Select", "where", samples=lambda r: [sample(r.bools(3, 4), r(3, 4), r(3, 4)), sample(r.bools(3), r(3, 4), r(3, 4)),
                                          sample(r.bools(), r(3, 4), r(3, 4))], dtypes=ANY,
    reference=lambda c, x, y: np.where(c[:, None] if c.ndim == 1 else c, x, y),
    errors=[error(ValueError, "x and y must both be non-None or both be None", zeros(2, dtype="bool"), zeros(2)),
            error(ValueError, "must be equal, but are", zeros(2, dtype="bool"), zeros(2), zeros(3))])
row("SelectV2", "where_v2", samples=lambda r: [sample(r.bools(3, 1), r(3, 4), r(4)), sample(r.bools(3, 4), r(), r(3, 1))],
    dtypes=ANY, reference=lambda c, x, y: np.where(c, x, y))

# ---- fill -----------------------------------------------------------------------------------------------------------------

row("Range", "range", samples=lambda r: [sample(5), sample(2, 10, 3), sample(5, 0, -2)], dtypes=("float32",), gradient=False,
    reference=lambda *a: np.arange(*a, dtype="int32"),
    errors=[error(ValueError, "Requires delta != 0", 1, 5, 0), error(ValueError, "Requires start <= limit when delta > 0", 5, 1)])
row("Range", lambda tf, a, b, c: tf.range(a, b, c), name="range of floats",
    samples=lambda r: [sample(np.array(0.5), np.array(3.8), np.array(0.7))], gradient=False,
    reference=lambda a, b, c: np.arange(5).astype(a.dtype) * c + a)
row("LinSpace", "linspace", samples=lambda r: [sample(r(), r(), 5), sample(r(), r(), 1)], gradient=False,
    reference=lambda a, b, n: np.linspace(a, b, n, dtype=a.dtype), nodes="one LinSpace node, as TF1 made; TensorFlow 2.21 makes 40")
row("OneHot", "one_hot", samples=lambda r: [sample(r.ints(-1, 4, 2, 3), 4), sample(r.ints(0, 3, 2), 3, axis=0),
                                            sample(r.ints(0, 3, 2), 3, on_value=2.0, off_value=-1.0)],
    dtypes=("float32",), gradient=False)

# ---- layout ---------------------------------------------------------------------------------------------------------------

row("ExpandDims", "expand_dims", samples=lambda r: [sample(r(2, 3), 0), sample(r(2, 3), -1), sample(r(2, 3), 1)], dtypes=ANY,
    reference=lambda x, a: np.expand_dims(x, a),
    errors=[error(ValueError, "dim 4 not in the interval [-3, 2]", zeros(2, 3), 4),
            error(ValueError, "Must specify an axis argument to tf.expand_dims()", zeros(2))])
row("Squeeze", "squeeze", samples=lambda r: [sample(r(1, 3, 1)), sample(r(1, 3, 1), [0]), sample(r(1, 3, 1), axis=-1)], dtypes=ANY,
    reference=lambda x, a=None, axis=None: np.squeeze(x, tuple(a) if a else axis),
    errors=[error(ValueError, "Can not squeeze dim[1], expected a dimension of 1, got 3", zeros(1, 3), [1])])
row("Transpose", "transpose", samples=lambda r: [sample(r(2, 3)), sample(r(2, 3, 4), [2, 0, 1])], dtypes=ANY,
    reference=lambda x, p=None: np.transpose(x, p),
    errors=[error(ValueError, "Dimension must be 2 but is 3", zeros(2, 3), [0, 1, 2])])
row("ConjugateTranspose", lambda tf, x: tf.transpose(x, conjugate=True), name="transpose conjugate", samples=lambda r: [sample(r(2, 3))],
    dtypes=COMPLEX, reference=lambda x: x.conj().T)
row("Transpose", "matrix_transpose", samples=lambda r: [sample(r(2, 3)), sample(r(2, 3, 4))], dtypes=NUMBERS,
    reference=lambda x: np.swapaxes(x, -1, -2))
row("BroadcastArgs", "broadcast_dynamic_shape", samples=lambda r: [sample(np.array([2, 1], "i4"), np.array([3], "i4"))], gradient=False,
    dtypes=("float32",), reference=lambda a, b: np.array([2, 3], "i4"))

# ---- joining --------------------------------------------------------------------------------------------------------------

row("ConcatV2", "concat", samples=lambda r: [sample([r(2, 3), r(1, 3)], 0), sample([r(2, 3), r(2, 1), r(2, 2)], -1),
                                             sample([r(2), r(0), r(3)], 0)], dtypes=ANY,
    reference=lambda xs, a: np.concatenate(xs, a),
    errors=[error(ValueError, "must be equal, but are 3 and 4", [zeros(2, 3), zeros(2, 4)], 0),
            error(ValueError, "Shapes must be equal rank, but are 1 and 2", [zeros(2), zeros(2, 4)], 0)])
row("Split", "split", samples=lambda r: [sample(r(4, 6), 3, 1), sample(r(4, 6), 2)], dtypes=ANY, reference=lambda x, n, a=0: np.split(x, n, a),
    errors=[error(ValueError, "evenly divi", zeros(5), 2)])
row("SplitV", "split", name="split by sizes", samples=lambda r: [sample(r(4, 6), [1, 5], 1), sample(r(4, 2), [1, -1, 2])], dtypes=ANY,
    reference=lambda x, n, a=0: np.split(x, np.cumsum([4 - 3 if i == -1 else i for i in n])[:-1], a))
row("Pack", "stack", samples=lambda r: [sample([r(2, 3), r(2, 3)]), sample([r(2), r(2), r(2)], axis=-1)], dtypes=ANY,
    reference=lambda xs, axis=0: np.stack(xs, axis),
    errors=[error(ValueError, "not in range [-2, 2)", [zeros(2)], axis=2)])
row("Pack", "parallel_stack", samples=lambda r: [sample([r(2, 3), r(2, 3)])], reference=np.stack, shapes=False, gradient=False,
    nodes="TensorFlow makes a ParallelConcat of ExpandDims")
row("Unpack", "unstack", samples=lambda r: [sample(r(3, 2), num=3), sample(r(3, 2), axis=1, num=2)], dtypes=ANY,
    reference=lambda x, axis=0, num=0: [np.take(x, i, axis) for i in range(x.shape[axis])],
    errors=[error(ValueError, "Dimension must be 2 but is 3", zeros(3, 2), num=2)])
row("ConcatOffset", lambda tf, a, b: tf.gradients(tf.concat([a, b], 0), [a, b]), name="gradient of concat", gradient=False,
    samples=lambda r: [sample(r(2, 3), r(1, 3))], reference=lambda a, b: [np.ones_like(a), np.ones_like(b)])

# ---- pad, tile ------------------------------------------------------------------------------------------------------------

row("Pad", "pad", samples=lambda r: [sample(r(2, 3), [[1, 0], [2, 1]]), sample(r(3), [[0, 0]])], dtypes=ANY[:-1],
    reference=lambda x, p: np.pad(x, p), errors=[error(ValueError, "paddings must be the rank of inputs", zeros(2, 3), [[1, 1]])])
row("PadV2", "pad", name="pad with a constant", samples=lambda r: [sample(r(2, 3), [[1, 0], [2, 1]], constant_values=7)], dtypes=NUMBERS,
    reference=lambda x, p, constant_values: np.pad(x, p, constant_values=constant_values))
row(("MirrorPad",), "pad", name="pad reflect", samples=lambda r: [sample(r(3, 4), [[1, 2], [3, 0]], mode="REFLECT")], dtypes=NUMBERS,
    reference=lambda x, p, mode: np.pad(x, p, "reflect"), errors=[error(I, "paddings must be less than", zeros(2), [[2, 0]], mode="REFLECT")])
row("MirrorPad", "pad", name="pad symmetric", samples=lambda r: [sample(r(3, 4), [[1, 2], [3, 0]], mode="SYMMETRIC")], dtypes=NUMBERS,
    reference=lambda x, p, mode: np.pad(x, p, "symmetric"))
row("MirrorPadGrad", lambda tf, x: tf.gradients(tf.pad(x, [[1, 2]], mode="REFLECT") * [1., 2., 3., 4., 5., 6.], x),
    name="gradient of pad", gradient=False, samples=lambda r: [sample(r(3))], dtypes=("float32",))
row("Tile", "tile", samples=lambda r: [sample(r(2, 3), [2, 1]), sample(r(3), [3])], dtypes=ANY, reference=lambda x, m: np.tile(x, m),
    errors=[error(ValueError, "Expected multiples argument to be a vector of length 2", zeros(2, 3), [2])])
row(("Tile", "GatherV2"), "repeat", samples=lambda r: [sample(r(3), 2), sample(r(3, 2), [1, 0, 2], axis=0), sample(r(2, 2), 3, axis=1),
                                                          sample(r(2, 3), [1, 0, 2], axis=1)],
    reference=lambda x, n, axis=None: np.repeat(x, n, axis), nodes="constants and the mask of inner axes differ", shapes=False)

# ---- slices ---------------------------------------------------------------------------------------------------------------

row("Slice", "slice", samples=lambda r: [sample(r(4, 5), [1, 2], [2, -1]), sample(r(3), [0], [3])], dtypes=ANY,
    reference=lambda x, b, s: x[tuple(slice(i, None if n == -1 else i + n) for i, n in zip(b, s, strict=True))],
    errors=[error(I, "Expected size[0] in [0, 1], but got 5", zeros(4), [3], [5])])
row("StridedSlice", lambda tf, x: [x[1], x[-1, :, 0], x[1:], x[:, 1:3], x[..., 0], x[:, None, 1], x[::-1], x[::2, 3:0:-2], x[1, ..., 1:2]],
    name="[]", samples=lambda r: [sample(r(3, 4, 2))], dtypes=ANY,
    reference=lambda x: [x[1], x[-1, :, 0], x[1:], x[:, 1:3], x[..., 0], x[:, None, 1], x[::-1], x[::2, 3:0:-2], x[1, ..., 1:2]])
row("StridedSlice", lambda tf, x, i: [x[i], x[i:], x[:i, i]], name="[] of tensors", samples=lambda r: [sample(r(3, 4), r.ints(1, 2))],
    dtypes=NUMBERS, reference=lambda x, i: [x[i], x[i:], x[:i, i]])
row("StridedSlice", "strided_slice", samples=lambda r: [sample(r(4, 5), [1, 0], [3, 5], [1, 2]),
                                                        sample(r(4, 5), [1, 0], [3, 5], [1, 2], begin_mask=1, shrink_axis_mask=2)],
    dtypes=NUMBERS, reference=lambda x, b, e, s, begin_mask=0, shrink_axis_mask=0: x[:3, 0] if begin_mask else x[1:3, 0:5:2],
    errors=[error(ValueError, "slice index 5 of dimension 0 out of bounds", zeros(3), [5], [6], [1], shrink_axis_mask=1),
            error(ValueError, "strides[0] must be non-zero", zeros(3), [0], [2], [0])])
row("StridedSliceGrad", lambda tf, x: tf.gradients(x[1:, ::2] * 2.0, x), name="gradient of []", gradient=False, dtypes=("float32",),
    samples=lambda r: [sample(r(3, 4))], reference=lambda x: np.array([[0, 0, 0, 0], [2, 0, 2, 0], [2, 0, 2, 0]], "f4"))

# ---- indexing -------------------------------------------------------------------------------------------------------------

row("GatherV2", "gather", samples=lambda r: [sample(r(4, 3), r.ints(0, 4, 5)), sample(r(4, 3), r.ints(0, 4, 2, 2)),
                                             sample(r(4), r.ints(0, 4))], dtypes=ANY,
    reference=lambda x, i: x[i], errors=[error(I, "indices[1] = 7 is not in [0, 3)", zeros(3), np.array([0, 7])),
                                         error(I, "indices[0] = -1 is not in [0, 3)", zeros(3), np.array([-1]))])
row("GatherV2", "gather", name="gather along an axis",
    samples=lambda r: [sample(r(2, 4, 3), r.ints(0, 4, 5), axis=1),
                                                                          sample(r(2, 3), r.ints(0, 3, 2, 2), axis=-1)],
    dtypes=NUMBERS, reference=lambda x, i, axis: np.take(x, i, axis))
row("GatherV2", "batch_gather", samples=lambda r: [sample(r(2, 4, 3), r.ints(0, 4, 2, 5))], shapes=False, nodes="TensorFlow spells it by reshapes",
    reference=lambda x, i: np.stack([a[j] for a, j in zip(x, i, strict=True)]))
row("GatherNd", "gather_nd", samples=lambda r: [sample(r(3, 4), r.ints(0, 3, 5, 2)), sample(r(3, 4), r.ints(0, 3, 2, 2, 1))], dtypes=ANY,
    reference=lambda x, i: x[tuple(np.moveaxis(i, -1, 0))],
    errors=[error(I, "does not index into param shape [3]", zeros(3), np.array([[5]]))])
row("ScatterNd", "scatter_nd", samples=lambda r: [sample(r.ints(0, 4, 5, 1), r(5, 3), [4, 3]), sample(r.ints(0, 3, 4, 2), r(4), [3, 3])],
    dtypes=NUMBERS, errors=[error(ValueError, "must match", zeros(2, 1, dtype="int32"), zeros(3), [4])])
for _kind in ("update", "add", "sub", "min", "max"):
    row("TensorScatter" + _kind.title(), f"tensor_scatter_nd_{_kind}", name=f"tensor_scatter_nd_{_kind}", dtypes=NUMBERS,
        samples=lambda r: [sample(r(4, 3), np.array([[1], [3]], "i4"), r(2, 3)), sample(r(3, 3), np.array([[0, 1], [2, 2]], "i4"), r(2))],
        second=_kind not in ("min", "max"), nodes="gradient" if _kind in ("min", "max") else True)
row("GatherV2", "boolean_mask", samples=lambda r: [sample(r(3, 4), np.array([True, False, True])),
                                                   sample(r(2, 2), np.array([[True, False], [True, True]]))],
    dtypes=NUMBERS, reference=lambda x, m: x[m], shapes=False,
    errors=[error(ValueError, "mask cannot be scalar", zeros(3), np.array(True)), error(ValueError, "are incompatible", zeros(3), np.array([True]))])

row("GatherV2", "boolean_mask", name="boolean_mask along an axis", shapes=False, dtypes=NUMBERS,
    samples=lambda r: [sample(r(2, 3), np.array([True, False, True]), axis=1)], reference=lambda x, m, axis: x[:, m])

# ---- stitch ---------------------------------------------------------------------------------------------------------------

row("InvertPermutation", "invert_permutation", samples=lambda r: [sample(np.array([2, 0, 1], "i4"))], dtypes=("float32",), gradient=False,
    reference=lambda x: np.argsort(x).astype("i4"), errors=[error(I, "is not between 0 and 2", np.array([0, 5]))])
row("Unique", "unique", samples=lambda r: [sample(np.array([3, 1, 3, 2, 1]))], dtypes=("float32",), gradient=False,
    reference=lambda x: [np.array([3, 1, 2]), np.array([0, 1, 0, 2, 1], "i4")])
row("UniqueWithCounts", "unique_with_counts", samples=lambda r: [sample(np.array([3, 1, 3, 2, 1]))], dtypes=("float32",), gradient=False,
    reference=lambda x: [np.array([3, 1, 2]), np.array([0, 1, 0, 2, 1], "i4"), np.array([2, 2, 1], "i4")])
row("ListDiff", "setdiff1d", samples=lambda r: [sample(np.array([1, 2, 3, 4]), np.array([2, 4]))], dtypes=("float32",), gradient=False,
    reference=lambda x, y: [np.array([1, 3]), np.array([0, 2], "i4")])
row("DynamicPartition", "dynamic_partition", samples=lambda r: [sample(r(5, 2), np.array([0, 2, 0, 1, 2], "i4"), 3)], dtypes=NUMBERS,
    reference=lambda x, p, n: [x[p == i] for i in range(n)])
row("DynamicStitch", "dynamic_stitch", samples=lambda r: [sample([np.array([0, 3], "i4"), np.array([1, 2], "i4")], [r(2, 2), r(2, 2)])],
    dtypes=NUMBERS, reference=lambda i, x: np.stack([x[0][0], x[1][0], x[1][1], x[0][1]]))
row(("LowerBound", "UpperBound"), lambda tf, s, v: [tf.searchsorted(s, v), tf.searchsorted(s, v, side="right")], name="searchsorted", nodes="TensorFlow leaves the name scope out and names constants otherwise",
    samples=lambda r: [sample(np.array([[1., 2., 2., 4.]]), np.array([[2., 0., 5.]]))], gradient=False,
    reference=lambda s, v: [np.array([[1, 0, 4]], "i4"), np.array([[3, 0, 4]], "i4")])

# ---- grid -----------------------------------------------------------------------------------------------------------------

row("ReverseV2", "reverse", samples=lambda r: [sample(r(2, 3), [1]), sample(r(2, 3), [0, -1])], dtypes=ANY,
    reference=lambda x, a: np.flip(x, a), errors=[error(ValueError, "'axis' must be 1-dimensional", zeros(2), 0)])
row("ReverseSequence", "reverse_sequence", samples=lambda r: [sample(r(2, 4), np.array([3, 2], "i4"), seq_axis=1)], dtypes=NUMBERS,
    reference=lambda x, n, seq_axis: np.stack([np.concatenate([a[:k][::-1], a[k:]]) for a, k in zip(x, n, strict=True)]))
row("Roll", "roll", samples=lambda r: [sample(r(3, 4), 1, 0), sample(r(3, 4), [2, -1], [0, 1])], dtypes=NUMBERS,
    reference=lambda x, s, a: np.roll(x, s, a))
row("Mul", "meshgrid", samples=lambda r: [sample(r(2), r(3)), sample(r(2), r(3), indexing="ij")], dtypes=FLOATING,
    reference=lambda x, y, indexing="xy": np.meshgrid(x, y, indexing=indexing))
row("Less", "sequence_mask", samples=lambda r: [sample(np.array([1, 3, 2], "i4")), sample(np.array([1, 3], "i4"), 5)], dtypes=("float32",),
    gradient=False, reference=lambda n, m=3: np.arange(m) < n[:, None])

# ---- diagonals ------------------------------------------------------------------------------------------------------------

row("MatrixBandPart", "matrix_band_part", samples=lambda r: [sample(r(4, 3), 1, 0), sample(r(2, 3, 3), -1, 0)], dtypes=NUMBERS,
    reference=lambda x, a, b: np.triu(np.tril(x, b), -a) if a >= 0 else np.tril(x, b))
row("MatrixDiagV3", "matrix_diag", samples=lambda r: [sample(r(3)), sample(r(2, 3)), sample(r(2, 3), k=1), sample(r(2, 3), k=(-1, 0))],
    dtypes=NUMBERS)
row("MatrixDiagPartV3", "matrix_diag_part", samples=lambda r: [sample(r(3, 3)), sample(r(2, 3, 4)), sample(r(3, 4), k=1), sample(r(3, 4), k=(-1, 1))],
    dtypes=NUMBERS, errors=[error(ValueError, "at least rank 2 but is rank 1", zeros(3))])
row("MatrixSetDiagV3", "matrix_set_diag", samples=lambda r: [sample(r(3, 3), r(3)), sample(r(2, 3, 4), r(2, 3)), sample(r(3, 4), r(2, 3), k=(0, 1))],
    dtypes=NUMBERS)
row("Diag", "diag", samples=lambda r: [sample(r(3)), sample(r(2, 2))], dtypes=NUMBERS)
row("DiagPart", "diag_part", samples=lambda r: [sample(r(3, 3)), sample(r(2, 3, 2, 3))], dtypes=NUMBERS,
    errors=[error(ValueError, "even and non-zero rank", zeros(2, 2, 2))])

# ---- patches ---------------------------------------------------------------------------------------------------------------

row("ExtractImagePatches", "extract_image_patches", dtypes=FLOATING + ("int32",), nodes="its gradient is one ImagePatchesGrad",
    samples=lambda r: [sample(r(2, 5, 6, 3), [1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1], "VALID"),
                       sample(r(1, 5, 6, 1), [1, 3, 3, 1], [1, 1, 2, 1], [1, 2, 1, 1], "SAME")])
row("ImagePatchesGrad", lambda tf, x: tf.gradients(tf.extract_image_patches(x, [1, 2, 2, 1], [1, 1, 1, 1], [1, 1, 1, 1], "VALID"), x),
    name="gradient of extract_image_patches", samples=lambda r: [sample(r(1, 3, 3, 1))], gradient=False,
    nodes="one ImagePatchesGrad for a sparse matrix product", reference=lambda x: [np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], x.dtype).reshape(x.shape)])
row("ExtractVolumePatches", "extract_volume_patches", dtypes=FLOATING + ("int32",), nodes="its gradient is one VolumePatchesGrad",
    samples=lambda r: [sample(r(2, 3, 4, 5, 2), [1, 2, 1, 3, 1], [1, 1, 2, 1, 1], "VALID"),
                       sample(r(1, 3, 4, 3, 1), [1, 2, 3, 3, 1], [1, 1, 1, 2, 1], "SAME")],
    errors=[error(ValueError, "must be rank 5 but is rank 4", zeros(3, 4, 5, 2), [1, 1, 1, 1, 1], [1, 1, 1, 1, 1], "SAME"),
            error(ValueError, "output size would be negative", zeros(1, 3, 4, 5, 2), [1, 9, 1, 1, 1], [1, 1, 1, 1, 1], "VALID"),
            error(I, "must be positive", zeros(1, 3, 4, 5, 2), [1, 0, 1, 1, 1], [1, 1, 1, 1, 1], "SAME")])
row("VolumePatchesGrad", lambda tf, x: tf.gradients(tf.extract_volume_patches(x, [1, 1, 2, 2, 1], [1, 1, 1, 1, 1], "VALID"), x),
    name="gradient of extract_volume_patches", samples=lambda r: [sample(r(1, 1, 3, 3, 1))], gradient=False,
    nodes="one VolumePatchesGrad for a sparse matrix product",
    reference=lambda x: [np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], x.dtype).reshape(x.shape)])

# ---- kinds ----------------------------------------------------------------------------------------------------------------

row("UnravelIndex", "unravel_index", samples=lambda r: [sample(np.array([5, 3, 0]), np.array([2, 3]))], dtypes=("float32",), gradient=False,
    reference=lambda i, d: np.array(np.unravel_index(i, d)), errors=[error(I, "index is out of bound", np.array([9]), np.array([2, 3]))])
row("TopKV2", "sort", samples=lambda r: [sample(r.distinct(3, 4)), sample(r.distinct(3, 4), axis=0, direction="DESCENDING")], shapes=False,
    dtypes=FLOATING + INTEGER, reference=lambda x, axis=-1, direction="": np.sort(x, axis) if not direction else -np.sort(-x, axis))
row("TopKV2", "argsort", samples=lambda r: [sample(np.array([[2., 1., 2., 0.]])), sample(np.array([[2., 1., 2., 0.]]), direction="DESCENDING")],
    gradient=False, shapes=False, reference=lambda x, direction="": np.array([[0, 2, 1, 3] if direction else [3, 1, 0, 2]], "i4"))

# ---- op types that old graphs hold, and variables ----------------------------------------------------------------------------

row("Concat", lambda tf, a, b: raw(tf, "Concat", concat_dim=1, values=[a, b]), name="Concat", samples=lambda r: [sample(r(2, 1), r(2, 3))],
    dtypes=NUMBERS, reference=lambda a, b: np.concatenate([a, b], 1))
row("Gather", lambda tf, x, i: raw(tf, "Gather", params=x, indices=i), name="Gather", samples=lambda r: [sample(r(4, 2), r.ints(0, 4, 3))],
    dtypes=NUMBERS, reference=lambda x, i: x[i])
row("MatrixDiag", lambda tf, x: raw(tf, "MatrixDiag", diagonal=x), name="MatrixDiag", samples=lambda r: [sample(r(2, 3))], dtypes=NUMBERS)
row("MatrixDiagPart", lambda tf, x: raw(tf, "MatrixDiagPart", input=x), name="MatrixDiagPart", dtypes=NUMBERS,
    samples=lambda r: [sample(r(2, 3, 3)), sample(r(2, 4))], reference=lambda x: np.diagonal(x, 0, -2, -1), nodes="gradient of a square")
row("MatrixSetDiag", lambda tf, x, d: raw(tf, "MatrixSetDiag", input=x, diagonal=d), name="MatrixSetDiag", dtypes=NUMBERS,
    samples=lambda r: [sample(r(2, 3, 4), r(2, 3))], nodes="zeros by shape")
row("OnesLike", lambda tf, x: raw(tf, "OnesLike", x=x), name="OnesLike", samples=lambda r: [sample(r(2, 3))], gradient=False,
    reference=lambda x: np.ones_like(x))
row("ParallelDynamicStitch", lambda tf, i, a: raw(tf, "ParallelDynamicStitch", indices=[i], data=[a]), name="ParallelDynamicStitch",
    samples=lambda r: [sample(np.array([1, 0], "i4"), r(2, 2))], reference=lambda i, a: a[::-1])
row("PreventGradient", lambda tf, x: raw(tf, "PreventGradient", input=x), name="PreventGradient", samples=lambda r: [sample(r(2))],
    gradient=False, reference=lambda x: x)
row("Reverse", lambda tf, x: raw(tf, "Reverse", tensor=x, dims=[True, False]), name="Reverse", samples=lambda r: [sample(r(2, 3))], dtypes=NUMBERS,
    reference=lambda x: x[::-1])
row(("UniqueV2", "UniqueWithCountsV2"), lambda tf, x: [*raw(tf, "UniqueV2", x=x, axis=np.array([1])),
                                                       *raw(tf, "UniqueWithCountsV2", x=x, axis=np.array([0]))],
    name="UniqueV2", samples=lambda r: [sample(np.array([[1, 2, 1], [1, 2, 1]]))], dtypes=("float32",), gradient=False,
    reference=lambda x: [x[:, :2], np.array([0, 1, 0], "i4"), x[:1], np.array([0, 0], "i4"), np.array([2], "i4")])
row("StridedSliceAssign", lambda tf, x, y: _ref(tf, x, lambda v: v[1:, 0].assign(y)), name="assignment to a slice",
    samples=lambda r: [sample(r(3, 2), r(2))], dtypes=NUMBERS, gradient=False, shapes=False, oracle="state: values are those of the reference",
    reference=lambda x, y: np.stack([np.r_[x[:1, 0], y], x[:, 1]], 1))
row("ResourceStridedSliceAssign", lambda tf, x, y: on_resource(tf, x, lambda v: v[1:, 0].assign(y)), name="assignment to a slice of a resource",
    samples=lambda r: [sample(r(3, 2), r(2))], dtypes=NUMBERS, gradient=False, shapes=False, oracle="state: values are those of the reference",
    reference=lambda x, y: np.stack([np.r_[x[:1, 0], y], x[:, 1]], 1))
row("NoOp", lambda tf, x: _after(tf, x), name="no_op", samples=lambda r: [sample(r(2))], reference=lambda x: x)
row("BroadcastGradientArgs", lambda tf, a, b: raw(tf, "BroadcastGradientArgs", s0=a, s1=b), name="BroadcastGradientArgs", gradient=False,
    samples=lambda r: [sample(np.array([2, 1], "i4"), np.array([2, 3], "i4")), sample(np.array([3], "i4"), np.array([2, 3], "i4"))],
    dtypes=("float32",))
row("Fingerprint", "fingerprint", samples=lambda r: [sample(np.arange(12, dtype="i4").reshape(3, 4)), sample(np.array([b"abc", b""], object)),
                                                     sample(np.array([[b"a", b"b"], [b"c", b"d"]], object))], dtypes=("float32",), gradient=False)
row("Timestamp", lambda tf, x: tf.cast(tf.timestamp() > 1.6e9, tf.float32) * x, name="timestamp", samples=lambda r: [sample(r(2))],
    dtypes=("float32",), gradient=False, reference=lambda x: x)
