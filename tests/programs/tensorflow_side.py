"""Runs programs with TensorFlow and keeps what they print: `$GRAPHFLOW_TF_PYTHON -m tests.programs.tensorflow_side FILE [NAME ...]`.

Without names, those that the file has already and that this TensorFlow can run: with 2.x all but OF_1, with 1.15 these. `tensorflow` is
its compat.v1 API, the reader of MNIST graphflow's.
"""
import contextlib
import importlib
import io
import json
import os
import runpy
import sys
import tempfile
import types
from pathlib import Path

PROGRAMS = Path(__file__).with_name("programs")
OF_1 = {"custom_estimator", "slim_training"}       # tf.contrib and tf.estimator are no part of TensorFlow 2


def main():
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", TF_USE_LEGACY_KERAS="1", GRAPHFLOW_OFFLINE="1")
    os.environ.pop("GRAPHFLOW_DATA", None)
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    old = sys.modules["tensorflow"].__version__.startswith("1.")
    if not old:
        sys.modules["tensorflow"] = tf
        reader = importlib.import_module("graphflow.datasets.mnist")
        for name in ("tensorflow.examples", "tensorflow.examples.tutorials", "tensorflow.examples.tutorials.mnist"):
            sys.modules[name] = types.ModuleType(name)
        mnist = sys.modules["tensorflow.examples.tutorials.mnist"]
        mnist.input_data = sys.modules["tensorflow.examples.tutorials.mnist.input_data"] = reader
    target = Path(sys.argv[1]).resolve()
    found = json.loads(target.read_text()) if target.exists() else {}
    home = Path.cwd()
    for name in sys.argv[2:] or sorted(name for name in found if (name in OF_1) == old):
        tf.reset_default_graph()
        printed = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(printed):
            os.chdir(folder)
            try:
                runpy.run_path(str(PROGRAMS / f"{name}.py"), run_name="__main__")
            finally:
                os.chdir(home)
        found[name] = printed.getvalue()
    target.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
