"""Variables that start from a checkpoint."""

import numpy as np
import pytest

import graphflow as tf
from tests.tf_fixtures import path

MLP = str(path("ckpt/mlp_adam"))


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def initialized(*variables):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return [session.run(variable) for variable in variables]


@pytest.mark.parametrize("use_resource", [False, True])
def test_a_scope_starts_from_a_scope(use_resource):
    with tf.variable_scope("new"):
        kernel = tf.get_variable("kernel", [6, 4], use_resource=use_resource)
        bias = tf.get_variable("bias", [4], use_resource=use_resource)
    other = tf.get_variable("other", [2], initializer=tf.ones_initializer())
    tf.train.init_from_checkpoint(MLP, {"amber/": "new/"})
    found = initialized(kernel, bias, other)
    np.testing.assert_array_equal(found[0], tf.train.load_variable(MLP, "amber/kernel"))
    np.testing.assert_array_equal(found[1], tf.train.load_variable(MLP, "amber/bias"))
    assert found[2].tolist() == [1, 1]


def test_names_variables_and_the_top_scope():
    one, two = tf.get_variable("one", [6, 4]), tf.get_variable("two", [6, 4])
    tf.train.init_from_checkpoint(MLP, {"amber/kernel": one, "amber/kernel/Adam": "two"})
    found = initialized(one, two)
    np.testing.assert_array_equal(found[0], tf.train.load_variable(MLP, "amber/kernel"))
    np.testing.assert_array_equal(found[1], tf.train.load_variable(MLP, "amber/kernel/Adam"))
    with tf.Graph().as_default():
        bias = tf.get_variable("amber/bias", [4])
        tf.train.init_from_checkpoint(MLP, {"/": "/"})
        np.testing.assert_array_equal(initialized(bias)[0], tf.train.load_variable(MLP, "amber/bias"))


def test_slices_start_from_a_tensor_that_was_cut_otherwise():
    folder = str(path("ckpt/partitioned"))
    table = tf.get_variable("again", [11, 3], partitioner=tf.fixed_size_partitioner(2))
    tf.train.init_from_checkpoint(folder, {"table": "again"})
    np.testing.assert_array_equal(np.concatenate(initialized(*table)), tf.train.load_variable(folder, "table"))


def test_what_does_not_fit_is_told():
    wrong = tf.get_variable("wrong", [2, 2])
    with pytest.raises(ValueError, match=r"Shape of variable wrong:0 \(\(2, 2\)\) doesn't match with shape of tensor amber/kernel"):
        tf.train.init_from_checkpoint(MLP, {"amber/kernel": wrong})
    with pytest.raises(ValueError, match=r"Tensor amber/kernels is not found in .* checkpoint; near names: amber/kernel"):
        tf.train.init_from_checkpoint(MLP, {"amber/kernels": wrong})
    with pytest.raises(ValueError, match="should map to scope only"):
        tf.train.init_from_checkpoint(MLP, {"amber/kernel": "no_such_variable"})
    with pytest.raises(ValueError, match=r"Tensor amber/wrong \(wrong in amber/\) is not found"):
        tf.train.init_from_checkpoint(MLP, {"amber/": "/"})


def test_a_new_model_starts_warm():
    kernel = tf.get_variable("amber/kernel", [6, 4])
    bias = tf.get_variable("amber/bias2", [4])
    tf.get_variable("amber/bias", [4], initializer=tf.zeros_initializer(), trainable=False)
    tf.train.warm_start(MLP, ".*amber", var_name_to_prev_var_name={"amber/bias2": "amber/bias"})
    found = initialized(kernel, bias, "amber/bias:0")
    np.testing.assert_array_equal(found[0], tf.train.load_variable(MLP, "amber/kernel"))
    np.testing.assert_array_equal(found[1], tf.train.load_variable(MLP, "amber/bias"))
    assert not found[2].any()  # not trainable, so an expression leaves it alone; a list of them does not
    tf.train.warm_start(MLP, ["amber/bias$", "amber/bias:0"])
    np.testing.assert_array_equal(initialized("amber/bias:0")[0], tf.train.load_variable(MLP, "amber/bias"))
    with pytest.raises(ValueError, match="that were not used"):
        tf.train.warm_start(MLP, [kernel], var_name_to_prev_var_name={"kernel": "x"})
    with pytest.raises(ValueError, match="must be all"):
        tf.train.warm_start(MLP, [kernel, "x"])
    with pytest.raises(NotImplementedError, match="vocabulary"):
        tf.train.warm_start(MLP, var_name_to_vocab_info={"x": 1})


def test_slices_start_warm():
    folder = str(path("ckpt/partitioned"))
    table = tf.get_variable("table", [11, 3], partitioner=tf.fixed_size_partitioner(2))
    tf.train.warm_start(folder)
    np.testing.assert_array_equal(np.concatenate(initialized(*table)), tf.train.load_variable(folder, "table"))
