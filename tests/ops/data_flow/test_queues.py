"""Queues: what waits for what, the order of elements, how waits end, errors; and the same programs in TensorFlow."""

from __future__ import annotations

import signal
import threading
import time

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import node_differences, run_program, tensorflow_results

from . import queue_programs

PROGRAMS = sorted(name for name in vars(queue_programs) if name.startswith("program_"))


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


class Started(threading.Thread):
    """A thread that keeps what its function returned or raised."""

    def __init__(self, function):
        super().__init__(daemon=True)
        self.function, self.result, self.error = function, None, None
        self.start()

    def run(self):
        try:
            self.result = self.function()
        except Exception as error:
            self.error = error

    def ended(self):
        self.join(20)
        assert not self.is_alive()
        return self.error if self.error is not None else self.result


def numbers(capacity=10, kind="FIFOQueue", **more):
    if kind == "RandomShuffleQueue":
        more = {"min_after_dequeue": 0, "seed": 3, **more}
    return getattr(tf, kind)(capacity, dtypes=tf.int32, shapes=[[]], **more)


def waiting(queue, line):
    """Returns when somebody stands in a line (`puts`, `takes`) of the queue."""
    def stands():
        found = [r for s in tf.get_default_graph()._sessions for r in s._store.resources.values()]
        return any(getattr(r, line) for r in found)
    end = time.monotonic() + 20
    while not stands():
        assert time.monotonic() < end
        time.sleep(0.002)


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_twice_alike(name):
    first, second = run_program(getattr(queue_programs, name), tf)["runs"]
    for a, b in zip(first, second):
        assert a.dtype == b.dtype and (name.startswith("program_shuffled") or a.tolist() == b.tolist())


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    return tensorflow_results("tests.ops.data_flow.queue_programs", tensorflow_python, tmp_path_factory.mktemp("tensorflow"))


@pytest.mark.oracle
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_give_tensorflows_nodes_and_values(name, theirs):
    ours = run_program(getattr(queue_programs, name), tf)
    assert not node_differences(ours["nodes"], theirs[name]["nodes"])
    for mine, other in zip(ours["runs"], theirs[name]["runs"]):
        for a, b in zip(mine, other):
            assert a.shape == b.shape and a.tolist() == b.tolist()


def test_shuffled_elements_come_in_tensorflows_order(session):
    queue = numbers(50, "RandomShuffleQueue", seed=1)       # TensorFlow 2.21's numbers
    session.run(queue.enqueue_many([list(range(20))]))
    assert session.run(queue.dequeue_many(15)).tolist() == [7, 16, 3, 6, 5, 14, 18, 9, 11, 10, 2, 8, 15, 17, 4]
    assert [session.run(queue.dequeue()) for _ in range(3)] == [0, 13, 19]


def test_a_batch_that_waits_shuffles_with_what_comes_in_meanwhile(session):
    queue = numbers(5, "RandomShuffleQueue", seed=3, min_after_dequeue=2)
    enqueue = queue.enqueue_many([list(range(20))])
    thread = Started(lambda: session.run(enqueue))
    waiting(queue, "puts")
    assert session.run(queue.dequeue_many(15)).tolist() == [2, 3, 1, 0, 6, 5, 4, 7, 10, 11, 13, 12, 16, 15, 8]
    assert thread.ended() is None
    session.run(queue.close())
    assert session.run(queue.dequeue_up_to(9)).tolist() == [19, 14, 9, 18, 17]


def test_equal_priorities_come_in_tensorflows_order(session):
    queue = tf.PriorityQueue(50, [tf.int32], shapes=[[]])
    session.run(queue.enqueue_many([[3, 1, 2, 1, 3, 1, 2, 2, 1, 1], list(range(10))]))
    priorities, values = session.run(queue.dequeue_many(10))
    assert priorities.tolist() == sorted(priorities) and values.tolist() == [1, 5, 3, 9, 8, 6, 2, 7, 0, 4]


