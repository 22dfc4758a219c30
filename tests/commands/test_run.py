"""`graphflow run`: graphflow in tensorflow's place."""

import subprocess
import sys
import textwrap

import pytest


def run(tmp_path, program, *arguments, before=()):
    """The finished process of `graphflow run` on this program text."""
    script = tmp_path / "program.py"
    script.write_text(textwrap.dedent(program))
    command = [sys.executable, "-m", "graphflow", "run", *before, str(script), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)


def output(*args, **kwargs):
    done = run(*args, **kwargs)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("line", ["import tensorflow as tf", "import tensorflow.compat.v1 as tf", "from tensorflow.compat import v1 as tf"])
def test_a_program_that_imports_tensorflow_runs(tmp_path, line):
    program = f"""
        {line}
        x = tf.placeholder(tf.float32, name="x")
        with tf.Session() as sess:
            print(sess.run(x * 2 + 1, feed_dict={{x: 3}}))
    """
    assert output(tmp_path, program) == "7.0"


def test_disable_v2_behavior_and_inner_modules_work(tmp_path):
    program = """
        import tensorflow.compat.v1 as tf
        tf.disable_v2_behavior()
        from tensorflow.python.framework import ops
        from tensorflow.python.ops import math_ops
        import tensorflow.python.framework.dtypes as dtypes
        a = tf.constant(1)
        ops.reset_default_graph()
        print(len(tf.get_default_graph().get_operations()))
        print(ops.Graph is tf.Graph, math_ops.matmul is tf.matmul, dtypes.float32 is tf.float32)
    """
    assert output(tmp_path, program) == "0\nTrue True True"


def test_the_mnist_reader_of_the_tutorials_is_there(tmp_path):
    program = """
        from tensorflow.examples.tutorials.mnist import input_data
        mnist = input_data.read_data_sets("MNIST_data/", one_hot=True)
        print(mnist.train.next_batch(32)[0].shape)
    """
    assert output(tmp_path, program) == "(32, 784)"


def test_the_program_gets_its_own_arguments_path_and_name(tmp_path):
    (tmp_path / "neighbour.py").write_text("VALUE = 5")
    program = """
        import sys
        import neighbour
        print(__name__, neighbour.VALUE, sys.argv[1:], __file__.endswith("program.py"))
    """
    assert output(tmp_path, program, "--steps", "3", "-x") == "__main__ 5 ['--steps', '3', '-x'] True"


def test_a_module_runs_by_name(tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "__init__.py").write_text("")
    (tmp_path / "package" / "train.py").write_text("import sys, tensorflow as tf; print(tf.constant(1).name, sys.argv[1:])")
    command = [sys.executable, "-m", "graphflow", "run", "-m", "package.train", "a"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.strip() == "Const:0 ['a']", done.stderr


def test_the_version_is_one_that_programs_of_the_time_know(tmp_path):
    assert output(tmp_path, "import tensorflow as tf; print(tf.__version__)") == "1.15.0"


@pytest.mark.parametrize(
    "line", ["import tensorflow.contrib.slim as slim", "import tensorflow as tf; tf.contrib.layers", "from tensorflow import contrib"]
)
def test_contrib_is_refused_with_a_pointer_to_the_core_api(tmp_path, line):
    done = run(tmp_path, line)
    assert done.returncode == 1
    assert "tf.contrib is not part of graphflow" in done.stderr and "tf.layers" in done.stderr


def test_an_unknown_module_or_name_is_named(tmp_path):
    done = run(tmp_path, "import tensorflow.no_such_module")
    assert "ModuleNotFoundError: No module named 'tensorflow.no_such_module'" in done.stderr
    done = run(tmp_path, "import tensorflow as tf\ntf.no_such_name")
    assert "AttributeError: module 'tensorflow' has no attribute 'no_such_name'" in done.stderr


def test_a_failing_program_shows_its_own_frames_only(tmp_path):
    done = run(tmp_path, "def inner():\n    raise ValueError('mine')\n\ninner()")
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback") and "ValueError: mine" in done.stderr
    assert "runpy" not in done.stderr and "graphflow" not in done.stderr.replace("graphflow run", "")


def test_the_programs_exit_code_is_kept(tmp_path):
    assert run(tmp_path, "import sys; sys.exit(3)").returncode == 3


def test_a_missing_script_is_named(tmp_path):
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", "nowhere.py"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 1 and "no such file: nowhere.py" in done.stderr
