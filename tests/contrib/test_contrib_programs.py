"""Whole programs that use tf.contrib, run by `graphflow run`; their printed losses are those that TensorFlow 2.21 with tf-slim printed."""
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PROGRAMS = Path(__file__).parent / "programs"
# What the same files printed under TensorFlow: seeds and digits are the same.
THEIRS = {
    "dcgan": [9, 1.2202225, 0.82080185, 19, 0.75986814, 1.1333053, 29, 0.38618743, 1.7227322],
    "vae": [0, 571.0878, 50, 211.87225, 100, 196.55722, 150, 196.57326],
}


def printed(name, folder, *arguments):
    environment = {key: value for key, value in os.environ.items() if key != "GRAPHFLOW_DATA"}    # the digits of the package
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", str(PROGRAMS / f"{name}.py"), *arguments], capture_output=True,
                          text=True, cwd=folder, env=environment | {"GRAPHFLOW_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def numbers(text):
    return [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e-?\d+)?", text)]


@pytest.mark.parametrize("name", sorted(THEIRS))
def test_losses_are_those_of_tensorflow(name, tmp_path):
    lines = [line for line in printed(name, tmp_path).splitlines() if re.match(r"\d+ ", line)]
    np.testing.assert_allclose(numbers(" ".join(lines)), THEIRS[name], rtol=1e-4)


def test_a_tagger_learns(tmp_path):
    first, *_, last = printed("crf_tagger", tmp_path).splitlines()
    assert numbers(last)[0] > numbers(first)[0] + 30 and numbers(last)[1] < numbers(first)[1] / 1.5


def test_workers_train_from_threads(tmp_path):
    assert printed("a3c", tmp_path).strip() == "moved True 10"


def test_a_training_loop_goes_on_from_its_checkpoint(tmp_path):
    first, second = numbers(printed("slim_lenet", tmp_path, str(tmp_path / "log")))
    assert first < 2.4 and second < 2.4
    files = {path.name for path in (tmp_path / "log").iterdir()}
    assert {"checkpoint", "graph.pbtxt", "model.ckpt-30.index", "model.ckpt-33.index"} <= files
