"""Special functions against scipy, over their whole ranges, and where they are infinite or undefined."""

from __future__ import annotations

import numpy as np
import pytest

from graphflow.kernels import linalg, special

scipy = pytest.importorskip("scipy.special")
RANDOM = np.random.default_rng(3)


@pytest.mark.parametrize(("ours", "theirs", "inputs", "rtol"), [
    (special.erf, scipy.erf, [RANDOM.uniform(-6, 6, 500)], 1e-14),
    (special.erfc, scipy.erfc, [RANDOM.uniform(-5, 26, 500)], 2e-13),
    (special.erfinv, scipy.erfinv, [RANDOM.uniform(-1, 1, 500) * 10.0 ** -RANDOM.integers(0, 12, 500)], 1e-14),
    (special.ndtri, scipy.ndtri, [10.0 ** -RANDOM.uniform(0, 300, 500)], 1e-14),
    (special.lgamma, scipy.gammaln, [np.concatenate([RANDOM.uniform(3, 200, 300), 10.0 ** RANDOM.uniform(3, 200, 100)])], 1e-13),
    (special.digamma, scipy.psi, [RANDOM.uniform(2, 200, 500)], 1e-13),
    (special.zeta, scipy.zeta, [RANDOM.uniform(1.05, 20, 500), RANDOM.uniform(0.1, 30, 500)], 1e-13),
    (special.polygamma, lambda n, x: scipy.polygamma(n.astype(int), x), [RANDOM.integers(1, 8, 500) * 1.0, RANDOM.uniform(0.1, 30, 500)],
     1e-12),
    (special.igamma, scipy.gammainc, [RANDOM.uniform(0.05, 60, 500), RANDOM.uniform(0.01, 100, 500)], 1e-11),
    (special.igammac, scipy.gammaincc, [RANDOM.uniform(5, 60, 500), RANDOM.uniform(0.01, 80, 500)], 1e-11),
    (special.betainc, scipy.betainc, [RANDOM.uniform(0.1, 20, 500), RANDOM.uniform(0.1, 20, 500), RANDOM.uniform(0, 1, 500)], 1e-11),
    (special.bessel_i0e, scipy.i0e, [RANDOM.uniform(-80, 80, 500)], 1e-13),
    (special.bessel_i1e, scipy.i1e, [RANDOM.uniform(-80, 80, 500)], 1e-13),
], ids=lambda v: getattr(v, "__name__", ""))
def test_values_are_those_of_scipy(ours, theirs, inputs, rtol):
    np.testing.assert_allclose(ours(*inputs), theirs(*inputs), rtol, 1e-15)
    with np.errstate(over="ignore"):
        assert ours(*[x.astype(np.float32) for x in inputs]).dtype == np.float32


def test_lgamma_and_digamma_of_small_and_negative_numbers():
    x = np.concatenate([RANDOM.uniform(-9, 3, 500), [1e-8]])
    np.testing.assert_allclose(special.lgamma(x), scipy.gammaln(x), 1e-12, 1e-14)
    np.testing.assert_allclose(special.digamma(x), scipy.psi(x), 1e-10, 1e-11)


def test_the_derivative_of_igamma_by_its_first_argument():
    a, x = RANDOM.uniform(0.2, 30, 200), RANDOM.uniform(0.1, 60, 200)
    step = 1e-5 * a
    wanted = (scipy.gammainc(a + step, x) - scipy.gammainc(a - step, x)) / (2 * step)
    np.testing.assert_allclose(special.igamma_grad_a(a, x), wanted, 1e-5, 1e-9)


def test_edges():
    inf, nan = np.inf, np.nan
    np.testing.assert_array_equal(special.erf(np.array([-inf, 0.0, inf, nan])), [-1, 0, 1, nan])
    np.testing.assert_array_equal(special.erfc(np.array([-inf, 0.0, inf, nan])), [2, 1, 0, nan])
    np.testing.assert_array_equal(special.erfinv(np.array([-1.0, 0.0, 1.0, 2.0])), [-inf, 0, inf, nan])
    np.testing.assert_array_equal(special.lgamma(np.array([0.0, -2.0, 1.0, 2.0, inf])), [inf, inf, 0, 0, inf])
    np.testing.assert_array_equal(special.igamma(np.array([1.0, 1.0, -1.0]), np.array([0.0, inf, 1.0])), [0, 1, nan])
    np.testing.assert_array_equal(special.betainc(np.ones(3), np.ones(3), np.array([0.0, 1.0, 2.0])), [0, 1, nan])
    assert special.zeta(np.float64(1), np.float64(2)) == inf
    a, x = np.array([[inf, 0.5], [inf, inf], [inf, 0], [inf, -1], [2, nan], [nan, 2], [0, 2], [2, 0]]).T
    np.testing.assert_array_equal(special.igamma(a, x), [0, 0, 0, nan, nan, nan, nan, 0])
    np.testing.assert_array_equal(special.igammac(a, x), [1, 0, 1, nan, nan, nan, nan, 1])


