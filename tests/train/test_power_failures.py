"""After a power failure at any moment of a save, unflushed writes lost and unflushed renames in any order, a whole checkpoint is there."""

import os
import shutil

import numpy as np
import pytest

import graphflow as tf
from tests.formats.crash_states import lay_out, recorded

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="files of descriptors are looked up in /proc")


@pytest.fixture
def program(tmp_path):
    """(save(value, step), restored(folder)): a saver of one variable, whose checkpoints go to tmp_path/run."""
    folder = tmp_path / "run"
    folder.mkdir()
    with tf.Graph().as_default(), tf.Session() as session:
        v = tf.get_variable("v", initializer=np.zeros(50, np.float32))
        saver = tf.train.Saver(max_to_keep=2, save_relative_paths=True)

        def save(value, step=None):
            session.run(v.assign(np.full(50, value, np.float32)))
            return saver.save(session, str(folder / "m"), global_step=step)

        def restored(where, prefix=None):
            """The value of the checkpoint that the folder's state file names, or of a prefix; its meta graph must be whole too."""
            prefix = prefix or tf.train.latest_checkpoint(str(where))
            assert prefix is not None, sorted(os.listdir(where))
            with tf.Graph().as_default(), tf.Session() as other:
                tf.train.import_meta_graph(prefix + ".meta").restore(other, prefix)
                found = set(other.run("v:0").tolist())
            assert len(found) == 1
            return found.pop()

        yield folder, save, restored


def values(disk, restored, tmp_path):
    found = set()
    for state in disk.states:
        lay_out(state, tmp_path / "after")
        found.add(restored(tmp_path / "after"))
        shutil.rmtree(tmp_path / "after")
    return found


def test_a_save_under_a_new_name(program, tmp_path):
    folder, save, restored = program
    save(1, 1)
    save(2, 2)
    with recorded(folder) as disk:
        save(3, 3)      # and removes the first
    assert len(disk.states) > 10
    assert values(disk, restored, tmp_path) == {2.0, 3.0}
    with recorded(folder) as disk:
        pass
    assert values(disk, restored, tmp_path) == {3.0}, "what save returned from is there"


def test_a_save_over_a_checkpoint(program, tmp_path):
    folder, save, restored = program
    save(1)
    with recorded(folder) as disk:
        save(2)
    assert len(disk.states) > 10
    assert values(disk, restored, tmp_path) == {1.0, 2.0}