def test_an_element_is_a_copy_of_what_was_fed(session):
    x = tf.placeholder(tf.float32, [2])
    queue = tf.FIFOQueue(5, tf.float32, [[2]])
    fed = np.ones(2, "f")
    enqueue, dequeue = queue.enqueue(x), queue.dequeue()
    session.run(enqueue, {x: fed})
    fed[:] = 7
    assert session.run(dequeue).tolist() == [1, 1]


def test_shapes_are_what_the_queue_says():
    queue = tf.PaddingFIFOQueue(5, [tf.float32, tf.int32], [[None, 3], []])
    assert [t.shape.as_list() for t in queue.dequeue()] == [[None, 3], []]
    assert [t.shape.as_list() for t in queue.dequeue_many(4)] == [[4, None, 3], [4]]
    assert [t.shape.as_list() for t in queue.dequeue_up_to(4)] == [[None, None, 3], [None]]
    assert tf.FIFOQueue(5, [tf.float32]).dequeue().shape.ndims is None
    assert queue.dtypes == [tf.float32, tf.int32] and queue.shapes[0].as_list() == [None, 3] and queue.names is None
    assert isinstance(queue, tf.QueueBase) and tf.queue.PaddingFIFOQueue is tf.PaddingFIFOQueue


# -- waiting ----------------------------------------------------------------------------------------------------------------

def test_a_dequeue_waits_for_an_element_and_its_run_goes_on(session):
    queue = numbers()
    doubled, enqueue = queue.dequeue() * 2, queue.enqueue(21)
    thread = Started(lambda: session.run(doubled))
    waiting(queue, "takes")
    session.run(enqueue)
    assert thread.ended() == 42


def test_an_enqueue_waits_for_room(session):
    queue = numbers(2)
    enqueue, dequeue = queue.enqueue_many([[1, 2, 3]]), queue.dequeue()
    thread = Started(lambda: session.run(enqueue))
    waiting(queue, "puts")
    assert session.run(queue.size()) == 2 and session.run(dequeue) == 1
    assert thread.ended() is None
    assert session.run(queue.dequeue_many(2)).tolist() == [2, 3]


def test_a_batch_may_be_larger_than_the_queue(session):
    queue = numbers(2)
    enqueue = queue.enqueue_many([list(range(10))])
    thread = Started(lambda: session.run(enqueue))
    assert session.run(queue.dequeue_many(10)).tolist() == list(range(10)) and thread.ended() is None


def test_one_run_may_enqueue_and_dequeue(session):
    queue = numbers(1)
    assert session.run([queue.dequeue(), queue.enqueue(5)]) == [5, None]


def test_queues_of_one_shared_name_are_one_in_a_session_and_others_are_not(session):
    first, second, own = numbers(shared_name="a"), numbers(shared_name="a"), numbers(name="a")
    session.run([first.enqueue(1), own.enqueue(3)])
    assert session.run([second.size(), own.size()]) == [1, 1] and session.run(second.dequeue()) == 1
    with tf.Session() as other:
        assert other.run(first.size()) == 0


@pytest.mark.parametrize(("other", "text"), [
    (lambda: numbers(5, shared_name="a"), "Shared queue 'a' has capacity 10 but requested capacity was 5"),
    (lambda: tf.FIFOQueue(10, tf.int64, [[]], shared_name="a"), "has component types int32 but requested component types were int64"),
    (lambda: tf.FIFOQueue(10, tf.int32, [[2]], shared_name="a"), "has component shapes"),
    (lambda: numbers(10, "RandomShuffleQueue", shared_name="a"), "RandomShuffleQueue.*FIFOQueueV2")])
def test_a_shared_queue_that_is_another_one_is_refused(session, other, text):
    session.run(numbers(shared_name="a").enqueue(1))
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(other().size())


# -- the end ----------------------------------------------------------------------------------------------------------------

