"""Rows of linear algebra, special functions, Fourier transforms, clipping, checks and Python functions."""

from __future__ import annotations

import numpy as np

from . import COMPLEX, FLOATING, error, row, sample, zeros
from ._raw import raw
from .math import deprecated

I = "errors.InvalidArgumentError"
ALL = FLOATING + COMPLEX


def special(name):
    """scipy's function of that name, imported when called."""
    def reference(*inputs, **_):
        import scipy.special
        return np.asarray(getattr(scipy.special, name)(*[np.asarray(x, np.float64) for x in inputs])).astype(inputs[-1].dtype)
    return reference


def adjoint(x):
    return np.conj(np.swapaxes(x, -1, -2))


def spd(tf, x):
    """A positive definite matrix from any square one."""
    return tf.matmul(x, x, adjoint_b=True) + tf.eye(3, dtype=x.dtype)


def spd_array(x):
    return x @ adjoint(x) + np.eye(3, dtype=x.dtype)


def squares(r):
    return [sample(r(3, 3)), sample(r(2, 3, 3))]


# ---- inverses and systems -----------------------------------------------------------------------------------------------------

row("MatrixInverse", lambda tf, x: tf.matrix_inverse(spd(tf, x)), name="matrix_inverse", samples=squares, dtypes=ALL, tolerance=20.0,
    reference=lambda x: np.linalg.inv(spd_array(x)))
row("MatrixInverse", lambda tf, x: tf.linalg.inv(x, adjoint=True), name="inverse of the adjoint", samples=lambda r: [sample(r(3, 3) + 3 * np.eye(3))],
    dtypes=ALL, tolerance=20.0, reference=lambda x: np.linalg.inv(adjoint(x)),
    errors=[error(ValueError, "Dimensions must be equal, but are 2 and 3", zeros(2, 3)), error(I, "not invertible", zeros(2, 2))])
row("MatrixDeterminant", "matrix_determinant", samples=squares, dtypes=ALL, reference=np.linalg.det, tolerance=20.0, second=False)
row("LogMatrixDeterminant", lambda tf, x: list(tf.linalg.slogdet(x)), name="slogdet", samples=squares, tolerance=20.0, second=False,
    reference=lambda x: list(np.linalg.slogdet(x)))
row("Cholesky", lambda tf, x: tf.linalg.logdet(spd(tf, x)), name="logdet", samples=squares, tolerance=50.0,
    reference=lambda x: np.linalg.slogdet(spd_array(x))[1])
row("MatrixSolve", lambda tf, a, b, **k: tf.matrix_solve(spd(tf, a), b, **k), name="matrix_solve", dtypes=ALL, tolerance=50.0,
    samples=lambda r: [sample(r(3, 3), r(3, 2)), sample(r(2, 3, 3), r(2, 3, 1), adjoint=True)],
    reference=lambda a, b, adjoint=False: np.linalg.solve(spd_array(a), b),
    errors=[error(ValueError, "Dimensions must be equal, but are 3 and 2", zeros(3, 3), zeros(2, 2))])


def triangular(a, b, lower=True, adjoint=False):
    a = np.tril(a) if lower else np.triu(a)
    return np.linalg.solve(np.conj(np.swapaxes(a, -1, -2)) if adjoint else a, b)


row("MatrixTriangularSolve", "matrix_triangular_solve", dtypes=ALL, tolerance=50.0, reference=triangular,
    samples=lambda r: [sample(r(3, 3) + 3 * np.eye(3), r(3, 2)), sample(r(2, 3, 3) + 3 * np.eye(3), r(2, 3, 2), lower=False),
                       sample(r(3, 3) + 3 * np.eye(3), r(3, 2), adjoint=True), sample(r(3, 3) + 3 * np.eye(3), r(3, 2), False, True)])
row("MatrixTriangularSolve", "matrix_triangular_solve", name="triangular solve in blocks", reference=triangular, gradient=False, tolerance=50.0,
    samples=lambda r: [sample(r(70, 70) + 40 * np.eye(70), r(70, 2))])
row("MatrixTriangularSolve", lambda tf, a, b: tf.cholesky_solve(tf.cholesky(spd(tf, a)), b), name="cholesky_solve", dtypes=ALL, tolerance=50.0,
    samples=lambda r: [sample(r(3, 3), r(3, 2))], reference=lambda a, b: np.linalg.solve(spd_array(a), b))
