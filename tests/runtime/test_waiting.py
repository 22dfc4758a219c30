"""Runs that wait: outside of the session's lock, for other threads, for each other, and not after the session is closed."""
import signal
import threading

import numpy as np
import pytest

import graphflow as tf
from graphflow.core import dtypes
from graphflow.core.effects import HANDLE, by_signature
from graphflow.core.make import make
from graphflow.core.op import REGISTRY, Op, Spec


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def started(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def ones(*shape):
    return np.ones(shape, "f")


def session_with(*variables):
    session = tf.Session()
    session.run([v.initializer for v in variables])
    return session


@pytest.fixture(params=[False, True], ids=["ref", "resource"])
def w(request):
    return tf.Variable(ones(3), use_resource=request.param, name="w")


def test_a_train_step_may_wait_for_a_thread_that_reads_the_variable(w):
    asked, answered = threading.Event(), []

    def batch():
        asked.set()
        reader.join(20)
        return ones(3)
    step = w.assign_add(tf.py_func(batch, [], tf.float32))
    read = w.read_value()
    session = session_with(w)
    reader = started(lambda: (asked.wait(20), answered.append(session.run(read)[0])))
    assert session.run(step).tolist() == [2, 2, 2] and answered == [1]


def test_two_runs_whose_functions_write_the_variable_that_the_runs_read_end(w):
    both, update = threading.Barrier(2), w.assign_add(ones(3))

    def write(x):
        both.wait(20)
        session.run(update)
        return x
    outer = tf.py_func(write, [w], tf.float32)
    session = session_with(w)
    threads = [started(lambda: session.run(outer)) for _ in range(2)]
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads) and session.run(w)[0] == 3


def test_functions_of_one_run_may_wait_for_each_other():
    first, second = threading.Event(), threading.Event()
    one = tf.py_func(lambda: (second.wait(20), first.set(), np.int64(1))[2], [], tf.int64)
    two = tf.py_func(lambda: (second.set(), first.wait(20), np.int64(2))[2], [], tf.int64)
    assert tf.Session().run([one, two, one + two]) == [1, 2, 3]


def test_functions_that_do_not_wait_are_called_in_the_order_of_their_making():
    calls = []
    found = [tf.py_func(lambda i=i: (calls.append(i), np.int64(i))[1], [], tf.int64) for i in range(5)]
    session = tf.Session()
    for _ in range(3):
        session.run(found[::-1])
    assert calls == [0, 1, 2, 3, 4] * 3


def test_functions_see_the_default_session_and_graph_of_the_run():
    seen = []
    found = [tf.py_func(lambda: (seen.append((tf.get_default_session(), tf.get_default_graph())), np.int64(1))[1], [], tf.int64)
             for _ in range(2)]
    with tf.Session() as session:
        session.run(found)
    assert seen == [(session, session.graph)] * 2


def test_what_a_run_wrote_before_a_call_is_there_while_it_waits(w):
    seen = []
    update = w.assign_add(ones(3))
    read = w.read_value()
    with tf.control_dependencies([update]):
        call = tf.py_func(lambda: (seen.append(session.run(read)[0]), np.int64(1))[1], [], tf.int64)
    session = session_with(w)
    session.run(call)
    assert seen == [2]


def test_a_variable_that_is_used_after_a_call_is_read_after_it(w):
    write = w.assign(ones(3) * 7)
    call = tf.py_func(lambda: (session.run(write), np.float32(1))[1], [], tf.float32)
    session = session_with(w)
    assert session.run(w.read_value() * call).tolist() == [7, 7, 7]


def test_a_value_read_before_a_write_is_kept_over_the_call(w):
    before = tf.identity(w)
    update = w.assign_add(ones(3))
    with tf.control_dependencies([update]):
        call = tf.py_func(lambda: np.float32(1), [], tf.float32)
    session = session_with(w)
    old, _ = session.run([before * call, update])
    assert old.tolist() == [1, 1, 1] and session.run(w)[0] == 2


