"""Every op with inputs of wrong shapes that are unknown while building.

What a run refuses it refuses as one of tf.errors that names the operation, in words of its own; no error of numpy gets out. It accepts what
TensorFlow accepts (recorded by tests/oracle/wrong_shapes.py), but for the cases in tests/golden/wrong_shapes.txt: a line each, with what
graphflow gives and what TensorFlow gives ("-": refused). `python -m tests.test_opdb_wrong_shapes` writes that file anew.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

import graphflow as tf
from graphflow.plan.complaints import _NUMPYS
from tests import opdb
from tests.opdb import wrong_shapes
from tests.oracle.opdb_results import flatten
from tests.oracle.wrong_shapes import DATA

GOLDEN = Path(__file__).parent / "golden" / "wrong_shapes.txt"
THEIRS = json.loads(DATA.read_text())
ROWS = {row.name: row for row in opdb.load()}
ROUNDING_DECIDES = {("matrix_solve_ls", "0.0 axis 1 longer")}    # two equal columns: whether their Cholesky factor is there
FETCHED_AS_NUMBERS = {"operators that compare and combine"}     # of unequal shapes `==` gives True or False


def differences(name: str) -> list[str]:
    found = []
    for case, example in wrong_shapes.cases(ROWS[name]):
        if (name, case) in ROUNDING_DECIDES:
            continue
        try:
            call = wrong_shapes.Call(tf, ROWS[name], example, flatten)
        except (ValueError, TypeError, AttributeError, NotImplementedError):     # refused while building, or by the row's own function
            continue
        try:
            ours = json.dumps([list(np.shape(value)) for value in call.run()])
        except tf.errors.OpError as error:
            assert "[[node " in error.message, f"{case}: {error.message}"
            assert not _NUMPYS.search(error.message), f"{case}: {error.message}"
            ours = "-"
        given = THEIRS.get(name, {}).get(case)
        theirs = "-" if given is None else json.dumps(given)
        if given != "!" and ours != theirs:
            found.append(f"{name} | {case} | {ours} | {theirs}")
    return found


@pytest.mark.parametrize("name", sorted(ROWS.keys() - FETCHED_AS_NUMBERS))
def test_a_run_refuses_wrong_shapes_as_tensorflow_does_and_in_its_own_words(name):
    known = defaultdict(list)
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        known[line.split(" | ")[0]].append(line)
    assert differences(name) == known[name]


if __name__ == "__main__":
    lines = [line for name in sorted(ROWS.keys() - FETCHED_AS_NUMBERS) for line in differences(name)]
    GOLDEN.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
