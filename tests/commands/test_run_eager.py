"""`graphflow run` of programs of TensorFlow 2."""
from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import tensorflow as tf
from tensorflow.nn import relu
x = tf.Variable(3.0)
with tf.GradientTape() as tape:
    y = relu(x) * x
print(tf.__version__, tf.executing_eagerly(), tape.gradient(y, x).numpy(), tf.reduce_sum(tf.ones([2, 3]), 1).numpy())
"""
GRAPH = """
import tensorflow as tf
print(tf.executing_eagerly(), tf.function)
"""


def run(tmp_path, text, *options):
    (tmp_path / "program.py").write_text(text)
    command = [sys.executable, "-m", "graphflow", "run", *options, str(tmp_path / "program.py")]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.mark.parametrize("options", [(), ("--eager",)])
def test_a_program_of_tensorflow_2_runs_eagerly(tmp_path, options):
    done = run(tmp_path, PROGRAM, *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "2.0.0 True 6.0 [3. 3.]"
    assert ("a program of TensorFlow 2 (it uses GradientTape)" in done.stderr) == (not options)


def test_what_the_command_line_says_counts(tmp_path):
    assert run(tmp_path, GRAPH, "--graph").stdout.startswith("False")
    done = run(tmp_path, GRAPH)
    assert done.stdout.startswith("True")
    assert "it uses tf.function" in done.stderr
    assert run(tmp_path, GRAPH + "\n# no Session here\n").stdout.startswith("False")
