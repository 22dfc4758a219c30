"""Weights of layers as arrays and arguments of layers as dictionaries; the dictionaries are those that TensorFlow 1.15 prints."""
import numpy as np
import pytest

import graphflow as tf

ZEROS = {"class_name": "Zeros", "config": {"dtype": "float32"}}
REST = {"bias_constraint": None, "bias_initializer": ZEROS, "bias_regularizer": None, "kernel_constraint": None, "kernel_regularizer": None,
        "activity_regularizer": None, "use_bias": True, "trainable": True, "dtype": None}
INNER = {"name": "i", "trainable": True, "dtype": None, "num_units": 2, "forget_bias": 1.0, "state_is_tuple": True, "activation": "tanh",
         "reuse": None}


def inner():
    return tf.nn.rnn_cell.BasicLSTMCell(2, name="i")


CASES = {
    "dense": (lambda: tf.layers.Dense(3, tf.nn.relu, kernel_initializer=tf.zeros_initializer(), name="d"),
              {**REST, "activation": "relu", "kernel_initializer": ZEROS, "name": "d", "units": 3}),
    "conv2d": (lambda: tf.layers.Conv2D(2, 3, padding="same", name="c"),
               {**REST, "activation": "linear", "data_format": "channels_last", "dilation_rate": (1, 1), "filters": 2,
                "kernel_initializer": None, "kernel_size": (3, 3), "name": "c", "padding": "same", "strides": (1, 1)}),
    "dropout": (lambda: tf.layers.Dropout(0.3, name="o"),
                {"dtype": None, "name": "o", "noise_shape": None, "rate": 0.3, "seed": None, "trainable": True}),
    "pool": (lambda: tf.layers.MaxPooling2D(2, 2, name="p"),
             {"data_format": "channels_last", "dtype": None, "name": "p", "padding": "valid", "pool_size": (2, 2), "strides": (2, 2),
              "trainable": True}),
    "lstm": (lambda: tf.nn.rnn_cell.LSTMCell(4, name="l"),
             {"activation": "tanh", "cell_clip": None, "dtype": None, "forget_bias": 1.0, "initializer": None, "name": "l",
              "num_proj": None, "num_proj_shards": None, "num_unit_shards": None, "num_units": 4, "proj_clip": None, "reuse": None,
              "state_is_tuple": True, "trainable": True, "use_peepholes": False}),
    "wrapper": (lambda: tf.nn.rnn_cell.DropoutWrapper(inner(), 0.5, name="w"),
                {"cell": {"class_name": "BasicLSTMCell", "config": INNER}, "dtype": None, "input_keep_prob": 0.5, "input_size": None,
                 "name": "w", "output_keep_prob": 1.0, "seed": None, "state_keep_prob": 1.0, "trainable": True,
                 "variational_recurrent": False}),
}


@pytest.mark.parametrize("name", CASES)
def test_a_config_is_tensorflows_and_makes_such_a_layer(name):
    make, expected = CASES[name]
    layer = make()
    assert layer.get_config() == expected
    assert type(layer).from_config(layer.get_config()).get_config() == expected


def test_a_stack_of_cells_is_made_from_its_config():
    stack = tf.nn.rnn_cell.MultiRNNCell([inner(), tf.nn.rnn_cell.ResidualWrapper(inner())])
    twin = type(stack).from_config(stack.get_config())
    assert twin.state_size == stack.state_size and twin.get_config()["cells"] == stack.get_config()["cells"]


def test_a_class_of_the_programs_own_must_keep_its_arguments():
    class Scaled(tf.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(NotImplementedError, match="does not keep its argument 'factor'"):
        Scaled(2.0).get_config()


def test_weights_are_read_and_set_in_the_default_session():
    layer = tf.layers.Dense(2, kernel_initializer=tf.ones_initializer(), name="d")
    layer(tf.placeholder(tf.float32, [None, 3]))
    with pytest.raises(RuntimeError, match="needs a session"):
        layer.get_weights()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        kernel, bias = layer.get_weights()
        assert kernel.tolist() == [[1.0, 1.0]] * 3 and bias.tolist() == [0.0, 0.0]
        layer.set_weights([kernel + 1, bias - 1])
        assert session.run(layer.kernel)[0, 0] == 2 and session.run(layer.bias)[0] == -1
        with pytest.raises(ValueError, match=r"d/bias:0 of layer 'd' has shape \(2,\), the value for it \(3,\)"):
            layer.set_weights([np.zeros((3, 2)), np.zeros(3)])
        with pytest.raises(ValueError, match="has 2 weights"):
            layer.set_weights([kernel])
        assert layer.get_weights()[0][0, 0] == 2


def test_the_signature_of_the_output_is_told_from_that_of_the_input():
    layer = tf.layers.Dense(2)
    assert layer.compute_output_signature(tf.TensorSpec([None, 4], tf.float32)) == tf.TensorSpec([None, 2], tf.float32)
    assert layer.compute_mask(None) is None
