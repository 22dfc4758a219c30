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
