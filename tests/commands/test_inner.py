"""Inner modules of tensorflow.python that programs imported, and the tutorial's network for MNIST."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.commands import stand_in


@pytest.fixture(autouse=True)
def tensorflow():
    stand_in.install()
    yield
    stand_in.uninstall()


@pytest.mark.parametrize("name", [
    "tensorflow.python.framework.common_shapes", "tensorflow.python.data.ops.dataset_ops", "tensorflow.python.data.util.nest",
    "tensorflow.python.layers.core", "tensorflow.python.layers.convolutional", "tensorflow.core.framework.graph_pb2",
    "tensorflow.python.profiler.model_analyzer", "tensorflow.python.saved_model.tag_constants", "tensorflow.python.training.saver",
    "tensorflow.tensorboard.plugins.projector"])
def test_modules_that_can_be_imported(name):
    assert __import__(name, fromlist=["x"]).__name__ == name


def test_names_behind_inner_modules():
    from tensorflow.core.framework import graph_pb2
    from tensorflow.python.data.ops import dataset_ops
    from tensorflow.python.framework import ops
    from tensorflow.python.layers import base, core
    from tensorflow.python.ops import data_flow_ops
    from tensorflow.python.ops.rnn import rnn_cell_impl
    assert data_flow_ops.FIFOQueue is tf.FIFOQueue and data_flow_ops.StagingArea is tf.contrib.staging.StagingArea
    assert {data_flow_ops.Barrier.__name__, data_flow_ops.MapStagingArea.__name__, data_flow_ops.RecordInput.__name__} == {
        "Barrier", "MapStagingArea", "RecordInput"}
    assert core.Dense is tf.layers.Dense
    assert base.Layer is tf.layers.Layer
    assert dataset_ops.Dataset is tf.data.Dataset
    assert graph_pb2.GraphDef is tf.GraphDef
    assert rnn_cell_impl.LSTMStateTuple is tf.nn.rnn_cell.LSTMStateTuple
    assert ops.uid() < ops.uid()


def test_the_network_of_the_mnist_tutorial_learns():
    from tensorflow.examples.tutorials.mnist import mnist
    assert (mnist.IMAGE_PIXELS, mnist.NUM_CLASSES) == (784, 10)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        images, labels = tf.placeholder(tf.float32, [20, 784]), tf.placeholder(tf.int32, [20])
        logits = mnist.inference(images, 16, 8)
        loss = mnist.loss(logits, labels)
        train, right = mnist.training(loss, 0.1), mnist.evaluation(logits, labels)
        assert [v.op.name for v in tf.trainable_variables()] == [
            f"{layer}/{part}" for layer in ("hidden1", "hidden2", "softmax_linear") for part in ("weights", "biases")]
        assert len(tf.get_collection(tf.GraphKeys.SUMMARIES)) == 1
        session.run(tf.global_variables_initializer())
        feed = {images: np.random.RandomState(0).rand(20, 784), labels: np.arange(20) % 10}
        for _ in range(300):
            session.run(train, feed)
        assert session.run(right, feed) == 20


def test_smart_cond_and_lengths_of_convolutions():
    from tensorflow.python.layers import utils
    with tf.Graph().as_default(), tf.Session() as session:
        flag = tf.placeholder(tf.bool, [])
        either = utils.smart_cond(flag, lambda: tf.constant(1), lambda: tf.constant(2))
        assert [session.run(either, {flag: f}) for f in (True, False)] == [1, 2]
        assert utils.smart_cond(True, lambda: "yes", lambda: "no") == "yes"
        assert utils.smart_cond(tf.constant(False), lambda: "yes", lambda: "no") == "no"
        assert utils.constant_value(flag) is None
    assert utils.convert_data_format("channels_first", 4) == "NCHW"
    for size in (7, 8):
        for padding in ("same", "valid"):
            made = tf.layers.conv1d(tf.zeros([1, size, 1]), 1, 3, strides=2, padding=padding)
            assert utils.conv_output_length(size, 3, padding, 2) == made.shape[1]
            back = tf.layers.conv2d_transpose(tf.zeros([1, size, 1, 1]), 1, [3, 1], strides=(2, 1), padding=padding)
            assert utils.deconv_output_length(size, 3, padding, 2) == back.shape[1]


def test_summaries_of_a_program_of_its_own():
    from tensorflow.python.ops import summary_op_util
    with tf.Graph().as_default():
        for expected in (("f/f/loss", "f/loss/"), ("f/f/loss_1", "f/loss_1/")):
            with summary_op_util.summary_scope("loss", family="f") as pair:
                assert pair == expected
        value = tf.summary.scalar("x", 1.0, collections=[])
        summary_op_util.collect(value, None, ["mine"])
        assert tf.get_collection("mine") == [value]


def test_event_files_by_the_writer_below(tmp_path):
    from tensorflow.python import pywrap_tensorflow
    writer = pywrap_tensorflow.EventsWriter(str(tmp_path / "log").encode())
    writer.WriteEvent(tf.Event(step=3, wall_time=1.0, summary=tf.Summary(value=[tf.Summary.Value(tag="x", simple_value=2.0)])))
    assert writer.Flush() and writer.Close()
    path = writer.FileName().decode()
    assert path.startswith(str(tmp_path / "log.out.tfevents."))
    assert [(e.step, e.summary.value[0].simple_value) for e in tf.train.summary_iterator(path) if e.summary.value] == [(3, 2.0)]


def test_resources_are_made_by_one_operation():
    from tensorflow.python.ops import resources
    with tf.Graph().as_default(), tf.Session() as session:
        assert resources.shared_resources() == []
        session.run(resources.initialize_resources(resources.shared_resources()))
        v = tf.Variable(1.0, name="forest")
        resources.register_resource(v, v.initializer, tf.is_variable_initialized(v))
        missing = resources.report_uninitialized_resources()
        assert session.run(missing).tolist() == [b"forest:0"]
        session.run(resources.initialize_resources(resources.shared_resources()))
        assert session.run(missing).tolist() == []


def test_arguments_are_told_below_decorators():
    from tensorflow.python.util import tf_decorator, tf_inspect

    def plain(a, b=2, *rest, **more):
        """Plain."""

    wrapped = tf_decorator.make_decorator(plain, lambda *a, **k: plain(*a, **k), "around")
    assert wrapped.__name__ == "plain"
    assert tf_inspect.getargspec(wrapped) == (["a", "b"], "rest", "more", (2,))
    assert tf_inspect.getdoc(wrapped) == "Plain."
    assert [d.decorator_name for d in tf_decorator.unwrap(wrapped)[0]] == ["around"]


def test_deprecated_functions_warn_once(caplog):
    from tensorflow.python.util import deprecation

    @deprecation.deprecated("2020-01-01", "Use new.")
    def old(x):
        return x + 1

    @deprecation.deprecated_args(None, "Give b.", "a")
    def takes(a=None, b=None):
        return b

    assert [old(1), old(2)] == [2, 3]
    assert takes(b=4) == 4
    assert "Give b." not in caplog.text
    assert takes(a=1, b=5) == 5
    assert caplog.text.count("Use new.") == caplog.text.count("Give b.") == 1
    assert deprecation.deprecated_argument_lookup("axis", None, "dim", 3) == 3


def test_a_frozen_graph_holds_the_checkpoints_values(tmp_path):
    from tensorflow.python.tools import freeze_graph, inspect_checkpoint
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [2], name="x")
        w = tf.Variable([2.0, 3.0], name="w")
        tf.multiply(x, w, name="y")
        saver = tf.train.Saver()
        session.run(tf.global_variables_initializer())
        prefix = saver.save(session, str(tmp_path / "model"))
        tf.train.write_graph(graph, str(tmp_path), "graph.pbtxt")
    for name, more in (("by_saver.pb", {"input_meta_graph": prefix + ".meta"}), ("by_name.pb", {})):
        freeze_graph.freeze_graph(str(tmp_path / "graph.pbtxt"), "", False, prefix, "y", "save/restore_all", "save/Const:0",
                                  str(tmp_path / name), True, "", **more)
        definition = tf.GraphDef.FromString((tmp_path / name).read_bytes())
        assert not any(node.op.startswith("Var") for node in definition.node)
        with tf.Graph().as_default(), tf.Session() as session:
            x, y = tf.import_graph_def(definition, return_elements=["x:0", "y:0"])
            assert session.run(y, {x: [1, 1]}).tolist() == [2, 3]
    inspect_checkpoint.print_tensors_in_checkpoint_file(prefix, "w", False)
    with pytest.raises(tf.errors.NotFoundError):
        inspect_checkpoint.print_tensors_in_checkpoint_file(prefix + "x", "w", False)


def test_files_beside_the_program():
    assert __file__.startswith(tf.resource_loader.get_data_files_path())
    assert tf.resource_loader.get_path_to_datafile("test_inner.py") == __file__


def test_the_debugger_says_what_to_do_instead():
    from tensorflow.python import debug as tf_debug
    assert tf_debug.has_inf_or_nan(None, [1.0, np.nan])
    assert not hasattr(tf_debug, "LocalCLIDebugWrapperSession")
    with pytest.raises(NotImplementedError, match="tf.add_check_numerics_ops.. finds"):
        tf_debug.LocalCLIDebugWrapperSession  # noqa: B018
