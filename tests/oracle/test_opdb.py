"""The op database against TensorFlow: values, gradients and node lists of every row, from one TensorFlow process."""

from __future__ import annotations

import json
import os
import subprocess

import numpy as np
import pytest

import graphflow
from tests import opdb
from tests.opdb._run import assert_close

from .opdb_results import dtypes_of, run_case
from .programs import ROOT, node_differences

pytestmark = pytest.mark.oracle
CASES = [(row, dtype) for row in opdb.load() if row.oracle is True for dtype in dtypes_of(row)]


@pytest.fixture(scope="module")
def theirs(tensorflow_python, tmp_path_factory):
    """{'row|dtype|sample': what TensorFlow gives}"""
    folder = tmp_path_factory.mktemp("opdb")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "TF_USE_LEGACY_KERAS": "1", "CUDA_VISIBLE_DEVICES": "-1",
                   "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([tensorflow_python, "-m", "tests.oracle.opdb_results", str(folder)], cwd=ROOT, env=environment,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    with np.load(folder / "values.npz", allow_pickle=False) as file:
        arrays = dict(file)

    def restored(value):
        if isinstance(value, list):
            return np.array([v.encode("latin-1") for v in value[1]], object).reshape(value[0])
        return None if value is None else arrays[value]
    for result in results.values():
        for part in ("values", "gradients"):
            result[part] = [restored(v) for v in result.get(part, [])]
    return results


def _results(theirs, row, dtype):
    for number, example in enumerate(row.cases(dtype)):
        wanted = theirs[f"{row.name}|{dtype}|{number}"]
        if "error" in wanted:
            if dtype != row.dtypes[0]:
                pytest.skip(f"TensorFlow has no {dtype} here: {wanted['error']}")
            pytest.fail(f"TensorFlow refuses the row: {wanted['error']}")
        yield f"{row.name} sample {number}", run_case(graphflow, row, dtype, example), wanted


@pytest.mark.parametrize("case", CASES, ids=opdb.case_id)
def test_values_and_gradients_are_those_of_tensorflow(theirs, case):
    row, dtype = case
    for what, ours, wanted in _results(theirs, row, dtype):
        for part in ("values", "gradients"):
            assert len(ours[part]) == len(wanted[part])
            for i, (a, b) in enumerate(zip(ours[part], wanted[part], strict=True)):
                assert (a is None) == (b is None), f"{what} {part} {i}: {a} but TensorFlow {b}"
                if a is not None:
                    assert part == "gradients" or a.dtype == b.dtype, f"{what}: {a.dtype} but TensorFlow gives {b.dtype}"
                    assert_close(a, b, dtype, row.tolerance * 5, f"{what} {part} {i}")


@pytest.mark.parametrize("row", [r for r in opdb.load() if r.oracle is True and r.nodes is True], ids=lambda r: r.name)
def test_nodes_are_those_of_tensorflow(theirs, row):
    for what, ours, wanted in _results(theirs, row, row.dtypes[0]):
        difference = node_differences(ours["nodes"], wanted["nodes"])
        assert not difference, f"{what}: {difference}"


@pytest.mark.parametrize("row", [r for r in opdb.load() if r.oracle is True and r.nodes is True and r.gradient], ids=lambda r: r.name)
def test_gradient_nodes_are_those_of_tensorflow(theirs, row):
    for what, ours, wanted in _results(theirs, row, row.dtypes[0]):
        difference = node_differences(ours["gradient_nodes"], wanted["gradient_nodes"])
        assert not difference, f"{what}: {difference}"
