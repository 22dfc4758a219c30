"""What `explain` says about loops, buffers and writes in place is what the engine does."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.layout import KINDS, Layout, Place, size_text
from graphflow.runtime.engines.numpy_engine import compile_plan
from graphflow.runtime.engines.numpy_engine.instances import arena
from graphflow.runtime.store import Binding


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def training():
    x = tf.placeholder(tf.float32, [None, 300], name="x")
    w = tf.get_variable("w", [300, 500])
    loss = tf.reduce_sum(tf.square(tf.nn.relu(tf.matmul(x, w))), name="loss")
    step = tf.train.AdamOptimizer().minimize(loss)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    return session, x, loss, step


def last(session, fetches, feeds):
    name, plan = session.explain(fetches, feeds, stages=True)[-1]
    assert name == "memory"
    return plan


def test_every_value_has_a_place_and_every_place_a_meaning():
    session, x, loss, step = training()
    plan = last(session, [loss, step], {x: (600, 300)})
    assert set(plan.layout.places) == {node.id for node in (*plan.inputs, *plan.nodes)}
    assert {place.kind for place in plan.layout.places.values()} <= set(KINDS)
    assert all(plan.layout == Layout(*plan.layout) and isinstance(place, Place) for place in plan.layout.places.values())


def test_the_layout_is_the_compiled_programs():
    session, x, loss, step = training()
    plan = last(session, [loss, step], {x: (600, 300)})
    program = compile_plan(plan, Binding(session, session._store))
    assert program.buffers == plan.layout.buffers
    for name, array in arena(program.buffers).items():
        assert (array.shape, array.dtype) == plan.layout.buffers[name] and array.nbytes == plan.layout.buffers[name].size
    assert sum(line.startswith("    def g") for line in program.source.splitlines()) == plan.layout.loops > 0
    # the engine's own text writes into the buffers and variables that the layout names
    for place in plan.layout.places.values():
        assert place.kind != "buffer" or place.name in program.source
    arrays = {id(value): name for name, value in program.environment.items()}
    for place in plan.layout.places.values():
        if place.kind == "in place":  # computed into, so neither copied into at the end nor given another array
            name = arrays[id(session._store.slots[place.name].value)]
            assert f"copyto({name}," not in program.source and f"({place.name!r}," not in program.source
            assert name in program.source


def test_variables_are_written_in_place_and_loops_keep_their_values_in_cache():
    session, x, loss, step = training()
    layout = last(session, [loss, step], {x: (600, 300)}).layout
    assert {place.name for place in layout.places.values() if place.kind == "in place"} == {"w", "w/Adam", "w/Adam_1"}
    cached = [place for place in layout.places.values() if place.kind == "cache"]
    assert cached and all(place.loop is not None for place in cached)
    assert any(place.over is not None for place in cached)
    assert sum(buffer.size for buffer in layout.buffers.values()) < layout.separate


def test_what_is_fetched_has_memory_of_its_own_and_views_have_none():
    x = tf.placeholder(tf.float32, [4, 3])
    exp = tf.exp(x)
    plan = last(tf.Session(), [exp + 1.0, tf.matmul(tf.transpose(x), exp)], {x: (4, 3)})
    places = {node.id: plan.layout.places[node.id] for node in plan.nodes}
    assert [places[value.id].kind for value in plan.outputs] == ["own array", "own array"]
    view = next(node for node in plan.nodes if node.prim == "transpose")
    assert places[view.id] == Place("view", over=view.args[0].id)


def test_explaining_changes_no_variable_and_needs_none():
    x = tf.placeholder(tf.float32, [2])
    v = tf.Variable([1.0, 2.0], name="v")
    session = tf.Session()
    plan = last(session, v.initializer, {})
    assert session._store.slots == {}
    assert "write v" in str(plan)
    session.run(v.initializer)
    plan = last(session, tf.assign_add(v, x), {x: (2,)})
    assert any(place == Place("in place", "v") for place in plan.layout.places.values())
    assert session.run(v).tolist() == [1.0, 2.0]


def test_the_text_says_where_values_live():
    session, x, loss, step = training()
    text = session.explain([loss, step], {x: (600, 300)}).split("\n\n")[-1]
    assert text.startswith("== memory: ")
    assert "in place: w/Adam_1" in text and "loop 0, cache" in text and "view of %" in text
    assert "loops, " in text.splitlines()[-1] and text.endswith("3 written in place")


@pytest.mark.parametrize(("size", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (20480, "20.5 kB"), (5_000_000_000, "5 GB")])
def test_sizes_are_read_as_people_say_them(size, text):
    assert size_text(size) == text


START = np.arange(6, dtype="f").reshape(2, 3)


def carried(body, turns=3, start=None, feeds=None):
    """(how many values of the plan take the place of carried ones, what two runs give, which are the same)"""
    x = tf.constant(START) if start is None else start
    found = tf.while_loop(lambda i, *_: i < turns, lambda i, *v: (i + 1, *body(*v)), (0, x, x * 0.0 + 1.0))[1:]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        plan = session.explain([*found, x], feeds or {}, stages=True)[-1][1]
        first, second = (session.run([*found, x], feeds) for _ in range(2))
        for a, b in zip(first, second, strict=True):
            np.testing.assert_array_equal(a, b)
        return sum(place.kind == "carried" for place in plan.layout.places.values()), first


@pytest.mark.parametrize("turns", [0, 1, 3])
def test_sums_over_the_turns_of_a_loop_are_made_in_one_array(turns):
    count, (y, z, x) = carried(lambda y, z: (y + z * 2.0, z * 0.5), turns)
    assert count == 2
    wanted, factor = START.copy(), np.ones((2, 3), "f")
    for _ in range(turns):
        wanted, factor = wanted + factor * 2, factor * np.float32(0.5)
    np.testing.assert_array_equal(y, wanted)
    np.testing.assert_array_equal(z, factor)
    np.testing.assert_array_equal(x, START)


def test_a_variable_that_a_loop_starts_with_stays_as_it_is():
    count, (y, _, x) = carried(lambda y, z: (y * 2.0, z), start=tf.get_variable("start", initializer=START))
    assert count == 1
    np.testing.assert_array_equal(y, START * 8)
    np.testing.assert_array_equal(x, START)


@pytest.mark.parametrize("body, turn", [
    (lambda y, z: (y + z, y * 3.0), lambda y, z: (y + z, y * 3)),                   # the old value is used for another one
    (lambda y, z: (y + 1.0, y), lambda y, z: (y + 1, y)),                           # and handed on
    (lambda y, z: (y + 1.0, tf.transpose(tf.reshape(tf.transpose(y), [2, 3]))[:1, :1] + tf.reverse(y, [1])),
     lambda y, z: (y + 1, y.T.reshape(2, 3).T[:1, :1] + y[:, ::-1])),
    (lambda y, z: (tf.transpose(tf.reshape(y, [3, 2])) + y, z + y), lambda y, z: (y.reshape(3, 2).T + y, z + y)),     # at another index
    (lambda y, z: (z + 1.0, y + 1.0), lambda y, z: (z + 1, y + 1)),                 # exchanged
    (lambda y, z: (y + z, y + z), lambda y, z: (y + z, y + z)),                     # one value for both
    (lambda y, z: (tf.cond(z[0, 0] > 3.0, lambda: y, lambda: y + 1.0), z + y), lambda y, z: (y if z[0, 0] > 3 else y + 1, z + y)),
    (lambda y, z: (y + 1.0, tf.while_loop(lambda j, _: j < 0, lambda j, w: (j + 1, w * 2.0), (0, y))[1]), lambda y, z: (y + 1, y)),
])
def test_carried_values_that_are_needed_longer_keep_their_arrays(body, turn):
    _, (y, z, _) = carried(body)
    a, b = START, np.ones((2, 3), "f")
    for _ in range(3):
        a, b = turn(a, b)
    np.testing.assert_allclose(y, a, rtol=1e-6)
    np.testing.assert_allclose(z, np.broadcast_to(b, z.shape), rtol=1e-6)


def test_carried_values_that_a_list_holds_keep_their_arrays():
    rows = tf.while_loop(lambda i, *_: i < 3, lambda i, y, rows: (i + 1, y * 2.0, rows.write(i, y)),
                         (0, tf.constant(START), tf.TensorArray(tf.float32, 3)))[2]
    with tf.Session() as session:
        for _ in range(2):
            np.testing.assert_array_equal(session.run(rows.stack()), [START, START * 2, START * 4])


def test_rows_written_in_a_loop_go_into_one_array():
    def body(y, z):
        return tf.tensor_scatter_nd_update(y, [[1]], z[:1]), z + 1.0
    count, (y, _, x) = carried(body)
    assert count == 2
    np.testing.assert_array_equal(y, [START[0], [3, 3, 3]])
    np.testing.assert_array_equal(x, START)


def native_source(turn):
    """The Python around native code for three turns."""
    pytest.importorskip("llvmlite")
    x = tf.placeholder(tf.float32, [4, 4])
    y = tf.while_loop(lambda i, _: i < 3, lambda i, y: (i + 1, turn(x, y)), (0, x))[1]
    with tf.Session(config=tf.ConfigProto(engine="native")) as session:
        session.run(y, {x: np.eye(4)})
        (prepared,) = session._prepared.values()
        program = prepared.executor.newest.program
    return program.source, program.buffers


def test_the_native_engine_runs_what_it_lacks_in_the_plans_buffers():
    source, buffers = native_source(lambda x, y: tf.floormod(tf.floormod(y, x + 3.0), x + 2.0) + 1.0)
    assert buffers and all(f", {name})" in source for name in buffers)


def test_a_turn_of_native_work_is_one_call():
    source, buffers = native_source(lambda x, y: tf.tanh(tf.matmul(y, x)) * 2.0 + y)
    assert not buffers and source.count("\n        if run") == 1 and "matmul(" not in source
