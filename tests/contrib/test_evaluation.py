"""Evaluation of checkpoints by tf.contrib.slim.evaluation and tf.contrib.training."""
import pytest

import graphflow as tf

slim, training = tf.contrib.slim, tf.contrib.training


@pytest.fixture(autouse=True)
def graph():
    with tf.Graph().as_default() as graph:
        yield graph


@pytest.fixture
def checkpoints(tmp_path):
    """A folder whose checkpoint has w = 3 at step 7."""
    with tf.Graph().as_default(), tf.Session() as session:
        w, step = tf.get_variable("w", initializer=3.0), tf.train.get_or_create_global_step()
        session.run([w.initializer, step.initializer, tf.assign(step, 7)])
        session.run(tf.assign(step, 7))
        tf.train.Saver().save(session, str(tmp_path / "model.ckpt"), global_step=step)
    return tmp_path


def model():
    w = tf.get_variable("w", initializer=0.0)
    tf.train.get_or_create_global_step()
    total, update = tf.metrics.mean(w * tf.constant([1.0, 2.0]))
    tf.summary.scalar("total", total)
    return total, update


def test_a_checkpoint_is_evaluated_once(checkpoints, tmp_path):
    total, update = model()
    path = tf.train.latest_checkpoint(str(checkpoints))
    found = slim.evaluation.evaluate_once("", path, str(tmp_path / "log"), num_evals=3, eval_op=update, final_op=total)
    assert found == 4.5
    events = [e for p in (tmp_path / "log").glob("events*") for e in tf.train.summary_iterator(str(p))]
    assert [(e.step, v.tag, v.simple_value) for e in events for v in e.summary.value] == [(7, "total", 4.5)]


def test_steps_are_counted_and_named_operations_are_taken(checkpoints):
    total, update = model()
    counted = tf.get_variable("counted", initializer=0, collections=[tf.GraphKeys.LOCAL_VARIABLES])
    path = tf.train.latest_checkpoint(str(checkpoints))
    found = training.evaluate_once(path, eval_ops={"mean": update, "count": tf.assign_add(counted, 1)}, final_ops=[total, counted],
                                   hooks=[slim.evaluation.StopAfterNEvalsHook(4)])
    assert found == [4.5, 4]


def test_new_checkpoints_are_evaluated_as_they_come(checkpoints, tmp_path):
    total, update = model()
    found = slim.evaluation.evaluation_loop("", str(checkpoints), str(tmp_path / "log"), num_evals=2, eval_op=update, final_op=total,
                                            max_number_of_evaluations=1, summary_op=None)
    assert found == 4.5
    assert training.evaluate_repeatedly(str(checkpoints), final_ops=total, timeout=0, eval_interval_secs=0) == 0.0
    assert list(training.checkpoints_iterator(str(tmp_path / "nothing"), timeout=0)) == []
    assert training.wait_for_new_checkpoint(str(checkpoints), tf.train.latest_checkpoint(str(checkpoints)), timeout=0) is None


def test_hooks_want_a_place_to_write():
    with pytest.raises(ValueError, match="One of log_dir or summary_writer should be used"):
        training.SummaryAtEndHook()


def test_queue_runners_live_as_long_as_the_block():
    item = tf.train.input_producer(tf.constant([5, 6]), shuffle=False).dequeue()
    with tf.Session() as session:
        session.run(tf.local_variables_initializer())
        with slim.queues.QueueRunners(session):
            assert [session.run(item) for _ in range(3)] == [5, 6, 5]
            with pytest.raises(slim.queues.NestedQueueRunnerError), slim.queues.QueueRunners(session):
                pass


def test_summaries_have_prefixes():
    x = tf.constant([0.0, 2.0], name="x")
    slim.summaries.add_histogram_summary(x, prefix="p")
    slim.summaries.add_scalar_summary(tf.reduce_sum(x), "sum", "p")
    slim.summaries.add_zero_fraction_summary(x)
    with tf.Session() as session:
        found = tf.Summary.FromString(session.run(tf.summary.merge_all()))
    assert [v.tag for v in found.value] == ["p/x", "p/sum", "x/Fraction_of_Zero_Values"]
    assert found.value[2].simple_value == 0.5
