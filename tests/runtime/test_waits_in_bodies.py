"""Runs that wait inside of branches, loops and functions: other runs go on meanwhile, and closing the session or Ctrl-C ends them."""
import signal
import threading
import time

import numpy as np
import pytest

import graphflow as tf
from graphflow.core.effects import waits


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


class Started(threading.Thread):
    """A thread that keeps what its function returned or raised."""

    def __init__(self, function):
        super().__init__(daemon=True)
        self.function, self.result, self.error = function, None, None
        self.start()

    def run(self):
        try:
            self.result = self.function()
        except BaseException as error:
            self.error = error

    def ended(self):
        self.join(30)
        assert not self.is_alive()
        if self.error is not None:
            raise self.error
        return self.result


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def v(request):
    return tf.Variable(0.0, use_resource=request.param, name="v")


@pytest.fixture
def queue():
    return tf.FIFOQueue(3, tf.float32, shapes=[[]])


def started():
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session


def fed_by_a_writer(session, queue, v, count, run):
    """What `run` gives while another thread, whose enqueues write `v` first, serves the queue."""
    with tf.control_dependencies([v.assign_add(100.0)]):
        put = queue.enqueue(tf.cast(v.read_value() / 100.0, tf.float32) * 0.0 + 1.0)
    writer = Started(lambda: [session.run(put) for _ in range(count)])
    found = session.run(run)
    writer.ended()
    return found


def summing(queue, v, turns=5, **more):
    """A loop that takes elements, adds them to a variable and sums them."""
    def body(i, total):
        x = queue.dequeue()
        with tf.control_dependencies([v.assign_add(x)]):
            return i + 1, total + x
    return tf.while_loop(lambda i, total: i < turns, body, [0, 0.0], **more)


def test_a_loop_that_takes_and_writes_lets_a_writer_go_on(v, queue):
    loop = summing(queue, v)
    session = started()
    assert fed_by_a_writer(session, queue, v, 5, loop) == [5, 5.0]
    assert session.run(v) == 505


def test_a_loop_that_only_takes_is_one_plan_without_a_lock(v, queue):
    loop = tf.while_loop(lambda i, a: i < 5, lambda i, a: (i + 1, a + queue.dequeue()), [0, 0.0])
    session = started()
    text = session.explain(loop)
    assert "calls after segment" in text and "While" in text
    assert fed_by_a_writer(session, queue, v, 5, loop) == [5, 5.0] and session.run(v) == 500


def test_a_branch_that_takes_reads_the_variable_after_it_waited(v, queue):
    taken = tf.placeholder_with_default(True, [])
    y = tf.cond(taken, lambda: queue.dequeue() * 0.0 + v, lambda: v - 1.0)
    session = started()
    assert fed_by_a_writer(session, queue, v, 1, y) == 100
    assert session.run(y, {taken: False}) == 99


def test_a_branch_that_is_not_taken_does_not_wait(queue):
    predicate = tf.placeholder(tf.bool, [])
    y = tf.cond(predicate, queue.dequeue, lambda: tf.constant(7.0)) * 2.0
    session = started()
    assert session.run(y, {predicate: False}) == 14
    session.run(queue.enqueue(4.0))
    assert session.run(y, {predicate: True}) == 8


def test_a_case_and_nested_bodies_wait_without_the_lock(v, queue):
    index = tf.placeholder_with_default(1, [])

    def body(i):
        x = tf.switch_case(index, [lambda: tf.constant(0.0), lambda: tf.cond(i < 10, queue.dequeue, lambda: tf.constant(-1.0))])
        with tf.control_dependencies([v.assign_add(x)]):
            return i + 1
    loop = tf.while_loop(lambda i: i < 4, lambda i: tf.while_loop(lambda j: j < i + 2, body, [i]), [0])
    session = started()
    assert fed_by_a_writer(session, queue, v, 4, loop) == 4 and session.run(v) == 404


