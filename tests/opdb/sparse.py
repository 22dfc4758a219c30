"""Rows of graphflow/ops/sparse. A sparse argument is given as its positions, values and dense shape."""

from __future__ import annotations

import numpy as np

from . import FLOATING, INTEGER, error, row, sample, zeros

NUMBERS = FLOATING + INTEGER
WHERE = np.array([[0, 1], [1, 0], [1, 3], [2, 2]])
OTHER = np.array([[0, 1], [1, 2], [2, 2]])
SIZE = [3, 4]
NO_DENSE = "TensorFlow gives no gradient by the dense operand here"


def whole(values, where=WHERE, size=tuple(SIZE)):
    out = np.zeros(size, values.dtype)
    out[tuple(where.T)] = values
    return out


def on(function):
    """A row's function of a sparse tensor that comes as positions and values."""
    return lambda tf, where, values, *rest, **attrs: function(tf, tf.SparseTensor(where, values, SIZE), *rest, **attrs)


def one(ops, **options):
    """A row whose only sample is one sparse tensor."""
    def samples(r):
        return [sample(WHERE, r(4))]
    row(ops, options.pop("function"), samples=options.pop("samples", samples), **options)


row("SparseToDense", "sparse_to_dense", samples=lambda r: [sample(WHERE, SIZE, r(4))], dtypes=NUMBERS,
    reference=lambda w, s, v: whole(v), name="sparse_to_dense",
    errors=[error("errors.InvalidArgumentError", "out of bounds", np.array([[7]]), [5], zeros(1)),
            error("errors.InvalidArgumentError", "is out of order", np.array([[3], [1]]), [5], zeros(2)),
            error("errors.InvalidArgumentError", "is repeated", np.array([[3], [3]]), [5], zeros(2))])
row("SparseToDense", "sparse_to_dense", samples=lambda r: [sample(np.array([1, 3]), [5], r(2))], name="sparse_to_dense of a vector",
    reference=lambda w, s, v: np.array([0, v[0], 0, v[1], 0]), shapes=False, oracle="TensorFlow's gradient fails for positions in a vector")
one("SparseToDense", function=on(lambda tf, s: tf.sparse_tensor_to_dense(s)), name="sparse_tensor_to_dense", dtypes=NUMBERS,
    reference=lambda w, v: whole(v))
row(("Where", "GatherNd"), "sparse.from_dense", samples=lambda r: [sample(np.array([[0.0, 2.0], [3.0, 0.0]]))], dtypes=FLOATING,
    reference=lambda x: [np.argwhere(x), x[x != 0], np.array(x.shape)], gradient=False, shapes=False)
for _a in (False, True):
    for _b in (False, True):
        row("SparseTensorDenseMatMul",
            on(lambda tf, s, b, a_=_a, b_=_b: tf.sparse_tensor_dense_matmul(s, b, adjoint_a=a_, adjoint_b=b_)),
            name=f"sparse_tensor_dense_matmul{' adjoint_a' * _a}{' adjoint_b' * _b}",
            samples=lambda r, a_=_a, b_=_b: [sample(WHERE, r(4), r(2, 3 if a_ else 4) if b_ else r(3 if a_ else 4, 2))],
            reference=lambda w, v, b, a_=_a, b_=_b: (whole(v).T if a_ else whole(v)) @ (b.T if b_ else b))
one("SparseReduceSum", function=on(lambda tf, s: [tf.sparse_reduce_sum(s), tf.sparse_reduce_sum(s, 1), tf.sparse_reduce_sum(s, 0, keepdims=True)]),
    name="sparse_reduce_sum", dtypes=NUMBERS, reference=lambda w, v: [whole(v).sum(dtype=v.dtype), whole(v).sum(1, dtype=v.dtype),
                                                                     whole(v).sum(0, keepdims=True, dtype=v.dtype)])