def test_a_closed_queue_gives_what_it_has_and_then_tells_the_end(session):
    queue = numbers(name="box")
    session.run(queue.enqueue_many([[1, 2, 3]]))
    assert not session.run(queue.is_closed())
    session.run(queue.close())
    assert session.run(queue.is_closed()) and session.run(queue.dequeue()) == 1
    with pytest.raises(tf.errors.OutOfRangeError,
                       match=r"FIFOQueue '_\d+_box' is closed and has insufficient elements \(requested 3, current size 2\)"):
        session.run(queue.dequeue_many(3))
    assert session.run(queue.dequeue_up_to(3)).tolist() == [2, 3]
    with pytest.raises(tf.errors.OutOfRangeError, match=r"requested 1, current size 0"):
        session.run(queue.dequeue())
    with pytest.raises(tf.errors.CancelledError, match=r"FIFOQueue '_\d+_box' is closed."):
        session.run(queue.enqueue(1))
    with pytest.raises(tf.errors.CancelledError, match="is already closed"):
        session.run(queue.close())


@pytest.mark.parametrize("kind", ["FIFOQueue", "RandomShuffleQueue"])
def test_closing_ends_a_batch_that_waits_and_gives_its_elements_back(session, kind):
    queue = numbers(kind=kind)
    session.run(queue.enqueue_many([[1, 2]]))
    batch, close = queue.dequeue_many(5), queue.close()
    thread = Started(lambda: session.run(batch))
    waiting(queue, "takes")
    session.run(close)
    error = thread.ended()
    assert isinstance(error, tf.errors.OutOfRangeError) and "(requested 3, current size 0)" in str(error)
    assert sorted(session.run(queue.dequeue_many(2))) == [1, 2]


def test_closing_lets_a_smaller_batch_out(session):
    queue = numbers()
    session.run(queue.enqueue_many([[1, 2]]))
    batch, close = queue.dequeue_up_to(5), queue.close()
    thread = Started(lambda: session.run(batch))
    waiting(queue, "takes")
    session.run(close)
    assert thread.ended().tolist() == [1, 2]


def test_close_waits_for_the_enqueues_before_it(session):
    queue = numbers(1)
    enqueue, close, dequeue = queue.enqueue_many([[1, 2]]), queue.close(), queue.dequeue()
    first = Started(lambda: session.run(enqueue))
    waiting(queue, "puts")
    last = Started(lambda: session.run(close))
    assert [session.run(dequeue) for _ in range(2)] == [1, 2]
    assert first.ended() is None and last.ended() is None and session.run(queue.is_closed())


def test_close_cancels_pending_enqueues_if_asked_to(session):
    queue = numbers(3)
    enqueue, cancel = queue.enqueue_many([[1, 2, 3, 4, 5]]), queue.close(cancel_pending_enqueues=True)
    thread = Started(lambda: session.run(enqueue))
    waiting(queue, "puts")
    session.run(cancel)
    session.run(cancel)
    error = thread.ended()
    assert isinstance(error, tf.errors.CancelledError) and "Enqueue operation was cancelled" in str(error)
    assert session.run(queue.size()) == 3


def test_closing_the_session_ends_waits_at_once():
    session = tf.Session()
    queue, full = numbers(name="empty"), numbers(1, name="full")
    dequeue, enqueue = queue.dequeue() + 1, full.enqueue_many([[1, 2]])
    threads = [Started(lambda op=op: session.run(op)) for op in (dequeue, enqueue)]
    waiting(queue, "takes"), waiting(full, "puts")
    start = time.monotonic()
    session.close()
    errors = [thread.ended() for thread in threads]
    assert time.monotonic() - start < 5 and all(isinstance(e, tf.errors.CancelledError) for e in errors)
    assert "Dequeue operation was cancelled" in str(errors[0]) and "Enqueue operation was cancelled" in str(errors[1])


