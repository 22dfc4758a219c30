"""`tf.profiler`: counts of TensorFlow 2.21 for the same graph."""

import pytest

import graphflow as tf
from graphflow.profiler.flops import float_operations

Builder = tf.profiler.ProfileOptionBuilder


@pytest.fixture
def model():
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [4, 8, 8, 3])
        w = tf.get_variable("conv/w", [3, 3, 3, 5])
        b = tf.get_variable("conv/b", [5])
        y = tf.nn.relu(tf.nn.bias_add(tf.nn.conv2d(x, w, [1, 1, 1, 1], "SAME"), b))
        pooled = tf.nn.max_pool(y, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
        v = tf.get_variable("fc/w", [80, 10])
        z = tf.matmul(tf.reshape(pooled, [4, 80]), v) + 1.0
        loss = tf.reduce_mean(tf.square(tf.nn.softmax(z)))
        tf.train.GradientDescentOptimizer(0.1).minimize(loss + tf.nn.l2_loss(v))
        tf.get_variable("counter", [7], trainable=False)
        yield graph


def silent(options):
    return {**options, "output": "none"}


# printed by TensorFlow 2.21 for this graph
COUNTS = {
    "Conv2D": 69120, "BiasAdd": 1280, "MaxPool": 1280, "MatMul": 6400, "add": 40, "Softmax": 200, "Square": 40, "Mean": 40, "L2Loss": 2399,
    "add_1": 1, "gradients/Softmax_grad/Sum": 36, "gradients/add_grad/Sum": 39, "gradients/MatMul_grad/MatMul": 6400,
    "gradients/MatMul_grad/MatMul_1": 6400, "gradients/AddN": 800, "gradients/MaxPool_grad/MaxPoolGrad": 1600,
    "gradients/BiasAdd_grad/BiasAddGrad": 1275, "gradients/Conv2D_grad/Conv2DBackpropFilter": 69120, "fc/w/Initializer/random_uniform": 800,
}  # fmt: skip


def test_float_operations_are_counted_as_tensorflow_does(model):
    found = {name: float_operations(model.get_operation_by_name(name)) for name in COUNTS if name in model._by_name}
    assert found == {name: COUNTS[name] for name in found} and len(found) >= 17
    assert float_operations(model.get_operation_by_name("Relu")) is None


def test_totals_by_scope(model):
    profile = tf.profiler.profile(model, cmd="scope", options=silent(Builder.float_operation()))
    assert profile.name == "_TFProfRoot"
    assert profile.total_float_ops == sum(float_operations(op) or 0 for op in model.get_operations())
    assert profile.children[0].total_float_ops == max(c.total_float_ops for c in profile.children)


def test_parameters_of_trainable_variables(model):
    profile = tf.profiler.profile(model, options=silent(Builder.trainable_variables_parameter()))
    assert profile.total_parameters == 940
    assert [(c.name, c.total_parameters, [g.name for g in c.children]) for c in profile.children] == [
        ("conv", 140, ["conv/b", "conv/w"]), ("fc", 800, ["fc/w"]),
    ]  # fmt: skip
    assert profile.children[0].children[1].parameters == 135


def test_by_type_and_graph(model):
    profile = tf.profiler.profile(model, cmd="op", options=silent(Builder.float_operation()))
    groups = {c.name: c for c in profile.children}
    assert groups["MatMul"].float_ops == 3 * 6400 and len(groups["MatMul"].graph_nodes) == 3
    assert [d.size for d in groups["Conv2D"].graph_nodes[0].input_shapes[1].dim] == [3, 3, 3, 5]
    assert tf.profiler.profile(model, cmd="graph", options=silent(Builder.float_operation())).total_float_ops == profile.total_float_ops
    with pytest.raises(NotImplementedError, match="'code'"):
        tf.profiler.profile(model, cmd="code")


def test_times_of_a_traced_run():
    with tf.Graph().as_default() as graph, tf.Session() as session:
        x = tf.placeholder(tf.float32, [50, 60], name="x")
        y = tf.matmul(x, tf.ones([60, 70]), name="y")
        metadata = tf.RunMetadata()
        session.run(y, {x: [[1.0] * 60] * 50}, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
        profile = tf.profiler.profile(graph, metadata, options=silent(Builder.time_and_memory()))
    (node,) = [c for c in profile.children if c.name == "y"]
    assert node.exec_micros >= 1 and node.requested_bytes == 50 * 70 * 4 and profile.total_exec_micros >= node.exec_micros


def test_reports(model, tmp_path, capsys):
    tf.profiler.profile(model, options=Builder.trainable_variables_parameter())
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "_TFProfRoot (0/940 params)" and "    conv/w (135/135 params)" in lines
    options = Builder(Builder.float_operation()).with_file_output(str(tmp_path / "r")).with_min_float_operations(6000).build()
    tf.profiler.profile(model, options=options)
    text = (tmp_path / "r").read_text()
    assert "Conv2D (69120/69120 float_ops)" in text and "Softmax (" not in text
    shallow = Builder(Builder.trainable_variables_parameter()).with_max_depth(1).with_empty_output()
    profile = tf.profiler.profile(model, options=shallow.with_node_names(hide_name_regexes=["fc"]).build())
    assert [c.name for c in profile.children] == ["conv"] and not profile.children[0].children
    with pytest.raises(NotImplementedError, match="Timeline"):
        Builder().with_timeline_output("x")
