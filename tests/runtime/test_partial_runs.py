"""Runs in parts, and values that stay in a session: the same programs in TensorFlow; what is refused; threads."""
import gc
import json
import os
import subprocess
import threading

import numpy as np
import pytest

import graphflow as tf
from tests.oracle.programs import ROOT
from tests.runtime import session_programs


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


def placeholders(count):
    return [tf.placeholder(tf.float32, []) for _ in range(count)]


@pytest.mark.oracle
def test_programs_give_tensorflows_values(tensorflow_python):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "PYTHONPATH": str(ROOT)}
    finished = subprocess.run([tensorflow_python, "-m", "tests.runtime.session_programs"], cwd=ROOT, env=environment, capture_output=True,
                              text=True, check=False)
    assert finished.returncode == 0, finished.stderr[-3000:]
    assert json.loads(json.dumps(session_programs.results(tf))) == json.loads(finished.stdout.splitlines()[-1])


def test_programs_give_what_whole_runs_give():
    found = session_programs.results(tf)
    assert found["program_two_parts"] == [2, 40, 3, 90, 4, 160]
    assert found["program_variables_are_written_once"] == [6, 6, 18, 6] and found["program_two_runs_at_once"] == [0, 2, 0, 12]
    assert found["program_random_numbers_are_drawn_once"] == [True] and found["program_a_chain_of_handles"] == [2.0 ** 30]


@pytest.mark.parametrize("use, error, message", [
    (lambda s, h, x, y: s.partial_run(h, y[1], {x[0]: 1}), tf.errors.InvalidArgumentError,
     r"can't be computed from the feeds(.|\n)*it needs"),
    (lambda s, h, x, y: [s.partial_run(h, [], {x[0]: 1}), s.partial_run(h, [], {x[0]: 1})], tf.errors.InvalidArgumentError,
     "has already been fed"),
    (lambda s, h, x, y: [s.partial_run(h, y[0], {x[0]: 1}), s.partial_run(h, y[0])], tf.errors.InvalidArgumentError, "been fetched"),
    (lambda s, h, x, y: s.partial_run(h, y[2], {x[0]: 1}), tf.errors.InvalidArgumentError, "was not specified in partial_run_setup"),
    (lambda s, h, x, y: s.partial_run(h, y[0], {x[2]: 1}), tf.errors.InvalidArgumentError, "was not specified in partial_run_setup"),
    (lambda s, h, x, y: s.partial_run("other", y[0], {x[0]: 1}), tf.errors.InvalidArgumentError, "Must run 'setup'"),
    (lambda s, h, x, y: s.partial_run(h, y[0], {x[0]: [1, 2]}), ValueError, "Cannot feed value of shape"),
    (lambda s, h, x, y: s.partial_run(h, y[1].op, {x[0]: 1}), RuntimeError, "requires empty target_list.*control_dependencies"),
    (lambda s, h, x, y: s.partial_run_setup([], [x[0]]), tf.errors.InvalidArgumentError, "at least one target"),
    (lambda s, h, x, y: [s.close(), s.partial_run(h, y[0], {x[0]: 1})], RuntimeError, "closed Session"),
    (lambda s, h, x, y: [s.close(), s.partial_run_setup([y[0]], [x[0]])], RuntimeError, "closed Session"),
    (lambda s, h, x, y: s.partial_run(s.partial_run_setup([y[0]]), y[0]), tf.errors.InvalidArgumentError,
     "must feed a value for placeholder"),
])
def test_what_is_no_part_of_the_run_is_refused(use, error, message):
    x = placeholders(3)
    y = [x[0] * 2.0, x[0] * x[1], x[2] + 1.0]
    session = tf.Session()
    handle = session.partial_run_setup(y[:2], x[:2])
    with pytest.raises(error, match=message):
        use(session, handle, x, y)


def test_a_run_ends_with_its_last_feed_and_fetch_or_its_first_failure(session):
    a, b = placeholders(2)
    first, second = a + 1.0, tf.check_numerics(a / b, "no number")
    handle = session.partial_run_setup([first, second], [a, b])
    session.partial_run(handle, first, {a: 1})
    with pytest.raises(tf.errors.InvalidArgumentError, match="no number"):
        session.partial_run(handle, second, {b: 0})
    with pytest.raises(tf.errors.InvalidArgumentError, match="Must run 'setup'"):
        session.partial_run(handle, second, {b: 1})
    assert not session._partial


def test_what_nobody_fetches_is_done_too(session):
    a, b = placeholders(2)
    v = tf.Variable(0.0)
    update, end = v.assign_add(a).op, a * b
    session.run(v.initializer)
    handle = session.partial_run_setup([update, end], [a, b])
    session.partial_run(handle, [], {a: 4})
    assert session.run(v) == 4
    assert session.partial_run(handle, end, {b: 2}) == 8 and session.run(v) == 4


