"""Settings every suite shares.

Property tests run under one hypothesis profile. A busy machine makes examples slow, which says nothing about the code, so neither
deadlines nor the speed of drawing fail a test; a failing example prints the lines that repeat it.

Markers choose the suites: the plain run leaves out `slow`, `oracle` and `browser` (pyproject.toml). Oracle tests ask the
`tensorflow_python` fixture for an interpreter that has TensorFlow; it comes from the environment variable GRAPHFLOW_TF_PYTHON.
"""

import os
import random
import shutil
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from graphflow.kernels.random import philox
from tests import recording

# Plots are written to files, never shown.
os.environ.setdefault("MPLBACKEND", "Agg")
# No test downloads data.
os.environ["GRAPHFLOW_OFFLINE"] = "1"

settings.register_profile("graphflow", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("graphflow")


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


@pytest.fixture(scope="session")
def node() -> str:
    """Path of node, which runs the viewer's modules; without it the test is skipped, or fails where GRAPHFLOW_REQUIRE_NODE is set."""
    found = shutil.which("node")
    if found is None and os.environ.get("GRAPHFLOW_REQUIRE_NODE"):
        pytest.fail("node is not installed, which runs the viewer's modules (GRAPHFLOW_REQUIRE_NODE is set)")
    if found is None:
        pytest.skip("node is not installed, which runs the viewer's modules")
    return found


@pytest.fixture(autouse=True)
def repeated_numbers(request: pytest.FixtureRequest) -> None:
    """Unseeded random numbers are other ones in each test and the same in each run of it: no bound fails by chance."""
    seed = zlib.crc32(request.node.nodeid.encode())
    random.seed(seed)
    np.random.seed(seed)
    philox.repeat_from(seed)


@pytest.fixture(scope="session", autouse=True)
def compiled_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What native code is kept lies in a folder of the tests' own, for their child processes too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAPHFLOW_CACHE", str(tmp_path_factory.mktemp("compiled")))
        yield


@pytest.fixture(scope="session", autouse=True)
def verified_plans():
    """Every plan that any test makes is valid after lowering and after every pass."""
    from graphflow.plan import pipeline
    from graphflow.plan.verify import verify

    def verified(name: str, change: Any) -> Any:
        def run(plan: Any) -> Any:
            after = change(plan)
            try:
                verify(after)
            except AssertionError as error:
                raise AssertionError(f"after {name!r}: {error}") from error
            return after
        return run

    patch = pytest.MonkeyPatch()
    patch.setattr(pipeline, "PASSES", [(name, verified(name, change)) for name, change in pipeline.PASSES])
    patch.setattr(pipeline.Lowering, "run", verified("lowering", pipeline.Lowering.run))
    yield
    patch.undo()


def pytest_configure(config: pytest.Config) -> None:
    recording.configure(config)
