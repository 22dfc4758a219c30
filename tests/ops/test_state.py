"""Writing parts of variables: against numpy, what goes wrong, who else sees it; and against TensorFlow itself."""

from __future__ import annotations

import numpy as np
import pytest

import graphflow as tf
from tests.ops import state_programs
from tests.oracle.programs import node_differences, run_program, tensorflow_results

HOW = {"update": lambda old, new: new, "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "min": np.minimum,
       "max": np.maximum}
START = state_programs.START


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def variable(request):
    """(variable holding START, session in which it is initialized)"""
    with tf.Graph().as_default(), tf.Session() as session:
        v = state_programs.variable(tf, request.param)
        session.run(v.initializer)
        yield v, session


def expected_rows(indices, updates, how):
    out = START.copy()
    updates = np.broadcast_to(np.asarray(updates, np.float32), np.shape(indices) + START.shape[1:]).reshape(-1, 3)
    for index, row in zip(np.ravel(indices), updates, strict=True):
        out[index] = HOW[how](out[index], row)
    return out


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("indices", [[0], [1, 3], [2, 2, 0], [[1, 1], [3, 0]], 2, []])
def test_rows_written_by_index(variable, how, indices):
    v, session = variable
    shape = np.shape(indices) + (3,)
    updates = np.arange(1, np.prod(shape, dtype=int) + 1, dtype=np.float32).reshape(shape) / 2
    indices = np.asarray(indices, np.int32)
    written = session.run(getattr(tf, f"scatter_{how}")(v, indices, updates))
    np.testing.assert_allclose(written, expected_rows(indices, updates, how), 1e-6)
    np.testing.assert_array_equal(session.run(v), written)


def test_a_scalar_is_written_to_every_row(variable):
    v, session = variable
    np.testing.assert_array_equal(session.run(tf.scatter_add(v, [1, 1, 2], 0.5)), expected_rows([1, 1, 2], 0.5, "add"))


@pytest.mark.parametrize("how", ["update", "add", "sub"])
def test_elements_written_by_coordinates(variable, how):
    v, session = variable
    indices, updates = [[0, 1], [3, 2], [1, 0]], np.float32([5, 6, 7])
    want = START.copy()
    for (i, j), new in zip(indices, updates, strict=True):
        want[i, j] = HOW[how](want[i, j], new)
    np.testing.assert_array_equal(session.run(getattr(tf, f"scatter_nd_{how}")(v, indices, updates)), want)


def test_coordinates_that_repeat_add_up(variable):
    v, session = variable
    got = session.run(tf.scatter_nd_add(v, [[2], [2]], np.ones((2, 3), np.float32)))
    np.testing.assert_array_equal(got[2], START[2] + 2)


def test_whole_variable_by_empty_coordinates(variable):
    v, session = variable
    np.testing.assert_array_equal(session.run(tf.scatter_nd_add(v, np.zeros((2, 0), np.int32), np.stack([START, START]))), START * 3)


def test_integers_divide_towards_zero():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable([-7, 7, 5])
        session.run(v.initializer)
        assert session.run(tf.scatter_div(v, [0, 1, 1], [2, -2, 2])).tolist() == [-3, -1, 5]
        with pytest.raises(tf.errors.InvalidArgumentError, match="division by zero"):
            session.run(tf.scatter_div(v, [0], [0]))


def test_an_index_out_of_range_changes_nothing(variable):
    v, session = variable
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[1\] = 4 is not in \[0, 4\)"):
        session.run(tf.scatter_update(v, [0, 4], np.zeros((2, 3), np.float32)))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"indices\[0\] = -1 is not in"):
        session.run(tf.scatter_add(v, [-1], 1.0))
    with pytest.raises(tf.errors.InvalidArgumentError, match="does not index into"):
        session.run(tf.scatter_nd_update(v, [[0, 3]], [1.0]))
    np.testing.assert_array_equal(session.run(v), START)


def test_updates_of_another_shape_are_refused():
    with tf.Graph().as_default():
        v = tf.Variable(START)
        with pytest.raises(ValueError, match=r"indices.shape \+ params.shape\[1:\]"):
            tf.scatter_update(v, [0, 1], np.zeros((2, 2), np.float32))
        with pytest.raises(ValueError, match=r"params_shape\[2:\]"):
            tf.scatter_nd_update(v, [[0, 1]], [[1.0]])
        with pytest.raises(TypeError, match="not IndexedSlices"):
            v.scatter_add(START)


def test_values_read_before_a_write_stay(variable):
    v, session = variable
    before = tf.identity(v)
    with tf.control_dependencies([before]):
        written = tf.scatter_add(v, [0], 1.0)
    first, second = session.run([before, written])
    np.testing.assert_array_equal(first, START)
    np.testing.assert_array_equal(second, expected_rows([0], 1.0, "add"))
    kept = second.copy()
    session.run(written)
    np.testing.assert_array_equal(second, kept)


