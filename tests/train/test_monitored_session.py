"""Monitored sessions, hooks, scaffolds and coordinators; the figures, files and texts are TensorFlow's for the same programs."""
import glob
import os
import threading
import time

import numpy as np
import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def clean():
    tf.reset_default_graph()
    yield
    tf.summary.FileWriterCache.clear()


class Model:
    def __init__(self):
        tf.reset_default_graph()
        self.step = tf.train.get_or_create_global_step()
        self.x = tf.placeholder_with_default(tf.constant([1.0, 2.0]), [2])
        self.w = tf.Variable([0.5, 0.5], name="w")
        self.loss = tf.reduce_sum((self.w - self.x) ** 2)
        tf.summary.scalar("loss", self.loss)
        self.train = tf.train.GradientDescentOptimizer(0.1).minimize(self.loss, global_step=self.step)


class Log(tf.train.SessionRunHook):
    def __init__(self, loss):
        self.loss, self.calls = loss, []

    def begin(self):
        self.calls.append("begin")

    def after_create_session(self, session, coord):
        self.calls.append(f"made {coord.should_stop()} {session.graph.finalized}")

    def before_run(self, run_context):
        return tf.train.SessionRunArgs({"loss": self.loss})

    def after_run(self, run_context, run_values):
        self.calls.append(round(float(run_values.results["loss"]), 4))

    def end(self, session):
        self.calls.append("end")


class Ends(tf.train.SessionRunHook):
    ended = False

    def after_run(self, run_context, run_values):
        raise tf.errors.OutOfRangeError(None, None, "no more")

    def end(self, session):
        self.ended = True


def loop(session, model, **more):
    runs = 0
    while not session.should_stop():
        session.run(model.train, **more)
        runs += 1
    return runs


def test_training_saves_summarizes_and_stops(tmp_path):
    model, folder = Model(), str(tmp_path)
    log = Log(model.loss)
    hooks = [tf.train.StopAtStepHook(last_step=7), log, tf.train.NanTensorHook(model.loss)]
    with tf.train.MonitoredTrainingSession(checkpoint_dir=folder, hooks=hooks, save_checkpoint_steps=3, save_summaries_steps=2,
                                           log_step_count_steps=2) as session:
        assert loop(session, model) == 7
        with pytest.raises(RuntimeError, match="Run called even after should_stop requested"):
            session.run(model.loss)
    assert log.calls == ["begin", "made False True", 2.5, 1.6, 1.024, 0.6554, 0.4194, 0.2684, 0.1718, "end"]
    assert sorted(f for f in os.listdir(folder) if f.endswith(".index")) == [f"model.ckpt-{n}.index" for n in (0, 3, 6, 7)]
    assert {"checkpoint", "graph.pbtxt", "model.ckpt-7.meta"} <= set(os.listdir(folder))
    events = list(tf.train.summary_iterator(glob.glob(folder + "/events*")[0]))
    assert [e.step for e in events for v in e.summary.value if v.tag == "loss"] == [1, 3, 5, 7]
    assert [e.step for e in events if e.WhichOneof("what") == "session_log"] == [0, 1, 3, 6]
    assert {v.tag for e in events for v in e.summary.value} == {"loss", "global_step/sec"}


def test_training_goes_on_from_the_last_checkpoint(tmp_path):
    for first in (0, 3):
        model = Model()
        with tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), hooks=[tf.train.StopAtStepHook(num_steps=3)],
                                               save_checkpoint_steps=2, save_summaries_steps=None) as session:
            assert session.run(model.step) == first
            assert loop(session, model) == 3
        assert not tf.get_default_graph().finalized
    assert tf.train.latest_checkpoint(str(tmp_path)).endswith("model.ckpt-6")


def test_the_parts_of_a_session(tmp_path):
    model, started = Model(), []
    final = tf.train.FinalOpsHook(model.w)
    feed = tf.train.FeedFnHook(lambda: {model.x: [3.0, 3.0]})
    scaffold = tf.train.Scaffold(init_fn=lambda scaffold, session: started.append(session.run(model.w).tolist()))
    with tf.train.SingularMonitoredSession([tf.train.StopAtStepHook(num_steps=2), final, feed], scaffold) as session:
        loop(session, model)
        assert session.raw_session().run(model.step) == 2
    assert started == [[0.5, 0.5]]
    np.testing.assert_allclose(final.final_ops_values, [1.4, 1.4], rtol=1e-6)


def test_the_end_of_the_input_ends_the_loop_quietly_and_errors_do_not():
    model, hook = Model(), Ends()
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        session.run(model.train)
    assert hook.ended
    model, hook = Model(), Ends()
    with pytest.raises(KeyError), tf.train.MonitoredSession(hooks=[hook]):
        raise KeyError("broken")
    assert not hook.ended


def test_steps_without_hooks():
    model = Model()
    log = Log(model.loss)

    def step(step_context):
        step_context.session.run(model.train)
        if len(log.calls) > 3:
            step_context.request_stop()
        return step_context.run_with_hooks(model.step)

    with tf.train.MonitoredSession(hooks=[log]) as session:
        assert [int(session.run_step_fn(step)) for _ in range(2)] == [1, 2]
        session.run_step_fn(step)
    assert log.calls[2:4] == [1.6, 1.024]
    with pytest.raises(RuntimeError, match="closed Session"):
        session.run(model.loss)


