"""Saves that meet a failing disk, or each other: a clear error, the old checkpoint whole, nothing left over."""

import errno
import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import graphflow as tf
from graphflow.formats import durable


@pytest.fixture
def program(tmp_path):
    """(saver, session, variable, prefix) with a checkpoint of 1.0."""
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=np.ones(2000, np.float32))
        session.run(v.initializer)
        saver = tf.train.Saver()
        prefix = saver.save(session, str(tmp_path / "m"), write_meta_graph=False)
        yield saver, session, v, prefix


class FaultyOS:
    """`os` whose nth call of one function fails."""

    def __init__(self, name, at, code):
        self.name, self.left, self.code = name, at, code

    def __getattr__(self, name):
        real = getattr(os, name)
        if name != self.name:
            return real

        def call(*args, **kwargs):
            self.left -= 1
            if not self.left:
                raise OSError(self.code, os.strerror(self.code), "the disk")
            return real(*args, **kwargs)
        return call


@pytest.mark.parametrize("name, code, kind", [
    ("fsync", errno.ENOSPC, tf.errors.ResourceExhaustedError), ("fsync", errno.EIO, tf.errors.OpError),
    ("replace", errno.ENOSPC, tf.errors.ResourceExhaustedError), ("replace", errno.EACCES, tf.errors.PermissionDeniedError),
])  # fmt: skip
def test_every_flush_and_rename_may_fail(program, monkeypatch, tmp_path, name, code, kind):
    saver, session, v, prefix = program
    saw = 0
    for at in range(1, 20):
        session.run(v.assign(np.full(2000, at + 1.0, np.float32)))
        faulty = FaultyOS(name, at, code)
        with monkeypatch.context() as patch:
            patch.setattr(durable, "os", faulty)
            try:
                saver.save(session, prefix, write_meta_graph=False)
            except kind as error:
                saw += 1
                assert "the disk" in str(error) or os.strerror(code) in str(error)
        session.run(v.assign(np.zeros(2000, np.float32)))
        saver.restore(session, prefix)
        found = session.run(v)
        assert len(set(found.tolist())) == 1, "the values of one save"
        saver.save(session, prefix, write_meta_graph=False)
        assert sorted(os.listdir(tmp_path)) == ["checkpoint", "m.data-00000-of-00001", "m.index"]
    assert saw >= 2


FULL_DISK = """
    import os, resource, signal, sys
    import numpy as np
    import graphflow as tf
    folder = sys.argv[1]
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)      # files that grow beyond the limit fail as on a full disk
    v = tf.get_variable("v", initializer=np.zeros(300_000, "f"))
    saver, session = tf.train.Saver(max_to_keep=2), tf.Session()
    session.run(tf.global_variables_initializer())
    saver.save(session, folder + "/m", global_step=0, write_meta_graph=False)
    for limit in (0, 100, 50_000, 1_100_000, 1_199_999):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            saver.save(session, folder + "/m", global_step=1, write_meta_graph=False)
            print("saved")
        except tf.errors.ResourceExhaustedError:
            print("full", sorted(os.listdir(folder)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    saver.save(session, folder + "/m", global_step=2, write_meta_graph=False)
    print(sorted(os.listdir(folder)))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits of file sizes there")
def test_a_full_disk_is_an_error_that_leaves_nothing_behind(tmp_path):
    out = subprocess.run([sys.executable, "-c", textwrap.dedent(FULL_DISK), str(tmp_path)], capture_output=True, text=True, check=True)
    kept = ["checkpoint", "m-0.data-00000-of-00001", "m-0.index"]
    *tries, last = out.stdout.splitlines()
    assert tries == [f"full {kept}"] * 5
    assert last == str([*kept, "m-2.data-00000-of-00001", "m-2.index"])


def test_left_overs_of_a_killed_save_go_with_the_next_one_and_those_of_a_living_one_stay(program, tmp_path):
    saver, session, _, prefix = program
    gone = subprocess.run([sys.executable, "-c", "from graphflow.formats import durable; print(durable.new_token())"],
                          capture_output=True, text=True, check=True).stdout.strip()
    living = durable.new_token()
    for token in (gone, living):
        for name in ("m.data-00000-of-00001", "m.index", "checkpoint", "m.meta"):
            (tmp_path / f"{name}.tempstate{token}").write_bytes(b"x")
    saver.save(session, prefix)
    left = [name for name in os.listdir(tmp_path) if ".tempstate" in name]
    assert len(left) == 4 and all(name.endswith(living) for name in left)
    durable.release(living)
    saver.save(session, prefix)
    assert not [name for name in os.listdir(tmp_path) if ".tempstate" in name]


WRITER = """
    import sys
    import numpy as np
    from graphflow.formats.bundle import BundleWriter
    prefix, number = sys.argv[1], int(sys.argv[2])
    for turn in range(60):
        with BundleWriter(prefix) as writer:
            for name in "ab":
                writer.add(name, np.full(1000 + number * 100 + turn, number * 1000 + turn, np.int64))
"""


def test_readers_beside_two_writers_see_whole_checkpoints(tmp_path):
    from graphflow.formats.bundle import BundleReader

    prefix = str(tmp_path / "m")
    writers = [subprocess.Popen([sys.executable, "-c", textwrap.dedent(WRITER), prefix, str(number)]) for number in (1, 2)]
    seen = 0
    while any(writer.poll() is None for writer in writers):
        if not os.path.exists(prefix + ".index"):
            continue
        with BundleReader(prefix) as reader:
            a, b = reader.read("a"), reader.read("b")
        assert a.shape == b.shape and len({*a.tolist(), *b.tolist()}) == 1
        seen += 1
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen > 10
    assert sorted(os.listdir(tmp_path)) == ["m.data-00000-of-00001", "m.index"]


def test_a_folder_that_is_removed_while_saving_is_named(program, monkeypatch, tmp_path):
    import shutil

    saver, session, _, prefix = program
    real = durable.flush_to_disk

    def removed(file):
        real(file)
        shutil.rmtree(tmp_path, ignore_errors=True)

    monkeypatch.setattr(durable, "flush_to_disk", removed)
    with pytest.raises((tf.errors.OpError, ValueError), match="No such file|doesn't exist"):
        saver.save(session, prefix, write_meta_graph=False)
