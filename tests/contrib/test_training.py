"""Training steps and loops of tf.contrib.slim.learning and tf.contrib.training."""
import numpy as np
import pytest

import graphflow as tf
from tests.contrib import golden

EXPECTED = golden.read("training_programs")
slim, training = tf.contrib.slim, tf.contrib.training


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(0)
        yield graph


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_programs_give_what_tf_slim_gives(name):
    golden.check("training_programs", name, EXPECTED[name])


def step_of(data=((1.0, 2.0), (3.0, 4.0))):
    x = tf.constant(data)
    loss = tf.losses.mean_squared_error(tf.ones([2, 1]), slim.fully_connected(x, 1, None, scope="fc"))
    tf.summary.scalar("loss", loss)
    return slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.01))


def test_training_saves_goes_on_and_logs(tmp_path):
    step = step_of()
    first = slim.learning.train(step, str(tmp_path), number_of_steps=5, log_every_n_steps=2, save_summaries_secs=600)
    assert tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-5")
    second = slim.learning.train(step, str(tmp_path), number_of_steps=8)
    assert second < first and tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-8")
    events = [event for path in sorted(tmp_path.glob("events*")) for event in tf.train.summary_iterator(str(path))]
    assert any(event.graph_def for event in events) and (tmp_path / "graph.pbtxt").exists()
    assert [v.tag for e in events for v in e.summary.value][:1] == ["loss"]


def test_training_without_a_folder_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert np.isfinite(slim.learning.train(step_of(), None, number_of_steps=3))
    assert list(tmp_path.iterdir()) == []


def test_training_begins_with_init_fn_and_what_it_is_told(tmp_path):
    step = step_of()
    weights = slim.get_unique_variable("fc/weights")
    seen = []

    def one(session, train_op, global_step, arguments):
        seen.append(session.run(weights).tolist())
        return slim.learning.train_step(session, train_op, global_step, arguments)

    start = slim.assign_from_values_fn({"fc/weights": np.array([7.0, 8.0])})
    slim.learning.train(step, str(tmp_path), one, number_of_steps=1, init_fn=start)
    assert seen == [[[7.0], [8.0]]]


def test_training_ends_with_the_input():
    x = tf.train.batch([tf.train.limit_epochs(tf.constant([1.0, 2.0]), 3)], 1)
    loss = tf.losses.mean_squared_error(tf.ones([1, 1]), slim.fully_connected(x, 1, None))
    steps = []

    def one(session, train_op, global_step, arguments):
        steps.append(1)
        return slim.learning.train_step(session, train_op, global_step, arguments)

    slim.learning.train(slim.learning.create_train_op(loss, tf.train.GradientDescentOptimizer(0.01)), None, one)
    assert len(steps) == 4      # three epochs, and the step that found the end


def test_training_passes_errors_on():
    def broken(session, train_op, global_step, arguments):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        slim.learning.train(step_of(), None, broken)


def test_a_loss_that_is_no_number_is_refused_at_run():
    w = tf.get_variable("w", initializer=1.0)
    step = training.create_train_op(w * float("nan"), tf.train.GradientDescentOptimizer(0.1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="LossTensor is inf or nan"):
        slim.learning.train(step, None, number_of_steps=1)


@pytest.mark.parametrize(("arguments", "text"), [
    ({"train_op": None}, "train_op cannot be None"), ({"number_of_steps": 0}, "either None or a positive number"),
    ({"trace_every_n_steps": 2}, "Cannot provide trace_every_n_steps because logdir=None"),
    ({"summary_op": None}, "Cannot provide summary_op because logdir=None")])
def test_wrong_arguments_are_refused(arguments, text):
    step = step_of()
    with pytest.raises(ValueError, match=text):
        slim.learning.train(**{"train_op": step, "logdir": None, **arguments})


def test_monitored_training_stops_by_its_hooks(tmp_path):
    step = step_of()
    loss = training.train(step, str(tmp_path), hooks=[tf.train.StopAtStepHook(4)])
    assert np.isfinite(loss) and tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-4")
    with pytest.raises(ValueError, match="logdir cannot be None when save_summaries_steps is not None"):
        training.train(step, None)


@pytest.mark.parametrize(("pairs", "factors", "text"), [
    (((1, 2),), {"a": 1}, "must be a list"), ([], {}, "is empty"), ([], [1], "must be a dict")])
def test_wrong_multipliers_are_refused(pairs, factors, text):
    with pytest.raises(ValueError, match=text):
        training.multiply_gradients(pairs, factors)
