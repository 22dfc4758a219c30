"""Sessions as TF1 programs use them: what may be fed and fetched, default sessions, callables, closing, options."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime.executor import Executor


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def test_any_tensor_may_be_fed():
    c = tf.constant(2.0)
    middle = c * 3.0
    out = middle + 1.0
    v = tf.Variable(5.0)
    total = v + out
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run(out) == 7
        assert session.run(out, {c: 10}) == 31
        assert session.run(out, {middle: 10}) == 11
        assert session.run(out, {out: 10}) == 10
        assert session.run(total, {v: 1.0}) == 8
        assert session.run(total, {"Variable/read:0": 2.0}) == 9


def test_values_are_converted_to_the_tensors_dtype():
    x, n, b = tf.placeholder(tf.float32), tf.placeholder(tf.int64), tf.placeholder(tf.bool)
    s = tf.placeholder(tf.string)
    with tf.Session() as session:
        found = session.run([x, n, b, s], {x: [[1, 2], [3, 4]], n: np.int32(7), b: True, s: ["a", "b"]})
    assert found[0].dtype == np.float32 and found[1].dtype == np.int64 and found[2].dtype == bool
    assert found[3].tolist() == [b"a", b"b"]


def test_feeds_that_do_not_fit_are_refused():
    x = tf.placeholder(tf.float32, [2])
    n = tf.placeholder(tf.int32)
    session = tf.Session()
    with pytest.raises(TypeError, match="cannot be a tf.Tensor object"):
        session.run(x, {x: tf.constant([1.0, 2.0])})
    with pytest.raises(ValueError, match=r"Cannot feed value of shape \(3,\) for Tensor 'Placeholder:0', which has shape '\(2,\)'"):
        session.run(x, {x: [1, 2, 3]})
    with pytest.raises(TypeError, match="is not compatible with Tensor type int32"):
        session.run(n, {n: 2 ** 40})
    with pytest.raises(TypeError, match="Cannot interpret feed_dict key as Tensor"):
        session.run(x, {"nothing": 1})
    with pytest.raises(ValueError, match="Cannot feed value of type str"):
        session.run(x, {x: "text"})


def test_none_of_operations_and_names():
    x = tf.constant(3.0, name="x")
    op = tf.group(x)
    with tf.Session() as session:
        assert session.run([op, x, "x:0", "x"]) == [None, 3.0, 3.0, None]
        assert session.run({"a": x, "b": (op, [x])}) == {"a": 3.0, "b": (None, [3.0])}
        assert session.run([]) == []
        assert session.run(()) == ()


def test_default_sessions():
    x = tf.constant(3.0)
    with pytest.raises(ValueError, match="No default session is registered"):
        x.eval()
    session = tf.Session()
    with session.as_default():
        assert x.eval() == 3 and tf.get_default_session() is session
    assert x.eval(session=session) == 3
    interactive = tf.InteractiveSession()
    assert x.eval() == 3
    interactive.close()
    with pytest.raises(ValueError, match="No default session is registered"):
        x.eval()


def test_a_second_open_interactive_session_warns():
    first = tf.InteractiveSession()
    with pytest.warns(UserWarning, match="An interactive session is already active"):
        second = tf.InteractiveSession()
    second.close()
    first.close()
    first.close()
    tf.InteractiveSession().close()     # warns of nothing


def test_callables():
    x, y = tf.placeholder(tf.float32), tf.placeholder(tf.float32)
    session = tf.Session()
    add = session.make_callable(x + y, [x, y])
    both = session.make_callable({"sum": x + y, "op": tf.no_op()}, [x, y])
    assert add(1, 2) == 3 and both(1, 2) == {"sum": 3, "op": None}
    with pytest.raises(TypeError, match="takes 2 values"):
        add(1)
    session.close()
    with pytest.raises(RuntimeError, match="closed Session"):
        add(1, 2)


def test_a_callable_survives_the_making_of_operations_and_other_runs():
    v = tf.Variable(1.0)
    session = tf.Session()
    session.run(v.initializer)
    step = session.make_callable(v.assign_add(1.0))
    assert [step(), step()] == [2, 3]
    tf.constant(1.0)
    assert session.run(v) == 3 and step() == 4


def test_late_control_inputs_are_seen():
    v = tf.Variable(1.0)
    update = v.assign_add(1.0)
    read = v.read_value()
    session = tf.Session()
    session.run(v.initializer)
    assert session.run(read) == 1
    read.op._add_control_input(update.op)
    assert session.run(read) == 2


def test_options_are_accepted():
    x = tf.constant(1.0)
    config = tf.ConfigProto(allow_soft_placement=True, log_device_placement=False, inter_op_parallelism_threads=1)
    config.gpu_options.allow_growth = True
    config.gpu_options.per_process_gpu_memory_fraction = 0.4
    with tf.Session(config=config) as session:
        assert session.run(x, options=tf.RunOptions(timeout_in_ms=1000)) == 1
    with pytest.raises(NotImplementedError, match="engine 'warp' is not available"):
        tf.Session(config=tf.ConfigProto(engine="warp"))


def test_the_graph_may_grow_between_runs():
    x = tf.placeholder(tf.float32)
    y = x + 1.0
    session = tf.Session()
    assert session.run(y, {x: 1}) == 2
    z = y * 2.0
    assert session.run([y, z], {x: 1}) == [2, 4]


def test_shapes_may_change_from_run_to_run():
    x = tf.placeholder(tf.float32, [None, 2])
    total = tf.reduce_sum(x, 0)
    session = tf.Session()
    for n in (3, 1, 0, 5, 3):
        assert session.run(total, {x: np.ones((n, 2))}).tolist() == [n, n]


def test_data_dependent_shapes_flow_on():
    x = tf.placeholder(tf.float32, [None])
    big = tf.boolean_mask(x, x > 0)
    mean = tf.reduce_mean(big * 2.0)
    rows = tf.reshape(tf.unique(big)[0], [-1, 1]) + tf.ones([1, 2])
    session = tf.Session()
    found = session.run([big, mean, rows, tf.shape(big)], {x: [1, -2, 3, 3]})
    assert found[0].tolist() == [1, 3, 3] and found[1] == pytest.approx(14 / 3)
    assert found[2].tolist() == [[2, 2], [4, 4]] and found[3].tolist() == [3]


def test_stateful_ops_run_once_and_in_order():
    seen = []
    first = tf.py_func(lambda: seen.append(1) or np.float32(1), [], tf.float32)
    with tf.control_dependencies([first]):
        second = tf.py_func(lambda: seen.append(2) or np.float32(2), [], tf.float32)
    session = tf.Session()
    assert session.run([second, first + first, first]) == [2, 2, 1]
    assert seen == [1, 2]
    session.run(second.op)
    assert seen == [1, 2, 1, 2]


def test_closed_sessions_and_empty_graphs():
    with pytest.raises(RuntimeError, match="The Session graph is empty"):
        tf.Session().run("x")
    x = tf.constant(1.0)
    session = tf.Session()
    session.close()
    session.close()
    with pytest.raises(RuntimeError, match="Attempted to use a closed Session"):
        session.run(x)


def test_observers_hear_of_each_new_signature_before_it_runs():
    from graphflow.runtime import session as runtime

    heard = []
    x = tf.placeholder(tf.float32, [None], name="x")
    y = x * 2.0
    runtime.observers.append(lambda *call: heard.append(call))
    try:
        with tf.Session() as session:
            for _ in range(2):
                session.run(y, {x: [1.0]})
            session.run([y], {x: [1.0]})
    finally:
        runtime.observers.pop()
    assert [(fetches, feeds) for _, fetches, feeds in heard] == [(y, {x: [1.0]}), ([y], {x: [1.0]})]
    assert heard[0][0] is session


def test_the_plan_for_a_shape_that_is_used_all_the_time_is_kept(monkeypatch):
    compiled = []
    original = Executor._compile
    monkeypatch.setattr(Executor, "_compile", lambda self, shapes: (compiled.append(shapes), original(self, shapes))[1])
    x = tf.placeholder(tf.float32, [None])
    y = tf.reduce_sum(x * 2.0)
    session = tf.Session()
    for i in range(100):
        session.run(y, {x: np.ones(5)})
        session.run(y, {x: np.ones(10 + i)})
    assert compiled.count(((5,),)) == 1 and len(compiled) < 30     # the others soon share one plan for any length
