"""tf.train.SessionManager, and monitored sessions that are made anew; right values are TensorFlow's."""
import threading
import time

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def own_graph():
    with tf.Graph().as_default():
        yield


def test_a_session_is_initialized_or_restored(tmp_path):
    v = tf.Variable(1.0, name="v")
    saver, ready = tf.train.Saver([v]), tf.report_uninitialized_variables()
    manager = tf.train.SessionManager(ready_op=ready)
    assert not manager.recover_session("", saver, str(tmp_path))[1]
    with pytest.raises(RuntimeError, match="Model is not initialized and no init_op or init_fn or local_init_op was given"):
        manager.prepare_session("", saver=saver, checkpoint_dir=str(tmp_path))
    with manager.prepare_session("", v.initializer, saver, str(tmp_path), init_fn=lambda made: v.load(5.0, made)) as session:
        assert session.run(v) == 5.0
        path = saver.save(session, str(tmp_path / "m"), global_step=3)
    session, restored = manager.recover_session("", saver, str(tmp_path))
    assert restored and session.run(v) == 5.0
    with manager.prepare_session("", v.initializer, saver, checkpoint_filename_with_path=path) as session:
        assert session.run(v) == 5.0
    assert tf.train.Saver.last_checkpoints.fget(saver) == [path]


def test_what_is_missing_is_told():
    v, w = tf.Variable(1.0, name="v"), tf.Variable(1.0, name="w", collections=[tf.GraphKeys.LOCAL_VARIABLES])
    ready = tf.report_uninitialized_variables([v, w])
    with pytest.raises(RuntimeError, match="Init operations did not make model ready.  Init op: init_v, .*Variables not initialized: w"):
        tf.train.SessionManager(ready_op=ready).prepare_session("", tf.group(v.initializer, name="init_v"))
    manager = tf.train.SessionManager(local_init_op=w.initializer, ready_op=ready,
                                      ready_for_local_init_op=tf.report_uninitialized_variables([v]))
    with pytest.raises(RuntimeError, match="did not make model ready for local_init.*Variables not initialized: v"):
        manager.prepare_session("", init_fn=lambda session: None)
    with manager.prepare_session("", v.initializer) as session:
        assert session.run([v, w]) == [1.0, 1.0]
    with pytest.raises(ValueError, match="you must also pass a local_init_op"):
        tf.train.SessionManager(ready_for_local_init_op=ready)
    with pytest.raises(ValueError, match="Can not provide both"):
        manager.prepare_session("", v.initializer, tf.train.Saver(), "a", "b")


def test_waiting_for_a_model_ends_at_the_deadline():
    v = tf.Variable(1.0)
    manager = tf.train.SessionManager(ready_op=tf.report_uninitialized_variables(), recovery_wait_secs=0.05)
    with pytest.raises(tf.errors.DeadlineExceededError, match="Session was not ready after waiting 0.1 secs"):
        manager.wait_for_session("", max_wait_secs=0.1)
    local = tf.train.SessionManager(local_init_op=v.initializer, ready_op=tf.report_uninitialized_variables())
    assert local.wait_for_session("", max_wait_secs=1).run(v) == 1.0


def test_waiting_for_a_checkpoint(tmp_path):
    v = tf.Variable(2.0)
    saver = tf.train.Saver()
    with tf.Session() as session:
        session.run(v.initializer)
        later = threading.Timer(0.2, lambda: saver.save(session, str(tmp_path / "m")))
        later.start()
        manager = tf.train.SessionManager(recovery_wait_secs=0.05)
        found, restored = manager.recover_session("", saver, str(tmp_path), wait_for_checkpoint=True, max_wait_secs=20)
        assert restored and found.run(v) == 2.0
        later.join()
    begin = time.monotonic()
    assert not manager.recover_session("", saver, str(tmp_path / "none"), wait_for_checkpoint=True, max_wait_secs=0.1)[1]
    assert time.monotonic() - begin < 5


class Failing(tf.train.SessionRunHook):
    """Raises before the third run, once."""

    def __init__(self, error):
        self.runs, self.sessions, self.ends, self.error = 0, [], 0, error

    def after_create_session(self, session, coord):
        self.sessions.append(session)

    def before_run(self, run_context):
        self.runs += 1
        if self.runs == 3:
            raise self.error(None, None, "lost")

    def end(self, session):
        self.ends += 1


@pytest.mark.parametrize("error", [tf.errors.AbortedError, tf.errors.UnavailableError])
def test_a_lost_session_is_made_anew(error, tmp_path):
    step = tf.assign_add(tf.train.get_or_create_global_step(), 1)
    hook = Failing(error)
    with tf.train.MonitoredSession(hooks=[hook]) as session:
        assert [int(session.run(step)) for _ in range(4)] == [1, 2, 1, 2]
    assert (len(hook.sessions), hook.ends) == (2, 1) and hook.sessions[0]._closed


def test_a_lost_session_goes_on_from_its_checkpoint(tmp_path):
    step = tf.assign_add(tf.train.get_or_create_global_step(), 1)
    hook = Failing(tf.errors.AbortedError)
    with tf.train.MonitoredTrainingSession(checkpoint_dir=str(tmp_path), hooks=[hook], save_checkpoint_steps=1,
                                           log_step_count_steps=None) as session:
        assert [int(session.run(step)) for _ in range(4)] == [1, 2, 3, 4]
        assert int(session.run_step_fn(lambda step_context: step_context.run_with_hooks(step))) == 5


def test_other_errors_and_other_sessions_end():
    step = tf.assign_add(tf.train.get_or_create_global_step(), 1)
    with pytest.raises(tf.errors.InternalError), tf.train.MonitoredSession(hooks=[Failing(tf.errors.InternalError)]) as session:
        for _ in range(4):
            session.run(step)
    with pytest.raises(tf.errors.AbortedError), tf.train.SingularMonitoredSession(hooks=[Failing(tf.errors.AbortedError)]) as session:
        for _ in range(4):
            session.run(step)


def test_closing_twice():
    tf.train.get_or_create_global_step()
    with pytest.raises(RuntimeError, match="Session is already closed"), tf.train.MonitoredSession() as session:
        session.close()
