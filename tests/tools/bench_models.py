"""The models of tools/bench in small: the first losses of three steps, in graphflow or TensorFlow.

    python -m tests.tools.bench_models FILE    with TensorFlow: {name: [three losses]} as JSON
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tools.bench.workloads import MODELS, WORKLOADS


def losses(name: str, tf: Any) -> list[list[float]]:
    """Up to three numbers of the first result of three steps."""
    with tf.Graph().as_default():
        tf.set_random_seed(1)
        step = WORKLOADS[name].program(tf, True)
        return [np.asarray(step()[0], float).ravel()[:3].tolist() for _ in range(3)]


if __name__ == "__main__":
    import tensorflow.compat.v1 as tf
    tf.disable_v2_behavior()
    Path(sys.argv[1]).write_text(json.dumps({name: losses(name, tf) for name in MODELS}), encoding="utf-8")
