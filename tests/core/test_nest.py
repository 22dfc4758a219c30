"""tf.nest: structures taken apart and put together again; the results are TensorFlow's."""
from collections import OrderedDict, namedtuple

import numpy as np
import pytest

import graphflow as tf

Pair = namedtuple("Pair", "x y")
STRUCTURE = {"b": [1, (2, Pair(3, None))], "a": OrderedDict([("d", "text"), ("c", np.zeros(2))])}


def test_flatten_takes_dicts_by_their_keys():
    flat = tf.nest.flatten(STRUCTURE)
    assert [flat[1], *flat[2:]] == ["text", 1, 2, 3, None]
    assert flat[0].tolist() == [0, 0]
    assert tf.nest.flatten(5) == [5]
    assert tf.nest.flatten([]) == []


def test_packing_gives_the_structure_back():
    packed = tf.nest.pack_sequence_as(STRUCTURE, list(range(6)))
    assert packed == {"b": [2, (3, Pair(4, 5))], "a": OrderedDict([("d", 1), ("c", 0)])}
    assert list(packed) == ["b", "a"]
    assert list(packed["a"]) == ["d", "c"]
    assert type(packed["b"][1][1]) is Pair
    assert tf.nest.pack_sequence_as(1, [7]) == 7
    with pytest.raises(ValueError, match="Structure had 2 elements, but flat_sequence had 1 elements"):
        tf.nest.pack_sequence_as([1, 2], [1])
    with pytest.raises(TypeError, match="flat_sequence must be a sequence"):
        tf.nest.pack_sequence_as([1], 5)


def test_map_structure_works_on_leaves_side_by_side():
    assert tf.nest.map_structure(lambda a, b: a + b, {"k": (1, [2])}, {"k": (10, [20])}) == {"k": (11, [22])}
    tensors = tf.nest.map_structure(tf.constant, Pair([1.0], (2.0,)))
    assert isinstance(tensors, Pair)
    assert isinstance(tensors.x[0], tf.Tensor)
    with pytest.raises(TypeError, match="same sequence type"):
        tf.nest.map_structure(lambda a, b: a, [1], (1,))
    with pytest.raises(TypeError, match="func must be callable"):
        tf.nest.map_structure(3, [1])


@pytest.mark.parametrize(("one", "other", "kind", "text"), [
    ([1], 1, ValueError, "same nested structure"), ([1, 2], [1], ValueError, "same number of elements"),
    ([1], (1,), TypeError, "same sequence type"), ({"a": 1}, {"b": 1}, ValueError, "same set of keys")])
def test_differences_are_told(one, other, kind, text):
    tf.nest.assert_same_structure([one], [one])
    with pytest.raises(kind, match=text):
        tf.nest.assert_same_structure([one], [other])


def test_types_may_differ_when_asked():
    tf.nest.assert_same_structure([1], (1,), check_types=False)
    assert [tf.nest.is_nested(v) for v in ([], (), {}, "ab", np.zeros(2), None)] == [True, True, True, False, False, False]


def test_nest_has_its_names_of_contrib():
    nest = tf.contrib.framework.nest
    assert nest.flatten([1, [2, {"b": 3, "a": 4}]]) == [1, 2, 4, 3] and nest.is_sequence((1,)) and not nest.is_sequence("ab")
    assert nest.pack_sequence_as([0, [0]], [5, 6]) == [5, [6]] and nest.map_structure(lambda a: a + 1, (1, [2])) == (2, [3])
