"""Names that TF1 programs took from TensorFlow's inner modules, and small public ones beside them."""
import pytest

import graphflow as tf
from graphflow.commands import stand_in


@pytest.fixture
def tensorflow():
    stand_in.install()
    yield
    stand_in.uninstall()


def test_files(tensorflow, tmp_path):
    from tensorflow.python.lib.io import file_io
    folder = str(tmp_path / "a" / "b")
    file_io.recursive_create_dir(folder)
    file_io.write_string_to_file(folder + "/x.txt", "one\ntwo")
    assert file_io.file_exists(folder + "/x.txt")
    assert file_io.read_file_to_string(folder + "/x.txt") == "one\ntwo"
    assert file_io.read_file_to_string(folder + "/x.txt", binary_mode=True) == b"one\ntwo"
    assert file_io.get_matching_files(folder + "/*.txt") == [folder + "/x.txt"]
    assert file_io.list_directory(folder) == ["x.txt"]
    with file_io.FileIO(folder + "/x.txt", mode="r") as f:
        assert f.readline() == "one\n"
    file_io.delete_recursively(str(tmp_path / "a"))
    assert not file_io.is_directory(folder)


def test_devices(tensorflow):
    from tensorflow.python.client import device_lib
    found = device_lib.list_local_devices()
    assert [d.name for d in found if d.device_type == "GPU"] == []
    assert [d.name for d in found] == ["/device:CPU:0"]


def test_structures_shapes_and_averages(tensorflow):
    from tensorflow.python.framework import tensor_shape
    from tensorflow.python.platform import googletest
    from tensorflow.python.training.moving_averages import assign_moving_average
    from tensorflow.python.util import nest
    assert nest.flatten([1, (2,)]) == [1, 2]
    assert nest.is_sequence([1])
    assert tensor_shape.scalar().ndims == 0
    assert tensor_shape.TensorShape([2]).as_list() == [2]
    assert googletest.TestCase is tf.test.TestCase
    with tf.Graph().as_default(), tf.Session() as session:
        w = tf.Variable([0.0, 0.0])
        update = assign_moving_average(w, tf.constant([1.0, 2.0]), 0.75, zero_debias=False)
        session.run(tf.global_variables_initializer())
        assert session.run(update).tolist() == [0.25, 0.5]


def test_the_version_is_one_that_programs_expect(tensorflow):
    import tensorflow
    assert tensorflow.__version__ == tensorflow.VERSION == tf.VERSION
    assert tf.VERSION.startswith("1.")


def test_tables_initializer_runs_the_initializers_of_tables():
    with tf.Graph().as_default(), tf.Session() as session:
        assert session.run(tf.tables_initializer()) is None
        filled = tf.Variable(0)
        tf.add_to_collection(tf.GraphKeys.TABLE_INITIALIZERS, filled.assign(7).op)
        session.run(tf.tables_initializer())
        assert session.run(filled) == 7


def test_init_scope_lies_outside_of_control_dependencies():
    with tf.Graph().as_default():
        first = tf.no_op()
        with tf.control_dependencies([first]):
            with tf.init_scope():
                outside = tf.constant(1)
            inside = tf.constant(1)
        assert outside.op.control_inputs == []
        assert inside.op.control_inputs == [first]


def test_the_name_of_where_in_tf_0():
    with tf.Graph().as_default(), tf.Session() as session, pytest.warns(DeprecationWarning):
        assert session.run(tf.select([True, False], [1, 2], [3, 4])).tolist() == [1, 4]


def test_libraries_of_compiled_operations_are_refused():
    with pytest.raises(NotImplementedError, match="loads no compiled operations; write the operation as a Python function"):
        tf.load_op_library("./zero_out.so")


def test_checks_of_initialization():
    with tf.Graph().as_default(), tf.Session() as session:
        w, v = tf.Variable([1.0]), tf.get_variable("v", [2, 2], use_resource=True)
        with pytest.raises(tf.errors.FailedPreconditionError):
            session.run(tf.assert_variables_initialized())
        session.run(tf.global_variables_initializer())
        assert session.run(tf.assert_variables_initialized()).tolist() == [1, 2]
        assert session.run(tf.is_variable_initialized(variable=w))
        assert session.run(tf.is_variable_initialized(v))


def test_texts_and_bytes(tensorflow):
    import tensorflow as imported
    from tensorflow.compat import as_text
    assert imported.compat.as_str_any(b"word") == as_text(b"word") == "word"
    assert imported.compat.v1.placeholder is tf.placeholder


def test_generated_functions_of_op_types(tensorflow):
    """As programs of guided backpropagation and their own optimizers use them."""
    from tensorflow.python.ops import gen_nn_ops
    from tensorflow.python.training import training_ops
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.constant([1.0, -2.0, 3.0])
        guided = gen_nn_ops._relu_grad(tf.constant([-1.0, 2.0, 5.0]), tf.nn.relu(x))
        assert session.run(guided).tolist() == [-1, 0, 5]
        image = tf.reshape(tf.range(16.0), [1, 4, 4, 1])
        pooled = tf.nn.max_pool(image, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
        back = gen_nn_ops.max_pool_grad(image, pooled, tf.ones_like(pooled), [1, 2, 2, 1], [1, 2, 2, 1], padding="VALID", name="unpool")
        assert back.op.name == "unpool"
        assert session.run(back)[0, :, :, 0].tolist() == [[0, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0], [0, 1, 0, 1]]
        w = tf.Variable([1.0, 2.0])
        session.run(w.initializer)
        assert session.run(training_ops.apply_gradient_descent(w._ref(), 0.5, [1.0, 1.0])).tolist() == [0.5, 1.5]
        with pytest.raises(TypeError, match="relu_grad.. missing 1 required .* 'features'; it takes gradients, features"):
            gen_nn_ops.relu_grad(x)
        with pytest.raises(TypeError, match="an unexpected keyword argument 'foo'"):
            gen_nn_ops.relu_grad(x, x, foo=1)
    with pytest.raises(AttributeError):
        gen_nn_ops.no_such_operation  # noqa: B018


@pytest.mark.parametrize(("op_type", "name"), [
    ("MaxPoolGrad", "max_pool_grad"), ("L2Loss", "l2_loss"), ("Conv2DBackpropInput", "conv2d_backprop_input"), ("TopKV2", "top_kv2"),
    ("AvgPool3DGrad", "avg_pool3d_grad"), ("LRN", "lrn"), ("BatchMatMulV2", "batch_mat_mul_v2"), ("Relu6Grad", "relu6_grad")])
def test_names_of_generated_functions(op_type, name):
    from graphflow.ops.raw import snake
    assert snake(op_type) == name


def test_helpers_of_inner_modules(tensorflow, tmp_path):
    from tensorflow.python.framework import graph_io, random_seed, sparse_tensor
    from tensorflow.python.ops import control_flow_ops, init_ops
    assert sparse_tensor.SparseTensor is tf.SparseTensor
    assert isinstance(tf.zeros_initializer(), init_ops.Initializer)
    with tf.Graph().as_default() as graph:
        random_seed.set_random_seed(3)
        assert random_seed.get_seed(1) == (3, 1)
        first = tf.no_op()
        assert control_flow_ops.with_dependencies([first], tf.constant(1)).op.control_inputs == [first]
        graph_io.write_graph(graph, str(tmp_path), "g.pbtxt")
    assert (tmp_path / "g.pbtxt").exists()
