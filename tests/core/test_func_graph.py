"""Graphs inside graphs: captures, what bodies share with the graph around them, and where operations go."""
import pytest

import graphflow as tf
from graphflow.core.func_graph import FuncGraph


@pytest.fixture
def nested():
    """(outer graph, body, body of the body)."""
    with tf.Graph().as_default() as outer:
        body = FuncGraph("body", outer)
        return outer, body, FuncGraph("inner", body)


def test_an_outer_tensor_is_captured_once_through_every_graph_between(nested):
    outer, body, inner = nested
    with outer.as_default():
        x = tf.constant([1.0, 2.0], name="x")
        with body.as_default(), inner.as_default():
            y = x * x
            z = y + x
    assert list(body.captures) == [x]
    assert list(inner.captures) == [body.captures[x]]
    assert inner.inputs == [inner.captures[body.captures[x]]]
    assert set(y.op.inputs) == set(inner.inputs)
    assert (z.graph, z.shape, inner.inputs[0].op.type) == (inner, x.shape, "Placeholder")


def test_a_tensor_of_a_body_cannot_be_used_outside_and_the_error_says_what_to_do(nested):
    outer, body, _ = nested
    with outer.as_default():
        with body.as_default():
            inside = tf.constant(1.0, name="inside")
        with pytest.raises(ValueError, match=r"inside:0 \(made at .*Return it from the body"):
            inside + 1.0
        with pytest.raises(ValueError, match="is not an element of this graph"):
            outer.as_graph_element(inside)


def test_tensors_of_an_unrelated_graph_are_refused_by_bodies(nested):
    _, body, _ = nested
    with tf.Graph().as_default():
        stranger = tf.constant(1.0)
    with body.as_default(), pytest.raises(ValueError, match="must be from the same graph"):
        stranger + 1.0


def test_control_dependencies_on_outer_things_are_noted(nested):
    outer, body, _ = nested
    with outer.as_default():
        x, gate = tf.constant(1.0), tf.no_op()
        with body.as_default(), tf.control_dependencies([x, gate]):
            y = tf.constant(2.0)
    assert y.op.control_inputs == []
    assert list(body.control_captures) == [x.op, gate]


def test_a_name_scope_with_outer_values_stays_in_the_body(nested):
    outer, body, _ = nested
    with outer.as_default():
        x = tf.constant(1.0)
        with body.as_default(), tf.name_scope("scope", values=[x]):
            y = tf.negative(x)
    assert (y.graph, y.op.name) == (body, "scope/Neg")


def test_colocation_with_outer_operations_is_left_out(nested):
    outer, body, _ = nested
    with outer.as_default():
        x = tf.constant(1.0)
        with body.as_default(), tf.colocate_with(x):
            y = tf.constant(2.0)
    assert y.op.colocation_groups() == [b"loc:@Const"]


@pytest.mark.parametrize("use_resource", [False, True])
def test_variables_made_in_a_body_belong_to_the_outer_graph(nested, use_resource):
    outer, body, inner = nested
    with outer.as_default(), tf.variable_scope("around"), body.as_default(), inner.as_default(), tf.variable_scope("scope"):
        v = tf.get_variable("v", shape=[2], initializer=tf.zeros_initializer(), use_resource=use_resource)
        doubled = v * 2.0
        with tf.variable_scope(tf.get_variable_scope(), reuse=True):
            assert tf.get_variable("v", shape=[2]) is v
    assert (v.graph, v.name, doubled.graph) == (outer, "around/scope/v:0", inner)
    assert outer.get_collection("trainable_variables") == inner.get_collection("trainable_variables") == [v]
    with outer.as_default(), tf.variable_scope("around/scope", reuse=True):
        assert tf.get_variable("v", shape=[2]) is v


def test_variable_creators_and_gradient_overrides_reach_into_bodies(nested):
    outer, body, _ = nested
    seen = []

    def creator(next_creator, **kwargs):
        seen.append(kwargs["name"])
        return next_creator(**kwargs)

    with outer.as_default(), tf.variable_creator_scope(creator), body.as_default():
        tf.get_variable("v", shape=[])
    assert seen == ["v"]


def test_init_scope_leaves_all_bodies_and_keeps_the_name_scope(nested):
    outer, body, inner = nested
    with outer.as_default(), body.as_default(), inner.as_default(), tf.name_scope("scope"), tf.init_scope():
        x = tf.constant(1.0)
        assert tf.get_default_graph() is outer
    assert x.op.name == "scope/Const"


def test_random_ops_of_a_body_count_anew_under_the_outer_seed():
    with tf.Graph().as_default() as outer:
        tf.set_random_seed(7)
        first = tf.random_uniform([])
        body = FuncGraph("body", outer)
        with body.as_default():
            inside = tf.random_uniform([])
        second = tf.random_uniform([])
    seeds = [(t.op.inputs and t.op).get_attr("seed2") for t in (first, inside, second)]
    assert seeds == [0, 0, 1]
    assert inside.op.get_attr("seed") == 7


def test_extensions_are_shared_or_of_each_graph(nested):
    outer, body, inner = nested
    assert inner.extension("shared", list, shared=True) is outer.extension("shared", list, shared=True)
    assert inner.extension("own", list) is not body.extension("own", list)
    assert body.extension("own", list) is body.extension("own", list)


def test_an_operation_made_outside_of_its_inputs_graph_goes_into_that_graph():
    graph = tf.Graph()
    with graph.as_default():
        x = tf.constant([[3.0]], name="x")
        v = tf.Variable(1.0, name="v")
        r = tf.get_variable("r", initializer=2.0, use_resource=True)
        init = tf.global_variables_initializer()
    made = [x * 2, tf.matmul(x, x), tf.assign(v, 5.0), 2.0 - x, tf.concat([x, x], 0), tf.add(r, 1.0), tf.add_n([x, x])]
    assert {t.graph for t in made} == {graph}
    assert [t.op.name for t in made[:2]] == ["mul", "MatMul"]
    with tf.Session(graph=graph) as session:
        session.run(init)
        values = session.run(made)
    assert [float(v.ravel()[0]) for v in values] == [6.0, 9.0, 5.0, -1.0, 3.0, 3.0, 6.0]


def test_an_operation_on_tensors_of_two_graphs_is_refused():
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    with tf.Graph().as_default():
        y = tf.constant(2.0)
    with pytest.raises(ValueError, match="must be from the same graph"):
        x + y
