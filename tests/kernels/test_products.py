"""Matrix products split over threads give what np.matmul gives."""
import numpy as np
import pytest

from graphflow.kernels import parallel, products


@pytest.mark.parametrize("shape", [(40, 7, 3), (3, 7, 40), (3, 40, 7), (1, 5, 1), (2, 2, 2)])
def test_split_products(shape, monkeypatch):
    monkeypatch.setattr(products, "WORTH", 0)
    monkeypatch.setattr(parallel, "THREADS", 2)
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b, out = rng.standard_normal((m, k)), rng.standard_normal((n, k)).T, np.empty((m, n))
    np.testing.assert_allclose(products.matmul(a, b), a @ b, rtol=1e-12)
    assert products.matmul(a, b, out) is out
    np.testing.assert_allclose(out, a @ b, rtol=1e-12)


def test_stacks_of_matrices_and_small_ones_go_to_numpy():
    a = np.ones((4, 2, 3))
    np.testing.assert_array_equal(products.matmul(a, np.ones((3, 2))), np.full((4, 2, 2), 3.0))
    assert products.matmul(np.ones((2, 3), np.float32), np.ones((3, 2), np.float32)).dtype == np.float32


@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.uint16])
@pytest.mark.parametrize("most", [3, 1 << 6, 1 << 30])
def test_products_of_integers_are_exact_and_wrap(dtype, most):
    most = min(most, np.iinfo(dtype).max)
    rng = np.random.default_rng(0)
    a, b = (rng.integers(0, most, shape).astype(dtype) for shape in ((5, 40), (40, 6)))
    with np.errstate(over="ignore"):
        want = np.array([[np.multiply(x, y).sum(dtype=dtype) for y in b.T] for x in a])
    found = products.integers(a, b)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, want)
    out = np.empty_like(found)
    assert products.integers(a, b, out) is out
    np.testing.assert_array_equal(out, want)
    np.testing.assert_array_equal(products.integers(a[:, :3], b[:3]), np.matmul(a[:, :3], b[:3]))
