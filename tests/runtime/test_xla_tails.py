"""Runs that train and ask for summaries or strings too: the step is compiled, what no device does comes after it, on the host."""
import numpy as np
import pytest

import graphflow as tf
from graphflow.runtime.engines import fallback

pytest.importorskip("jax")
pytest.importorskip("graphflow.runtime.engines.xla")    # has the true Staged before a test puts another one in its place


@pytest.fixture
def only_compiled(monkeypatch):
    """No plan that gets feeds goes to the numpy engine as a whole."""
    class Refused(fallback.Staged):
        def __init__(self, engine, plan, binding, mark):
            assert not any(node.prim == "feed" for node in plan.inputs), str(plan)
            super().__init__(engine, plan, binding, mark)

    monkeypatch.setattr(fallback, "Staged", Refused)


def trained(engine):
    with tf.Graph().as_default():
        tf.set_random_seed(3)
        x, name = tf.placeholder(tf.float32, [None, 4], name="x"), tf.placeholder(tf.string, [], name="name")
        loss = tf.reduce_mean(tf.square(tf.layers.dense(x, 3)))
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
        tf.summary.scalar("loss", loss)
        tf.summary.histogram("fed", x)
        told = tf.string_join([name, tf.as_string(tf.round(loss * 1000))])
        kept = tf.boolean_mask(x[:, 0], x[:, 0] > 0)
        with tf.Session(config=tf.ConfigProto(engine=engine)) as session:
            session.run(tf.global_variables_initializer())
            feeds = {x: np.random.RandomState(0).randn(6, 4), name: "loss "}
            found = [session.run([step, tf.summary.merge_all(), told, kept, loss], feeds)[1:] for _ in range(3)]
            return found, session.run(tf.trainable_variables())


def test_steps_with_summaries_and_strings_are_compiled(only_compiled):
    (ours, mine), (theirs, others) = trained("xla"), trained("numpy")
    for (summary, told, kept, loss), (other_summary, other_told, other_kept, other_loss) in zip(ours, theirs, strict=True):
        tags = [[value.tag for value in tf.Summary.FromString(text).value] for text in (summary, other_summary)]
        assert tags == [["loss", "fed"]] * 2 and told == other_told
        np.testing.assert_array_equal(kept, other_kept)
        np.testing.assert_allclose(loss, other_loss, rtol=1e-5)
        np.testing.assert_allclose(tf.Summary.FromString(summary).value[0].simple_value, loss, rtol=1e-6)
    for a, b in zip(mine, others, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)


def test_where_the_end_fails_variables_are_as_before(only_compiled):
    with tf.Graph().as_default():
        x, v = tf.placeholder(tf.string, []), tf.Variable(1.0)
        y = tf.placeholder(tf.float32, [])
        step, number = v.assign_add(y), tf.string_to_number(x)
        with tf.Session(config=tf.ConfigProto(engine="xla")) as session:
            session.run(v.initializer)
            assert session.run([step, number], {x: "5", y: 2.0}) == [3.0, 5.0]
            with pytest.raises(tf.errors.InvalidArgumentError, match="StringToNumber"):
                session.run([step, number], {x: "five", y: 2.0})
            assert session.run(v) == 3.0


def test_a_variable_that_gets_its_value_from_a_string_is_no_matter_of_the_device():
    with tf.Graph().as_default():
        x, v = tf.placeholder(tf.string, []), tf.Variable(1.0)
        step = v.assign_add(tf.string_to_number(x))
        with tf.Session(config=tf.ConfigProto(engine="xla")) as session:
            session.run(v.initializer)
            assert session.run(step, {x: "5"}) == 6.0 == session.run(v)


def test_a_branch_that_cannot_be_compiled_fails_only_when_it_is_taken():
    with tf.Graph().as_default(), tf.Session(config=tf.ConfigProto(engine="xla")) as session:
        x, taken = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.bool, [])
        chosen = tf.cond(taken, lambda: x + tf.constant([1.0, 2.0]), lambda: x * 2.0)
        fetches = [tf.as_string(tf.reduce_sum(x)), chosen]
        text, doubled = session.run(fetches, {x: [1.0, 2.0, 3.0], taken: False})
        assert (text, doubled.tolist()) == (b"6.000000", [2.0, 4.0, 6.0])
        with pytest.raises(tf.errors.InvalidArgumentError, match="add"):
            session.run(fetches, {x: [1.0, 2.0, 3.0], taken: True})
