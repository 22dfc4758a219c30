"""The plan view: what a session made of a graph, as graphs that the viewer draws."""

import numpy as np
import pytest

import graphflow as tf
from graphflow import viewer
from graphflow.viewer.colors import BUFFERS, PLACES, fills, is_place
from graphflow.viewer.dot import dot_source
from graphflow.viewer.graph_scan import scan
from graphflow.viewer.graph_tree import build
from graphflow.viewer.notebook import graphs_html
from graphflow.viewer.offline import graphs_data
from graphflow.viewer.plan_graph import plan_graph, stage_graphs
from graphflow.viewer.visible import State, view


@pytest.fixture
def stages():
    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 300], name="x")
        with tf.variable_scope("layer"):
            w = tf.get_variable("w", [300, 500])
            y = tf.nn.relu(tf.matmul(x, w))
        step = tf.train.AdamOptimizer().minimize(tf.reduce_sum(y))
        session.run(tf.global_variables_initializer())
        yield session.explain(step, {x: (600, 300)}, stages=True)


def nodes_of(buf):
    """{name: (op, device, inputs)}"""
    found = scan(buf)
    names = [name.decode() for name in found.names]
    inputs = {name: [] for name in names}
    for src, dst in zip(found.src.tolist(), found.dst.tolist(), strict=True):
        inputs[names[dst]].append(names[src])
    return {name: (found.ops[found.op[i]], found.devices[found.device[i]], inputs[name]) for i, name in enumerate(names)}


def test_every_stage_is_a_graph(stages):
    graphs = stage_graphs(stages)
    assert [g.name for g in graphs] == ["plan 1: lowered", "plan 2: ownership", "plan 3: dead ends", "plan 4: products",
                                    "plan 5: invariants", "plan 6: factors", "plan 7: fusion", "plan 8: memory"]
    for graph, (_, plan) in zip(graphs, stages, strict=True):
        assert len(nodes_of(graph.buf)) == len(plan.inputs) + len(plan.nodes) + len(plan.outputs) + len(plan.effects)


def test_values_are_named_after_the_operations_they_were_made_for(stages):
    nodes = nodes_of(plan_graph(stages[0][1]))
    assert nodes["x"][0] == "feed" and nodes["layer/w"][0] == "variable"
    product = next(name for name in nodes if name.startswith("layer/MatMul/matmul_"))
    assert nodes[product][2] == ["x", "layer/w"]
    assert nodes["writes/layer/w/Adam"][0] == "write"
    assert all(device == "" for _, device, _ in nodes.values())


def test_the_engines_plan_shows_fused_loops_buffers_and_writes_in_place(stages):
    plan = stages[-1][1]
    nodes = nodes_of(plan_graph(plan))
    fused = {name for name in nodes if name.startswith("fused_")}
    assert len(fused) == sum(place.loop is not None for place in plan.layout.places.values()) > 5
    places = {device for _, device, _ in nodes.values() if device}
    assert {"fed", "variable", "in place", "cache", "view"} <= places
    assert any(place.startswith("buffer b0 · 1.2 MB") for place in places)
    assert all(is_place(place) for place in places)
    written = [nodes[nodes[f"writes/{key}"][2][0]][1] for key in ("layer/w", "layer/w/Adam", "layer/w/Adam_1")]
    assert written == ["in place"] * 3


def test_places_are_words_and_colours(stages):
    buf = plan_graph(stages[-1][1])
    tree = build(buf)
    group = tree.find("fused_1/")
    shown = view(tree, buf, State(root=group))
    boxes = {box["label"]: box for box in shown["boxes"]}
    in_place = [box for box in boxes.values() if box["detail"] == "in place"]
    assert len(in_place) == 3 and {box["fills"]["op"] for box in in_place} == {PLACES["in place"]}
    assert PLACES["cache"] in dot_source(shown, "op")
    assert fills(of("matmul", "buffer b7 · 1 kB"))["op"] == BUFFERS[1]


def of(op, device):
    return {"op": op, "kind": "op", "device": device, "structure": 1, "path": "a/b", "grad": False, "dtype": ""}


NO_PLACES = ["/device:CPU:0", "", "buffer", "buffer b", "buffer bx 1", "GPU", "toString", "constructor", "buffer b\u0661 "]


@pytest.mark.parametrize("device", NO_PLACES)
def test_devices_are_no_places(device):
    assert not is_place(device)
    assert fills(of("MatMul", device))["op"] == fills(of("MatMul", ""))["op"]


def test_show_takes_the_stages_and_a_single_plan(stages):
    for shown, count in ((stages, 8), (stages[-1][1], 1)):
        page = viewer.show(shown, browser=False, wait=False)
        try:
            assert len(page._server.store.sorted_runs()[0].graphs) == count
        finally:
            page.close()
    html = graphs_html(stage_graphs(stages))
    assert html.startswith('<div id="graphflow-')
    assert [g["newest"] for g in graphs_data(stage_graphs(stages), "p")["runs"]["runs"][0]["graphs"]] == [*[False] * 7, True]


def test_kernels_that_run_as_they_are_and_known_values_are_told():
    from graphflow.viewer.attributes import attributes

    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [3], name="x")
        drawn = tf.random_normal([3]) + x * np.float32(2.5)
        buf = plan_graph(session.explain(drawn, {x: (3,)}, stages=True)[-1][1])
    found = scan(buf)
    texts = {found.names[i].decode(): {a["name"]: a["value"] for a in attributes(buf, int(found.start[i]), int(found.end[i]))}
             for i in range(len(found.names))}  # fmt: skip
    kernel = next(attrs for attrs in texts.values() if "kernel" in attrs)
    assert "RandomStandardNormal" in kernel["kernel"] and "random_normal" in kernel["made for"]
    assert any("2.5" in attrs.get("arguments", "") for attrs in texts.values())


def test_a_loop_is_a_scope_that_holds_its_test_and_its_body():
    with tf.Graph().as_default():
        x = tf.placeholder(tf.float32, [2])

        def body(i, a):
            return i + 1, tf.cond(a[0] > 0.0, lambda: tf.sin(a), lambda: a)
        y = tf.while_loop(lambda i, _: i < 3, body, [0, x], name="turns")[1]
        with tf.Session() as session:
            plan = session.explain(y, {x: (2,)}, stages=True)[-1][1]
    found = scan(plan_graph(plan))
    names = [name.decode() for name in found.names]
    (loop,) = [name for name in names if name.startswith("turns/loop_") and name.count("/") == 1]
    kinds = {name.removeprefix(loop + "/"): found.ops[op] for name, op in zip(names, found.op)}
    assert {name.split("/")[0] for name in kinds if name.startswith(("test/", "body/"))} == {"test", "body"}
    assert {"argument", "less", "result", "cond", "sin"} <= set(kinds.values())
    assert any("/then/" in name and kind == "sin" for name, kind in kinds.items())
    assert (found.src >= 0).all() and len(found.notes) == 0
