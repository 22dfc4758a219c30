"""Static shapes as plain tuples."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.core import shapes
from graphflow.core.tensor_shape import Dimension, TensorShape

SIZES = st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=4).map(tuple)
CONCRETE = st.lists(st.integers(0, 3), max_size=4).map(tuple)


def erased(shape, mask):
    return tuple(None if hide else d for d, hide in zip(shape, mask + [False] * len(shape)))


@pytest.mark.parametrize("given_, expected", [
    (None, None), ((), ()), ([2, None], (2, None)), (TensorShape([1, None]), (1, None)), (3, (3,)), (Dimension(4), (4,)),
    ([Dimension(2), 5], (2, 5)), (np.array([1, 2]), (1, 2)), ((np.int64(7),), (7,)), (range(2), (0, 1)),
    (SimpleNamespace(unknown_rank=True, dim=[]), None),
    (SimpleNamespace(unknown_rank=False, dim=[SimpleNamespace(size=-1), SimpleNamespace(size=3)]), (None, 3)),
])
def test_as_tuple_reads_whatever_describes_a_shape(given_, expected):
    assert shapes.as_tuple(given_) == expected


def test_as_tuple_refuses_negative_and_fractional_sizes():
    with pytest.raises(ValueError, match="Dimension -1 must be >= 0"):
        shapes.as_tuple([2, -1])
    with pytest.raises(TypeError, match="Dimension value must be integer or None or have an __index__ method"):
        shapes.as_tuple([2.5])


@given(CONCRETE, CONCRETE, st.lists(st.booleans(), max_size=4), st.lists(st.booleans(), max_size=4))
def test_broadcast_agrees_with_numpy_and_with_less_known_never_contradicts(a, b, hide_a, hide_b):
    try:
        expected = np.broadcast_shapes(a, b)
    except ValueError:
        with pytest.raises(ValueError, match="Dimensions must be equal, but are"):
            shapes.broadcast(a, b)
        return
    assert shapes.broadcast(a, b) == expected
    assert shapes.compatible(shapes.broadcast(erased(a, hide_a), erased(b, hide_b)), expected)
    assert shapes.broadcast(None, b) is None


@given(SIZES, SIZES)
def test_merge_is_symmetric_and_fits_both(a, b):
    if not shapes.compatible(a, b):
        with pytest.raises(ValueError):
            shapes.merge(a, b)
        return
    merged = shapes.merge(a, b)
    assert merged == shapes.merge(b, a)
    assert TensorShape(merged).is_subtype_of(a) and TensorShape(merged).is_subtype_of(b)


def test_merge_names_the_dimension_that_differs():
    with pytest.raises(ValueError, match=r"Dimension 1 in both shapes must be equal, but are 3 and 4. Shapes are \[2,3\] and \[\?,4\]"):
        shapes.merge((2, 3), (None, 4))
    with pytest.raises(ValueError, match="Shapes must be equal rank, but are 1 and 2"):
        shapes.merge((2,), (2, 3))
    assert shapes.merge(None, (2,)) == shapes.merge((2,), None) == (2,)


def test_num_elements_and_relax():
    assert shapes.num_elements((2, 3)) == 6 and shapes.num_elements(()) == 1
    assert shapes.num_elements((2, None)) is None and shapes.num_elements(None) is None
    assert shapes.relax((2, 3), (2, 4)) == (2, None) and shapes.relax((2,), (2, 3)) is None
