"""Math functions: operators on mixed operands, Python functions, prints, checks, old names; and nodes against TensorFlow's."""

from __future__ import annotations

import sys
import warnings

import numpy as np
import pytest

import graphflow as tf
from tests.ops import math_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

PROGRAMS = sorted(name for name in vars(math_programs) if name.startswith("program_"))


@pytest.fixture
def session():
    with tf.Graph().as_default(), tf.Session() as session:
        yield session


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.math_programs", tensorflow_python, tmp_path_factory.mktemp("math"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_nodes_and_values_are_those_of_tensorflow(theirs, name):
    ours = run_program(vars(math_programs)[name], tf)
    assert not node_differences(ours["nodes"], theirs[name]["nodes"])
    for mine, wanted in zip(ours["runs"][0], theirs[name]["runs"][0], strict=True):
        np.testing.assert_allclose(mine, wanted, 2e-5, 1e-6)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice_alike(name):
    first, second = run_program(vars(math_programs)[name], tf)["runs"]
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_numpy_arrays_leave_operators_to_tensors(session):
    x = tf.constant([1.0, 2.0])
    array = np.array([3.0, 4.0], np.float32)
    for found, wanted in ((array + x, [4, 6]), (array * x, [3, 8]), (array - x, [2, 2]), (array / x, [3, 2]), (np.float32(2) * x, [2, 4])):
        assert isinstance(found, tf.Tensor)
        np.testing.assert_array_equal(session.run(found), wanted)


def test_equality_of_tensors_is_identity(session):
    x = tf.constant(1.0)
    assert x == x and x != tf.constant(1.0) and len({x, x}) == 1


@pytest.mark.parametrize("build", [lambda x: x + tf.constant([1]), lambda x: x / tf.constant([1]), lambda x: tf.multiply(x, "a")])
def test_operands_of_two_dtypes_are_refused(session, build):
    with pytest.raises(TypeError):
        build(tf.constant([1.0]))


def test_a_product_of_booleans_is_and(session):
    np.testing.assert_array_equal(session.run(tf.constant([True, True, False]) * tf.constant([True, False, False])), [True, False, False])


def test_bfloat16_arithmetic_keeps_its_dtype(session):
    x = tf.cast(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.bfloat16)
    for y in (x + x, x * 2.0, tf.exp(x), tf.matmul(x, x), tf.reduce_sum(x, 0), tf.reduce_mean(x), tf.maximum(x, 2.0), tf.tanh(x)):
        assert y.dtype == tf.bfloat16
        assert session.run(y).dtype == tf.bfloat16.as_numpy_dtype
    np.testing.assert_array_equal(session.run(tf.cast(tf.matmul(x, x), tf.float32)), [[7, 10], [15, 22]])


