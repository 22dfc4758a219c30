"""Settings every suite shares.

Markers choose the suites: the plain run leaves out `slow`, `oracle` and `browser` (pyproject.toml). Oracle tests ask the
`tensorflow_python` fixture for an interpreter that has TensorFlow; it comes from the environment variable GRAPHFLOW_TF_PYTHON.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests import recording

# Plots are written to files, never shown.
os.environ.setdefault("MPLBACKEND", "Agg")
# No test downloads data.
os.environ["GRAPHFLOW_OFFLINE"] = "1"


@pytest.fixture(scope="session")
def tensorflow_python() -> str:
    """Path of a python that can import tensorflow; the test is skipped where none is named."""
    python = os.environ.get("GRAPHFLOW_TF_PYTHON")
    if not python:
        pytest.skip("GRAPHFLOW_TF_PYTHON is not set: it names a python that has tensorflow 2.x")
    found = shutil.which(python)
    assert found, f"GRAPHFLOW_TF_PYTHON={python} is no program"
    return found


@pytest.fixture(scope="session")
def full_mnist() -> Path:
    """Folder with all of MNIST (mnist.npz or the four idx files); the test is skipped where GRAPHFLOW_DATA is not set."""
    folder = os.environ.get("GRAPHFLOW_DATA")
    if not folder:
        pytest.skip("GRAPHFLOW_DATA is not set: it names a folder with mnist.npz or the four idx .gz files")
    return Path(folder)


def pytest_configure(config: pytest.Config) -> None:
    recording.configure(config)
