"""SequenceExamples taken apart: nodes, values and errors as TensorFlow 2.21's compat.v1 gives them."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.opdb._raw import raw


def fill(feature, values):
    if values:
        kind = {float: "float_list", int: "int64_list", bytes: "bytes_list"}[type(values[0])]
        getattr(feature, kind).value.extend(values)


def sequence(context, lists):
    made = tf.train.SequenceExample()
    for key, values in context.items():
        fill(made.context.feature[key], values)
    for key, steps in lists.items():
        steps_made = made.feature_lists.feature_list[key]
        for values in steps:
            fill(steps_made.feature.add(), values)
    return made.SerializeToString()


FULL = sequence({"a": [1.0, 2.0], "c": [b"x", b"y"]},
                {"t": [[1], [2], [3]], "w": [[1.0, 2.0], [3.0, 4.0]], "v": [[b"a", b"b"], [], [b"c"]]})
EMPTY = sequence({"a": [3.0, 4.0], "b": [9]}, {"t": [[5]], "w": [], "v": []})
SHORT = sequence({"a": [3.0, 4.0], "b": [9]}, {"t": [[5]]})
CONTEXT = {"a": tf.FixedLenFeature([2], tf.float32), "b": tf.FixedLenFeature([], tf.int64, default_value=7),
           "c": tf.VarLenFeature(tf.string)}
LISTS = {"t": tf.FixedLenSequenceFeature([], tf.int64), "w": tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True),
         "v": tf.VarLenFeature(tf.string)}


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as fresh:
        yield fresh


def plain(value):
    """Python values only; a SparseTensorValue as (indices, values, shape)."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if hasattr(value, "indices"):
        return value.indices.tolist(), value.values.tolist(), value.dense_shape.tolist()
    return [plain(part) for part in value] if isinstance(value, (tuple, list)) else np.asarray(value).tolist()


def run(fetch):
    with tf.Session() as session:
        return plain(session.run(fetch))


def test_a_batch():
    context, lists, lengths = run(tf.io.parse_sequence_example([FULL, EMPTY, SHORT], CONTEXT, LISTS))
    assert context == {"a": [[1, 2], [3, 4], [3, 4]], "b": [7, 9, 9], "c": ([[0, 0], [0, 1]], [b"x", b"y"], [3, 2])}
    assert lists == {
        "t": [[1, 2, 3], [5, 0, 0], [5, 0, 0]],
        "v": ([[0, 0, 0], [0, 0, 1], [0, 2, 0]], [b"a", b"b", b"c"], [3, 3, 2]),
        "w": [[[1, 2], [3, 4]], [[0, 0], [0, 0]], [[0, 0], [0, 0]]],
    }
    assert lengths == {"t": [3, 1, 1], "w": [2, 0, 0]}


def test_one_example():
    context, lists = run(tf.parse_single_sequence_example(FULL, CONTEXT, LISTS))
    assert context == {"a": [1, 2], "b": 7, "c": ([[0], [1]], [b"x", b"y"], [2])}
    assert lists == {"t": [1, 2, 3], "v": ([[0, 0], [0, 1], [2, 0]], [b"a", b"b", b"c"], [3, 2]), "w": [[1, 2], [3, 4]]}
    context, lists = run(tf.io.parse_single_sequence_example(SHORT, CONTEXT, LISTS))
    assert context["c"] == ([], [], [0]) and lists == {"t": [5], "v": ([], [], [0, 0]), "w": []}


def test_either_side_may_be_left_out():
    assert run(tf.parse_single_sequence_example(FULL, None, {"t": LISTS["t"]})) == [{}, {"t": [1, 2, 3]}]
    assert run(tf.io.parse_sequence_example([FULL, EMPTY], {"b": CONTEXT["b"]})) == [{"b": [7, 9]}, {}, {}]


