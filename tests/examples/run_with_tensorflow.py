"""Runs a TF1 program on TensorFlow 2: `python run_with_tensorflow.py SCRIPT [ARGUMENTS]`, for the oracle tests.

`tensorflow` becomes its compat.v1 API with the few names that TF 1.0 dropped, and the tutorials' MNIST reader is graphflow's, which needs
numpy alone.
"""

import importlib
import os
import runpy
import sys
import types
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
ROOT = Path(__file__).parents[2]


def main() -> None:
    import tensorflow.compat.v1 as tf

    tf.disable_v2_behavior()
    tf.logging.set_verbosity(tf.logging.ERROR)
    tf.mul, tf.sub, tf.neg = tf.multiply, tf.subtract, tf.negative
    sys.modules["tensorflow"] = tf
    sys.path.insert(0, str(ROOT))
    reader = importlib.import_module("graphflow.datasets.mnist")
    for name in ("tensorflow.examples", "tensorflow.examples.tutorials", "tensorflow.examples.tutorials.mnist"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["tensorflow.examples.tutorials.mnist"].input_data = reader
    sys.modules["tensorflow.examples.tutorials.mnist.input_data"] = reader
    sys.argv = sys.argv[1:]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()