one("SparseReduceMax", function=on(lambda tf, s: tf.sparse_reduce_max(s, 1)), name="sparse_reduce_max", dtypes=NUMBERS, gradient=False,
    reference=lambda w, v: np.array([v[0], max(v[1], v[2]), v[3]], v.dtype))
one("SparseReduceSumSparse", function=on(lambda tf, s: tf.sparse_reduce_sum_sparse(s, 1)), name="sparse_reduce_sum_sparse", dtypes=NUMBERS,
    gradient=False, reference=lambda w, v: [np.array([[0], [1], [2]]), whole(v).sum(1, dtype=v.dtype), np.array([3])])
one("SparseReduceMaxSparse", function=on(lambda tf, s: tf.sparse_reduce_max_sparse(s, 1)), name="sparse_reduce_max_sparse", dtypes=NUMBERS,
    gradient=False, reference=lambda w, v: [np.array([[0], [1], [2]]), np.array([v[0], max(v[1], v[2]), v[3]], v.dtype), np.array([3])])
row(("SparseAdd", "SparseAddGrad"), lambda tf, a, x, b, y: tf.sparse_add(tf.SparseTensor(a, x, SIZE), tf.SparseTensor(b, y, SIZE)),
    name="sparse_add", samples=lambda r: [sample(WHERE, r(4), OTHER, r(3))], dtypes=("float32", "float64", "int32"))
row("SparseAddGrad", lambda tf, a, x, b, y: tf.gradients(tf.sparse_add(tf.SparseTensor(a, x, SIZE), tf.SparseTensor(b, y, SIZE)).values, [x, y]),
    name="gradient of sparse_add", samples=lambda r: [sample(WHERE, r(4), OTHER, r(3))], gradient=False,
    reference=lambda a, x, b, y: [np.ones_like(x), np.ones_like(y)])
row("SparseTensorDenseAdd", on(lambda tf, s, d: tf.sparse_add(s, d)), name="sparse_add of a dense tensor", dtypes=NUMBERS,
    samples=lambda r: [sample(WHERE, r(4), r(3, 4))], reference=lambda w, v, d: whole(v) + d)
row("SparseDenseCwiseMul", on(lambda tf, s, d: (s * d).values), name="sparse * dense", samples=lambda r: [sample(WHERE, r(4), r(3, 4))],
    dtypes=NUMBERS, reference=lambda w, v, d: v * d[tuple(w.T)], oracle=NO_DENSE, shapes=False)
row("SparseDenseCwiseDiv", on(lambda tf, s, d: (s / d).values), name="sparse / dense", samples=lambda r: [sample(WHERE, r(4), r(3, 4))],
    reference=lambda w, v, d: v / d[tuple(w.T)], oracle=NO_DENSE, shapes=False, domain=(0.5, 2.0))
one("SparseSoftmax", function=on(lambda tf, s: tf.sparse_softmax(s).values), name="sparse_softmax", second=False,
    reference=lambda w, v: np.array([1, *np.exp(v[1:3]) / np.exp(v[1:3]).sum(), 1], v.dtype))
one("SparseDenseCwiseAdd", function=on(lambda tf, s: tf.gradients(tf.sparse_softmax(s).values * [1., 2., 3., 4.], s.values)),
    name="gradient of sparse_softmax", gradient=False, dtypes=("float32",))
row(("SparseSparseMaximum", "SparseSparseMinimum"),
    lambda tf, a, x, b, y: [f(tf.SparseTensor(a, x, SIZE), tf.SparseTensor(b, y, SIZE)) for f in (tf.sparse_maximum, tf.sparse_minimum)],
    name="sparse_maximum", samples=lambda r: [sample(WHERE, r(4), OTHER, r(3))], dtypes=NUMBERS, gradient=False)
row("SparseReorder", on(lambda tf, s: tf.sparse_reorder(s)), name="sparse_reorder", dtypes=NUMBERS,
    samples=lambda r: [sample(WHERE[[2, 0, 3, 1]], r(4))], reference=lambda w, v: [WHERE, v[[1, 3, 0, 2]], np.array(SIZE)], second=False,
    nodes="gradient by an op of ours")
