"""`graphflow check`: which names of TensorFlow a program uses that graphflow lacks."""
import ast
import json
import textwrap

import pytest

from graphflow.cli import main
from graphflow.commands import stand_in
from graphflow.commands.missing import missing
from graphflow.commands.symbols import used


@pytest.fixture(autouse=True)
def tensorflow():
    yield
    stand_in.uninstall()


def names(program):
    return [(use.path.removeprefix("tensorflow."), *use.keywords) for use in used(ast.parse(textwrap.dedent(program)))]


def test_names_are_found_however_tensorflow_is_imported():
    assert names("""
        import tensorflow as tf
        import tensorflow.contrib.slim as slim
        from tensorflow.python.ops import math_ops as m, array_ops
        import tensorflow.nn
        layers = tf.contrib.layers
        x = layers.fully_connected(tf.zeros([1]), 3, activation_fn=tf.nn.relu)
        slim.conv2d(x, scope="a"); m.add(x, x); tensorflow.nn.elu(x); array_ops.shape(x).foo
        x.get_shape()
    """) == [
        ("tensorflow",), ("contrib.slim",), ("python.ops.math_ops",), ("python.ops.array_ops",), ("nn",), ("contrib.layers",),
        ("contrib.layers.fully_connected", "activation_fn"), ("zeros",), ("nn.relu",), ("contrib.slim.conv2d", "scope"),
        ("python.ops.math_ops.add",), ("nn.elu",), ("python.ops.array_ops.shape",)]


def test_names_that_a_program_can_do_without_are_left_out():
    assert names("""
        import tensorflow as tf
        try:
            cell = tf.nn.rnn_cell.OldCell
        except AttributeError:
            cell = tf.nn.rnn_cell.LSTMCell
        try:
            y = tf.nn.elu(1)
        except ValueError:
            pass
    """) == [("tensorflow",), ("nn.elu",)]


def test_what_is_missing_and_why():
    stand_in.install()
    program = """
        import tensorflow as tf
        tf.nn.relu(1.0, nmae="x")
        tf.reduct_mean(1.0)
        tf.reduct_mean(2.0)
        tf.contrib.cudnn_rnn.CudnnLSTM(3)
        tf.app.flags.FLAGS.batch_size
        tf.train.AdamOptimizer(0.1).minimize(1)
        tf.load_op_library("x.so")
    """
    found = missing(("a.py", use) for use in used(ast.parse(textwrap.dedent(program))))
    assert [(m.name, [line for _, line in m.places]) for m in found] == [
        ("tf.reduct_mean", [4, 5]), ("tf.contrib.cudnn_rnn.CudnnLSTM", [6]), ("tf.load_op_library", [9]), ("tf.nn.relu(nmae=)", [3])]
    assert "not part of TensorFlow 1 either" in found[0].why and "tf.reduce_mean" in found[0].why
    assert "use tf.nn.rnn_cell.LSTMCell" in found[1].why
    assert "tf.py_func" in found[2].why


def test_a_repository_is_checked_as_a_whole(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "good.py").write_text("import tensorflow as tf\ntf.zeros([1])\n")
    (tmp_path / "sub" / "bad.py").write_text("import tensorflow as tf\ntf.zores([1])\n")
    book = {"cells": [{"cell_type": "markdown", "source": ["# x"]},
                      {"cell_type": "code", "source": ["%matplotlib inline\n", "import tensorflow as tf\n", "tf.nn.no_such()"]}]}
    (tmp_path / "sub" / "book.ipynb").write_text(json.dumps(book))
    assert main(["check", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "tf.zores    sub/bad.py:2" in shown and "tf.nn.no_such    sub/book.ipynb[1]:3" in shown
    assert shown.endswith("3 files use 4 names of tensorflow; 2 of these are missing\n")
    assert main(["check", str(tmp_path / "good.py")]) == 0
    assert capsys.readouterr().out == "1 files use 2 names of tensorflow; none is missing\n"


def test_python_2_is_read_when_asked_for(tmp_path, capsys):
    (tmp_path / "old.py").write_text("import tensorflow as tf\nprint tf.zores([1])\n")
    assert main(["check", str(tmp_path)]) == 1
    assert "not read: line 2: Missing parentheses" in capsys.readouterr().out
    assert main(["check", "--py2", str(tmp_path)]) == 1
    assert "tf.zores" in capsys.readouterr().out


def test_files_that_are_not_there_or_hold_nothing(tmp_path, capsys):
    assert main(["check", str(tmp_path / "x.py")]) == 1
    assert main(["check", str(tmp_path)]) == 1
    assert "no such file" in (told := capsys.readouterr().err) and "no .py or .ipynb file" in told
