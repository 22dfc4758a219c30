"""Examples taken apart: nodes, values and errors as TensorFlow 2.21's compat.v1 gives them."""

import base64

import numpy as np
import pytest

import graphflow as tf
from tests import tf_fixtures


def example(**features):
    made = tf.train.Example()
    for key, values in features.items():
        feature = made.features.feature[key]
        if isinstance(values[0], float):
            feature.float_list.value.extend(values)
        elif isinstance(values[0], int):
            feature.int64_list.value.extend(values)
        else:
            feature.bytes_list.value.extend(values)
    return made.SerializeToString()


FEATURES = {
    "a": tf.FixedLenFeature([2], tf.float32),
    "b": tf.FixedLenFeature([], tf.int64, default_value=7),
    "c": tf.VarLenFeature(tf.string),
    "d": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True),
    "e": tf.FixedLenFeature([], tf.string),
}
DATA = [example(a=[1.0, 2.0], c=[b"x", b"y"], d=[1, 2, 3], e=[b"q"]), example(a=[3.0, 4.0], b=[9], e=[b"r"])]


def run(build):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(build())


def test_nodes_and_shapes_are_those_of_tensorflow():
    graph = tf.Graph()
    with graph.as_default():
        parsed = tf.parse_example(tf.constant(DATA), FEATURES)
    nodes = [(n.name, n.op) for n in graph.as_graph_def().node]
    assert nodes == [
        ("Const", "Const"),
        ("ParseExample/Const", "Const"),
        ("ParseExample/key_b", "Const"),
        ("ParseExample/Reshape/shape", "Const"),
        ("ParseExample/Reshape", "Reshape"),
        ("ParseExample/Const_1", "Const"),
        ("ParseExample/Const_2", "Const"),
        ("ParseExample/ParseExampleV2/names", "Const"),
        ("ParseExample/ParseExampleV2/sparse_keys", "Const"),
        ("ParseExample/ParseExampleV2/dense_keys", "Const"),
        ("ParseExample/ParseExampleV2/ragged_keys", "Const"),
        ("ParseExample/ParseExampleV2", "ParseExampleV2"),
    ]
    node = graph.get_operation_by_name("ParseExample/ParseExampleV2").node_def
    assert list(node.input)[5:] == ["ParseExample/Const", "ParseExample/Reshape", "ParseExample/Const_1", "ParseExample/Const_2"]
    shapes = {key: value.shape.as_list() for key, value in parsed.items() if key != "c"}
    assert shapes == {"a": [2, 2], "b": [2], "d": [2, None], "e": [2]}


def test_a_batch():
    found = run(lambda: tf.parse_example(DATA, FEATURES))
    assert found["a"].tolist() == [[1, 2], [3, 4]] and found["b"].tolist() == [7, 9] and found["e"].tolist() == [b"q", b"r"]
    assert found["d"].tolist() == [[1, 2, 3], [0, 0, 0]]
    assert found["c"].indices.tolist() == [[0, 0], [0, 1]] and found["c"].values.tolist() == [b"x", b"y"]
    assert found["c"].dense_shape.tolist() == [2, 2]


def test_one_example():
    found = run(lambda: tf.parse_single_example(DATA[0], FEATURES))
    assert found["a"].tolist() == [1, 2] and found["b"] == 7 and found["e"] == b"q" and found["d"].tolist() == [1, 2, 3]
    assert found["c"].indices.tolist() == [[0], [1]] and found["c"].dense_shape.tolist() == [2]
    graph = tf.Graph()
    with graph.as_default():
        parsed = tf.parse_single_example(tf.constant(DATA[0]), FEATURES)
    assert parsed["a"].op.name == "ParseSingleExample/ParseExample/ParseExampleV2"
    assert [parsed[k].shape.as_list() for k in "abde"] == [[2], [], [None], []]


def test_rows_are_filled_up():
    feature = tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True, default_value=-1.0)
    found = run(lambda: tf.parse_example([example(a=[1.0, 2.0, 3.0, 4.0]), example(a=[5.0, 6.0]), example(b=[1])], {"a": feature}))
    assert found["a"].tolist() == [[[1, 2], [3, 4]], [[5, 6], [-1, -1]], [[-1, -1], [-1, -1]]]


def test_sparse_features_are_put_together_from_indices_and_values():
    data = [example(ix=[3, 1], v=[0.5, 0.25]), example(b=[1])]
    features = {"s": tf.SparseFeature("ix", "v", tf.float32, 10)}
    found = run(lambda: tf.parse_example(data, features))["s"]
    assert found.indices.tolist() == [[0, 1], [0, 3]] and found.values.tolist() == [0.25, 0.5] and found.dense_shape.tolist() == [2, 10]
    found = run(lambda: tf.parse_single_example(data[0], features))["s"]
    assert found.indices.tolist() == [[1], [3]] and found.values.tolist() == [0.25, 0.5] and found.dense_shape.tolist() == [10]