row("SparseOrder", on(lambda tf, s: tf.gradients(tf.sparse_reorder(s).values * [1., 2., 3., 4.], s.values)), name="gradient of sparse_reorder",
    dtypes=("float32",), samples=lambda r: [sample(WHERE[[2, 0, 3, 1]], r(4))], gradient=False, nodes="gradient by an op of ours",
    reference=lambda w, v: [np.array([3, 1, 4, 2], "f4")])
one("SparseReshape", function=on(lambda tf, s: [tf.sparse_reshape(s, [4, 3]), tf.sparse_reshape(s, [-1])]), name="sparse_reshape", dtypes=NUMBERS,
    reference=lambda w, v: [np.argwhere(whole(np.ones(4)).reshape(4, 3)), v, np.array([4, 3]),
                            np.argwhere(whole(np.ones(4)).reshape(12)), v, np.array([12])], nodes="constants of known shapes differ in place")
one("SparseReorder", function=on(lambda tf, s: tf.sparse_transpose(s)), name="sparse_transpose", dtypes=NUMBERS, second=False,
    reference=lambda w, v: [np.argwhere(whole(np.ones(4)).T), whole(v).T[tuple(np.argwhere(whole(np.ones(4)).T).T)], np.array([4, 3])],
    nodes="gradient by an op of ours; one constant fewer")
one(("SparseSlice", "SparseSliceGrad"), function=on(lambda tf, s: tf.sparse_slice(s, [1, 0], [2, 3])), name="sparse_slice", dtypes=NUMBERS, second=False,
    reference=lambda w, v: [np.array([[0, 0], [1, 2]]), v[[1, 3]], np.array([2, 3])])
one("SparseSliceGrad", function=on(lambda tf, s: tf.gradients(tf.sparse_slice(s, [1, 0], [2, 3]).values, s.values)), name="gradient of sparse_slice",
    gradient=False, reference=lambda w, v: [np.array([0, 1, 0, 1], v.dtype)])
one("SparseSplit", function=on(lambda tf, s: tf.sparse_split(sp_input=s, num_split=3, axis=1)), name="sparse_split", dtypes=NUMBERS, gradient=False)
row("SparseConcat", lambda tf, a, x, b, y: tf.sparse_concat(1, [tf.SparseTensor(a, x, SIZE), tf.SparseTensor(b, y, SIZE)]),
    name="sparse_concat", samples=lambda r: [sample(WHERE, r(4), OTHER, r(3))], dtypes=NUMBERS, gradient=False,
    nodes="constants of known shapes differ in place")
one("GatherV2", function=on(lambda tf, s: tf.sparse_retain(s, [True, False, True, True])), name="sparse_retain", dtypes=NUMBERS, shapes=False,
    reference=lambda w, v: [WHERE[[0, 2, 3]], v[[0, 2, 3]], np.array(SIZE)])
one("Maximum", function=on(lambda tf, s: tf.sparse_reset_shape(s).dense_shape), name="sparse_reset_shape", gradient=False,
    nodes="the addition of one is spelled in fewer nodes")
row(("SparseFillEmptyRows", "SparseFillEmptyRowsGrad"), lambda tf, w, v, d: list(tf.sparse_fill_empty_rows(tf.SparseTensor(w, v, SIZE), d)),
    name="sparse_fill_empty_rows", samples=lambda r: [sample(np.array([[1, 2], [1, 3]]), r(2), r())], dtypes=NUMBERS, second=False,
    reference=lambda w, v, d: [np.array([[0, 0], [1, 2], [1, 3], [2, 0]]), np.array([d, *v, d]), np.array(SIZE), np.array([True, False, True])])
row("SparseFillEmptyRowsGrad", lambda tf, w, v, d: tf.gradients(tf.sparse_fill_empty_rows(tf.SparseTensor(w, v, SIZE), d)[0].values, [v, d]),
    name="gradient of sparse_fill_empty_rows", samples=lambda r: [sample(np.array([[1, 2], [1, 3]]), r(2), r())], gradient=False,
    reference=lambda w, v, d: [np.ones(2, v.dtype), v.dtype.type(2)])