def test_a_condition_of_a_loop_may_wait(v, queue):
    def test(i):
        with tf.control_dependencies([v.assign_add(1.0)]):
            return queue.dequeue() > 0.0
    loop = tf.while_loop(test, lambda i: i + 1, [0])
    session = started()
    session.run([queue.enqueue_many([[1.0, 1.0, -1.0]])])
    assert session.run(loop) == 2 and session.run(v) == 3


def test_a_function_in_a_body_may_run_the_session(v):
    update, w = v.assign_add(1.0), tf.Variable(0.0)

    def body(i, a):
        number = tf.py_func(lambda: session.run(update), [], tf.float32)
        number.set_shape([])
        with tf.control_dependencies([w.assign_add(number)]):
            return i + 1, a + number
    loop = tf.while_loop(lambda i, a: i < 4, body, [0, 0.0])
    session = started()
    assert session.run(loop) == [4, 10.0] and session.run([v, w]) == [4, 10]


def test_map_fn_over_functions_and_elements(queue):
    session = started()
    squares = tf.map_fn(lambda x: tf.py_func(lambda y: y * y, [x], tf.float32), tf.constant([1.0, 2.0, 3.0]))
    assert session.run(squares).tolist() == [1, 4, 9]
    sums = tf.map_fn(lambda x: x + queue.dequeue(), tf.constant([1.0, 2.0, 3.0]))
    session.run(queue.enqueue_many([[10.0, 20.0, 30.0]]))
    assert session.run(sums).tolist() == [11, 22, 33]


def test_tensor_arrays_and_stacks_cross_waits(v, queue):
    def body(i, array):
        x = queue.dequeue()
        with tf.control_dependencies([v.assign_add(x)]):
            return i + 1, array.write(i, x * 2.0)
    _, array = tf.while_loop(lambda i, a: i < 3, body, [0, tf.TensorArray(tf.float32, 3)])
    stacked = array.stack()
    session = started()
    session.run(queue.enqueue_many([[1.0, 2.0, 3.0]]))
    assert session.run(stacked).tolist() == [2, 4, 6] and session.run(v) == 6


def test_gradients_through_a_loop_that_waits(v, queue):
    w = tf.Variable(2.0, use_resource=True)

    def body(i, product):
        x = queue.dequeue()
        with tf.control_dependencies([v.assign_add(x)]):
            return i + 1, product * w * x
    _, product = tf.while_loop(lambda i, p: i < 3, body, [0, tf.constant(1.0)])
    slope = tf.gradients(product, w)[0]
    session = started()
    session.run(queue.enqueue_many([[1.0, 2.0, 3.0]]))
    value, found = session.run([product, slope])
    assert value == 48 and found == 72 and session.run(v) == 6


def test_no_turns_and_unknown_shapes(v):
    queue = tf.FIFOQueue(3, tf.float32)
    turns = tf.placeholder(tf.int32, [])

    def body(i, total):
        x = queue.dequeue()
        with tf.control_dependencies([v.assign_add(tf.reduce_sum(x))]):
            return i + 1, tf.concat([total, tf.reshape(x, [-1])], 0)
    shapes = [tf.TensorShape([]), tf.TensorShape([None])]
    _, joined = tf.while_loop(lambda i, t: i < turns, body, [0, tf.zeros([0])], shape_invariants=shapes)
    session, value = started(), tf.placeholder(tf.float32, None)
    put = queue.enqueue(value)
    assert session.run(joined, {turns: 0}).tolist() == []
    session.run(put, {value: [[1, 2]]})
    session.run(put, {value: 3})
    assert session.run(joined, {turns: 2}).tolist() == [1, 2, 3] and session.run(v) == 6


def test_a_known_choice_says_whether_a_branch_waits(queue):
    one = tf.cond(tf.constant(False), queue.dequeue, lambda: tf.constant(1.0))
    two = tf.cond(tf.constant(True), queue.dequeue, lambda: tf.constant(1.0))
    assert not waits(one.op._inputs[0].op if one.op.type == "Identity" else one.op)
    assert waits(two.op._inputs[0].op if two.op.type == "Identity" else two.op)


