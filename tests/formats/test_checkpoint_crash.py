"""A save that is killed at any moment leaves the last complete checkpoint, whole."""

import itertools
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from graphflow.formats import durable
from graphflow.formats.bundle import BundleReader, BundleWriter, merge
from graphflow.formats.checkpoint_state import make_state, read_state, write_state
from graphflow.formats.early_flush import EarlyFlush
from graphflow.formats.errors import FormatError

NAMES = [f"w{number}" for number in range(6)]


def save(prefix, number):
    """A checkpoint all of whose values tell which save wrote it; its size depends on the number, so files of two saves never fit."""
    with BundleWriter(str(prefix)) as writer:
        for name in NAMES:
            writer.add(name, np.full((40 + number % 7, 100), number, np.int64))


def restored(prefix):
    """The number of the save whose checkpoint is read; every value must be of that save."""
    with BundleReader(str(prefix)) as reader:
        found = {int(value) for name in reader.names() for value in np.unique(reader.read(name))}
        assert reader.names() == NAMES
    assert len(found) == 1, f"values of several saves: {found}"
    return found.pop()


class KilledError(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def kill_at(monkeypatch):
    """kill_at(k): the k-th file system step from now on never happens, nor does anything after it, clearing away included."""
    def arm(step):
        left = itertools.count(step, -1)

        def mortal(original):
            def call(*args):
                if next(left) <= 0:
                    raise KilledError
                return original(*args)
            return call

        for name in ("replace", "flush_to_disk", "flush_directory", "remove_if_there"):
            monkeypatch.setattr(durable, name, mortal(getattr(durable, name)))
    return arm


def run_until_killed(job, kill_at, monkeypatch, step):
    with monkeypatch.context() as patches:
        patches.setattr(durable, "replace", durable.replace)
        kill_at(step)
        try:
            job()
        except KilledError:
            return True
        finally:
            monkeypatch.undo()
            durable._writing.clear()     # as the process that was killed is gone
    return False


def test_killed_between_any_two_steps_of_writing_over_a_checkpoint(tmp_path, kill_at, monkeypatch):
    prefix = tmp_path / "model"
    outcomes = []
    for step in range(1, 30):
        save(prefix, 100 + step)
        killed = run_until_killed(lambda step=step: save(prefix, 200 + step), kill_at, monkeypatch, step)
        outcomes.append(restored(prefix) - step)
        save(prefix, 300 + step)  # the next save works, and clears away what the killed one left
        assert restored(prefix) == 300 + step
        assert sorted(os.listdir(tmp_path)) == ["model.data-00000-of-00001", "model.index"]
        if not killed:
            break
    else:
        pytest.fail("the save never ended")
    assert outcomes[0] == 100 and outcomes[-1] == 200
    assert outcomes == sorted(outcomes)  # old until one step, new from there on


def test_killed_between_any_two_steps_of_merging_shards(tmp_path, kill_at, monkeypatch):
    prefix, outcomes = tmp_path / "model", []
    for step in range(1, 40):
        parts = [str(tmp_path / f"part{shard}-{step}") for shard in range(2)]

        def job(number, parts=parts):
            for shard, part in enumerate(parts):
                with BundleWriter(part) as writer:
                    for name in NAMES[shard::2]:
                        writer.add(name, np.full((40 + number % 7, 100), number, np.int64))
            merge(parts, str(prefix))

        job(100 + step)
        killed = run_until_killed(lambda step=step, job=job: job(200 + step), kill_at, monkeypatch, step)
        outcomes.append(restored(prefix) - step)
        if not killed:
            break
    assert not killed
    assert outcomes[0] == 100 and outcomes[-1] == 200
    assert outcomes == sorted(outcomes)


def test_an_exception_while_saving_leaves_no_files(tmp_path):
    save(tmp_path / "model", 1)
    with pytest.raises(TypeError, match="str or bytes"), BundleWriter(str(tmp_path / "model")) as writer:
        writer.add("fine", np.ones(5))
        writer.add("wrong", np.array([object()], object))
    assert restored(tmp_path / "model") == 1
    assert sorted(os.listdir(tmp_path)) == ["model.data-00000-of-00001", "model.index"]


def test_a_flush_that_fails_while_more_is_written_is_told_at_the_end(tmp_path, monkeypatch):
    if not hasattr(os, "fdatasync"):
        pytest.skip("this system has no fdatasync, so files are flushed at the end only")
    asked = threading.Event()

    def fail(descriptor):
        asked.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    monkeypatch.setattr("graphflow.formats.early_flush._STEP", 1000)
    with (tmp_path / "file").open("wb") as file:
        flush = EarlyFlush(file.fileno())
        flush.wrote(1000)
        assert asked.wait(30)
        with pytest.raises(OSError, match="Input/output error"):
            flush.end()


CHILD = """
import sys
from tests.formats.test_checkpoint_crash import save_for_ever
save_for_ever(sys.argv[1], int(sys.argv[2]))
"""


def save_for_ever(folder, start):
    """Save under one name and, in turns, under new ones, with the state file last; tells each save once it is complete."""
    for number in itertools.count(start):
        prefix = os.path.join(folder, "model" if number % 2 else f"model-{number % 6}")
        save(prefix, number)
        write_state(os.path.join(folder, "checkpoint"), make_state(folder, prefix))
        print(number, flush=True)


def kill_and_check(folder, rounds, seed):
    """Start a saving process, kill it at a random moment, look at what is left; so many rounds."""
    random_delay, number = random.Random(seed), 0
    root = Path(__file__).resolve().parents[2]
    for _ in range(rounds):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(folder), str(number + 1)], stdout=subprocess.PIPE, text=True, cwd=root)
        child.stdout.readline()
        time.sleep(random_delay.uniform(0, 0.05))
        child.kill()
        told = [int(line) for line in child.communicate()[0].split("\n")[:-1] if line]
        complete = max(told, default=number + 1)
        state = read_state(str(folder))
        number = restored(state.model_checkpoint_path)
        assert number >= complete
        for index in Path(folder).glob("*.index"):
            restored(str(index)[:-len(".index")])
    return number


def test_the_last_complete_checkpoint_restores_after_twenty_kills(tmp_path):
    assert kill_and_check(tmp_path, 20, seed=1) > 20


@pytest.mark.slow
def test_the_last_complete_checkpoint_restores_after_hundreds_of_kills(tmp_path):
    assert kill_and_check(tmp_path, 400, seed=2) > 400


def test_without_the_pending_step_the_test_would_fail(tmp_path):
    """Control: new data under an old index, which a plain two-step rename leaves behind, is found damaged."""
    save(tmp_path / "old", 1)
    save(tmp_path / "new", 2)
    os.replace(tmp_path / "new.data-00000-of-00001", tmp_path / "old.data-00000-of-00001")
    with pytest.raises(FormatError):
        restored(tmp_path / "old")
