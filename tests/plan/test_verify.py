"""Plans stay valid through all passes; `verify` notices when they are not."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.verify import verify


def stages(fetches, feeds):
    return tf.Session().explain(fetches, feeds, stages=True)


@pytest.fixture(autouse=True)
def fresh_graph():
    tf.reset_default_graph()


def test_network_with_every_kind_of_step_stays_valid():
    x, labels = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int32, [None])
    w, table = tf.Variable(np.ones((6, 4), "f")), tf.Variable(np.ones((9, 6), "f"))
    h = tf.nn.relu(tf.matmul(x + tf.nn.embedding_lookup(table, labels), w))
    chosen = tf.boolean_mask(h, labels > 1)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=h)) + tf.reduce_max(chosen)
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    session = tf.Session()
    session.run(tf.global_variables_initializer())
    found = session.explain([loss, step, tf.transpose(h), chosen], {x: (5, 6), labels: (5,)}, stages=True)
    assert [name for name, _ in found] == ["lowered", "ownership", "dead ends", "products", "invariants", "factors", "fusion", "memory"]
    for _, plan in found:
        verify(plan)


def test_passes_change_nothing_when_they_run_again():
    from graphflow.plan.pipeline import PASSES
    x = tf.placeholder(tf.float32, [3])
    plan = stages([tf.exp(x) * 2.0, tf.reshape(x, [1, 3])], {x: (3,)})[-1][1]
    again = plan
    for _, change in PASSES:
        again = change(again)
    assert str(again) == str(plan)


def test_wrong_plans_are_noticed():
    x = tf.placeholder(tf.float32, [3])
    plan = stages(tf.exp(x) + 1.0, {x: (3,)})[-1][1]
    verify(plan)
    with pytest.raises(AssertionError, match="before it is computed"):
        verify(plan.replaced(nodes=plan.nodes[::-1]))
    with pytest.raises(AssertionError, match="leaves the plan"):
        verify(plan.replaced(nodes=plan.nodes[:-1]))
    plan.nodes[-1].shape = (4,)
    with pytest.raises(AssertionError, match="its arguments imply"):
        verify(plan)


def test_a_pass_that_breaks_plans_is_named_in_every_test(monkeypatch):
    from graphflow.plan import pipeline
    x = tf.placeholder(tf.float32, [3])
    y = tf.exp(x) + 1.0
    wrapped = dict(pipeline.PASSES)["ownership"]
    broken = wrapped.__closure__ and next(c for c in wrapped.__closure__ if getattr(c.cell_contents, "__name__", "") == "own")
    monkeypatch.setattr(broken, "cell_contents", lambda plan: plan.replaced(nodes=plan.nodes[1:]))
    with pytest.raises(AssertionError, match="after 'ownership'.*before it is computed"):
        tf.Session().run(y, {x: [1, 2, 3]})
