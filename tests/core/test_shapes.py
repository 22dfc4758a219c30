"""Static shapes: the tuple helpers and TF1's TensorShape and Dimension."""

import copy
import pickle
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphflow.core import shapes
from graphflow.core.shapes import Dimension, TensorShape, dimension_at_index, dimension_value, unknown_shape

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


def test_dimension_arithmetic():
    assert (Dimension(3) + 2).value == 5 and (2 + Dimension(3)).value == 5
    assert (Dimension(7) - 2).value == 5 and (7 - Dimension(2)).value == 5
    assert (Dimension(3) * Dimension(4)).value == 12 and (7 // Dimension(2)).value == 3 and (Dimension(7) % 4).value == 3
    assert (Dimension(None) + 1).value is None
    with pytest.raises(TypeError, match="please use // instead"):
        Dimension(4) / 2
    with pytest.raises(TypeError, match="unsupported operand"):
        Dimension(4) + "a"


def test_dimension_comparisons_with_unknown_are_unknown():
    assert Dimension(3) == 3 and Dimension(3) != 4 and not Dimension(3) != 3  # noqa: SIM202
    assert (Dimension(None) == 3) is None and (Dimension(3) < None) is None
    assert Dimension(3) < 4 and Dimension(3) >= Dimension(3)


def test_dimension_conversions_and_text():
    assert int(Dimension(3)) == 3 and list(range(Dimension(2))) == [0, 1] and bool(Dimension(0)) is False
    assert str(Dimension(None)) == "?" and repr(Dimension(3)) == "Dimension(3)"
    assert dimension_value(Dimension(3)) == 3 and dimension_value(3) == 3 and dimension_value(None) is None
    with pytest.raises(ValueError, match="Dimensions 3 and 4 are not compatible"):
        Dimension(3).merge_with(4)
    assert Dimension(None).merge_with(4).value == 4


def test_tensor_shape_items_are_dimensions():
    shape = TensorShape([2, None, 4])
    assert isinstance(shape[0], Dimension) and shape[0].value == 2 and shape[-1].value == 4
    assert [d.value for d in shape] == shape.as_list() == [2, None, 4]
    assert shape[1:] == [None, 4] and len(shape) == shape.ndims == shape.rank == 3
    assert dimension_at_index(shape, 0).value == 2 and dimension_at_index(TensorShape(None), 5).value is None


def test_unknown_rank():
    shape = TensorShape(None)
    assert not shape and shape.ndims is None and shape.dims is None and shape.num_elements() is None
    assert shape[3].value is None and shape[1:3].as_list() == [None, None] and shape[1:].rank is None
    for call, text in ((len, "Cannot take the length of shape with unknown rank"), (list, "unknown rank"),
                       (TensorShape.as_list, r"as_list\(\) is not defined on an unknown TensorShape")):
        with pytest.raises(ValueError, match=text):
            call(shape)


def test_text_forms():
    assert str(TensorShape([2, None])) == "(2, ?)" and str(TensorShape([2])) == "(2,)" and str(TensorShape([])) == "()"
    assert str(TensorShape(None)) == "<unknown>" and repr(TensorShape(None)) == "TensorShape(None)"
    assert repr(TensorShape([2, None])) == "TensorShape([Dimension(2), Dimension(None)])"


def test_equality_and_concatenation():
    assert TensorShape([2, 3]) == [2, 3] == TensorShape((2, 3)) and TensorShape([2]) != [3]
    assert TensorShape([None]) == TensorShape([None]) and TensorShape(None) == TensorShape(None)
    assert TensorShape([2]).concatenate([3]) == TensorShape([2]) + [3] == [2, 3]
    assert TensorShape([2]).concatenate(None).rank is None and ([1] + TensorShape([2])) == [1, 2]
    assert len({TensorShape([2]), TensorShape((2,))}) == 1


@pytest.mark.parametrize("call, text", [
    (lambda: TensorShape([2]).merge_with([3]), r"Shapes \(2,\) and \(3,\) are not compatible"),
    (lambda: TensorShape([2]).merge_with([2, 3]), r"Shapes \(2,\) and \(2, 3\) are not compatible"),
    (lambda: TensorShape([2]).assert_is_compatible_with([3]), r"Shapes \(2,\) and \(3,\) are incompatible"),
    (lambda: TensorShape([2]).with_rank(2), r"Shape \(2,\) must have rank 2"),
    (lambda: TensorShape([2]).assert_has_rank(0), r"Shape \(2,\) must have rank 0"),
    (lambda: TensorShape([2]).with_rank_at_least(2), r"Shape \(2,\) must have rank at least 2"),
    (lambda: TensorShape([2, 2]).with_rank_at_most(1), r"Shape \(2, 2\) must have rank at most 1"),
    (lambda: TensorShape([None]).assert_is_fully_defined(), r"Shape \(\?,\) is not fully defined"),
])
def test_shape_errors(call, text):
    with pytest.raises(ValueError, match=text):
        call()


def test_merge_and_ranks():
    assert TensorShape([2, None]).merge_with([None, 3]) == [2, 3]
    assert TensorShape(None).with_rank(2).as_list() == [None, None] and unknown_shape(1) == [None]
    assert TensorShape([2, 3]).most_specific_compatible_shape([2, 4]) == [2, None]
    assert TensorShape([2, 3]).is_compatible_with([None, 3]) and not TensorShape([2]).is_compatible_with([2, 3])


def test_copies_and_pickles():
    shape = TensorShape([2, None])
    assert pickle.loads(pickle.dumps(shape)) == copy.deepcopy(shape) == shape
    assert pickle.loads(pickle.dumps(Dimension(3))) == 3


@pytest.mark.parametrize("dims", [None, (), (2, None)])
def test_shapes_survive_a_message(dims):
    message = TensorShape(dims).as_proto()
    assert message.unknown_rank == (dims is None) and TensorShape(message) == TensorShape(dims)
    assert TensorShape.experimental_from_proto(message) == TensorShape(dims)