@pytest.mark.parametrize("view", ["transpose", "slice", "reshape", "identity", "used later"])
def test_views_of_a_variable_fetched_with_a_write_stay(variable, view):
    v, session = variable
    value = v.read_value()
    read = {"transpose": lambda: tf.transpose(value), "slice": lambda: value[:, 1:], "reshape": lambda: tf.reshape(value, [3, 4]),
            "identity": lambda: tf.identity(value), "used later": lambda: tf.reduce_sum(tf.transpose(value) * 2.0, 0)}[view]()
    with tf.control_dependencies([read]):
        written = tf.scatter_add(v, [0, 2], 10.0)
        after = tf.identity(written) * 1.0
    seen = {"transpose": lambda a: a.T, "slice": lambda a: a[:, 1:], "reshape": lambda a: a.reshape(3, 4), "identity": lambda a: a,
            "used later": lambda a: 2 * a.sum(1)}[view]
    for step in range(2):
        got, _, new = session.run([read, written, after])
        before = START.copy()
        before[[0, 2]] += 10 * step
        np.testing.assert_array_equal(got, seen(before))
        np.testing.assert_array_equal(new[0], START[0] + 10 * (step + 1))


def test_rows_trade_places(variable):
    v, session = variable
    swapped = tf.scatter_update(v, [1, 0], tf.gather(v, [0, 1]))
    np.testing.assert_array_equal(session.run(swapped), START[[1, 0, 2, 3]])
    np.testing.assert_array_equal(session.run(swapped), START)


def test_two_writes_in_one_run(variable):
    v, session = variable
    first = tf.scatter_update(v, [0], 9.0)
    with tf.control_dependencies([first]):
        second = tf.scatter_update(v, [1], 8.0)
    a, b = session.run([first * 1.0, second * 1.0])
    assert b[:2].tolist() == [[9.0] * 3, [8.0] * 3]
    assert a[0].tolist() == [9.0] * 3


def test_neither_fed_arrays_nor_constants_nor_initial_values_are_written(variable):
    v, session = variable
    constant = tf.constant(START)
    fed = tf.placeholder(tf.float32, [4, 3])
    array = START.copy()
    for source, feeds in ((constant, {}), (fed, {fed: array})):
        assigned = tf.assign(v, source)
        with tf.control_dependencies([assigned]):
            written = tf.scatter_update(v, [0], 99.0)
        for _ in range(2):
            got = session.run(written, feeds)
            assert (got[0] == 99).all()
        np.testing.assert_array_equal(session.run(source, feeds), START)
    np.testing.assert_array_equal(array, START)
    session.run(v.initializer)
    np.testing.assert_array_equal(session.run(v), START)


def test_writes_to_what_an_assignment_returns():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(START)
        written = tf.scatter_add(tf.assign(v, START), [1], 1.0)
        for _ in range(2):
            np.testing.assert_array_equal(session.run(written), expected_rows([1], 1.0, "add"))


def test_an_uninitialized_variable_is_named(variable):
    v, _ = variable
    with tf.Session() as other:
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized"):
            other.run(tf.scatter_add(v, [0], 1.0))


@pytest.mark.parametrize("resource", [False, True])
def test_a_counter_ends_at_its_limit(resource):
    with tf.Graph().as_default(), tf.Session() as session:
        v = state_programs.variable(tf, resource, np.int32(0))
        session.run(v.initializer)
        count = tf.count_up_to(v, 3)
        assert [session.run(count) for _ in range(3)] == [0, 1, 2]
        for _ in range(2):
            with pytest.raises(tf.errors.OutOfRangeError, match="Reached limit of 3"):
                session.run(count)
        assert session.run(v) == 3
        assert session.run(v.count_up_to(5)) == 3


def test_rows_of_text():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(["a", "b", "c"])
        session.run(v.initializer)
        assert session.run(tf.scatter_update(v, [2, 0], ["x", "yy"])).tolist() == [b"yy", b"b", b"x"]


def test_batches_of_rows():
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.Variable(START)
        session.run(v.initializer)
        slices = tf.IndexedSlices(tf.constant([[1.0], [2.0], [3.0], [4.0]]), tf.constant([[1], [0], [2], [1]]))
        got = session.run(v.batch_scatter_update(slices))
        want = START.copy()
        want[[0, 1, 2, 3], [1, 0, 2, 1]] = [1, 2, 3, 4]
        np.testing.assert_array_equal(got, want)


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.state_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", sorted(n for n in vars(state_programs) if n.startswith("program_")))
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours = run_program(getattr(state_programs, name), tf)
    assert not node_differences(ours["nodes"], theirs[name]["nodes"])
    for got, want in zip(ours["runs"], theirs[name]["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_allclose(a, b, 1e-6)
