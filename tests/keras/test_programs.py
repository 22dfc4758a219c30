"""Keras programs give what TensorFlow's give: names, tables, configs, outputs, training curves, weights, what is printed."""
import importlib

import pytest

import graphflow as tf
from tests.eager.switched import eagerly
from tests.keras.running import EAGER, MODULES, differences, golden, programs, run_program, tensorflow_results

NAMES = [(module, name) for module in MODULES for name in programs(module)]


@pytest.mark.parametrize("module, name", NAMES)
def test_a_program_gives_what_tensorflow_gave(module, name):
    ours, theirs = run_program(programs(module)[name], tf), golden(module)[name]
    assert differences(ours, theirs) == []


@pytest.mark.parametrize("module, name", [(module, name) for module in EAGER for name in programs(module)])
def test_an_eager_program_gives_what_tensorflow_gave(module, name):
    with eagerly(v2=True):
        tf2 = importlib.import_module("graphflow.compat.v2")
        ours, theirs = run_program(programs(module)[name], tf2), golden(module)[name]
    assert differences(ours, theirs) == []


@pytest.mark.slow
@pytest.mark.parametrize("module, name", NAMES)
def test_a_graph_program_gives_the_same_eagerly(module, name):
    with eagerly():
        ours, theirs = run_program(programs(module)[name], tf), golden(module)[name]
    assert differences(ours, theirs) == []


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize("module", (*MODULES, *EAGER))
def test_tensorflow_gives_what_is_kept_of_it(module, tensorflow_python):
    now = tensorflow_results(module, tensorflow_python)
    assert sorted(now) == sorted(golden(module)) and differences(now, golden(module)) == []


def test_the_namespaces_of_tensorflow_2_are_modules():
    with eagerly(v2=True):
        tf2 = importlib.import_module("graphflow.compat.v2")
        assert importlib.import_module("graphflow.compat.v2.keras.layers") is tf2.keras.layers
        assert tf2.keras.layers.LSTM(2).recurrent_activation is tf.keras.activations.sigmoid
        assert tf.keras.layers.LSTM(2).recurrent_activation is tf.keras.activations.hard_sigmoid
