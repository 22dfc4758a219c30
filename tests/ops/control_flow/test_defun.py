"""Functions made by Defun: values, gradients, captures, and calls in graphs that are written and read again."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.ops.control_flow.defun import Defun


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as made:
        yield made


def run(*fetches):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(list(fetches))


def test_a_call_is_one_node_of_the_functions_type(graph):
    @Defun(tf.float32, tf.float32)
    def both(x, y):
        return x * y + 1.0, x - y
    a, b = both(tf.constant(2.0), tf.constant(3.0))
    again, _ = both(a, 1.0)
    assert run(a, b, again) == [7.0, -1.0, 8.0]
    assert a.op.type == both.name == again.op.type and [op.type for op in graph.get_operations()].count(both.name) == 2
    library = graph.as_graph_def().library.function
    assert [f.signature.name for f in library] == [both.name] and [arg.name for arg in both.definition.signature.input_arg] == ["x", "y"]


def test_gradients_of_two_orders_and_through_captures():
    x, w = tf.constant(3.0), tf.get_variable("w", initializer=2.0, use_resource=True)

    @Defun(tf.float32)
    def cube(v):
        return v * v * v * w
    y = cube(x)
    first, by_w = tf.gradients(y, [x, w])
    assert run(y, first, by_w, tf.gradients(first, x)[0]) == [54.0, 54.0, 27.0, 36.0]
    assert run(cube(x)) == [54.0] and len(cube.captured_inputs) == 1


def test_types_of_the_call_where_none_are_given():
    @Defun()
    def plus(x, y):
        return x + y
    assert run(plus(tf.constant(3.0), tf.constant(4.0)), plus(tf.constant(1), tf.constant(2))) == [7.0, 3]


def test_gradients_that_the_program_gives():
    @Defun(tf.float32, tf.float32)
    def sevenfold(x, dy):
        return dy * 7.0

    @Defun(tf.float32, grad_func=sevenfold)
    def square(x):
        return x * x

    @Defun(tf.float32, python_grad_func=lambda op, dy: dy * op.inputs[0] * 100.0)
    def other(x):
        return x * x
    x = tf.constant(3.0)
    assert run(*tf.gradients(square(x), x), *tf.gradients(other(x), x)) == [7.0, 300.0]


def test_shapes_by_a_function_and_names_by_an_argument():
    @Defun(tf.float32, func_name="Doubled", shape_func=lambda op: [op.inputs[0].get_shape()])
    def double(x):
        return x * 2.0
    y = double(tf.zeros([2, 3]), name="twice")
    assert y.shape.as_list() == [2, 3] and y.op.type == "Doubled" and y.name == "twice:0"
    loop = tf.while_loop(lambda i, _: i < 3, lambda i, a: (i + 1, double(a)), [0, tf.ones([2])])[1]
    assert run(loop)[0].tolist() == [8, 8]


def test_what_the_graph_def_holds_runs_elsewhere(graph):
    @Defun(tf.float32)
    def square(x):
        return x * x
    x = tf.placeholder_with_default(3.0, [], name="x")
    tf.identity(square(x), name="y")
    message = graph.as_graph_def()
    with tf.Graph().as_default():
        (y,) = tf.import_graph_def(message, return_elements=["y:0"])
        assert run(y, tf.gradients(y, tf.get_default_graph().get_tensor_by_name("import/x:0"))[0]) == [9.0, 6.0]


def test_wrong_calls_are_refused():
    @Defun(tf.float32)
    def square(x):
        return x * x
    with pytest.raises(ValueError, match="Expected 1 arguments, got 2"):
        square(1.0, 2.0)
    with pytest.raises(ValueError, match="passed int32 expected float32"):
        square(tf.constant(1))
    with pytest.raises(ValueError, match="Gradient defined twice"):
        Defun(tf.float32, grad_func=square, python_grad_func=lambda op, dy: dy)(lambda x: x)
    with pytest.raises(tf.errors.InvalidArgumentError, match="an op with the same name already exists"):
        Defun(tf.float32, func_name="Square")(lambda x: x)


def test_effects_run_with_the_call():
    v = tf.get_variable("v", initializer=1.0, use_resource=True)

    @Defun(tf.float32)
    def add(x):
        v.assign_add(x)
    with tf.Session() as session:
        session.run(v.initializer)
        session.run(add(2.0))
        np.testing.assert_equal(session.run(v), 3.0)
