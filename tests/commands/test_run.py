"""`graphflow run`: graphflow in tensorflow's place."""

import json
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


def test_processes_that_multiprocessing_spawns_get_the_stand_in(tmp_path):
    program = """
        import multiprocessing
        import tensorflow as tf

        def double(i):
            return float(tf.Session().run(tf.constant(float(i)) * 2))

        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map_async(double, [1, 2]).get(60))
    """
    assert output(tmp_path, program) == "[2.0, 4.0]"


def test_help_of_a_program_lists_its_flags(tmp_path):
    program = """
        import tensorflow as tf
        tf.app.flags.DEFINE_float("learning_rate", 0.1, "how fast")

        def main(_):
            print(tf.app.flags.FLAGS.learning_rate)

        if __name__ == "__main__":
            tf.app.run()
    """
    shown = run(tmp_path, program, "--help")
    assert "--learning_rate: how fast" in shown.stdout and "default: '0.1'" in shown.stdout
    assert output(tmp_path, program, "--learning_rate=0.5") == "0.5"


@pytest.mark.parametrize("line", ["from tensorflow import keras; print(keras.layers.Dense(3).units)",
                                  "from tensorflow.keras import layers; print(layers.Dense(3).units)",
                                  "from tensorflow.keras.layers import Dense; print(Dense(3).units)",
                                  "from tensorflow.python.keras.layers import Dense; print(Dense(3).units)",
                                  "from tensorflow.python.keras.layers.core import Dense; print(Dense(3).units)",
                                  "import tensorflow as tf; print(tf.keras.layers.Dense(3).units)",
                                  "import tensorflow.keras as k; print(k.layers.Dense(3).units)",
                                  "import tensorflow.keras.backend as K; print(int(K.epsilon() * 3e7))",
                                  "import keras; from keras.layers import Dense; print(Dense(3).units)"])
def test_keras_is_found_under_all_its_names(tmp_path, line):
    assert output(tmp_path, line) == "3"


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
    assert output(tmp_path, "import tensorflow as tf; print(tf.__version__)") == "1.15.5"


@pytest.mark.parametrize(
    "line",
    ["import tensorflow.contrib.cudnn_rnn as rnn", "import tensorflow as tf; tf.contrib.cudnn_rnn.CudnnLSTM",
     "from tensorflow.contrib import cudnn_rnn", "from tensorflow.contrib.cudnn_rnn import CudnnLSTM"],
)
def test_parts_of_contrib_that_are_absent_say_what_to_use(tmp_path, line):
    done = run(tmp_path, line)
    assert done.returncode == 1
    assert "run on NVIDIA's library only; use tf.nn.rnn_cell.LSTMCell" in done.stderr


def test_a_name_that_contrib_lacks_says_so(tmp_path):
    done = run(tmp_path, "import tensorflow as tf; tf.contrib.layers.python.layers.bach_norm")
    assert done.returncode == 1 and "tf.contrib.layers.bach_norm" in done.stderr


@pytest.mark.parametrize("line", [
    "import tensorflow.contrib.slim as slim; conv2d = slim.conv2d", "from tensorflow.contrib import slim; conv2d = slim.conv2d",
    "from tensorflow.contrib.layers.python.layers import layers; conv2d = layers.conv2d",
    "from tensorflow.contrib.layers.python.layers.layers import conv2d", "import tensorflow as tf; conv2d = tf.contrib.slim.conv2d",
    "import tensorflow as tf; conv2d = tf.contrib.layers.python.layers.conv2d",
    "import tensorflow.contrib as contrib; conv2d = contrib.layers.convolution2d",
    "from tensorflow.contrib.layers import conv2d"])
def test_layers_of_contrib_are_found_wherever_programs_import_them_from(tmp_path, line):
    program = f"{line}\nfrom tensorflow.contrib import layers as home\nprint(conv2d is home.convolution2d)"
    assert output(tmp_path, program) == "True"


def test_contrib_has_what_graphflow_has(tmp_path):
    program = """
        import tensorflow as tf
        from tensorflow.contrib.layers import xavier_initializer
        from tensorflow.contrib.tensorboard.plugins import projector
        print(tf.contrib.layers.xavier_initializer is xavier_initializer, projector.ProjectorConfig().embeddings.add().tensor_name == "")
    """
    assert output(tmp_path, program) == "True True"