row("MatrixSolveLs", lambda tf, a, b: tf.matrix_solve_ls(a, b, fast=False), name="matrix_solve_ls by pseudo-inverse", tolerance=200.0,
    gradient=False, samples=lambda r: [sample(r(4, 2), r(4, 3))], reference=lambda a, b: np.linalg.lstsq(a, b, None)[0])
row("Cholesky", "matrix_solve_ls", samples=lambda r: [sample(r(4, 2), r(4, 3)), sample(r(2, 4), r(2, 3)), sample(r(4, 2), r(4, 1), l2_regularizer=0.5)],
    reference=lambda a, b, l2_regularizer=0.0: (np.linalg.lstsq(a, b, None)[0] if not l2_regularizer else
                                                np.linalg.solve(a.T @ a + l2_regularizer * np.eye(2), a.T @ b)).astype(a.dtype),
    tolerance=300.0, second=False, shapes=False)
row(("MatrixDiagV3", "MatrixSetDiagV3"), "eye", samples=lambda r: [sample(3), sample(2, 3), sample(2, batch_shape=[2])], dtypes=("float32",), gradient=False,
    reference=lambda n, m=None, batch_shape=(): np.broadcast_to(np.eye(n, m, dtype="f4"), (*batch_shape, n, m or n)))

# ---- factors ------------------------------------------------------------------------------------------------------------------

row("Cholesky", lambda tf, x: tf.cholesky(spd(tf, x)), name="cholesky", samples=squares, dtypes=ALL, tolerance=50.0,
    reference=lambda x: np.linalg.cholesky(spd_array(x)), errors=None)
row("Cholesky", "cholesky", name="cholesky of an indefinite matrix", samples=lambda r: [sample(np.eye(2))], reference=lambda x: x, gradient=False,
    errors=[error(I, "Cholesky decomposition was not successful", -np.eye(2, dtype="f4"))])
row("Qr", lambda tf, x: tf.matmul(*tf.qr(x)), name="qr", samples=lambda r: [sample(r(3, 3)), sample(r(4, 2)), sample(r(2, 2, 4))], tolerance=100.0,
    reference=lambda x: x, second=False, shapes=False)
row("Lu", lambda tf, x: tf.matmul(tf.matrix_band_part(tf.linalg.lu(x)[0], -1, 0) - tf.matrix_diag(tf.matrix_diag_part(tf.linalg.lu(x)[0]))
                                  + tf.eye(3, dtype=x.dtype), tf.matrix_band_part(tf.linalg.lu(x)[0], 0, -1)),
    name="lu", samples=lambda r: [sample(np.array([[4.0, 1, 0], [1, 3, 1], [0, 1, 5]]))], gradient=False, reference=lambda x: x, tolerance=20.0)
row("Lu", lambda tf, a, b: tf.linalg.lu_solve(*tf.linalg.lu(spd(tf, a)), b), name="lu_solve", samples=lambda r: [sample(r(3, 3), r(3, 2))],
    gradient=False, reference=lambda a, b: np.linalg.solve(spd_array(a), b), tolerance=50.0, shapes=False,
    nodes="its masks are made in another order")
row("Svd", lambda tf, x: tf.svd(x, compute_uv=False), name="svd, values only", samples=lambda r: [sample(r(3, 2)), sample(r(2, 2, 3))], tolerance=50.0,
    reference=lambda x: np.linalg.svd(x, compute_uv=False), second=False)


def from_svd(tf, x):
    s, u, v = tf.svd(x)
    return tf.matmul(u * tf.expand_dims(s * s, -2), v, adjoint_b=True)


def from_svd_array(x):
    u, s, v = np.linalg.svd(x, full_matrices=False)
    return (u * (s * s)[..., None, :]) @ v


row("Svd", from_svd, name="svd", samples=lambda r: [sample(r(3, 2)), sample(r(2, 3))], tolerance=200.0, reference=from_svd_array, second=False,
    oracle="the signs of singular vectors are free, so parts of the gradient differ", nodes=False, shapes=False)
