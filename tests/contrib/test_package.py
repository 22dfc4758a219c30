"""tf.contrib is read at its first touch; its inner modules show the names of its namespaces."""
import subprocess
import sys

import pytest

import graphflow as tf


def test_importing_graphflow_reads_nothing_of_contrib():
    code = ("import sys, graphflow as tf; tf.nn.relu; print([m for m in sys.modules if 'contrib' in m], 'contrib' in dir(tf)); "
            "tf.contrib.layers.flatten; print('graphflow._public.contrib_api' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[] True", "True"]


def test_contrib_is_imported_as_modules_too():
    code = ("import graphflow.contrib.slim as slim, graphflow.contrib.layers as layers; from graphflow.contrib.framework import arg_scope; "
            "import graphflow as tf; print(slim.conv2d is layers.conv2d, arg_scope is tf.contrib.slim.arg_scope)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True True"


def test_inner_modules_show_the_names_of_the_namespace():
    inner = tf.contrib.layers.python
    assert inner.layers.utils.collect_named_outputs is tf.contrib.layers.collect_named_outputs
    assert inner.layers.initializers.xavier_initializer is tf.contrib.layers.xavier_initializer
    assert tf.contrib.framework.python.ops.add_arg_scope is tf.contrib.framework.add_arg_scope
    assert "conv2d" in dir(inner.layers)
    with pytest.raises(AttributeError, match=r"tf\.contrib\.layers\.no_such_layer"):
        _ = inner.layers.no_such_layer


def test_slim_shows_the_modules_of_layers():
    slim = tf.contrib.slim
    assert slim.layers.conv2d is slim.initializers.conv2d is slim.conv2d and slim.utils is tf.contrib.layers
    assert slim.variables.get_variables is slim.get_variables
    import graphflow.contrib.slim.layers as layers
    assert layers is tf.contrib.layers


def test_names_of_core_functions_are_the_core_functions():
    assert tf.contrib.framework.get_or_create_global_step is tf.train.get_or_create_global_step
    assert tf.contrib.metrics.streaming_mean is tf.metrics.mean


@pytest.mark.parametrize(("name", "text"), [
    ("cudnn_rnn", "use tf.nn.rnn_cell.LSTMCell"), ("cluster_resolver", "TPUEstimator.use_tpu=False. runs on the CPU"),
    ("bayesflow", "write other densities with tf.math"),
    ("no_such_part", "most of it has a home in the core API")])
def test_absent_parts_say_what_to_use(name, text):
    assert not hasattr(tf.contrib, name)
    with pytest.raises(NotImplementedError, match=text):
        getattr(tf.contrib, name)


def test_keras_by_its_first_name():
    assert tf.contrib.keras.layers is tf.keras.layers
    assert tf.contrib.keras.python.keras.models.Sequential is tf.keras.models.Sequential
    with pytest.raises(AttributeError, match="nothing"):
        tf.contrib.keras.nothing  # noqa: B018
