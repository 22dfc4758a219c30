"""Barriers, map staging areas and record inputs: the same programs in TensorFlow, waits, and what is refused."""

from __future__ import annotations

import collections
import threading
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.commands.inner.data_flow_ops import Barrier, MapStagingArea, RecordInput
from tests.oracle.programs import node_differences, run_program, tensorflow_results

from . import barrier_programs

PROGRAMS = sorted(name for name in vars(barrier_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.data_flow.barrier_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours, expected = run_program(getattr(barrier_programs, name), tf), theirs[name]
    assert not node_differences(ours["nodes"], expected["nodes"])
    for got, want in zip(ours["runs"], expected["runs"], strict=True):
        for a, b in zip(got, want, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice(name):
    assert len(run_program(getattr(barrier_programs, name), tf)["runs"]) == 2


def insert(barrier, component, keys, values):
    return barrier.insert_many(component, keys, np.asarray(values, np.float32))


def test_threads_bring_components_together_without_loss(session):
    barrier = Barrier([tf.float32, tf.float32], shapes=[[], []])
    keys, values = tf.placeholder(tf.string, [None]), tf.placeholder(tf.float32, [None])
    parts = [barrier.insert_many(i, keys, values) for i in range(2)]
    taken, found = barrier.take_many(4), []

    def give(part):
        for k in range(0, 200, 2):
            session.run(parts[part], {keys: [f"{k}", f"{k + 1}"], values: [k + 1000 * part, k + 1 + 1000 * part]})

    threads = [threading.Thread(target=give, args=(part,), daemon=True) for part in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(50):
        _, names, (first, second) = session.run(taken)
        found += [(int(name), a, b) for name, a, b in zip(names, first, second)]
    for thread in threads:
        thread.join(20)
    assert sorted(found) == [(k, k, k + 1000) for k in range(200)]
    assert session.run([barrier.ready_size(), barrier.incomplete_size()]) == [0, 0]


def test_a_closed_barrier_completes_what_is_begun_and_nothing_else(session):
    barrier = Barrier([tf.float32, tf.float32], shapes=[[], []], shared_name="b")
    session.run(insert(barrier, 0, ["x", "y"], [1, 2]))
    session.run(barrier.close())
    with pytest.raises(tf.errors.CancelledError, match="attempted to insert a brand new key: z"):
        session.run(insert(barrier, 0, ["z"], [3]))
    session.run(insert(barrier, 1, ["y"], [5]))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Key x already has a value for component 0"):
        session.run(insert(barrier, 0, ["x"], [3]))
    assert session.run(barrier.take_many(5, allow_small_batch=True).keys).tolist() == [b"y"]
    with pytest.raises(tf.errors.OutOfRangeError, match=r"insufficient elements \(requested 0, total size 0\)"):
        session.run(barrier.take_many(5, allow_small_batch=True))
    with pytest.raises(tf.errors.OutOfRangeError, match=r"insufficient elements \(requested 2, total size 0\)"):
        session.run(barrier.take_many(2))
    session.run(insert(barrier, 1, ["x"], [6]))
    assert session.run(barrier.take_many(1).values[1]).tolist() == [6]
    with pytest.raises(tf.errors.CancelledError, match="already closed"):
        session.run(barrier.close())


def test_cancelling_drops_what_is_not_complete(session):
    barrier = Barrier([tf.float32, tf.float32], shapes=[[], []])
    session.run([insert(barrier, 0, ["x", "y"], [1, 2]), insert(barrier, 1, ["x"], [1])])
    session.run(barrier.close(cancel_pending_enqueues=True))
    assert session.run([barrier.ready_size(), barrier.incomplete_size()]) == [1, 0]
    with pytest.raises(tf.errors.CancelledError, match="Pending enqueues cancelled: 1"):
        session.run(insert(barrier, 1, ["y"], [3]))
    assert session.run(barrier.take_many(1).keys).tolist() == [b"x"]


def waiting(session, fetches):
    """What a run that waits ends with, from a thread that has begun it."""
    found = []

    def body():
        try:
            found.append(session.run(fetches))
        except (tf.errors.OpError, RuntimeError) as error:
            found.append(error)
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    time.sleep(0.1)
    assert not found
    return thread, found


def test_taking_waits_until_elements_are_complete(session):
    barrier = Barrier([tf.float32, tf.float32], shapes=[[], []])
    second = insert(barrier, 1, ["x"], [2])
    session.run(insert(barrier, 0, ["x"], [1]))
    thread, found = waiting(session, barrier.take_many(1).values)
    session.run(second)
    thread.join(20)
    assert [v.tolist() for v in found[0]] == [[1], [2]]


@pytest.mark.parametrize("fetch", [lambda: Barrier([tf.float32], shapes=[[]]).take_many(1).keys,
                                   lambda: MapStagingArea([tf.float32]).get()[0]], ids=["barrier", "staging"])
def test_closing_the_session_ends_a_wait(fetch):
    session = tf.Session()
    thread, found = waiting(session, fetch())
    session.close()
    thread.join(20)
    assert isinstance(found[0], (tf.errors.CancelledError, RuntimeError))


@pytest.mark.parametrize("limit", ["options", "config"])
def test_a_run_whose_time_is_over_waits_no_longer_and_takes_nothing(limit):
    queue = tf.FIFOQueue(10, tf.float32, shapes=[[]])
    put, three = queue.enqueue([1.0]), queue.dequeue_many(3)
    config = tf.ConfigProto(operation_timeout_in_ms=80) if limit == "config" else None
    options = tf.RunOptions(timeout_in_ms=80) if limit == "options" else None
    with tf.Session(config=config) as session:
        session.run(put, options=options)
        session.run(put)
        with pytest.raises(tf.errors.DeadlineExceededError, match="Timed out waiting for notification"):
            session.run(three, options=options)
        assert session.run(queue.size()) == 2
        session.run(put)
        assert session.run(three, options=options).tolist() == [1, 1, 1]


def test_map_staging_waits_for_room(session):
    staged = MapStagingArea([tf.float32, tf.float32], capacity=1)
    key = tf.placeholder(tf.int64, [])
    put = staged.put(key, [tf.constant(1.0)], [0]), staged.put(key, [tf.constant(2.0)], [1])
    session.run(put[0], {key: 1})
    blocked, taken, done = tf.group(put[0]), staged.get(tf.constant(1, tf.int64))[1], []
    thread = threading.Thread(target=lambda: (session.run(blocked, {key: 2}), done.append(1)), daemon=True)
    thread.start()
    time.sleep(0.1)
    assert not done
    session.run(put[1], {key: 1})
    assert [v.tolist() for v in session.run(taken)] == [1, 2]
    thread.join(20)
    assert done and session.run([staged.size(), staged.incomplete_size()]) == [0, 1]


def test_map_staging_refuses_a_component_twice_or_gone(session):
    staged = MapStagingArea([tf.float32, tf.float32])
    one, key = staged.put(tf.constant(7, tf.int64), [tf.constant(1.0)], [0]), tf.constant(7, tf.int64)
    session.run(one)
    with pytest.raises(tf.errors.InvalidArgumentError, match="index '0' for key '7' was already initialized"):
        session.run(one)
    session.run(staged.put(key, [tf.constant(1.0)], [1]))
    session.run(staged.get(key, [0])[1])
    with pytest.raises(tf.errors.InvalidArgumentError, match="index '0' for key '7' has already been removed"):
        session.run(staged.get(key, [0])[1])


@pytest.mark.parametrize("make, message", [
    (lambda: MapStagingArea([tf.float32]).put(1, [tf.constant(1.0)]), "Indices must be supplied"),
    (lambda: MapStagingArea([tf.float32]).put(1, {"x": 1.0}), "must have names"),
    (lambda: MapStagingArea([tf.float32], names=["x"]).put(1, {"y": 1.0}), "do not match names"),
    (lambda: MapStagingArea([tf.float32]).put(1, [tf.constant(1)], [0]), "Datatypes do not match"),
    (lambda: MapStagingArea([tf.float32]).get(1, []), "Empty indices"),
    (lambda: MapStagingArea([tf.float32]).get(1, ["x"]), "not created with names"),
    (lambda: Barrier([tf.float32], shapes=[[None]]), "must be fully defined"),
    (lambda: RecordInput("x", compression_type=7), "compression_type"),
])
def test_what_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def records(folder, files=3, each=5):
    written = []
    for k in range(files):
        with tf.python_io.TFRecordWriter(str(folder / f"part-{k}.tfrecord")) as writer:
            for i in range(each):
                written.append(b"%d.%d" % (k, i))
                writer.write(written[-1])
    return written


@pytest.mark.parametrize("size", [1, 4, 1000])
def test_every_epoch_gives_each_record_once_in_an_order_of_its_own(tmp_path, session, size):
    written = records(tmp_path)
    batch = RecordInput(str(tmp_path / "part-*"), batch_size=5, buffer_size=size, seed=4, shift_ratio=0.5).get_yield_op()
    assert batch.dtype is tf.string and batch.op.type == "RecordInput"
    epochs = [np.concatenate([session.run(batch) for _ in range(3)]).tolist() for _ in range(4)]
    assert all(collections.Counter(epoch) == collections.Counter(written) for epoch in epochs)
    assert epochs[0] != epochs[1]
    with tf.Session() as other:
        assert np.concatenate([other.run(batch) for _ in range(3)]).tolist() == epochs[0]


def test_records_in_several_batches(tmp_path, session):
    records(tmp_path, files=1, each=6)
    batches = RecordInput(str(tmp_path / "part-*"), batch_size=3, batches=2, name="input").get_yield_op()
    assert [len(b) for b in batches] == [3, 3] and batches[0][0].shape.as_list() == []
    found = session.run(batches)
    assert sorted(found[0] + found[1]) == [b"0.%d" % i for i in range(6)]


def test_no_files_and_no_records_are_errors(tmp_path, session):
    with pytest.raises(tf.errors.NotFoundError, match="Found no files"):
        session.run(RecordInput(str(tmp_path / "part-*")).get_yield_op())
    records(tmp_path, files=1, each=0)
    with pytest.raises(tf.errors.NotFoundError, match="Found no records"):
        session.run(RecordInput(str(tmp_path / "part-*")).get_yield_op())


def test_a_queue_is_used_by_a_reference_that_stands_for_its_handle(session):
    queue = tf.FIFOQueue(3, tf.float32)
    session.run(queue.enqueue([2.0]))
    graph_def = tf.get_default_graph().as_graph_def()
    graph_def.node.add(name="ref", op="FakeQueue", input=["fifo_queue"])
    taken = graph_def.node.add(name="taken", op="QueueDequeue", input=["ref"])
    taken.attr["component_types"].list.type.append(1)
    with tf.Graph().as_default(), tf.Session() as other:
        put, value = tf.import_graph_def(graph_def, return_elements=["fifo_queue_enqueue", "taken:0"], name="")
        other.run(put)
        assert other.run(value) == 2


def test_a_handle_of_a_session_may_be_a_resource(session):
    (handle,) = tf.import_graph_def(_handle_graph(), return_elements=["handle:0"], name="")
    kept = session.run(handle)
    holder, value = tf.get_session_tensor(kept, tf.float32)
    assert session.run(value * 2.0, {holder: kept.handle}) == 8


def _handle_graph():
    with tf.Graph().as_default() as graph:
        tf.constant(4.0, name="x")
        graph_def = graph.as_graph_def()
    graph_def.node.add(name="handle", op="GetSessionHandleV2", input=["x"]).attr["T"].type = 1
    return graph_def