row("SelfAdjointEigV2", lambda tf, x: tf.self_adjoint_eigvals(spd(tf, x)), name="self_adjoint_eigvals", samples=squares, dtypes=ALL,
    tolerance=50.0, reference=lambda x: np.linalg.eigvalsh(spd_array(x)).astype(x.dtype), second=False)


def exponential(x):
    return np.asarray(__import__("scipy.linalg").linalg.expm(x.astype("f8"))).astype(x.dtype)


def from_eig(tf, x):
    e, v = tf.self_adjoint_eig(spd(tf, x))
    return tf.matmul(v * tf.expand_dims(e * e, -2), v, adjoint_b=True)


row("SelfAdjointEigV2", from_eig, name="self_adjoint_eig", samples=squares, tolerance=200.0, second=False,
    reference=lambda x: spd_array(x) @ spd_array(x))
row("Eig", lambda tf, x: tf.reduce_sum(raw(tf, "Eig", input=x, Tout=tf.complex64 if x.dtype == tf.float32 else tf.complex128, compute_v=True)[0]
                                       ** 2), name="Eig", samples=lambda r: [sample(r(3, 3))], gradient=False, tolerance=50.0,
    reference=lambda x: np.trace(x @ x).astype("c8" if x.dtype == np.float32 else "c16"))
row("MatrixSquareRoot", lambda tf, x: tf.linalg.sqrtm(spd(tf, x)), name="sqrtm", samples=squares, tolerance=100.0, second=False,
    reference=lambda x: (lambda e, v: (v * np.sqrt(e)[..., None, :]) @ np.swapaxes(v, -1, -2))(*np.linalg.eigh(spd_array(x))))
row("MatrixLogarithm", lambda tf, x: tf.linalg.logm(spd(tf, x)), name="logm", samples=squares, dtypes=COMPLEX, gradient=False, tolerance=100.0,
    reference=lambda x: (lambda e, v: (v * np.log(e)[..., None, :]) @ adjoint(v))(*np.linalg.eigh(spd_array(x))))
row("MatrixSolve", "linalg.expm", samples=squares, tolerance=100.0, reference=exponential,
    nodes="a cond and a loop: library_programs compare them under control flow v2")
row("MatrixExponential", lambda tf, x: raw(tf, "MatrixExponential", input=x), name="MatrixExponential", samples=squares, tolerance=100.0, second=False,
    reference=exponential, oracle="TensorFlow has no kernel for it any more")
row("Svd", lambda tf, x: tf.linalg.pinv(x), name="pinv", samples=lambda r: [sample(r(3, 2))], reference=np.linalg.pinv, tolerance=200.0, second=False,
    oracle="the signs of singular vectors are free", shapes=False)
row("Svd", lambda tf, x: tf.linalg.matrix_rank(tf.concat([x, x], 0)), name="matrix_rank", samples=lambda r: [sample(r(2, 4))], gradient=False,
    reference=lambda x: np.int32(2))
row("Transpose", "linalg.adjoint", samples=lambda r: [sample(r(2, 3))], dtypes=("float32",), reference=adjoint)
row("ConjugateTranspose", "linalg.adjoint", name="adjoint of complex matrices", samples=lambda r: [sample(r(2, 3))], dtypes=COMPLEX,
    reference=adjoint)
row("Sqrt", "norm", samples=lambda r: [sample(r(2, 3)), sample(r(2, 3), axis=1), sample(r(2, 3), axis=[0, 1], keepdims=True)],
    reference=lambda x, axis=None, keepdims=False: np.asarray(np.sqrt(np.sum(x * x, tuple(axis) if isinstance(axis, list) else axis,
                                                                            keepdims=keepdims))).astype(x.dtype))
row(("Max", "Sum"), "norm", name="norms of other orders", domain=(0.3, 2), second=False,
    samples=lambda r: [sample(r.distinct(2, 3), 1), sample(r.distinct(2, 3), np.inf, axis=1), sample(r.distinct(2, 3), 1, axis=[0, 1]),
                       sample(r.distinct(2, 3), np.inf, axis=[0, 1])],
    reference=lambda x, ord, axis=None: np.asarray(np.linalg.norm(x.ravel() if axis is None else x, ord,
                                                                  tuple(axis) if isinstance(axis, list) else axis)).astype(x.dtype))
