"""tf.train.Checkpoint writes the objects, keys and state that TensorFlow writes, and each reads the other's files."""

import json
import os
import subprocess

import pytest

import graphflow as tf
from graphflow.formats.bundle import BundleReader
from graphflow.formats.object_graph import object_graph
from tests.oracle.object_checkpoint_side import load, save
from tests.oracle.programs import ROOT

pytestmark = [pytest.mark.oracle, pytest.mark.slow]


@pytest.fixture(scope="module")
def exchange(tensorflow_python, tmp_path_factory):
    """(folder, what TensorFlow saved, what it restored, what we saved)."""
    folder = tmp_path_factory.mktemp("objects")
    with tf.Graph().as_default():
        mine = save(tf, str(folder), "ours")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1", "TF_USE_LEGACY_KERAS": "1"}
    for work in ("save", "load"):
        finished = subprocess.run([tensorflow_python, "-m", "tests.oracle.object_checkpoint_side", work, str(folder), "theirs"],
                                  cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert finished.returncode == 0, finished.stderr[-4000:]
    return folder, *(json.loads((folder / f"theirs_{work}.json").read_text()) for work in ("save", "load")), mine


@pytest.mark.parametrize("name", ["ck-1", "_managed/ckpt-4"])
def test_objects_and_keys_are_equal(exchange, name):
    found = []
    for who in ("ours", "theirs"):
        with BundleReader(str(exchange[0] / f"{who}{'/' if name == 'ck-1' else ''}{name}")) as reader:
            found.append((reader.names(), object_graph(reader)))
    assert found[0] == found[1]


def test_the_managers_folders_hold_the_same_files(exchange):
    ours, theirs = (sorted(os.listdir(exchange[0] / f"{who}_managed")) for who in ("ours", "theirs"))
    assert ours == theirs
    states = [tf.train.get_checkpoint_state(str(exchange[0] / f"{who}_managed")) for who in ("ours", "theirs")]
    paths = [[os.path.basename(path) for path in state.all_model_checkpoint_paths] for state in states]
    assert paths[0] == paths[1] == ["ckpt-3", "ckpt-4"]


def test_tensorflow_restores_ours_and_its_own(exchange):
    _, saved, restored, mine = exchange
    assert restored["theirs_managed"] == saved and restored["ours_managed"] == mine


def test_we_restore_theirs_and_our_own(exchange):
    folder, saved, _, mine = exchange
    restored = load(tf, str(folder), "ours")
    assert restored["theirs_managed"] == saved and restored["ours_managed"] == mine
    assert [a for a, b in zip(restored["theirs_managed"], restored["theirs"], strict=True) if a != b] == [4]  # the save counter