def test_an_interrupt_ends_a_wait_and_nothing_is_lost(session):
    queue = numbers()
    session.run(queue.enqueue_many([[1, 2]]))
    batch, enqueue = queue.dequeue_many(3), queue.enqueue(3)

    def stop(number, frame):
        raise KeyboardInterrupt
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        with pytest.raises(KeyboardInterrupt):
            session.run(batch)
    finally:
        signal.signal(signal.SIGALRM, before)
    session.run(enqueue)
    assert session.run(batch).tolist() == [1, 2, 3]


# -- many threads -------------------------------------------------------------------------------------------------------------

def one_run(kind):
    """What two threads took that took batches and single elements, while two others put 0 ... 29 into a small queue."""
    tf.reset_default_graph()
    queue, x, found = numbers(3, kind), tf.placeholder(tf.int32, [None]), []
    put, takes, close = queue.enqueue_many([x]), (queue.dequeue_up_to(3), queue.dequeue()), queue.close()
    with tf.Session() as session:
        def fill(first):
            return [session.run(put, {x: range(first + 10 * i, first + 10 * i + 5)}) for i in range(3)]

        def drain(op):
            with pytest.raises(tf.errors.OutOfRangeError):
                while True:
                    found.extend(np.atleast_1d(session.run(op)).tolist())
        filling = [Started(lambda first=first: fill(first)) for first in (0, 5)]
        draining = [Started(lambda op=op: drain(op)) for op in takes]
        assert [thread.ended() for thread in filling] == [[None] * 3] * 2
        session.run(close)
        assert [thread.ended() for thread in draining] == [None, None]
    return found


def stress(runs):
    for run in range(runs):
        assert sorted(one_run(("FIFOQueue", "RandomShuffleQueue")[run % 2])) == list(range(30)), run


def test_no_element_is_lost_or_doubled_between_threads():
    stress(20)


@pytest.mark.slow
def test_no_element_is_lost_or_doubled_in_a_thousand_runs():
    stress(1000)


# -- errors, and graphs of old ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("build", "kind", "text"), [
    (lambda q: q.enqueue([1.0, 2]), ValueError, r"Shapes \(\) and \(2,\) are incompatible"),
    (lambda q: q.enqueue_many([[[1.0, 2.0]], [1, 2]]), ValueError, "Dimensions 1 and 2 are not compatible"),
    (lambda q: q.enqueue({"a": 1}), ValueError, "Queue must have names to enqueue a dictionary"),
    (lambda q: tf.FIFOQueue(1, tf.int32, names="a").enqueue(1), ValueError, "You must enqueue a dictionary in a Queue with names"),
    (lambda q: tf.FIFOQueue(1, tf.int32, names="a").enqueue({"b": 1}), ValueError, "Keys in dictionary to enqueue do not match names"),
    (lambda q: tf.FIFOQueue(1, tf.int32, [[1], [2]]), ValueError, "Queue shapes must have the same length as dtypes"),
    (lambda q: tf.FIFOQueue(1, tf.int32, names=["a", "b"]), ValueError, "List of names must have the same length as the list of dtypes"),
    (lambda q: tf.FIFOQueue(1, tf.int32, [[None]]), ValueError, "All shapes must be fully defined"),
    (lambda q: tf.FIFOQueue(1, tf.int32, 3), TypeError, "Shapes must be a TensorShape or a list or tuple of TensorShapes"),
    (lambda q: tf.PaddingFIFOQueue(1, tf.int32, None), ValueError, "a list of shapes must be provided"),
    (lambda q: q.dequeue_many(-1), ValueError, "Input 'n' must be >= 0, but is -1"),
    (lambda q: tf.QueueBase.from_list(0, [q, 1]), TypeError, "A list of queues expected"),
    (lambda q: tf.QueueBase.from_list(0, [q, numbers()]), TypeError, "do not have matching component dtypes")])
def test_what_does_not_fit_is_refused_while_building(build, kind, text):
    with pytest.raises(kind, match=text):
        build(tf.FIFOQueue(10, [tf.float32, tf.int32], shapes=[[2], []]))