def test_a_key_may_stand_on_both_sides():
    data = sequence({"t": [1]}, {"t": [[1], [2]]})
    parsed = tf.parse_single_sequence_example(data, {"t": tf.FixedLenFeature([], tf.int64)}, {"t": LISTS["t"]})
    assert run(parsed) == [{"t": 1}, {"t": [1, 2]}]


def test_strings_are_filled_up():
    data = [sequence({}, {"s": [[b"a"], [b"b"]]}), sequence({}, {"s": [[b"c"]]})]
    _, lists, _ = run(tf.io.parse_sequence_example(data, None, {"s": tf.FixedLenSequenceFeature([], tf.string)}))
    assert lists["s"] == [[b"a", b"b"], [b"c", b""]]


def test_nodes_and_shapes_are_those_of_tensorflow(graph):
    context, lists, lengths = tf.io.parse_sequence_example(tf.constant([FULL, EMPTY]), CONTEXT, LISTS)
    inner = "ParseSequenceExample/ParseSequenceExample"
    keys = ["debug_name", "context_sparse_keys", "context_dense_keys", "context_ragged_keys", "feature_list_sparse_keys",
            "feature_list_dense_keys", "feature_list_ragged_keys", "feature_list_dense_missing_assumed_empty"]
    node = f"{inner}/ParseSequenceExampleV2"
    assert [op.name for op in graph.get_operations()] == [
        "Const", f"{inner}/Const", f"{inner}/key_b", f"{inner}/Reshape/shape", f"{inner}/Reshape", *[f"{node}/{key}" for key in keys], node]
    found = {key: tensor.shape.as_list() for part in (context, lists, lengths) for key, tensor in part.items() if key in "abw"}
    assert found == {"a": [2, 2], "b": [2], "w": [2]}
    assert lists["w"].shape.as_list() == [2, None, 2] and lists["t"].shape.as_list() == [2, None]
    assert lists["v"].indices.shape.as_list() == [None, 3] and lists["v"].dense_shape.shape.as_list() == [3]
    context, lists = tf.parse_single_sequence_example(tf.constant(FULL), CONTEXT, LISTS)
    assert lists["t"].op.name == "ParseSingleSequenceExample/ParseSequenceExample/ParseSequenceExampleV2"
    assert [lists[key].shape.as_list() for key in "tw"] == [[None], [None, 2]]
    assert lists["v"].indices.shape.as_list() == [None, 2] and context["c"].indices.shape.as_list() == [None, 1]


A = {"a": [1.0, 2.0]}


@pytest.mark.parametrize("data, what", [
    (sequence(A, {}), "Feature list 't' is required but could not be found.  Did you mean to include it in feature_list_dense_missing"),
    (sequence({}, {"t": [[1]]}), r"Feature: a \(data type: float\) is required but could not be found."),
    (sequence({"a": [1, 2]}, {"t": [[1]]}), "Key: a.*Data types don't match.*expected type: float"),
    (sequence({"a": [1.0]}, {"t": [[1]]}), "Number of float values != expected.  Values size: 1 but output shape: .2."),
    (sequence(A, {"t": [[1], [1.0]]}), "Feature list: t, Index: 1.  Data types don't match. Expected type: int64"),
    (sequence(A, {"t": [[1], [1, 2]]}), r"Key: t, Index: 1.  Number of values != expected.  values size: 2 but output shape: \[\]"),
    (sequence(A, {"t": [[1], []]}), "Key: t, Index: 1.  Number of values != expected.  values size: 0"),
    (sequence(A, {"t": [[1]], "v": [[1]]}), "Feature list: v, Index: 0.  Data types don't match. Expected type: string"),
    (b"garbage", "Invalid protocol message input, example id: "),
], ids=["no list", "no feature", "feature type", "feature size", "list type", "list size", "empty step", "ragged type", "garbage"])
@pytest.mark.parametrize("single", [False, True])
def test_what_does_not_fit(data, what, single):
    if single:
        parsed = tf.parse_single_sequence_example(data, CONTEXT, LISTS)
    else:
        parsed = tf.io.parse_sequence_example([FULL, data], CONTEXT, LISTS)
    with pytest.raises(tf.errors.InvalidArgumentError, match=what):
        run(parsed)


