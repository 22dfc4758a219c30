"""Everything above the engines takes variables' values for opaque: programs run with an engine whose variables are no arrays."""
import importlib.machinery

import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime import engines
from graphflow.runtime.engines.numpy_engine import ENGINE as NUMPY
from tests.runtime.box_engine import ENGINE, Box


@pytest.fixture
def box(monkeypatch):
    monkeypatch.setitem(engines.HOMES, "box", "tests.runtime.box_engine")
    monkeypatch.setattr(ENGINE, "lacks", set())
    monkeypatch.setattr(ENGINE, "on_host", True)
    monkeypatch.setattr(ENGINE, "compiled", [])
    with tf.Graph().as_default():
        yield tf.ConfigProto(engine="box")


def program():
    x = tf.placeholder(tf.float32, [None, 3])
    w = tf.get_variable("w", [3, 2], initializer=tf.constant_initializer(0.5))
    b = tf.get_variable("b", [2], use_resource=True, initializer=tf.zeros_initializer())
    step = tf.train.get_or_create_global_step()
    loss = tf.reduce_mean(tf.square(tf.tanh(tf.matmul(x, w) + b) - 0.3))
    return x, loss, tf.train.AdamOptimizer(0.05).minimize(loss, global_step=step)


def trained(session, x, loss, train):
    value = np.linspace(-1, 1, 12, dtype="f").reshape(4, 3)
    session.run(tf.global_variables_initializer())
    return [session.run([loss, train], {x: value})[0] for _ in range(5)] + session.run(tf.global_variables())


