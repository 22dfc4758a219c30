"""What functions take beside tensors: rows (IndexedSlices), sparse tensors, values of dictionaries, names in bytes."""
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def new_graph():
    with tf.Graph().as_default():
        yield


def rows():
    return tf.IndexedSlices(tf.constant([[1.5, 2.0]]), tf.constant([1]), tf.constant([3, 2]))


@pytest.mark.parametrize("function", [tf.identity, tf.stop_gradient, lambda x: tf.cast(x, tf.int32)])
def test_rows_stay_rows(function):
    found = function(rows())
    assert isinstance(found, tf.IndexedSlices)
    with tf.Session() as s:
        dense = s.run(tf.convert_to_tensor(found))
        assert dense.tolist() == s.run(function(tf.convert_to_tensor(rows()))).tolist()


@pytest.mark.parametrize("function", [tf.sin, tf.tan, tf.asin, tf.atan, tf.asinh, tf.atanh, tf.square, tf.tanh])
def test_functions_that_keep_zeros_map_sparse_tensors(function):
    sparse = function(tf.SparseTensor([[0, 1]], [0.5], [2, 3]))
    with tf.Session() as s:
        assert s.run(sparse).values.tolist() == s.run(function([0.5])).tolist()


def test_a_sparse_tensor_is_divided():
    with tf.Session() as s:
        assert s.run(tf.divide(tf.SparseTensor([[0, 1]], [3.0], [1, 2]), [[1.0, 2.0]])).values.tolist() == [1.5]


def test_variables_and_operations_come_as_values_of_a_dictionary():
    variables = {"a": tf.get_variable("a", initializer=[1.0]), "b": tf.get_variable("b", initializer=[2.0])}
    loss = tf.reduce_sum(variables["a"] * variables["b"])
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    assert len(optimizer.compute_gradients(loss, variables.values())) == 2
    step = optimizer.minimize(loss, var_list=variables.values())
    with tf.Session() as s:
        s.run(tf.group({name: v.initializer for name, v in variables.items()}.values()))
        s.run(step)
        assert s.run(variables["a"]).tolist() == pytest.approx([0.8])


def test_names_may_be_bytes():
    with tf.name_scope(b"x"):
        assert tf.constant(1.0).name == "x/Const:0"
    assert tf.get_variable(b"v", [1]).name == "v:0"
    assert tf.Variable(1.0, name=b"w").name == "w:0"
    assert tf.add([1.0], [2.0], name=b"s").name == "s:0"
    assert tf.losses.mean_squared_error([1.0], [1.0], scope=b"l").name == "l/value:0"