def test_parts_may_wait_in_functions_and_queues(session):
    a, b = placeholders(2)
    queue = tf.FIFOQueue(5, tf.float32, shapes=[[]])
    held = tf.py_func(lambda x: x + np.float32(1), [a], tf.float32)
    with tf.control_dependencies([queue.enqueue(held)]):
        out = queue.dequeue() * b
    for _ in range(2):
        handle = session.partial_run_setup([held, out], [a, b])
        assert session.partial_run(handle, held, {a: 1}) == 2 and session.partial_run(handle, out, {b: 3}) == 6


def test_parts_are_planned_once(session):
    a, b = placeholders(2)
    one, two = a + 1.0, a * b
    for i in range(4):
        handle = session.partial_run_setup([one, two], [a, b])
        session.partial_run(handle, one, {a: i})
        assert session.partial_run(handle, two, {b: 2}) == 2 * i
    assert len(session._parts) == 2 and not session._partial


def test_threads_run_in_parts_at_once(session):
    a, b = placeholders(2)
    one, two, wrong = a + 1.0, a * b, []

    def work(number):
        try:
            for i in range(20):
                handle = session.partial_run_setup([one, two], [a, b])
                assert session.partial_run(handle, one, {a: i}) == i + 1
                assert session.partial_run(handle, two, {b: number}) == i * number
        except BaseException as error:
            wrong.append(error)
    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


# -- handles -------------------------------------------------------------------------------------------------------------

def kept(session, value):
    return session.run(tf.get_session_handle(tf.constant(value)))


def test_a_value_that_was_deleted_is_gone(session):
    handle = kept(session, 1.0)
    holder, tensor = tf.get_session_tensor(handle.handle, tf.float32)
    drop, deleter = tf.delete_session_tensor(handle.handle)
    session.run(deleter, {drop: handle.handle})
    with pytest.raises(tf.errors.InvalidArgumentError, match="is not in the session store"):
        session.run(tensor, {holder: handle.handle})
    with pytest.raises(tf.errors.InvalidArgumentError, match="Failed to delete a tensor"):
        session.run(deleter, {drop: handle.handle})
    other = kept(session, 2.0)
    other.delete()
    for use in (other.eval, other.delete, lambda: np.asarray(other)):
        with pytest.raises(TypeError, match="may have already been deleted"):
            use()


def test_values_whose_handles_are_gone_go_after_a_while(session):
    handle = tf.get_session_handle(tf.placeholder_with_default(1.0, []))
    raw = session.run(handle).get_raw_handle()
    for _ in range(50):
        session.run(handle)
    gc.collect()
    store = session._store.states[" session tensors"]
    assert len(store.values) <= 13 and raw in store.values


def test_sessions_keep_their_own_values(session):
    handle = kept(session, 1.0)
    holder, tensor = tf.get_session_tensor(handle, tf.float32)
    with tf.Session() as other, pytest.raises(tf.errors.InvalidArgumentError, match="is not in the session store"):
        other.run(tensor, {holder: handle.handle})


def test_dtypes_of_handles_must_fit(session):
    handle = kept(session, 1)
    holder, tensor = tf.get_session_tensor(handle.handle, tf.float32)
    with pytest.raises(tf.errors.InternalError, match="Output 0 of type int32 does not match declared output type float"):
        session.run(tensor, {holder: handle.handle})
    x = tf.placeholder(tf.float32, [])
    with pytest.raises(TypeError, match="the handle's value is int32"):
        session.run(x + 1.0, {x: handle})
    with pytest.raises(TypeError, match="must be of type Tensor"):
        tf.get_session_handle([1, 2])


def test_what_is_kept_does_not_change_with_a_variable(session):
    v = tf.Variable(np.ones(3))
    session.run(v.initializer)
    handle = session.run(tf.get_session_handle(v.read_value()))
    session.run(v.assign(np.zeros(3)))
    assert handle.eval().tolist() == [1, 1, 1] and np.asarray(handle).tolist() == [1, 1, 1]


# -- TF1's control flow nodes ---------------------------------------------------------------------------------------------------

def switched(predicate, value, then, orelse):
    """A cond as TF1 wrote it."""
    no, yes = tf.raw_ops.Switch(data=value, pred=predicate)
    return tf.raw_ops.Merge(inputs=[orelse(no), then(yes)])[0]