row("SparseToDense", lambda tf, w, v: tf.sparse_to_indicator(tf.SparseTensor(w, v, SIZE), 5), name="sparse_to_indicator", gradient=False, nodes="one constant more",
    samples=lambda r: [sample(WHERE, np.array([2, 0, 4, 1]))], dtypes=("float32",), shapes=False,
    reference=lambda w, v: np.array([[0, 0, 1, 0, 0], [1, 0, 0, 0, 1], [0, 1, 0, 0, 0]], bool))
row("EditDistance", lambda tf, a, x, b, y: [tf.edit_distance(tf.SparseTensor(a, x, SIZE), tf.SparseTensor(b, y, SIZE), normalize=n) for n in (True, False)],
    name="edit_distance", gradient=False, dtypes=("float32",), nodes=True,
    samples=lambda r: [sample(WHERE, np.array([1, 2, 3, 4]), OTHER, np.array([1, 3, 5]))],
    reference=lambda a, x, b, y: [np.array([0, 1, 1], "f4"), np.array([0, 1, 1], "f4")])


# crosses: rows of two values, of one, and of none
WORDS = np.array([b"a", b"bc", b"", b"a longer word than the others, of more than 64 bytes in all, for FarmHash"], object)


def _taken_apart(made):
    return [made.indices, made.values, made.dense_shape]


def _crossed(function):
    return lambda tf, where, words, numbers: function(
        tf, [numbers, tf.SparseTensor(where, words, [3, 2]), tf.SparseTensor(where, tf.constant([7, -8, 9, 2**40]), [3, 2])])


_CROSS = np.array([[0, 0], [0, 1], [2, 0], [2, 1]])
row("SparseCross", _crossed(lambda tf, x: _taken_apart(tf.sparse.cross(x))), name="sparse.cross", gradient=False, dtypes=("int64",),
    nodes="TensorFlow 2 makes SparseCrossV2",
    samples=lambda r: [sample(_CROSS, WORDS, np.array([[1, 2], [3, 4], [5, -6]]))], shapes=False,
    reference=lambda w, t, n: [
        np.array([[b, i] for b in (0, 2) for i in range(8)]), np.array([b"%s_X_%d_X_%d" % (t[i], v, d) for b in (0, 2)
            for i in (b, b + 1) for v in ([7, -8], [9, 2**40])[b // 2] for d in n[b]], object), np.array([3, 8])])
_HASHED = [3509787333349122856, 3285206623271736265, 5886564150886858108, 2005117927501833834, 4510567330051983374, 1187150632634883283, 6195267308037307710, 3027118560391694009]
_BUCKETS = [461, 616, 979, 336, 576, 987, 902, 541, 939, 572, 24, 431, 283, 66, 567, 674]
row("SparseCross", _crossed(lambda tf, x: _taken_apart(tf.sparse.cross_hashed(x[1:]))), gradient=False, name="sparse.cross_hashed",
    samples=lambda r: [sample(_CROSS, WORDS, np.array([[1, 2], [3, 4], [5, -6]]))], shapes=False, dtypes=("int64",),
    reference=lambda w, t, n: [np.array([[b, i] for b in (0, 2) for i in range(4)]), np.array(_HASHED), np.array([3, 4])])
row("SparseCross", _crossed(lambda tf, x: _taken_apart(tf.sparse.cross_hashed(x, 1000, 5))), gradient=False, shapes=False,
    name="sparse.cross_hashed into buckets", samples=lambda r: [sample(_CROSS, WORDS, np.array([[1, 2], [3, 4], [5, -6]]))], dtypes=("int64",),
    reference=lambda w, t, n: [np.array([[b, i] for b in (0, 2) for i in range(8)]), np.array(_BUCKETS), np.array([3, 8])])
