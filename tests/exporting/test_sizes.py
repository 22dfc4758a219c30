"""Sizes that stay open, as expressions."""
import numpy as np
import pytest

from graphflow.exporting.sizes import Points, Ratio, Size, Unfit

ONE, TWO = Points(["n"]), Points(["n", "t"])


def at(points, law):
    return [law(**point) for point in points.points]


@pytest.mark.parametrize(("law", "text"), [
    (lambda n, t: 7, "7"), (lambda n, t: n, "n"), (lambda n, t: 3 * n - 2, "-2 + 3 * n"), (lambda n, t: n * t, "n * t"),
    (lambda n, t: n * n + 2 * t - 1, "-1 + 2 * t + n * n")])
def test_sizes_are_polynomials_of_second_degree(law, text):
    found = TWO.size(at(TWO, law))
    assert str(found) == text
    assert found == 7 or found.at({"n": 1000, "t": 17}) == law(1000, 17)


@pytest.mark.parametrize("law", [lambda n: n // 2, lambda n: n ** 3, lambda n: max(n, 20)])
def test_other_laws_are_refused(law):
    with pytest.raises(Unfit, match="a size that is .* where n is "):
        ONE.size(at(ONE, law))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("law", [lambda n: 1 / n, lambda n: 0.1 / n, lambda n: 2.5 * n, lambda n: 3 / (n * n),
                                 lambda n: 16 * n / (16 * n - 1)])
def test_numbers_are_constants_times_or_over_sizes(law, dtype):
    found = ONE.number([dtype(law(**point)) for point in ONE.points], np.dtype(dtype))
    assert isinstance(found, Ratio)
    assert dtype(found.at({"n": 640})) == dtype(law(640))


def test_whole_numbers_in_floats_are_sizes():
    assert ONE.number([np.float32(2 * p["n"]) for p in ONE.points], np.dtype(np.float32)) == Size({("n",): 2})


def test_a_square_root_of_a_size_is_refused():
    with pytest.raises(Unfit, match="a number that is"):
        ONE.number([np.float32(np.sqrt(p["n"])) for p in ONE.points], np.dtype(np.float32))


def test_more_than_three_open_sizes_are_refused():
    with pytest.raises(ValueError, match="sizes a, b, c, d: at most 3 may stay open"):
        Points("abcd")
