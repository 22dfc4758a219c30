"""Write graphflow/datasets/mnist_subset.npz from the full set in GRAPHFLOW_DATA.

    GRAPHFLOW_DATA=folder python tools/make_mnist_subset.py
"""

import os
from pathlib import Path

import numpy as np

from graphflow.datasets import mnist_files

TRAIN, TEST = 6000, 1000


def main() -> None:
    digits = mnist_files.read_folder(os.environ["GRAPHFLOW_DATA"])
    assert digits is not None, "GRAPHFLOW_DATA holds no MNIST"
    target = Path(__file__).parents[1] / "graphflow" / "datasets" / "mnist_subset.npz"
    np.savez_compressed(
        target, x_train=digits.x_train[:TRAIN], y_train=digits.y_train[:TRAIN], x_test=digits.x_test[:TEST], y_test=digits.y_test[:TEST]
    )
    print(target, target.stat().st_size)


if __name__ == "__main__":
    main()