row("RealDiv", lambda tf, x: tf.linalg.normalize(x)[0], name="normalize", samples=lambda r: [sample(r(2, 3))],
    reference=lambda x: x / np.linalg.norm(x))

# ---- special functions --------------------------------------------------------------------------------------------------------

for name, op, reference, domain in (("erf", "Erf", "erf", (-2, 2)), ("erfc", "Erfc", "erfc", (-2, 2)), ("lgamma", "Lgamma", "gammaln", (0.3, 5)),
                                    ("digamma", "Digamma", "psi", (0.3, 5)), ("math.erfinv", "Erfinv", "erfinv", (-0.9, 0.9)),
                                    ("math.ndtri", "Ndtri", "ndtri", (0.1, 0.9)), ("math.bessel_i0", "BesselI0", "i0", (0.2, 3)),
                                    ("math.bessel_i0e", "BesselI0e", "i0e", (0.2, 3)), ("math.bessel_i1", "BesselI1", "i1", (0.2, 3)),
                                    ("math.bessel_i1e", "BesselI1e", "i1e", (0.2, 3))):
    row(op, name, samples=lambda r: [sample(r(2, 3))], reference=special(reference), domain=domain, tolerance=5.0)
row("Ndtri", "math.erfcinv", samples=lambda r: [sample(r(3))], reference=special("erfcinv"), domain=(0.2, 1.8), tolerance=5.0)
row(("Igamma", "IgammaGradA"), "igamma", samples=lambda r: [sample(r(2, 3), r(3))], reference=special("gammainc"), domain=(0.4, 4), tolerance=20.0,
    second=False)
row("Igammac", "igammac", samples=lambda r: [sample(r(2, 3), r(3))], reference=special("gammaincc"), domain=(0.4, 4), tolerance=20.0, second=False)
row("Zeta", "zeta", samples=lambda r: [sample(r(2, 3), r(3))], reference=special("zeta"), domain=(1.5, 4), gradient=False, tolerance=20.0)
row("Polygamma", lambda tf, x: tf.polygamma(tf.ones_like(x), x), name="polygamma", samples=lambda r: [sample(r(2, 3))], domain=(0.5, 4), tolerance=20.0,
    reference=lambda x: special("polygamma")(np.int64(1), x))
row("Betainc", lambda tf, x: tf.betainc(tf.ones_like(x) * 1.5, tf.ones_like(x) * 2.5, x), name="betainc", samples=lambda r: [sample(r(3))],
    domain=(0.1, 0.9), tolerance=20.0, second=False, reference=lambda x: special("betainc")(np.float64(1.5), np.float64(2.5), x))
row("Lgamma", "lbeta", samples=lambda r: [sample(r(2, 3))], domain=(0.4, 3), tolerance=5.0,
    reference=lambda x: (special("gammaln")(x.astype("f8")).sum(-1) - special("gammaln")(x.astype("f8").sum(-1))).astype(x.dtype))

# ---- Fourier transforms -------------------------------------------------------------------------------------------------------

for name, op, reference in (("fft", "FFT", np.fft.fft), ("ifft", "IFFT", np.fft.ifft), ("fft2d", "FFT2D", np.fft.fft2),
                            ("ifft2d", "IFFT2D", np.fft.ifft2), ("fft3d", "FFT3D", lambda x: np.fft.fftn(x, axes=(-3, -2, -1))),
                            ("ifft3d", "IFFT3D", lambda x: np.fft.ifftn(x, axes=(-3, -2, -1)))):
    row(op, name, samples=lambda r: [sample(r(2, 3, 4))], dtypes=COMPLEX, reference=lambda x, f=reference: f(x).astype(x.dtype), tolerance=10.0)


def half(dtype):
    return "c8" if dtype == np.float32 else "c16"


row("RFFT", "signal.rfft", samples=lambda r: [sample(r(2, 5)), sample(r(2, 5), [4]), sample(r(2, 3), [6])], gradient=False, tolerance=10.0,
    reference=lambda x, n=(None,): np.fft.rfft(x, n[0]).astype(half(x.dtype)))