def test_bodies_of_imported_graphs_wait_too(v, queue):
    loop = tf.identity(summing(queue, v)[1], name="sum")
    taken = tf.cond(tf.placeholder_with_default(True, [], name="choice"), queue.dequeue, lambda: tf.constant(-1.0))
    tf.identity(taken, name="taken")
    with tf.control_dependencies([v.assign_add(100.0)]):
        put = queue.enqueue(1.0, name="put")
    assert loop.op.graph is put.graph
    definition, initializer = tf.get_default_graph().as_graph_def(), v.initializer.name
    with tf.Graph().as_default() as graph:
        tf.import_graph_def(definition, name="")
        with tf.Session() as session:
            session.run(initializer)
            writer = Started(lambda: [session.run("put") for _ in range(6)])
            assert session.run("sum:0") == 5 and session.run("taken:0") == 1 and session.run("taken:0", {"choice:0": False}) == -1
            writer.ended()
            assert session.run("v/Read/ReadVariableOp:0" if v.op.type == "VarHandleOp" else graph.get_tensor_by_name("v:0")) == 605


# -- ends ------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("write", [False, True], ids=["one plan", "in parts"])
def test_closing_the_session_ends_a_loop_that_waits(v, queue, write):
    loop = summing(queue, v) if write else tf.while_loop(lambda i: i < 5, lambda i: i + tf.cast(queue.dequeue(), tf.int32), [0])
    session = started()
    waiting = Started(lambda: session.run(loop))
    time.sleep(0.05)
    began = time.monotonic()
    session.close()
    with pytest.raises((tf.errors.CancelledError, RuntimeError), match=r"closed|cancelled"):
        waiting.ended()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("write", [False, True], ids=["one plan", "in parts"])
def test_an_interrupt_ends_a_loop_that_waits_and_frees_all(v, queue, write):
    loop = summing(queue, v) if write else tf.while_loop(lambda i: i < 5, lambda i: i + tf.cast(queue.dequeue(), tf.int32), [0])
    session = started()
    session.run(queue.enqueue(1.0))

    def stop(number, frame):
        raise KeyboardInterrupt
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            session.run(loop)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert session.run(v.assign_add(1.0)) == (2 if write else 1)
    session.run(queue.enqueue_many([[1.0] * 3]))
    session.run(queue.close())
    with pytest.raises(tf.errors.OutOfRangeError):
        session.run(loop)


def test_a_failing_body_frees_all_and_says_where(v, queue):
    loop = summing(queue, v)
    session = started()
    session.run([queue.enqueue_many([[1.0, 2.0]])])
    session.run(queue.close())
    with pytest.raises(tf.errors.OutOfRangeError, match="is closed and has insufficient elements") as caught:
        session.run(loop)
    assert "Dequeue" in str(caught.value) and session.run(v.assign_add(1.0)) == 4


def test_a_thousand_runs_of_training_loops_lose_nothing(v):
    """Two threads train in loops of takes and writes, two fill the queue by runs that write a variable, one reads all the time."""
    queue, sent = tf.FIFOQueue(7, tf.float32, shapes=[[]]), tf.Variable(0.0, use_resource=True)
    loop = summing(queue, v, 3)
    with tf.control_dependencies([sent.assign_add(1.0)]):
        put = queue.enqueue(1.0)
    session = started()
    train, fill = session.make_callable(loop), session.make_callable(put)
    stop, seen = threading.Event(), []

    def watch():
        while not stop.is_set():
            seen.append(session.run([v, sent]))
    watcher = Started(watch)
    threads = [Started(lambda: [train() for _ in range(500)]) for _ in range(2)] + \
              [Started(lambda: [fill() for _ in range(1500)]) for _ in range(2)]
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
        thread.ended()
    stop.set()
    watcher.ended()
    assert session.run([v, sent, queue.size()]) == [3000, 3000, 0]
    assert (np.diff(seen, axis=0) >= 0).all() and np.max(seen) <= 3000