def test_examples_of_tensorflow():
    entry = tf_fixtures.manifest()["tfrecord"]
    records = [base64.b64decode(entry["records_b64"][i]) for i in entry["examples_at"]]
    features = {"ids": tf.VarLenFeature(tf.int64), "image": tf.FixedLenFeature([], tf.string), "weights": tf.VarLenFeature(tf.float32)}
    found = run(lambda: tf.parse_example(records, features))
    wanted = [e["features"]["feature"] for e in entry["examples"]]
    assert found["ids"].values.tolist() == [int(v) for w in wanted for v in w["ids"]["int64_list"]["value"]]
    assert found["image"].tolist() == [base64.b64decode(w["image"]["bytes_list"]["value"][0]) for w in wanted]
    assert found["weights"].values == pytest.approx([v for w in wanted for v in w["weights"]["float_list"]["value"]])


FLOAT2 = {"a": tf.FixedLenFeature([2], tf.float32)}


@pytest.mark.parametrize(
    "data, features, single, what",
    [
        (example(b=[1]), FLOAT2, False, r"Name: <unknown>, Feature: a \(data type: float\) is required but could not be found"),
        (example(a=[1.0]), FLOAT2, False, r"Key: a, Index: 0.  Number of float values != expected.  Values size: 1 but output shape: .2."),
        (example(a=[1]), FLOAT2, False, "Key: a, Index: 0.  Data types don't match. Data type: int64 but expected type: float"),
        (b"garbage", FLOAT2, False, "Could not parse example input, value: 'garbage'"),
        (example(b=[1]), FLOAT2, True, r"Feature: a \(data type: float\) is required"),
        (example(a=[1]), FLOAT2, True, "Key: a.  Data types don't match"),
        (example(a=[1.0, 2.0, 3.0]), {"a": tf.FixedLenSequenceFeature([2], tf.float32, allow_missing=True)}, False,
         r"Number of float values is not a multiple of stride length. Saw 3 values but output shape is: \[\?,2\]"),
    ],
)  # fmt: skip
def test_what_does_not_fit(data, features, single, what):
    with pytest.raises(tf.errors.InvalidArgumentError, match=what):
        run(lambda: tf.parse_single_example(data, features) if single else tf.parse_example([data], features))


def test_examples_may_be_named_in_errors():
    with pytest.raises(tf.errors.InvalidArgumentError, match="Name: second, Feature: a"):
        run(lambda: tf.parse_example([example(a=[1.0, 2.0]), example(b=[1])], FLOAT2, example_names=["first", "second"]))


@pytest.mark.parametrize(
    "features, error, what",
    [
        ({}, ValueError, "cannot be None"),
        ({"a": tf.FixedLenFeature([None], tf.float32)}, ValueError, "First dimension of shape for feature a unknown"),
        ({"a": tf.FixedLenFeature([1, None], tf.float32)}, ValueError, "All dimensions of shape for feature a need to be known"),
        ({"a": tf.FixedLenFeature([1], tf.float64)}, TypeError, "DataType float64 not in list of allowed values: float32, int64, string"),
        ({"a": tf.FixedLenSequenceFeature([], tf.int64)}, ValueError, "allow_missing to be True"),
        ({"a": tf.VarLenFeature(None)}, ValueError, "Missing type for feature a"),
        ({"a": 3}, ValueError, "feature a"),
        ({"a": tf.SparseFeature("i", "a", tf.float32, 3), "i": tf.VarLenFeature(tf.string)}, ValueError, "Conflicting type"),
    ],
)
def test_wrong_features_are_refused_while_building(features, error, what):
    with tf.Graph().as_default(), pytest.raises(error, match=what):
        tf.parse_example(DATA, features)


def test_raw_bytes():
    values = np.arange(6, dtype=">i2").reshape(2, 3)
    data = [row.tobytes() for row in values]
    assert run(lambda: tf.decode_raw(data, tf.int16, little_endian=False)).tolist() == values.tolist()
    assert run(lambda: tf.decode_raw(data, tf.uint8)).shape == (2, 6)
    assert run(lambda: tf.decode_raw(b"\0\1", tf.bool)).tolist() == [False, True]
    with tf.Graph().as_default():
        assert tf.decode_raw(tf.constant(data), tf.int16).shape.as_list() == [2, None]
    with pytest.raises(tf.errors.InvalidArgumentError, match="all be the same size"):
        run(lambda: tf.decode_raw([b"ab", b"abc"], tf.uint8))
    with pytest.raises(tf.errors.InvalidArgumentError, match="not a multiple of 4"):
        run(lambda: tf.decode_raw([b"abc"], tf.float32))


def test_tensors_are_serialized_and_parsed():
    value = np.float32([[1, 2], [3, 4]])
    data = run(lambda: tf.io.serialize_tensor(value))
    assert run(lambda: tf.io.parse_tensor(data, tf.float32)).tolist() == value.tolist()
    assert run(lambda: tf.io.parse_tensor(tf.io.serialize_tensor(["a", "b"]), tf.string)).tolist() == [b"a", b"b"]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Type mismatch between parsed tensor \(float32\) and dtype \(int32\)"):
        run(lambda: tf.io.parse_tensor(data, tf.int32))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Could not parse"):
        run(lambda: tf.io.parse_tensor(b"\xff\xff", tf.int32))
