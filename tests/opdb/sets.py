"""Rows of graphflow/ops/sparse/sets.py. A sparse argument is given as its positions, values and dense shape."""

from __future__ import annotations

import numpy as np

from . import error, row, sample

TYPES = ("int32", "int64")
A, B = np.array([[1.0, 2, 2, 7], [3, 1, 9, 3]]), np.array([[2.0, 5], [9, 9]])
WHERE_A, WHERE_B = np.array([[0, 0], [0, 2], [1, 0], [1, 1]]), np.array([[0, 0], [0, 3], [1, 1]])
VALUES_A, VALUES_B = np.array([1.0, 2, 3, 9]), np.array([2.0, 5, 9])
EMPTY = np.zeros((0, 2), np.int64), np.zeros(0)
OPERATIONS = {
    "intersection": (lambda tf, a, b, **more: tf.sets.intersection(a, b, **more), lambda a, b: a & b),
    "union": (lambda tf, a, b, **more: tf.sets.union(a, b, **more), lambda a, b: a | b),
    "difference": (lambda tf, a, b, **more: tf.sets.difference(a, b, **more), lambda a, b: a - b),
    "difference b-a": (lambda tf, a, b, **more: tf.sets.difference(a, b, aminusb=False, **more), lambda a, b: b - a),
}


def rows_of(where, values, count=2):
    found = [set() for _ in range(count)]
    for (i, _), value in zip(where.tolist(), values.tolist(), strict=True):
        found[i].add(value)
    return found


def reference(sets, operation, dtype):
    found = [sorted(operation(a, b)) for a, b in zip(*sets, strict=True)]
    where = np.array([[i, j] for i, one in enumerate(found) for j in range(len(one))], np.int64).reshape(-1, 2)
    return [where, np.array([v for one in found for v in one], dtype), np.array([len(found), max(map(len, found), default=0)])]


def listed(x):
    return [set(one) for one in x.tolist()]


for _name, (_call, _operation) in OPERATIONS.items():
    row("DenseToDenseSetOperation", _call, name=f"sets.{_name}", dtypes=TYPES, gradient=False,
        samples=lambda r: [sample(A, B), sample(B, A), sample(A[:, :0], B), sample(A[:0], B[:0]), sample(A[:1], B[1:])],
        reference=lambda a, b, o_=_operation: reference((listed(a), listed(b)), o_, a.dtype),
        errors=[error(ValueError, "Shape must be at least rank 2 but is rank 1", A[0].astype(int), B[0].astype(int)),
                error(ValueError, "Dimension 0 in both shapes must be equal, but are 2 and 1", A.astype(int), B[:1].astype(int)),
                error(TypeError, "has invalid dtype", A.astype(np.float32), B.astype(np.float32)),
                error(TypeError, "Types don't match", A.astype(np.int32), B.astype(np.int64))])
    row("DenseToSparseSetOperation", lambda tf, a, w, v, c_=_call: c_(tf, a, tf.SparseTensor(w, v, [2, 4])),
        name=f"sets.{_name} of dense and sparse", dtypes=TYPES, gradient=False, samples=lambda r: [sample(A, WHERE_B, VALUES_B), sample(A, *EMPTY)],
        reference=lambda a, w, v, o_=_operation: reference((listed(a), rows_of(w, v)), o_, a.dtype))
    row("DenseToSparseSetOperation", lambda tf, a, w, v, c_=_call: c_(tf, tf.SparseTensor(w, v, [2, 4]), a),
        name=f"sets.{_name} of sparse and dense", dtypes=TYPES, gradient=False, samples=lambda r: [sample(A, WHERE_B, VALUES_B)],
        reference=lambda a, w, v, o_=_operation: reference((rows_of(w, v), listed(a)), o_, a.dtype))
    row("SparseToSparseSetOperation",
        lambda tf, w, v, x, y, c_=_call, size=(2, 3): c_(tf, tf.SparseTensor(w, v, size), tf.SparseTensor(x, y, [2, 4])),
        name=f"sets.{_name} of sparse", dtypes=TYPES, gradient=False,
        samples=lambda r: [sample(WHERE_A, VALUES_A, WHERE_B, VALUES_B), sample(*EMPTY, WHERE_B, VALUES_B), sample(*EMPTY, *EMPTY)],
        reference=lambda w, v, x, y, o_=_operation: reference((rows_of(w, v), rows_of(x, y)), o_, v.dtype),
        errors=[error("errors.InvalidArgumentError", "out of order", WHERE_A[::-1], VALUES_A.astype(int), WHERE_B, VALUES_B.astype(int)),
                error("errors.InvalidArgumentError", "out of bounds", WHERE_A + 5, VALUES_A.astype(int), WHERE_B, VALUES_B.astype(int)),
                error("errors.InvalidArgumentError", "Mismatched group dimensions", WHERE_A, VALUES_A.astype(int), WHERE_B,
                      VALUES_B.astype(int), size=(3, 3))])
row("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.union(tf.as_string(a), tf.as_string(b)), name="sets.union of strings", dtypes=TYPES,
    gradient=False, samples=lambda r: [sample(A, B)],
    reference=lambda a, b: reference(([{str(v).encode() for v in s} for s in listed(a)], [{str(v).encode() for v in s} for s in listed(b)]),
                                     lambda x, y: x | y, object))
row("DenseToDenseSetOperation", lambda tf, a, b: tf.sets.intersection(a, b), name="sets.intersection of rank 3", dtypes=TYPES, gradient=False,
    samples=lambda r: [sample(np.arange(12.0).reshape(2, 2, 3) % 4, np.arange(8.0).reshape(2, 2, 2) % 3)],
    reference=lambda a, b: [np.array([[0, 0, 0], [0, 0, 1], [0, 1, 0], [1, 0, 0], [1, 1, 0]]),
                            np.concatenate([np.intersect1d(x, y) for x, y in zip(a.reshape(4, 3), b.reshape(4, 2), strict=True)]),
                            np.array([2, 2, 2])])
row("SetSize", lambda tf, w, v, **more: tf.sets.size(tf.SparseTensor(w, v, [2, 4]), **more), name="sets.size", dtypes=TYPES, gradient=False,
    samples=lambda r: [sample(WHERE_A, VALUES_A), sample(np.array([[0, 0], [0, 1], [1, 0]]), np.array([7.0, 7, 3])), sample(*EMPTY),
                       sample(WHERE_A[::-1].copy(), VALUES_A, validate_indices=False)],
    reference=lambda w, v, **more: np.array([len(s) for s in rows_of(w, v)], np.int32),
    errors=[error("errors.InvalidArgumentError", "out of order", WHERE_A[::-1], VALUES_A.astype(int)),
            error(TypeError, "has invalid dtype", WHERE_A, VALUES_A.astype(np.float32))])