def test_an_expression_that_follows_the_write_and_the_call_sees_what_was_written():
    w = tf.Variable(ones(3))
    call = tf.py_func(lambda: np.float32(1), [], tf.float32)
    with tf.control_dependencies([w.assign_add(ones(3) * call)]):
        after = w * 10.0
    session = session_with(w)
    assert session.run(after).tolist() == [20, 20, 20]


def test_a_function_that_follows_a_write_gets_what_was_written(w):
    with tf.control_dependencies([w.assign_add(ones(3))]):
        call = tf.py_func(lambda x: x * 10, [w], tf.float32)
    assert session_with(w).run(call).tolist() == [20, 20, 20]


def test_a_fed_constant_reaches_the_function():
    c = tf.constant(1.0)
    assert tf.Session().run(tf.py_func(lambda x: x * np.float32(10), [c], tf.float32), {c: 3.0}) == 30


def test_a_write_through_the_result_of_an_earlier_write_crosses_a_call():
    w = tf.Variable(ones(3))
    first = tf.assign_add(w, ones(3))
    call = tf.py_func(lambda x: x, [first], tf.float32)
    second = tf.assign_add(first, call)
    session = session_with(w)
    assert session.run([second, first])[0].tolist() == [4, 4, 4] and session.run(w)[0] == 4


def test_a_variable_may_change_its_shape_while_a_run_waits():
    w = tf.Variable(ones(3), validate_shape=False)
    write = tf.assign(w, np.ones((2, 5), "f"), validate_shape=False)
    change = [False]
    call = tf.py_func(lambda: (change[0] and session.run(write), np.float32(2))[1], [], tf.float32)
    session = session_with(w)
    total = tf.reduce_sum(w * call)
    assert session.run(total) == 6
    change[0] = True
    assert session.run(total) == 20 and session.run(total) == 20


def test_unordered_writes_run_in_the_order_of_their_making_although_the_first_waits(w):
    slow = w.assign(tf.py_func(lambda: ones(3) * 5, [], tf.float32))
    fast = w.assign_add(ones(3))
    session = session_with(w)
    session.run([fast, slow])
    assert session.run(w)[0] == 6


def test_results_of_functions_have_their_real_shapes_in_what_follows():
    x = tf.placeholder(tf.float32, [None])
    picked = tf.py_func(lambda v: v[v > 0], [x], tf.float32)
    total, several = tf.reduce_sum(tf.reshape(picked, [-1, 1]) * 2.0, 0), tf.py_func(lambda v: (v, b"text", v.sum()), [picked],
                                                                               [tf.float32, tf.string, tf.float32])
    session = tf.Session()
    for values in ([1, -1, 2], [-1, -2], [3, 4, 5, 6]):
        positive = [v for v in values if v > 0]
        found = session.run([total, *several, x], {x: values})
        assert found[0].tolist() == [2 * sum(positive)] and found[1].tolist() == positive and found[2:4] == [b"text", sum(positive)]
        assert found[4].tolist() == values and found[4].flags.writeable


def test_a_function_without_results_is_called_when_something_depends_on_it():
    calls = []
    tf.py_func(lambda: calls.append(1), [], [])
    call = tf.get_default_graph().get_operations()[-1]
    with tf.control_dependencies([call]):
        x = tf.constant(1.0) + 1.0
    session = tf.Session()
    assert session.run(x) == 2 and session.run(call) is None
    assert calls == [1, 1]


def test_closing_the_session_ends_a_run_that_waits_in_a_function():
    go, inside, errors = threading.Event(), threading.Event(), []
    x = tf.py_func(lambda: (inside.set(), go.wait(20), np.float32(1))[2], [], tf.float32) + 1.0
    session = tf.Session()

    def body():
        try:
            session.run(x)
        except tf.errors.CancelledError as error:
            errors.append(error)
    thread = started(body)
    inside.wait(20)
    session.close()
    go.set()
    thread.join(20)
    assert len(errors) == 1 and "closed" in str(errors[0])


def test_an_interrupt_ends_a_run_that_waits_in_functions():
    go, inside = threading.Event(), threading.Barrier(2)
    calls = [tf.py_func(lambda: (inside.wait(20), go.wait(20), np.float32(1))[2], [], tf.float32) for _ in range(2)]
    session = tf.Session()

    def stop(number, frame):
        raise KeyboardInterrupt
    before = signal.signal(signal.SIGALRM, stop)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(KeyboardInterrupt):
            session.run(calls)
    finally:
        signal.signal(signal.SIGALRM, before)
        go.set()
    assert session.run(tf.constant(1.0) + 1.0) == 2