def test_lines_that_are_logged(monkeypatch):
    lines, model = [], Model()
    monkeypatch.setattr("graphflow.train.basic_hooks.logging.info", lambda text, *values: lines.append(text % values))
    hooks = [tf.train.LoggingTensorHook({"loss": model.loss, "step": "global_step:0"}, every_n_iter=2),
             tf.train.LoggingTensorHook([model.loss], at_end=True, formatter=lambda values: f"last {values[model.loss.name]:.4f}"),
             tf.train.StopAtStepHook(num_steps=3)]
    with tf.train.MonitoredSession(hooks=hooks) as session:
        loop(session, model)
    lines = [line for line in lines if "local_init_op" not in line]
    assert lines[0].startswith("loss = 2.5, step = ")
    assert lines[1].startswith("loss = 1.02")
    assert lines[1].endswith(" sec)")
    assert lines[2:] == ["last 0.6554"]


def test_nan_losses():
    for fail in (True, False):
        tf.reset_default_graph()
        bad = tf.constant(np.nan)
        with tf.train.MonitoredSession(hooks=[tf.train.NanTensorHook(bad, fail_on_nan_loss=fail)]) as session:
            if fail:
                with pytest.raises(tf.train.NanLossDuringTrainingError, match="NaN loss during training"):
                    session.run(bad)
            else:
                session.run(bad)
            assert session.should_stop()


def test_profiles(tmp_path):
    model = Model()
    with tf.train.MonitoredSession(hooks=[tf.train.ProfilerHook(save_steps=2, output_dir=str(tmp_path)),
                                          tf.train.StopAtStepHook(num_steps=5)]) as session:
        loop(session, model)
    assert [f for f in os.listdir(tmp_path) if f.startswith("timeline-")]


def test_what_hooks_refuse():
    model = Model()
    feed = tf.train.FeedFnHook(lambda: {model.x: [3.0, 3.0]})
    with tf.train.MonitoredSession(hooks=[feed]) as session, \
            pytest.raises(RuntimeError, match="Same tensor is fed by a SessionRunHook and user"):
        session.run(model.train, {model.x: [1.0, 1.0]})
    for make, text in ((lambda: tf.train.StopAtStepHook(), "One of num_steps or last_step must be specified"),
                       (lambda: tf.train.StopAtStepHook(1, 2), "Only one of num_steps or last_step"),
                       (lambda: tf.train.LoggingTensorHook([]), "exactly one of every_n_iter and every_n_secs"),
                       (lambda: tf.train.CheckpointSaverHook("x"), "Either save_secs or save_steps|every_secs or every_steps"),
                       (lambda: tf.train.SummarySaverHook(save_steps=1), "Exactly one of scaffold or summary_op")):
        with pytest.raises(ValueError, match=text):
            make()
    tf.reset_default_graph()
    with pytest.raises(RuntimeError, match="Global step should be created to use StopAtStepHook"):
        tf.train.MonitoredSession(hooks=[tf.train.StopAtStepHook(1)])
    with pytest.raises(NotImplementedError, match="no chief beside this process"):
        tf.train.MonitoredTrainingSession(is_chief=False)


def test_a_session_that_is_not_ready_says_what_is_missing():
    tf.Variable(1.0, name="forgotten")
    with pytest.raises(RuntimeError, match="Init operations did not make model ready.*forgotten"):
        tf.train.MonitoredSession(tf.train.ChiefSessionCreator(tf.train.Scaffold(init_op=tf.no_op())))


def test_scaffolds_find_what_collections_hold():
    Model()
    ready = tf.constant([], tf.string)
    tf.add_to_collection(tf.GraphKeys.READY_OP, ready)
    scaffold = tf.train.Scaffold(copy_from_scaffold=tf.train.Scaffold(init_feed_dict={"a": 1})).finalize()
    assert scaffold.ready_op is ready
    assert scaffold.init_feed_dict == {"a": 1}
    assert scaffold.summary_op is not None
    assert tf.get_default_graph().finalized


def test_a_coordinator_stops_threads_and_raises_the_first_exception():
    coord = tf.train.Coordinator()

    def work(number):
        with coord.stop_on_exception():
            while not coord.should_stop():
                if number == 1:
                    raise ValueError("thread 1")
                time.sleep(0.005)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(3)]
    for t in threads:
        t.start()
    with pytest.raises(ValueError, match="thread 1"):
        coord.join(threads)
    assert coord.joined
    assert coord.should_stop()
    coord.clear_stop()
    seen = []
    looper = tf.train.LooperThread.loop(coord, 0.005, seen.append, (1,))
    while len(seen) < 2:
        time.sleep(0.005)
    coord.request_stop(tf.errors.OutOfRangeError(None, None, "a clean end"))
    coord.join()
    assert not looper.is_alive()


def test_a_thread_that_does_not_stop_is_named():
    coord, free = tf.train.Coordinator(), threading.Event()
    thread = threading.Thread(target=free.wait, name="stubborn", daemon=True)
    thread.start()
    coord.request_stop()
    with pytest.raises(RuntimeError, match="threads still running: stubborn"):
        coord.join([thread], stop_grace_period_secs=0.05)
    free.set()