def test_examples_may_be_named_in_errors():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Name: two, Feature list 't' is required"):
        run(tf.io.parse_sequence_example([FULL, sequence(A, {})], CONTEXT, LISTS, example_names=["one", "two"]))


@pytest.mark.parametrize("context, lists, error, what", [
    (None, None, ValueError, "at least one should have values"),
    (CONTEXT, {"t": CONTEXT["b"]}, ValueError, "Unsupported FixedLenFeature .* for key 't'"),
    ({"t": LISTS["t"]}, LISTS, ValueError, "Unsupported FixedLenSequenceFeature .* for key 't'"),
    (None, {"t": tf.FixedLenSequenceFeature([], tf.int64, default_value=-1)}, ValueError, "must be None"),
    (None, {"t": tf.FixedLenSequenceFeature([None], tf.int64)}, ValueError, "All dimensions of shape for feature t need to be known"),
    ({"t": tf.FixedLenFeature([], tf.float64)}, None, TypeError, "DataType float64 not in list of allowed values"),
    ({"t": tf.VarLenFeature(None)}, None, ValueError, "Missing type for feature t"),
])
@pytest.mark.parametrize("parse", [tf.io.parse_sequence_example, tf.parse_single_sequence_example])
def test_wrong_features_are_refused_while_building(parse, context, lists, error, what):
    with pytest.raises(error, match=what):
        parse(FULL, context, lists)


TYPES = {"context_sparse_types": [tf.string], "feature_list_dense_types": [tf.int64, tf.float32], "feature_list_sparse_types": [tf.string],
         "context_dense_shapes": [(2,), ()], "feature_list_dense_shapes": [(), (2,)]}
COUNTS = {"Ncontext_sparse": 1, "Ncontext_dense": 2, "Nfeature_list_sparse": 1, "Nfeature_list_dense": 2}
DEFAULTS = [np.zeros(0, np.float32), np.int64(7)]


def flat(parts):
    """Outputs of an old node, one list."""
    return plain([output for part in parts for output in (part if isinstance(part, (list, tuple)) else [part])])


def test_the_older_node_of_a_batch():
    found = raw(tf, "ParseSequenceExample", serialized=[FULL, EMPTY], debug_name=[], context_dense_defaults=DEFAULTS,
                feature_list_dense_missing_assumed_empty=["w"], context_sparse_keys=["c"], context_dense_keys=["a", "b"],
                feature_list_sparse_keys=["v"], feature_list_dense_keys=["t", "w"], **TYPES, **COUNTS)
    with tf.Session() as session:
        values = flat(session.run(list(found)))
    assert values == [[[0, 0], [0, 1]], [b"x", b"y"], [2, 2], [[1, 2], [3, 4]], [7, 9],
                      [[0, 0, 0], [0, 0, 1], [0, 2, 0]], [b"a", b"b", b"c"], [2, 3, 2],
                      [[1, 2, 3], [5, 0, 0]], [[[1, 2], [3, 4]], [[0, 0], [0, 0]]], [3, 1], [2, 0]]


def test_the_older_node_of_one_example():
    found = raw(tf, "ParseSingleSequenceExample", serialized=FULL, feature_list_dense_missing_assumed_empty=["w"],
                context_sparse_keys=["c"], context_dense_keys=["a", "b"], feature_list_sparse_keys=["v"],
                feature_list_dense_keys=["t", "w"], context_dense_defaults=DEFAULTS, debug_name="", **TYPES)
    with tf.Session() as session:
        values = flat(session.run(list(found)))
    assert values == [[[0], [1]], [b"x", b"y"], [2], [1, 2], 7, [[0, 0], [0, 1], [2, 0]], [b"a", b"b", b"c"], [3, 2],
                      [1, 2, 3], [[1, 2], [3, 4]]]