# -- a resource of its own: what queues, tables and iterators do -------------------------------------------------------

class Box:
    """Holds numbers until they are taken."""

    def __init__(self):
        self.changed, self.held = threading.Condition(), []


@pytest.fixture
def boxes():
    class TestBox(Op, sig="-> handle: resource", stateful=True):
        container: str = ""
        shared_name: str = ""

        def infer(self):
            return Spec(dtypes.resource, ())

        def resource_key(self, operation):
            return f"{self.container}/{self.shared_name or operation.name}"

    class TestPut(Op, sig="handle: @, value: float32 ->", stateful=True):
        def infer(self, handle, value):
            return ()

        def accesses(self, operation):
            return by_signature(operation, handle=HANDLE)

        def run(self, ctx, handle, value):
            box = ctx.resource(handle, Box)
            with box.changed:
                box.held.append(value)
                box.changed.notify_all()

    class TestTake(Op, sig="handle: @ -> value: float32", stateful=True, may_wait=True):
        def infer(self, handle):
            return Spec(dtypes.float32, ())

        def accesses(self, operation):
            return by_signature(operation, handle=HANDLE)

        def run(self, ctx, handle):
            box = ctx.resource(handle, Box)
            with box.changed:
                ctx.wait_for(box.changed, lambda: box.held)
                return box.held.pop(0)
    yield (lambda **names: make(TestBox, **names)), (lambda box, value: make(TestPut, box, value)), (lambda box: make(TestTake, box))
    for cls in (TestBox, TestPut, TestTake):
        del REGISTRY[cls.__name__]


def test_operations_on_one_handle_or_one_shared_name_share_the_resource_and_sessions_do_not(boxes):
    box, put, take = boxes
    first, second, other = box(shared_name="a"), box(shared_name="a"), box()
    x = tf.placeholder(tf.float32, [])
    into, out = put(first, x), take(second)
    session, elsewhere = tf.Session(), tf.Session()
    elsewhere.run(into, {x: 9})
    session.run(into, {x: 1})
    session.run(into, {x: 2})
    session.run(put(other, 3.0))
    assert session.run(out) == 1 and session.run(take(first)) == 2 and session.run(take(tf.identity(other))) == 3
    assert elsewhere.run(out) == 9


def test_one_run_may_put_and_take_whichever_was_made_first(boxes):
    box, put, take = boxes
    b = box()
    taken, into = take(b), put(b, 5.0)
    assert tf.Session().run([taken, into]) == [5, None]


def test_a_run_that_waits_for_a_resource_ends_when_another_thread_serves_it(boxes):
    box, put, take = boxes
    b, found = box(), []
    taken, into = take(b) * 2.0, put(b, 4.0)
    session = tf.Session()
    thread = started(lambda: found.append(session.run(taken)))
    session.run(into)
    thread.join(20)
    assert found == [8]


def test_closing_the_session_ends_a_wait_for_a_resource(boxes):
    box, _, take = boxes
    taken, errors, inside = take(box()), [], threading.Event()
    session = tf.Session()

    def body():
        try:
            inside.set()
            session.run(taken)
        except (tf.errors.CancelledError, RuntimeError) as error:
            errors.append(error)
    thread = started(body)
    inside.wait(20)
    session.close()
    thread.join(20)
    assert len(errors) == 1 and not thread.is_alive()


def test_a_failing_function_ends_the_waits_of_its_run_and_nothing_is_taken_later(boxes):
    box, put, take = boxes
    b = box()
    taken = take(b)
    failing = tf.py_func(lambda: 1 / 0, [], tf.float32)
    session = tf.Session()
    with pytest.raises(tf.errors.UnknownError, match="ZeroDivisionError"):
        session.run([taken, failing])
    for thread in threading.enumerate():
        if thread.name.startswith("graphflow-call"):
            thread.join(20)
    session.run(put(b, 6.0))
    assert session.run(taken) == 6