@pytest.mark.parametrize("lower", [True, False])
@pytest.mark.parametrize("shapes", [((5, 5), (5, 2)), ((2, 40, 40), (2, 40, 3)), ((70, 70), (4, 70, 1))])
def test_triangular_solve(lower, shapes):
    a, b = RANDOM.uniform(-1, 1, shapes[0]) + 9 * np.eye(shapes[0][-1]), RANDOM.uniform(-1, 1, shapes[1])
    np.testing.assert_allclose(linalg.triangular_solve(a, b, lower), np.linalg.solve(np.tril(a) if lower else np.triu(a), b), 1e-10, 1e-12)


def test_lu_with_pivots():
    a = RANDOM.uniform(-1, 1, (3, 6, 6))
    packed, perm = linalg.lu(a)
    lower, upper = np.tril(packed, -1) + np.eye(6), np.triu(packed)
    np.testing.assert_allclose(lower @ upper, np.take_along_axis(a, perm[..., None], -2), 1e-12, 1e-13)
    with pytest.raises(ValueError, match="not invertible"):
        linalg.lu(np.zeros((2, 2)))


def test_a_series_that_converges_late_does_not_change_its_neighbours():
    a = np.concatenate([[1e5], RANDOM.uniform(0.1, 40, 60)])
    x = np.concatenate([[1e5], RANDOM.uniform(0.1, 60, 60)])
    for function in (special.igamma, special.igammac, special.igamma_grad_a):
        whole = function(a, x)
        assert np.array_equal(whole, [function(*pair) for pair in zip(a, x, strict=True)])
    np.testing.assert_allclose(special.igamma(a, x), scipy.gammainc(a, x), 1e-9)
    p, q, y = RANDOM.uniform(0.1, 300, (3, 60))
    assert np.array_equal(special.betainc(p, q, y / 300), [special.betainc(*one) for one in zip(p, q, y / 300, strict=True)])


@pytest.mark.parametrize("name", ["erf", "erfc", "erfinv", "ndtri", "lgamma", "digamma", "bessel_i0", "bessel_i0e", "bessel_i1",
                                  "bessel_i1e"])  # fmt: skip
def test_short_results_are_the_long_ones_rounded(name):
    x = RANDOM.uniform(-1, 1, 40_000).astype(np.float32)
    x *= np.float32(1) if name in ("erfinv", "ndtri") else np.float32(9)
    function = getattr(special, name)
    exact = function(x.astype(np.float64))
    near = np.abs(function(x) - exact) <= 2 * np.spacing(np.abs(exact).astype(np.float32))
    assert np.all(near | np.isnan(exact) | (name in ("lgamma", "digamma")) & (x < 0) & (np.abs(exact) < 1))


def test_blocks_of_broadcast_operands_of_all_sizes(monkeypatch):
    from graphflow.kernels.special import blocks

    a, x = RANDOM.uniform(0.5, 9, (4, 1, 5)), RANDOM.uniform(0.5, 9, (3, 1))
    whole = special.igamma(a, x)
    monkeypatch.setattr(blocks, "BLOCK", 7)
    assert np.array_equal(special.igamma(a, x), whole)
    assert special.igamma(a, np.float64(2)).shape == (4, 1, 5)
    assert special.igamma(np.ones((2, 0)), np.ones(())).shape == (2, 0)
    assert special.lgamma(np.float32(3)).dtype == np.float32


@pytest.mark.parametrize("function", [special.lgamma, special.digamma])
def test_denormal_numbers_are_no_zeros(function):
    least = np.array([1e-310, 5e-320])
    wanted = {special.lgamma: -np.log(least), special.digamma: [-np.inf, -np.inf]}[function]
    np.testing.assert_allclose(function(least), wanted, 1e-12)


@pytest.mark.parametrize("shape", [(12, 12), (5, 8, 8), (2, 3, 4, 4), (1, 1), (0, 3, 3), (2, 0, 0)])
@pytest.mark.parametrize("dtype", [np.float64, np.complex128])
def test_matrices_of_a_stack_are_factored_as_each_alone(shape, dtype):
    a = RANDOM.normal(size=shape).astype(dtype)
    a += 1j * RANDOM.normal(size=shape) if dtype == np.complex128 else 0
    factors, order = linalg.lu(a)
    lower, upper = np.tril(factors, -1) + np.eye(shape[-1]), np.triu(factors)
    np.testing.assert_allclose(lower @ upper, np.take_along_axis(a, order[..., None], -2), atol=1e-12)
    for at in np.ndindex(*shape[:-2]):
        assert np.array_equal(linalg.lu(a[at])[0], factors[at])
        assert np.array_equal(linalg.lu(a[at])[1], order[at])


def test_one_singular_matrix_of_a_stack_is_refused():
    with pytest.raises(ValueError, match="not invertible"):
        linalg.lu(np.stack([np.eye(2), np.ones((2, 2))]))
