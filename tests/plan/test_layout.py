"""What `explain` says about loops, buffers and writes in place is what the engine does."""
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