def test_inner_modules_of_files_work(tmp_path):
    program = """
        import tensorflow as tf
        from tensorflow.core.example import example_pb2
        from tensorflow.core.framework import graph_pb2, types_pb2
        from tensorflow.core.protobuf import config_pb2, saver_pb2
        from tensorflow.core.util import event_pb2
        from tensorflow.python import pywrap_tensorflow
        from tensorflow.python.lib.io import tf_record
        from tensorflow.python.saved_model import builder, loader, main_op, signature_constants, signature_def_utils, tag_constants, utils
        from tensorflow.python.saved_model import builder_impl, constants
        from tensorflow.python.summary.summary_iterator import summary_iterator
        from tensorflow.python.summary.writer.writer import FileWriter
        print(types_pb2.DT_FLOAT, saver_pb2.SaverDef.V2, graph_pb2.GraphDef is tf.GraphDef, event_pb2.Event is tf.Event)
        print(example_pb2.Example is tf.train.Example, config_pb2.ConfigProto is tf.ConfigProto)
        print(pywrap_tensorflow.NewCheckpointReader is tf.train.NewCheckpointReader)
        print(tf_record.TFRecordWriter is tf.python_io.TFRecordWriter)
        print(builder.SavedModelBuilder is builder_impl.SavedModelBuilder is tf.saved_model.builder.SavedModelBuilder)
        print(utils.build_tensor_info is tf.saved_model.utils.build_tensor_info and main_op.main_op is tf.saved_model.main_op.main_op)
        print(loader.load is tf.saved_model.loader.load, signature_def_utils.build_signature_def is tf.saved_model.build_signature_def)
        print(signature_constants.PREDICT_METHOD_NAME, tag_constants.SERVING, constants.VARIABLES_DIRECTORY)
        print(summary_iterator is tf.train.summary_iterator, FileWriter is tf.summary.FileWriter)
    """
    assert output(tmp_path, program).splitlines() == [
        "1 2 True True", "True True", "True", "True", "True", "True", "True True",
        "tensorflow/serving/predict serve variables", "True True"]
    done = run(tmp_path, "from tensorflow.core.framework import nothing_pb2\nnothing_pb2.NoSuchMessage")
    assert "has no attribute 'NoSuchMessage'" in done.stderr


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


def test_a_seed_repeats_what_an_unseeded_program_draws(tmp_path):
    program = """
        import random, numpy as np, tensorflow as tf
        w = tf.get_variable("w", [3])
        noise = tf.random_normal([2])
        shuffled = tf.data.Dataset.range(20).shuffle(20).batch(20).make_one_shot_iterator().get_next()
        with tf.Session() as sess:
            sess.run(tf.global_variables_initializer())
            print(*[sess.run(each).tolist() for each in (w, noise, noise, shuffled)], np.random.rand(2), random.random())
    """
    first, again, other = (output(tmp_path, program, before=["--seed", seed]) for seed in ("5", "5", "6"))
    assert first == again
    assert all(mine != theirs for mine, theirs in zip(first.split("] "), other.split("] "), strict=True))


def test_libraries_old_names_answer_in_all_modules_of_a_program(tmp_path):
    (tmp_path / "helper.py").write_text("import numpy as np\ndef text(a):\n    return a.tostring(), np.int(2.5)\n")
    program = """
        import helper, time
        import numpy as np
        print(helper.text(np.zeros(1, np.uint8)), time.clock() > 0)
    """
    assert output(tmp_path, program) == r"(b'\x00', 2) True"


def test_a_failed_run_lists_what_the_whole_program_lacks(tmp_path):
    (tmp_path / "helper.py").write_text("import tensorflow as tf\ndef f():\n    return tf.zores([1])\n")
    done = run(tmp_path, "import tensorflow as tf\ntf.nn.no_such_function(1)\nimport helper")
    assert done.returncode == 1
    shown = done.stderr[done.stderr.index("Names of TensorFlow that this program uses and graphflow does not have"):]
    assert "tf.nn.no_such_function    program.py:2" in shown and "tf.zores    helper.py:3" in shown
    assert "graphflow/commands" not in done.stderr
    assert "Names of TensorFlow" not in run(tmp_path, "import tensorflow as tf\ntf.zeros([1, 2]) + 'x'").stderr


def test_python_2_programs_run_when_asked_for(tmp_path):
    (tmp_path / "helper.py").write_text("def half(n):\n    return n / 2\n")
    program = "import helper\nprint 'half', helper.half(7), [k for k in {'a': 1}.iterkeys()]"
    assert output(tmp_path, program, before=("--py2",)) == "half 3 ['a']"
    assert "`graphflow run --py2` converts it" in run(tmp_path, program).stderr
    assert "`graphflow run --py2` converts it" in run(tmp_path, "for i in xrange(3): pass").stderr


def test_notebooks_run_cell_by_cell(tmp_path):
    cells = ["%matplotlib inline\nimport tensorflow as tf\nimport matplotlib.pyplot as plt\nx = tf.constant(2.0)",
             "plt.plot([1, 2])\nplt.show()\nplt.plot([2, 1])", "with tf.Session() as sess:\n    y = sess.run(x * 3)\nfloat(y)", "y;",
             "1 / 0"]
    book = tmp_path / "book.ipynb"
    book.write_text(json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}))
    done = subprocess.run([sys.executable, "-m", "graphflow", "run", str(book)], capture_output=True, text=True, cwd=tmp_path)
    lines = [line for line in done.stdout.splitlines() if "matplotlib" not in line]
    assert lines == ["[figure: book-1.png]", "[figure: book-2.png]", "6.0"]
    assert (tmp_path / "book-2.png").stat().st_size > 1000
    assert done.returncode == 1 and "book.ipynb[5]\", line 1" in done.stderr and "1 / 0" in done.stderr
