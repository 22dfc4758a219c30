"""Programs after guides to TensorFlow 2: six in the fast suite, all in the slow one, beside what TensorFlow 2.21 gave (golden).

`python -m tests.eager.test_tutorials` writes the golden file, by the Python that GRAPHFLOW_TF_PYTHON names.
"""
from __future__ import annotations

import importlib
import json
import os
from pathlib import Path

import pytest

from tests.eager import programs, tutorials_of_functions, tutorials_of_gradients
from tests.eager.switched import eagerly
from tests.eager.test_programs import answers, assert_equal

GOLDEN = Path(__file__).parent / "golden" / "tutorials.json"
FEW = ("tape_of_several_targets", "jacobian_of_a_layer", "adversaries", "control_flow_on_tensors", "policy_gradient", "variables_in_place")
TABLES = (tutorials_of_gradients, tutorials_of_functions)
BY_NAME = {p.__name__: p for table in TABLES for p in table.PROGRAMS}


@pytest.fixture(scope="module")
def golden() -> dict:
    return json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in FEW else [pytest.mark.slow]) for name in BY_NAME])
def test_a_program_gives_what_tensorflow_gave(name, golden):
    with eagerly(v2=True):
        found = programs.plain(BY_NAME[name](importlib.import_module("graphflow.compat.v2")))
    assert_equal(found, golden[name], name)


@pytest.mark.oracle
def test_tensorflow_gives_what_is_written_down(tensorflow_python, golden):
    found = answers(tensorflow_python, "tensorflow", *TABLES)
    assert found.keys() == golden.keys()
    for name, values in found.items():
        assert_equal(values, golden[name], name)


def main() -> None:
    found = answers(os.environ["GRAPHFLOW_TF_PYTHON"], "tensorflow", *TABLES)
    GOLDEN.write_text("{" + ",\n".join(f"{json.dumps(name)}: {json.dumps(values)}" for name, values in found.items()) + "}\n")


if __name__ == "__main__":
    main()
