"""Event files as they are written: names, flushing, closing at exit, forks, several processes, a full disk."""

import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time

import pytest

from graphflow.core import errors
from graphflow.formats.event_file import event_files, read_events
from graphflow.formats.proto import Event
from graphflow.summary import event_file_writer
from graphflow.summary.event_file_writer import EventFileWriter
from graphflow.summary.summary_iterator import summary_iterator
from tests import tf_fixtures


def steps(folder):
    return [[e.step for e in read_events(file) if e.WhichOneof("what") != "file_version"] for file in event_files(folder)]


def event(step):
    made = Event(step=step, wall_time=1.0)
    made.summary.value.add(tag="a", simple_value=step)
    return made


def test_a_file_begins_with_its_version_and_is_named_by_its_second(tmp_path):
    writer = EventFileWriter(tmp_path / "deep" / "down", filename_suffix=".mine")
    (file,) = event_files(tmp_path / "deep" / "down")
    assert re.fullmatch(r"events\.out\.tfevents\.\d{10}\..+\.mine", file.name)
    (first,) = read_events(file)
    assert first.file_version == "brain.Event:2" and first.source_metadata.writer == "tensorflow.core.util.events_writer"
    assert first.wall_time == int(first.wall_time) == int(file.name.split(".")[3])
    assert writer.get_logdir() == str(tmp_path / "deep" / "down")
    writer.close()


@pytest.mark.parametrize("suffix", ["", ".mine"])
def test_files_of_one_writer_sort_as_they_were_begun(tmp_path, suffix):
    writer = EventFileWriter(tmp_path, filename_suffix=suffix)
    for step in range(4):  # all within one second
        writer.add_event(event(step))
        writer.close()
        writer.reopen()
    writer.close()
    assert [one for found in steps(tmp_path) for one in found] == [0, 1, 2, 3]
    assert all(file.name.endswith(suffix) for file in event_files(tmp_path))


def test_flush_close_and_reopen(tmp_path):
    writer = EventFileWriter(tmp_path)
    for step in range(30):
        writer.add_event(event(step))
    writer.flush()
    assert steps(tmp_path) == [list(range(30))]
    writer.close()
    writer.close()
    writer.add_event(event(99))
    writer.flush()
    assert steps(tmp_path) == [list(range(30))]
    writer.reopen()
    writer.reopen()
    writer.add_event(event(7))
    writer.close()
    assert sorted(steps(tmp_path)) == [list(range(30)), [7]]


def test_events_appear_in_time_without_being_asked_for(tmp_path):
    writer = EventFileWriter(tmp_path, flush_secs=0.05)
    writer.add_event(event(1))
    deadline = time.monotonic() + 10
    while steps(tmp_path) != [[1]] and time.monotonic() < deadline:
        time.sleep(0.01)
    assert steps(tmp_path) == [[1]]
    writer.close()


def test_several_threads_share_a_writer(tmp_path):
    with_queue = EventFileWriter(tmp_path, max_queue=2)
    threads = [threading.Thread(target=lambda n=n: [with_queue.add_event(event(100 * n + i)) for i in range(50)]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with_queue.close()
    assert sorted(steps(tmp_path)[0]) == sorted(100 * n + i for n in range(4) for i in range(50))


def test_writers_of_one_second_take_different_files(tmp_path):
    writers = [EventFileWriter(tmp_path) for _ in range(3)]
    for step, writer in enumerate(writers):
        writer.add_event(event(step))
        writer.close()
    assert sorted(steps(tmp_path)) == [[0], [1], [2]]


PROGRAM = """
import sys
from graphflow.formats.proto import Event
from graphflow.summary.event_file_writer import EventFileWriter
writer = EventFileWriter(sys.argv[1])
for step in range(5):
    writer.add_event(Event(step=step, wall_time=1.0, log_message={"message": "x"}))
"""


def test_the_file_is_closed_when_the_program_ends(tmp_path):
    subprocess.run([sys.executable, "-c", PROGRAM, str(tmp_path)], check=True, timeout=60)
    assert steps(tmp_path) == [[0, 1, 2, 3, 4]]


def test_several_processes_write_to_one_folder(tmp_path):
    processes = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert steps(tmp_path) == [[0, 1, 2, 3, 4]] * 3


def _child(writer):
    writer.add_event(event(50))
    writer.close()


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this platform does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_writes_a_file_of_its_own(tmp_path):
    writer = EventFileWriter(tmp_path)
    writer.add_event(event(1))  # may still be in memory when the child is made
    process = multiprocessing.get_context("fork").Process(target=_child, args=(writer,))
    process.start()
    process.join(60)
    assert process.exitcode == 0
    writer.add_event(event(2))
    writer.close()
    assert sorted(steps(tmp_path)) == [[1, 2], [50]]


def test_what_cannot_be_written_is_raised_by_the_next_call(tmp_path, monkeypatch):
    writer = EventFileWriter(tmp_path)
    real = os.write

    def full(fd, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(event_file_writer.os, "write", full)
    writer.add_event(event(1))
    with pytest.raises(errors.OpError, match="No space left on device"):
        writer.flush()
    monkeypatch.setattr(event_file_writer.os, "write", real)
    writer.close()
    assert steps(tmp_path) == [[1]]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.OpError, match="file"):
        EventFileWriter(tmp_path / "file" / "below")


@pytest.mark.parametrize("name, case", tf_fixtures.bad_cases("events"))
def test_summary_iterator_gives_good_events_then_a_tf_error(name, case):
    events = []
    path = tf_fixtures.path(case["path"])
    try:
        events.extend(iter(summary_iterator(str(path))))
    except errors.DataLossError as error:
        assert case["outcome"] == "partial" and str(path) in str(error)
    else:
        assert case["outcome"] == "ok"
        assert len(events) == case["good_records"]
    with pytest.raises(errors.NotFoundError, match="nothing_here"):
        next(summary_iterator("nothing_here"))