@pytest.mark.parametrize(("build", "text"), [
    (lambda x: tf.FIFOQueue(3, tf.float32, [[2]]).enqueue(x), r"Shape mismatch in tuple component 0. Expected \[2\], got \[1,3\]"),
    (lambda x: tf.FIFOQueue(3, tf.float32, [[2]]).enqueue_many(x), r"Expected \[1,2\], got \[1,3\]"),
    (lambda x: tf.FIFOQueue(3, [tf.float32] * 2).enqueue_many([x, [1.0, 2.0]]), "Component 1 has 2, and should have 1"),
    (lambda x: tf.FIFOQueue(3, [tf.float32]).dequeue_many(2), "require the components to have specified shapes"),
    (lambda x: tf.FIFOQueue(3, [tf.float32] * 2).enqueue([1.0]), "Signature mismatch, have: float32 expected: float32, float32"),
    (lambda x: numbers().dequeue_many(tf.cast(x[0, 0], tf.int32) - 2), "DequeueManyOp requested -1 < 0 elements"),
    (lambda x: numbers(3, "RandomShuffleQueue", min_after_dequeue=3).size(), "min_after_dequeue 3 must be < capacity 3")])
def test_what_does_not_fit_is_refused_at_run(session, build, text):
    x = tf.placeholder(tf.float32)
    with pytest.raises(tf.errors.InvalidArgumentError, match=text):
        session.run(build(x), {x: [[1, 2, 3]]})


def test_a_queue_is_picked_from_a_list_by_a_known_index(session):
    queues = [tf.FIFOQueue(5, tf.float32, [[2, 3]]), tf.FIFOQueue(5, tf.float32, [[4, 3]])]
    picked = tf.QueueBase.from_list(1, queues)
    session.run(picked.enqueue(np.ones((4, 3))))
    assert session.run([q.size() for q in queues]) == [0, 1] and picked.shapes[0].as_list() == [None, 3]


def test_a_queue_is_picked_from_a_list_when_run(session):
    queues = [tf.FIFOQueue(9, tf.float32, [[]]), tf.RandomShuffleQueue(9, 0, tf.float32, [[]], seed=3)]
    index = tf.placeholder(tf.int32, [])
    picked = tf.QueueBase.from_list(index, queues)
    session.run([q.enqueue_many([[10.0 * k + 1, 10 * k + 2, 10 * k + 3]]) for k, q in enumerate(queues)])
    size, one, closed = picked.size(), picked.dequeue(), picked.is_closed()
    put, close = picked.enqueue(5.0), picked.close()
    assert session.run(one, {index: 0}) == 1 and session.run(one, {index: 1}) > 10
    session.run(put, {index: 0})
    assert [session.run(size, {index: k}) for k in range(2)] == [3, 2]
    assert session.run(picked.dequeue_up_to(3), {index: 0}).tolist() == [2, 3, 5]
    session.run(close, {index: 1})
    assert [session.run(closed, {index: k}) for k in range(2)] == [False, True]
    for bad in (2, -1):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"is not in \[0, 2\)"):
            session.run(size, {index: bad})


def test_a_loop_and_a_branch_take_from_the_queue_that_they_pick(session):
    queues = [tf.FIFOQueue(9, tf.float32, [[]]) for _ in range(3)]
    session.run([q.enqueue_many([[10.0 * k + 1, 10 * k + 2]]) for k, q in enumerate(queues)])
    _, total = tf.while_loop(lambda i, t: i < 3, lambda i, t: (i + 1, t + tf.QueueBase.from_list(i, queues).dequeue()), [0, 0.0])
    assert session.run(total) == 33
    index = tf.placeholder(tf.int32, [])
    picked = tf.QueueBase.from_list(index, queues)
    taken = tf.cond(index > 1, picked.dequeue, lambda: -picked.dequeue())
    assert [session.run(taken, {index: k}) for k in (2, 0)] == [22, -2]


