"""Every op with nothing along its first axis: what TensorFlow computes, with the shapes that it gives (recorded by
tests/oracle/empty_results.py), graphflow computes."""

from __future__ import annotations

import json

import numpy as np
import pytest

import graphflow as tf
from tests import opdb
from tests.oracle.empty_results import DATA, emptied, run

SHAPES = json.loads(DATA.read_text())
ROWS = {row.name: row for row in opdb.load()}


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_an_empty_first_axis_gives_the_shapes_that_tensorflow_gives(name):
    found = run(tf, ROWS[name], emptied(ROWS[name]))
    assert [list(np.shape(v)) for v in found] == SHAPES[name]
