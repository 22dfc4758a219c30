"""A plan is a closed value: it holds nothing of tracers and sessions, and nodes are told apart across tracers."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.core.graph import Graph
from graphflow.plan.ir import Plan
from graphflow.plan.node import Node
from graphflow.plan.tracer import Tracer
from graphflow.plan.verify import verify
from graphflow.runtime.session import BaseSession
from graphflow.runtime.store import Context, Store

FLOAT = np.dtype(np.float32)


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default():
        yield


def feed(tracer, position=0):
    return tracer.input("feed", position, (3,), FLOAT)


def test_nodes_of_two_tracers_never_have_the_same_number():
    first, second = Tracer(), Tracer()
    a, b = feed(first), feed(second)
    assert a.id != b.id


def test_a_node_of_another_tracer_is_not_merged_with_an_own_one():
    first, second = Tracer(), Tracer()
    a, b, c = feed(first), feed(second), feed(second, 1)
    with second:
        own, foreign = b + c, a + c
    assert own is not foreign and foreign.args == (a, c)
    assert (own.args[0] is b) and (foreign.args[0] is a)
    with pytest.raises(AssertionError, match="before it is computed"):
        verify(Plan(second.inputs, second.nodes, [foreign], []))


def test_operators_go_to_the_tracer_at_work_and_back_to_the_outer_one():
    outer, inner = Tracer(), Tracer()
    x = feed(outer)
    with outer:
        a = x + 1.0
        with inner:
            b = x * 2.0
        c = -x
    assert outer.nodes == [a, c] and inner.nodes == [b]
    with pytest.raises(RuntimeError, match="outside of tracing"):
        x + 1.0


def test_a_plan_holds_no_session_store_or_tracer():
    x = tf.placeholder(tf.float32, [3])
    v = tf.Variable([1.0, 2.0, 3.0])
    drawn = tf.random_normal([3]) + x
    session = tf.Session()
    session.run(v.initializer)
    found = session.explain([drawn, v.assign_add(x), tf.py_func(lambda a: a, [x], tf.float32)], {x: (3,)}, stages=True)
    for _, plan in found:
        seen, stack = set(), [plan]
        while stack:
            value = stack.pop()
            assert not isinstance(value, (BaseSession, Store, Context, Tracer)), value
            if id(value) in seen or isinstance(value, (Graph, tf.Operation)):
                continue
            seen.add(id(value))
            if isinstance(value, (list, tuple)):
                stack.extend(value)
            elif isinstance(value, dict):
                stack.extend(value.values())
            elif isinstance(value, (Plan, Node)):
                stack.extend(getattr(value, name) for name in type(value).__slots__)
        assert len(seen) > 20
    assert {node.prim for _, plan in found for node in plan.inputs} == {"feed", "variable"}


def test_every_feed_is_an_input_and_only_variables_that_are_read():
    x, y = tf.placeholder(tf.float32, [3]), tf.placeholder(tf.float32, [3])
    v = tf.Variable([1.0, 2.0, 3.0], name="v")
    session = tf.Session()
    session.run(v.initializer)
    unused = v * 2.0
    plan = session.explain([y + 1.0, tf.shape(unused)], {x: (3,), y: (3,)}, stages=True)[-1][1]
    assert [(node.prim, node.par) for node in plan.inputs] == [("feed", 0), ("feed", 1)]


def test_two_plans_of_one_program_read_the_same():
    x = tf.placeholder(tf.float32, [3])
    y = tf.exp(x) * tf.reduce_sum(x)
    first, second = (tf.Session().explain(y, {x: (3,)}) for _ in range(2))
    assert first == second and "%0 = feed()" in first