def test_a_branch_of_old_runs_when_all_is_there_and_what_follows_later(session):
    x, p, w = tf.placeholder(tf.float32, []), tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    y = switched(p, x * 1.0, lambda t: t + 10.0, lambda t: t - 10.0)
    z = y * w
    for choice, found in ((True, 13), (False, -7)):
        handle = session.partial_run_setup([y, z], [x, p, w])
        with pytest.raises(tf.errors.InvalidArgumentError, match="can't be computed"):
            session.partial_run(session.partial_run_setup([y, z], [x, p, w]), y, {x: 3.0})
        assert session.partial_run(handle, y, {x: 3.0, p: choice}) == found
        assert session.partial_run(handle, z, {w: 2.0}) == 2 * found


def test_branches_in_branches_wait_for_what_the_inner_one_needs(session):
    x, p, q = tf.placeholder(tf.float32, []), tf.placeholder(tf.bool, []), tf.placeholder(tf.bool, [])
    inner = lambda t: switched(tf.raw_ops.Switch(data=q, pred=p)[1], t, lambda u: u * 2.0, lambda u: u * 3.0) + 1.0  # noqa: E731
    y, before = switched(p, x * 1.0, inner, tf.negative), x + 100.0
    for choice, other, found in ((True, True, 7), (True, False, 10), (False, True, -3)):
        handle = session.partial_run_setup([before, y], [x, p, q])
        assert session.partial_run(handle, before, {x: 3.0}) == 103
        assert session.partial_run(handle, y, {p: choice, q: other}) == found


def test_a_write_in_a_branch_of_old_happens_once(session):
    v = tf.Variable(1.0)
    p, w = tf.placeholder(tf.bool, []), tf.placeholder(tf.float32, [])
    y = switched(p, tf.constant(5.0), lambda t: tf.assign_add(v, t), tf.identity)
    z = y + w
    session.run(v.initializer)
    handle = session.partial_run_setup([y, z], [p, w])
    assert session.partial_run(handle, y, {p: True}) == 6
    assert session.partial_run(handle, z, {w: 1.0}) == 7 and session.run(v) == 6


def test_a_loop_of_old_runs_in_the_part_in_which_all_is_there(session):
    n, k, w = tf.placeholder(tf.int32, []), tf.placeholder(tf.float32, []), tf.placeholder(tf.float32, [])
    enter = lambda t, constant=False: tf.raw_ops.Enter(data=t, frame_name="loop", is_constant=constant)  # noqa: E731
    graph_def = tf.GraphDef()
    i, a, limit, factor = enter(tf.constant(0)), enter(k * 1.0), enter(n, True), enter(k, True)
    graph_def.CopyFrom(tf.get_default_graph().as_graph_def())
    for name, first, back in (("i_merge", i, "i_next"), ("a_merge", a, "a_next")):
        node = graph_def.node.add(name=name, op="Merge", input=[first.op.name, back])
        node.attr["T"].type, node.attr["N"].i = first.dtype.as_datatype_enum, 2
    graph_def.node.add(name="less", op="Less", input=["i_merge", limit.op.name]).attr["T"].type = 3
    graph_def.node.add(name="go_on", op="LoopCond", input=["less"])
    for name, dtype in (("i", 3), ("a", 1)):
        graph_def.node.add(name=f"{name}_switch", op="Switch", input=[f"{name}_merge", "go_on"]).attr["T"].type = dtype
        graph_def.node.add(name=f"{name}_next", op="NextIteration", input=[f"{name}_new"]).attr["T"].type = dtype
        graph_def.node.add(name=f"{name}_exit", op="Exit", input=[f"{name}_switch:0"]).attr["T"].type = dtype
    one = graph_def.node.add(name="one", op="Const", input=["^i_switch"])
    one.attr["dtype"].type = 3
    one.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(1))
    graph_def.node.add(name="i_new", op="AddV2", input=["i_switch:1", "one"]).attr["T"].type = 3
    graph_def.node.add(name="a_new", op="Mul", input=["a_switch:1", factor.op.name]).attr["T"].type = 1
    with tf.Graph().as_default(), tf.Session() as other:
        power, n, k, w = tf.import_graph_def(graph_def, name="", return_elements=["a_exit:0", n.name, k.name, w.name])
        z = power * w
        assert other.run(power, {n: 3, k: 2.0}) == 16
        handle = other.partial_run_setup([power, z], [n, k, w])
        assert other.partial_run(handle, power, {n: 3, k: 2.0}) == 16
        assert other.partial_run(handle, z, {w: 0.5}) == 8
        handle = other.partial_run_setup([z], [n, k, w])
        other.partial_run(handle, [], {n: 1, w: 1.0})
        assert other.partial_run(handle, z, {k: 3.0}) == 9
