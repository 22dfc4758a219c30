"""The models of tools/bench train, and their losses are TensorFlow's."""

import json
import os
import subprocess

import numpy as np
import pytest

import graphflow as tf
from tests.tools import bench_models
from tools.bench.workloads import MODELS

TRAINED = [name for name in MODELS if name not in ("answer", "threads", "threads1")]


@pytest.mark.parametrize("name", TRAINED)
def test_the_loss_falls(name):
    first, _, last = bench_models.losses(name, tf)
    assert last[0] < first[0]


@pytest.mark.oracle
def test_the_losses_are_tensorflows(tensorflow_python, tmp_path):
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1"}
    subprocess.run([tensorflow_python, "-m", "tests.tools.bench_models", str(tmp_path / "losses.json")], env=environment, check=True,
                   capture_output=True)
    theirs = json.loads((tmp_path / "losses.json").read_text(encoding="utf-8"))
    for name in MODELS:
        loose = 1e-3 if name == "dcgan" else 1e-5      # Adam divides tiny sums, which TensorFlow adds in any order
        np.testing.assert_allclose(bench_models.losses(name, tf), theirs[name], rtol=loose, atol=1e-6, err_msg=name)
