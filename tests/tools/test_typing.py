"""What type checkers say of programs that use graphflow; tests/typing/user_program.py is part of every mypy run."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import graphflow as tf

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_mypy_finds_every_name_that_the_examples_use(tmp_path):
    pytest.importorskip("mypy")
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("data", "output"))
    for path in (tmp_path / "examples").glob("*.py"):
        digits = "from tensorflow.examples.tutorials.mnist import input_data"
        text = path.read_text().replace(digits, "from graphflow.datasets import mnist as input_data")
        text = re.sub(r"^from tensorflow.python.* import .*\n", "", text, flags=re.M)    # the stand-in's, which checkers do not see
        path.write_text(re.sub(r"^(\s*)(from|import) tensorflow\b", r"\1\2 graphflow", text, flags=re.M))
    (tmp_path / "broken.py").write_text("import graphflow as tf\ntf.nn.no_such_name(tf.matmul())\n")
    (tmp_path / "mypy.ini").write_text("[mypy]\n")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", str(tmp_path / "cache"), "examples", "broken.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT), "PATH": ""})
    assert done.returncode in (0, 1), done.stdout + done.stderr
    broken = [line for line in done.stdout.splitlines() if line.startswith("broken.py")]
    assert len(broken) == 2, "mypy did not see the stubs: " + done.stdout
    # examples are old programs, with lines that checkers dislike for other reasons than graphflow's
    lines = [line for line in done.stdout.splitlines() if line.startswith("examples")]
    ours = [line for line in lines if re.search(r'"graphflow|stubs|Cannot find impl|Module has no attribute', line)]
    assert ours == []


def test_help_shows_the_arguments_of_a_variable():
    import inspect

    assert list(inspect.signature(tf.Variable).parameters)[:4] == ["initial_value", "trainable", "collections", "validate_shape"]
