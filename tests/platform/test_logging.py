"""tf.logging"""

import logging

import pytest

import graphflow as tf


@pytest.fixture(autouse=True)
def verbosity():
    before = tf.logging.get_verbosity()
    yield
    tf.logging.set_verbosity(before)


def messages(caplog):
    return [(record.levelname, record.getMessage()) for record in caplog.records]


def test_warnings_are_shown_and_infos_after_set_verbosity(caplog):
    tf.logging.info("hidden")
    tf.logging.warn("seen %d", 1)
    tf.logging.warning("seen %d", 2)
    tf.logging.error("bad")
    tf.logging.fatal("worse")
    assert messages(caplog) == [("WARNING", "seen 1"), ("WARNING", "seen 2"), ("ERROR", "bad"), ("CRITICAL", "worse")]
    caplog.clear()
    tf.logging.set_verbosity(tf.logging.INFO)
    assert tf.logging.get_verbosity() == tf.logging.INFO == logging.INFO
    tf.logging.info("now")
    tf.logging.debug("not yet")
    assert messages(caplog) == [("INFO", "now")]


def test_levels_are_pythons():
    levels = [tf.logging.DEBUG, tf.logging.INFO, tf.logging.WARN, tf.logging.ERROR, tf.logging.FATAL]
    assert levels == [10, 20, 30, 40, 50]


def test_messages_go_to_stderr_with_level_and_logger(capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    monkeypatch.setattr(logging.getLogger("tensorflow"), "handlers", [])
    tf.logging.warning("a message")
    tf.logging.flush()
    assert capsys.readouterr().err == "WARNING:tensorflow:a message\n"


def test_log_every_n_first_n_and_if(caplog):
    for k in range(5):
        tf.logging.log_every_n(tf.logging.ERROR, "every %d", 2, k)
        tf.logging.log_first_n(tf.logging.ERROR, "first %d", 2, k)
        tf.logging.log_if(tf.logging.ERROR, "if %d", k == 3, k)
    texts = [text for _, text in messages(caplog)]
    assert texts == ["every 0", "first 0", "first 1", "every 2", "if 3", "every 4"]


def test_log_and_vlog_take_a_level(caplog):
    tf.logging.log(tf.logging.ERROR, "a")
    tf.logging.vlog(tf.logging.WARN, "b")
    tf.logging.TaskLevelStatusMessage("c")
    assert messages(caplog) == [("ERROR", "a"), ("WARNING", "b"), ("ERROR", "c")]
