"""TF1's TensorShape and Dimension."""

import copy
import pickle

import pytest

from graphflow.core.tensor_shape import Dimension, TensorShape, dimension_at_index, dimension_value, unknown_shape


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
