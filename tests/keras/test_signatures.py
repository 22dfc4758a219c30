"""Constructors that are made, not written, have TensorFlow's arguments, by name and by position."""
import inspect

import pytest

import graphflow as tf

K = tf.keras


@pytest.mark.parametrize(("made", "names"), [
    (K.losses.Huber, "delta reduction name"), (K.losses.Hinge, "reduction name"), (K.metrics.BinaryAccuracy, "name dtype threshold"),
    (K.metrics.TopKCategoricalAccuracy, "k name dtype"),
    (K.layers.LSTM, "units activation recurrent_activation use_bias kernel_initializer recurrent_initializer bias_initializer "
     "unit_forget_bias kernel_regularizer recurrent_regularizer bias_regularizer activity_regularizer kernel_constraint "
     "recurrent_constraint bias_constraint dropout recurrent_dropout implementation return_sequences return_state go_backwards stateful "
     "unroll time_major kwargs")])
def test_arguments_are_tensorflows(made, names):
    assert list(inspect.signature(made).parameters) == names.split()


def test_arguments_are_bound_by_position_and_name():
    layer = K.layers.LSTM(3, "relu", "sigmoid", False, return_sequences=True, name="l", input_shape=(4, 2))
    config = layer.get_config()
    assert [config[key] for key in ("units", "activation", "recurrent_activation", "use_bias", "return_sequences", "name")] == [
        3, "relu", "sigmoid", False, True, "l"]
    assert K.losses.Huber(2.0).get_config()["delta"] == 2.0
    assert K.metrics.TopKCategoricalAccuracy(3, "top").get_config() == {"name": "top", "dtype": "float32", "k": 3}


@pytest.mark.parametrize(("make", "text"), [
    (lambda: K.losses.Hinge(margin=2), r"Hinge.__init__\(\): .*unexpected keyword argument 'margin'; its arguments are \(reduction, name"),
    (lambda: K.metrics.Accuracy("a", None, 3), r"Accuracy.__init__\(\): too many positional arguments")])
def test_others_are_refused_with_those_that_there_are(make, text):
    with pytest.raises(TypeError, match=text):
        make()
