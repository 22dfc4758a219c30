"""Event files on a disk whose nth open, write or removal fails: a clear error that names the file, no event lost or written twice."""
from __future__ import annotations

import itertools
import os

import pytest

import graphflow as tf
from tests.formats.faulty_disk import failing

CLEAR = (tf.errors.OpError, OSError)
ADDED = 4


def summary(step):
    return tf.Summary(value=[tf.Summary.Value(tag="x" * 50, simple_value=float(step))])


def tried(errors, call, *args):
    """The call's result; an error of it is kept, and the call made again, as a program would that waits for room on the disk."""
    try:
        return call(*args)
    except CLEAR as error:
        errors.append(error)
        return call(*args)


def steps(folder):
    """The steps of all event files of a folder, each file whole."""
    found = []
    for name in sorted(os.listdir(folder)):
        events = list(tf.train.summary_iterator(os.path.join(folder, name)))
        assert events[0].file_version == "brain.Event:2", name
        found += [event.step for event in events[1:]]
    return found


def open_files():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


@pytest.mark.parametrize("kind", ["open", "write", "remove"])
def test_every_step_of_an_event_file_may_fail_once_and_is_tried_again(tmp_path, kind):
    tf.summary.FileWriter(str(tmp_path / "first")).close()      # loads what is loaded at first use
    before, failed = open_files(), 0
    for at in itertools.count(1):
        folder, errors = str(tmp_path / f"{kind}{at}"), []
        with failing(kind, at) as faults:
            writer = tried(errors, tf.summary.FileWriter, folder)
            for step in range(ADDED):
                tried(errors, writer.add_summary, summary(step), step)
                tried(errors, writer.flush)
            tried(errors, writer.close)
        assert all(folder in str(error) for error in errors), errors
        assert steps(folder) == list(range(ADDED))
        assert open_files() == before
        failed += bool(errors)
        if not faults.happened:
            break
    assert failed >= (kind != "remove")


def test_a_file_that_cannot_be_finished_is_closed_all_the_same_and_another_begun(tmp_path):
    before = open_files()
    writer = tf.summary.FileWriter(str(tmp_path))
    writer.add_summary(summary(0), 0)
    writer.flush()
    writer.add_summary(summary(1), 1)
    with failing("write", 1), pytest.raises(CLEAR, match="tfevents"):
        writer.close()
    assert open_files() == before
    with pytest.warns(UserWarning, match="closed FileWriter"):
        writer.add_summary(summary(2), 2)
    writer.reopen()
    writer.add_summary(summary(3), 3)
    writer.close()
    assert steps(str(tmp_path)) == [0, 3]


def test_an_event_file_that_could_not_begin_leaves_nothing(tmp_path):
    with failing("write", 1), pytest.raises(CLEAR, match="tfevents"):
        tf.summary.FileWriter(str(tmp_path))
    assert os.listdir(tmp_path) == []
