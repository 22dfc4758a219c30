"""Linear operators of each kind, as programs that graphflow and TensorFlow both run; `tf` is either.

    $GRAPHFLOW_TF_PYTHON -m tests.ops.linear_operators.programs FILE      writes what TensorFlow computes (linear_operators.json)
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np


def rand(*shape, seed=0, dtype=np.float64):
    return np.random.RandomState(seed + sum(shape)).standard_normal(shape).astype(dtype)


def positive(n, *batch):
    a = rand(*batch, n, n)
    return a @ np.swapaxes(a, -1, -2) + n * np.eye(n)


def square(tf, dtype=np.float64):
    """{name: operator [..., n, n]} of the kinds that can be solved."""
    linalg = tf.linalg
    full, tril = linalg.LinearOperatorFullMatrix, linalg.LinearOperatorLowerTriangular
    diag, low = linalg.LinearOperatorDiag, linalg.LinearOperatorLowRankUpdate
    complexes = (rand(3, 3) + 1j * rand(3, 3, seed=5)).astype(np.complex128)
    return {
        "full": full(rand(3, 3).astype(dtype)),
        "full_batch": full(rand(2, 1, 3, 3).astype(dtype)),
        "full_positive": full(positive(3, 2).astype(dtype), is_self_adjoint=True, is_positive_definite=True),
        "full_complex": full(complexes),
        "full_one": full(np.full([1, 1], 2.0, dtype)),
        "tril": tril(rand(4, 4).astype(dtype) + 3 * np.eye(4, dtype=dtype)),
        "tril_batch": tril(rand(2, 3, 3).astype(dtype)),
        "diag": diag(rand(3).astype(dtype)),
        "diag_batch": diag(rand(2, 3).astype(dtype)),
        "diag_complex": diag(complexes[0]),
        "identity": linalg.LinearOperatorIdentity(3, dtype=dtype),
        "identity_batch": linalg.LinearOperatorIdentity(3, batch_shape=[2], dtype=dtype),
        "scaled": linalg.LinearOperatorScaledIdentity(3, dtype(2.5)),
        "scaled_batch": linalg.LinearOperatorScaledIdentity(3, rand(2).astype(dtype)),
        "low_rank": low(full(positive(4).astype(dtype), is_self_adjoint=True, is_positive_definite=True), rand(4, 2).astype(dtype)),
        "low_rank_of_diag": low(diag(np.arange(1, 5, dtype=dtype), is_positive_definite=True), rand(4, 2).astype(dtype),
                                diag_update=np.array([0.5, 2], dtype), v=rand(4, 2, seed=3).astype(dtype)),
        "low_rank_batch": low(diag(np.arange(1, 4, dtype=dtype)), rand(2, 3, 1).astype(dtype)),
        "kronecker": linalg.LinearOperatorKronecker([full(rand(2, 2).astype(dtype)), tril(rand(3, 3).astype(dtype))]),
        "kronecker_batch": linalg.LinearOperatorKronecker([full(rand(2, 2, 2).astype(dtype)), diag(rand(3).astype(dtype)),
                                                           full(rand(2, 2, seed=8).astype(dtype))]),
        "blocks": linalg.LinearOperatorBlockDiag([full(rand(2, 2).astype(dtype)), diag(rand(3).astype(dtype))]),
        "blocks_batch": linalg.LinearOperatorBlockDiag([full(rand(2, 2, 2).astype(dtype)), tril(rand(1, 1).astype(dtype))]),
        "composition": linalg.LinearOperatorComposition([full(rand(3, 3).astype(dtype)), diag(rand(3, seed=2).astype(dtype))]),
        "adjoint": linalg.LinearOperatorAdjoint(full(complexes)),
        "inversion": linalg.LinearOperatorInversion(full(rand(3, 3).astype(dtype), is_non_singular=True)),
        "householder": linalg.LinearOperatorHouseholder(rand(2, 3).astype(dtype)),
        "circulant": linalg.LinearOperatorCirculant((rand(4) + 1j * rand(4, seed=4)).astype(np.complex64)),
        "circulant_real": linalg.LinearOperatorCirculant(np.array([3.0, 1, 2, 1], np.float32)),
    }


def oblong(tf):
    """Operators that are not square."""
    linalg = tf.linalg
    full = linalg.LinearOperatorFullMatrix
    return {
        "full_oblong": full(rand(2, 3)),
        "composition_oblong": linalg.LinearOperatorComposition([full(rand(2, 3)), full(rand(2, 3, 4))]),
        "kronecker_oblong": linalg.LinearOperatorKronecker([full(rand(2, 3)), full(rand(1, 2))]),
        "zeros": linalg.LinearOperatorZeros(2, 3, dtype=np.float64, is_square=False, is_self_adjoint=False),
        "zeros_batch": linalg.LinearOperatorZeros(2, batch_shape=[2], dtype=np.float64),
    }


def fetches(tf, operator, solves):
    """{what: tensor} of an operator."""
    rows, columns = operator.shape.as_list()[-2:]
    dtype = operator.dtype.as_numpy_dtype
    right, left = rand(columns, 2).astype(dtype), rand(rows, 2, seed=7).astype(dtype)
    found = {"dense": operator.to_dense(), "shape": operator.shape_tensor(), "matmul": operator.matmul(right),
             "matmul_adjoint": operator.matmul(left, adjoint=True), "matmul_of_adjoint": operator.matmul(right.T.conj(), adjoint_arg=True),
             "matvec": operator.matvec(right[:, 0]), "batch": operator.batch_shape_tensor(), "rank": operator.tensor_rank_tensor(),
             "adjoint": operator.adjoint().matmul(left),
             "wide": operator.matmul(np.stack([right, 2 * right]))}
    if solves:
        found |= {"diagonal": operator.diag_part(),
                  "solve": operator.solve(left), "solve_adjoint": operator.solve(left, adjoint=True),
                  "solvevec": operator.solvevec(left[:, 0]),
                  "determinant": operator.determinant(), "log_abs_determinant": operator.log_abs_determinant(),
                  "trace": operator.trace(), "sum": operator.add_to_tensor(np.ones(operator.shape.as_list(), dtype)),
                  "inverse": operator.inverse().matmul(left), "twice": operator.matmul(operator).to_dense()}
    return found


def results(tf):
    """{operator: {what: numbers}}, complex ones as pairs."""
    tf.reset_default_graph()
    wanted = {name: fetches(tf, operator, True) for name, operator in square(tf).items()}
    wanted |= {name: fetches(tf, operator, False) for name, operator in oblong(tf).items()}
    with tf.Session() as session:
        found = session.run(wanted)
    return {name: {what: as_numbers(value) for what, value in parts.items()} for name, parts in found.items()}


def as_numbers(value):
    value = np.asarray(value)
    return np.stack([value.real, value.imag], -1).tolist() if value.dtype.kind == "c" else value.tolist()


if __name__ == "__main__":
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1")
    import tensorflow.compat.v1 as tensorflow

    tensorflow.disable_v2_behavior()
    Path(sys.argv[1]).write_text(json.dumps(results(tensorflow)) + "\n")
