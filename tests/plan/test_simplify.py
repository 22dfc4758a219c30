"""Every rule fires on its example, and changes no value, dtype, shape or gradient; a second look changes nothing more."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan import simplify
from graphflow.plan.tracer import Tracer

EXAMPLES = simplify.EXAMPLES


def traced(example, rules):
    """The node that an example becomes, with these rules only."""
    kept = dict(simplify.RULES)
    simplify.RULES.clear()
    simplify.RULES.update(rules)
    try:
        tracer = Tracer()
        x = tracer.input("feed", 0, (2, 3), np.dtype(np.float32))
        with tracer:
            return x, example(tracer, x)
    finally:
        simplify.RULES.clear()
        simplify.RULES.update(kept)


def evaluate(node, x, value):
    """The value of a small tree of nodes."""
    if not hasattr(node, "prim"):
        return node
    if node is x:
        return value
    from graphflow.runtime.engines.numpy_engine.steps import UFUNCS
    return {**UFUNCS, "where": np.where}[node.prim](*[evaluate(a, x, value) for a in node.args])


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=[r.__name__ for r, _ in EXAMPLES])
def test_rule_fires_and_keeps_the_value(rule, example):
    with_rule = dict(simplify.RULES)
    without = {k: [r for r in v if r is not rule] for k, v in simplify.RULES.items()}
    x, simple = traced(example, with_rule)
    x2, plain = traced(example, without)
    assert tree(simple, x) != tree(plain, x2), "the rule does not fire on its example"
    value = np.array([[0.0, -1.5, 2.0], [3.25, 1e-3, -0.5]], np.float32)
    mine, wanted = evaluate(simple, x, value), evaluate(plain, x2, value)
    assert mine.dtype == wanted.dtype and mine.shape == wanted.shape
    # a product is rounded once; numpy 1.26's power is off by one place for some numbers
    np.testing.assert_array_max_ulp(mine, wanted, 1 if rule.__name__ == "small_powers" else 0)


def tree(node, x):
    if node is x:
        return "x"
    if not hasattr(node, "prim"):
        return (node.dtype.str, node.tolist())
    return (node.prim, *[tree(a, x) for a in node.args])


@pytest.mark.parametrize("build", [lambda x: x * 1.0 + 0.0, lambda x: (x / 4.0) ** 2.0, lambda x: tf.negative(-x) - 0.0, lambda x: x / 1.0,
                                   lambda x: tf.square(x) * tf.ones([2, 3], tf.float64)])
def test_gradients_are_those_of_the_plain_form(build):
    tf.reset_default_graph()
    x = tf.placeholder(tf.float64, [2, 3])
    y = build(x)
    g = tf.gradients(y, x)[0]
    session = tf.Session()
    value = np.random.RandomState(0).randn(2, 3)
    direction = np.random.RandomState(1).randn(2, 3)
    up, down = (session.run(y, {x: value + e * direction}) for e in (1e-5, -1e-5))
    assert np.sum((up - down) / 2e-5) == pytest.approx(np.sum(session.run(g, {x: value}) * direction), rel=1e-6, abs=1e-8)


def test_equal_work_is_one_node():
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [2])
    y = tf.exp(x) * tf.exp(x) + tf.exp(x)
    _, plan = tf.Session().explain(y, {x: (2,)}, stages=True)[-1]
    assert [n.prim for n in plan.nodes].count("exp") == 1


def test_constant_work_is_done_while_planning():
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [2])
    y = x + tf.sqrt(tf.constant(16.0)) * tf.reduce_sum(tf.ones([3]))
    _, plan = tf.Session().explain(y, {x: (2,)}, stages=True)[-1]
    assert [n.prim for n in plan.nodes] == ["add"]


def test_what_nothing_needs_is_gone():
    tf.reset_default_graph()
    x = tf.placeholder(tf.float32, [4, 3])
    values, indices = tf.nn.top_k(x, 2)
    del indices
    labels = tf.placeholder(tf.float32, [4, 3])
    loss = tf.nn.softmax_cross_entropy_with_logits_v2(labels=labels, logits=x)
    _, plan = tf.Session().explain(loss, {x: (4, 3), labels: (4, 3)}, stages=True)[-1]
    assert "call" not in [n.prim for n in plan.nodes]
    assert values.shape.as_list() == [4, 2]
