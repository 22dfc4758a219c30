"""tf.contrib.framework.nest: structures taken apart down to the depth of a shallower one, as TensorFlow does it."""
import collections

import pytest

import graphflow as tf

nest = tf.contrib.framework.nest
Pair = collections.namedtuple("Pair", "x y")


@pytest.mark.parametrize("shallow, tree, wanted", [
    ([[True, True], [False, True]], [[1, 2], [3, [4, 5]]], [1, 2, 3, [4, 5]]),
    ({"a": 1, "b": 2}, {"b": [1, 2], "a": {"c": 3}}, [{"c": 3}, [1, 2]]),
    (Pair(1, [2, 3]), Pair({"z": 1}, [4, (5, 6)]), [{"z": 1}, 4, (5, 6)]),
    (0, [1, 2], [[1, 2]]),
    ([], [], []),
])
def test_flat_up_to_a_depth(shallow, tree, wanted):
    assert nest.flatten_up_to(shallow, tree) == wanted
    nest.assert_shallow_structure(shallow, tree)


@pytest.mark.parametrize("shallow, tree, error, message", [
    ([1, 2], 3, TypeError, "input must also be a sequence. Input has type: <class 'int'>"),
    ([1, 2], [1, 2, 3], ValueError, "Input structure has length 3, while shallow structure has length 2"),
    ([1, [2, 3]], [1, 2], TypeError, "input must also be a sequence"),
    ((1, 2), [1, 2], TypeError, "the same sequence type. Input structure has type <class 'list'>"),
    ({"a": 1}, {"b": 2}, ValueError, r"keys that are not in the input_tree: \['a'\]"),
    ([[]], [[1]], ValueError, "Input structure has length 1"),
])
def test_structures_that_do_not_fit(shallow, tree, error, message):
    for function in (nest.flatten_up_to, nest.assert_shallow_structure):
        with pytest.raises(error, match=message):
            function(shallow, tree)


def test_types_need_not_agree_if_so_asked():
    assert nest.flatten_up_to((1, 2), [1, 2], check_types=False) == [1, 2]


def test_functions_of_what_lies_deeper():
    assert nest.map_structure_up_to([0, 0], lambda a, b: (a, b), [1, [2, 3]], [4, {"x": 5}]) == [(1, 4), ([2, 3], {"x": 5})]
    assert nest.map_structure_up_to({"a": 0}, len, {"a": [1, 2]}) == {"a": 2}
    with pytest.raises(ValueError, match="Cannot map over no sequences"):
        nest.map_structure_up_to([0], len)


def test_paths_of_leaves():
    found = nest.flatten_with_joined_string_paths({"b": Pair(1, [2, 3]), "a": (4,)})
    assert found == [("a/0", 4), ("b/x", 1), ("b/y/0", 2), ("b/y/1", 3)]
