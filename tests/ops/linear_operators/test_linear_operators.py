"""Linear operators compute what TensorFlow's do, with the static shapes that their values have."""

import json
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf

from . import programs

KEPT = json.loads((Path(__file__).parents[2] / "data" / "tensorflow" / "linear_operators.json").read_text())
SQUARE = sorted(set(KEPT) - set(programs.oblong(tf)))


@pytest.mark.parametrize("name", sorted(KEPT))
def test_operators_give_tensorflows_numbers(name):
    operators = programs.square(tf) if name in SQUARE else programs.oblong(tf)
    wanted = programs.fetches(tf, operators[name], name in SQUARE)
    with tf.Session() as session:
        found = session.run(wanted)
    digits = 1e-4 if "circulant" in name else 1e-7
    assert set(found) == set(KEPT[name])
    for what, value in found.items():
        np.testing.assert_allclose(programs.as_numbers(value), KEPT[name][what], digits, digits, err_msg=what)
        assert wanted[what].shape.as_list() == list(np.shape(value)), what


@pytest.mark.parametrize("what", ["full", "tril", "diag", "scaled", "identity"])
def test_shapes_may_be_unknown_until_the_run(what):
    matrix, x = programs.positive(3, 2), programs.rand(3, 2)
    given = {"full": matrix, "tril": np.tril(matrix), "diag": matrix[..., 0], "scaled": matrix[:, 0, 0], "identity": np.array([2])}[what]
    fed = tf.placeholder(tf.int32 if what == "identity" else tf.float64)
    linalg = tf.linalg
    operator = {"full": linalg.LinearOperatorFullMatrix, "tril": linalg.LinearOperatorLowerTriangular, "diag": linalg.LinearOperatorDiag,
                "scaled": lambda t: linalg.LinearOperatorScaledIdentity(3, t),
                "identity": lambda t: linalg.LinearOperatorIdentity(3, batch_shape=t, dtype=tf.float64)}[what](fed)
    with tf.Session() as session:
        wanted = [operator.to_dense(), operator.shape_tensor(), operator.matmul(x), operator.solve(x)]
        dense, size, made, solved = session.run(wanted, {fed: given})
    assert dense.shape == tuple(size) == (2, 3, 3)
    np.testing.assert_allclose(made, dense @ x)
    np.testing.assert_allclose(solved, np.linalg.solve(dense, np.broadcast_to(x, (2, 3, 2))))


def test_gradients_flow_through_an_operator():
    x = tf.constant(programs.positive(3))
    operator = tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorFullMatrix(x), programs.rand(3, 1))
    slope = tf.gradients(operator.log_abs_determinant(), x)[0]
    with tf.Session() as session:
        dense, found = session.run([operator.to_dense(), slope])
    np.testing.assert_allclose(found, np.linalg.inv(dense).T)


def test_the_cholesky_factor_is_an_operator():
    matrix = programs.positive(3, 2)
    operator = tf.linalg.LinearOperatorFullMatrix(matrix, is_self_adjoint=True, is_positive_definite=True)
    factor = operator.cholesky()
    assert isinstance(factor, tf.linalg.LinearOperatorLowerTriangular) and operator.is_non_singular
    np.testing.assert_allclose(tf.Session().run(factor.matmul(factor.adjoint()).to_dense()), matrix)
    with pytest.raises(ValueError, match="is_self_adjoint=True"):
        tf.linalg.LinearOperatorFullMatrix(matrix).cholesky()


def test_hints_that_contradict_and_sizes_that_do_not_fit_are_refused():
    full = tf.linalg.LinearOperatorFullMatrix(programs.rand(2, 3))
    with pytest.raises(ValueError, match=r"\[2,3\] takes 3 rows, x \[2,1\] has 2"):
        full.matmul(np.zeros([2, 1]))
    with pytest.raises(NotImplementedError, match="not square"):
        full.solve(np.zeros([2, 1]))
    with pytest.raises(ValueError, match="always self adjoint"):
        tf.linalg.LinearOperatorDiag([1.0], is_self_adjoint=False)
    with pytest.raises(ValueError, match="incompatible"):
        tf.linalg.LinearOperatorComposition([full, full])
    with pytest.raises(TypeError, match="float or complex"):
        tf.linalg.LinearOperatorFullMatrix([[1, 2]])
    with pytest.raises(ValueError, match="not square or not invertible"):
        full.inverse()


def test_assertions_fail_for_matrices_that_are_not_as_said():
    good, bad = tf.linalg.LinearOperatorFullMatrix(programs.positive(3)), tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [2.0, 4.0]])
    skew = tf.linalg.LinearOperatorFullMatrix([[1.0, 2.0], [0.0, 4.0]])
    with tf.Session() as session:
        session.run([good.assert_non_singular(), good.assert_positive_definite(), good.assert_self_adjoint()])
        for check, text in ((bad.assert_non_singular(), "Singular"), (bad.assert_positive_definite(), "positive definite"),
                            (skew.assert_self_adjoint(), "adjoint")):
            with pytest.raises(tf.errors.InvalidArgumentError, match=text):
                session.run(check)