row("RFFT2D", "signal.rfft2d", samples=lambda r: [sample(r(2, 3, 4))], gradient=False, tolerance=10.0,
    reference=lambda x: np.fft.rfft2(x).astype(half(x.dtype)))
row("RFFT3D", "signal.rfft3d", samples=lambda r: [sample(r(2, 3, 4))], gradient=False, tolerance=10.0,
    reference=lambda x: np.fft.rfftn(x).astype(half(x.dtype)))
for name, op, reference in (("irfft", "IRFFT", np.fft.irfft), ("irfft2d", "IRFFT2D", np.fft.irfft2), ("irfft3d", "IRFFT3D", np.fft.irfftn)):
    row(op, f"signal.{name}", samples=lambda r: [sample(r(2, 3, 4))], dtypes=COMPLEX, gradient=False, tolerance=10.0,
        reference=lambda x, f=reference: f(x).astype("f4" if x.dtype == np.complex64 else "f8"))
row(("RFFT", "IRFFT"), lambda tf, x: tf.signal.irfft(tf.signal.rfft(x) * 2, [6]), name="there and back", samples=lambda r: [sample(r(2, 6))],
    reference=lambda x: 2 * x, tolerance=10.0)
row(("RFFT2D", "IRFFT2D"), lambda tf, x: tf.signal.irfft2d(tf.signal.rfft2d(x) * 2, [2, 6]), name="there and back in two axes",
    samples=lambda r: [sample(r(2, 6))], reference=lambda x: 2 * x, tolerance=10.0, second=False)

# ---- clipping -----------------------------------------------------------------------------------------------------------------

row("Maximum", "clip_by_value", samples=lambda r: [sample(r(3, 4), -1.0, 1.0), sample(r(3, 4), [-1.0] * 4, 0.5)], kinks=(-1.0, 0.5, 1.0),
    reference=lambda x, a, b: np.clip(x, np.asarray(a, x.dtype), np.asarray(b, x.dtype)), second=False)
row("Sqrt", "clip_by_norm", samples=lambda r: [sample(r(3, 4), 1.5), sample(r(3, 4), 100.0), sample(r(3, 4), 0.5, axes=[1])],
    reference=lambda x, c, axes=None: x * np.asarray(c / np.maximum(np.sqrt((x * x).sum(None if axes is None else tuple(axes), keepdims=True)),
                                                                    c), x.dtype))
row("L2Loss", lambda tf, xs, c: tf.clip_by_global_norm(xs, c)[0], name="clip_by_global_norm", samples=lambda r: [sample([r(2, 3), r(4)], 1.0),
                                                                                                             sample([r(2, 3)], 50.0)],
    reference=lambda xs, c: [x * np.asarray(c / max(np.sqrt(sum(float((y * y).sum()) for y in xs)), c), x.dtype) for x in xs])
row("L2Loss", "global_norm", samples=lambda r: [sample([r(2, 3), r(4)])],
    reference=lambda xs: np.asarray(np.sqrt(sum(float((y * y).sum()) for y in xs)), xs[0].dtype))
row("Rsqrt", deprecated("clip_by_average_norm"), name="clip_by_average_norm", samples=lambda r: [sample(r(3, 4), 0.1)], dtypes=("float32",),
    reference=lambda x, c: x * np.float32(min(12 * c / np.sqrt(float((x * x).sum())), 1)))

# ---- checks and Python functions ----------------------------------------------------------------------------------------------


def asserting(make):
    """The tensor, after a check made of it."""
    def function(tf, x):
        with tf.control_dependencies([make(tf, x)]):
            return tf.identity(x)
    return function


UNGUARDED = "TensorFlow wraps the Assert of floats in a cond"
row("Assert", asserting(lambda tf, x: tf.assert_less(x, [1, 2], message="too big")), name="assert_less", dtypes=("float32",), gradient=False,
    samples=lambda r: [sample(np.int32([0, 1]))], reference=lambda x: x, errors=[error(I, "too big", np.int32([1, 1]))])
row("Assert", asserting(lambda tf, x: tf.Assert(tf.reduce_all(x > 0), [x, "shown"])), name="Assert", dtypes=("float32",), gradient=False,
    samples=lambda r: [sample(np.int32([1, 2]))], reference=lambda x: x, errors=[error(I, "assertion failed: [0 1] [shown]", np.int32([0, 1]))])