def test_integer_division_by_zero_is_an_error_at_run(session):
    divisor = tf.placeholder_with_default([1, 0], [2])
    for y in (tf.constant([1, 2]) // divisor, tf.constant([1, 2]) % divisor):
        with pytest.raises(tf.errors.InvalidArgumentError, match="Integer division by zero"):
            session.run(y)


def test_old_argument_names_of_reductions(session):
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    np.testing.assert_array_equal(session.run(tf.reduce_sum(x, reduction_indices=[1], keep_dims=True)), [[3], [7]])
    with pytest.raises(ValueError, match="Cannot specify both 'axis' and 'reduction_indices'"):
        tf.reduce_sum(x, axis=0, reduction_indices=1)
    np.testing.assert_array_equal(session.run(tf.argmax(x, dimension=1)), [1, 1])


@pytest.mark.parametrize(("old", "arguments", "wanted"), [("mul", (2.0, 3.0), 6.0), ("sub", (2.0, 3.0), -1.0), ("neg", (2.0,), -2.0),
                                                          ("inv", (4.0,), 0.25)])
def test_old_names_work_with_a_warning(session, old, arguments, wanted):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert session.run(getattr(tf, old)(*arguments)) == wanted


def test_py_func_gets_arrays_once_per_run_and_has_the_gradient_that_is_registered(session):
    seen = []

    @tf.RegisterGradient("TripleGradient")
    def _triple(op, dy):
        return dy * 3.0
    x = tf.placeholder(tf.float32, [2])
    with tf.get_default_graph().gradient_override_map({"PyFunc": "TripleGradient"}):
        y = tf.py_func(lambda a: seen.append(a) or a * 3, [x], tf.float32)
    value, slope = session.run([y, tf.gradients(y, x)[0]], {x: [1, 2]})
    np.testing.assert_array_equal(value, [3, 6])
    np.testing.assert_array_equal(slope, [3, 3])
    assert len(seen) == 1 and isinstance(seen[0], np.ndarray)


def test_py_func_refuses_another_dtype_than_declared(session):
    with pytest.raises(tf.errors.InvalidArgumentError, match="0-th value returned by pyfunc_.* is double, but expects float"):
        session.run(tf.py_func(lambda: np.float64(1), [], tf.float32))


def test_numpy_function_as_a_decorator(session):
    @tf.numpy_function(Tout=tf.float32)
    def double(a):
        return a + a
    assert session.run(double(tf.constant(2.0))) == 4


def test_print_shows_its_data_on_stderr(session, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        x = tf.Print(tf.constant(1.0), [tf.constant([[1.5, 2], [3, 4]]), tf.constant("text")], message="now: ", first_n=2)
    for _ in range(3):
        session.run(x)
    assert capfd.readouterr().err == "now: [[1.5 2][3...]...][text]\n" * 2


def test_print_makes_an_operation(session, capfd):
    x = tf.constant([1.5, 2.0, 3.0])
    for operation in (tf.print("x is", x, [1, x[0]], sep=": "), tf.print(tf.constant("alone"), output_stream=sys.stdout)):
        assert session.run(operation) is None
    written = capfd.readouterr()
    assert written.err == "x is: [1.5 2 3]: [1, 1.5]\n" and written.out == "alone\n"
    with pytest.raises(ValueError, match="Unsupported output stream"):
        tf.print("a", output_stream="nowhere")


def test_assertions_that_static_values_decide_fail_at_once(session):
    with pytest.raises(tf.errors.InvalidArgumentError, match="Condition x == y did not hold"):
        tf.assert_equal(tf.constant(1), tf.constant(2))
    with pytest.raises(TypeError, match="to be integer type"):
        tf.assert_integer(tf.constant(1.0))
    with pytest.raises(ValueError, match="Expected scalar shape"):
        tf.assert_scalar(tf.constant([1.0]))
    tf.assert_proper_iterable([1])
    with pytest.raises(TypeError, match="proper"):
        tf.assert_proper_iterable("text")
    assert tf.assert_same_float_dtype([tf.constant(1.0)]) == tf.float32


def test_shapes_are_checked_together(session):
    x, y = tf.placeholder(tf.float32, [None, 3]), tf.placeholder(tf.float32, [None])
    check = tf.debugging.assert_shapes({x: ("N", 3), y: ("N",)})
    session.run(check, {x: np.zeros((2, 3)), y: np.zeros(2)})
    with pytest.raises(tf.errors.InvalidArgumentError, match="must have size"):
        session.run(check, {x: np.zeros((2, 3)), y: np.zeros(4)})
    with pytest.raises(ValueError, match="must have size 4"):
        tf.debugging.assert_shapes([(x, ("N", 4))])


def test_every_floating_tensor_is_checked_for_nan(session):
    x = tf.placeholder(tf.float32, [])
    tf.log(x, name="the_log")
    check = tf.add_check_numerics_ops()
    session.run(check, {x: 1.0})
    with pytest.raises(tf.errors.InvalidArgumentError, match="the_log:0 : Tensor had NaN values"):
        session.run(check, {x: -1.0})


def test_gradients_of_a_tree_and_of_slices(session):
    x = tf.constant([[1.0], [2.0], [3.0]])
    slices = tf.gradients([tf.gather(x, [0, 1]), tf.gather(x, [1])], x)[0]
    assert isinstance(slices, tf.IndexedSlices)
    np.testing.assert_array_equal(session.run(tf.convert_to_tensor(slices)), [[1], [2], [0]])
    y = x * x + x * 2.0 + tf.exp(x)
    wanted = np.exp([[1], [2], [3]]) + [[4], [6], [8]]
    for method in (tf.AggregationMethod.ADD_N, tf.AggregationMethod.EXPERIMENTAL_TREE):
        np.testing.assert_allclose(session.run(tf.gradients(y, x, aggregation_method=method)[0]), wanted, 1e-6)


def test_einsum_refuses_malformed_equations(session):
    x = tf.ones([2, 3])
    for equation, words in (("ij->k", "not present"), ("ij,jk->ik", "expecting 2"), ("ij->ii", "more than once"),
                            ("i%->i", "incorrect format")):
        with pytest.raises(ValueError, match=words):
            tf.einsum(equation, x)


def test_singular_systems_and_bad_norms_are_named(session):
    with pytest.raises(tf.errors.InvalidArgumentError, match="not invertible"):
        session.run(tf.matrix_solve(tf.zeros([2, 2]), tf.ones([2, 1])))
    with pytest.raises(ValueError, match="must be a supported vector norm"):
        tf.norm(tf.ones([2]), ord=-1)


@pytest.mark.parametrize("name", ["erf", "lgamma", "digamma"])
def test_special_functions_at_their_edges(session, name):
    scipy = pytest.importorskip("scipy.special")
    x = np.array([0.1, 0.5, 1.0, 2.0, 7.5, 40.0, 1e4])
    wanted = {"erf": scipy.erf, "lgamma": scipy.gammaln, "digamma": scipy.psi}[name](x)
    np.testing.assert_allclose(session.run(getattr(tf, name)(x)), wanted, 1e-13, 1e-14)


@pytest.mark.parametrize("keepdims", [False, True])
def test_a_reduction_over_no_axes_of_unknown_rank(session, keepdims):
    x = tf.placeholder(tf.float32)
    total = tf.reduce_sum(x, axis=np.zeros(0, np.int32), keepdims=keepdims)
    assert total.shape.dims is None
    assert session.run(total, {x: [[1, 2]]}).tolist() == [[1, 2]]