def test_training_is_the_numpy_engines(box):
    made = program()
    with tf.Session(config=box) as session:
        mine = trained(session, *made)
        assert all(isinstance(slot.value, Box) for slot in session._store.slots.values())
        assert ENGINE.compiled and all(plan.inputs for plan in ENGINE.compiled)      # initializers are not worth compiling
    with tf.Session(config=tf.ConfigProto(engine="numpy")) as session:
        for ours, theirs in zip(mine, trained(session, *made), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def test_checkpoints_freezing_and_traces(box, tmp_path):
    x, loss, train = program()
    saver = tf.train.Saver()
    value = np.ones((4, 3), "f")
    with tf.Session(config=box) as session:
        trained(session, x, loss, train)
        wanted = session.run(tf.global_variables())
        prefix = saver.save(session, str(tmp_path / "model"))
        frozen = tf.graph_util.convert_variables_to_constants(session, session.graph_def, [loss.op.name])
        metadata = tf.RunMetadata()
        before = session.run(loss, {x: value}, tf.RunOptions(trace_level=tf.RunOptions.FULL_TRACE), metadata)
        assert metadata.step_stats.dev_stats[0].node_stats
    with tf.Session(config=box) as session:
        saver.restore(session, prefix)
        for ours, theirs in zip(session.run(tf.global_variables()), wanted, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert session.run(loss, {x: value}) == before
    with tf.Graph().as_default(), tf.Session(config=box) as session:
        fed, found = tf.import_graph_def(frozen, return_elements=[x.name, loss.name], name="")
        assert session.run(found, {fed: value}) == pytest.approx(before, rel=1e-6)


def test_state_changes_shape_and_is_asked_for(box):
    v = tf.Variable([1.0, 2.0], validate_shape=False, name="v")
    wider = tf.assign(v, tf.placeholder_with_default([1.0, 2.0, 3.0], [None]), validate_shape=False)
    with tf.Session(config=box) as session:
        assert not session.run(tf.is_variable_initialized(v))
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value v"):
            session.run(v)
        session.run(v.initializer)
        assert session.run(v).tolist() == [1, 2]
        assert session.run(wider).tolist() == [1, 2, 3]
        assert session.run(v).tolist() == [1, 2, 3]
        fetched = session.run(v)
        session.run(tf.assign_add(v, [1.0, 1.0, 1.0]))
        assert fetched.tolist() == [1, 2, 3] and session.run(v).tolist() == [2, 3, 4]


def test_what_an_engine_lacks_runs_on_the_numpy_engine(box, monkeypatch):
    monkeypatch.setattr(ENGINE, "lacks", {"tanh"})
    x, loss, train = program()
    with tf.Session(config=box) as session:
        losses = trained(session, x, loss, train)[:5]
        assert not any(node.prim == "tanh" for plan in ENGINE.compiled for node in plan.nodes)
    assert losses[-1] < losses[0]


def test_where_it_cannot_the_error_names_operation_and_line(box, monkeypatch):
    monkeypatch.setattr(ENGINE, "lacks", {"tanh"})
    monkeypatch.setattr(ENGINE, "on_host", False)
    x = tf.placeholder(tf.float32, [3])
    y = tf.tanh(x, name="bend")
    with tf.Session(config=box) as session, pytest.raises(tf.errors.UnimplementedError) as caught:
        session.run(y, {x: [1, 2, 3]})
    assert "box engine cannot run 'tanh'" in caught.value.message and "[[node bend (op type: Tanh)]]" in caught.value.message
    assert "test_engines.py" in caught.value.message


def test_explain_shows_what_an_engine_makes_of_a_plan(box):
    x = tf.placeholder(tf.float32, [3])
    names = [name for name, _ in tf.Session(config=box).explain(tf.tanh(x), {x: (3,)}, stages=True)]
    assert names[-2:] == ["memory", "box engine"]
    plain = tf.ConfigProto(engine="numpy")
    assert [name for name, _ in tf.Session(config=plain).explain(tf.tanh(x), {x: (3,)}, stages=True)][-1] == "memory"


def test_the_numpy_engine_supports_every_primitive():
    from graphflow.plan.kernels import PRIMITIVES
    from graphflow.plan.node import INPUTS, Node
    nodes = [Node(prim, (), None, (), np.dtype("f")) for prim in (*PRIMITIVES, *INPUTS)]
    assert all(map(NUMPY.supports, nodes)) and not NUMPY.supports(Node("unheard", (), None, (), np.dtype("f")))


def test_an_engine_that_is_not_there_is_refused():
    with pytest.raises(NotImplementedError, match="engine 'abacus' is not available"):
        tf.Session(config=tf.ConfigProto(engine="abacus"))


def test_the_engine_is_the_sessions_else_that_of_the_environment(monkeypatch):
    monkeypatch.delenv("GRAPHFLOW_ENGINE", raising=False)
    assert engines.choose(None) == engines.choose(tf.ConfigProto()) == "numpy"
    monkeypatch.setenv("GRAPHFLOW_ENGINE", "auto")
    assert engines.choose(None) == "auto" and engines.choose(tf.ConfigProto(engine="native")) == "native"
    monkeypatch.setattr(engines, "compiler", lambda: False)
    with pytest.raises(NotImplementedError, match=r"native engine needs llvmlite 0\.45: pip install 'graphflow-tf1\[jit\]'"):
        engines.load("native")


@pytest.mark.parametrize("note, fits", [("0.46.0", True), ("0.44.1", False), ("1.0.0rc1", True), (None, True)])
def test_a_compiler_that_is_too_old_is_not_used(note, fits, monkeypatch, tmp_path):
    (tmp_path / "llvmlite").mkdir()
    (tmp_path / "llvmlite" / "__init__.py").touch()
    if note:
        (tmp_path / f"llvmlite-{note}.dist-info").mkdir()
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: importlib.machinery.ModuleSpec(
        name, None, origin=str(tmp_path / "llvmlite" / "__init__.py")))
    assert engines.compiler.__wrapped__() == fits


def test_small_plans_are_left_to_the_numpy_engine():
    pytest.importorskip("llvmlite")
    auto = engines.load("auto")
    x, few = tf.placeholder(tf.float32, [4]), tf.placeholder(tf.float32, [300])
    many = x
    for _ in range(30):
        many = tf.tanh(many + 1.0)
    with tf.Session(config=tf.ConfigProto(engine="numpy")) as session:
        worth = [auto.worth(session.explain(y, {feed: np.zeros(feed.shape.as_list())}, stages=True)[-1][1])
                 for y, feed in ((x * 2.0, x), (many, x), (few * 2.0, few))]
    assert worth == [False, True, True]