def test_a_reference_is_selected_when_run(session):
    graph_def = tf.GraphDef()
    for name in ("a", "b"):
        graph_def.node.add(name=name, op="FIFOQueue").attr["component_types"].list.type.append(1)
    graph_def.node.add(name="which", op="Placeholder").attr["dtype"].type = 3
    graph_def.node.add(name="value", op="Placeholder").attr["dtype"].type = 1
    chosen = graph_def.node.add(name="chosen", op="RefSelect", input=["which", "a", "b"])
    chosen.attr["T"].type, chosen.attr["N"].i = 7, 2
    graph_def.node.add(name="put", op="QueueEnqueue", input=["chosen", "value"]).attr["Tcomponents"].list.type.append(1)
    graph_def.node.add(name="take", op="QueueDequeue", input=["b"]).attr["component_types"].list.type.append(1)
    which, value, put, take = tf.import_graph_def(graph_def, return_elements=["which:0", "value:0", "put", "take:0"], name="")
    session.run(put, {which: 0, value: 1.0})
    session.run(put, {which: 1, value: 2.0})
    assert session.run(take) == 2
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Index must be in the range \[0, 2\) but got 2"):
        session.run(put, {which: 2, value: 1.0})


def test_a_selected_reference_to_a_variable_is_its_value(session):
    v, w = tf.Variable(1.0), tf.Variable(2.0)
    which = tf.placeholder(tf.int32, [])
    with tf.control_dependencies([v.assign_add(4.0)]):
        chosen = tf.raw_ops.RefSelect(index=which, inputs=[v, w])
    session.run(tf.global_variables_initializer())
    assert session.run(chosen * 2.0, {which: 0}) == 10 and session.run(chosen * 2.0, {which: 1}) == 4
    with pytest.raises(tf.errors.InvalidArgumentError, match="is no variable; it cannot be assigned"):
        session.run(tf.assign(chosen, 3.0), {which: 0})


OLD = ["FIFOQueue", "RandomShuffleQueue", "PaddingFIFOQueue", "PriorityQueue", "QueueEnqueue", "QueueEnqueueMany", "QueueDequeue",
       "QueueDequeueMany", "QueueDequeueUpTo", "QueueClose", "QueueIsClosed", "QueueSize"]


@pytest.mark.parametrize("kind", ["FIFOQueue", "RandomShuffleQueue", "PaddingFIFOQueue", "PriorityQueue"])
def test_graphs_with_queues_by_reference_run(kind):
    first = [np.int64(0)] if kind == "PriorityQueue" else []
    if kind == "PriorityQueue":
        queue = tf.PriorityQueue(10, tf.int32, [[]], name="q")
    else:
        queue = numbers(kind=kind, name="q")
    queue.enqueue([*first, 7], name="put"), queue.enqueue_many([*[[f] for f in first], [8]], name="put_many")
    queue.dequeue(name="take"), queue.dequeue_many(1, name="many"), queue.dequeue_up_to(1, name="up_to")
    queue.close(name="close"), queue.is_closed(name="closed"), queue.size(name="size")
    message = tf.get_default_graph().as_graph_def()
    for node in message.node:
        if node.op.removesuffix("V2") in OLD:
            node.op = node.op.removesuffix("V2")
    component = f":{len(first)}"
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(message, name="")
        assert {op.type for op in graph.get_operations()} - {"Const"} == {kind, *OLD[4:]}
        with tf.Session() as session:
            session.run("put"), session.run("put_many"), session.run("put")
            assert session.run("size:0") == 3
            found = [session.run("take" + component), *session.run("many" + component), *session.run("up_to" + component)]
            assert sorted(found) == [7, 7, 8]
            session.run("close")
            assert session.run("closed:0")
            with pytest.raises(tf.errors.OutOfRangeError):
                session.run("take" + component)
