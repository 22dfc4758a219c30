"""Programs after the tutorials of TensorFlow 1, run by `graphflow run`."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = Path(__file__).parent / "programs"


def printed(name, folder):
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", str(PROGRAMS / f"{name}.py")], capture_output=True, text=True,
                          cwd=folder, env=os.environ | {"GRAPHFLOW_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("name, pattern, least", [
    ("iris_premade", r"accuracy: (\S+)", [0.9]),
    ("census_wide_deep", r"accuracy: (\S+) auc: \S+\n.*accuracy: (\S+) auc: (\S+)", [0.6, 0.75, 0.8]),
    ("digits_cnn", r"accuracy: (\S+)", [0.9]), ("text_embedding", r"first: (\S+)\nsecond, untrained: (\S+)", [0.9, 0.9]),
    ("custom_head_baseline", r"baseline accuracy: (\S+) label mean: (\S+).*\nlinear accuracy: (\S+)", [0.5, 0.3, 0.8]),
])
def test_a_tutorial_learns(name, pattern, least, tmp_path):
    found = re.search(pattern, printed(name, tmp_path))
    assert found
    assert all(float(value) >= wanted for value, wanted in zip(found.groups(), least, strict=True)), found.group()


def test_a_regression_is_exported_and_served(tmp_path):
    text = printed("housing_exporter", tmp_path)
    assert "['best', 'final']" in text
    first, second = map(float, re.search(r"served: (\S+) (\S+)", text).groups())
    assert abs(first - 200) < 40 and abs(second - 200) < 40