for name in ("assert_non_negative", "assert_positive"):
    row("Assert", asserting(lambda tf, x, n=name: getattr(tf, n)(x)), name=name, dtypes=("float32",), gradient=False, reference=lambda x: x,
        samples=lambda r: [sample(np.int32([3, 1]))], errors=[error(I, "did not hold element-wise", np.int32([-1]))])
for name in ("assert_negative", "assert_non_positive"):
    row("Assert", asserting(lambda tf, x, n=name: getattr(tf, n)(x)), name=name, dtypes=("float32",), gradient=False, reference=lambda x: x,
        samples=lambda r: [sample(np.int32([-3, -1]))], errors=[error(I, "did not hold element-wise", np.int32([1]))])
for name, other in (("assert_equal", 3), ("assert_none_equal", 4), ("assert_less_equal", 3), ("assert_greater", 2), ("assert_greater_equal", 3)):
    row("Assert", asserting(lambda tf, x, n=name, o=other: getattr(tf, n)(x, o)), name=name, dtypes=("float32",), gradient=False,
        reference=lambda x: x, samples=lambda r: [sample(np.int32([3, 3]))],
        errors=[error(I, "did not hold element-wise", np.int32([other if name == "assert_none_equal" else 9 if "less" in name or name == "assert_equal"
                                                                else -9]))])
row("Assert", asserting(lambda tf, x: tf.assert_near(x, x + 0)), name="assert_near", gradient=False, samples=lambda r: [sample(r(3))],
    reference=lambda x: x, nodes=UNGUARDED)
row("NoOp", asserting(lambda tf, x: tf.group(tf.assert_rank(x, 2), tf.assert_rank_at_least(x, 1), tf.assert_rank_in(x, [1, 2]), tf.assert_type(x, x.dtype))),
    name="ranks known while building", gradient=False, samples=lambda r: [sample(r(2, 3))], reference=lambda x: x, nodes=False, shapes=False,
    errors=[error(ValueError, "must have rank 2", zeros(3))])
row("EnsureShape", lambda tf, x: tf.ensure_shape(tf.placeholder_with_default(x, None), [None, 3]), name="ensure_shape",
    samples=lambda r: [sample(r(2, 3))], reference=lambda x: x, errors=[error(I, "is not compatible with expected shape", zeros(2, 2))])
row("CheckNumerics", "check_numerics", samples=lambda r: [sample(r(3), "found")], reference=lambda x, m: x,
    nodes="TensorFlow's message in the gradient holds b'found'",
    errors=[error(I, "found : Tensor had Inf and NaN values", np.float32([np.nan, np.inf]), "found")])
row("CheckNumerics", "verify_tensor_all_finite", samples=lambda r: [sample(r(3), "found")], reference=lambda x, m: x, gradient=False,
    errors=[error(I, "found : Tensor had NaN values", np.float32([np.nan]), "found")])
row("Print", deprecated("Print"), name="Print", samples=lambda r: [sample(r(3), [r(2)], "said ")], reference=lambda x, d, m: x, second=False)
row("PrintV2", asserting(lambda tf, x: tf.print("seen", x)), name="print", dtypes=("float32",), gradient=False, samples=lambda r: [sample(r(2))],
    reference=lambda x: x, nodes=True)
row("All", lambda tf, x: [tf.is_non_decreasing(x), tf.is_strictly_increasing(x)], name="is_non_decreasing", dtypes=("float32",), gradient=False,
    samples=lambda r: [sample(np.float32([1, 2, 2]))], reference=lambda x: [np.True_, np.False_], nodes="TensorFlow wraps it in a cond")
row("PyFunc", lambda tf, x: tf.py_func(lambda a: a + a, [x], x.dtype), name="py_func", samples=lambda r: [sample(r(2, 3)), sample(r())],
    reference=lambda x: x * 2, gradient=False)
row("PyFuncStateless", lambda tf, x: tf.py_func(lambda a, b: (a.sum(), [b"x"]), [x, 1.0], [x.dtype, tf.string], stateful=False),
    name="stateless py_func of two results", samples=lambda r: [sample(r(2, 3))], gradient=False,
    reference=lambda x: [x.sum(), np.array([b"x"], object)])
