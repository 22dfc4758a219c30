"""Saves that meet a failing disk, or each other: a clear error, the old checkpoint whole, nothing left over."""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

import numpy as np
import pytest

import graphflow as tf
from graphflow.commands import tensor_files
from graphflow.formats import durable
from tests.formats.faulty_disk import KINDS, failing


@pytest.fixture
def program(tmp_path):
    """(saver, session, variable, prefix) with a checkpoint of 1.0."""
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=np.ones(2000, np.float32))
        session.run(v.initializer)
        saver = tf.train.Saver()
        prefix = saver.save(session, str(tmp_path / "m"), write_meta_graph=False)
        yield saver, session, v, prefix


CLEAR = (tf.errors.OpError, OSError, MemoryError)
NOTHING_LEFT = ["checkpoint", "m.data-00000-of-00001", "m.index"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_a_save_may_fail(program, monkeypatch, tmp_path, kind):
    """A clear error or success; old or new values, whole; nothing is left but a decided save's pending files, which the next one clears."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)      # slow, and this power does not fail
    saver, session, v, prefix = program
    failed = 0
    for at in itertools.count(1):
        session.run(v.assign(np.full(2000, at + 1.0, np.float32)))
        with failing(kind, at) as faults:
            try:
                saver.save(session, prefix, write_meta_graph=False)
            except CLEAR as error:
                failed += 1
                assert str(tmp_path) in str(error) or kind == "allocate"
        pending = any(".pending" in name for name in os.listdir(tmp_path))
        assert pending or sorted(os.listdir(tmp_path)) == NOTHING_LEFT
        session.run(v.assign(np.zeros(2000, np.float32)))
        saver.restore(session, prefix)
        assert set(session.run(v).tolist()) <= {at + 1.0} or set(session.run(v).tolist()) == {1.0}
        session.run(v.assign(np.ones(2000, np.float32)))
        saver.save(session, prefix, write_meta_graph=False)
        assert sorted(os.listdir(tmp_path)) == NOTHING_LEFT
        if not faults.happened:
            break
    assert failed >= (kind in ("open", "write", "fsync", "rename", "allocate"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_of_a_restore_may_fail(program, kind):
    saver, session, v, prefix = program
    w = tf.get_variable("w", initializer=np.ones(5, np.float32))
    session.run(w.initializer)
    saver = tf.train.Saver([v, w])
    prefix = saver.save(session, prefix + "2", write_meta_graph=False)
    failed = 0
    for at in itertools.count(1):
        session.run([v.assign(np.zeros(2000, np.float32)), w.assign(np.zeros(5, np.float32))])
        error = None
        with failing(kind, at) as faults:
            try:
                saver.restore(session, prefix)
            except CLEAR as caught:
                error = caught
        found = {*session.run(v).tolist(), *session.run(w).tolist()}
        assert found == ({1.0} if error is None else {0.0}), "all variables or none"
        failed += error is not None
        if not faults.happened:
            break
    assert failed >= (kind in ("open", "read", "allocate"))


def written(job, folder):
    """A file, or folder, that one of the writers of files makes at `folder`/out."""
    out, graph = str(folder / "out"), tf.Graph()
    with graph.as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [2], name="x")
        v = tf.get_variable("v", initializer=[1.0, 2.0])
        session.run(v.initializer)
        if job == "graph":
            tf.train.write_graph(graph, str(folder), "out", as_text=False)
        elif job == "saved_model":
            tf.saved_model.simple_save(session, out, {"x": x}, {"y": x + v})
        elif job == "records":
            with tf.python_io.TFRecordWriter(out) as writer:
                writer.write(b"record" * 100)
        elif job == "text":
            with tf.gfile.GFile(out, "w") as file:
                file.write("text" * 100)
        else:
            tensor_files.convert(str(folder / "m"), out + job)


@pytest.mark.parametrize("kind", ["open", "write", "fsync", "rename"])
@pytest.mark.parametrize("job", ["graph", "saved_model", "records", "text", ".npz"])
def test_every_step_of_other_writers_may_fail(program, monkeypatch, tmp_path, kind, job):
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    before = set(os.listdir(tmp_path))
    for at in itertools.count(0):       # first without a fault: loads what is loaded at first use
        with failing(kind, at) as faults:
            try:
                written(job, tmp_path)
            except CLEAR as error:
                assert str(tmp_path) in str(error) or kind == "write"
        left = set(os.listdir(tmp_path)) - before
        assert left <= {"out", "out" + job}, "no temporaries"
        for name in left:
            path = tmp_path / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if at and not faults.happened:
            break


ORDINARY = """
    import os, sys, tempfile
    import numpy as np
    import graphflow as tf
    tf.logging.set_verbosity(tf.logging.ERROR)
    v = tf.get_variable("v", initializer=np.ones(2000, "f"))
    saver, session = tf.train.Saver(), tf.Session()
    session.run(v.initializer)
    with tempfile.TemporaryDirectory() as own:       # loads what is loaded at first use, which an ordinary user may not read either
        saver.restore(session, saver.save(session, own + "/m"))
        tf.train.NewCheckpointReader(own + "/m")
        tf.summary.FileWriter(own).close()
        tf.gfile.Exists(own)
        try:
            saver.restore(session, own + "/none")
        except ValueError:
            pass
    os.setegid(65534); os.seteuid(65534)
    def attempt(name, work):
        try:
            print(name, "ok", work() is not None)
        except Exception as error:
            print(name, type(error).__name__, str(error).splitlines()[0])
    locked, hidden = sys.argv[1:]
    attempt("save", lambda: saver.save(session, locked + "/n"))
    attempt("restore", lambda: saver.restore(session, locked + "/m"))
    attempt("reader", lambda: tf.train.NewCheckpointReader(locked + "/m"))
    attempt("graph", lambda: tf.train.write_graph(session.graph, locked, "g.pb"))
    attempt("events", lambda: tf.summary.FileWriter(locked).close())
    attempt("hidden restore", lambda: saver.restore(session, hidden + "/m"))
    attempt("hidden reader", lambda: tf.train.NewCheckpointReader(hidden + "/m"))
    attempt("hidden save", lambda: saver.save(session, hidden + "/n"))
    attempt("exists", lambda: tf.gfile.Exists(hidden + "/m.index"))
"""


@pytest.mark.skipif(not hasattr(os, "setuid") or os.getuid() != 0, reason="only root can become an ordinary user")
def test_folders_that_an_ordinary_user_may_not_write_or_read(program, tmp_path):
    """A read-only folder is read all the same; what may not be is a clear error."""
    with tempfile.TemporaryDirectory() as root:
        os.chmod(root, 0o755)
        for name, mode in (("locked", 0o555), ("hidden", 0)):
            shutil.copytree(tmp_path, os.path.join(root, name))
            os.chmod(os.path.join(root, name), mode)
        out = subprocess.run([sys.executable, "-c", textwrap.dedent(ORDINARY), os.path.join(root, "locked"), os.path.join(root, "hidden")],
                             capture_output=True, text=True, check=False)
        told = out.stdout.replace(root, "")
        assert sorted(os.listdir(os.path.join(root, "locked"))) == NOTHING_LEFT
    assert not out.stderr, out.stderr
    lines = dict(re.match(r"((?:hidden )?\w+) (.*)", line).groups() for line in told.splitlines())
    assert lines["restore"] == "ok False" and lines["reader"] == "ok True"
    for refused in ("save", "graph", "events", "hidden restore", "hidden reader", "hidden save"):
        kind, text = lines[refused].split(" ", 1)
        assert kind in ("PermissionDeniedError", "PermissionError", "ValueError", "NotFoundError"), lines[refused]
        assert "/locked" in text or "/hidden" in text, lines[refused]


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
    saver, session, _, prefix = program
    real = durable.flush_to_disk

    def removed(file):
        real(file)
        shutil.rmtree(tmp_path, ignore_errors=True)

    monkeypatch.setattr(durable, "flush_to_disk", removed)
    with pytest.raises((tf.errors.OpError, ValueError), match="No such file|doesn't exist"):
        saver.save(session, prefix, write_meta_graph=False)
