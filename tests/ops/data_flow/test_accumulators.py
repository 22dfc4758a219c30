"""Accumulators: the same programs in TensorFlow, what is refused, and takes that wait in threads."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from google.protobuf import text_format

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results

from . import accumulator_programs

PROGRAMS = sorted(name for name in vars(accumulator_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice_alike(name):
    first, second = run_program(getattr(accumulator_programs, name), tf)["runs"]
    assert [a.tolist() for a in first] == [b.tolist() for b in second]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.data_flow.accumulator_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(accumulator_programs, name), tf), theirs[name]
    assert not node_differences(ours["nodes"], expected["nodes"])
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            assert (a.dtype, a.shape) == (b.dtype, b.shape)
            np.testing.assert_allclose(a, b, rtol=1e-6)


def dense(shape=(2,), dtype=tf.float32, **more):
    return tf.ConditionalAccumulator(dtype, shape=shape, **more)


def sparse(shape=(5, 2), **more):
    return tf.SparseConditionalAccumulator(tf.float32, shape=shape, **more)


@pytest.mark.parametrize("make, error, message", [
    (lambda: dense().apply_grad(tf.constant([1, 2])), ValueError, "requested dtype float32"),
    (lambda: dense().apply_grad([1.0, 2.0, 3.0]), ValueError, "incompatible"),
    (lambda: dense(reduction_type="X"), ValueError, "reduction_type.*\"MEAN\", \"SUM\""),
    (lambda: dense(dtype=tf.string), TypeError, "not in list of allowed values"),
])
def test_what_is_refused_while_building(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("make, message", [
    (lambda: dense().take_grad(0), "num_required must be positive, but was 0"),
    (lambda: dense().apply_grad(tf.placeholder_with_default([1.0, 2.0, 3.0], None)), r"Shape mismatch: expected \[2\], got \[3\]"),
    (lambda: dense(dtype=tf.int32).num_accumulated(), "No OpKernel was registered"),
    (lambda: sparse().apply_grad([7], [[1.0, 1.0]]), "index is 7, exceeded 5"),
    (lambda: sparse().apply_grad([1], [[1.0, 1.0, 1.0]]), "Shape mismatch: expected values"),
    (lambda: sparse().apply_grad([1], [[1.0, 1.0]], [6, 2]), r"Shape mismatch: expected shape \[5,2\], got \[6,2\]"),
    (lambda: sparse().apply_grad([1, 2], [[1.0, 1.0]]), "Expected 2 non-empty input values, got 1"),
    (lambda: sparse().apply_grad([1], 2.0), "Values should be non-scalar"),
])
def test_what_is_refused_at_run(session, make, message):
    fetch = make()
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(fetch)


def test_gradients_of_one_shape_only(session):
    acc = dense(None)
    session.run(acc.apply_grad([1.0, 2.0]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"expected \[2\], got \[3\]"):
        session.run(acc.apply_grad([1.0, 2.0, 3.0]))
    assert session.run(acc.num_accumulated()) == 1


def test_rows_that_a_gradient_has_twice_are_added(session):
    acc = sparse()
    session.run(acc.apply_grad([2, 0, 2], [[1.0, 1.0], [3.0, 3.0], [5.0, 5.0]]))
    indices, values, shape = session.run(acc.take_grad(1))
    assert indices.tolist() == [0, 2] and values.tolist() == [[3, 3], [6, 6]] and shape.tolist() == [5, 2]


def test_shared_names_and_sessions(session):
    one, two, other = dense(shared_name="a"), dense(shared_name="a"), dense((3,), shared_name="a")
    session.run(one.apply_grad([1.0, 1.0]))
    assert session.run(two.num_accumulated()) == 1
    with pytest.raises(tf.errors.InvalidArgumentError, match="Shared accumulator 'a'"):
        session.run(other.num_accumulated())
    with tf.Session() as elsewhere:
        assert elsewhere.run(one.num_accumulated()) == 0


def test_takes_wait_for_the_gradients_of_other_threads_in_their_order(session):
    acc, value = dense(()), tf.placeholder(tf.float32, [])
    apply, take, taken = acc.apply_grad(value, local_step=1000), acc.take_grad(3), []
    threads = []
    for i in range(3):
        threads.append(threading.Thread(target=lambda i=i: taken.append((i, session.run(take))), daemon=True))
        threads[-1].start()
        time.sleep(0.1)
    for i in range(9):
        session.run(apply, {value: i})
        time.sleep(0.02)
    for thread in threads:
        thread.join(20)
    assert taken == [(0, 1), (1, 4), (2, 7)]


def test_closing_the_session_ends_a_take():
    take, found = dense().take_grad(1), []
    session = tf.Session()

    def body():
        try:
            session.run(take)
        except (tf.errors.CancelledError, RuntimeError) as error:
            found.append(error)
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    time.sleep(0.1)
    session.close()
    thread.join(20)
    assert not thread.is_alive() and len(found) == 1


def test_workers_and_a_chief_share_steps(session):
    """Two workers give gradients of the step that they saw; a chief takes two of each step and trains."""
    w = tf.Variable(8.0, use_resource=True)
    step = tf.Variable(0, dtype=tf.int64, trainable=False, use_resource=True)
    acc = dense(())
    gradient = tf.gradients(w ** 2 / 2.0, w)[0]
    apply = acc.apply_grad(gradient, step.read_value())
    train = w.assign_sub(0.5 * acc.take_grad(2))
    with tf.control_dependencies([train]):
        chief = step.assign_add(1)
    session.run(tf.global_variables_initializer())
    stop, wrong = threading.Event(), []

    def work():
        try:
            while not stop.is_set():
                session.run(apply)
                time.sleep(0.001)
        except Exception as error:
            wrong.append(error)
    threads = [threading.Thread(target=work, daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(20):
        session.run(chief)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not wrong and abs(session.run(w)) < 0.1 and session.run(step) == 20


OLD = """
node { name: "a" op: "ConditionalAccumulator" attr { key: "dtype" value { type: DT_FLOAT } } attr { key: "shape" value { shape {} } } }
node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "s" op: "Const" attr { key: "dtype" value { type: DT_INT64 } }
       attr { key: "value" value { tensor { dtype: DT_INT64 tensor_shape {} int64_val: 3 } } } }
node { name: "n" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
       attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape {} int_val: 2 } } } }
node { name: "apply" op: "AccumulatorApplyGradient" input: "a" input: "s" input: "x" attr { key: "dtype" value { type: DT_FLOAT } } }
node { name: "count" op: "AccumulatorNumAccumulated" input: "a" }
node { name: "step" op: "AccumulatorSetGlobalStep" input: "a" input: "s" }
node { name: "take" op: "AccumulatorTakeGradient" input: "a" input: "n" attr { key: "dtype" value { type: DT_FLOAT } } }
"""


def test_graphs_of_old_reach_accumulators_by_reference(session):
    tf.import_graph_def(text_format.Parse(OLD, tf.GraphDef()), name="")
    session.run("step")
    for value in (1, 4):
        session.run("apply", {"x:0": value})
    assert session.run("count:0") == 2 and session.run("take:0") == 2.5
