"""Staging areas: the same programs in TensorFlow, waits, bounds, what is refused."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results

from . import staging_programs

PROGRAMS = sorted(name for name in vars(staging_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


def area(types=(tf.float32,), **more):
    return tf.contrib.staging.StagingArea(list(types), **more)


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.data_flow.staging_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice_alike(name):
    first, second = run_program(getattr(staging_programs, name), tf)["runs"]
    assert [None if a is None else a.tolist() for a in first] == [None if b is None else b.tolist() for b in second]


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(staging_programs, name), tf), theirs[name]
    assert not node_differences(ours["nodes"], expected["nodes"])
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            np.testing.assert_array_equal(a, b)


def test_a_pipeline_of_two_threads_loses_nothing(session):
    staged, x = area(shapes=[[]], capacity=2), tf.placeholder(tf.float32, [])
    put, (out,) = staged.put(x), staged.get()
    producer = threading.Thread(target=lambda: [session.run(put, {x: i}) for i in range(200)], daemon=True)
    producer.start()
    assert [session.run(out) for _ in range(200)] == list(range(200))
    producer.join(20)
    assert not producer.is_alive() and session.run(staged.size()) == 0


def test_a_full_area_waits_and_clear_makes_room(session):
    staged = area(capacity=1)
    put, done = staged.put(1.0), []
    session.run(put)
    thread = threading.Thread(target=lambda: (session.run(put), done.append(1)), daemon=True)
    thread.start()
    time.sleep(0.1)
    assert not done
    session.run(staged.clear())
    thread.join(20)
    assert done and session.run(staged.size()) == 1


def test_peek_waits_for_its_place_and_leaves_the_element(session):
    staged, found = area(), []
    put, (second,) = staged.put(tf.placeholder_with_default(5.0, [])), staged.peek(1)
    session.run(put)
    thread = threading.Thread(target=lambda: found.append(session.run(second)), daemon=True)
    thread.start()
    time.sleep(0.05)
    assert not found
    session.run(put)
    thread.join(20)
    assert found == [5] and session.run(staged.size()) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match="must not be negative"):
        session.run(staged.peek(-1))


def test_closing_the_session_ends_a_wait():
    session, found = tf.Session(), []
    (out,) = area().get()

    def body():
        try:
            session.run(out)
        except (tf.errors.CancelledError, RuntimeError) as error:
            found.append(error)
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    time.sleep(0.1)
    session.close()
    thread.join(20)
    assert len(found) == 1


def test_memory_is_bounded_and_sessions_have_their_own(session):
    with pytest.raises(tf.errors.ResourceExhaustedError, match="combined size of '400' bytes"):
        session.run(area(memory_limit=100).put(np.zeros(100, np.float32)))
    shared = [area(shared_name="one") for _ in range(2)]
    session.run(shared[0].put(1.0))
    assert session.run(shared[1].size()) == 1
    with tf.Session() as other:
        assert other.run(shared[1].size()) == 0
    with pytest.raises(tf.errors.InvalidArgumentError, match="Expected values of int32"):
        session.run(area([tf.int32], shared_name="one").get())


@pytest.mark.parametrize("make, message", [
    (lambda: area(shapes=[[1], [2]]), "shapes must be the same length"), (lambda: area(names=["a", "b"]), "names must be the same length"),
    (lambda: area().put({"x": 1.0}), "must have names"), (lambda: area(names=["x"]).put([1.0]), "must enqueue a dictionary"),
    (lambda: area(names=["x"]).put({"y": 1.0}), "Keys in dictionary"),
    (lambda: area().put([1.0, 2.0]), "Unexpected number of inputs '2' vs '1'"),
    (lambda: area().put(tf.constant(1)), "Datatypes do not match"), (lambda: area(shapes=[[2]]).put([[1.0, 2.0, 3.0]]), "incompatible"),
    (lambda: area(shared_name=3), "must be a string"),
])
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
